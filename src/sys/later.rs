// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! Work put off: to a time, or to process context.
//!
//! In: an object and a delay, from any context; out: calls of the object in process context, where
//! it may sleep.

use super::ffi as b;
use super::lock::{new_bh_spinlock, BhSpinLock};
use core::ptr::NonNull;
use kernel::prelude::*;
use kernel::sync::Arc;
use kernel::types::Opaque;

/// What is done later.
pub trait Job: Send + Sync {
    /// The time has come. Process context, no lock held; on one CPU at a time.
    fn run(&self);
}

/// One piece of work that can be asked for again and again.
///
/// # Invariants
///
/// The work is queued, or runs, only while there is a job, or `stop` has not returned.
#[pin_data(PinnedDrop)]
pub struct Later {
    #[pin]
    work: Opaque<b::delayed_work>,
    #[pin]
    asked: BhSpinLock<Asked>,
}

/// What is asked for.
struct Asked {
    job: Option<Arc<dyn Job>>,
    /// When it is due, in jiffies, if it is queued.
    due: Option<usize>,
}

// SAFETY: the kernel's work queues have locks of their own; the rest is under a lock.
unsafe impl Send for Later {}
// SAFETY: as above.
unsafe impl Sync for Later {}

impl Later {
    /// Nothing to do yet.
    pub fn new() -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            work <- Opaque::ffi_init(|slot: *mut b::delayed_work| {
                // SAFETY: `slot` is memory that stays where it is; the timer's function is the one
                // that belongs to a delayed work.
                unsafe {
                    b::init_work_with_key(
                        &raw mut (*slot).work,
                        Some(run),
                        false,
                        c"tipc_later".as_char_ptr(),
                        kernel::static_lock_class!().as_ptr(),
                    );
                    b::timer_init_key(
                        &raw mut (*slot).timer,
                        Some(b::delayed_work_timer_fn),
                        b::TIMER_IRQSAFE,
                        c"tipc_later".as_char_ptr(),
                        kernel::static_lock_class!().as_ptr(),
                    );
                }
            }),
            asked <- new_bh_spinlock!(Asked { job: None, due: None }, "tipc_later"),
        })
    }

    /// Whom to call. Keeps it until `stop`.
    pub fn set_job(&self, job: Arc<dyn Job>) {
        let old = self.asked.lock().job.replace(job);
        drop(old);
    }

    /// Calls the job in `ms` milliseconds at the latest (0: as soon as it can be). Without a job
    /// nothing. Any context.
    pub fn within(&self, ms: u32) {
        let mut asked = self.asked.lock();
        if asked.job.is_none() {
            return;
        }
        // SAFETY: no pointers involved but that of a word that only grows.
        let (now, delay) = unsafe {
            let delay = if ms == 0 {
                0
            } else {
                b::__msecs_to_jiffies(ms)
            };
            ((&raw const b::jiffies).read_volatile(), delay)
        };
        let left = asked.due.map(|due| due.wrapping_sub(now) as isize);
        if left.is_some_and(|left| left <= delay as isize) {
            return;
        }
        asked.due = Some(now.wrapping_add(delay));
        // SAFETY: initialised in `new`; there is a job, so the work may be queued.
        unsafe {
            b::mod_delayed_work_on(
                b::wq_misc_consts_WORK_CPU_UNBOUND as i32,
                b::system_dfl_wq,
                self.work.get(),
                delay,
            );
        }
    }

    /// The end: waits for a call that runs; there will be none after it. Not from the job. May
    /// sleep.
    pub fn stop(&self) {
        let job = self.asked.lock().job.take();
        // SAFETY: initialised in `new`.
        unsafe { b::disable_delayed_work_sync(self.work.get()) };
        drop(job);
    }
}

#[pinned_drop]
impl PinnedDrop for Later {
    fn drop(self: Pin<&mut Self>) {
        let job = self.asked.lock().job.take();
        if job.is_some() {
            // SAFETY: as in `stop`, which was forgotten.
            unsafe { b::disable_delayed_work_sync(self.work.get()) };
        }
    }
}

/// # Safety
///
/// Called only by the kernel's work queues, with the work of a `Later`.
unsafe extern "C" fn run(work: *mut b::work_struct) {
    let Some(work) = NonNull::new(work) else {
        return;
    };
    // SAFETY: the work begins a delayed work, which begins at a known place of a `Later`, and that
    // is there as long as its work is queued or runs.
    let later = unsafe {
        let delayed = work.as_ptr().cast::<b::delayed_work>();
        &*kernel::container_of!(Opaque::cast_from(delayed), Later, work)
    };
    let job = {
        let mut asked = later.asked.lock();
        asked.due = None;
        asked.job.clone()
    };
    if let Some(job) = job {
        job.run();
    }
}
