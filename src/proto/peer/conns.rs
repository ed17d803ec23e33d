// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! The connections of this node's sockets with one peer: who must be told when contact is lost.
//!
//! In: sockets that connect and disconnect; out: their ports, once, when the peer has gone. A
//! socket keeps the `Ticket` of its entry, so that both are O(1) and nobody's entry but its own
//! can be removed (C seeks in a list, and in two places by the wrong port). The content of the
//! peer's lock; room is made beforehand, as in `names`. Replaces C `node.c:tipc_node_add_conn`,
//! `tipc_node_remove_conn` and the list `conn_sks`.

use crate::mem::slab::{Blocks, Growth, Index, Slab, NIL};
use crate::proto::vocab::PortId;

/// One connection.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Connection {
    /// The port of this node's socket.
    pub own: PortId,
    /// The port of the peer's.
    pub peer: PortId,
}

/// An entry, which knows its neighbours in the list of all.
#[derive(Clone, Copy)]
pub struct Entry {
    connection: Connection,
    older: Index,
    newer: Index,
}

/// Where a socket's connection is entered. Of no use once the entry has gone.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Ticket(Index);

/// There is no room: allocate what is `wanted` and try again.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NeedRoom;

/// All connections with the peer. Bounded by the sockets of the namespace.
pub struct Connections {
    entries: Slab<Entry>,
    newest: Index,
}

impl Connections {
    /// None, without memory of their own.
    pub fn new() -> Self {
        Connections {
            entries: Slab::new(),
            newest: NIL,
        }
    }

    /// How many there are.
    pub fn len(&self) -> u32 {
        self.entries.len()
    }

    /// The number of the block that must be allocated before the next `add`, if there is no room.
    pub fn wanted(&self) -> Option<Blocks> {
        self.entries.wanted()
    }

    /// Takes in the block `Slab::allocate` gave; hands back what is left of it.
    #[must_use]
    pub fn grow(&mut self, growth: Growth<Entry>) -> Growth<Entry> {
        self.entries.grow(growth)
    }

    /// Enters a connection.
    pub fn add(&mut self, connection: Connection) -> Result<Ticket, NeedRoom> {
        let entry = Entry {
            connection,
            older: self.newest,
            newer: NIL,
        };
        let new = self.entries.insert(entry).ok_or(NeedRoom)?;
        if let Some(older) = self.entries.get_mut(self.newest) {
            older.newer = new;
        }
        self.newest = new;
        Ok(Ticket(new))
    }

    /// The socket `own` has disconnected; false if its entry had gone already. `own` is compared,
    /// as the place may be another socket's by now.
    pub fn remove(&mut self, ticket: Ticket, own: PortId) -> bool {
        let entry = self.entries.get(ticket.0).copied();
        match entry {
            Some(entry) if entry.connection.own == own => {
                self.unlink(ticket.0, entry);
                true
            }
            Some(_) | None => false,
        }
    }

    /// Takes one connection out, to tell its socket that the peer has gone.
    pub fn take_lost(&mut self) -> Option<Connection> {
        let entry = self.entries.get(self.newest).copied()?;
        self.unlink(self.newest, entry);
        Some(entry.connection)
    }

    fn unlink(&mut self, at: Index, entry: Entry) {
        match self.entries.get_mut(entry.newer) {
            Some(newer) => newer.older = entry.older,
            None => self.newest = entry.older,
        }
        if let Some(older) = self.entries.get_mut(entry.older) {
            older.newer = entry.newer;
        }
        self.entries.remove(at);
    }
}
