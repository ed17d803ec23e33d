// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! The sending half of a link: numbering, the window, what waits for it, and what is on its way.
//!
//! In: packets from above, acknowledgements from the peer; out: packets for the bearer. Replaces C
//! `link.c:tipc_link_xmit`, `tipc_link_advance_backlog` and `link_prepare_wakeup`.

use super::bundle::{self, Joined};
use super::stats::{add, count, Stats};
use super::window::Window;
use crate::proto::frame::{Frame, FrameList, Note, Out};
use crate::proto::vocab::{Instant, Level, NodeAddr, SeqNo};
use crate::proto::wire::{mark_broadcast, Header, Stamp};

/// A packet is not sent again sooner than this after it was sent, in ms (C `TIPC_UC_RETR_TIME`).
const REPEAT_PAUSE: u32 = 1;
/// The same of what was broadcast (C `TIPC_BC_RETR_LIM`).
const BROADCAST_PAUSE: u32 = 10;

/// Whom a sending half sends to.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// The other end of a link.
    One,
    /// All nodes of a network, so many of which acknowledge what is sent.
    All {
        /// The network.
        network: u32,
        /// The peers that acknowledge.
        peers: u16,
    },
}

impl Audience {
    /// Milliseconds within which a packet is not sent again.
    pub fn pause(self) -> u32 {
        match self {
            Audience::One => REPEAT_PAUSE,
            Audience::All { .. } => BROADCAST_PAUSE,
        }
    }

    fn mark(self, header: &mut [u8]) {
        if let Audience::All { network, .. } = self {
            mark_broadcast(header, network);
        }
    }

    /// What the sender writes on a packet that it keeps.
    fn note(self, note: &mut Note, now: Instant) {
        note.not_before = now.after(self.pause());
        note.repeats = 0;
        if let Audience::All { peers, .. } = self {
            note.ackers = peers;
        }
    }
}

/// Names a node may have (C `core.h:TIPC_MAX_PUBL`) and bytes of each in a message: all of them must
/// fit into the backlog at the system's level.
const MAX_NAMES: u32 = 65535;
const NAME_BYTES: u32 = 20;

/// What the header of every packet says besides its own number.
#[derive(Clone, Copy, Default)]
pub struct Acks {
    /// The last packet received from the peer.
    pub packet: SeqNo,
    /// The last broadcast received from the peer.
    pub broadcast: SeqNo,
}

/// Packets of one level that wait for the window.
#[derive(Clone, Copy, Default)]
struct Waiting {
    packets: u32,
    limit: u32,
    /// Senders that have been told to wait.
    senders: u32,
}

/// The sending half.
pub struct SendHalf<F: Frame> {
    /// On their way: numbered, sent, not acknowledged.
    pub transmit: F::List,
    /// Waiting, in order, not numbered. Empty unless the window is full or memory was refused.
    backlog: F::List,
    waiting: [Waiting; Level::COUNT],
    pub(super) next: SeqNo,
    /// The window.
    pub window: Window,
    /// Whom it sends to.
    pub audience: Audience,
}

impl<F: Frame> SendHalf<F> {
    /// An empty one, whose first packet has number 1.
    pub fn new(window: Window) -> Self {
        SendHalf {
            transmit: F::List::default(),
            backlog: F::List::default(),
            waiting: [Waiting::default(); Level::COUNT],
            next: SeqNo(1),
            window,
            audience: Audience::One,
        }
    }

    /// The number the next packet will have.
    pub fn next(&self) -> SeqNo {
        self.next
    }

    /// Packets on their way.
    pub fn in_flight(&self) -> usize {
        self.transmit.len()
    }

    /// Packets on their way or waiting.
    pub fn queued(&self) -> usize {
        self.transmit.len().saturating_add(self.backlog.len())
    }

    /// Packets waiting.
    pub fn backlog(&self) -> usize {
        self.backlog.len()
    }

    /// Whether the first packet on its way was sent more than `patience` ms ago, and neither
    /// acknowledged nor asked for since.
    pub fn is_stuck(&mut self, now: Instant, patience: u32) -> bool {
        let oldest = self.transmit.front_note();
        oldest.is_some_and(|oldest| now > oldest.not_before.after(patience))
    }

