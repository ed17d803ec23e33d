// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! The broadcast link: one stream of packets to all neighbours, each of which acknowledges it.
//!
//! In: messages for everybody, acknowledgements of neighbours; out: packets to be broadcast. A
//! packet is kept until the slowest neighbour has it. Replaces C `bcast.c:tipc_bcast_xmit` and
//! `link.c:tipc_link_add_bc_peer`, `tipc_link_remove_bc_peer`, `tipc_link_bc_ack_rcv` and the
//! broadcast half of `tipc_link_advance_transmq`.

use super::acker::Acker;
use crate::proto::frame::{Frame, FrameList, Out};
use crate::proto::link::{
    add_to, count_one, has_failed, repeat, Acks, Audience, SendError, SendHalf, Sent, Stats, Window,
};
use crate::proto::vocab::{Instant, Level, NodeAddr, SeqNo};
use crate::proto::wire::{Gap, INTERNAL_HEADER};

/// The window in packets, which does not grow (C `bcast.c:BCLINK_WIN_DEFAULT`).
pub const WINDOW: u16 = 50;

/// The largest packet as long as no bearer says otherwise: what fits into a page with what the
/// kernel puts around it (C `msg.c:one_page_mtu`).
pub const MAX_MTU: u32 = 3520;

/// Bytes of a packet left free for a tunnel's header, should it go by replicast, and for encryption.
const RESERVE: u32 = INTERNAL_HEADER as u32 + 32;

/// What a neighbour says has arrived: everything up to `ack`, not the `gap` packets behind it, and
/// then what the blocks say.
pub struct Arrived<I> {
    /// Up to here everything has arrived.
    pub ack: SeqNo,
    /// So many packets are missing after it.
    pub gap: u16,
    /// What has arrived behind them.
    pub blocks: I,
}

/// What an acknowledgement did.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
#[must_use]
pub struct Outcome {
    /// Senders may go on: wake as many as `take_senders` says.
    pub room: bool,
    /// The neighbour does not get on: its links must begin anew.
    pub failed: bool,
}

/// Where packets with a certain number are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Arrived,
    Missing,
    Unknown,
}

/// The sending end of the broadcast link.
pub struct Sender<F: Frame> {
    send: SendHalf<F>,
    stats: Stats,
    network: u32,
    peers: u16,
    mtu: u32,
    /// Whether a packet is sent again to the neighbour that misses it only.
    pub repeats_to_one: bool,
    /// Senders to wake, of what was given up.
    woken: [u32; Level::COUNT],
}

impl<F: Frame> Sender<F> {
    /// One without neighbours.
    pub fn new() -> Self {
        let mut send = SendHalf::new(Window::new(WINDOW, WINDOW));
        send.set_limits(MAX_MTU);
        Sender {
            send,
            stats: Stats::default(),
            network: 0,
            peers: 0,
            mtu: MAX_MTU,
            repeats_to_one: false,
            woken: [0; Level::COUNT],
        }
    }

    /// The neighbours that get what is sent.
    pub fn peers(&self) -> u16 {
        self.peers
    }

    /// The number of the last packet sent.
    pub fn last_sent(&self) -> SeqNo {
        self.send.next().previous()
    }

    /// Packets that are on their way or wait.
    pub fn queued(&self) -> usize {
        self.send.queued()
    }

    /// What it has counted.
    pub fn stats(&self) -> &Stats {
        &self.stats
    }

    /// Counts from 0 again.
    pub fn reset_stats(&mut self) {
        self.stats = Stats::default();
    }

    /// The send window.
    pub fn window(&self) -> &Window {
        &self.send.window
    }

    /// Sets the largest window, which is shown; it does not grow, as C's does not.
    pub fn set_window(&mut self, max: u16) {
        let min = self.send.window.min();
        self.send.window = Window::new(min, max);
        self.send.set_limits(self.mtu);
    }

    /// The largest packet, in bytes.
    pub fn mtu(&self) -> u32 {
        self.mtu
    }

    /// The largest packet users may make, in bytes.
    pub fn mss(&self) -> u32 {
        self.mtu.saturating_sub(RESERVE)
    }

