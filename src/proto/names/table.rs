// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! The name table of one network namespace: what is bound, by whom.
//!
//! In: bindings of sockets and of TIPC itself, from `stack`; out: events to those who have
//! subscribed. The content of one lock; every call takes `&mut self` and none allocates: when one
//! answers that room is missing, the caller allocates without the lock, calls `grow` and asks
//! again. `lookup` finds, `dump` lists, `subscribe` is for subscribers. Replaces C `name_table.c`
//! and the list of publications in each C socket.

use super::binding::{Binding, Circle, Fronts, Owner, Publication, SocketBindings};
use super::distribution::Teller;
use super::event::Happened;
use super::ring;
use super::room::{Room, Spare, Want};
use super::slab::{Index, Slab, NIL};
use super::subscription::{Audience, Change, SubscriptionWant, Subscriptions};
use super::tree::{Key, Tree};
use crate::proto::vocab::{NodeAddr, PortId, Scope, ServiceRange, SocketAddr};

/// Bindings that the users of one node may have (C `name_table.c:tipc_nametbl_publish`:
/// `TIPC_MAX_PUBL`, less one kept back).
pub const MAX_BINDINGS: u32 = 65534;

/// Why a binding was refused.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum BindError {
    /// `MAX_BINDINGS` are there already.
    TooMany,
    /// The socket has made so many bindings that the keys are used up.
    NoKey,
    /// There is no room: allocate this and try again.
    NeedRoom(Want),
}

/// What to do if events of a withdrawal have no room.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Memory {
    /// Say so.
    Ask,
    /// Go on: a subscriber is lost rather than a withdrawal undone.
    GoOn,
}

/// The name table.
pub struct NameTable {
    pub(super) bindings: Slab<Binding>,
    pub(super) ranges: Tree<Fronts>,
    pub(super) owners: Slab<Owner>,
    pub(super) subscriptions: Subscriptions,
    pub(super) own: NodeAddr,
    pub(super) remotes: super::remote::Remotes,
    /// Multicast look-ups so far.
    pub(super) multicasts: u64,
    /// Bindings ever made.
    made: u32,
    /// Bindings of users.
    users: u32,
    /// What other nodes are told of it.
    pub teller: Teller,
}

impl NameTable {
    /// An empty table without memory of its own, of a node without address. `seed` is a random
    /// number.
    pub fn new(seed: u64) -> Self {
        NameTable {
            bindings: Slab::new(),
            ranges: Tree::new(),
            owners: Slab::new(),
            subscriptions: Subscriptions::new(seed),
            own: NodeAddr::NONE,
            remotes: super::remote::Remotes::new(seed),
            multicasts: 0,
            made: 0,
            users: 0,
            teller: Teller::new(),
        }
    }

    /// Bindings in the table.
    pub fn len(&self) -> u32 {
        self.bindings.len()
    }

    /// The node has got an address: from here on its bindings are known under it. The caller then
    /// publishes the node itself.
    pub fn reinit(&mut self, own: NodeAddr) {
        self.own = own;
    }

    /// Takes in new memory. What another caller was faster to bring is handed back, to be freed
    /// after the unlock.
    #[must_use]
    pub fn grow(&mut self, room: Room) -> Room {
        Room {
            bindings: room.bindings.map(|g| self.bindings.grow(g)),
            ranges: room.ranges.map(|g| self.ranges.slab().grow(g)),
            owners: room.owners.map(|g| self.owners.grow(g)),
            subscriptions: self.subscriptions.grow(room.subscriptions),
            remotes: room.remotes.and_then(|heads| self.remotes.grow(heads)),
        }
    }

    /// Takes out the memory of what has become empty after it was large, to be freed without the
    /// lock.
    #[must_use]
    pub fn shrink(&mut self) -> Spare {
        Spare {
            _bindings: self.bindings.shrink(),
            _ranges: self.ranges.slab().shrink(),
            _owners: self.owners.shrink(),
            _subscriptions: self.subscriptions.shrink(),
        }
    }

    /// Binds a socket of this node to a range, and says what was bound. The same range may be bound
    /// any number of times, by one socket or by several.
    pub fn bind(
        &mut self,
        range: ServiceRange,
        scope: Scope,
        port: PortId,
        of: &mut SocketBindings,
    ) -> Result<Publication, BindError> {
        let counts = !range.service().is_published_by_tipc();
        if counts && self.users >= MAX_BINDINGS {
            return Err(BindError::TooMany);
        }
        let nth = of.made.wrapping_add(1);
        if nth == 0 {
            return Err(BindError::NoKey);
        }
        let socket = SocketAddr {
            port,
            node: NodeAddr::NONE,
        };
        let binding = Binding::new(range, scope, socket, port.0.wrapping_add(nth));
        let what = binding.published(self.own);
        self.put(binding, Some(of))?;
        if counts {
            self.users = self.users.wrapping_add(1);
        }
        Ok(what)
    }

