// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! The broadcast link of a namespace: its lock, its bearers, and those who wait for it.
//!
//! In: calls of `up` for each neighbour, messages of `multicast` and `distribution`; out: packets
//! for everybody on one bearer, or on all. Replaces the locking in C `bcast.c`, and C
//! `bcast.c:tipc_bcbase_xmit` and `bearer.c:tipc_bearer_bc_xmit`.

use super::medium::{at, Medium};
use super::neighbour::now;
use super::waiting::Waiting;
use super::Cluster;
use crate::proto::broadcast::{Carrier, Carriers, Outcome, Routes, Sender};
use crate::proto::frame::{Frame, FrameList, Out};
use crate::proto::link::{SendError, Sent};
use crate::proto::peer::{News, Peer, PeerOut};
use crate::proto::vocab::{BearerId, NodeAddr, PortId, MAX_BEARERS};
use crate::stack::frame::{Packet, Packets};
use crate::stack::settings::repeats_to_one;
use crate::stack::Net;
use crate::sys::bottom::{self, Held};
use crate::sys::claim::Claim;
use crate::sys::lock::{BhGuard, LockHeld};

/// What the lock of the broadcast link guards.
pub struct Broadcast {
    /// The link.
    pub sender: Sender<Packet>,
    /// Its bearers.
    pub routes: Routes,
    /// Sockets that wait to send on.
    pub waiting: Waiting,
    /// Packets to be sent, in the order of their numbers.
    outgoing: Packets,
}

impl Broadcast {
    /// One that leads nowhere.
    pub fn new() -> Self {
        Broadcast {
            sender: Sender::new(),
            routes: Routes::new(),
            waiting: Waiting::new(),
            outgoing: Packets::default(),
        }
    }

    /// Whether there is something to send and the caller has to: nobody is at it, who would go on.
    fn is_turn(&self, shouting: &Claim) -> bool {
        !self.outgoing.is_empty() && shouting.take()
    }
}

impl Cluster {
    /// What the bearers are, as far as broadcasts go.
    fn carriers(&self) -> Carriers {
        let bearers = self.bearers.lock();
        let mut out = [None; MAX_BEARERS];
        for (place, id) in out.iter_mut().zip(BearerId::ALL) {
            *place = at(&bearers, id).map(|bearer| Carrier {
                mtu: bearer.medium.mtu(),
                broadcasts: bearer.medium.broadcasts(),
            });
        }
        out
    }
}

impl Net {
    /// Lets the broadcast link know what a call of a peer has to say to it. Called with the peer's
    /// lock held; takes the broadcast link's over it. What is to be broadcast is left for `shout`.
    #[cold]
    #[inline(never)]
    pub(super) fn share(
        &self,
        peer: &mut Peer<Packet>,
        news: News,
        out: &mut PeerOut<'_, Packet>,
    ) -> (News, Outcome) {
        let cluster = self.cluster();
        let mut guard = cluster.broadcast.lock();
        let broadcast = &mut *guard;
        broadcast.sender.repeats_to_one = repeats_to_one();
        let with = (&mut broadcast.sender, self.identity().network());
        let wire = &mut broadcast.outgoing;
        let (news, outcome) = peer.share(news, with, now(), wire, out);
        let mut moved = news.has(News::CONTACT) || news.has(News::LOST);
        for id in BearerId::ALL {
            for (what, up) in [(News::link_down(id), false), (News::link_up(id), true)] {
                if news.has(what) {
                    broadcast.routes.on_link(id, up);
                    moved = true;
                }
            }
        }
        if moved {
            let (own, peers) = (self.own_node(), broadcast.sender.peers());
            let carriers = cluster.carriers();
            if let Some(mtu) = broadcast.routes.select(own, peers, &carriers) {
                broadcast.sender.limit_mtu(mtu);
            }
        }
        let last = broadcast.sender.last_sent();
        cluster.last_broadcast.set(last.0.into());
        (news, outcome)
    }

    /// Broadcasts one message; its `sender` waits if the link wants it to. Whether it does. No lock
    /// held.
    pub(super) fn broadcast(
        &self,
        packets: &mut Packets,
        sender: Option<PortId>,
    ) -> (Result<Sent, SendError>, bool) {
        let held = bottom::hold();
        let sent = self.broadcast_if(|_| true, packets, sender, &held);
        sent.unwrap_or((Ok(Sent::Done), false))
    }

