// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! The name table of one network namespace.
//!
//! In: bindings of sockets, from `stack`; look-ups by service name. Out: the socket to send to.
//! The content of one lock; every call takes `&mut self` and none allocates: when `wanted` says
//! that room is missing, the caller allocates without the lock and calls `grow`. Replaces C
//! `name_table.c` and the list of publications in each C socket.

use super::ring::{self, Circle, Linked, Links};
use super::slab::{Growth, Index, Slab, NIL};
use super::tree::{Node, Tree};
use crate::proto::vocab::{NodeAddr, Scope, ServiceRange, ServiceType, SocketAddr};

/// Bindings that the users of one node may have (C `name_table.c:tipc_nametbl_publish`:
/// `TIPC_MAX_PUBL`, less one kept back).
pub const MAX_BINDINGS: u32 = 65534;

/// Records an empty table may keep memory for: about 120 kB, so that binding and withdrawing in
/// turn does not allocate each time.
const KEEP_WHEN_EMPTY: u32 = 1008;

/// One binding of one socket.
#[derive(Clone, Copy)]
pub struct Binding {
    range: ServiceRange,
    scope: Scope,
    socket: SocketAddr,
    all: Links,
    own: Links,
    /// The socket's next older binding, and its next newer one.
    older: Index,
    newer: Index,
}

impl Linked for Binding {
    fn links(&mut self, circle: Circle) -> &mut Links {
        match circle {
            Circle::All => &mut self.all,
            Circle::Own => &mut self.own,
        }
    }

    fn at(&self, circle: Circle) -> Links {
        match circle {
            Circle::All => self.all,
            Circle::Own => self.own,
        }
    }
}

/// The fronts of the two circles of a range.
#[derive(Clone, Copy)]
struct Fronts {
    all: Index,
    own: Index,
}

/// The bindings of one socket, newest first; kept by the socket, used only with the table's lock.
pub struct SocketBindings {
    newest: Index,
}

impl SocketBindings {
    /// No bindings.
    pub const fn new() -> Self {
        SocketBindings { newest: NIL }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.newest == NIL
    }
}

/// Why a binding was refused.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum BindError {
    /// `MAX_BINDINGS` are there already.
    TooMany,
    /// There is no room: allocate what is `wanted` and try again.
    NeedRoom,
}

/// What must be allocated before the next binding.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Want {
    bindings: Option<usize>,
    ranges: Option<usize>,
}

/// Memory for more bindings.
pub struct Room {
    bindings: Option<Growth<Binding>>,
    ranges: Option<Growth<Node<Fronts>>>,
}

impl Want {
    /// Allocates it; none if there is no memory. May sleep: no lock held.
    pub fn allocate(self) -> Option<Room> {
        let bindings = match self.bindings {
            Some(number) => Some(Slab::allocate(number)?),
            None => None,
        };
        let ranges = match self.ranges {
            Some(number) => Some(Slab::allocate(number)?),
            None => None,
        };
        Some(Room { bindings, ranges })
    }
}

/// The name table.
pub struct NameTable {
    bindings: Slab<Binding>,
    ranges: Tree<Fronts>,
}

impl NameTable {
    /// An empty table without memory of its own.
    pub fn new() -> Self {
        NameTable {
            bindings: Slab::new(),
            ranges: Tree::new(),
        }
    }

    /// Bindings in the table.
    pub fn len(&self) -> u32 {
        self.bindings.len()
    }

    /// What must be allocated before the next binding.
    pub fn wanted(&mut self) -> Want {
        Want {
            bindings: self.bindings.wanted(),
            ranges: self.ranges.slab().wanted(),
        }
    }

    /// Takes in new memory. What another caller was faster to bring is handed back, to be freed
    /// after the unlock.
    #[must_use]
    pub fn grow(&mut self, room: Room) -> Room {
        Room {
            bindings: room.bindings.and_then(|growth| self.bindings.grow(growth)),
            ranges: room
                .ranges
                .and_then(|growth| self.ranges.slab().grow(growth)),
        }
    }

    /// Takes the memory out of a table that has become empty after it was large, to be freed
    /// without the lock.
    #[must_use]
    pub fn shrink(&mut self) -> Option<NameTable> {
        if self.len() == 0 && self.bindings.capacity() > KEEP_WHEN_EMPTY {
            Some(core::mem::replace(self, NameTable::new()))
        } else {
            None
        }
    }

