// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! Single promises of a link, against what the C module was seen to do (rows of the feature list) and
//! the frames it sent (tools/proto/tests/data/frames.txt).

use tipc_proto::frame::{HostFrame, HostList};
use tipc_proto::mem;
use tipc_proto::proto::frame::{Frame, FrameList};
use tipc_proto::proto::link::*;
use tipc_proto::proto::vocab::*;
use tipc_proto::proto::wire::*;
use tipc_sim::end::{ethernet, End};

const NODE_A: NodeAddr = NodeAddr(0x2f6f_6465);
const NODE_B: NodeAddr = NodeAddr(0x2c6f_6465);

/// The first bytes of frame `name` of the C module, at most 600.
fn golden(name: &str) -> Vec<u8> {
    let lines = include_str!("../../proto/tests/data/frames.txt").lines();
    let line = lines
        .map(|line| line.split(' ').collect::<Vec<_>>())
        .find(|words| words[0] == name)
        .unwrap();
    let hex = line[2];
    (0..hex.len() / 2)
        .map(|i| u8::from_str_radix(&hex[2 * i..2 * i + 2], 16).unwrap())
        .collect()
}

/// Takes what `end` has sent.
fn sent(end: &mut End) -> Vec<Vec<u8>> {
    let mut out = vec![];
    while let Some(frame) = end.parts.wire.pop_front() {
        out.push(frame.bytes().to_vec());
    }
    out
}

/// The two nodes of the captures, with their sessions as they were.
fn captured() -> (End, End) {
    let a = End::new(ethernet(NODE_A, NODE_B), SessionNo(0x38a3));
    let b = End::new(ethernet(NODE_B, NODE_A), SessionNo(0xa759));
    (a, b)
}

/// Carries frames to and fro until there are none; how many.
fn carry(a: &mut End, b: &mut End) -> usize {
    let mut count = 0;
    loop {
        let (to_b, to_a) = (sent(a), sent(b));
        if to_a.is_empty() && to_b.is_empty() {
            return count;
        }
        count += to_a.len() + to_b.len();
        to_b.iter().for_each(|frame| b.rx(frame));
        to_a.iter().for_each(|frame| a.rx(frame));
    }
}

/// Two ends with the link up.
fn up() -> (End, End) {
    let (mut a, mut b) = captured();
    b.tick();
    carry(&mut a, &mut b);
    a.tick();
    carry(&mut a, &mut b);
    assert!(a.link.state() == State::Established && b.link.state() == State::Established);
    (a, b)
}

fn report(bytes: &[u8]) -> (Protocol<'_>, Report<'_>) {
    let header = Header::check(bytes, bytes.len()).unwrap();
    let message = Protocol::read(header, &bytes[header.len()..], true).unwrap();
    match message.body {
        Body::State(report) => (message, report),
        _ => panic!("no STATE"),
    }
}

fn is_state(bytes: &[u8]) -> bool {
    let header = Header::of(bytes);
    header.user() == User::Link && header.kind() == 0
}

/// The three messages by which C's ends came up are, to the byte, those ours send. Rows 6.4, 6.5.
#[test]
fn set_up_to_the_byte() {
    let (mut a, mut b) = captured();
    b.tick();
    let reset = sent(&mut b);
    assert_eq!(reset, [golden("reset")]);
    a.rx(&reset[0]);
    assert!(a.link.state() == State::Establishing);
    assert_eq!(sent(&mut a), [[0u8; 0]; 0], "ACTIVATE goes at the tick");
    a.tick();
    let activate = sent(&mut a);
    assert_eq!(activate, [golden("activate")]);
    b.rx(&activate[0]);
    assert!(b.link.state() == State::Established);
    assert_eq!(sent(&mut b), [golden("first-state")]);
    a.rx(&golden("first-state"));
    assert!(a.link.state() == State::Established);
    assert_eq!(a.link.peer().interface[..5], *b"eth0\0");
}

/// Row 6.4: RESET at the first five ticks, then at every sixteenth.
#[test]
fn reset_cadence() {
    let (mut a, _) = captured();
    let mut at = vec![];
    for tick in 1..=48 {
        a.tick();
        if !sent(&mut a).is_empty() {
            at.push(tick);
        }
    }
    assert_eq!(at, [1, 2, 3, 4, 5, 16, 32, 48]);
}

