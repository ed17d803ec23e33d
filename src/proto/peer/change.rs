// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! Links that come up, go down, move and are taken away, and what that means for contact and for
//! the other link.
//!
//! In: what `traffic` heard of a link, and calls of `stack`; out: `News`. Replaces C
//! `node.c:__tipc_node_link_up`, `__tipc_node_link_down`, `tipc_node_link_down` and
//! `node_lost_contact`.

use super::fsm;
use super::slots::Role;
use super::{News, Peer, PeerOut, IDLE_INTERVAL};
use crate::proto::frame::Frame;
use crate::proto::link::{interval, Event, Events, State};
use crate::proto::vocab::{BearerId, Instant, Level, MediaAddr};

impl<F: Frame> Peer<F> {
    /// Adjusts all links to the least tolerant of them; the milliseconds between ticks.
    pub(super) fn set_intervals(&mut self) -> u32 {
        let links = || self.links.iter().flatten();
        let least = links().map(|slot| interval(slot.link.tolerance())).min();
        let Some(interval) = least else {
            return IDLE_INTERVAL;
        };
        for slot in self.links.iter_mut().flatten() {
            slot.link.set_interval(interval);
        }
        interval
    }

    /// Gives the link on `bearer` an event.
    pub(super) fn event(&mut self, bearer: BearerId, event: Event) {
        if let Some(slot) = self.slot_mut(bearer) {
            // That it was up is known to whoever gives the event.
            let _: Events = slot.link.event(event);
        }
    }

    /// The state of the link on `bearer`.
    pub(super) fn state(&self, bearer: BearerId) -> Option<State> {
        Some(self.link(bearer)?.state())
    }

    pub(super) fn is_link_up(&self, bearer: BearerId) -> bool {
        self.state(bearer).is_some_and(State::is_up)
    }

    /// Ends a synchronisation, if one is under way: another takes the link it waits for.
    pub(super) fn end_synch(&mut self, bearer: BearerId) {
        if self.state(bearer) == Some(State::Synching) {
            self.event(bearer, Event::SynchEnd);
        }
        if self.contact.state() == fsm::State::Synching {
            self.contact.on(fsm::Event::SynchEnd);
        }
    }

    /// The link can be taken up.
    #[cold]
    #[inline(never)]
    pub(super) fn on_link_up(
        &mut self,
        bearer: BearerId,
        now: Instant,
        out: &mut PeerOut<'_, F>,
    ) -> News {
        let first = self.first_active();
        let Some(((link, context), mut link_out)) = self.link_at(bearer, now).zip(out.of(bearer))
        else {
            return News::NONE;
        };
        if !link.establish(&context, &mut link_out) {
            return News::NONE;
        }
        let own = link.priority();
        let other = first.and_then(|b| Some(self.link(b)?.priority()));
        let news = News::link_up(bearer);
        match self.slots.on_up(bearer, own, other) {
            Role::First => {
                self.contact.on(fsm::Event::SelfUp);
                self.contacts = self.contacts.wrapping_add(1);
                news.or(News::CONTACT)
            }
            Role::Takes | Role::Shares | Role::Standby => match first {
                Some(first) => news.or(self.begin_synch(first, bearer, now, out)),
                None => news,
            },
        }
    }

    /// The bearer in the first slot.
    pub(super) fn first_active(&self) -> Option<BearerId> {
        self.slots.choose(crate::proto::vocab::PortId(0))
    }

