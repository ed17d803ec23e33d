// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! The same input, the same output, with two links: our `Peer` in the place of the C module's nodeB
//! while a second link comes up and the first one is lost (tools/proto/tests/data/two-links.txt).

use std::collections::VecDeque;
use tipc_proto::frame::{HostFrame, HostList};
use tipc_proto::proto::frame::{FrameList, Out};
use tipc_proto::proto::link::{Context, Events, State, Verdict};
use tipc_proto::proto::peer::{LinkRoom, NewLink, News, Peer, PeerOut};
use tipc_proto::proto::vocab::{
    BearerId, Capabilities, Instant, MediaAddr, NodeAddr, PortId, SessionNo, MAX_BEARERS,
};
use tipc_proto::proto::wire::{Header, User};
use tipc_sim::end::ethernet;

const NODE_A: NodeAddr = NodeAddr(0x2f6f_6465);
const NODE_B: NodeAddr = NodeAddr(0x2c6f_6465);

/// One frame of the capture.
struct Seen {
    ms: u64,
    bearer: usize,
    from_b: bool,
    bytes: Vec<u8>,
}

impl Seen {
    fn user(&self) -> User {
        Header::of(&self.bytes).user()
    }

    /// Whether nodeB sent it by itself: names and the like, or what its timer sends.
    fn is_act(&self) -> bool {
        let probe = self.bytes[23] & 1 != 0;
        let setup = self.bytes[4] >> 5 != 0;
        self.from_b
            && match self.user() {
                User::Link => probe || setup,
                user => user != User::Tunnel,
            }
    }
}

fn capture() -> Vec<Seen> {
    let lines = include_str!("../../proto/tests/data/two-links.txt").lines();
    let lines = lines.filter(|line| !line.starts_with('#'));
    let seen = |line: &str| {
        let words: Vec<_> = line.split(' ').collect();
        let hex = words[4];
        let mut bytes: Vec<_> = (0..hex.len() / 2)
            .map(|i| u8::from_str_radix(&hex[2 * i..2 * i + 2], 16).unwrap())
            .collect();
        bytes.resize(words[3].parse().unwrap(), b'x');
        Seen {
            ms: words[0].parse().unwrap(),
            bearer: words[1].parse().unwrap(),
            from_b: words[2] == "B",
            bytes,
        }
    };
    lines.map(seen).collect()
}

struct NodeB {
    peer: Peer<HostFrame>,
    wire: [HostList; MAX_BEARERS],
    up: HostList,
    spent: HostList,
    now: u64,
    sent: [VecDeque<Vec<u8>>; MAX_BEARERS],
    /// All that has come.
    news: News,
}

fn bearer(number: usize) -> BearerId {
    BearerId::new(number as u8).unwrap()
}

