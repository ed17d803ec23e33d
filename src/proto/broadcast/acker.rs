// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! What one neighbour has received of our broadcasts.
//!
//! In: acknowledgements, from `sender`; out: which packets it has acknowledged before. Each packet
//! counts its acknowledgements, so that each neighbour must be counted once. Replaces `acked`,
//! `last_gap` and `last_ga` of C `link.c:struct tipc_link`.

use crate::proto::vocab::SeqNo;

/// Packets behind the first missing one whose arrival is remembered: several windows. What is
/// further away is acknowledged when the gap is closed.
const SPAN: u16 = 256;

/// One neighbour's acknowledgements.
#[derive(Clone, Copy)]
pub struct Acker {
    /// Whether it is one of those whose acknowledgement is waited for.
    counts: bool,
    /// Whether it has told that it knows where we are.
    open: bool,
    /// Up to here everything has arrived.
    acked: SeqNo,
    /// Which of the `SPAN` packets behind it have arrived, too, the first in the lowest bit.
    early: [u64; 4],
}

impl Acker {
    /// A neighbour that is sent no broadcasts.
    pub const fn new() -> Self {
        Acker {
            counts: false,
            open: false,
            acked: SeqNo(0),
            early: [0; 4],
        }
    }

    /// It is to acknowledge what is sent after `last`.
    pub(super) fn join(&mut self, last: SeqNo) {
        *self = Acker {
            counts: true,
            acked: last,
            ..Acker::new()
        };
    }

    /// It is no longer waited for; as it was.
    pub(super) fn leave(&mut self) -> Acker {
        core::mem::replace(self, Acker::new())
    }

    /// Whether its acknowledgement is waited for.
    pub fn counts(&self) -> bool {
        self.counts
    }

    /// Whether its acknowledgements mean anything yet.
    pub fn is_open(&self) -> bool {
        self.open
    }

    /// It has received our first packet, which says where we are.
    pub fn open(&mut self) {
        self.open = true;
    }

    /// The last packet up to which all have arrived.
    pub fn acked(&self) -> SeqNo {
        self.acked
    }

    /// Whether packet `seqno` has arrived, as far as is remembered.
    pub(super) fn has(&self, seqno: SeqNo) -> bool {
        !seqno.more(self.acked)
            || self
                .early
                .get(self.word(seqno))
                .is_some_and(|w| w & mask(self.acked, seqno) != 0)
    }

    /// Remembers that packet `seqno` has arrived. False if it is too far away.
    pub(super) fn put(&mut self, seqno: SeqNo) -> bool {
        let (place, bit) = (self.word(seqno), mask(self.acked, seqno));
        match self.early.get_mut(place) {
            Some(word) => {
                *word |= bit;
                true
            }
            None => false,
        }
    }

    /// Everything up to `acked` has arrived.
    pub(super) fn advance(&mut self, acked: SeqNo) {
        let steps = acked.since(self.acked);
        let words = usize::from(steps / 64);
        let bits = u32::from(steps % 64);
        let old = self.early;
        let at = |index: usize| old.get(index).copied().unwrap_or(0);
        for (index, word) in self.early.iter_mut().enumerate() {
            let from = index.saturating_add(words);
            let low = at(from).wrapping_shr(bits);
            let high = match bits {
                0 => 0,
                bits => at(from.saturating_add(1)).wrapping_shl(64u32.wrapping_sub(bits)),
            };
            *word = low | high;
        }
        self.acked = acked;
    }

    fn word(&self, seqno: SeqNo) -> usize {
        let offset = seqno.since(self.acked.next());
        usize::from(if offset < SPAN { offset / 64 } else { u16::MAX })
    }
}

/// The bit of packet `seqno` in its word.
fn mask(acked: SeqNo, seqno: SeqNo) -> u64 {
    1u64.wrapping_shl(u32::from(seqno.since(acked.next()) % 64))
}
