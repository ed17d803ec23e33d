// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! Memory for the name table, which is allocated without its lock.
//!
//! In: what `table` says is missing; out: blocks to grow by. Nothing in C: it allocates with the
//! lock held.

use super::binding::{Binding, Fronts, Owner};
use super::slab::{Blocks, Growth, Slab};
use super::subscription::{SubscriptionRoom, SubscriptionSpare, SubscriptionWant};
use super::tree::Node;

/// What must be allocated.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct Want {
    pub(super) bindings: Option<Blocks>,
    pub(super) ranges: Option<Blocks>,
    pub(super) owners: Option<Blocks>,
    pub(super) subscriptions: SubscriptionWant,
    /// The index of remote bindings.
    pub(super) remotes: bool,
}

/// Memory to grow by.
pub struct Room {
    pub(super) bindings: Option<Growth<Binding>>,
    pub(super) ranges: Option<Growth<Node<Fronts>>>,
    pub(super) owners: Option<Growth<Owner>>,
    pub(super) subscriptions: SubscriptionRoom,
    pub(super) remotes: Option<crate::mem::Block<super::slab::Index>>,
}

impl Want {
    /// Allocates it; none if there is no memory. May sleep: no lock held.
    pub fn allocate(self) -> Option<Room> {
        Some(Room {
            bindings: Slab::allocate_if(self.bindings)?,
            ranges: Slab::allocate_if(self.ranges)?,
            owners: Slab::allocate_if(self.owners)?,
            subscriptions: self.subscriptions.allocate()?,
            remotes: match self.remotes {
                true => Some(super::remote::Remotes::allocate()?),
                false => None,
            },
        })
    }

    /// The index of remote bindings, which comes with the first of them.
    pub(super) fn directory() -> Self {
        Want {
            remotes: true,
            ..Want::default()
        }
    }

    /// It, unless it is nothing.
    pub(super) fn any(self) -> Option<Self> {
        (self != Want::default()).then_some(self)
    }
}

impl From<SubscriptionWant> for Want {
    fn from(subscriptions: SubscriptionWant) -> Self {
        Want {
            subscriptions,
            ..Want::default()
        }
    }
}

/// Memory that is not needed any more, to be dropped without the lock.
pub struct Spare {
    pub(super) _bindings: Option<Slab<Binding>>,
    pub(super) _ranges: Option<Slab<Node<Fronts>>>,
    pub(super) _owners: Option<Slab<Owner>>,
    pub(super) _subscriptions: SubscriptionSpare,
}