    /// The first packet on its way.
    pub fn oldest(&self) -> Option<&F> {
        self.transmit.front()
    }

    /// Sets the limits of the backlog: multiples of the smallest window for user data, and for the
    /// system's level all names of a node in packets of `mtu` bytes.
    pub fn set_limits(&mut self, mtu: u32) {
        let window = u32::from(self.window.min());
        let names = mtu.checked_div(NAME_BYTES).unwrap_or(1).max(1);
        let system = MAX_NAMES.checked_div(names).unwrap_or(MAX_NAMES);
        let limits = [2u32, 4, 6, 8].map(|times| window.saturating_mul(times));
        let [low, medium, high, critical] = limits;
        for (level, limit) in self
            .waiting
            .iter_mut()
            .zip([low, medium, high, critical, system])
        {
            level.limit = limit;
        }
    }

    fn level(&mut self, level: Level) -> Option<&mut Waiting> {
        self.waiting.get_mut(level.number() as usize)
    }

    /// Whether a message of `level` finds the backlog at its limit.
    pub fn is_full(&mut self, level: Level) -> bool {
        self.level(level).is_some_and(|w| w.packets >= w.limit)
    }

    /// One more sender of `level` waits.
    pub fn add_sender(&mut self, level: Level) {
        if let Some(waiting) = self.level(level) {
            waiting.senders = waiting.senders.saturating_add(1);
        }
    }

    /// Whether senders wait that may go on.
    pub fn has_room(&self) -> bool {
        self.waiting
            .iter()
            .any(|w| w.senders > 0 && w.packets < w.limit)
    }

    /// How many senders of each level may go on, one for each packet there is room for. They do not
    /// wait any more.
    pub fn take_senders(&mut self) -> [u32; Level::COUNT] {
        let mut out = [0; Level::COUNT];
        for (to, waiting) in out.iter_mut().zip(self.waiting.iter_mut()) {
            let room = waiting.limit.saturating_sub(waiting.packets);
            *to = waiting.senders.min(room);
            waiting.senders = waiting.senders.saturating_sub(*to);
        }
        out
    }

    /// Empties it and begins at number 1; all senders may go on.
    pub fn reset(&mut self, spent: &mut F::List) -> [u32; Level::COUNT] {
        spent.append(&mut self.transmit);
        spent.append(&mut self.backlog);
        self.next = SeqNo(1);
        let mut out = [0; Level::COUNT];
        for (to, waiting) in out.iter_mut().zip(self.waiting.iter_mut()) {
            *to = waiting.senders;
            waiting.senders = 0;
            waiting.packets = 0;
        }
        out
    }

    /// The next packet will have number `next`. It must be empty.
    pub fn begin_at(&mut self, next: SeqNo) {
        self.next = next;
    }

    /// Takes `frames`, one message: sends what the window allows and keeps the rest.
    pub fn send(
        &mut self,
        frames: &mut F::List,
        most: usize,
        peer: NodeAddr,
        at: (Instant, Acks),
        stats: &mut Stats,
        out: &mut Out<'_, F>,
    ) {
        while let Some(frame) = frames.pop_front() {
            self.send_one(frame, most, peer, at, stats, out);
        }
    }

    /// The same for one packet.
    #[inline]
    pub fn send_one(
        &mut self,
        frame: F,
        most: usize,
        peer: NodeAddr,
        at: (Instant, Acks),
        stats: &mut Stats,
        out: &mut Out<'_, F>,
    ) {
        let left = match self.backlog.is_empty() {
            true => self.transmit(frame, at, stats, out),
            false => Some(frame),
        };
        if let Some(frame) = left {
            self.wait(frame, most, peer, stats, out);
        }
    }

    /// Sends one packet, unless the window is full or there is no memory: then it is given back. Most
    /// messages are one packet, for which nothing is to be prepared as for many.
    #[inline(never)]
    fn transmit(
        &mut self,
        mut frame: F,
        (now, acks): (Instant, Acks),
        stats: &mut Stats,
        out: &mut Out<'_, F>,
    ) -> Option<F> {
        if self.transmit.len() >= self.window.size() {
            return Some(frame);
        }
        let Some(header) = frame.private() else {
            return Some(frame);
        };
        self.stamp(acks).write(header);
        self.audience.mark(header);
        let Some(copy) = frame.share() else {
            return Some(frame);
        };
        self.audience.note(frame.note(), now);
        self.transmit.push_back(frame);
        out.wire.push_back(copy);
        self.next = self.next.next();
        count(&mut stats.sent.packets);
        None
    }

