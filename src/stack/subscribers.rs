// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! The name table for those who watch it: subscribers, subscriptions, events.
//!
//! In: calls of `topsrv`, and of whoever else in the kernel wants to know what is bound; out: events,
//! and word when there are any. Takes the lock of the name table for each call, and allocates
//! without it. Replaces C `topsrv.c:tipc_topsrv_queue_evt`, `tipc_topsrv_kern_subscr` and
//! `tipc_topsrv_kern_unsubscr`.

use super::net::Net;
use crate::proto::names::{Event, SubscribeError, SubscriberId, Subscription, Want, REQUEST_SIZE};
use crate::proto::vocab::ServiceRange;
use kernel::prelude::*;
use kernel::rbtree::{RBTree, RBTreeNode};
use kernel::sync::Arc;

/// What is done of a long job with the lock held once.
const AT_ONCE: u32 = 64;

/// A subscriber's side of it: how it hears of its events.
pub trait Reader: Send + Sync {
    /// There are events, or too many: see `Net::next_event`. Called without locks by whoever bound
    /// or withdrew something, in process context or in softirq: do not sleep. Several CPUs may call
    /// at once.
    fn ready(&self);
    /// The namespace ends: give up everything that leads to the subscriber. Process context.
    fn stop(&self);
}

/// Those who read, by their key.
pub struct Readers {
    tree: RBTree<u32, Arc<dyn Reader>>,
    /// The key given last.
    last: u32,
}

impl Readers {
    /// None.
    pub(super) fn new() -> Self {
        Readers {
            tree: RBTree::new(),
            last: 0,
        }
    }
}

/// Where a call is made.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Context {
    /// Anywhere: it must not sleep.
    Any,
    /// Process context, where it may.
    MaySleep,
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
    /// There is no room: ask again where you may sleep.
    NeedsSleep,
    /// There is no memory.
    NoMemory,
}

/// What a subscriber reads next.
pub enum NextEvent {
    /// This; and whether there was more behind it.
    Event(Event, bool),
    /// Nothing; its `Reader` will hear when there is more.
    Nothing,
    /// Too much waited for it, or it is removed: nothing comes any more.
    Lost,
}

impl Net {
    /// Tells those who have something to read. No lock held. Those who were ready before this call
    /// are told when it returns, by this CPU or another.
    pub fn tell_readers(&self) {
        // They come in the order in which they got ready, each once.
        let (mut ready, most) = {
            let mut names = self.names().lock();
            (names.take_ready(), names.subscribers())
        };
        let mut told = 1;
        while let Some(id) = ready {
            let reader = self.readers.lock().tree.get(&id.key()).cloned();
            if let Some(reader) = reader {
                reader.ready();
            }
            if told >= most {
                return;
            }
            told = told.saturating_add(1);
            ready = self.names().lock().take_ready();
        }
    }

    /// The same, if a look at the name table has shown that there are some.
    pub(super) fn tell_readers_if(&self, ready: bool) {
        if ready {
            self.tell_readers();
        }
    }

    /// A new subscriber, who hears of nothing before `set_reader`. NeedsSleep, NoMemory, TooMany.
    pub fn add_subscriber(&self, context: Context) -> Result<SubscriberId, Refusal> {
        let key = {
            let mut readers = self.readers.lock();
            loop {
                readers.last = readers.last.wrapping_add(1);
                if readers.tree.get(&readers.last).is_none() {
                    break readers.last;
                }
            }
        };
        self.asked(context, || self.names().lock().add_subscriber(key))
    }

    /// Who hears of a subscriber's events, until it is removed. NoMemory. Any context.
    pub fn set_reader(&self, id: SubscriberId, reader: Arc<dyn Reader>) -> Result<(), Refusal> {
        let node = RBTreeNode::new(id.key(), reader, GFP_ATOMIC).map_err(|_| Refusal::NoMemory)?;
        let old = {
            let mut readers = self.readers.lock();
            readers.tree.insert(node)
        };
        drop(old);
        Ok(())
    }

    /// Removes a subscriber with everything it has. Any context.
    pub fn remove_subscriber(&self, id: SubscriberId) {
        let reader = {
            let mut readers = self.readers.lock();
            readers.tree.remove_node(&id.key())
        };
        drop(reader);
        while self.names().lock().remove_subscriber_some(id, AT_ONCE) {}
        self.shrink();
    }

    /// The namespace ends: stops all readers.
    pub fn stop_readers(&self) {
        loop {
            let first = {
                let mut readers = self.readers.lock();
                let first = readers.tree.cursor_front_mut();
                first.map(|first| first.remove_current().1)
            };
            let Some(node) = first else {
                return;
            };
            node.to_key_value().1.stop();
        }
    }

    /// Subscribes; what is bound already is told at once. The reader does not hear of that: look for
    /// events afterwards. Gone, TooMany, Later, NeedsSleep, NoMemory.
    pub fn subscribe(
        &self,
        id: SubscriberId,
        what: Subscription,
        context: Context,
    ) -> Result<(), Refusal> {
        self.asked(context, || self.names().lock().subscribe(id, what))
    }

    /// Asks again until there is room, or none to be had.
    fn asked<T>(
        &self,
        context: Context,
        mut ask: impl FnMut() -> Result<T, SubscribeError>,
    ) -> Result<T, Refusal> {
        loop {
            match ask() {
                Ok(done) => return Ok(done),
                Err(SubscribeError::TooMany) => return Err(Refusal::TooMany),
                Err(SubscribeError::Gone) => return Err(Refusal::Gone),
                Err(SubscribeError::Later) => return Err(Refusal::Later),
                Err(SubscribeError::NeedRoom(_)) if context == Context::Any => {
                    return Err(Refusal::NeedsSleep)
                }
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

    /// Takes the oldest event that waits for a subscriber.
    pub fn next_event(&self, id: SubscriberId) -> NextEvent {
        let mut names = self.names().lock();
        match names.take_event(id) {
            Some(event) => NextEvent::Event(event, names.has_event(id)),
            None if names.is_lost(id) => NextEvent::Lost,
            None => NextEvent::Nothing,
        }
    }

    /// Whether too much waited for a subscriber, or it is removed.
    pub fn is_lost(&self, id: SubscriberId) -> bool {
        self.names().lock().is_lost(id)
    }

    /// Ends the subscriptions whose time is over at `now`, in milliseconds, and tells their readers;
    /// when to come again, none for never. Any context.
    pub fn tick_subscriptions(&self, now: u64) -> Option<u64> {
        while self.names().lock().tick(now, AT_ONCE) {}
        self.tell_readers();
        self.names().lock().next_deadline()
    }
}
