// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! RCU read sections.
//!
//! Out: a guard; what was found under it stays valid until it is dropped.

pub use kernel::sync::rcu::{read_lock, Guard};

/// Waits until every callback queued so far has run. May sleep. Before the module's code goes away.
pub fn barrier() {
    kernel::sync::rcu::rcu_barrier();
}
