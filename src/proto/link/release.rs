// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! What happens to packets on their way: they have arrived, or are sent again.
//!
//! In: acknowledgements and gaps of the peer; out: packets to be freed, and copies for the bearer.
//! Replaces C `link.c:tipc_link_advance_transmq` and `link_retransmit_failure`.

use super::send::{Acks, SendHalf};
use super::stats::{count, Stats};
use crate::proto::frame::{Frame, FrameList, Out};
use crate::proto::vocab::{Instant, SeqNo};
use crate::proto::wire::{Gap, Stamp};

/// What an acknowledgement did.
#[derive(Clone, Copy, Default)]
pub(super) struct Acked {
    /// Packets that have arrived.
    pub released: u16,
    /// Packets sent again.
    pub repeated: usize,
    /// The oldest packet was sent again for too long.
    pub failed: bool,
}

/// What the peer says has arrived: everything up to `ack`, not the `gap` packets behind it, and
/// then what the blocks say.
pub(super) struct Report<I> {
    pub ack: SeqNo,
    pub gap: u16,
    pub blocks: I,
}

impl<F: Frame> SendHalf<F> {
    /// Whether the peer can have received packet `ack`: one that is on its way, or the one before.
    /// A peer that acknowledges what was not sent is not believed. (C believes it.)
    pub fn is_plausible(&self, ack: SeqNo) -> bool {
        let span = self
            .transmit
            .front()
            .map_or(0, |first| self.next.since(first.header().seqno()));
        self.next.previous().since(ack) <= span
    }

    /// Releases everything up to `ack`; how many packets that were.
    pub fn release(&mut self, ack: SeqNo, spent: &mut F::List) -> u16 {
        let mut released = 0u16;
        if !self.is_plausible(ack) {
            return 0;
        }
        while let Some(first) = self.transmit.front() {
            if !first.header().seqno().less_eq(ack) {
                break;
            }
            if let Some(frame) = self.transmit.pop_front() {
                spent.push_back(frame);
                released = released.saturating_add(1);
            }
        }
        released
    }

    /// Releases what the report says has arrived and sends again what it says is missing, unless
    /// that was done a moment ago. `patience` is how long the oldest packet may be sent again, in
    /// ms.
    pub(super) fn on_report<I: Iterator<Item = Gap>>(
        &mut self,
        mut report: Report<I>,
        patience: u32,
        at: (Instant, Acks),
        stats: &mut Stats,
        out: &mut Out<'_, F>,
    ) -> Acked {
        let mut result = Acked::default();
        if !self.is_plausible(report.ack) {
            return result;
        }
        let first_missing = report.ack.next();
        let mut part = Gap {
            ack: report.ack,
            gap: report.gap,
        };
        let mut kept = F::List::default();
        while let Some(mut frame) = self.transmit.pop_front() {
            let seqno = frame.header().seqno();
            while !seqno.less_eq(part.ack.plus(part.gap)) {
                match report.blocks.next() {
                    Some(next) => part = next,
                    None => {
                        kept.push_back(frame);
                        kept.append(&mut self.transmit);
                        self.transmit = kept;
                        return result;
                    }
                }
            }
            if seqno.less_eq(part.ack) {
                out.spent.push_back(frame);
                result.released = result.released.saturating_add(1);
                continue;
            }
            if seqno == first_missing && has_failed(&mut frame, at.0, patience) {
                result.failed = true;
            } else if repeat(&mut frame, self.audience.pause(), at, out.wire) {
                count(&mut stats.repeated);
                result.repeated = result.repeated.saturating_add(1);
            }
            kept.push_back(frame);
            if result.failed {
                break;
            }
        }
        kept.append(&mut self.transmit);
        self.transmit = kept;
        result
    }
}

/// Whether a packet was sent again for more than `patience` ms.
pub fn has_failed<F: Frame>(frame: &mut F, now: Instant, patience: u32) -> bool {
    let note = frame.note();
    note.repeats > 0 && now > note.first_repeat.after(patience)
}

/// Sends a packet again with its acknowledgements as of now; false if it is too soon, or there is
/// no memory. It is not to be sent once more within `pause` ms.
pub fn repeat<F: Frame>(
    frame: &mut F,
    pause: u32,
    (now, acks): (Instant, Acks),
    wire: &mut F::List,
) -> bool {
    if now < frame.note().not_before {
        return false;
    }
    frame.note().not_before = now.after(pause);
    let seqno = frame.header().seqno();
    let Some(mut copy) = frame.copy() else {
        return false;
    };
    let Some(header) = copy.private() else {
        return false;
    };
    let stamp = Stamp {
        seqno,
        ack: acks.packet,
        broadcast_ack: acks.broadcast,
    };
    stamp.write(header);
    wire.push_back(copy);
    let note = frame.note();
    if note.repeats == 0 {
        note.first_repeat = now;
    }
    note.repeats = note.repeats.saturating_add(1);
    true
}
