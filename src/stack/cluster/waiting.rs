// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! Sockets that wait until a link takes more of them.
//!
//! In: ports, by senders that were told to wait; out: the same ports, oldest first, when there is
//! room. Part of a neighbour's state. Replaces the wake-up messages of C `link.c`.

use crate::mem::slab::{Blocks, Growth, Index, Slab, NIL};
use crate::proto::vocab::{Level, PortId};

/// One that waits.
#[derive(Clone, Copy)]
pub struct Waiter {
    port: PortId,
    next: Index,
}

/// Those that wait, by level. A socket is in it once, so sockets bound it.
pub struct Waiting {
    slab: Slab<Waiter>,
    ends: [(Index, Index); Level::COUNT],
}

impl Waiting {
    /// Nobody.
    pub fn new() -> Self {
        Waiting {
            slab: Slab::new(),
            ends: [(NIL, NIL); Level::COUNT],
        }
    }

    /// What must be allocated before the next one, if there is no room.
    pub fn wanted(&self) -> Option<Blocks> {
        self.slab.wanted()
    }

    /// Takes in memory; hands back what is not needed.
    pub fn grow(&mut self, growth: Growth<Waiter>) -> Growth<Waiter> {
        self.slab.grow(growth)
    }

    /// One more waits; false if there is no room.
    pub fn push(&mut self, port: PortId, level: Level) -> bool {
        let Some(new) = self.slab.insert(Waiter { port, next: NIL }) else {
            return false;
        };
        let Some((first, last)) = self.ends.get_mut(level.number() as usize) else {
            return false;
        };
        match self.slab.get_mut(*last) {
            Some(waiter) => waiter.next = new,
            None => *first = new,
        }
        *last = new;
        true
    }

    /// The one that has waited longest at a level.
    pub fn pop(&mut self, level: usize) -> Option<PortId> {
        let (first, last) = self.ends.get_mut(level)?;
        let waiter = self.slab.remove(*first)?;
        *first = waiter.next;
        if *first == NIL {
            *last = NIL;
        }
        Some(waiter.port)
    }
}
