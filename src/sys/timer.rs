// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! Timers in softirq, to the jiffy.
//!
//! In: an object and a delay, from any context; out: calls of the object in softirq.

use super::ffi as b;
use super::lock::{new_bh_spinlock, BhSpinLock};
use kernel::prelude::*;
use kernel::sync::{Arc, LockClassKey};
use kernel::types::Opaque;

/// Who is called.
pub trait Tick: Send + Sync {
    /// The time has come; in how many milliseconds to come again, if at all. Softirq, no lock held;
    /// on one CPU at a time.
    fn tick(&self) -> Option<u32>;
}

/// A timer.
///
/// # Invariants
///
/// Initialised by `new`, stays where it is; runs only while it has somebody to call, whom `stop`
/// waits for.
#[pin_data(PinnedDrop)]
pub struct Timer {
    #[pin]
    timer: Opaque<b::timer_list>,
    #[pin]
    whom: BhSpinLock<Option<Arc<dyn Tick>>>,
}

// SAFETY: the kernel's timers have their own locks; the rest is under one.
unsafe impl Send for Timer {}
// SAFETY: as above.
unsafe impl Sync for Timer {}

impl Timer {
    /// A timer that does not run and has nobody to call. `new_timer!` calls this: each of its places
    /// has a lock class of its own, as one kind may be stopped while another runs.
    pub fn new(
        name: &'static CStr,
        class: Pin<&'static LockClassKey>,
    ) -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            timer <- Opaque::ffi_init(move |slot: *mut b::timer_list| {
                // SAFETY: `slot` is memory for this struct that stays where it is.
                unsafe { b::timer_init_key(slot, Some(run), 0, name.as_char_ptr(), class.as_ptr()) };
            }),
            whom <- new_bh_spinlock!(None, "tipc_timer"),
        })
    }

    /// Whom to call. Keeps it until `stop`.
    pub fn set(&self, whom: Arc<dyn Tick>) {
        let old = self.whom.lock().replace(whom);
        drop(old);
    }

    /// Lets it run out in `ms` milliseconds, whatever was asked for before. Any context.
    pub fn start(&self, ms: u32) {
        let whom = self.whom.lock();
        if whom.is_some() {
            // SAFETY: by the invariant; the time is a word that only grows.
            unsafe {
                let now = (&raw const b::jiffies).read_volatile();
                b::mod_timer(
                    self.timer.get(),
                    now.wrapping_add(b::__msecs_to_jiffies(ms)),
                );
            }
        }
    }

    /// The same, unless it runs out before that, as others have asked for meanwhile.
    fn start_by(&self, ms: u32) {
        let whom = self.whom.lock();
        if whom.is_some() {
            // SAFETY: as above.
            unsafe {
                let now = (&raw const b::jiffies).read_volatile();
                b::timer_reduce(
                    self.timer.get(),
                    now.wrapping_add(b::__msecs_to_jiffies(ms)),
                );
            }
        }
    }

    /// The end: waits for a call that runs; there will be none after it. Process context or
    /// softirq, but not from the call itself; no lock held.
    pub fn stop(&self) {
        let whom = self.whom.lock().take();
        // SAFETY: by the invariant.
        unsafe { b::timer_shutdown_sync(self.timer.get()) };
        drop(whom);
    }
}

#[pinned_drop]
impl PinnedDrop for Timer {
    fn drop(self: Pin<&mut Self>) {
        // SAFETY: by the invariant. After a `stop` this only looks.
        unsafe { b::timer_shutdown_sync(self.timer.get()) };
    }
}

/// # Safety
///
/// Called only by the kernel's timers, with the timer of a `Timer`.
unsafe extern "C" fn run(raw: *mut b::timer_list) {
    // SAFETY: the timer is part of a `Timer`, which waits for this call before it goes.
    let timer = unsafe { &*kernel::container_of!(Opaque::cast_from(raw), Timer, timer) };
    let whom = timer.whom.lock().clone();
    if let Some(ms) = whom.and_then(|whom| whom.tick()) {
        timer.start_by(ms);
    }
}

/// Makes an initialiser of a `Timer`, with a lock class of its own.
macro_rules! new_timer {
    ($name:literal) => {
        $crate::sys::timer::Timer::new($name, kernel::static_lock_class!())
    };
}
pub(crate) use new_timer;
