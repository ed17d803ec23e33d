// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! Room `broadcast`: one stream of packets from each node to all its neighbours.
//!
//! In: messages for everybody, broadcast packets of neighbours, and what their links' messages say
//! of broadcasts; out: packets, whole messages, acknowledgements for the links to carry. Replaces C
//! `bcast.c` and what C `link.c` does for broadcast links.
//!
//! `sender` is the own stream, one for the namespace and the content of one lock. `Exchange` is
//! what goes on with one neighbour and is part of `peer`: `receiver` takes the neighbour's stream,
//! `acker` knows what it has of ours. `method` says which bearers a broadcast takes, and when
//! copies are sent to each node instead.
//!
//! The caller holds the lock of the peer, takes the sender's over it, and sees to it that
//! - `Exchange::last_sent` is set before each call of the peer,
//! - after each call `Peer::share` is called if the peer says so: it lets the neighbour join and
//!   leave, and gives the sender what was heard,
//! - after `Outcome::room` as many senders are woken as `Sender::take_senders` says.
#![deny(clippy::arithmetic_side_effects, clippy::indexing_slicing)]
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod acker;
mod method;
mod receiver;
mod sender;

use crate::proto::frame::{Frame, FrameList, Out};
use crate::proto::link::{BroadcastView, Broadcasts, DEFAULT_TOLERANCE, PATIENCE};
use crate::proto::vocab::{BearerId, Instant, SeqNo, MAX_BEARERS};
use crate::proto::wire::{Body, BroadcastState, GapRecord, Header, Protocol};

pub use acker::Acker;
pub use method::{Carrier, Carriers, Choice, Method, Mode, Routes, DEFAULT_RATIO};
pub use receiver::{Receiver, Tell};
pub use sender::{Arrived, Outcome, Sender, MAX_MTU, WINDOW};

/// Milliseconds that a neighbour has, at least, to acknowledge a broadcast it does not ask for.
const SHORTEST_PATIENCE: u32 = DEFAULT_TOLERANCE.saturating_mul(PATIENCE);

/// What a neighbour's packet says of our broadcasts.
enum Heard<F> {
    /// Nothing new.
    Nothing,
    /// Everything up to this one has arrived.
    Ack(SeqNo),
    /// More than that: a state message, whether it has gap/ack blocks, and the bearer it came by.
    State(F, bool, BearerId),
    /// What lacks, from an old neighbour that says so by broadcast: after the first up to the last.
    Lacks(SeqNo, SeqNo),
    /// Nothing, although time has passed and something is missing.
    Silence,
}

/// Broadcasts from and to one neighbour.
pub struct Exchange<F: Frame> {
    /// What comes from it.
    pub receiver: Receiver<F>,
    /// What it has of ours.
    pub acker: Acker,
    /// The last packet that was broadcast, as far as the caller has told.
    pub last_sent: SeqNo,
    heard: Heard<F>,
}

impl<F: Frame> Broadcasts for Exchange<F> {
    fn view(&self) -> BroadcastView<'_> {
        let receiver = &self.receiver;
        let behind = self.acker.counts() && self.acker.acked() != self.last_sent;
        BroadcastView {
            ack: receiver.last(),
            last_sent: self.last_sent,
            up: receiver.is_up(),
            gap: receiver.gap(),
            gaps: Some(receiver.gaps()),
            pending: behind || receiver.unacked() > 0,
        }
    }
}

impl<F: Frame> Exchange<F> {
    /// Nothing goes on.
    pub fn new() -> Self {
        Exchange {
            receiver: Receiver::new(),
            acker: Acker::new(),
            last_sent: SeqNo(0),
            heard: Heard::Nothing,
        }
    }

    /// Whether there is something to `report`.
    pub fn has_heard(&self) -> bool {
        !matches!(self.heard, Heard::Nothing)
    }

    fn listens(&self) -> bool {
        self.acker.is_open() && self.receiver.is_up()
    }

    /// A packet of a link has come, which acknowledges broadcasts up to `ack`.
    pub fn on_ack(&mut self, ack: SeqNo) {
        if ack != self.acker.acked() && self.listens() {
            self.heard = Heard::Ack(ack);
        }
    }

