// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! Who wants to know what is bound.
//!
//! In: requests of `topsrv`, and what `table` binds and withdraws; out: events into `queues`. A
//! binding finds those who want to know of it in O(log n) each. Part of the name table, under its
//! lock; times are parameters, there is no timer for each. Replaces C `subscr.c` and the
//! subscription lists of `name_table.c` and `topsrv.c`.

use super::event::{Event, Happened, Subscription, REQUEST_SIZE};
use super::order::{self, Chained};
use super::queues::{QueueRoom, QueueWant, Queues, SubscriberId, MAX_PENDING};
use super::ring::{self, Linked, Links};
use super::slab::{Blocks, Growth, Index, Slab, NIL};
use super::tree::{Key, Node, Tree};
use crate::proto::vocab::{Scope, ServiceRange, SocketAddr};

/// Subscriptions of a namespace, those of the kernel's own included (C `core.h:TIPC_MAX_SUBSCR`).
pub const MAX_SUBSCRIPTIONS: u32 = 65535;

/// Why a subscription was refused.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum SubscribeError {
    /// `MAX_SUBSCRIPTIONS` are there already.
    TooMany,
    /// The subscriber is lost, or not there.
    Gone,
    /// What is bound already would not fit in behind the events that wait. Read some, and ask again.
    Later,
    /// There is no room: allocate this and try again.
    NeedRoom(SubscriptionWant),
}

/// One subscription.
#[derive(Clone, Copy)]
pub(super) struct Record {
    what: Subscription,
    subscriber: Index,
    /// Number of the subscription; the tie of its keys ends with it.
    number: u32,
    /// Those of one subscriber.
    links: Links,
    /// The next of those that want to know of one change.
    chain: Index,
}

impl Linked for Record {
    type Circle = ();

    fn links(&mut self, (): ()) -> &mut Links {
        &mut self.links
    }

    fn at(&self, (): ()) -> Links {
        self.links
    }
}

impl Chained for Record {
    /// C tells those first that asked last.
    fn rank(&self) -> u32 {
        self.number.wrapping_neg()
    }

    fn next(&self) -> Index {
        self.chain
    }

    fn set_next(&mut self, next: Index) {
        self.chain = next;
    }
}

/// A binding that comes or goes.
#[derive(Clone, Copy)]
pub(super) struct Change {
    pub happened: Happened,
    pub range: ServiceRange,
    pub scope: Scope,
    pub socket: SocketAddr,
    /// Whether it is the first of its range, or the last.
    pub edge: bool,
}

/// Those who want to know of a change.
#[derive(Clone, Copy)]
pub(super) struct Audience {
    head: Index,
    pub count: u32,
}

/// All subscriptions.
pub(super) struct Subscriptions {
    pub queues: Queues,
    list: Slab<Record>,
    interest: Tree<Index>,
    deadlines: Tree<Index>,
    made: u32,
    /// What makes the places of requests in `interest` hard to guess.
    seed: u64,
}

/// What must be allocated for a subscriber, a subscription or events.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct SubscriptionWant {
    queues: QueueWant,
    list: Option<Blocks>,
    interest: Option<Blocks>,
    deadlines: Option<Blocks>,
}

/// Memory for them.
pub struct SubscriptionRoom {
    queues: QueueRoom,
    list: Option<Growth<Record>>,
    interest: Option<Growth<Node<Index>>>,
    deadlines: Option<Growth<Node<Index>>>,
}

impl SubscriptionWant {
    /// Allocates it; none if there is no memory. May sleep: no lock held.
    pub fn allocate(self) -> Option<SubscriptionRoom> {
        Some(SubscriptionRoom {
            queues: self.queues.allocate()?,
            list: Slab::allocate_if(self.list)?,
            interest: Slab::allocate_if(self.interest)?,
            deadlines: Slab::allocate_if(self.deadlines)?,
        })
    }

    fn any(self) -> Option<Self> {
        (self != SubscriptionWant::default()).then_some(self)
    }
}

impl Subscriptions {
    /// None.
    pub fn new(seed: u64) -> Self {
        Subscriptions {
            queues: Queues::new(),
            list: Slab::new(),
            interest: Tree::new(),
            deadlines: Tree::new(),
            made: 0,
            seed,
        }
    }

    /// How many there are.
    pub fn len(&self) -> u32 {
        self.list.len()
    }

    /// Takes in new memory; what is not needed is handed back.
    pub fn grow(&mut self, room: SubscriptionRoom) -> SubscriptionRoom {
        SubscriptionRoom {
            queues: self.queues.grow(room.queues),
            list: room.list.map(|g| self.list.grow(g)),
            interest: room.interest.map(|g| self.interest.slab().grow(g)),
            deadlines: room.deadlines.map(|g| self.deadlines.slab().grow(g)),
        }
    }

