// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! Any bytes at the door, any frames in any order for a peer with two links, any messages about
//! names: nothing panics, what is kept is bounded, and nothing is left when all is over.
//! `TIPC_SEEDS=5000 cargo test -p tipc-proto --test hostile` is the long mode. A seed that fails is
//! printed; `TIPC_SEED=n` runs it alone.

use proptest::prelude::*;
use tipc_proto::frame::{live, HostFrame, HostList};
use tipc_proto::mem;
use tipc_proto::proto::broadcast::Sender;
use tipc_proto::proto::frame::{Frame, FrameList};
use tipc_proto::proto::link::{Config, Verdict, Window, MAX_DEFERRED_BYTES, MAX_WINDOW};
use tipc_proto::proto::names::Intake;
use tipc_proto::proto::peer::{LinkRoom, NewLink, News, Peer, PeerOut};
use tipc_proto::proto::vocab::{
    BearerId, Capabilities, Instant, MediaAddr, NodeAddr, PortId, SeqNo, SessionNo,
};
use tipc_proto::proto::wire::{
    Beacon, BroadcastState, Bundle, ConnectionControl, DataHeader, Distribution, Fragment,
    GapRecord, Header, NameItem, Protocol, Saying, TopologyRequest, Tunnel, User, MAX_HEADER,
};

const OWN: NodeAddr = NodeAddr(0x2f6f_6465);
const PEER: NodeAddr = NodeAddr(0x2c6f_6465);

/// Seeds of one run, and the first.
fn seeds(usual: u64) -> std::ops::Range<u64> {
    let number = |name| std::env::var(name).ok().and_then(|n| n.parse::<u64>().ok());
    match number("TIPC_SEED") {
        Some(one) => one..one + 1,
        None => 0..number("TIPC_SEEDS").unwrap_or(usual),
    }
}

/// splitmix64: the same seed gives the same run for ever.
struct Chance(u64);

impl Chance {
    fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        (self.number() % end.max(1) as u64) as usize
    }

    fn happens(&mut self, share: usize) -> bool {
        self.below(1000) < share
    }
}

/// Frames of the C module, filled up with zeros to their size.
fn captured() -> Vec<Vec<u8>> {
    let lines = include_str!("data/frames.txt").lines();
    let frame = |line: &str| {
        let words: Vec<_> = line.split(' ').collect();
        let byte = |i| u8::from_str_radix(&words[2][2 * i..2 * i + 2], 16).unwrap();
        let mut bytes: Vec<_> = (0..words[2].len() / 2).map(byte).collect();
        bytes.resize(words[1].parse().unwrap(), 0);
        bytes
    };
    lines
        .filter(|line| !line.starts_with('#'))
        .map(frame)
        .collect()
}

/// Reads a frame as everything it could be.
fn read_as_all(bytes: &[u8]) {
    let linear = &bytes[..bytes.len().min(MAX_HEADER)];
    let Ok(header) = Header::check(linear, bytes.len()) else {
        return;
    };
    assert!(header.size() <= bytes.len() && header.len() <= header.size());
    let data = &bytes[header.len()..header.size()];
    let _ = (header.level(), header.dest_node(), header.is_honest(PEER));
    let _ = Beacon::read(header, data).map(|beacon| beacon.write());
    let _ = Fragment::read(header).map(|f| f.write(0));
    let _ = Bundle::read(header).map(|b| b.write(0));
    let _ = Tunnel::read(header).map(|t| t.write(0));
    let _ = BroadcastState::read(header).map(|b| b.write());
    let _ = ConnectionControl::read(header).map(|c| c.write());
    let _ = Distribution::read(header).map(|d| d.write(0));
    assert!(NameItem::read_all(data).count() <= data.len() / 20);
    for gap_acks in [false, true] {
        let _ = Protocol::read(header, data, gap_acks).map(|p| p.write(0));
    }
    let _ = DataHeader::read(linear).map(|h| h.write(0, &mut [0; MAX_HEADER]));
    let _ = TopologyRequest::read(data);
    if let Some((record, len)) = GapRecord::read(data) {
        assert!(len <= data.len().max(4));
        assert!(record.unicast().count() + record.broadcast().count() <= data.len() / 4);
    }
}

proptest! {
    /* rows 15.4 */
    #[test]
    fn any_bytes_at_the_door(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        read_as_all(&bytes);
    }

    /* row 15.4, and the words of section 15.1 */
    #[test]
    fn frames_with_changes(which in any::<prop::sample::Index>(),
                           changes in prop::collection::vec((0usize..80, any::<u8>()), 0..6),
                           len in 0usize..1500) {
        let all = captured();
        let mut bytes = which.get(&all).clone();
        for (at, value) in changes {
            if let Some(byte) = bytes.get_mut(at) {
                *byte = value;
            }
        }
        bytes.truncate(len.max(1));
        read_as_all(&bytes);
    }
}

