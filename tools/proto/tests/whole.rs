// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! A message that is one packet, sent by one look at its link. Expected values: C
//! `link.c:tipc_link_mss`, `tipc_link_set_queue_limits` and `tipc_link_xmit`, by the rows beside
//! each test; and what the sending of any message does with the same one.

mod pair;

use pair::{bearer, config, message, Pair};
use proptest::prelude::*;
use tipc_proto::frame::HostFrame;
use tipc_proto::mem;
use tipc_proto::proto::link::{Config, SendError, Sent, Stats, Whole, Window};
use tipc_proto::proto::vocab::{Capabilities, Importance};

/// Bytes of the largest packet by Ethernet: 1500 but for a header and what encryption may need.
const MOST: usize = 1500 - 40 - 32;
/// Bytes of a message's header.
const HEADER: usize = 32;
/// Packets that may be on their way.
const WINDOW: u16 = 16;
const SENDER: u32 = 10;
const LEVELS: [Importance; 4] = [
    Importance::Low,
    Importance::Medium,
    Importance::High,
    Importance::Critical,
];

/// Two nodes in contact by one link with a small window.
fn in_contact() -> Pair {
    let config = |own| Config {
        window: Window::new(WINDOW, WINDOW),
        ..config(own, 0)
    };
    let mut pair = Pair::with(&[[config(0), config(1)]], Capabilities::ALL);
    pair.run(4);
    pair.seen.clear();
    pair
}

/// A message that fills `len` bytes of a packet.
fn of_len(importance: Importance, number: u32, len: usize) -> HostFrame {
    message(0, SENDER, importance, number, len - HEADER)
}

fn stats(pair: &Pair) -> Stats {
    *pair.peers[0].link(bearer(0)).unwrap().stats()
}

/// Tries a message that must not be taken; it is left as it was, nothing is sent and nobody has to wait.
fn is_left(pair: &mut Pair, frame: HostFrame) -> Whole {
    let before = (pair.seen.len(), stats(pair).congested);
    let bytes = frame.bytes().to_vec();
    let mut whole = Some(frame);
    let answer = pair.send_whole(0, SENDER, &mut whole);
    assert_eq!(whole.unwrap().bytes(), bytes);
    assert_eq!((pair.seen.len(), stats(pair).congested), before);
    answer
}

/// Sends a message that must be taken.
fn is_taken(pair: &mut Pair, frame: HostFrame) {
    let mut whole = Some(frame);
    let answer = pair.send_whole(0, SENDER, &mut whole);
    assert_eq!(answer, Whole::Made(Ok(Sent::Done)));
    assert!(whole.is_none());
}

/* row 6.24 */
#[test]
fn what_fits_goes_at_once_and_what_does_not_is_left() {
    let mut pair = in_contact();
    is_taken(&mut pair, of_len(Importance::Low, 1, 100));
    is_taken(&mut pair, of_len(Importance::Low, 2, MOST));
    let lens: Vec<usize> = pair.seen.iter().map(|(_, _, bytes)| bytes.len()).collect();
    assert_eq!(lens, [100, MOST]);
    for len in [MOST + 1, 1500, 1501, 66_000] {
        let answer = is_left(&mut pair, of_len(Importance::Low, 3, len));
        let full = false;
        assert_eq!(answer, Whole::Not { most: MOST, full }, "{len} bytes");
    }
    pair.pump();
    assert_eq!(pair.got[1], [1, 2]);
}

/* rows 6.20, 1.5.6 */
#[test]
fn what_has_to_wait_for_room_is_left() {
    let mut pair = in_contact();
    // The window, and twice as many that wait. Two of them are too large for a bundle.
    let taken = 3 * u32::from(WINDOW);
    for number in 1..=taken {
        is_taken(&mut pair, of_len(Importance::Low, number, 1000));
    }
    assert_eq!(pair.seen.len(), usize::from(WINDOW));
    let refusal = Whole::Not {
        most: MOST,
        full: true,
    };
    let next = |len| of_len(Importance::Low, taken + 1, len);
    assert_eq!(is_left(&mut pair, next(100)), refusal);
    assert_eq!(is_left(&mut pair, next(MOST + 1)), refusal);
    // Other levels have room of their own, behind what waits.
    is_taken(&mut pair, of_len(Importance::Medium, taken + 1, 1000));
    assert_eq!(pair.seen.len(), usize::from(WINDOW));
    pair.run(4);
    assert_eq!(pair.got[1], Vec::from_iter(1..=taken + 1));
    is_taken(&mut pair, of_len(Importance::Low, taken + 2, 100));
}

#[test]
fn without_contact_nothing_goes() {
    let down = Whole::Made(Err(SendError::Down));
    let mut pair = Pair::new(1);
    for len in [100, MOST + 1] {
        let answer = is_left(&mut pair, of_len(Importance::Low, 1, len));
        assert_eq!(answer, down);
    }
    let mut pair = in_contact();
    pair.cut[0] = true;
    pair.run(20);
    pair.seen.clear();
    assert_eq!(is_left(&mut pair, of_len(Importance::Low, 1, 100)), down);
}

/// What is done to both nodes of a pair.
#[derive(Clone, Debug)]
enum Act {
    /// A packet of that one of `LEVELS` and of so many bytes is sent, with the memory for it or without.
    Send(usize, usize, bool),
    /// The other node sends so many messages, and as many frames arrive each way.
    Answer(usize),
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let len = prop_oneof![40..300usize, 700..MOST + 3, 1498..1503usize];
    let send = (0..LEVELS.len(), len, prop::bool::weighted(0.95))
        .prop_map(|(level, len, allowed)| Act::Send(level, len, allowed));
    prop::collection::vec(
        prop_oneof![20 => send, 1 => (1..40usize).prop_map(Act::Answer)],
        0..400,
    )
}

/// The same by the way for any message, or first by that for one packet.
fn run(acts: &[Act], whole: bool) -> (Pair, Vec<Result<Sent, SendError>>) {
    let (mut pair, mut sent) = (in_contact(), Vec::new());
    for (number, act) in acts.iter().enumerate() {
        match act {
            Act::Answer(count) => (0..*count).for_each(|_| {
                let _ = pair.send(1, SENDER, 0, 100);
                pair.step();
            }),
            Act::Send(level, len, allowed) => {
                let mut left = Some(of_len(LEVELS[*level], number as u32, *len));
                if !allowed {
                    mem::fail_after(0);
                }
                let tried = whole.then(|| pair.send_whole(0, SENDER, &mut left));
                sent.push(match tried {
                    Some(Whole::Made(sent)) => sent,
                    _ => pair.send_frame(0, SENDER, left.unwrap()),
                });
                mem::fail_never();
            }
        }
    }
    pair.run(4);
    (pair, sent)
}

proptest! {
    /// Both ways lead to the same packets, the same answers and the same counts.
    #[test]
    fn goes_as_any_message_does(acts in acts()) {
        let ((any, any_sent), (one, one_sent)) = (run(&acts, false), run(&acts, true));
        prop_assert_eq!(any_sent, one_sent);
        prop_assert!(any.seen == one.seen, "the packets differ");
        prop_assert_eq!(&any.got, &one.got);
        prop_assert_eq!(format!("{:?}", stats(&any)), format!("{:?}", stats(&one)));
    }
}
