// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! A packet arrives.
//!
//! In: a checked packet of this link; out: whole messages, acknowledgements and what was waiting for
//! the window. Replaces C `link.c:tipc_link_rcv`, `tipc_link_build_state_msg` and
//! `tipc_link_build_nack_msg`.

use super::recv::Taken;
use super::report::Purpose;
use super::stats::count;
use super::{Context, Event, Events, Link, State};
use crate::proto::frame::{Frame, FrameList, Out};
use crate::proto::wire::Stamp;

/// A state message is sent when so many packets were received and not acknowledged
/// (C `TIPC_MIN_LINK_WIN`).
const ACK_EVERY: u16 = 16;
/// A gap is reported when so many packets came too early, and again at each further `NACK_EVERY`th.
const NACK_AT: usize = 3;
const NACK_EVERY: usize = 16;

impl<F: Frame> Link<F> {
    /// Takes a packet of this link that has passed the door, no protocol message.
    pub fn rx(&mut self, frame: F, context: &Context<'_>, out: &mut Out<'_, F>) -> Events {
        self.supervisor.on_heard();
        if !self.state.is_up() {
            out.spent.push_back(frame);
            return match self.state {
                State::Establishing => Events::UP,
                _ => Events::NONE,
            };
        }
        let stamp = Stamp::of(frame.header());
        if !self.recv.is_in_window(stamp.seqno) {
            count(&mut self.stats.duplicates);
            out.spent.push_back(frame);
            return Events::NONE;
        }
        let released = self.send.release(stamp.ack, out.spent);
        let mut events = Events::NONE;
        if stamp.seqno == self.recv.next() {
            events = self.take(frame, context, out);
        } else {
            self.defer(frame, context, out);
        }
        if released > 0 {
            self.send.grow(released);
            if self.state.is_up() {
                self.advance(context, out);
            }
            events = events.or(self.room());
        }
        events
    }

    /// Takes the expected packet and those that waited for it.
    fn take(&mut self, frame: F, context: &Context<'_>, out: &mut Out<'_, F>) -> Events {
        match self.recv.take(frame, &mut self.stats, out) {
            Taken::Whole => {}
            Taken::NoMemory(frame) => {
                // Nobody was told that it has come: it will come again.
                count(&mut self.stats.refused);
                out.spent.push_back(frame);
                return Events::NONE;
            }
            Taken::Broken => return self.event(Event::Failure),
        }
        self.acknowledge(context, out);
        self.take_deferred(context, out)
    }

    pub(super) fn take_deferred(&mut self, context: &Context<'_>, out: &mut Out<'_, F>) -> Events {
        // What has come waits for the other link, as what comes does.
        if self.state == State::Synching {
            return Events::NONE;
        }
        while let Some(frame) = self.recv.deferred.take(self.recv.next(), out.spent) {
            match self.recv.take(frame, &mut self.stats, out) {
                Taken::Whole => self.acknowledge(context, out),
                Taken::NoMemory(frame) => {
                    // The peer may have been told of this one: it is kept.
                    self.recv.deferred.put_back(frame);
                    return Events::NONE;
                }
                Taken::Broken => return self.event(Event::Failure),
            }
        }
        Events::NONE
    }

    /// Tells the peer, now and then, what has come.
    fn acknowledge(&mut self, context: &Context<'_>, out: &mut Out<'_, F>) {
        if self.recv.unacked >= ACK_EVERY {
            count(&mut self.stats.sent_acks);
            self.send_state(Purpose::default(), context, out);
        }
    }

    /// Keeps a packet that came too early and tells the peer, now and then, what is missing.
    fn defer(&mut self, frame: F, context: &Context<'_>, out: &mut Out<'_, F>) {
        self.recv.defer(frame, &mut self.stats, out);
        count(&mut self.stats.deferred);
        let early = self.recv.deferred.len().checked_sub(NACK_AT);
        if early.is_some_and(|n| n % NACK_EVERY == 0) {
            let purpose = Purpose {
                gap: self.recv.gap(),
                ..Purpose::default()
            };
            self.send_state(purpose, context, out);
        }
    }
}