/// A peer with links on two bearers, as `stack` keeps it.
struct Node {
    peer: Peer<HostFrame>,
    sender: Sender<HostFrame>,
    now: u64,
    ups: u32,
    losses: u32,
}

fn bearer(number: usize) -> BearerId {
    BearerId::new(number as u8).unwrap()
}

impl Node {
    fn new(chance: &mut Chance) -> Self {
        let mut node = Node {
            peer: Peer::new(OWN, PEER, Capabilities::ALL, Instant(0)),
            sender: Sender::new(),
            now: 0,
            ups: 0,
            losses: 0,
        };
        for wire in 0..2 {
            let config = Config {
                own: OWN,
                peer: PEER,
                bearer: wire as u8,
                plane: wire as u8,
                interface: [0; 16],
                mtu: 1500,
                min_mtu: 100,
                tolerance: 1500,
                priority: 10,
                window: Window::new(50, 8191),
                capabilities: Capabilities::ALL,
            };
            let new = NewLink {
                room: LinkRoom::new().unwrap(),
                config,
                session: SessionNo(chance.number() as u16),
                media: MediaAddr::ethernet([2, 0, 0, 0, 0, wire as u8]),
            };
            node.call(|peer, now, out| {
                peer.add_link(bearer(wire), new, now, out);
                News::NONE
            });
        }
        node
    }