    /// Packets must not be larger than this from now on.
    pub fn limit_mtu(&mut self, mtu: u32) {
        if mtu < self.mtu {
            self.mtu = mtu;
            self.send.set_limits(mtu);
        }
    }

    /// Whether no more of this level should be sent for now.
    pub fn is_full(&mut self, level: Level) -> bool {
        self.send.is_full(level)
    }

    /// How many senders of each level to wake.
    pub fn take_senders(&mut self) -> [u32; Level::COUNT] {
        let mut out = core::mem::replace(&mut self.woken, [0; Level::COUNT]);
        for (to, more) in out.iter_mut().zip(self.send.take_senders()) {
            *to = to.saturating_add(more);
        }
        out
    }

    /// There is contact with a neighbour of network `network`. The number of the last packet it
    /// need not have.
    pub fn join(&mut self, acker: &mut Acker, network: u32) -> SeqNo {
        if !acker.counts() {
            self.peers = self.peers.saturating_add(1);
        }
        self.network = network;
        self.address();
        acker.join(self.last_sent());
        self.last_sent()
    }

    fn address(&mut self) {
        self.send.audience = Audience::All {
            network: self.network,
            peers: self.peers,
        };
    }

    /// Contact with a neighbour is lost: nobody waits for its acknowledgements any more.
    pub fn leave(&mut self, acker: &mut Acker, now: Instant, out: &mut Out<'_, F>) -> Outcome {
        let left = acker.leave();
        if !left.counts() {
            return Outcome::default();
        }
        self.peers = self.peers.saturating_sub(1);
        self.address();
        if self.peers == 0 {
            // Nobody is left to send to: the senders go on. One number is passed over, so that a
            // neighbour that still listens takes nothing of what comes for what was given up. (C
            // begins at 1 again, and such a neighbour may take that for what it expects.)
            let next = self.send.next().next();
            let senders = self.send.reset(out.spent);
            self.send.begin_at(next);
            for (to, more) in self.woken.iter_mut().zip(senders) {
                *to = to.saturating_add(more);
            }
            self.mtu = MAX_MTU;
            self.send.set_limits(MAX_MTU);
            self.stats = Stats::default();
            return Outcome {
                room: senders.iter().any(|count| *count > 0),
                failed: false,
            };
        }
        let mut kept = F::List::default();
        while let Some(mut frame) = self.send.transmit.pop_front() {
            let seqno = frame.header().seqno();
            match left.has(seqno) || !acknowledge(&mut frame) {
                true => kept.push_back(frame),
                false => out.spent.push_back(frame),
            }
        }
        self.send.transmit = kept;
        self.go_on(now, out)
    }

    /// Sends one message, in one packet or in fragments. What is not taken goes to `out.spent`,
    /// without neighbours everything; but what is too large stays where it is.
    pub fn send(
        &mut self,
        frames: &mut F::List,
        now: Instant,
        out: &mut Out<'_, F>,
    ) -> Result<Sent, SendError> {
        let Some(first) = frames.front() else {
            return Ok(Sent::Done);
        };
        let (len, level) = (first.len(), first.header().level());
        let result = if self.peers == 0 {
            Some(Ok(Sent::Done))
        } else if len > self.mtu as usize {
            Some(Err(SendError::TooLarge {
                most: self.mss() as usize,
            }))
        } else if level == Level::System && self.send.is_full(level) {
            Some(Err(SendError::Overflow))
        } else {
            None
        };
        if let Some(result) = result {
            if !matches!(result, Err(SendError::TooLarge { .. })) {
                out.spent.append(frames);
            }
            return result;
        }
        let wait = self.send.is_full(level);
        if wait {
            self.send.add_sender(level);
            count_one(&mut self.stats.congested);
        }
        if frames.len() > 1 {
            count_one(&mut self.stats.sent.fragmented);
            add_to(&mut self.stats.sent.fragments, frames.len());
        }
        let (most, at) = (self.mss() as usize, (now, Acks::default()));
        self.send
            .send(frames, most, NodeAddr::NONE, at, &mut self.stats, out);
        Ok(if wait { Sent::Wait } else { Sent::Done })
    }

