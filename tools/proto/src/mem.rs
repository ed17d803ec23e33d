// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! Memory that may be refused: the host's twin of `src/mem.rs`, which refuses on command.

use std::cell::Cell;
use std::ops::{Deref, DerefMut};

#[path = "../../../src/mem/slab.rs"]
pub mod slab;

/// Which allocations are refused.
#[derive(Clone, Copy)]
enum Policy {
    None,
    /// All but the next so many.
    After(usize),
    /// Only the one after the next so many.
    Only(usize),
    /// By chance: so many in a thousand, with the generator's state.
    Some(u64, u32),
}

thread_local! {
    static POLICY: Cell<Policy> = const { Cell::new(Policy::None) };
}

/// From here on, in this thread, `n` allocations succeed and all others fail.
pub fn fail_after(n: usize) {
    POLICY.set(Policy::After(n));
}

/// From here on, in this thread, `n` allocations succeed, the next one fails and all others
/// succeed.
pub fn fail_only(n: usize) {
    POLICY.set(Policy::Only(n));
}

/// From here on, in this thread, `share` in a thousand allocations fail; `seed` says which.
pub fn fail_some(share: u32, seed: u64) {
    POLICY.set(Policy::Some(seed | 1, share));
}

/// Allocations succeed again. Whether a refusal ordered by `fail_only` is still to come.
pub fn fail_never() -> bool {
    matches!(POLICY.replace(Policy::None), Policy::Only(_))
}

/// While it is there, nothing is refused; then the same rule holds again.
pub struct Paused(Policy);

/// For what waits until there is memory.
pub fn pause() -> Paused {
    Paused(POLICY.replace(Policy::None))
}

impl Drop for Paused {
    fn drop(&mut self) {
        POLICY.set(self.0);
    }
}

/// Counts an allocation that is wanted; whether it succeeds.
pub fn allowed() -> bool {
    let (policy, allowed) = match POLICY.get() {
        Policy::None => return true,
        Policy::After(0) => return false,
        Policy::After(n) => (Policy::After(n - 1), true),
        Policy::Only(0) => (Policy::None, false),
        Policy::Only(n) => (Policy::Only(n - 1), true),
        Policy::Some(state, share) => {
            let (mut next, per_thousand) = (state, 1000);
            next ^= next << 13;
            next ^= next >> 7;
            next ^= next << 17;
            let pick = (next >> 32) as u32 % per_thousand;
            (Policy::Some(next, share), pick >= share)
        }
    };
    POLICY.set(policy);
    allowed
}

/// Memory for one value, which is still to come.
pub struct Room<T>(std::marker::PhantomData<T>);

impl<T> Room<T> {
    /// Allocates it; none if memory is refused.
    pub fn new() -> Option<Self> {
        allowed().then_some(Room(std::marker::PhantomData))
    }

    /// Puts the value in.
    pub fn fill(self, value: T) -> Owned<T> {
        Owned(Box::new(value))
    }
}

/// A value in memory of its own.
pub struct Owned<T>(Box<T>);

impl<T> Deref for Owned<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> DerefMut for Owned<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.0
    }
}

/// A fixed number of values in one allocation.
pub struct Block<T>(Vec<T>);

impl<T: Clone> Block<T> {
    /// `count` copies of `value`; none if memory is refused.
    pub fn filled(value: T, count: usize) -> Option<Self> {
        allowed().then(|| Block(vec![value; count]))
    }
}

impl<T> Block<Block<T>> {
    /// `count` blocks without memory; none if memory is refused.
    pub fn of_none(count: usize) -> Option<Self> {
        allowed().then(|| Block(std::iter::repeat_with(Block::none).take(count).collect()))
    }
}

impl<T> Block<T> {
    /// No value, and no memory.
    pub const fn none() -> Self {
        Block(Vec::new())
    }

    /// Values in it.
    pub fn len(&self) -> usize {
        self.0.len()
    }

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