    /// What is missing for this many events. Those of the subscriptions that end have theirs kept
    /// for them: a timer has nobody to wait for memory.
    pub fn wants_events(&self, count: u32) -> Option<SubscriptionWant> {
        let kept = self.deadlines.nodes.len();
        let events = self.queues.events.wanted_for(count.saturating_add(kept));
        let queues = QueueWant {
            events,
            ..QueueWant::default()
        };
        SubscriptionWant {
            queues,
            ..SubscriptionWant::default()
        }
        .any()
    }

    /// Adds a subscriber.
    pub fn add_subscriber(&mut self, key: u32) -> Result<SubscriberId, SubscribeError> {
        let subscribers = self.queues.subscribers.wanted();
        let queues = QueueWant {
            subscribers,
            ..QueueWant::default()
        };
        let want = SubscriptionWant {
            queues,
            ..SubscriptionWant::default()
        };
        match want.any() {
            Some(want) => Err(SubscribeError::NeedRoom(want)),
            None => self.queues.add(key).ok_or(SubscribeError::TooMany),
        }
    }

    /// Whether a subscription can be added, together with this many events.
    pub fn may_add(
        &self,
        id: SubscriberId,
        what: &Subscription,
        events: u32,
    ) -> Result<(), SubscribeError> {
        if self.queues.get(id).is_none() || self.queues.is_lost(id.at) {
            return Err(SubscribeError::Gone);
        }
        if self.len() >= MAX_SUBSCRIPTIONS {
            return Err(SubscribeError::TooMany);
        }
        let pending = self.queues.pending(id.at);
        if pending != 0 && pending.saturating_add(events) > MAX_PENDING {
            return Err(SubscribeError::Later);
        }
        let more = events.saturating_add(what.deadline.is_some().into());
        let want = SubscriptionWant {
            list: self.list.wanted(),
            interest: self.interest.nodes.wanted(),
            deadlines: match what.deadline {
                Some(_) => self.deadlines.nodes.wanted(),
                None => None,
            },
            ..self.wants_events(more).unwrap_or_default()
        };
        match want.any() {
            Some(want) => Err(SubscribeError::NeedRoom(want)),
            None => Ok(()),
        }
    }

    /// Adds a subscription that `may_add` has let pass.
    pub fn add(&mut self, id: SubscriberId, what: Subscription) {
        let number = loop {
            self.made = self.made.wrapping_add(1);
            let key = self.key(id.at, &what.range, &what.request, self.made);
            if self.interest.exact(key).is_none() {
                break self.made;
            }
        };
        let record = Record {
            what,
            subscriber: id.at,
            number,
            links: Links::NONE,
            chain: NIL,
        };
        let Some(new) = self.list.insert(record) else {
            return;
        };
        let key = self.key(id.at, &what.range, &what.request, number);
        self.interest.insert(key, new);
        if let Some(time) = what.deadline {
            self.deadlines.insert(Key::at(time, new.into()), new);
        }
        if let Some(subscriber) = self.queues.subscribers.get_mut(id.at) {
            ring::push_front(&mut self.list, (), &mut subscriber.subscriptions, new);
        }
    }

    /// Place of a subscription: equal requests of one subscriber are neighbours.
    fn key(
        &self,
        subscriber: Index,
        range: &ServiceRange,
        request: &[u8; REQUEST_SIZE],
        number: u32,
    ) -> Key {
        let mut hash = self.seed ^ u64::from(subscriber);
        for &byte in request {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
            hash ^= hash >> 29;
        }
        Key::of(*range, (hash & 0xffff_ffff_0000_0000) | u64::from(number))
    }

    /// Cancels the subscription made by exactly this request; false if there is none. Of several
    /// any one goes.
    pub fn cancel(
        &mut self,
        id: SubscriberId,
        range: ServiceRange,
        request: &[u8; REQUEST_SIZE],
    ) -> bool {
        if self.queues.get(id).is_none() {
            return false;
        }
        let first = self.key(id.at, &range, request, 0);
        let mut found = self.interest.exact(first);
        let mut place = first;
        loop {
            found = found.or_else(|| self.interest.after(place, first));
            let Some(node) = found.and_then(|at| self.interest.get(at)) else {
                return false;
            };
            if (node.key.start, node.key.end) != (first.start, first.end)
                || node.key.tie >> 32 != first.tie >> 32
            {
                return false;
            }
            let at = node.value;
            let same = self
                .list
                .get(at)
                .is_some_and(|r| r.subscriber == id.at && r.what.request == *request);
            if same {
                self.take_out(at);
                return true;
            }
            place = node.key;
            found = None;
        }
    }

