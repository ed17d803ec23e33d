// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! Time, which the protocol is told and never asks for.
//!
//! In: a clock's milliseconds from `stack` or from a simulator; out: a newtype.

/// A point in time, in milliseconds since some beginning; it does not go back.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Instant(pub u64);

impl Instant {
    /// The instant `ms` milliseconds later.
    pub fn after(self, ms: u32) -> Instant {
        Instant(self.0.saturating_add(u64::from(ms)))
    }

    /// Milliseconds since `earlier`; 0 if that is not earlier.
    pub fn since(self, earlier: Instant) -> u64 {
        self.0.saturating_sub(earlier.0)
    }
}
