// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! A peer that sends anything: nothing panics, what is kept is bounded, and what goes up has passed
//! the door.

use tipc_proto::frame::HostFrame;
use tipc_proto::proto::frame::{Frame, FrameList};
use tipc_proto::proto::link::{Context, State, Verdict, MAX_PARTS, MAX_WINDOW};
use tipc_proto::proto::vocab::{Importance, Instant, NodeAddr, SeqNo, SessionNo};
use tipc_proto::proto::wire::{
    Fragment, Header, Part, Protocol, Stamp, User, INTERNAL_HEADER, MAX_HEADER, MAX_MESSAGE,
};
use tipc_sim::end::{ethernet, End};
use tipc_sim::random::Random;

const NODE_A: NodeAddr = NodeAddr(0x2f6f_6465);
const NODE_B: NodeAddr = NodeAddr(0x2c6f_6465);

/// Frames of the C module, filled up with zeros to their size.
fn frames() -> Vec<Vec<u8>> {
    let lines = include_str!("../../proto/tests/data/frames.txt").lines();
    let lines = lines.filter(|line| !line.starts_with('#'));
    let frame = |line: &str| {
        let words: Vec<_> = line.split(' ').collect();
        let hex = words[2];
        let mut bytes: Vec<_> = (0..hex.len() / 2)
            .map(|i| u8::from_str_radix(&hex[2 * i..2 * i + 2], 16).unwrap())
            .collect();
        bytes.resize(words[1].parse().unwrap(), 0);
        bytes
    };
    lines.map(frame).collect()
}

/// Gives a frame to the link, as `End::rx` does, but looks at what goes up without believing it.
fn give(end: &mut End, bytes: &[u8]) {
    let Some(frame) = HostFrame::arrived(bytes) else {
        return;
    };
    let context = Context {
        now: Instant(end.now),
        ..Context::default()
    };
    let header = frame.header();
    let data = frame.data().unwrap();
    let events = match header.user() {
        User::Link => match Protocol::read(header, data, true) {
            Some(message) => end
                .link
                .rx_protocol(&message, &context, &mut end.parts.out()),
            None => return,
        },
        _ => end.link.rx(frame, &context, &mut end.parts.out()),
    };
    look(end);
    end.parts.up = Default::default();
    end.act(events);
}

fn look(end: &mut End) {
    for frame in end.parts.up.iter() {
        let bytes = frame.bytes();
        let linear = &bytes[..bytes.len().min(MAX_HEADER)];
        let header = Header::check(linear, bytes.len()).expect("it has passed the door");
        assert_eq!(header.size(), bytes.len());
    }
    assert!(end.link.deferred() <= usize::from(MAX_WINDOW) + 1);
    assert!(end.link.queued() <= 8191 + 1000);
    end.parts.wire = Default::default();
}

/// One seed: frames of C and random ones, with any bits changed, and often with the session and
/// numbers of the moment so that they are believed.
fn attack(seed: u64) -> (u32, u32) {
    let mut chance = Random::new(seed);
    let frames = frames();
    let mut end = End::new(ethernet(NODE_A, NODE_B), SessionNo(chance.number() as u16));
    let (mut ups, mut now) = (0, 0);
    for _ in 0..3000 {
        let mut bytes = frames[chance.below(frames.len() as u64) as usize].clone();
        if !chance.happens(300) {
            for _ in 0..=chance.below(3) {
                let at = chance.below(bytes.len().min(80) as u64) as usize;
                bytes[at] ^= 1 << chance.below(8);
            }
        }
        if chance.happens(700) {
            believable(&mut bytes, &end, &mut chance);
        }
        if chance.happens(50) {
            bytes.truncate(chance.below(bytes.len() as u64) as usize);
        }
        give(&mut end, &bytes);
        if end.link.state().is_up() {
            ups += 1;
            end.send(Importance::Low, chance.below(3000) as usize);
        }
        if chance.happens(20) {
            now += 375;
            end.now = now;
            let context = Context {
                now: Instant(now),
                ..Context::default()
            };
            let events = end
                .link
                .tick(Verdict::WATCH, &context, &mut end.parts.out());
            look(&mut end);
            end.parts.up = Default::default();
            end.act(events);
        }
        end.parts.wire = Default::default();
    }
    (ups, end.downs)
}

fn believable(bytes: &mut [u8], end: &End, chance: &mut Random) {
    let next = end.link.next_expected();
    let header = Header::of(bytes);
    if header.user() == User::Link {
        let session = end.link.peer().session();
        bytes[20..22].copy_from_slice(&session.0.to_be_bytes());
        bytes[8..12].copy_from_slice(&[0, 0, 0x20, 0]);
        return;
    }
    let stamp = Stamp {
        seqno: SeqNo(
            next.0
                .wrapping_add([0, 0, 0, 1, 5, 8191][chance.below(6) as usize]),
        ),
        ack: end.link.last_queued(),
        broadcast_ack: SeqNo(0),
    };
    stamp.write(bytes);
}

#[test]
fn anything() {
    let (mut ups, mut downs) = (0, 0);
    for seed in 0..60 {
        let (up, down) = attack(seed);
        ups += up;
        downs += down;
    }
    // Otherwise it was all refused at the door.
    assert!(ups > 10_000 && downs > 100, "{ups} {downs}");
}

fn up() -> End {
    let mut end = End::new(ethernet(NODE_A, NODE_B), SessionNo(7));
    let frames = frames();
    end.rx(&frames[3]); // RESET
    end.rx(&frames[5]); // STATE
    assert!(end.link.state() == State::Established);
    end
}

/// A message that never ends costs the link, not the memory: whether its parts are large or small.
#[test]
fn endless_message() {
    for (size, most) in [(1388, MAX_MESSAGE / 1388), (1, MAX_PARTS as usize - 1)] {
        let mut end = up();
        let mut parts = 0;
        while end.downs == 0 {
            let first = parts == 0;
            let mut fragment = Fragment {
                from: NODE_B,
                to: NODE_A,
                part: if first { Part::First } else { Part::Middle },
                number: 1,
                level: Importance::Low.into(),
            }
            .write(if first { 32 } else { size })
            .to_vec();
            fragment[10..12].copy_from_slice(&(parts as u16 + 1).to_be_bytes());
            fragment.resize(INTERNAL_HEADER + if first { 32 } else { size }, 0x41);
            end.rx(&fragment);
            parts += 1;
            assert!(parts < 2000);
        }
        assert_eq!(parts, most + 2, "the first, those that fit, and one");
    }
}

/// One that resets for ever, and one that never acknowledges.
#[test]
fn restless_and_silent() {
    let mut end = up();
    for session in 0..2000u16 {
        let mut reset = frames()[3].clone();
        reset[20..22].copy_from_slice(&0xa75bu16.wrapping_add(session).to_be_bytes());
        end.rx(&reset);
    }
    assert!(end.link.state() == State::Establishing);
    let mut end = up();
    for _ in 0..10_000 {
        end.send(Importance::Critical, 1300);
    }
    assert!(end.link.queued() <= 50 + 400 + 2);
    for tick in 0..10 {
        end.now = tick * 375;
        end.tick();
    }
    assert_eq!((end.downs, end.link.queued(), end.waiting), (1, 0, [0; 5]));
}
