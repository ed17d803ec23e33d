// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! Room `mem`: memory that may be refused. The host build of `proto` has a twin of this file
//! (tools/proto/src/mem.rs) that can refuse on command.
//!
//! In: sizes; out: blocks, or nothing.

use core::mem::MaybeUninit;
use core::ops::{Deref, DerefMut};
use kernel::prelude::*;

pub mod slab;

/// Memory for one value, which is still to come.
pub struct Room<T>(KBox<MaybeUninit<T>>);

impl<T> Room<T> {
    /// Allocates it; none if there is no memory. Any context.
    pub fn new() -> Option<Self> {
        KBox::new_uninit(GFP_ATOMIC).ok().map(Room)
    }

    /// Puts the value in.
    pub fn fill(self, value: T) -> Owned<T> {
        Owned(self.0.write(value))
    }
}

/// A value in memory of its own.
pub struct Owned<T>(KBox<T>);

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
pub struct Block<T>(KVVec<T>);

impl<T: Clone> Block<T> {
    /// `count` copies of `value`; none if there is no memory. May sleep: process context, no lock
    /// held.
    pub fn filled(value: T, count: usize) -> Option<Self> {
        KVVec::from_elem(value, count, GFP_KERNEL).ok().map(Block)
    }

    /// The same without sleeping, which is refused sooner. Any context.
    pub fn filled_at_once(value: T, count: usize) -> Option<Self> {
        KVVec::from_elem(value, count, GFP_ATOMIC).ok().map(Block)
    }
}

impl<T> Block<Block<T>> {
    /// `count` blocks without memory; none if there is no memory. May sleep: process context, no lock
    /// held.
    pub fn of_none(count: usize) -> Option<Self> {
        let mut block = KVVec::with_capacity(count, GFP_KERNEL).ok()?;
        for _ in 0..count {
            block.push_within_capacity(Block::none()).ok()?;
        }
        Some(Block(block))
    }
}

impl<T> Block<T> {
    /// No value, and no memory.
    pub const fn none() -> Self {
        Block(KVVec::new())
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
