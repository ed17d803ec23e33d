// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! Two nodes that are each other's peer, and the wires between them: for the tests of `peer`.
#![allow(dead_code)]

use std::collections::VecDeque;
use tipc_proto::frame::{HostFrame, HostList};
use tipc_proto::mem;
use tipc_proto::proto::broadcast::Sender;
use tipc_proto::proto::frame::{Frame, FrameList};
use tipc_proto::proto::link::{Config, SendError, Sent, State, Verdict, Whole, Window};
use tipc_proto::proto::peer::fsm::State as Contact;
use tipc_proto::proto::peer::{LinkRoom, NewLink, News, Peer, PeerOut};
use tipc_proto::proto::vocab::{
    BearerId, Capabilities, Importance, Instant, MediaAddr, NodeAddr, PortId, SessionNo, SocketAddr,
};
use tipc_proto::proto::wire::{DataHeader, Destination};

pub const NODES: [NodeAddr; 2] = [NodeAddr(0x0404_0404), NodeAddr(0xcd3d_e02d)];

pub fn bearer(number: usize) -> BearerId {
    BearerId::new(number as u8).unwrap()
}

pub fn media(node: usize, wire: usize) -> MediaAddr {
    MediaAddr::ethernet([2, 0, 0, 0, wire as u8, node as u8])
}

pub fn config(own: usize, wire: usize) -> Config {
    Config {
        own: NODES[own],
        peer: NODES[1 - own],
        bearer: wire as u8,
        plane: wire as u8,
        interface: [0; 16],
        mtu: 1500,
        min_mtu: 100,
        tolerance: 1500,
        priority: 10,
        window: Window::new(50, 8191),
        capabilities: Capabilities::ALL,
    }
}

/// A message to a socket, with `size` bytes of data that begin with `number`. It is made whatever
/// memory is refused.
pub fn message(
    own: usize,
    sender: u32,
    importance: Importance,
    number: u32,
    size: usize,
) -> HostFrame {
    let socket = |node: usize, port| SocketAddr {
        port: PortId(port),
        node: NODES[node],
    };
    let header = DataHeader {
        importance,
        src_droppable: false,
        dest_droppable: false,
        syn: false,
        error: None,
        origin: socket(own, sender),
        target: socket(1 - own, 1),
        destination: Destination::Direct,
        rerouted: None,
    };
    let mut bytes = [0; 32];
    assert!(header.write(size, &mut bytes));
    let mut data = vec![0; size];
    data[..4].copy_from_slice(&number.to_be_bytes());
    let _refusing = mem::pause();
    HostFrame::new(&bytes, &[&data], 0).unwrap()
}

/// Two nodes and the wires between them, which can be cut.
pub struct Pair {
    pub peers: [Peer<HostFrame>; 2],
    pub senders: [Sender<HostFrame>; 2],
    pub now: u64,
    /// To each node: wire and bytes.
    pub wires: [VecDeque<(usize, Vec<u8>)>; 2],
    pub cut: [bool; 2],
    pub got: [Vec<u32>; 2],
    pub news: [News; 2],
    /// Everything sent: node, wire, bytes.
    pub seen: Vec<(usize, usize, Vec<u8>)>,
}

impl Pair {
    pub fn with(configs: &[[Config; 2]], capabilities: Capabilities) -> Self {
        let peer = |own: usize| Peer::new(NODES[own], NODES[1 - own], capabilities, Instant(0));
        let mut pair = Pair {
            peers: [peer(0), peer(1)],
            senders: [Sender::new(), Sender::new()],
            now: 0,
            wires: Default::default(),
            cut: [false; 2],
            got: Default::default(),
            news: [News::NONE; 2],
            seen: Vec::new(),
        };
        for (wire, config) in configs.iter().enumerate() {
            for (own, config) in config.iter().enumerate() {
                let (to, session) = (media(1 - own, wire), SessionNo(0x6ece + own as u16));
                let config = Config {
                    capabilities,
                    ..*config
                };
                pair.call(own, |peer, now, out| {
                    assert!(peer.add_link(
                        bearer(wire),
                        NewLink {
                            room: LinkRoom::new().unwrap(),
                            config,
                            session,
                            media: to
                        },
                        now,
                        out
                    ));
                    News::NONE
                });
            }
        }
        pair
    }

    pub fn new(wires: usize) -> Self {
        let configs = [0, 1].map(|wire| [config(0, wire), config(1, wire)]);
        Pair::with(&configs[..wires], Capabilities::ALL)
    }

