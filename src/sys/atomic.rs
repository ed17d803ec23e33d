// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! Atomic words for single values that are read without a lock (an option, a counter).
//!
//! In and out: integers and truth values. These compile to plain loads and stores; orderings stronger
//! than relaxed are not offered, so nothing may be published through them. `fence` is for two that each
//! say something and then look at what the other has said.

use core::sync::atomic::{AtomicBool, AtomicU32, AtomicU8, Ordering};

/// What was written before can be seen by others before anything after is read (the kernel's
/// `smp_mb`).
#[inline]
pub fn fence() {
    core::sync::atomic::fence(Ordering::SeqCst);
}

/// A 32-bit value that any context may read and write.
pub struct Word(AtomicU32);

impl Word {
    /// With an initial value.
    pub const fn new(value: u32) -> Self {
        Word(AtomicU32::new(value))
    }

    /// The value now.
    pub fn get(&self) -> u32 {
        self.0.load(Ordering::Relaxed)
    }

    /// Replaces the value.
    pub fn set(&self, value: u32) {
        self.0.store(value, Ordering::Relaxed);
    }
}

/// A value of 8 bits that any context may read and write.
pub struct Byte(AtomicU8);

impl Byte {
    /// With an initial value.
    pub const fn new(value: u8) -> Self {
        Byte(AtomicU8::new(value))
    }

    /// The value now.
    pub fn get(&self) -> u8 {
        self.0.load(Ordering::Relaxed)
    }

    /// Replaces the value.
    pub fn set(&self, value: u8) {
        self.0.store(value, Ordering::Relaxed);
    }
}

/// A truth value that any context may read and write.
pub struct Flag(AtomicBool);

impl Flag {
    /// With an initial value.
    pub const fn new(value: bool) -> Self {
        Flag(AtomicBool::new(value))
    }

    /// The value now.
    pub fn get(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// Replaces the value.
    pub fn set(&self, value: bool) {
        self.0.store(value, Ordering::Relaxed);
    }
}
