// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! Packets that came out of order, sorted by their numbers.
//!
//! In: packets; out: the next one when its turn has come, and where the gaps are. Replaces C
//! `msg.c:__tipc_skb_queue_sorted`, `msg.h:__tipc_skb_dequeue` and
//! `link.c:__tipc_build_gap_ack_blks`. Unlike C's, the queue is bounded.

use crate::proto::frame::{Frame, FrameList};
use crate::proto::vocab::SeqNo;
use crate::proto::wire::{Gap, MAX_GAPS};

/// Bytes a peer can make a link keep out of order: several times what is on its way on any wire,
/// and all that a window of `MAX_WINDOW` small packets takes.
pub const MAX_DEFERRED_BYTES: usize = 8 << 20;

/// How far from the first a packet may find its place among those that came too early, so that none
/// costs more than that: between the rows that a lossy wire leaves, a peer that sends again what is
/// missing soon closes the first gap. What is further behind, and not the last, counts as lost.
pub const MAX_STEPS: usize = 1024;

/// What became of a packet.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Deferred {
    /// It is kept.
    Kept,
    /// It was there already.
    Double,
    /// There is no room. It is as if it were lost: nobody was told that it has come.
    Full,
}

/// Where the gaps among packets are that came out of order.
pub trait Gaps {
    /// Gives `push` a block for each row of packets, the last with no gap, until it returns false:
    /// then it has no room. At most `MAX_GAPS`.
    fn for_each(&self, push: &mut dyn FnMut(Gap) -> bool);
}

impl<F: Frame> Gaps for SortedQueue<F> {
    fn for_each(&self, push: &mut dyn FnMut(Gap) -> bool) {
        self.for_each_gap(push);
    }
}

/// The packets.
pub struct SortedQueue<F: Frame> {
    list: F::List,
    bytes: usize,
}

impl<F: Frame> SortedQueue<F> {
    /// An empty queue.
    pub fn new() -> Self {
        SortedQueue {
            list: F::List::default(),
            bytes: 0,
        }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The number of the first.
    pub fn first(&self) -> Option<SeqNo> {
        self.list.front().map(|frame| frame.header().seqno())
    }

    /// Puts a packet where it belongs; what is not kept goes to `spent`.
    pub fn insert(&mut self, frame: F, spent: &mut F::List) -> Deferred {
        let seqno = frame.header().seqno();
        if self.bytes.saturating_add(frame.len()) > MAX_DEFERRED_BYTES {
            spent.push_back(frame);
            return Deferred::Full;
        }
        let last = self.list.back().map(|last| last.header().seqno());
        if last.is_none_or(|last| last.less(seqno)) {
            self.bytes = self.bytes.saturating_add(frame.len());
            self.list.push_back(frame);
            return Deferred::Kept;
        }
        let mut before = F::List::default();
        while before.len() < MAX_STEPS {
            let Some(other) = self.pop_before(seqno) else {
                break;
            };
            before.push_back(other);
        }
        let result = if self.first().is_some_and(|first| first.less(seqno)) {
            spent.push_back(frame);
            Deferred::Full
        } else if self.first() == Some(seqno) {
            spent.push_back(frame);
            Deferred::Double
        } else {
            self.bytes = self.bytes.saturating_add(frame.len());
            before.push_back(frame);
            Deferred::Kept
        };
        before.append(&mut self.list);
        self.list = before;
        result
    }

    /// The first packet, if its number is before `seqno`; it still counts.
    fn pop_before(&mut self, seqno: SeqNo) -> Option<F> {
        if !self.first()?.less(seqno) {
            return None;
        }
        self.list.pop_front()
    }

    /// Takes packet `seqno`, if it is there. Those before it are of no use any more.
    pub fn take(&mut self, seqno: SeqNo, spent: &mut F::List) -> Option<F> {
        while let Some(old) = self.pop_before(seqno) {
            self.bytes = self.bytes.saturating_sub(old.len());
            spent.push_back(old);
        }
        if self.first()? != seqno {
            return None;
        }
        let frame = self.list.pop_front()?;
        self.bytes = self.bytes.saturating_sub(frame.len());
        Some(frame)
    }

    /// Puts a packet that was taken back to the front.
    pub fn put_back(&mut self, frame: F) {
        self.bytes = self.bytes.saturating_add(frame.len());
        let mut list = F::List::default();
        list.push_back(frame);
        list.append(&mut self.list);
        self.list = list;
    }

    /// Takes them all.
    pub fn take_all(&mut self) -> Self {
        core::mem::replace(self, Self::new())
    }

    /// Empties it.
    pub fn clear(&mut self, spent: &mut F::List) {
        spent.append(&mut self.list);
        self.bytes = 0;
    }

    /// Where the gaps behind the first packet are: `push` gets a block for each row of packets, the
    /// last with no gap; it returns false when it has no room. At most `MAX_GAPS`.
    pub fn for_each_gap(&self, mut push: impl FnMut(Gap) -> bool) {
        let Some(mut last) = self.first() else { return };
        let mut blocks = 0usize;
        for frame in self.list.iter().skip(1) {
            let seqno = frame.header().seqno();
            let gap = seqno.since(last.next());
            if gap > 0 {
                blocks = blocks.saturating_add(1);
                if !push(Gap { ack: last, gap }) || blocks >= MAX_GAPS {
                    return;
                }
            }
            last = seqno;
        }
        let _ = push(Gap { ack: last, gap: 0 });
    }
}