/// Rows 6.8, 6.9: an idle link probes at each tick; silence ends it at the sixth tick.
#[test]
fn silence() {
    let (mut a, _b) = up();
    for tick in 1..=6 {
        assert_eq!(a.tick() - a.now, 375, "tick {tick}");
        let frames = sent(&mut a);
        if tick == 1 {
            assert!(frames.is_empty(), "the number has moved: it began at 0");
        } else if tick < 6 {
            assert!(report(&frames[0]).1.probe && report(&frames[0]).1.keepalive);
        } else {
            assert!(a.link.state() == State::Reset && a.downs == 1);
            let header = Header::of(&frames[0]);
            assert_eq!((header.user() == User::Link, header.kind()), (true, 1));
        }
    }
    let (mut a, mut b) = up();
    for _ in 0..100 {
        a.tick();
        b.tick();
        carry(&mut a, &mut b);
    }
    assert_eq!((a.downs, b.downs), (0, 0));
}

/// Row 6.7: a RESET of a known session is old, an ACTIVATE is not; a STATE must be the session's and
/// its number must not go back.
#[test]
fn sessions() {
    let (mut a, _b) = up();
    let session = SessionNo(0xa75a);
    a.rx(&golden("reset"));
    assert!(a.link.state().is_up(), "a double of the RESET");
    let with_session = |name: &str, session: SessionNo| {
        let mut bytes = golden(name);
        bytes[20..22].copy_from_slice(&session.0.to_be_bytes());
        bytes
    };
    a.rx(&with_session("first-state", session.next()));
    a.rx(&with_session("first-state", session));
    assert_eq!(a.link.stats().received.states, 1, "number 1 is used up");
    let mut second = with_session("first-state", session);
    second[11] = 2;
    a.rx(&second);
    assert_eq!(a.link.stats().received.states, 2);
    a.rx(&with_session("reset", session.previous()));
    assert!(a.link.state().is_up());
    a.rx(&with_session("reset", session.next()));
    assert_eq!(a.downs, 1);
    assert!(a.link.state() == State::Establishing, "ready to begin");
}

/// Row 6.6: an end with too small packets is not talked to; a larger one's packets are ours.
#[test]
fn packet_sizes() {
    let (mut a, _) = captured();
    let with_size = |size: u16| {
        let mut reset = golden("reset");
        reset[36..38].copy_from_slice(&(size / 4).to_be_bytes());
        reset
    };
    a.rx(&with_size(4));
    assert!(a.link.state() == State::Reset);
    a.rx(&with_size(1400));
    assert!(a.link.state() == State::Establishing);
    assert_eq!(a.link.mtu(), 1400);
    assert_eq!(a.link.mss(), 1400 - 72, "row 6.24");
}

/// Row 6.10: a state message after every sixteenth packet.
#[test]
fn acknowledgements() {
    let (mut a, mut b) = up();
    for _ in 0..48 {
        a.send(Importance::Low, 100);
    }
    let frames = sent(&mut a);
    assert_eq!(frames.len(), 48);
    let mut acks = vec![];
    for frame in &frames {
        b.rx(frame);
        acks.extend(sent(&mut b));
    }
    let acked: Vec<_> = acks
        .iter()
        .map(|ack| report(ack).0.progress.ack.0)
        .collect();
    assert_eq!(acked, [16, 32, 48]);
    acks.iter().for_each(|ack| a.rx(ack));
    assert_eq!(a.link.queued(), 0);
}

/// Rows 6.12, 6.13: packets 3 and 6 are lost; the third packet that came too early is told, with
/// the blocks, and the missing ones come again.
#[test]
fn gaps() {
    let (mut a, mut b) = up();
    for _ in 0..8 {
        a.send(Importance::Low, 100);
    }
    let frames = sent(&mut a);
    let mut nacks = vec![];
    for frame in &frames {
        let seqno = Header::of(frame).seqno().0;
        if seqno != 3 && seqno != 6 {
            b.rx(frame);
            nacks.extend(sent(&mut b).into_iter().map(|nack| (seqno, nack)));
        }
    }
    assert_eq!(nacks.len(), 1);
    let (seqno, nack) = &nacks[0];
    assert_eq!(*seqno, 7, "4, 5 and 7 came too early");
    let (message, state) = report(nack);
    assert_eq!((message.progress.ack.0, state.gap), (2, 1));
    let blocks: Vec<_> = state.gaps.unicast().map(|g| (g.ack.0, g.gap)).collect();
    assert_eq!(blocks, [(5, 1), (7, 0)]);
    assert!(!state.probe && !state.keepalive);
    a.rx(nack);
    let again = sent(&mut a);
    assert_eq!(again.len(), 0, "row 6.15: not twice in a millisecond");
    a.now += 1;
    b.tick();
    for probe in sent(&mut b) {
        a.rx(&probe);
    }
    let again = sent(&mut a);
    let numbers: Vec<_> = again
        .iter()
        .filter(|frame| !is_state(frame))
        .map(|frame| Header::of(frame).seqno().0)
        .collect();
    assert_eq!(numbers, [3, 6]);
    again.iter().for_each(|frame| b.rx(frame));
    assert_eq!((b.last_read, b.missed), (8, 0));
}

