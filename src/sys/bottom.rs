// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! Bottom halves held off on this CPU, without a lock: for work that nobody may be kept waiting for
//! by a preemption in its middle.
//!
//! Out: a guard.

use super::ffi as b;
use core::marker::PhantomData;

/// Holds bottom halves off until it is dropped: nothing preempts, and no softirq comes in between.
/// No sleeping meanwhile.
///
/// # Invariants
///
/// Bottom halves were held off once for this object, on the CPU it is on; it is not `Send`.
pub struct Held(PhantomData<*mut ()>);

/// Holds them off. Any context but hard interrupts.
pub fn hold() -> Held {
    // SAFETY: a counter of this CPU, undone by the drop.
    unsafe { b::local_bh_disable() };
    // INVARIANT: done just now.
    Held(PhantomData)
}

impl Drop for Held {
    fn drop(&mut self) {
        // SAFETY: held off by this object, on this CPU.
        unsafe { b::local_bh_enable() };
    }
}