    /// Publishes something of TIPC's own under a number that is not that of a socket: a node, a
    /// link.
    pub fn publish_own(
        &mut self,
        range: ServiceRange,
        scope: Scope,
        port: PortId,
        key: u32,
    ) -> Result<(), BindError> {
        let socket = SocketAddr {
            port,
            node: NodeAddr::NONE,
        };
        let binding = Binding::new(range, scope, socket, key);
        self.put(binding, None).map(|_| ())
    }

    /// Withdraws what `publish_own` published; false if it is not there.
    pub fn withdraw_own(
        &mut self,
        range: ServiceRange,
        port: PortId,
        key: u32,
        memory: Memory,
    ) -> Result<bool, Want> {
        let front = match self.fronts(range) {
            Some(fronts) => fronts.own,
            None => return Ok(false),
        };
        let mut at = front;
        while let Some(binding) = self.bindings.get(at) {
            if (binding.socket.port, binding.key, binding.owner) == (port, key, NIL) {
                let mut tipc = SocketBindings::new();
                return self.take(at, &mut tipc, memory).map(|()| true);
            }
            at = ring::next(&self.bindings, Circle::Own, at);
            if at == front {
                break;
            }
        }
        Ok(false)
    }

    /// Bindings ever made.
    pub(super) fn made(&self) -> u32 {
        self.made
    }

    pub(super) fn fronts(&self, range: ServiceRange) -> Option<Fronts> {
        let at = self.ranges.exact(Key::of(range, 0))?;
        self.ranges.get(at).map(|node| node.value)
    }

    /// Puts a binding in, of a socket if `of` is its list.
    pub(super) fn put(
        &mut self,
        mut binding: Binding,
        of: Option<&mut SocketBindings>,
    ) -> Result<Index, BindError> {
        let range = self.ranges.find(Key::of(binding.range, 0));
        let change = self.change(&binding, Happened::Published, range.is_none());
        let audience = self.subscriptions.audience(&change);
        let want = Want {
            bindings: self.bindings.wanted(),
            ranges: match range {
                Some(_) => None,
                None => self.ranges.nodes.wanted(),
            },
            owners: match &of {
                Some(of) if of.is_empty() => self.owners.wanted(),
                _ => None,
            },
            subscriptions: self.events_wanted(audience),
            remotes: false,
        };
        if let Some(want) = want.any() {
            return Err(BindError::NeedRoom(want));
        }
        if self.bindings.is_full() || (range.is_none() && self.ranges.nodes.is_full()) {
            return Err(BindError::TooMany);
        }
        if let Some(of) = of {
            if of.is_empty() {
                let owner = Owner {
                    newest: NIL,
                    met: 0,
                };
                of.owner = self.owners.insert(owner).ok_or(BindError::TooMany)?;
            }
            binding.owner = of.owner;
            of.made = of.made.wrapping_add(1);
        }
        binding.number = self.made;
        self.made = self.made.wrapping_add(1);
        let new = self.link(range, binding).ok_or(BindError::TooMany)?;
        self.subscriptions.tell(audience, &change);
        Ok(new)
    }

    /// Puts a binding there is room for into its circles.
    fn link(&mut self, range: Option<Index>, binding: Binding) -> Option<Index> {
        let at = match range {
            Some(at) => at,
            None => self.ranges.insert_found(Fronts::NONE)?,
        };
        let new = self.bindings.insert(binding)?;
        let fronts = self.ranges.value(at)?;
        ring::push_front(&mut self.bindings, Circle::All, &mut fronts.all, new);
        if binding.is_own() {
            ring::push_front(&mut self.bindings, Circle::Own, &mut fronts.own, new);
        }
        if let Some(owner) = self.owners.get_mut(binding.owner) {
            ring::push_front(&mut self.bindings, Circle::Mine, &mut owner.newest, new);
        }
        Some(new)
    }

    fn change(&self, binding: &Binding, happened: Happened, edge: bool) -> Change {
        Change {
            happened,
            range: binding.range,
            scope: binding.scope,
            socket: binding.address(binding.socket.port, self.own),
            edge,
        }
    }