    pub fn call(
        &mut self,
        own: usize,
        call: impl FnOnce(&mut Peer<HostFrame>, Instant, &mut PeerOut<'_, HostFrame>) -> News,
    ) {
        let mut wire: [HostList; 3] = Default::default();
        let (mut up, mut spent) = (HostList::default(), HostList::default());
        let mut out = PeerOut {
            wire: &mut wire,
            up: &mut up,
            spent: &mut spent,
        };
        let (peer, sender) = (&mut self.peers[own], &mut self.senders[own]);
        let now = Instant(self.now);
        peer.broadcast().last_sent = sender.last_sent();
        let mut news = call(peer, now, &mut out);
        if peer.has_for_sender(news) {
            let mut all = HostList::default();
            (news, _) = peer.share(news, (sender, 4711), now, &mut all, &mut out);
            assert!(all.is_empty(), "nothing is broadcast here");
        }
        self.news[own] = self.news[own].or(news);
        for (number, list) in wire.iter_mut().enumerate() {
            while let Some(frame) = list.pop_front() {
                self.seen.push((own, number, frame.bytes().to_vec()));
                if !self.cut[number] {
                    self.wires[1 - own].push_back((number, frame.bytes().to_vec()));
                }
            }
        }
        while let Some(frame) = up.pop_front() {
            let Some(header) = DataHeader::read(frame.bytes()) else {
                continue;
            };
            let data = frame.bytes().get(header.len()..header.len() + 4);
            if let Some(data) = data.filter(|_| header.target.port != PortId(0)) {
                self.got[own].push(u32::from_be_bytes(data.try_into().unwrap()));
            }
        }
    }

    /// Delivers everything that is on the wires.
    pub fn pump(&mut self) {
        while self.step() {}
    }

    pub fn step(&mut self) -> bool {
        let mut any = false;
        for to in 0..2 {
            if let Some((wire, bytes)) = self.wires[to].pop_front() {
                self.rx(to, wire, &bytes);
                any = true;
            }
        }
        any
    }

    pub fn rx(&mut self, to: usize, wire: usize, bytes: &[u8]) {
        if let Some(frame) = HostFrame::arrived(bytes) {
            self.call(to, |peer, now, out| peer.rx(bearer(wire), frame, now, out));
        }
    }

    pub fn tick(&mut self, own: usize) {
        self.call(own, |peer, now, out| {
            peer.tick(|_| Verdict::WATCH, now, out)
        });
    }

    /// Ticks both, and delivers, `count` times.
    pub fn run(&mut self, count: usize) {
        for _ in 0..count {
            self.now += 375;
            for own in 0..2 {
                self.now = self.now.max(self.peers[own].next_tick().0);
                self.tick(own);
            }
            self.pump();
        }
    }

    pub fn send(
        &mut self,
        own: usize,
        sender: u32,
        number: u32,
        size: usize,
    ) -> Result<(), SendError> {
        let frame = message(own, sender, Importance::Low, number, size);
        self.send_frame(own, sender, frame).map(|_| ())
    }

    /// Sends a message that is one packet.
    pub fn send_frame(
        &mut self,
        own: usize,
        sender: u32,
        frame: HostFrame,
    ) -> Result<Sent, SendError> {
        let mut list = HostList::default();
        list.push_back(frame);
        self.send_list(own, sender, &mut list)
    }

    /// Sends a message, in one packet or in fragments.
    pub fn send_list(
        &mut self,
        own: usize,
        sender: u32,
        list: &mut HostList,
    ) -> Result<Sent, SendError> {
        let mut result = Ok(Sent::Done);
        self.call(own, |peer, now, out| {
            let (sent, news) = peer.send(list, PortId(sender), now, out);
            result = sent;
            news
        });
        result
    }

    /// Sends what `whole` has as one packet, if the link for `sender` takes it so.
    pub fn send_whole(&mut self, own: usize, sender: u32, whole: &mut Option<HostFrame>) -> Whole {
        let mut result = None;
        self.call(own, |peer, now, out| {
            let level = whole.as_ref().unwrap().header().level();
            result = Some(peer.send_whole(whole, level, PortId(sender), now, out));
            News::NONE
        });
        result.unwrap()
    }

    pub fn states(&self, own: usize) -> Vec<Option<State>> {
        [0, 1]
            .map(|wire| self.peers[own].link(bearer(wire)).map(|l| l.state()))
            .to_vec()
    }

    /// Both are in contact by both links, and nothing waits. (A forged packet with a number that is
    /// not used yet may wait for its turn: nobody can tell it from a true one.)
    pub fn is_well(&self) -> bool {
        let link = |own: usize, wire| self.peers[own].link(bearer(wire));
        let well = |own, wire| {
            link(own, wire).is_some_and(|l| l.state() == State::Established && l.queued() == 0)
        };
        let all = [0, 1].iter().all(|own| well(*own, 0) && well(*own, 1));
        all && self.contacts() == [Contact::Up; 2]
    }

    pub fn contacts(&self) -> [Contact; 2] {
        [0, 1].map(|own| self.peers[own].contact().state())
    }
}

pub fn word(bytes: &[u8], n: usize) -> u32 {
    u32::from_be_bytes(bytes[4 * n..4 * n + 4].try_into().unwrap())
}
