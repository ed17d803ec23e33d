// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! The name table for those who watch it: subscribers, subscriptions, events.
//!
//! In: calls of `topsrv`; out: events to it, and word when there are any. Takes the lock of the name
//! table for each call, and allocates without it.

use super::net::Net;
use crate::proto::names::{Event, SubscribeError, SubscriberId, Subscription, Want, REQUEST_SIZE};
use crate::proto::vocab::ServiceRange;
use kernel::sync::Arc;

/// What is done of a long job with the lock held once.
const AT_ONCE: u32 = 64;

/// Who is told that there are events.
pub trait Watcher: Send + Sync {
    /// Some subscriber has something to read, or is lost: see `Net::take_ready`. Called without
    /// locks by whoever bound or withdrew something, so in process context, and later in softirq
    /// too: do not sleep. Several CPUs may call at once.
    fn events_ready(&self);
}

/// Why a subscription was refused.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// There are as many as there may be.
    TooMany,
    /// The subscriber is lost, or not there.
    Gone,
    /// Too much waits for the subscriber already: let it read, then ask again.
    Later,
    /// There is no memory.
    NoMemory,
}

impl Net {
    /// From here on `watcher` is told of events, or with none nobody; the one before it. Process
    /// context.
    #[must_use]
    pub fn watch(&self, watcher: Option<Arc<dyn Watcher>>) -> Option<Arc<dyn Watcher>> {
        core::mem::replace(&mut *self.watcher.lock(), watcher)
    }

    /// Tells the watcher if there are events. No lock held.
    pub(super) fn tell_watcher(&self) {
        if !self.names().lock().any_ready() {
            return;
        }
        let watcher = self.watcher.lock().clone();
        if let Some(watcher) = watcher {
            watcher.events_ready();
        }
    }

    /// Adds a subscriber under a number of the caller's own. Process context.
    pub fn add_subscriber(&self, key: u32) -> core::result::Result<SubscriberId, Refusal> {
        self.asked(|| self.names().lock().add_subscriber(key))
    }

    /// Removes a subscriber with everything it has. Process context.
    pub fn remove_subscriber(&self, id: SubscriberId) {
        while self.names().lock().remove_subscriber_some(id, AT_ONCE) {}
        self.shrink();
    }

    /// Subscribes; what is bound already is told at once. The watcher is not called for it: look
    /// for events afterwards. Process context.
    pub fn subscribe(
        &self,
        id: SubscriberId,
        what: Subscription,
    ) -> core::result::Result<(), Refusal> {
        self.asked(|| self.names().lock().subscribe(id, what))
    }

    /// Asks again until there is room, or none to be had.
    fn asked<T>(
        &self,
        mut ask: impl FnMut() -> core::result::Result<T, SubscribeError>,
    ) -> core::result::Result<T, Refusal> {
        loop {
            match ask() {
                Ok(done) => return Ok(done),
                Err(SubscribeError::TooMany) => return Err(Refusal::TooMany),
                Err(SubscribeError::Gone) => return Err(Refusal::Gone),
                Err(SubscribeError::Later) => return Err(Refusal::Later),
                Err(SubscribeError::NeedRoom(want)) => self
                    .bring(Want::from(want))
                    .map_err(|_| Refusal::NoMemory)?,
            }
        }
    }

    /// Cancels one subscription made by exactly this request; false if there is none.
    pub fn cancel(
        &self,
        id: SubscriberId,
        range: ServiceRange,
        request: &[u8; REQUEST_SIZE],
    ) -> bool {
        self.names().lock().cancel(id, range, request)
    }

    /// The next subscriber that has something to read, or is lost.
    pub fn take_ready(&self) -> Option<SubscriberId> {
        self.names().lock().take_ready()
    }

    /// Whether too much waited for this subscriber: its connection is to be ended.
    pub fn is_lost(&self, id: SubscriberId) -> bool {
        self.names().lock().is_lost(id)
    }

    /// The oldest event that waits for a subscriber; it stays until it is taken.
    pub fn first_event(&self, id: SubscriberId) -> Option<Event> {
        self.names().lock().first_event(id)
    }

    /// Takes the oldest event that waits for a subscriber.
    pub fn take_event(&self, id: SubscriberId) -> Option<Event> {
        self.names().lock().take_event(id)
    }

    /// Ends the subscriptions whose time is over at `now`, in milliseconds; when to come again. The
    /// watcher is not called for the events. Any context.
    pub fn tick_subscriptions(&self, now: u64) -> Option<u64> {
        while self.names().lock().tick(now, AT_ONCE) {}
        self.next_subscription_deadline()
    }

    /// When the next subscription ends, in milliseconds; none if none does.
    pub fn next_subscription_deadline(&self) -> Option<u64> {
        self.names().lock().next_deadline()
    }
}