    fn call(
        &mut self,
        call: impl FnOnce(&mut Peer<HostFrame>, Instant, &mut PeerOut<'_, HostFrame>) -> News,
    ) {
        let mut wire: [HostList; 3] = Default::default();
        let (mut up, mut spent, mut all) = Default::default();
        let mut out = PeerOut {
            wire: &mut wire,
            up: &mut up,
            spent: &mut spent,
        };
        let now = Instant(self.now);
        let mut news = call(&mut self.peer, now, &mut out);
        if self.peer.has_for_sender(news) {
            let with = (&mut self.sender, 4711);
            (news, _) = self.peer.share(news, with, now, &mut all, &mut out);
        }
        self.ups += u32::from(news.has(News::CONTACT));
        self.losses += u32::from(news.has(News::LOST));
        let up: &HostList = &up;
        for frame in up.iter() {
            let bytes = frame.bytes();
            let linear = &bytes[..bytes.len().min(MAX_HEADER)];
            let header = Header::check(linear, bytes.len()).expect("it has passed the door");
            assert_eq!(header.size(), bytes.len());
        }
    }

    /// What everything it keeps may take: for each of two links what came too early, twice if one
    /// takes over for the other, what is held back, a message in parts and the backlog.
    fn check(&self) {
        for wire in 0..2 {
            if let Some(link) = self.peer.link(bearer(wire)) {
                assert!(link.deferred() <= usize::from(MAX_WINDOW) + 1);
                assert!(link.queued() <= 8191 + 1000);
            }
        }
        assert!(live() <= 4 * MAX_DEFERRED_BYTES, "{} bytes", live());
    }
}

/// Lets a changed frame be believed: by its numbers and its session.
fn believable(bytes: &mut [u8], node: &Node, wire: usize, chance: &mut Chance) {
    let Some(link) = node.peer.link(bearer(wire)) else {
        return;
    };
    if bytes.len() < 40 {
        return;
    }
    let user = Header::of(bytes).user();
    bytes[12..16].copy_from_slice(&PEER.0.to_be_bytes());
    bytes[28..32].copy_from_slice(&OWN.0.to_be_bytes());
    if user == User::Link {
        let session = link.peer().session();
        let session = match chance.below(5) {
            0 => session.next(),
            1 => SessionNo(chance.number() as u16),
            _ => session,
        };
        bytes[20..22].copy_from_slice(&session.0.to_be_bytes());
        bytes[8..12].copy_from_slice(&[0, 0, 0x20, 0]);
        return;
    }
    let away = [0, 0, 0, 0, 0, 0, 1, 2, 5, 1000, 8191, 0xffff][chance.below(12)];
    let seqno = SeqNo(link.next_expected().0.wrapping_add(away));
    bytes[8..10].copy_from_slice(&link.last_queued().0.to_be_bytes());
    bytes[10..12].copy_from_slice(&seqno.0.to_be_bytes());
    // What tunnels and parts say of themselves.
    if chance.happens(300) && matches!(user, User::Tunnel | User::Fragment | User::Bundle) {
        let at = [4, 16, 17, 18, 19, 22, 36, 37, 40, 41, 42, 43][chance.below(12)];
        if let Some(byte) = bytes.get_mut(at) {
            *byte = chance.number() as u8;
        }
    }
}

fn attack(seed: u64, frames: &[Vec<u8>], share_of_memory: u32) -> (u32, u32) {
    let mut chance = Chance(seed);
    let before = live();
    let mut node = Node::new(&mut chance);
    if share_of_memory > 0 {
        mem::fail_some(share_of_memory, seed);
    }
    for step in 0..4000 {
        let mut bytes = frames[chance.below(frames.len())].clone();
        let wire = chance.below(2);
        if !chance.happens(400) {
            for _ in 0..=chance.below(3) {
                let at = chance.below(bytes.len().min(80));
                bytes[at] ^= 1 << chance.below(8);
            }
        }
        if chance.happens(850) {
            believable(&mut bytes, &node, wire, &mut chance);
        }
        if chance.happens(30) {
            bytes.truncate(chance.below(bytes.len()));
        }
        if let Some(frame) = HostFrame::arrived(&bytes) {
            let broadcast = frame.header().is_non_sequenced();
            if frame.header().user() != User::Discovery {
                node.call(|peer, now, out| match broadcast {
                    true => peer.rx_broadcast(bearer(wire), frame, now, out),
                    false => peer.rx(bearer(wire), frame, now, out),
                });
            }
        }
        if chance.happens(60) {
            node.now += 375;
            node.call(|peer, now, out| peer.tick(|_| Verdict::WATCH, now, out));
        }
        if chance.happens(200) && node.peer.is_up() {
            let mut list = HostList::default();
            let mut header = [0; 32];
            header[..4].copy_from_slice(&(0x4100_0000u32 | (32 + 500)).to_be_bytes());
            if let Some(frame) = HostFrame::new(&header, &[&[7; 500]], 0) {
                list.push_back(frame);
            }
            let port = PortId(chance.number() as u32);
            node.call(|peer, now, out| peer.send(&mut list, port, now, out).1);
        }
        if step % 100 == 0 {
            node.check();
        }
    }
    mem::fail_never();
    node.check();
    let done = (node.ups, node.losses);
    node.now += 100_000;
    for wire in 0..2 {
        node.call(|peer, now, out| peer.remove_link(bearer(wire), now, out));
    }
    drop(node);
    assert_eq!(live(), before, "something was kept");
    done
}

/* rows 5.13, 5.14, 6.6, 6.7, 6.14, 6.25, 6.30, 6.31, 6.32 */
#[test]
fn any_frames_in_any_order() {
    let frames = captured();
    let (mut ups, mut losses) = (0, 0);
    for seed in seeds(60) {
        let run = || attack(seed, &frames, [0, 0, 30][seed as usize % 3]);
        let (up, lost) =
            std::panic::catch_unwind(run).unwrap_or_else(|_| panic!("failed: TIPC_SEED={seed}"));
        ups += up;
        losses += lost;
    }
    // Otherwise it was all refused at the door.
    if std::env::var("TIPC_SEED").is_err() {
        assert!(ups > 100 && losses > 100, "{ups} {losses}");
    }
}

/* rows 3.8, 3.9 */
#[test]
fn any_messages_about_names() {
    for seed in seeds(60) {
        let mut chance = Chance(seed);
        let before = live();
        let mut intake: Intake<HostFrame> = Intake::new();
        let (mut out_of_step, mut number) = (0, 0u16);
        for _ in 0..20_000 {
            let header = Distribution {
                from: PEER,
                to: OWN,
                saying: match chance.below(600) {
                    0 => Saying::Unknown(2 + chance.below(6) as u32),
                    1 | 2 => Saying::Withdrawn,
                    _ => Saying::Made,
                },
                bulk: chance.happens(20),
                last_bulk: chance.happens(2),
                numbered: !chance.happens(50),
                seqno: match chance.below(4) {
                    0 => chance.number() as u16,
                    1 => number.wrapping_add(chance.below(100) as u16),
                    _ => number,
                },
                broadcast_ack_invalid: false,
            };
            number = number.wrapping_add(u16::from(chance.happens(500)));
            let frame = HostFrame::new(&header.write(1), &[&[1; 20]], 0).unwrap();
            let mut spent = HostList::default();
            if intake.rx(frame, &mut spent).is_err() {
                out_of_step += 1;
                // What `stack` does: contact begins anew.
                intake.reset(&mut spent);
            }
            if chance.happens(300) {
                intake.take();
            }
            assert!(live() <= before + 4200 * 60, "seed {seed}");
        }
        let mut spent = HostList::default();
        intake.reset(&mut spent);
        drop(spent);
        assert!(intake.is_empty() && !intake.is_open());
        assert_eq!(live(), before, "seed {seed}, {out_of_step}");
    }
}