    fn events_wanted(&self, audience: Audience) -> SubscriptionWant {
        match audience.count {
            0 => Default::default(),
            count => self.subscriptions.wants_events(count).unwrap_or_default(),
        }
    }

    /// Takes binding `old` out, of the socket whose list is `of`.
    pub(super) fn take(
        &mut self,
        old: Index,
        of: &mut SocketBindings,
        memory: Memory,
    ) -> Result<(), Want> {
        let Some(binding) = self.bindings.get(old).copied() else {
            return Ok(());
        };
        let range = self.ranges.find(Key::of(binding.range, 0));
        let last = binding.is_alone(old);
        let change = self.change(&binding, Happened::Withdrawn, last);
        let audience = self.subscriptions.audience(&change);
        if memory == Memory::Ask {
            let want = Want::from(self.events_wanted(audience));
            if let Some(want) = want.any() {
                return Err(want);
            }
        }
        self.unlink(old, &binding, range);
        if let Some(owner) = self.owners.get_mut(of.owner) {
            ring::remove(&mut self.bindings, Circle::Mine, &mut owner.newest, old);
            if owner.newest == NIL {
                self.owners.remove(of.owner);
                of.owner = NIL;
            }
            if !binding.range.service().is_published_by_tipc() {
                self.users = self.users.saturating_sub(1);
            }
        }
        self.bindings.remove(old);
        self.subscriptions.tell(audience, &change);
        Ok(())
    }

    /// Takes a binding out of the circles of its range, and with the last one the range.
    fn unlink(&mut self, old: Index, binding: &Binding, range: Option<Index>) {
        let Some(fronts) = range.and_then(|at| self.ranges.value(at)) else {
            return;
        };
        ring::remove(&mut self.bindings, Circle::All, &mut fronts.all, old);
        if binding.is_own() {
            ring::remove(&mut self.bindings, Circle::Own, &mut fronts.own, old);
        }
        if fronts.all == NIL {
            self.ranges.remove_found();
        }
    }

    /// The socket's newest binding; NIL if there is none.
    pub(super) fn newest(&self, of: &SocketBindings) -> Index {
        self.owners.get(of.owner).map_or(NIL, |owner| owner.newest)
    }

    /// Withdraws the socket's newest binding of exactly this range and scope, and says what it was;
    /// none if there is none.
    pub fn unbind(
        &mut self,
        range: ServiceRange,
        scope: Scope,
        of: &mut SocketBindings,
        memory: Memory,
    ) -> Result<Option<Publication>, Want> {
        let at = self.find(range, scope, of);
        let Some(binding) = self.bindings.get(at) else {
            return Ok(None);
        };
        let what = binding.published(self.own);
        self.take(at, of, memory).map(|()| Some(what))
    }

    /// The newest of the bindings of a socket that are of exactly this range and scope; NIL if
    /// there is none. Looks through the bindings of the socket and those of the range at the same
    /// time, so that it does not matter which of them are many.
    fn find(&self, range: ServiceRange, scope: Scope, of: &SocketBindings) -> Index {
        let newest = self.newest(of);
        match self.bindings.get(newest) {
            Some(b) if b.range == range && b.scope == scope => return newest,
            _ => {}
        }
        let front = self.fronts(range).map_or(NIL, |fronts| fronts.own);
        let (mut mine, mut own) = (newest, front);
        let mut found: Option<(u32, Index)> = None;
        loop {
            let (Some(a), Some(b)) = (self.bindings.get(mine), self.bindings.get(own)) else {
                return NIL;
            };
            if a.range == range && a.scope == scope {
                return mine;
            }
            if b.owner == of.owner && b.scope == scope {
                found = found.max(Some((b.number, own)));
            }
            mine = ring::next(&self.bindings, Circle::Mine, mine);
            own = ring::next(&self.bindings, Circle::Own, own);
            if mine == newest || own == front {
                return found.map_or(NIL, |(_, at)| at);
            }
        }
    }

    /// Withdraws up to `most` of the socket's bindings, newest first; whether any are left.
    pub fn unbind_some(
        &mut self,
        of: &mut SocketBindings,
        most: usize,
        memory: Memory,
    ) -> Result<bool, Want> {
        for _ in 0..most {
            if of.is_empty() {
                return Ok(false);
            }
            self.take(self.newest(of), of, memory)?;
        }
        Ok(!of.is_empty())
    }
}
