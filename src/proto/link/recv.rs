// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! The receiving half of a link: the sequence, what came too early, and taking packets apart.
//!
//! In: packets in any order; out: whole messages in order. Replaces C `link.c:tipc_data_input`,
//! `tipc_link_input` and the receive part of `tipc_link_rcv`.
//!
//! The receive number moves only when all of a packet is kept. One for which there is no memory is
//! as good as lost, and the peer sends it again; one that was acknowledged already, in a gap/ack
//! block, stays in the queue and is tried again.

use super::bundle;
use super::fragment::{Assembled, Reassembly};
use super::queue::{Deferred, SortedQueue};
use super::stats::{add, count, Stats};
use super::takeover::Takeover;
use crate::proto::frame::{Frame, FrameList, Out, Refused};
use crate::proto::vocab::SeqNo;
use crate::proto::wire::{Bundle, Fragment, User};

/// Packets from the expected one on that are kept if they come too early (uAPI `TIPC_MAX_LINK_WIN`).
pub const MAX_WINDOW: u16 = 8191;

/// Bytes of packets that may be held back: a whole window of those of an Ethernet, which is more than
/// an honest peer has on its way before the tunnels they wait for.
const MAX_HELD_BYTES: usize = 16 << 20;

/// Messages held back, and the bytes of the packets they came in.
pub struct Held<F: Frame> {
    pub(super) list: F::List,
    bytes: usize,
}

impl<F: Frame> Held<F> {
    pub(super) fn new() -> Self {
        Held {
            list: F::List::default(),
            bytes: 0,
        }
    }
}

/// What became of a packet.
pub enum Taken<F> {
    /// All of it is kept, or nobody can want it.
    Whole,
    /// No memory: here it is.
    NoMemory(F),
    /// It does not fit the ones before: the link has failed.
    Broken,
}

/// The receiving half.
pub struct RecvHalf<F: Frame> {
    next: SeqNo,
    /// Packets that came too early.
    pub deferred: SortedQueue<F>,
    pub(super) reassembly: Reassembly<F>,
    pub(super) takeover: Takeover<F>,
    /// Messages that wait until those of a lost link have been delivered, while there is one.
    pub(super) held: Option<Held<F>>,
    /// Packets received and not acknowledged.
    pub unacked: u16,
}

impl<F: Frame> RecvHalf<F> {
    /// An empty one, which expects number 1.
    pub fn new() -> Self {
        RecvHalf {
            next: SeqNo(1),
            deferred: SortedQueue::new(),
            reassembly: Reassembly::new(),
            takeover: Takeover::new(),
            held: None,
            unacked: 0,
        }
    }

    /// The number of the packet expected next.
    pub fn next(&self) -> SeqNo {
        self.next
    }

    /// Empties it and begins at number 1.
    pub fn reset(&mut self, spent: &mut F::List) {
        self.deferred.clear(spent);
        self.takeover.clear(spent);
        if let Some(mut held) = self.held.take() {
            spent.append(&mut held.list);
        }
        if let Some(head) = self.reassembly.take() {
            spent.push_back(head);
        }
        self.next = SeqNo(1);
        self.unacked = 0;
    }

    /// The next packet expected is this one.
    pub fn begin_at(&mut self, seqno: SeqNo) {
        self.next = seqno;
    }

    /// Counts the expected packet as received, although nothing of it is kept.
    pub fn pass_over(&mut self, stats: &mut Stats) {
        self.next = self.next.next();
        self.unacked = self.unacked.saturating_add(1);
        count(&mut stats.received.packets);
    }

    /// Whether packet `seqno` may be kept.
    pub fn is_in_window(&self, seqno: SeqNo) -> bool {
        !seqno.less(self.next) && !seqno.more(self.next.plus(MAX_WINDOW))
    }

    /// How many packets are missing before the first of those that came too early.
    pub fn gap(&self) -> u16 {
        self.deferred
            .first()
            .map_or(0, |first| first.since(self.next))
    }

    /// Keeps a packet that came too early.
    pub fn defer(&mut self, frame: F, stats: &mut Stats, out: &mut Out<'_, F>) {
        match self.deferred.insert(frame, out.spent) {
            Deferred::Kept => {}
            Deferred::Double => count(&mut stats.duplicates),
            Deferred::Full => count(&mut stats.refused),
        }
    }

    /// Takes the expected packet. If it is kept, the number moves.
    pub fn take(&mut self, frame: F, stats: &mut Stats, out: &mut Out<'_, F>) -> Taken<F> {
        let taken = match (frame.header().user(), &mut self.held) {
            (User::Tunnel, _) => self.takeover.take_tunnel(frame, stats, out),
            (_, None) => take_apart(frame, &mut self.reassembly, stats, out),
            (_, Some(held)) if held.bytes >= MAX_HELD_BYTES => {
                out.spent.push_back(frame);
                return Taken::Broken;
            }
            (_, Some(held)) => {
                held.bytes = held.bytes.saturating_add(frame.len());
                let mut aside = Out {
                    wire: out.wire,
                    up: &mut held.list,
                    spent: out.spent,
                };
                take_apart(frame, &mut self.reassembly, stats, &mut aside)
            }
        };
        if matches!(taken, Taken::Whole) {
            self.pass_over(stats);
        }
        taken
    }
}

/// Puts what is in `frame` into `out.up`: the message itself, those in a bundle, or one whose last
/// part this is.
pub(super) fn take_apart<F: Frame>(
    frame: F,
    reassembly: &mut Reassembly<F>,
    stats: &mut Stats,
    out: &mut Out<'_, F>,
) -> Taken<F> {
    match frame.header().user() {
        User::Bundle => take_bundle(frame, stats, out),
        User::Fragment => {
            let Some(part) = Fragment::part(frame.header()) else {
                out.spent.push_back(frame);
                return Taken::Broken;
            };
            let result = match reassembly.add(part, frame) {
                Assembled::More => Taken::Whole,
                Assembled::Whole(message) => {
                    count(&mut stats.received.fragmented);
                    deliver(message, stats, out);
                    Taken::Whole
                }
                Assembled::NoMemory(frame) => return Taken::NoMemory(frame),
                Assembled::Broken(frame) => {
                    out.spent.push_back(frame);
                    Taken::Broken
                }
            };
            count(&mut stats.received.fragments);
            result
        }
        _ => {
            deliver(frame, stats, out);
            Taken::Whole
        }
    }
}

fn take_bundle<F: Frame>(frame: F, stats: &mut Stats, out: &mut Out<'_, F>) -> Taken<F> {
    let mut inner = F::List::default();
    if bundle::open(&frame, &mut inner) == Err(Refused::NoMemory) {
        return Taken::NoMemory(frame);
    }
    let counted = Bundle::read(frame.header()).map_or(0, |bundle| bundle.count);
    count(&mut stats.received.bundles);
    add(&mut stats.received.bundled, usize::from(counted));
    while let Some(message) = inner.pop_front() {
        deliver(message, stats, out);
    }
    out.spent.push_back(frame);
    Taken::Whole
}

/// A whole message goes up, if there is anybody who can want it.
fn deliver<F: Frame>(frame: F, stats: &mut Stats, out: &mut Out<'_, F>) {
    match frame.header().user() {
        User::Data(_) | User::Connection | User::Group | User::Names | User::Broadcast => {
            out.up.push_back(frame);
        }
        User::Bundle
        | User::Fragment
        | User::Tunnel
        | User::Link
        | User::Discovery
        | User::Crypto
        | User::Unknown => {
            count(&mut stats.unwanted);
            out.spent.push_back(frame);
        }
    }
}
