// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! What the name table keeps: bindings, who made them, and the ranges they are for.
//!
//! In: calls of `table`; out: records. Replaces C `name_table.h:struct publication` and
//! `name_table.c:struct service_range`, and the list of publications in each C socket.

use super::order::Chained;
use super::ring::{Linked, Links};
use super::slab::{Index, NIL};
use crate::proto::vocab::{NodeAddr, PortId, Scope, ServiceRange, SocketAddr};

/// One binding.
#[derive(Clone, Copy)]
pub struct Binding {
    pub(super) range: ServiceRange,
    pub(super) scope: Scope,
    /// Who bound it. No node: the own one, whatever its address comes to be.
    pub(super) socket: SocketAddr,
    /// Its publication key.
    pub(super) key: u32,
    /// Number of the binding, which grows with each: its age.
    pub(super) number: u32,
    /// The socket's entry among the owners; NIL for a binding of TIPC itself.
    pub(super) owner: Index,
    all: Links,
    own: Links,
    mine: Links,
    chain: Index,
    /// The next in its bucket of the index of remote bindings.
    pub(super) bucket: Index,
}

/// The circles a binding is in.
#[derive(Clone, Copy)]
pub enum Circle {
    /// All bindings of a range.
    All,
    /// Those of the own node.
    Own,
    /// Those of one socket.
    Mine,
}

impl Binding {
    /// A binding that is in no circle.
    pub(super) fn new(range: ServiceRange, scope: Scope, socket: SocketAddr, key: u32) -> Self {
        Binding {
            range,
            scope,
            socket,
            key,
            number: 0,
            owner: NIL,
            all: Links::NONE,
            own: Links::NONE,
            mine: Links::NONE,
            chain: NIL,
            bucket: NIL,
        }
    }

    /// Whether it was made on this node.
    pub(super) fn is_own(&self) -> bool {
        self.socket.node == NodeAddr::NONE
    }

    /// Whether it, with the number `index`, is the only one of its range.
    pub(super) fn is_alone(&self, index: Index) -> bool {
        self.all.is_alone(index)
    }

    /// The port a message goes to; none for a binding of TIPC itself, whose numbers are not ports.
    pub(super) fn port(&self) -> PortId {
        if self.is_own() && self.owner == NIL {
            PortId(0)
        } else {
            self.socket.port
        }
    }

    /// It, as others see it from a node with this address.
    pub(super) fn published(&self, own: NodeAddr) -> Publication {
        Publication {
            range: self.range,
            scope: self.scope,
            socket: self.address(self.socket.port, own),
            key: self.key,
        }
    }

    /// Address of `port` on the node that made it.
    pub(super) fn address(&self, port: PortId, own: NodeAddr) -> SocketAddr {
        let node = if self.is_own() { own } else { self.socket.node };
        SocketAddr { port, node }
    }
}

impl Linked for Binding {
    type Circle = Circle;

    fn links(&mut self, circle: Circle) -> &mut Links {
        match circle {
            Circle::All => &mut self.all,
            Circle::Own => &mut self.own,
            Circle::Mine => &mut self.mine,
        }
    }

    fn at(&self, circle: Circle) -> Links {
        match circle {
            Circle::All => self.all,
            Circle::Own => self.own,
            Circle::Mine => self.mine,
        }
    }
}

impl Chained for Binding {
    fn rank(&self) -> u32 {
        self.number
    }

    fn next(&self) -> Index {
        self.chain
    }

    fn set_next(&mut self, next: Index) {
        self.chain = next;
    }
}

/// The fronts of the two circles of a range.
#[derive(Clone, Copy)]
pub struct Fronts {
    pub(super) all: Index,
    pub(super) own: Index,
}

impl Fronts {
    /// Of a range without bindings.
    pub(super) const NONE: Fronts = Fronts { all: NIL, own: NIL };
}

/// A socket that has bindings.
#[derive(Clone, Copy)]
pub struct Owner {
    /// Its newest binding.
    pub(super) newest: Index,
    /// The multicast look-up that met it last.
    pub(super) met: u64,
}

/// The bindings of one socket; kept by the socket, used only with the table's lock.
pub struct SocketBindings {
    /// Its entry among the owners, while it has bindings.
    pub(super) owner: Index,
    /// Bindings ever made.
    pub(super) made: u32,
}

impl SocketBindings {
    /// No bindings.
    pub const fn new() -> Self {
        SocketBindings {
            owner: NIL,
            made: 0,
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.owner == NIL
    }
}

/// A binding, as others see it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Publication {
    /// What is bound.
    pub range: ServiceRange,
    /// How far it is known.
    pub scope: Scope,
    /// Who bound it.
    pub socket: SocketAddr,
    /// What tells it from others of the same socket.
    pub key: u32,
}
