// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! Packets that came too early, in any order: what is kept, what is taken and where the gaps are, as
//! a sorted map has it; and no packet goes further than `MAX_STEPS` for its place.
//! Gaps: C `link.c:__tipc_build_gap_ack_blks`; a double is one number twice, C
//! `msg.c:__tipc_skb_queue_sorted`.

use proptest::prelude::*;
use std::collections::BTreeMap;
use tipc_proto::frame::{HostFrame, HostList};
use tipc_proto::proto::frame::{Frame, FrameList};
use tipc_proto::proto::link::{Deferred, SortedQueue, MAX_DEFERRED_BYTES, MAX_STEPS, MAX_WINDOW};
use tipc_proto::proto::vocab::SeqNo;
use tipc_proto::proto::wire::{Stamp, MAX_GAPS};

/// A packet of this number and length.
fn packet(seqno: u16, len: usize) -> HostFrame {
    let mut header = [0; 40];
    header[..4].copy_from_slice(&((2u32 << 29) | (10 << 21) | 40).to_be_bytes());
    let zero = SeqNo(0);
    let stamp = Stamp {
        seqno: SeqNo(seqno),
        ack: zero,
        broadcast_ack: zero,
    };
    stamp.write(&mut header);
    HostFrame::new(&header, &[&vec![0; len - 40]], 0).unwrap()
}

fn insert(queue: &mut SortedQueue<HostFrame>, seqno: u16) -> Deferred {
    let mut spent = HostList::default();
    let result = queue.insert(packet(seqno, 40), &mut spent);
    assert_eq!(spent.len() == 0, result == Deferred::Kept);
    result
}

/// Rows of numbers without a gap inside: where each ends, and how far the next is.
fn rows(numbers: &[u16]) -> Vec<(u16, u16)> {
    let mut out = Vec::new();
    for (at, number) in numbers.iter().enumerate() {
        let gap = numbers.get(at + 1).map_or(0, |next| next - number - 1);
        if gap > 0 || at + 1 == numbers.len() {
            out.push((*number, gap));
        }
    }
    out
}

proptest! {
    #[test]
    fn as_a_map(base in any::<u16>(), offsets in prop::collection::vec(0u16..900, 1..300)) {
        let mut queue = SortedQueue::new();
        let mut map = BTreeMap::new();
        for offset in offsets {
            let result = insert(&mut queue, base.wrapping_add(offset));
            let wanted = if map.insert(offset, ()).is_some() { Deferred::Double } else { Deferred::Kept };
            prop_assert!(result == wanted);
        }
        prop_assert_eq!(queue.len(), map.len());
        let numbers: Vec<u16> = map.keys().copied().collect();
        let mut gaps = Vec::new();
        queue.for_each_gap(|gap| {
            gaps.push((gap.ack.0.wrapping_sub(base), gap.gap));
            true
        });
        let mut wanted = rows(&numbers);
        if wanted.len() > MAX_GAPS {
            wanted.truncate(MAX_GAPS);
        }
        prop_assert_eq!(gaps, wanted);
        let mut spent = HostList::default();
        for number in numbers {
            prop_assert!(queue.take(SeqNo(base.wrapping_add(number)), &mut spent).is_some());
        }
        prop_assert_eq!(queue.len() + spent.len(), 0);
    }
}

/// From both ends to the middle, as nobody sends: a packet that would go too far counts as lost, and
/// what is kept stays in order.
#[test]
fn bounded_steps() {
    let mut queue = SortedQueue::new();
    let half = MAX_WINDOW / 2;
    let mut full = 0;
    for i in 0..half {
        for number in [i, MAX_WINDOW - i] {
            full += usize::from(insert(&mut queue, number) == Deferred::Full);
        }
    }
    // Number i goes past i others, its partner at the other end past one more.
    assert_eq!(queue.len() + full, usize::from(half) * 2);
    assert_eq!(queue.len(), 2 * MAX_STEPS + 1);
    let mut spent = HostList::default();
    for number in 0..=MAX_STEPS as u16 {
        assert!(queue.take(SeqNo(number), &mut spent).is_some());
    }
    // With the first gap closed there is room for what comes again.
    assert!(insert(&mut queue, MAX_STEPS as u16 + 1) == Deferred::Kept);
    assert_eq!(spent.len(), 0);
}

/// In order and in reverse a packet finds its place at once, however many there are.
#[test]
fn rows_of_any_length() {
    let mut queue = SortedQueue::new();
    for number in 4000..8000 {
        assert!(insert(&mut queue, number) == Deferred::Kept);
    }
    for number in (100..4000).rev() {
        assert!(insert(&mut queue, number) == Deferred::Kept);
    }
    assert_eq!(queue.len(), 7900);
}

/// Large packets: the bound in bytes.
#[test]
fn bounded_bytes() {
    let mut queue = SortedQueue::new();
    let mut spent = HostList::default();
    let most = MAX_DEFERRED_BYTES / 9000;
    for number in 0..2 * most as u16 {
        let _ = queue.insert(packet(number, 9000), &mut spent);
    }
    assert_eq!(queue.len(), most);
    assert_eq!(spent.len(), most);
}
