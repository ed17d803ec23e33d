// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! Whose turn it is to empty a list that many fill: one at a time, and nothing is left behind.
//!
//! In: those who fill a list, with its lock held, and the one who empties it; out: who that is. Whoever
//! has emptied it goes without the lock, unless it was filled again meanwhile.

use core::sync::atomic::{AtomicU8, Ordering};

/// Nobody empties the list.
const FREE: u8 = 0;
/// Somebody does, and has taken all there was.
const HELD: u8 = 1;
/// Somebody does, and there is more since.
const ASKED: u8 = 2;

/// The turn.
///
/// # Invariants
///
/// `FREE` only becomes `HELD` or `ASKED` by `take`, whose caller the turn is from then on, and these
/// become `FREE` only by that caller.
pub struct Claim(AtomicU8);

impl Claim {
    /// Nobody's.
    pub const fn new() -> Self {
        Claim(AtomicU8::new(FREE))
    }

    /// There is something in the list, whose lock is held: whether it is the caller's turn. If not,
    /// whoever's it is comes again. Acquires what the one before has done in its turn.
    pub fn take(&self) -> bool {
        // If it is not free yet, the `leave` to come is after this and sees it.
        self.0.swap(ASKED, Ordering::AcqRel) == FREE
    }

    /// It is the caller's turn and the list's lock is held: `more` is left in the list, or nothing.
    pub fn keep(&self, more: bool) {
        // Nobody else writes: those who fill hold the lock.
        self.0
            .store(if more { ASKED } else { HELD }, Ordering::Relaxed);
    }

    /// What was taken is done with: whether the turn is over. If not there is more in the list, and
    /// it is the caller's turn still.
    pub fn leave(&self) -> bool {
        let left = self
            .0
            .compare_exchange(HELD, FREE, Ordering::Release, Ordering::Relaxed);
        left.is_ok()
    }

    /// The turn is over, whatever is left. The list's lock is held.
    pub fn drop(&self) {
        self.0.store(FREE, Ordering::Release);
    }
}
