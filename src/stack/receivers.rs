// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! The sockets a multicast goes to.
//!
//! In: ports found in the name table; out: the same, to `socket`. A few are kept in place, more in
//! memory allocated for them. Replaces the lists of C `name_table.c:tipc_dest_push`.

use super::subscribers::Context;
use crate::mem::Block;
use crate::proto::vocab::PortId;

/// Receivers that need no memory.
const FEW: usize = 16;

/// Ports, each once.
pub struct Receivers {
    few: [PortId; FEW],
    many: Option<Block<PortId>>,
    len: usize,
}

impl Receivers {
    /// Room for a few.
    pub fn new() -> Self {
        Receivers {
            few: [PortId(0); FEW],
            many: None,
            len: 0,
        }
    }

    /// Room for `count`, and some that may come meanwhile; none without memory.
    pub fn with_room(count: usize, context: Context) -> Option<Self> {
        let room = count.saturating_add(count / 8);
        let many = match context {
            Context::MaySleep => Block::filled(PortId(0), room)?,
            Context::Any => Block::filled_at_once(PortId(0), room)?,
        };
        Some(Receivers {
            many: Some(many),
            ..Receivers::new()
        })
    }

    /// The room, to be filled.
    pub fn room(&mut self) -> &mut [PortId] {
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

    /// The ports.
    pub fn iter(&self) -> impl Iterator<Item = PortId> + '_ {
        let all: &[PortId] = match &self.many {
            Some(many) => many.as_slice(),
            None => &self.few,
        };
        all.iter().take(self.len).copied()
    }
}