    /// A message of the link protocol has come. Whether the neighbour is to be told at once what has
    /// come of its broadcasts; and whether the message has more to say, so that `keep` gets it.
    pub fn on_protocol(&mut self, message: &Protocol<'_>, knows_when: bool) -> (Tell, bool) {
        let Body::State(report) = &message.body else {
            // An old neighbour says where it is when it sets up a link.
            if !knows_when && !message.broadcast.node_up {
                self.receiver.expect(message.broadcast.last_sent);
            }
            return (Tell(false), false);
        };
        if !self.receiver.is_up() || message.broadcast.ack_invalid {
            return (Tell(false), false);
        }
        let news = message.broadcast.ack != self.acker.acked()
            || report.broadcast_gap > 0
            || report.gaps.broadcast().next().is_some();
        let keep = news && self.acker.is_open();
        // It has our first packet, and so knows where we are.
        if message.progress.ack != SeqNo(0) {
            self.acker.open();
        }
        if !self.acker.is_open() {
            return (Tell(false), keep);
        }
        let tell = self
            .receiver
            .on_progress(message.broadcast.last_sent.next());
        (Tell(tell.0 && !report.probe), keep)
    }

    /// Time has passed. Also when the neighbour has all that was sent: there may be something that
    /// memory was refused for.
    pub fn tick(&mut self) {
        if self.acker.counts() && !self.has_heard() {
            self.heard = Heard::Silence;
        }
    }

    /// Keeps a state message that came by `bearer` for `report`; `blocks` says whether it has gap/ack
    /// blocks.
    pub fn keep(&mut self, state: F, blocks: bool, bearer: BearerId) {
        self.heard = Heard::State(state, blocks, bearer);
    }

    /// An old neighbour has broadcast what it lacks.
    pub fn on_lack(&mut self, header: Header<'_>) {
        let state = BroadcastState::read(header);
        let gap = state.and_then(|state| state.gap);
        if let Some((_, to)) = gap.filter(|_| self.listens()) {
            self.heard = Heard::Lacks(header.broadcast_ack(), to);
        }
    }

    /// Gives the sender what was heard. `patience` is how long a packet may be sent again, in ms. `own`
    /// is what leaves for this neighbour only, by bearer.
    pub fn report(
        &mut self,
        sender: &mut Sender<F>,
        (patience, own): (u32, &mut [F::List; MAX_BEARERS]),
        now: Instant,
        out: &mut Out<'_, F>,
    ) -> Outcome {
        let acker = &mut self.acker;
        match core::mem::replace(&mut self.heard, Heard::Nothing) {
            Heard::Nothing => Outcome::default(),
            Heard::Silence => Outcome {
                failed: sender.is_stuck(acker, now, patience.max(SHORTEST_PATIENCE)),
                ..sender.tick(now, out)
            },
            Heard::Ack(ack) => {
                let arrived = Arrived {
                    ack,
                    gap: 0,
                    blocks: core::iter::empty(),
                };
                sender.on_arrived(acker, arrived, (patience, None), now, out)
            }
            Heard::Lacks(ack, to) => {
                let arrived = Arrived {
                    ack,
                    gap: to.since(ack),
                    blocks: core::iter::empty(),
                };
                sender.on_arrived(acker, arrived, (patience, None), now, out)
            }
            Heard::State(frame, blocks, bearer) => {
                let only = own.get_mut(bearer.place());
                let only = only.filter(|_| sender.repeats_to_one);
                let before = sender.stats().repeated;
                let outcome = {
                    let header = frame.header();
                    let data = frame.data().unwrap_or(&[]);
                    let record = GapRecord::read(data).filter(|_| blocks);
                    let record = record.map(|(record, _)| record);
                    let record = record.unwrap_or_default();
                    let arrived = Arrived {
                        ack: header.broadcast_ack(),
                        gap: header.broadcast_gap(),
                        blocks: record.broadcast(),
                    };
                    sender.on_arrived(acker, arrived, (patience, only), now, out)
                };
                let repeated = sender.stats().repeated.wrapping_sub(before);
                self.receiver.count_repeats(frame.header(), repeated);
                out.spent.push_back(frame);
                outcome
            }
        }
    }
}