    fn stamp(&self, acks: Acks) -> Stamp {
        Stamp {
            seqno: self.next,
            ack: acks.packet,
            broadcast_ack: acks.broadcast,
        }
    }

    /// Keeps a packet for later, in a bundle with the last one if both may share. (C lets it join
    /// the last of its level even when others have come in between.)
    #[cold]
    #[inline(never)]
    fn wait(
        &mut self,
        frame: F,
        most: usize,
        peer: NodeAddr,
        stats: &mut Stats,
        out: &mut Out<'_, F>,
    ) {
        let level = frame.header().level();
        let mut frame = frame;
        if bundle::may_share(&frame, most) {
            let last = self.backlog.back();
            if last.is_some_and(|last| last.header().level() == level) {
                match bundle::join(&mut self.backlog, frame, most, peer) {
                    Joined::Old(left) => {
                        count(&mut stats.sent.bundled);
                        return out.spent.push_back(left);
                    }
                    Joined::New(left) => {
                        count(&mut stats.sent.bundles);
                        add(&mut stats.sent.bundled, 2);
                        return out.spent.push_back(left);
                    }
                    Joined::Not(left) => frame = left,
                }
            }
        }
        if let Some(waiting) = self.level(level) {
            waiting.packets = waiting.packets.saturating_add(1);
        }
        self.backlog.push_back(frame);
    }

    /// Sends what waits, as far as the window allows. Whether anything was sent.
    pub fn advance(
        &mut self,
        at: (Instant, Acks),
        stats: &mut Stats,
        out: &mut Out<'_, F>,
    ) -> bool {
        let mut sent = false;
        while self.transmit.len() < self.window.size() {
            let stamp = self.stamp(at.1);
            let Some(frame) = self.backlog.front() else {
                break;
            };
            let level = frame.header().level();
            // Nothing is taken off before there is memory to send it.
            let copy = match self.backlog.front_private() {
                Some(header) => {
                    stamp.write(header);
                    self.audience.mark(header);
                    self.backlog.front().and_then(Frame::share)
                }
                None => None,
            };
            let Some(copy) = copy else { break };
            let Some(mut frame) = self.backlog.pop_front() else {
                break;
            };
            if let Some(waiting) = self.level(level) {
                waiting.packets = waiting.packets.saturating_sub(1);
            }
            self.audience.note(frame.note(), at.0);
            self.transmit.push_back(frame);
            out.wire.push_back(copy);
            self.next = self.next.next();
            count(&mut stats.sent.packets);
            sent = true;
        }
        sent
    }

    /// Tells the window of `released` packets, and sends what it now allows.
    pub fn grow(&mut self, released: u16) {
        let queued = self.queued();
        let holes = self.transmit.front().is_some_and(|first| {
            usize::from(self.next.since(first.header().seqno())) != self.transmit.len()
        });
        self.window.on_ack(released, queued, holes);
    }

    /// Takes everything that is on its way or waiting, in order and numbered, for another link to
    /// carry. None, and nothing is done, if there is no memory to number it.
    pub fn hand_over(&mut self) -> Option<F::List> {
        let mut list = F::List::default();
        let mut next = self.next;
        let mut numbered = F::List::default();
        while let Some(mut frame) = self.backlog.pop_front() {
            let done = match frame.private() {
                Some(header) => {
                    let stamp = Stamp {
                        seqno: next,
                        ..Stamp::of(Header::of(header))
                    };
                    stamp.write(header);
                    true
                }
                None => false,
            };
            numbered.push_back(frame);
            if !done {
                numbered.append(&mut self.backlog);
                self.backlog = numbered;
                return None;
            }
            next = next.next();
        }
        list.append(&mut self.transmit);
        list.append(&mut numbered);
        self.next = next;
        Some(list)
    }
}
