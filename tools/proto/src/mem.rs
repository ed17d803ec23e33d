// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! Memory that may be refused: the host's twin of `src/mem.rs`, which refuses on command.

use std::cell::Cell;

#[path = "../../../src/mem/slab.rs"]
pub mod slab;

thread_local! {
    /// Allocations that still succeed; none for no limit.
    static LEFT: Cell<Option<usize>> = const { Cell::new(None) };
}

/// From here on, in this thread, `n` allocations succeed and all others fail.
pub fn fail_after(n: usize) {
    LEFT.set(Some(n));
}

/// Allocations succeed again.
pub fn fail_never() {
    LEFT.set(None);
}

/// Counts an allocation that is wanted; whether it succeeds.
pub fn allowed() -> bool {
    match LEFT.get() {
        Some(0) => return false,
        Some(n) => LEFT.set(Some(n - 1)),
        None => {}
    }
    true
}

/// A fixed number of values in one allocation.
pub struct Block<T>(Vec<T>);

impl<T: Clone> Block<T> {
    /// `count` copies of `value`; none if memory is refused.
    pub fn filled(value: T, count: usize) -> Option<Self> {
        allowed().then(|| Block(vec![value; count]))
    }
}

impl<T> Block<T> {
    /// Value `index`, if there is one.
    pub fn get(&self, index: usize) -> Option<&T> {
        self.0.get(index)
    }

    /// Value `index`, if there is one, to change.
    pub fn get_mut(&mut self, index: usize) -> Option<&mut T> {
        self.0.get_mut(index)
    }

    /// All values.
    pub fn as_slice(&self) -> &[T] {
        &self.0
    }

    /// All values, to change.
    pub fn as_mut_slice(&mut self) -> &mut [T] {
        &mut self.0
    }
}