/// Row 6.14: what is not in the window is dropped; row 6.12: a window full of gaps is told in blocks
/// until the record is full.
#[test]
fn receive_window() {
    let (mut a, mut b) = up();
    a.send(Importance::Low, 100);
    let mut frame = sent(&mut a).remove(0);
    let mut at = |seqno: u16, b: &mut End| {
        frame[10..12].copy_from_slice(&seqno.to_be_bytes());
        b.rx(&frame);
    };
    at(0, &mut b);
    at(8193, &mut b);
    assert_eq!(b.link.stats().duplicates, 2);
    at(8192, &mut b);
    assert_eq!((b.link.stats().duplicates, b.link.deferred()), (2, 1));
    for seqno in (3..2003).step_by(2) {
        at(seqno, &mut b);
    }
    assert_eq!(b.link.deferred(), 1001);
    let nacks = sent(&mut b);
    let (message, last) = report(nacks.last().unwrap());
    assert_eq!((message.progress.ack.0, last.gap), (0, 2));
    assert_eq!(last.gaps.unicast().count(), MAX_GAPS);
    assert_eq!(nacks.len(), 63, "at 3, 19, 35 ... 995");
}

/// What a peer can make a link keep out of order is bounded; what is over it is as if it were lost.
#[test]
fn deferred_bytes() {
    let (mut a, mut b) = up();
    a.send(Importance::Low, 60_000);
    let mut frame = sent(&mut a).remove(0);
    frame.resize(40_000, 0);
    set_data_len(&mut frame, 40_000 - 40);
    for seqno in 2..400u16 {
        frame[10..12].copy_from_slice(&seqno.to_be_bytes());
        b.rx(&frame);
    }
    assert_eq!(b.link.deferred(), MAX_DEFERRED_BYTES / 40_000);
    let kept = b.link.deferred() as u32;
    assert_eq!(b.link.stats().refused, 398 - kept);
}

/// A peer that acknowledges what was not sent is not believed.
#[test]
fn ack_of_the_future() {
    let (mut a, b) = up();
    for _ in 0..10 {
        a.send(Importance::Low, 100);
    }
    drop(b);
    let mut state = golden("state-after-names");
    for (seqno, ack, left) in [(2u8, 11u16, 10), (3, 30_000, 10), (4, 4, 6), (5, 10, 0)] {
        state[11] = seqno;
        state[8..10].copy_from_slice(&ack.to_be_bytes());
        a.rx(&state);
        assert_eq!(a.link.queued(), left, "ack {ack}");
    }
}

/// Rows 6.18, 6.20, 6.21, 6.22: the window is 50, of low messages 100 wait, and the next is taken
/// but its sender must wait.
#[test]
fn limits() {
    for (importance, limit) in [
        (Importance::Low, 100),
        (Importance::Medium, 200),
        (Importance::High, 300),
        (Importance::Critical, 400),
    ] {
        let (mut a, mut b) = up();
        // Of a size that leaves no room for bundles.
        for _ in 0..50 + limit {
            a.send(importance, 1300);
        }
        assert_eq!(sent(&mut a).len(), 50);
        assert_eq!(a.link.stats().congested, 0);
        a.send(importance, 1300);
        assert_eq!(a.link.stats().congested, 1);
        assert_eq!(a.waiting[importance.number() as usize], 1);
        assert_eq!(a.link.queued(), 50 + limit + 1);
        a.tick();
        b.tick();
        a.now += 2;
        for _ in 0..20 {
            carry(&mut a, &mut b);
            a.tick();
            b.tick();
            a.now += 2;
        }
        assert_eq!(a.waiting, [0; 5], "woken");
        assert_eq!(b.last_read, 50 + limit as u64 + 1);
    }
}

