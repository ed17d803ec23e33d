// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! RCU read sections.
//!
//! Out: a guard; what was found under it stays valid until it is dropped.

use super::bottom::Held;
use super::ffi as b;
use core::marker::PhantomData;
pub use kernel::sync::rcu::{read_lock, Guard};

/// What shows that a read section is open.
///
/// # Safety
///
/// No grace period that begins while an object of the type exists ends before it is dropped.
pub unsafe trait Section {}

// SAFETY: the guard of a read section.
unsafe impl Section for Guard {}

/// A read section: that of the caller who holds bottom halves off, or one of its own.
pub enum Read<'a> {
    /// The caller's.
    Held(PhantomData<&'a Held>),
    /// Its own.
    Own(Guard),
}

// SAFETY: whichever it is, it is open as long as the object is there.
unsafe impl Section for Read<'_> {}

impl<'a> Read<'a> {
    /// Opens one unless bottom halves are `held` off.
    pub fn within(held: Option<&'a Held>) -> Self {
        match held {
            Some(_) => Read::Held(PhantomData),
            None => Read::Own(read_lock()),
        }
    }
}

/// Waits until all read sections that are open now have ended. May sleep.
pub fn synchronize() {
    // SAFETY: no pointers involved.
    unsafe { b::synchronize_rcu() };
}

/// Waits until every callback queued so far has run. May sleep. Before the module's code goes away.
pub fn barrier() {
    kernel::sync::rcu::rcu_barrier();
}
