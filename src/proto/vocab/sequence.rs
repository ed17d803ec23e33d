// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! Numbers that wrap: of packets and of sessions.
//!
//! In: 16-bit fields from `wire`; out: newtypes that compare modulo 65 536. Replaces C
//! `core.h:less_eq` and friends.

/// The number of a packet on a link.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct SeqNo(pub u16);

impl SeqNo {
    /// Whether it is `right` or one of the 32 767 before it.
    pub fn less_eq(self, right: SeqNo) -> bool {
        right.since(self) < 0x8000
    }

    /// Whether it is before `right`.
    pub fn less(self, right: SeqNo) -> bool {
        self != right && self.less_eq(right)
    }

    /// Whether it is after `right`: not equal and not before.
    pub fn more(self, right: SeqNo) -> bool {
        !self.less_eq(right)
    }

    /// The number `count` further on.
    pub fn plus(self, count: u16) -> SeqNo {
        SeqNo(self.0.wrapping_add(count))
    }

    /// The number after this one.
    pub fn next(self) -> SeqNo {
        self.plus(1)
    }

    /// The number before this one.
    pub fn previous(self) -> SeqNo {
        SeqNo(self.0.wrapping_sub(1))
    }

    /// Steps from `earlier` to this one, modulo 65 536.
    pub fn since(self, earlier: SeqNo) -> u16 {
        self.0.wrapping_sub(earlier.0)
    }
}

/// The number of a link end's session: one more each time that end is reset.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct SessionNo(pub u16);

impl SessionNo {
    /// Whether it is newer than `other`.
    pub fn more(self, other: SessionNo) -> bool {
        SeqNo(self.0).more(SeqNo(other.0))
    }

    /// Whether it is older than `other`.
    pub fn less(self, other: SessionNo) -> bool {
        SeqNo(self.0).less(SeqNo(other.0))
    }

    /// The session after this one.
    pub fn next(self) -> SessionNo {
        SessionNo(self.0.wrapping_add(1))
    }

    /// The session before this one.
    pub fn previous(self) -> SessionNo {
        SessionNo(self.0.wrapping_sub(1))
    }
}
