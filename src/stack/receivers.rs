// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! The sockets, or the other nodes, a multicast goes to.
//!
//! In: ports and nodes found in the name table; out: the same, to `socket`. A few are kept in place, more in
//! memory allocated for them. Replaces the lists of C `name_table.c:tipc_dest_push`.

use super::subscribers::Context;
use crate::mem::Block;
use crate::proto::vocab::{NodeAddr, PortId};

/// Receivers that need no memory.
const FEW: usize = 16;

/// Ports, each once.
pub type Receivers = Found<PortId>;

/// Nodes, each once.
pub type Nodes = Found<NodeAddr>;

/// What was found in the name table.
pub struct Found<T> {
    few: [T; FEW],
    many: Option<Block<T>>,
    len: usize,
}

impl<T: Copy + Default> Found<T> {
    /// Room for a few.
    pub fn new() -> Self {
        Found {
            few: [T::default(); FEW],
            many: None,
            len: 0,
        }
    }

    /// Room for `count`, and some that may come meanwhile; none without memory.
    pub fn with_room(count: usize, context: Context) -> Option<Self> {
        let room = count.saturating_add(count / 8);
        let many = match context {
            Context::MaySleep => Block::filled(T::default(), room)?,
            Context::Any => Block::filled_at_once(T::default(), room)?,
        };
        Some(Found {
            many: Some(many),
            ..Found::new()
        })
    }

    /// The room, to be filled.
    pub fn room(&mut self) -> &mut [T] {
        match &mut self.many {
            Some(many) => many.as_mut_slice(),
            None => &mut self.few,
        }
    }

    /// There are `len` of them; false if there was no room for that many.
    #[must_use]
    pub fn set_len(&mut self, len: usize) -> bool {
        self.len = len;
        len <= self.room().len()
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = T> + '_ {
        let all: &[T] = match &self.many {
            Some(many) => many.as_slice(),
            None => &self.few,
        };
        all.iter().take(self.len).copied()
    }
}