    /// A neighbour says what has arrived. What it misses is sent again, to all or by `only`, unless
    /// that was done a moment ago. `patience` is how long the oldest packet may be sent again, in ms.
    pub fn on_arrived<I: Iterator<Item = Gap>>(
        &mut self,
        acker: &mut Acker,
        mut arrived: Arrived<I>,
        (patience, only): (u32, Option<&mut F::List>),
        now: Instant,
        out: &mut Out<'_, F>,
    ) -> Outcome {
        let ack = arrived.ack;
        let sent = self.last_sent().since(acker.acked());
        // Old news, or what was not sent. (C believes that.)
        if !acker.is_open() || !acker.counts() || ack.since(acker.acked()) > sent {
            return Outcome::default();
        }
        if arrived.gap > 0 {
            count_one(&mut self.stats.received.nacks);
        }
        let mut part = Gap {
            ack,
            gap: arrived.gap,
        };
        let (mut kept, mut failed) = (F::List::default(), false);
        let again = match only {
            Some(only) => only,
            None => &mut *out.wire,
        };
        while let Some(mut frame) = self.send.transmit.pop_front() {
            let seqno = frame.header().seqno();
            let found = place(seqno, &mut part, &mut arrived.blocks);
            let had = acker.has(seqno);
            if found == Place::Arrived && !had && (!seqno.more(ack) || acker.put(seqno)) {
                if acknowledge(&mut frame) {
                    out.spent.push_back(frame);
                    continue;
                }
            } else if found == Place::Missing && !had {
                let oldest = kept.is_empty() && seqno == ack.next();
                failed |= oldest && has_failed(&mut frame, now, patience);
                let at = (now, Acks::default());
                if !failed && repeat(&mut frame, self.send.audience.pause(), at, again) {
                    count_one(&mut self.stats.repeated);
                }
            }
            kept.push_back(frame);
            if found == Place::Unknown {
                break;
            }
        }
        kept.append(&mut self.send.transmit);
        self.send.transmit = kept;
        acker.advance(ack);
        Outcome {
            failed,
            ..self.go_on(now, out)
        }
    }

    /// Sends what waited, and says whether senders may go on.
    fn go_on(&mut self, now: Instant, out: &mut Out<'_, F>) -> Outcome {
        let _ = self
            .send
            .advance((now, Acks::default()), &mut self.stats, out);
        Outcome {
            room: self.send.has_room(),
            failed: false,
        }
    }

    /// Time passes: sends what memory was refused for, and looks at what is in the queue.
    pub fn tick(&mut self, now: Instant, out: &mut Out<'_, F>) -> Outcome {
        if self.send.in_flight() > 0 {
            self.stats.profile.sample(self.send.in_flight());
        }
        self.go_on(now, out)
    }

    /// Whether everybody waits for this neighbour for more than `patience` ms. (C waits for ever.)
    pub fn is_stuck(&mut self, acker: &Acker, now: Instant, patience: u32) -> bool {
        let behind = acker.counts() && acker.acked() != self.last_sent();
        let oldest = self.send.oldest().map(|oldest| oldest.header().seqno());
        behind
            && oldest.is_some_and(|oldest| !acker.has(oldest))
            && self.send.is_stuck(now, patience)
    }

    /// Whether this neighbour keeps back the oldest packet.
    pub fn is_slowest(&self, acker: &Acker) -> bool {
        let oldest = self.send.oldest().map(|oldest| oldest.header().seqno());
        acker.counts() && oldest.is_some_and(|oldest| !acker.has(oldest))
    }
}

/// Counts one acknowledgement; whether it was the last.
fn acknowledge<F: Frame>(frame: &mut F) -> bool {
    let note = frame.note();
    note.ackers = note.ackers.saturating_sub(1);
    note.ackers == 0
}

/// Where packet `seqno` is, by the blocks from `part` on.
fn place(seqno: SeqNo, part: &mut Gap, blocks: &mut impl Iterator<Item = Gap>) -> Place {
    while !seqno.less_eq(part.ack.plus(part.gap)) {
        match blocks.next() {
            Some(next) => *part = next,
            None => return Place::Unknown,
        }
    }
    match seqno.less_eq(part.ack) {
        true => Place::Arrived,
        false => Place::Missing,
    }
}
