// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! A spin lock that holds bottom halves off: for data that system calls and softirqs share.
//!
//! In: data and a lock class; out: guards. The kernel crate has spin locks with interrupts on and
//! off but none of this kind.

use super::bottom::Held;
use super::ffi as b;
use kernel::ffi::c_char;
use kernel::sync::lock::{Backend, Guard, Lock};

/// See the module.
pub struct BhBackend;

/// How a lock was taken, and so how it is given back.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// Bottom halves were held off for it.
    WithBottom,
    /// They were off already.
    Alone,
}

// SAFETY: `_raw_spin_lock_bh` and its siblings give mutual exclusion between all CPUs and, with
// bottom halves off, between process context and softirq on one CPU.
unsafe impl Backend for BhBackend {
    type State = b::spinlock_t;
    type GuardState = Taken;

    unsafe fn init(ptr: *mut Self::State, name: *const c_char, key: *mut b::lock_class_key) {
        // SAFETY: the caller passes a valid, unshared `ptr`, and name and key that live for ever.
        unsafe { b::__spin_lock_init(ptr, name, key) }
    }

    unsafe fn lock(ptr: *mut Self::State) -> Self::GuardState {
        // SAFETY: `ptr` was initialised by `init`; a spinlock_t begins with its raw_spinlock_t.
        unsafe { b::_raw_spin_lock_bh(ptr.cast()) };
        Taken::WithBottom
    }

    #[inline]
    unsafe fn unlock(ptr: *mut Self::State, taken: &Self::GuardState) {
        // SAFETY: the caller holds the lock, which was taken that way.
        unsafe {
            match taken {
                Taken::WithBottom => b::_raw_spin_unlock_bh(ptr.cast()),
                Taken::Alone => b::spin_unlock(ptr),
            }
        }
    }

    unsafe fn try_lock(ptr: *mut Self::State) -> Option<Self::GuardState> {
        // SAFETY: as in `lock`.
        if unsafe { b::_raw_spin_trylock_bh(ptr.cast()) } != 0 {
            Some(Taken::WithBottom)
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

/// Taking the lock where bottom halves are off already: a quarter of the cost.
pub trait LockHeld<T> {
    /// Takes it.
    fn lock_held<'a>(&'a self, held: &'a Held) -> BhGuard<'a, T>;
}

impl<T> LockHeld<T> for BhSpinLock<T> {
    #[inline]
    fn lock_held<'a>(&'a self, _held: &'a Held) -> BhGuard<'a, T> {
        let state: *mut b::spinlock_t = core::ptr::from_ref(self).cast_mut().cast();
        // SAFETY: a `Lock` is `repr(C)` and begins with its state, which only `new` makes. With
        // bottom halves off until after the guard has gone, this CPU cannot be interrupted by
        // another holder, and the lock is held once it is taken.
        unsafe {
            b::_raw_spin_lock(state.cast());
            Guard::new(self, Taken::Alone)
        }
    }
}

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
