// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! The events that wait for each subscriber.
//!
//! In: events of `subscription`; out: the same, in order, to `topsrv`, and which subscribers have
//! any. A subscriber that does not read is lost when too much waits for it, never the memory:
//! the records are bounded for each subscriber and for all. Replaces C `topsrv.c:outqueue`, which
//! has no bound.

use super::event::Event;
use super::ring::{self, Linked, Links};
use super::slab::{Blocks, Growth, Index, Slab, NIL};

/// Events that may wait for one subscriber: those of a table with all the bindings there can be.
/// At most 5 MB.
pub const MAX_PENDING: u32 = 65_536;

/// A subscriber.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct SubscriberId {
    pub(super) at: Index,
    key: u32,
}

impl SubscriberId {
    /// The number it was given by whoever added it.
    pub fn key(self) -> u32 {
        self.key
    }
}

/// An event that waits.
#[derive(Clone, Copy)]
pub struct Queued {
    event: Event,
    links: Links,
}

impl Linked for Queued {
    type Circle = ();

    fn links(&mut self, (): ()) -> &mut Links {
        &mut self.links
    }

    fn at(&self, (): ()) -> Links {
        self.links
    }
}

/// What is kept of a subscriber.
#[derive(Clone, Copy)]
pub struct Subscriber {
    key: u32,
    /// The oldest event.
    oldest: Index,
    pending: u32,
    /// Whether too much waited, or it is being removed: nothing comes any more.
    lost: bool,
    /// Whether it is among those that have something to read.
    ready: bool,
    links: Links,
    /// The front of its subscriptions; `subscription`'s.
    pub(super) subscriptions: Index,
}

impl Linked for Subscriber {
    type Circle = ();

    fn links(&mut self, (): ()) -> &mut Links {
        &mut self.links
    }

    fn at(&self, (): ()) -> Links {
        self.links
    }
}

/// All subscribers and what waits for them.
pub struct Queues {
    pub(super) subscribers: Slab<Subscriber>,
    pub(super) events: Slab<Queued>,
    ready: Index,
    /// A lost subscriber whose events are thrown away to make room.
    victim: Index,
}

/// Memory for subscribers and events.
pub struct QueueRoom {
    subscribers: Option<Growth<Subscriber>>,
    events: Option<Growth<Queued>>,
}

/// What must be allocated for them.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct QueueWant {
    pub(super) subscribers: Option<Blocks>,
    pub(super) events: Option<Blocks>,
}

impl QueueWant {
    /// Allocates it; none if there is no memory. May sleep.
    pub fn allocate(self) -> Option<QueueRoom> {
        Some(QueueRoom {
            subscribers: Slab::allocate_if(self.subscribers)?,
            events: Slab::allocate_if(self.events)?,
        })
    }
}

impl Queues {
    /// Nobody.
    pub fn new() -> Self {
        Queues {
            subscribers: Slab::new(),
            events: Slab::new(),
            ready: NIL,
            victim: NIL,
        }
    }

    /// Takes in new memory; what is not needed is handed back.
    pub fn grow(&mut self, room: QueueRoom) -> QueueRoom {
        QueueRoom {
            subscribers: room.subscribers.map(|g| self.subscribers.grow(g)),
            events: room.events.map(|g| self.events.grow(g)),
        }
    }

    /// Adds a subscriber under a number of the caller's; none if there is no room.
    pub fn add(&mut self, key: u32) -> Option<SubscriberId> {
        let at = self.subscribers.insert(Subscriber {
            key,
            oldest: NIL,
            pending: 0,
            lost: false,
            ready: false,
            links: Links::NONE,
            subscriptions: NIL,
        })?;
        Some(SubscriberId { at, key })
    }

    /// The subscriber, if it is still there.
    pub fn get(&self, id: SubscriberId) -> Option<&Subscriber> {
        self.subscribers.get(id.at).filter(|s| s.key == id.key)
    }

    /// Whether nothing comes for it any more.
    pub fn is_lost(&self, at: Index) -> bool {
        self.subscribers.get(at).is_none_or(|s| s.lost)
    }

    /// Events that wait for it.
    pub fn pending(&self, at: Index) -> u32 {
        self.subscribers.get(at).map_or(0, |s| s.pending)
    }