/// Row 6.20: names of a node fit at the system's level, 873 packets of 1500 bytes; then the link is
/// to be reset.
#[test]
fn system_limit() {
    let (mut a, _b) = up();
    let names = Distribution {
        from: NODE_A,
        to: NODE_B,
        saying: Saying::Made,
        bulk: true,
        last_bulk: false,
        numbered: true,
        seqno: 0,
        broadcast_ack_invalid: true,
    };
    let (header, items) = (names.write(69), [0; 69 * NAME_ITEM]);
    let mut send = || {
        let mut list = HostList::default();
        list.push_back(HostFrame::new(&header, &[&items], 0).unwrap());
        a.link
            .send(&mut list, &Context::default(), &mut a.parts.out())
    };
    for _ in 0..50 + 873 {
        assert_eq!(send(), Ok(Sent::Done));
    }
    assert_eq!(send(), Err(SendError::Overflow));
}

/// Row 6.23: while the window is full small messages share packets of at most 1428 bytes; C's had
/// ten of 130 bytes (frames.txt: bundle-of-two is of the same messages).
#[test]
fn bundles() {
    let (mut a, mut b) = up();
    for _ in 0..50 {
        a.send(Importance::Low, 98);
    }
    let full = sent(&mut a);
    assert_eq!(full.len(), 50);
    for _ in 0..12 {
        a.send(Importance::Low, 98);
    }
    assert_eq!(a.link.queued(), 52);
    assert_eq!(
        (a.link.stats().sent.bundles, a.link.stats().sent.bundled),
        (2, 12)
    );
    full.iter().for_each(|frame| b.rx(frame));
    for ack in sent(&mut b) {
        a.rx(&ack);
    }
    let bundles = sent(&mut a);
    let of_c = golden("bundle-of-two");
    let head = |bytes: &[u8]| (Header::of(bytes).size(), bytes[36..40].to_vec());
    assert_eq!(head(&bundles[0]), (1358, vec![0, 10, 0, 0]));
    assert_eq!(head(&bundles[1]), head(&of_c));
    bundles.iter().for_each(|bundle| b.rx(bundle));
    assert_eq!(b.last_read, 62);
    assert_eq!(b.link.stats().received.bundled, 12);
}

/// Row 6.24: a message of 5000 bytes goes in the fragments C made of one.
#[test]
fn fragments() {
    let (mut a, mut b) = up();
    a.send(Importance::Low, 5008);
    let frames = sent(&mut a);
    let sizes: Vec<_> = frames.iter().map(|frame| frame.len()).collect();
    assert_eq!(sizes, [1428, 1428, 1428, 916]);
    for (index, name) in [(0, "first"), (1, "middle"), (3, "last")] {
        let want = golden(&format!("{name}-fragment"));
        let same = [0..8, 12..40].map(|range| frames[index][range.clone()] == want[range]);
        assert_eq!(
            same,
            [true, true],
            "{name}, its numbers on the link excepted"
        );
    }
    frames.iter().for_each(|frame| b.rx(frame));
    assert_eq!(b.last_read, 1);
    // A middle one out of place: the link has failed (row 6.25).
    let mut stray = frames[1].clone();
    stray[10..12].copy_from_slice(&5u16.to_be_bytes());
    b.rx(&stray);
    assert_eq!(b.downs, 1);
}

/// Messages in a bundle that claim too much, or are none, do no harm (C leaks those that are
/// carriers themselves).
#[test]
fn bad_bundles() {
    let good = golden("bundle-of-two");
    let (mut a, mut b) = up();
    a.send(Importance::Low, 98);
    let with = |seqno: u16, at: usize, bytes: &[u8], b: &mut End| {
        let mut frame = good.clone();
        frame[10..12].copy_from_slice(&seqno.to_be_bytes());
        frame[8..10].fill(0);
        frame[at..at + bytes.len()].copy_from_slice(bytes);
        b.parts.up = HostList::default();
        let frame = HostFrame::arrived(&frame).unwrap();
        let _ = b.link.rx(frame, &Context::default(), &mut b.parts.out());
        b.parts.up.len()
    };
    assert_eq!(with(1, 0, &[], &mut b), 2);
    // The second's size is beyond the bundle; then less than its header; then another version.
    assert_eq!(with(2, 173, &[0x48, 0, 0x83], &mut b), 1);
    assert_eq!(with(3, 173, &[0x48, 0, 4], &mut b), 1);
    assert_eq!(with(4, 172, &[0x21], &mut b), 1);
    // The first is a fragment: not wanted in here.
    assert_eq!(with(5, 40, &[0x58 | 1], &mut b), 1);
    assert_eq!(b.link.stats().unwanted, 1);
    assert!(b.link.state().is_up() && b.link.next_expected() == SeqNo(6));
}

