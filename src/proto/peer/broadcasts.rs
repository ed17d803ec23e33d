// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! Broadcasts of one peer, and what it is told of ours.
//!
//! In: broadcast packets, and the first packets of a link; out: whole messages, state messages.
//! Replaces C `node.c:tipc_node_bc_rcv` and `tipc_node_bc_sync_rcv`, and C
//! `link.c:tipc_link_build_bc_init_msg`.

use super::{News, Peer, PeerOut};
use crate::proto::broadcast::{Outcome, Sender, Tell};
use crate::proto::frame::{Frame, FrameList, Out};
use crate::proto::link::{Events, DEFAULT_TOLERANCE, PATIENCE};
use crate::proto::vocab::{BearerId, Instant, PortId, SeqNo};
use crate::proto::wire::{BroadcastState, User};

impl<F: Frame> Peer<F> {
    /// The same before broadcasts of the peer are received: it will say from which one on, in the
    /// sequence of the link, so that everything after that knows.
    #[cold]
    #[inline(never)]
    pub(super) fn rx_first(
        &mut self,
        bearer: BearerId,
        frame: F,
        now: Instant,
        out: &mut PeerOut<'_, F>,
    ) -> Events {
        let mut messages = F::List::default();
        let mut aside = PeerOut {
            wire: out.wire,
            up: &mut messages,
            spent: out.spent,
        };
        let events = match self.link_at(bearer, now).zip(aside.of(bearer)) {
            Some(((link, context), mut aside)) => link.rx(frame, &context, &mut aside),
            None => {
                aside.spent.push_back(frame);
                Events::NONE
            }
        };
        while let Some(message) = messages.pop_front() {
            match message.header().user() {
                User::Broadcast => {
                    let state = BroadcastState::read(message.header());
                    if let Some(state) = state {
                        self.broadcast.receiver.begin(state.last_sent);
                    }
                    out.spent.push_back(message);
                    continue;
                }
                // An old node does not say it.
                User::Names => self.broadcast.receiver.begin_as_expected(),
                _ => {}
            }
            out.up.push_back(message);
        }
        events
    }

    /// A broadcast packet of the peer has come in on `bearer`. It has passed the door, and is of
    /// the own network.
    pub fn rx_broadcast(
        &mut self,
        bearer: BearerId,
        frame: F,
        now: Instant,
        out: &mut PeerOut<'_, F>,
    ) -> News {
        let header = frame.header();
        if header.previous_node() != self.address || header.user() == User::Broadcast {
            if header.previous_node() == self.address && header.dest_node() == Some(self.own) {
                self.broadcast.on_lack(header);
            }
            out.spent.push_back(frame);
            return News::NONE;
        }
        let own = self.own;
        let tell = match out.of(bearer) {
            Some(mut out) => self.broadcast.receiver.rx(frame, own, &mut out),
            None => Tell(false),
        };
        self.tell(tell, bearer, now, out);
        News::NONE
    }

    /// Tells the peer what has come of its broadcasts.
    fn tell(&mut self, tell: Tell, bearer: BearerId, now: Instant, out: &mut PeerOut<'_, F>) {
        if let Some(((link, context), mut out)) = self.link_at(bearer, now).zip(out.of(bearer)) {
            if tell.0 {
                link.tell_state(&context, &mut out);
            }
        }
    }

    /// Whether the sender of broadcasts has to know of the last call, also which bearers lead to the
    /// peer now: then `share` must be called.
    pub fn has_for_sender(&self, news: News) -> bool {
        self.broadcast.has_heard()
            || news.has(News::LOST)
            || news.touches(News::LINKS)
            || self.slots.is_up() != self.broadcast.acker.counts()
    }

    /// Gives the sender of broadcasts what the last call, with these news, has to say to it. What is
    /// to be broadcast goes to `wire`. All news of the call, and what the sender says.
    pub fn share(
        &mut self,
        news: News,
        (sender, network): (&mut Sender<F>, u32),
        now: Instant,
        wire: &mut F::List,
        out: &mut PeerOut<'_, F>,
    ) -> (News, Outcome) {
        let patience = self.patience();
        let mut news = news;
        let mut outcome = Outcome::default();
        if news.has(News::LOST) {
            outcome = self.leave(sender, now, wire, out);
        }
        let own = &mut *out.wire;
        let mut all = Out {
            wire,
            up: out.up,
            spent: out.spent,
        };
        let heard = self
            .broadcast
            .report(sender, (patience, own), now, &mut all);
        outcome.room |= heard.room;
        if heard.failed {
            news = news.or(self.fail_all(now, out));
        }
        if self.slots.is_up() && !self.broadcast.acker.counts() {
            let last = sender.join(&mut self.broadcast.acker, network);
            news = news.or(self.begin_broadcasts(last, now, out));
        }
        if !self.slots.is_up() {
            outcome.room |= self.leave(sender, now, wire, out).room;
        }
        (news, outcome)
    }

    /// Nobody waits for the peer's acknowledgements any more.
    fn leave(
        &mut self,
        sender: &mut Sender<F>,
        now: Instant,
        wire: &mut F::List,
        out: &mut PeerOut<'_, F>,
    ) -> Outcome {
        let mut all = Out {
            wire,
            up: out.up,
            spent: out.spent,
        };
        sender.leave(&mut self.broadcast.acker, now, &mut all)
    }

    /// There is contact, and what is broadcast after packet `last` is for the peer, too: it is told
    /// so, by the first packet of the link.
    fn begin_broadcasts(&mut self, last: SeqNo, now: Instant, out: &mut PeerOut<'_, F>) -> News {
        self.broadcast.last_sent = last;
        let state = BroadcastState {
            from: self.own,
            to: self.address,
            last_sent: last,
            ack_invalid: true,
            non_sequenced: false,
            gap: None,
        };
        let mut list = F::List::default();
        match F::new(&state.write(), &[], 0) {
            Some(frame) => list.push_back(frame),
            // Without it the peer would hear nothing: another time.
            None => return self.fail_all(now, out),
        }
        let (sent, news) = self.send(&mut list, PortId(0), now, out);
        match sent {
            Ok(_) => news,
            Err(_) => news.or(self.fail_all(now, out)),
        }
    }

    /// Milliseconds for which a broadcast may be sent to the peer again and again.
    fn patience(&self) -> u32 {
        let links = self.links.iter().flatten();
        let tolerance = links.map(|slot| slot.link.tolerance()).max();
        let tolerance = tolerance.unwrap_or(DEFAULT_TOLERANCE);
        tolerance.saturating_mul(PATIENCE)
    }
}
