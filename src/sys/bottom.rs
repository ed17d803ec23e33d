// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! Bottom halves held off on this CPU, without a lock: for work that nobody may be kept waiting for
//! by a preemption in its middle.
//!
//! Out: a guard. Grace periods of RCU wait for a CPU whose bottom halves are off, so it is a read
//! section, too.

use super::ffi as b;
use super::rcu::Section;
use core::marker::PhantomData;
use core::mem::ManuallyDrop;

/// Holds bottom halves off until it is dropped: nothing preempts, and no softirq comes in between.
/// No sleeping meanwhile.
///
/// # Invariants
///
/// Bottom halves are held off on the CPU this object is on, as long as it is there; it is not `Send`.
/// They were held off once for it, unless it is never dropped.
pub struct Held(PhantomData<*mut ()>);

// SAFETY: a grace period waits until bottom halves have been on again (since Linux 4.20).
unsafe impl Section for Held {}

impl Held {
    /// For code that runs with bottom halves off anyway.
    ///
    /// # Safety
    ///
    /// They are off until the result is used no more.
    pub(super) unsafe fn already() -> ManuallyDrop<Held> {
        // INVARIANT: by the contract, and never dropped.
        ManuallyDrop::new(Held(PhantomData))
    }
}

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
