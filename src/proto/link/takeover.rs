// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! Taking over for a lost link: its packets come through this one, in tunnels.
//!
//! In: what the lost link had received (`Handover`) and tunnels; out: its messages, in order.
//! Replaces C `link.c:tipc_link_tnl_rcv` and the failover fields of C's `struct tipc_link`.

use super::fragment::{Assembled, Reassembly};
use super::queue::{Deferred, SortedQueue};
use super::recv::{take_apart, Taken};
use super::stats::{count, Stats};
use crate::proto::frame::{Frame, FrameList, Out, Refused};
use crate::proto::vocab::SeqNo;
use crate::proto::wire::{Part, Tunnel, TunnelKind};

/// What a lost link had received and not delivered.
pub struct Handover<F: Frame> {
    pub(super) next: SeqNo,
    pub(super) deferred: SortedQueue<F>,
    pub(super) reassembly: Reassembly<F>,
}

impl<F: Frame> Handover<F> {
    /// That of a link which was never up.
    pub fn of_unborn() -> Self {
        Handover {
            next: SeqNo(1),
            deferred: SortedQueue::new(),
            reassembly: Reassembly::new(),
        }
    }
}

/// The receiving side of the lost link, continued.
pub(super) struct Takeover<F: Frame> {
    lost: Handover<F>,
    /// A packet of the lost link that is too large for a tunnel comes in parts.
    packet: Reassembly<F>,
}

impl<F: Frame> Takeover<F> {
    pub fn new() -> Self {
        Takeover {
            lost: Handover::of_unborn(),
            packet: Reassembly::new(),
        }
    }

    /// Goes on where the lost link was.
    pub fn begin(&mut self, lost: Handover<F>, spent: &mut F::List) {
        self.clear(spent);
        self.lost = lost;
    }

    pub fn clear(&mut self, spent: &mut F::List) {
        self.lost.deferred.clear(spent);
        for head in [self.lost.reassembly.take(), self.packet.take()]
            .into_iter()
            .flatten()
        {
            spent.push_back(head);
        }
        self.lost.next = SeqNo(1);
    }

    /// Takes a tunnel.
    pub fn take_tunnel(&mut self, frame: F, stats: &mut Stats, out: &mut Out<'_, F>) -> Taken<F> {
        let part = match Tunnel::read(frame.header()).map(|tunnel| tunnel.kind) {
            Some(TunnelKind::Failover(_, part)) => part,
            Some(TunnelKind::Synch(_)) | None => {
                out.spent.push_back(frame);
                return Taken::Whole;
            }
        };
        let Some((number, of)) = part else {
            return match frame.inner(0) {
                Ok(inner) => {
                    out.spent.push_back(frame);
                    self.take_packet(inner, stats, out)
                }
                Err(Refused::NoMemory) => Taken::NoMemory(frame),
                Err(Refused::Malformed) => {
                    count(&mut stats.unwanted);
                    out.spent.push_back(frame);
                    Taken::Whole
                }
            };
        };
        let part = match number {
            1 => Part::First,
            n if n < of => Part::Middle,
            _ => Part::Last,
        };
        match self.packet.add(part, frame) {
            Assembled::More => Taken::Whole,
            Assembled::Whole(inner) => self.take_packet(inner, stats, out),
            Assembled::NoMemory(frame) => Taken::NoMemory(frame),
            Assembled::Broken(frame) => {
                out.spent.push_back(frame);
                Taken::Broken
            }
        }
    }

    /// Takes a packet of the lost link. It was acknowledged with its tunnel, or will be: from here
    /// on it is kept until it can be taken apart.
    fn take_packet(&mut self, inner: F, stats: &mut Stats, out: &mut Out<'_, F>) -> Taken<F> {
        if inner.header().seqno().less(self.lost.next) {
            count(&mut stats.duplicates);
            out.spent.push_back(inner);
            return Taken::Whole;
        }
        match self.lost.deferred.insert(inner, out.spent) {
            Deferred::Kept => {}
            Deferred::Double => count(&mut stats.duplicates),
            // More than any honest peer has on its way.
            Deferred::Full => return Taken::Broken,
        }
        match self.advance(stats, out) {
            true => Taken::Whole,
            false => Taken::Broken,
        }
    }

    /// Delivers what can be delivered; false if packets do not fit together. One for which there is
    /// no memory is tried again at the next call.
    pub fn advance(&mut self, stats: &mut Stats, out: &mut Out<'_, F>) -> bool {
        while let Some(frame) = self.lost.deferred.take(self.lost.next, out.spent) {
            match take_apart(frame, &mut self.lost.reassembly, stats, out) {
                Taken::Whole => self.lost.next = self.lost.next.next(),
                Taken::NoMemory(frame) => {
                    self.lost.deferred.put_back(frame);
                    return true;
                }
                Taken::Broken => return false,
            }
        }
        true
    }
}