    fn take_out(&mut self, at: Index) -> Option<Record> {
        let record = self.list.get(at).copied()?;
        if let Some(subscriber) = self.queues.subscribers.get_mut(record.subscriber) {
            ring::remove(&mut self.list, (), &mut subscriber.subscriptions, at);
        }
        let what = &record.what;
        let key = self.key(record.subscriber, &what.range, &what.request, record.number);
        self.interest.remove(key);
        if let Some(time) = what.deadline {
            self.deadlines.remove(Key::at(time, at.into()));
        }
        self.list.remove(at)
    }

    /// Removes up to `most` of what there is of a subscriber, at last the subscriber itself; whether
    /// there is more.
    pub fn remove_some(&mut self, id: SubscriberId, most: u32) -> bool {
        self.queues.close(id);
        for done in 0..most {
            let Some(subscriber) = self.queues.get(id) else {
                return false;
            };
            let front = subscriber.subscriptions;
            if self.take_out(front).is_none() {
                return self.queues.remove_some(id, most.saturating_sub(done));
            }
        }
        true
    }

    /// Finds those who want to know of a change, in C's order.
    #[inline]
    pub fn audience(&mut self, change: &Change) -> Audience {
        match self.interest.is_empty() {
            true => Audience {
                head: NIL,
                count: 0,
            },
            false => self.interested(change),
        }
    }

    #[inline(never)]
    fn interested(&mut self, change: &Change) -> Audience {
        let range = Key::of(change.range, 0);
        let (mut head, mut count) = (NIL, 0u32);
        let mut found = self.interest.first(range);
        while let Some(node) = found.and_then(|at| self.interest.get(at)) {
            let key = node.key;
            if let Some(record) = self.list.get_mut(node.value) {
                if record.what.filter.passes(change.scope, change.edge)
                    && !self.queues.is_lost(record.subscriber)
                {
                    record.chain = head;
                    head = node.value;
                    count = count.saturating_add(1);
                }
            }
            found = self.interest.after(key, range);
        }
        let head = if count > 1 {
            order::sort(&mut self.list, head)
        } else {
            head
        };
        Audience { head, count }
    }

    /// Tells them.
    pub fn tell(&mut self, audience: Audience, change: &Change) {
        let mut at = audience.head;
        while let Some(record) = self.list.get(at).copied() {
            self.queues
                .push(record.subscriber, change.event(record.what.request));
            at = record.chain;
        }
    }

    /// When the next subscription ends, in milliseconds.
    pub fn next_deadline(&self) -> Option<u64> {
        let first = self.deadlines.leftmost()?;
        self.deadlines.get(first).map(|node| node.key.time())
    }

    /// Ends up to `most` subscriptions whose time is over; whether there are more.
    pub fn tick(&mut self, now: u64, most: u32) -> bool {
        for _ in 0..most {
            let first = self.deadlines.leftmost();
            let Some(node) = first.and_then(|at| self.deadlines.get(at)) else {
                return false;
            };
            if node.key.time() > now {
                return false;
            }
            let at = node.value;
            let Some(record) = self.take_out(at) else {
                return false;
            };
            let range = record.what.range;
            let event = Event {
                happened: Happened::Timeout,
                lower: range.lower(),
                upper: range.upper(),
                socket: SocketAddr::NONE,
                request: record.what.request,
            };
            self.queues.push(record.subscriber, event);
        }
        true
    }

    /// Takes out memory that is not needed any more, to be freed without the lock.
    pub fn shrink(&mut self) -> SubscriptionSpare {
        SubscriptionSpare {
            _events: self.queues.events.shrink(),
            _list: self.list.shrink(),
            _trees: [
                self.interest.slab().shrink(),
                self.deadlines.slab().shrink(),
            ],
        }
    }
}

/// Memory that is not needed any more.
pub(super) struct SubscriptionSpare {
    _events: Option<Slab<super::queues::Queued>>,
    _list: Option<Slab<Record>>,
    _trees: [Option<Slab<Node<Index>>>; 2],
}

impl Change {
    /// What a subscriber is told of it.
    pub fn event(&self, request: [u8; REQUEST_SIZE]) -> Event {
        Event {
            happened: self.happened,
            lower: self.range.lower(),
            upper: self.range.upper(),
            socket: self.socket,
            request,
        }
    }
}