/// Row 6.27: a peer that wishes another priority resets the link; row 6.28: another tolerance not.
#[test]
fn wishes() {
    let (mut a, mut b) = up();
    let context = Context::default();
    b.link.set_tolerance(800, &context, &mut b.parts.out());
    carry(&mut a, &mut b);
    assert_eq!((a.link.tolerance(), a.downs), (800, 0));
    b.link.set_tolerance(49, &context, &mut b.parts.out());
    carry(&mut a, &mut b);
    assert_eq!(a.link.tolerance(), 800, "out of range");
    b.link.set_priority(12, &context, &mut b.parts.out());
    carry(&mut a, &mut b);
    assert_eq!((a.link.priority(), a.downs), (12, 1));
}

/// Row 6.16: the oldest packet that does not arrive for ten tolerances ends the link.
#[test]
fn sent_again_in_vain() {
    let (mut a, mut b) = up();
    a.send(Importance::Low, 100);
    sent(&mut a);
    let (mut now, mut repeats) = (0, 0);
    while a.downs == 0 && now < 60_000 {
        now += 375;
        (a.now, b.now) = (now, now);
        a.tick();
        b.tick();
        for frame in sent(&mut a) {
            match Header::of(&frame).user() {
                User::Link => b.rx(&frame),
                _ => repeats += 1,
            }
        }
        for frame in sent(&mut b) {
            a.rx(&frame);
        }
    }
    assert!((15_000..17_000).contains(&now), "{now}");
    assert!(repeats > 30);
}

/// Row 6.19, as C link.c:tipc_link_update_cwin counts: growth by what is acknowledged under
/// pressure, half but not below 300 after a loss, the minimum after a rest.
#[test]
fn window() {
    let mut window = Window::new(50, 8191);
    window.on_ack(50, 49, false);
    window.on_ack(50, 50, true);
    assert_eq!(window.size(), 50, "no pressure; holes");
    for size in [100, 200, 400, 800] {
        window.on_ack(window.size() as u16, window.size(), false);
        assert_eq!(window.size(), size);
    }
    window.on_repeat();
    assert_eq!(window.size(), 400);
    window.on_repeat();
    assert_eq!(window.size(), 300);
    window.on_ack(10, 300, false);
    assert_eq!(window.size(), 310, "up to the threshold");
    let mut steps = 0;
    while window.size() < 311 {
        window.on_ack(10, 400, false);
        steps += 1;
    }
    assert_eq!(steps, 1, "C counts from the beginning, not from here");
    window.on_rest();
    assert_eq!(window.size(), 50);
    let mut most = Window::new(50, 50);
    most.on_ack(50, 50, false);
    assert_eq!(most.size(), 50);
}

/// Every single allocation fails once, in a run that has fragments, bundles, losses and a failing
/// link's end: nothing is lost, doubled or out of order, and nothing panics.
#[test]
fn each_allocation_fails_once() {
    let mut fail = 0;
    loop {
        mem::fail_only(fail);
        let (mut a, mut b) = captured();
        let (mut now, mut dropped) = (0, 0);
        while now < 6_000 {
            now += 125;
            (a.now, b.now) = (now, now);
            a.tick();
            b.tick();
            if now < 3_000 {
                a.send(Importance::Low, 4000);
                for size in 0..60 {
                    a.send(Importance::High, size);
                    b.send(Importance::Medium, size);
                }
            }
            for frame in sent(&mut a) {
                dropped += 1;
                if dropped % 9 != 0 || now > 3_000 {
                    b.rx(&frame);
                }
            }
            sent(&mut b).iter().for_each(|frame| a.rx(frame));
        }
        let done = mem::fail_never();
        assert_eq!((a.downs, b.downs), (0, 0), "allocation {fail}");
        assert_eq!((b.missed, a.missed), (0, 0));
        assert_eq!(
            (b.last_read, a.last_read),
            (a.next_sent - 1, b.next_sent - 1)
        );
        assert!(b.last_read > 500);
        if done {
            break;
        }
        fail += 1 + fail / 40;
    }
    assert!(fail > 2000, "{fail} allocations are too few");
}
