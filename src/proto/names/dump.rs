// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! The table as a list, read piece by piece.
//!
//! In: the place where the last piece ended; out: bindings, in C's order as far as it has one.
//! Between two pieces the table may change: what was there throughout is listed once. Replaces C
//! `name_table.c:tipc_nl_name_table_dump` and the search in `socket.c:tipc_nl_publ_dump`.

use super::binding::{Circle, Publication, SocketBindings};
use super::ring;
use super::slab::Index;
use super::table::NameTable;
use super::tree::Key;
use crate::proto::vocab::{ServiceRange, ServiceType};

/// Where a list has got to.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    pub(super) range: ServiceRange,
    /// The binding of the range listed first, and the one listed last, each with its number.
    pub(super) begin: (Index, u32),
    pub(super) last: (Index, u32),
}

/// Where the list of one socket's bindings has got to: a binding, with its number.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Place(Index, u32);

/// The binding a list would go on from has gone: what follows may be incomplete.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Interrupted;

impl Cursor {
    /// As numbers, to be kept elsewhere meanwhile; never all zero.
    pub fn to_words(self) -> [u64; 4] {
        let pair = |a: u32, b: u32| (u64::from(a) << 32) | u64::from(b);
        [
            pair(self.range.service().0, self.range.lower()),
            pair(self.range.upper(), 1),
            pair(self.begin.0, self.begin.1),
            pair(self.last.0, self.last.1),
        ]
    }

    /// From such numbers; none if they are not a cursor.
    pub fn from_words(words: [u64; 4]) -> Option<Self> {
        let split = |word: u64| ((word >> 32) as u32, word as u32);
        let [range, upper, begin, last] = words.map(split);
        if upper.1 != 1 {
            return None;
        }
        Some(Cursor {
            range: ServiceRange::new(ServiceType(range.0), range.1, upper.0)?,
            begin,
            last,
        })
    }
}

impl NameTable {
    /// The binding after the one the cursor is at (none: the first of all), and the cursor of it;
    /// none at the end.
    pub fn next_binding(
        &self,
        after: Option<Cursor>,
    ) -> Result<Option<(Publication, Cursor)>, Interrupted> {
        let Some(cursor) = after else {
            return Ok(self.first_of(self.ranges.leftmost()));
        };
        let at = self.still(cursor.last, cursor.range)?;
        let begin = self.still(cursor.begin, cursor.range)?;
        let next = ring::next(&self.bindings, Circle::All, at);
        if next == begin {
            let behind = self.ranges.behind(Key::of(cursor.range, 0));
            return Ok(self.first_of(behind));
        }
        Ok(self.listed(next, cursor.begin))
    }

    /// The binding `at`, if it is still the one that had this number, of this range.
    pub(super) fn still(
        &self,
        at: (Index, u32),
        range: ServiceRange,
    ) -> Result<Index, Interrupted> {
        match self.bindings.get(at.0) {
            Some(binding) if binding.number == at.1 && binding.range == range => Ok(at.0),
            _ => Err(Interrupted),
        }
    }

    fn first_of(&self, range: Option<Index>) -> Option<(Publication, Cursor)> {
        let front = self.ranges.get(range?)?.value.all;
        let number = self.bindings.get(front)?.number;
        self.listed(front, (front, number))
    }

    fn listed(&self, at: Index, begin: (Index, u32)) -> Option<(Publication, Cursor)> {
        let binding = self.bindings.get(at)?;
        let cursor = Cursor {
            range: binding.range,
            begin,
            last: (at, binding.number),
        };
        Some((binding.published(self.own), cursor))
    }

    /// The socket's binding after the one at `after` (none: the newest), newest first; none at the
    /// end.
    pub fn next_binding_of(
        &self,
        of: &SocketBindings,
        after: Option<Place>,
    ) -> Result<Option<(Publication, Place)>, Interrupted> {
        let newest = self.newest(of);
        let mut at = newest;
        if let Some(Place(last, number)) = after {
            match self.bindings.get(last) {
                Some(b) if b.number == number && b.owner == of.owner => {}
                _ => return Err(Interrupted),
            }
            at = ring::next(&self.bindings, Circle::Mine, last);
            if at == newest {
                return Ok(None);
            }
        }
        let binding = self.bindings.get(at);
        Ok(binding.map(|b| (b.published(self.own), Place(at, b.number))))
    }
}
