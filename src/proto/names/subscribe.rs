// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! The name table for subscribers: what they ask and what they get.
//!
//! In: calls of `topsrv`, through `stack`; out: events. Replaces C
//! `name_table.c:tipc_service_subscribe` and the interface of `subscr.c`.

use super::binding::Circle;
use super::event::{Event, Happened, Subscription, REQUEST_SIZE};
use super::order;
use super::queues::SubscriberId;
use super::ring;
use super::slab::{Index, NIL};
use super::subscription::{Change, SubscribeError};
use super::table::NameTable;
use super::tree::Key;
use crate::proto::vocab::ServiceRange;

impl NameTable {
    /// Adds a subscriber under a number of the caller's own, which its id tells.
    /// `SubscribeError::NeedRoom`, `TooMany`.
    pub fn add_subscriber(&mut self, key: u32) -> Result<SubscriberId, SubscribeError> {
        self.subscriptions.add_subscriber(key)
    }

    /// Removes up to `most` of what there is of a subscriber, at last the subscriber itself; whether
    /// there is more. Nothing comes for it from the first call on.
    pub fn remove_subscriber_some(&mut self, id: SubscriberId, most: u32) -> bool {
        self.subscriptions.remove_some(id, most)
    }

    /// Subscribes. What is bound already is told, the oldest first; without `Filter::PORTS` only
    /// the oldest binding of each range.
    pub fn subscribe(
        &mut self,
        id: SubscriberId,
        what: Subscription,
    ) -> Result<(), SubscribeError> {
        let (head, count) = self.bound(&what);
        self.subscriptions.may_add(id, &what, count)?;
        self.subscriptions.add(id, what);
        let mut at = order::sort(&mut self.bindings, head);
        while let Some(binding) = self.bindings.get(at) {
            let change = Change {
                happened: Happened::Published,
                range: binding.range,
                scope: binding.scope,
                socket: binding.address(binding.socket.port, self.own),
                edge: true,
            };
            let event = change.event(what.request);
            self.subscriptions.queues.push(id.at, event);
            at = order::next(&self.bindings, at);
        }
        Ok(())
    }

    /// A chain of the bindings a new subscriber is told of, and their number.
    fn bound(&mut self, what: &Subscription) -> (Index, u32) {
        let range = Key::of(what.range, 0);
        let (mut head, mut count) = (NIL, 0u32);
        if !what.filter.wants_status() {
            return (head, count);
        }
        let mut found = self.ranges.first(range);
        while let Some(node) = found.and_then(|at| self.ranges.get(at)) {
            let (key, front) = (node.key, node.value.all);
            let mut at = if what.filter.ports() {
                front
            } else {
                self.oldest(front)
            };
            while let Some(scope) = self.bindings.get(at).map(|b| b.scope) {
                if what.filter.passes(scope, true) {
                    order::set_next(&mut self.bindings, at, head);
                    head = at;
                    count = count.saturating_add(1);
                }
                at = ring::next(&self.bindings, Circle::All, at);
                if at == front || !what.filter.ports() {
                    break;
                }
            }
            found = self.ranges.after(key, range);
        }
        (head, count)
    }

    /// The oldest of the bindings in the circle at `front`.
    fn oldest(&self, front: Index) -> Index {
        let mut oldest = front;
        let mut at = front;
        loop {
            at = ring::next(&self.bindings, Circle::All, at);
            if at == front || at == NIL {
                return oldest;
            }
            let age = |at| self.bindings.get(at).map_or(0, |b| b.number);
            if (age(at).wrapping_sub(age(oldest)) as i32) < 0 {
                oldest = at;
            }
        }
    }

    /// Cancels one subscription made by exactly this request for `range`; false if there is none.
    pub fn cancel(
        &mut self,
        id: SubscriberId,
        range: ServiceRange,
        request: &[u8; REQUEST_SIZE],
    ) -> bool {
        self.subscriptions.cancel(id, range, request)
    }

    /// Whether any subscriber has something to read, or is lost.
    pub fn any_ready(&self) -> bool {
        self.subscriptions.queues.any_ready()
    }

    /// The next such subscriber. It is not named again before there is more for it.
    pub fn take_ready(&mut self) -> Option<SubscriberId> {
        self.subscriptions.queues.take_ready()
    }

    /// Whether too much waited for this subscriber: it is to be removed.
    pub fn is_lost(&self, id: SubscriberId) -> bool {
        self.subscriptions.queues.get(id).is_none() || self.subscriptions.queues.is_lost(id.at)
    }

    /// The oldest event that waits for a subscriber; it stays.
    pub fn first_event(&self, id: SubscriberId) -> Option<Event> {
        self.subscriptions.queues.first(id)
    }

    /// Takes the oldest event that waits for a subscriber.
    pub fn take_event(&mut self, id: SubscriberId) -> Option<Event> {
        self.subscriptions.queues.take(id)
    }

    /// Whether an event waits for a subscriber.
    pub fn has_event(&self, id: SubscriberId) -> bool {
        self.subscriptions.queues.pending(id.at) != 0
    }

    /// Subscribers there are.
    pub fn subscribers(&self) -> u32 {
        self.subscriptions.queues.subscribers.len()
    }

    /// Ends up to `most` subscriptions whose time is over at `now`, in milliseconds; whether there
    /// are more.
    pub fn tick(&mut self, now: u64, most: u32) -> bool {
        self.subscriptions.tick(now, most)
    }

    /// When the next subscription ends, in milliseconds; none if none does.
    pub fn next_deadline(&self) -> Option<u64> {
        self.subscriptions.next_deadline()
    }

    /// Subscriptions there are.
    pub fn subscriptions(&self) -> u32 {
        self.subscriptions.len()
    }
}