    /// Broadcasts a change of names; whether that could be done. None, and nothing is sent, if names
    /// are told to each neighbour (C `node.c:tipc_node_broadcast`). No lock held.
    pub(super) fn broadcast_names(&self, packet: Packet, held: &Held) -> Option<bool> {
        let mut packets = Packets::default();
        packets.push_back(packet);
        let sent = self.broadcast_if(Routes::tells_names, &mut packets, None, held)?;
        Some(sent.0.is_ok())
    }

    /// A sender that was preempted between taking packets and sending them would hold up all, so bottom
    /// halves are held off.
    fn broadcast_if(
        &self,
        wanted: impl FnOnce(&Routes) -> bool,
        packets: &mut Packets,
        sender: Option<PortId>,
        held: &Held,
    ) -> Option<(Result<Sent, SendError>, bool)> {
        let cluster = self.cluster();
        let (mut up, mut spent) = Default::default();
        let level = packets.front().map(|packet| packet.header().level());
        let mut guard = cluster.broadcast.lock_held(held);
        let broadcast = &mut *guard;
        if !wanted(&broadcast.routes) {
            return None;
        }
        let mut out = Out {
            wire: &mut broadcast.outgoing,
            up: &mut up,
            spent: &mut spent,
        };
        let result = broadcast.sender.send(packets, now(), &mut out);
        let last = broadcast.sender.last_sent();
        cluster.last_broadcast.set(last.0.into());
        let waits = sender.zip(level).filter(|_| result == Ok(Sent::Wait));
        let waits = waits.is_some_and(|(port, level)| broadcast.waiting.push(port, level));
        if broadcast.is_turn(&cluster.shouting) {
            self.shout_all(guard, held);
        } else {
            drop(guard);
        }
        drop((up, spent));
        Some((result, waits))
    }

    /// Sends what there is to be broadcast, unless another CPU is at it. No lock held.
    #[cold]
    #[inline(never)]
    pub(super) fn shout(&self) {
        let held = bottom::hold();
        let broadcast = self.cluster().broadcast.lock_held(&held);
        if broadcast.is_turn(&self.cluster().shouting) {
            self.shout_all(broadcast, &held);
        }
    }

    /// Sends what there is to be broadcast, and what others leave to be broadcast meanwhile: it is the
    /// caller's turn. Bottom halves are held off. The link's window bounds it.
    fn shout_all<'a>(&'a self, mut broadcast: BhGuard<'a, Broadcast>, held: &'a Held) {
        let cluster = self.cluster();
        loop {
            let (packets, routes) = (core::mem::take(&mut broadcast.outgoing), broadcast.routes);
            cluster.shouting.keep(false);
            drop(broadcast);
            self.send_to_everybody(packets, routes, held);
            if cluster.shouting.leave() {
                return;
            }
            broadcast = cluster.broadcast.lock_held(held);
        }
    }

    /// Sends packets by the bearers that lead to everybody.
    fn send_to_everybody(&self, mut packets: Packets, routes: Routes, held: &Held) {
        while let Some(packet) = packets.pop_front() {
            let mut last: Option<&dyn Medium> = None;
            for id in BearerId::ALL.into_iter().filter(|id| routes.takes(*id)) {
                let Some(medium) = self.cluster().medium(id, held) else {
                    continue;
                };
                if let Some(before) = last.replace(medium) {
                    if let Some(copy) = packet.copy() {
                        before.send(copy, &before.everybody());
                    }
                }
            }
            if let Some(medium) = last {
                medium.send(packet, &medium.everybody());
            }
        }
    }

    /// Wakes those who wait for the broadcast link, as many as there is room for.
    #[cold]
    #[inline(never)]
    pub(super) fn wake_broadcasters(&self) {
        let cluster = self.cluster();
        let mut counts = cluster.broadcast.lock().sender.take_senders();
        let Some(upward) = cluster.upward() else {
            return;
        };
        for (level, count) in counts.iter_mut().enumerate() {
            while let Some(left) = count.checked_sub(1) {
                *count = left;
                let port = cluster.broadcast.lock().waiting.pop(level);
                match port {
                    Some(port) => upward.wake(port, NodeAddr::NONE),
                    None => break,
                }
            }
        }
    }
}