    /// Whether anybody has something to read.
    pub fn any_ready(&self) -> bool {
        self.ready != NIL
    }

    /// The next subscriber that has something to read, or is lost. It is not named again before
    /// there is more.
    pub fn take_ready(&mut self) -> Option<SubscriberId> {
        let at = self.ready;
        let key = self.subscribers.get(at)?.key;
        self.set_ready(at, false);
        Some(SubscriberId { at, key })
    }

    fn set_ready(&mut self, at: Index, ready: bool) {
        let Some(subscriber) = self.subscribers.get_mut(at) else {
            return;
        };
        if subscriber.ready == ready {
            return;
        }
        subscriber.ready = ready;
        if ready {
            ring::push_back(&mut self.subscribers, (), &mut self.ready, at);
        } else {
            ring::remove(&mut self.subscribers, (), &mut self.ready, at);
        }
    }

    /// The oldest event that waits for it; it stays.
    pub fn first(&self, id: SubscriberId) -> Option<Event> {
        let subscriber = self.get(id).filter(|s| !s.lost)?;
        self.events.get(subscriber.oldest).map(|q| q.event)
    }

    /// Takes the oldest event out.
    pub fn take(&mut self, id: SubscriberId) -> Option<Event> {
        let first = self.first(id)?;
        self.drop_first(id.at);
        Some(first)
    }

    /// Throws the oldest event away; false if there is none.
    fn drop_first(&mut self, at: Index) -> bool {
        let Some(subscriber) = self.subscribers.get_mut(at) else {
            return false;
        };
        let old = subscriber.oldest;
        ring::remove(&mut self.events, (), &mut subscriber.oldest, old);
        let gone = self.events.remove(old).is_some();
        if gone {
            subscriber.pending = subscriber.pending.saturating_sub(1);
        }
        gone
    }

    /// Puts an event behind the others of its subscriber. It cannot fail: without room somebody is
    /// lost, the one with the most events.
    pub fn push(&mut self, at: Index, event: Event) {
        if self.is_lost(at) {
            return;
        }
        if self.pending(at) >= MAX_PENDING {
            return self.lose(at);
        }
        if self.events.is_full() {
            self.make_room();
        }
        let Some(subscriber) = self.subscribers.get_mut(at).filter(|s| !s.lost) else {
            return;
        };
        let links = Links::NONE;
        let Some(new) = self.events.insert(Queued { event, links }) else {
            return self.lose(at);
        };
        ring::push_back(&mut self.events, (), &mut subscriber.oldest, new);
        subscriber.pending = subscriber.pending.wrapping_add(1);
        self.set_ready(at, true);
    }

    /// Nothing comes for this subscriber any more, and nothing is left to read.
    pub fn lose(&mut self, at: Index) {
        if let Some(subscriber) = self.subscribers.get_mut(at) {
            subscriber.lost = true;
            self.set_ready(at, true);
        }
    }

    /// Nothing comes for this subscriber any more, and it is not named as ready: it is being
    /// removed.
    pub fn close(&mut self, id: SubscriberId) {
        if self.get(id).is_some() {
            self.set_ready(id.at, false);
            if let Some(subscriber) = self.subscribers.get_mut(id.at) {
                subscriber.lost = true;
            }
        }
    }

    /// Frees one event: of a lost subscriber, or of the one with the most, which is lost then.
    fn make_room(&mut self) {
        if self.drop_first(self.victim) {
            return;
        }
        let mut most = 0;
        for at in self.subscribers.indices() {
            let pending = self.pending(at);
            if pending > most {
                most = pending;
                self.victim = at;
            }
        }
        if most != 0 {
            self.lose(self.victim);
            self.drop_first(self.victim);
        }
    }

    /// Removes up to `most` of a subscriber's events, and with the last of them the subscriber;
    /// whether there are more.
    pub fn remove_some(&mut self, id: SubscriberId, most: u32) -> bool {
        if self.get(id).is_none() {
            return false;
        }
        for _ in 0..most {
            if !self.drop_first(id.at) {
                self.set_ready(id.at, false);
                self.subscribers.remove(id.at);
                if self.victim == id.at {
                    self.victim = NIL;
                }
                return false;
            }
        }
        true
    }
}
