// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! The same input, the same output: our end in the place of the C module's nodeB, on a link that
//! lost one frame in ten (tools/proto/tests/data/lossy-link.txt).

use std::collections::VecDeque;
use tipc_proto::frame::{HostFrame, HostList};
use tipc_proto::proto::frame::{Frame, FrameList};
use tipc_proto::proto::link::{Context, Event, Events, Link, Sent, State, Verdict};
use tipc_proto::proto::vocab::{Instant, NodeAddr, SessionNo};
use tipc_proto::proto::wire::{Body, Header, Protocol, User};
use tipc_sim::end::{broadcasts, ethernet, Parts};

/// One frame of the capture.
struct Seen {
    ms: u64,
    from_b: bool,
    bytes: Vec<u8>,
}

fn capture() -> Vec<Seen> {
    let lines = include_str!("../../proto/tests/data/lossy-link.txt").lines();
    let lines = lines.filter(|line| !line.starts_with('#'));
    let seen = |line: &str| {
        let words: Vec<_> = line.split(' ').collect();
        let hex = words[3];
        let mut bytes: Vec<_> = (0..hex.len() / 2)
            .map(|i| u8::from_str_radix(&hex[2 * i..2 * i + 2], 16).unwrap())
            .collect();
        bytes.resize(words[2].parse().unwrap(), b'x');
        Seen {
            ms: words[0].parse().unwrap(),
            from_b: words[1] == "B",
            bytes,
        }
    };
    lines.map(seen).collect()
}

fn state(bytes: &[u8]) -> Option<(Protocol<'_>, bool)> {
    let header = Header::of(bytes);
    if header.user() != User::Link {
        return None;
    }
    let message = Protocol::read(header, &bytes[header.len()..], true)?;
    match message.body {
        Body::State(report) => Some((message, report.probe)),
        _ => Some((message, true)),
    }
}

struct NodeB {
    link: Link<HostFrame>,
    parts: Parts,
    broadcast_up: bool,
    now: u64,
    sent: VecDeque<Vec<u8>>,
}

impl NodeB {
    fn context(&self) -> Context<'static> {
        Context {
            now: Instant(self.now),
            broadcasts: Some(broadcasts(self.broadcast_up)),
            ..Context::default()
        }
    }

    fn act(&mut self, events: Events) {
        assert!(!events.has(Events::DOWN));
        if events.has(Events::UP) {
            let context = self.context();
            assert!(self.link.establish(&context, &mut self.parts.out()));
        }
        while let Some(frame) = self.parts.wire.pop_front() {
            self.sent.push_back(frame.bytes().to_vec());
        }
    }

    fn rx(&mut self, bytes: &[u8]) {
        let context = self.context();
        let frame = HostFrame::arrived(bytes).unwrap();
        let user = frame.header().user();
        let events = match state(bytes) {
            Some((message, _)) => self
                .link
                .rx_protocol(&message, &context, &mut self.parts.out()),
            None => self.link.rx(frame, &context, &mut self.parts.out()),
        };
        self.broadcast_up |= user == User::Broadcast;
        self.act(events);
    }

    fn tick(&mut self) {
        let context = self.context();
        let events = self
            .link
            .tick(Verdict::WATCH, &context, &mut self.parts.out());
        self.act(events);
    }

    /// Does by itself what C's nodeB did: its timer ran, or it had a message to send.
    fn act_as(&mut self, bytes: &[u8]) {
        match state(bytes) {
            Some(_) => self.tick(),
            None => self.send(bytes),
        }
    }

    /// Sends what C's nodeB has sent.
    fn send(&mut self, bytes: &[u8]) {
        let mut list = HostList::default();
        list.push_back(HostFrame::arrived(bytes).unwrap());
        let context = self.context();
        let sent = self.link.send(&mut list, &context, &mut self.parts.out());
        assert_eq!(sent, Ok(Sent::Done));
        self.act(Events::NONE);
    }
}

/// Rows 6.9, 6.10, 6.11, 6.12, 6.13, 6.15: what C's nodeB sent, to the byte and in order. When its
/// timer ran is taken from the capture.
#[test]
fn as_nodeb_of_c() {
    let config = ethernet(NodeAddr(0x2c6f_6465), NodeAddr(0x2f6f_6465));
    let mut b = NodeB {
        link: Link::new(config, SessionNo(0x2958)),
        parts: Parts::default(),
        broadcast_up: false,
        now: 0,
        sent: VecDeque::new(),
    };
    b.link.reset(&mut b.parts.out());
    let _ = b.link.event(Event::Reset);
    let capture = capture();
    let begun = |seen: &&Seen| seen.from_b && !matches!(state(&seen.bytes), Some((_, false)));
    let mut acts: VecDeque<&Seen> = capture.iter().filter(begun).collect();
    let (mut same, mut nacks) = (0, 0);
    for (index, seen) in capture.iter().enumerate() {
        b.now = seen.ms;
        let header = Header::of(&seen.bytes);
        if !seen.from_b {
            // A frame is seen before nodeB gets it, and after nodeB has sent it. What nodeB sent
            // by itself with an older acknowledgement, it sent before it got this one.
            let moves = header.user() != User::Link && header.seqno() == b.link.next_expected();
            while let Some(act) = acts.front().filter(|act| {
                moves && Header::of(&act.bytes).ack() == b.link.next_expected().previous()
            }) {
                b.act_as(&act.bytes);
                acts.pop_front();
            }
            b.rx(&seen.bytes);
            continue;
        }
        if let Some(act) = acts.front().filter(|act| std::ptr::eq(**act, seen)) {
            b.act_as(&act.bytes);
            acts.pop_front();
        } else if b.sent.is_empty() {
            // A tick of C's timer that asks for nothing.
            b.tick();
        }
        let ours = b.sent.pop_front().unwrap_or_default();
        assert_eq!(ours, seen.bytes, "frame {index} at {} ms", seen.ms);
        same += 1;
        nacks += usize::from(seen.bytes.len() > 44);
    }
    assert_eq!(
        (same, nacks),
        (87, 38),
        "frames, and those that tell of gaps"
    );
    assert!(b.link.state() == State::Established);
}
