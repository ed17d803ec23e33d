// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! A spin lock that holds bottom halves off: for data that system calls and softirqs share.
//!
//! In: data and a lock class; out: guards. The kernel crate has spin locks with interrupts on and
//! off but none of this kind.

use super::ffi as b;
use kernel::ffi::c_char;
use kernel::sync::lock::{Backend, Guard, Lock};

/// See the module.
pub struct BhBackend;

// SAFETY: `_raw_spin_lock_bh` and its siblings give mutual exclusion between all CPUs and, with
// bottom halves off, between process context and softirq on one CPU.
unsafe impl Backend for BhBackend {
    type State = b::spinlock_t;
    type GuardState = ();

    unsafe fn init(ptr: *mut Self::State, name: *const c_char, key: *mut b::lock_class_key) {
        // SAFETY: the caller passes a valid, unshared `ptr`, and name and key that live for ever.
        unsafe { b::__spin_lock_init(ptr, name, key) }
    }

    unsafe fn lock(ptr: *mut Self::State) -> Self::GuardState {
        // SAFETY: `ptr` was initialised by `init`; a spinlock_t begins with its raw_spinlock_t.
        unsafe { b::_raw_spin_lock_bh(ptr.cast()) }
    }

    unsafe fn unlock(ptr: *mut Self::State, _guard_state: &Self::GuardState) {
        // SAFETY: the caller holds the lock.
        unsafe { b::_raw_spin_unlock_bh(ptr.cast()) }
    }

    unsafe fn try_lock(ptr: *mut Self::State) -> Option<Self::GuardState> {
        // SAFETY: as in `lock`.
        if unsafe { b::_raw_spin_trylock_bh(ptr.cast()) } != 0 {
            Some(())
        } else {
            None
        }
    }

    unsafe fn assert_is_held(_ptr: *mut Self::State) {}
}

/// The lock.
pub type BhSpinLock<T> = Lock<T, BhBackend>;

/// What holds it.
pub type BhGuard<'a, T> = Guard<'a, T, BhBackend>;

/// Makes an initialiser of a `BhSpinLock`, with a lock class of its own.
macro_rules! new_bh_spinlock {
    ($value:expr, $name:literal) => {
        $crate::sys::lock::BhSpinLock::new(
            $value,
            kernel::optional_name!($name),
            kernel::static_lock_class!(),
        )
    };
}
pub(crate) use new_bh_spinlock;
