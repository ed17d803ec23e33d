// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! Time passes.
//!
//! In: a tick, and what the monitor wants; out: probes, RESETs and ACTIVATEs, or the link's failure.
//! Replaces C `link.c:tipc_link_timeout` and `link_profile_stats`.

use super::report::{Purpose, PATIENCE};
use super::{Context, Event, Events, Link, State, Verdict, DEFAULT_TOLERANCE};
use crate::proto::frame::{Frame, Out};
use crate::proto::wire::{Bundle, Fragment, Part, User};

impl<F: Frame> Link<F> {
    /// A tick, every `interval` ms.
    pub fn tick(
        &mut self,
        verdict: Verdict,
        context: &Context<'_>,
        out: &mut Out<'_, F>,
    ) -> Events {
        match self.state {
            State::Established | State::Synching => self.tick_up(verdict, context, out),
            State::Reset => {
                if self.supervisor.is_reset_due() {
                    self.send_setup(false, context, out);
                }
                Events::NONE
            }
            State::Establishing => {
                self.send_setup(false, context, out);
                Events::NONE
            }
            State::PeerReset | State::Resetting | State::FailingOver => Events::NONE,
        }
    }

    fn tick_up(&mut self, verdict: Verdict, context: &Context<'_>, out: &mut Out<'_, F>) -> Events {
        self.profile();
        if verdict.lost || self.supervisor.has_failed() {
            return self.event(Event::Failure);
        }
        // The peer talks, but the two ends do not agree on what has arrived. (C waits for ever.)
        let tolerance = self.supervisor.tolerance.max(DEFAULT_TOLERANCE);
        let patience = tolerance.saturating_mul(PATIENCE);
        if self.send.is_stuck(context.now, patience) {
            return self.event(Event::Failure);
        }
        // What memory was refused for the last time.
        let events = self.take_deferred(context, out);
        if !self.recv.takeover.advance(&mut self.stats, out) {
            return events.or(self.event(Event::Failure));
        }
        self.advance(context, out);
        let pending =
            context.broadcast().pending || self.recv.unacked > 0 || self.send.in_flight() > 0;
        let mut probe = self.supervisor.tick(verdict);
        probe |= !self.recv.deferred.is_empty();
        if self.supervisor.is_resting(self.send.next()) {
            self.send.window.on_rest();
            probe = true;
        }
        if probe || pending {
            let purpose = Purpose {
                probe,
                ..Purpose::default()
            };
            self.send_state(purpose, context, out);
        }
        events.or(self.room())
    }

    fn profile(&mut self) {
        self.stats.profile.sample(self.send.in_flight());
        let Some(oldest) = self.send.oldest() else {
            return;
        };
        let header = oldest.header();
        let length = match header.user() {
            User::Fragment => {
                let first = Fragment::part(header) == Some(Part::First);
                first.then(|| Bundle::inner_size(oldest.start()))
            }
            _ => Some(oldest.len()),
        };
        if let Some(length) = length {
            self.stats.profile.sample_length(length);
        }
    }
}
