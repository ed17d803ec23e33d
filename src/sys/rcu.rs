// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! RCU read sections.
//!
//! Out: a guard; what was found under it stays valid until it is dropped.

use super::ffi as b;
pub use kernel::sync::rcu::{read_lock, Guard};

/// What shows that a read section is open.
///
/// # Safety
///
/// No grace period that begins while an object of the type exists ends before it is dropped.
pub unsafe trait Section {}

// SAFETY: the guard of a read section.
unsafe impl Section for Guard {}

/// Waits until all read sections that are open now have ended. May sleep.
pub fn synchronize() {
    // SAFETY: no pointers involved.
    unsafe { b::synchronize_rcu() };
}

/// Waits until every callback queued so far has run. May sleep. Before the module's code goes away.
pub fn barrier() {
    kernel::sync::rcu::rcu_barrier();
}
