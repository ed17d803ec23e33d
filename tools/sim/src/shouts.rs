// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! What a node broadcasts: its broadcast link, put together as `stack` puts it together, and users
//! who send numbered messages to everybody.

use crate::flow::Flow;
use std::collections::BTreeMap;
use tipc_proto::frame::{HostFrame, HostList};
use tipc_proto::proto::broadcast::{Carrier, Carriers, Routes, Sender};
use tipc_proto::proto::frame::{FrameList, Out};
use tipc_proto::proto::link::{SendError, Sent};
use tipc_proto::proto::peer::{News, Peer, PeerOut};
use tipc_proto::proto::vocab::{
    BearerId, Importance, Instant, Level, NodeAddr, PortId, MAX_BEARERS,
};

/// Users that broadcast.
pub const USERS: usize = 2;
/// The port of the first of them.
const PORT: u32 = 500;

/// Messages each user has sent.
pub type Count = [u64; USERS];

/// The user at a port.
pub fn user(port: PortId) -> Option<usize> {
    let user = port.0.checked_sub(PORT)? as usize;
    (user < USERS).then_some(user)
}

/// The broadcasts of one node.
pub struct Shouts {
    pub sender: Sender<HostFrame>,
    routes: Routes,
    carriers: Carriers,
    /// Broadcast packets to be sent.
    wire: HostList,
    pub flows: [Flow; USERS],
    /// Users that wait, oldest first.
    waiting: Vec<usize>,
    /// What each had sent when a neighbour joined: the neighbour gets all that came after.
    joined: BTreeMap<u32, Count>,
}

impl Shouts {
    /// With `wires` bearers that take packets of `mtu` bytes. `row` is larger than that of the same
    /// node before it started again.
    pub fn new(wires: usize, mtu: u32, row: u64) -> Self {
        let flow = |importance| Flow::new(NodeAddr::NONE, importance, row);
        let mut carriers = [None; MAX_BEARERS];
        carriers[..wires].fill(Some(Carrier {
            mtu,
            broadcasts: true,
        }));
        Shouts {
            sender: Sender::new(),
            routes: Routes::new(),
            carriers,
            wire: HostList::default(),
            flows: [flow(Importance::Low), flow(Importance::High)],
            waiting: Vec::new(),
            joined: BTreeMap::new(),
        }
    }

    /// After a call of a peer, if it has something for the broadcast link.
    pub fn share(
        &mut self,
        (own, network): (NodeAddr, u32),
        peer: &mut Peer<HostFrame>,
        news: News,
        now: Instant,
        out: &mut PeerOut<'_, HostFrame>,
    ) -> News {
        let was_member = peer.broadcasts().acker.counts();
        let with = (&mut self.sender, network);
        let (news, outcome) = peer.share(news, with, now, &mut self.wire, out);
        if !was_member && peer.broadcasts().acker.counts() {
            let sent = self.sent();
            self.joined.insert(peer.address().0, sent);
        }
        let mut moved = news.has(News::CONTACT) || news.has(News::LOST);
        for bearer in BearerId::ALL {
            for (what, up) in [
                (News::link_down(bearer), false),
                (News::link_up(bearer), true),
            ] {
                if news.has(what) {
                    self.routes.on_link(bearer, up);
                    moved = true;
                }
            }
        }
        if moved {
            let peers = self.sender.peers();
            if let Some(mtu) = self.routes.select(own, peers, &self.carriers) {
                self.sender.limit_mtu(mtu);
            }
        }
        if outcome.room {
            self.wake();
        }
        news
    }

    fn wake(&mut self) {
        let woken = self.sender.take_senders();
        assert!(woken.iter().any(|count| *count > 0), "room, but for nobody");
        for (level, mut count) in woken.into_iter().enumerate() {
            let flows = &mut self.flows;
            self.waiting.retain(|user| {
                let flow = &mut flows[*user];
                let wakes = count > 0 && Level::from(flow.importance).number() as usize == level;
                if wakes {
                    count -= 1;
                    flow.waits = false;
                }
                !wakes
            });
        }
    }

    /// Broadcasts one message; whether it could be.
    pub fn broadcast(&mut self, frames: &mut HostList, now: Instant) -> Result<Sent, SendError> {
        let (mut up, mut spent) = Default::default();
        let mut out = Out {
            wire: &mut self.wire,
            up: &mut up,
            spent: &mut spent,
        };
        self.sender.send(frames, now, &mut out)
    }

    /// A user broadcasts a message of about `size` bytes, if it may.
    pub fn send(&mut self, own: NodeAddr, user: usize, size: usize, now: Instant) {
        let mss = self.sender.mss() as usize;
        let port = PortId(PORT + user as u32);
        let flow = &mut self.flows[user];
        if flow.waits {
            return;
        }
        let Some(mut frames) = flow.message(own, port, size, mss) else {
            return;
        };
        flow.sent += 1;
        match self.broadcast(&mut frames, now) {
            Ok(Sent::Done) => {}
            Ok(Sent::Wait) => {
                self.flows[user].waits = true;
                self.waiting.push(user);
            }
            Err(error) => panic!("refused: {error:?}"),
        }
    }

    /// What is to be sent: by which bearers, and the bytes.
    pub fn take(&mut self) -> Vec<(usize, Vec<u8>)> {
        let mut out = Vec::new();
        while let Some(frame) = self.wire.pop_front() {
            for bearer in BearerId::ALL.into_iter().filter(|b| self.routes.takes(*b)) {
                out.push((bearer.place(), frame.bytes().to_vec()));
            }
        }
        out
    }

    /// Messages each user has sent.
    pub fn sent(&self) -> Count {
        [0, 1].map(|user| self.flows[user].sent)
    }

    /// Those that were sent when a neighbour joined, if it has.
    pub fn sent_before(&self, neighbour: NodeAddr) -> Option<Count> {
        self.joined.get(&neighbour.0).copied()
    }

    /// Why it is not at rest with so many neighbours; none if it is.
    pub fn unrest(&self, neighbours: usize) -> Option<String> {
        let peers = usize::from(self.sender.peers());
        if peers != neighbours {
            return Some(format!("{peers} take part in broadcasts"));
        }
        if self.sender.queued() != 0 {
            return Some(format!("{} broadcasts wait", self.sender.queued()));
        }
        let waits = (0..USERS).find(|user| self.flows[*user].waits);
        waits.map(|user| format!("user {user} waits for ever"))
    }
}