impl NodeB {
    fn with<R>(
        &mut self,
        call: impl FnOnce(&mut Peer<HostFrame>, Instant, &mut PeerOut<'_, HostFrame>) -> R,
    ) -> R {
        let mut out = PeerOut {
            wire: &mut self.wire,
            up: &mut self.up,
            spent: &mut self.spent,
        };
        let result = call(&mut self.peer, Instant(self.now), &mut out);
        for (wire, sent) in self.wire.iter_mut().zip(&mut self.sent) {
            while let Some(frame) = wire.pop_front() {
                sent.push_back(frame.bytes().to_vec());
            }
        }
        result
    }

    fn add_link(&mut self, number: usize, session: u16) {
        let mut config = ethernet(NODE_B, NODE_A);
        config.bearer = number as u8;
        config.plane = number as u8;
        config.interface[3] = b'0' + number as u8;
        let media = MediaAddr::ethernet([0x52, 0x54, 0, 0, 0, 1]);
        let session = SessionNo(session);
        assert!(self.with(|peer, now, out| {
            peer.add_link(
                bearer(number),
                NewLink {
                    room: LinkRoom::new().unwrap(),
                    config,
                    session,
                    media,
                },
                now,
                out,
            )
        }));
    }

    fn rx(&mut self, seen: &Seen) {
        let frame = HostFrame::arrived(&seen.bytes).unwrap();
        let news = self.with(|peer, now, out| peer.rx(bearer(seen.bearer), frame, now, out));
        self.news = self.news.or(news);
    }

    /// The tick of one link. (C's node has one timer for both, but when it ran is seen for each.)
    fn tick(&mut self, number: usize) {
        let events = self.with(|peer, now, out| {
            let context = Context {
                now,
                ..Context::default()
            };
            let mut out = Out {
                wire: &mut out.wire[number],
                up: &mut *out.up,
                spent: &mut *out.spent,
            };
            let link = peer.link_mut(bearer(number)).unwrap();
            link.tick(Verdict::WATCH, &context, &mut out)
        });
        assert!(!events.has(Events::DOWN));
    }

    fn act_as(&mut self, seen: &Seen) {
        if seen.user() == User::Link {
            if self.sent[seen.bearer].is_empty() {
                self.tick(seen.bearer);
            }
            return;
        }
        let mut list = HostList::default();
        list.push_back(HostFrame::arrived(&seen.bytes).unwrap());
        let (sent, _) = self.with(|peer, now, out| peer.send(&mut list, PortId(0), now, out));
        assert!(sent.is_ok());
    }
}

/// A frame without what it says of the broadcast link, which `Peer` does not have yet: bits 14 and 12
/// of word 5 in messages of the link protocol.
fn comparable(bytes: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    if bytes.len() > 22 && Header::of(&bytes).user() == User::Link {
        bytes[22] &= !0x50;
    }
    bytes
}

/// Rows 6.30, 6.31, 6.32: what C's nodeB sent, to the byte and in order, on both links.
#[test]
fn as_nodeb_of_c() {
    let mut b = NodeB {
        peer: Peer::new(NODE_B, NODE_A, Capabilities::ALL, Instant(0)),
        wire: Default::default(),
        up: HostList::default(),
        spent: HostList::default(),
        now: 0,
        sent: Default::default(),
        news: News::NONE,
    };
    b.add_link(0, 0xa759);
    let capture = capture();
    let mut acts: [VecDeque<&Seen>; 2] = [0, 1].map(|number| {
        let mine = |seen: &&Seen| seen.is_act() && seen.bearer == number;
        capture.iter().filter(mine).collect()
    });
    let (mut same, mut tunnels) = (0, 0);
    for (index, seen) in capture.iter().enumerate() {
        b.now = seen.ms;
        let number = seen.bearer;
        if number == 1 && b.peer.link(bearer(1)).is_none() {
            b.add_link(1, 0x65c6);
        }
        let next = b.peer.link(bearer(number)).unwrap().next_expected();
        if !seen.from_b {
            let header = Header::of(&seen.bytes);
            let moves = header.user() != User::Link && header.seqno() == next;
            while let Some(act) = acts[number]
                .front()
                .filter(|act| moves && Header::of(&act.bytes).ack() == next.previous())
            {
                b.act_as(act);
                acts[number].pop_front();
            }
            b.rx(seen);
            continue;
        }
        if let Some(act) = acts[number].front().filter(|act| std::ptr::eq(**act, seen)) {
            b.act_as(act);
            acts[number].pop_front();
        } else if b.sent[number].is_empty() {
            b.act_as(seen);
        }
        let ours = b.sent[number].pop_front().unwrap_or_default();
        let (ours, theirs) = (comparable(&ours), comparable(&seen.bytes));
        assert_eq!(ours, theirs, "frame {index} at {} ms", seen.ms);
        same += 1;
        tunnels += usize::from(seen.user() == User::Tunnel);
    }
    assert_eq!(
        (same, tunnels),
        (154, 2),
        "frames, and a SYNCH and a FAILOVER"
    );
    for news in [
        News::CONTACT,
        News::link_up(bearer(0)),
        News::link_up(bearer(1)),
    ] {
        assert!(b.news.has(news));
    }
    assert!(b.news.has(News::link_down(bearer(0))) && !b.news.has(News::LOST));
    assert!(b.peer.link(bearer(0)).unwrap().state() == State::Reset);
    assert!(b.peer.link(bearer(1)).unwrap().state() == State::Established);
}