    /// Binds `socket`, a socket of this node, to a range. The same range may be bound any number
    /// of times, by one socket or by several.
    pub fn bind(
        &mut self,
        range: ServiceRange,
        scope: Scope,
        socket: SocketAddr,
        of: &mut SocketBindings,
    ) -> Result<(), BindError> {
        if self.len() >= MAX_BINDINGS {
            return Err(BindError::TooMany);
        }
        let at = match self.ranges.exact(range) {
            Some(at) => at,
            None => self
                .ranges
                .insert(range, Fronts { all: NIL, own: NIL })
                .ok_or(BindError::NeedRoom)?,
        };
        let links = Links::NONE;
        let older = of.newest;
        let binding = Binding {
            range,
            scope,
            socket,
            all: links,
            own: links,
            older,
            newer: NIL,
        };
        let Some(new) = self.bindings.insert(binding) else {
            self.drop_if_empty(range, at);
            return Err(BindError::NeedRoom);
        };
        if let Some(next) = self.bindings.get_mut(older) {
            next.newer = new;
        }
        of.newest = new;
        if let Some(fronts) = self.ranges.value(at) {
            ring::insert(&mut self.bindings, Circle::All, &mut fronts.all, new);
            ring::insert(&mut self.bindings, Circle::Own, &mut fronts.own, new);
        }
        Ok(())
    }

    fn drop_if_empty(&mut self, range: ServiceRange, at: Index) {
        if self
            .ranges
            .value(at)
            .is_some_and(|fronts| fronts.all == NIL)
        {
            self.ranges.remove(range);
        }
    }

    fn take(&mut self, old: Index, of: &mut SocketBindings) {
        let Some(binding) = self.bindings.get(old).copied() else {
            return;
        };
        if let Some(at) = self.ranges.exact(binding.range) {
            if let Some(fronts) = self.ranges.value(at) {
                ring::remove(&mut self.bindings, Circle::All, &mut fronts.all, old);
                ring::remove(&mut self.bindings, Circle::Own, &mut fronts.own, old);
            }
            self.drop_if_empty(binding.range, at);
        }
        match self.bindings.get_mut(binding.newer) {
            Some(newer) => newer.older = binding.older,
            None => of.newest = binding.older,
        }
        if let Some(older) = self.bindings.get_mut(binding.older) {
            older.newer = binding.newer;
        }
        self.bindings.remove(old);
    }

    /// Withdraws the socket's newest binding of exactly this range and scope; false if it has
    /// none.
    pub fn unbind(&mut self, range: ServiceRange, scope: Scope, of: &mut SocketBindings) -> bool {
        let mut at = of.newest;
        while let Some(binding) = self.bindings.get(at) {
            if binding.range == range && binding.scope == scope {
                self.take(at, of);
                return true;
            }
            at = binding.older;
        }
        false
    }

    /// Withdraws up to `most` of the socket's bindings, newest first; whether any are left.
    pub fn unbind_some(&mut self, of: &mut SocketBindings, most: usize) -> bool {
        for _ in 0..most {
            if of.is_empty() {
                return false;
            }
            self.take(of.newest, of);
        }
        !of.is_empty()
    }

    /// Chooses the socket a message to `instance` of `service` goes to: of the first range that
    /// covers it, the bindings take turns (C `name_table.c:tipc_nametbl_lookup_anycast`).
    /// `domain` is the node to look on; none means all, which on a node without address are the
    /// node's own.
    pub fn anycast(
        &mut self,
        service: ServiceType,
        instance: u32,
        domain: NodeAddr,
        own: NodeAddr,
    ) -> Option<SocketAddr> {
        let at = self.ranges.first(ServiceRange::single(service, instance))?;
        let fronts = self.ranges.value(at)?;
        let chosen = if domain == own {
            ring::choose(&self.bindings, Circle::Own, &mut fronts.own)?
        } else {
            ring::choose(&self.bindings, Circle::All, &mut fronts.all)?
        };
        self.bindings.get(chosen).map(|binding| binding.socket)
    }
}