    /// The link is no longer up: whatever it carried goes on over another one, or contact is lost.
    #[cold]
    #[inline(never)]
    pub(super) fn on_link_down(
        &mut self,
        bearer: BearerId,
        now: Instant,
        out: &mut PeerOut<'_, F>,
    ) -> News {
        match self.state(bearer) {
            None => return News::NONE,
            // It was about to be taken up.
            Some(State::Establishing) => {
                self.reset_link(bearer, out);
                return News::NONE;
            }
            Some(state) if state.is_reset() => return News::NONE,
            Some(_) => {}
        }
        let news = News::link_down(bearer);
        let up = |b: &BearerId| *b != bearer && self.is_link_up(*b);
        let left = BearerId::ALL.into_iter().filter(up);
        let mut slots = self.slots;
        slots.on_down(left.filter_map(|b| Some((b, self.link(b)?.priority()))));
        self.slots = slots;
        match self.first_active() {
            Some(tunnel) if self.begin_failover(bearer, tunnel, now, out) => news.or(News::ROOM),
            // There is no memory to carry on with: better no contact than messages lost unnoticed.
            Some(tunnel) => {
                self.event(tunnel, Event::Failure);
                let lost = self.lose(bearer, now, out);
                self.reset_link(tunnel, out);
                news.or(News::link_down(tunnel)).or(lost)
            }
            None => news.or(self.lose(bearer, now, out)),
        }
    }

    /// The last link has gone down: contact is lost.
    fn lose(&mut self, bearer: BearerId, now: Instant, out: &mut PeerOut<'_, F>) -> News {
        self.slots.on_down(core::iter::empty());
        if self.state(bearer) == Some(State::PeerReset) {
            self.contact.on(fsm::Event::PeerLost);
        }
        self.contact.on(fsm::Event::SelfLost);
        self.reset_link(bearer, out);
        // Tells the peer at once, with the broadcast link still as it was.
        if let Some(((link, context), mut out)) = self.link_at(bearer, now).zip(out.of(bearer)) {
            link.send_setup(true, &context, &mut out);
        }
        self.broadcast.receiver.reset(out.spent);
        for other in BearerId::ALL {
            if self.state(other) == Some(State::FailingOver) {
                self.event(other, Event::FailoverEnd);
            }
        }
        News::LOST.or(News::ROOM)
    }

    /// Empties a link and begins a new session of it. Its senders go on.
    pub(super) fn reset_link(&mut self, bearer: BearerId, out: &mut PeerOut<'_, F>) {
        let Some((slot, mut out)) = self.slot_mut(bearer).zip(out.of(bearer)) else {
            return;
        };
        let senders = slot.link.reset(&mut out);
        let _: Events = slot.link.event(Event::Reset);
        self.wake(senders);
    }

    fn wake(&mut self, senders: [u32; Level::COUNT]) {
        for (to, more) in self.woken.iter_mut().zip(senders) {
            *to = to.saturating_add(more);
        }
    }

    /// The peer has another address on the medium of `bearer`: its link begins anew.
    pub fn move_link(
        &mut self,
        bearer: BearerId,
        media: MediaAddr,
        now: Instant,
        out: &mut PeerOut<'_, F>,
    ) -> News {
        let Some(slot) = self.slot_mut(bearer) else {
            return News::NONE;
        };
        slot.media = media;
        if slot.link.state().is_reset() {
            return News::NONE;
        }
        self.fail(bearer, now, out)
    }

    /// The link on `bearer` cannot go on, whatever state it is in.
    #[cold]
    #[inline(never)]
    pub fn fail(&mut self, bearer: BearerId, now: Instant, out: &mut PeerOut<'_, F>) -> News {
        self.event(bearer, Event::Failure);
        self.on_link_down(bearer, now, out)
    }

    /// All links begin anew, as what goes by all of them cannot go on (C
    /// `node.c:tipc_node_reset_links`).
    pub fn fail_all(&mut self, now: Instant, out: &mut PeerOut<'_, F>) -> News {
        let mut news = News::NONE;
        for bearer in BearerId::ALL {
            news = news.or(self.fail(bearer, now, out));
        }
        news
    }

    /// `bearer` goes out of use: so does its link.
    pub fn remove_link(
        &mut self,
        bearer: BearerId,
        now: Instant,
        out: &mut PeerOut<'_, F>,
    ) -> News {
        let news = self.fail(bearer, now, out);
        self.reset_link(bearer, out);
        if let Some(place) = self.links.get_mut(bearer.place()) {
            *place = None;
        }
        news.or(News::ROOM)
    }
}
