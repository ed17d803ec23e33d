// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! Waiting for a socket in process context.
//!
//! In: a socket, a time limit, and what is waited for; out: what came, or EAGAIN or EINTR.

use super::ffi as b;
use kernel::prelude::*;

/// Time left to wait, in jiffies; each wait takes its part of it.
pub struct Timeout(kernel::ffi::c_long);

impl Timeout {
    pub(super) fn jiffies(jiffies: kernel::ffi::c_long) -> Self {
        Timeout(jiffies)
    }

    /// From milliseconds.
    pub fn from_ms(ms: u32) -> Self {
        // SAFETY: no pointers involved.
        Timeout(unsafe { b::__msecs_to_jiffies(ms) } as kernel::ffi::c_long)
    }

    /// Whether there is any left: whether a call may come to waiting.
    pub fn may_wait(&self) -> bool {
        self.0 != 0
    }
}

/// Sleeps for a tick of the clock or two. Process context, no lock held.
pub fn pause() {
    kernel::time::delay::fsleep(kernel::time::Delta::from_millis(1));
}

/// Calls `ready` until it has an answer; between the calls sleeps until the socket is woken. What it
/// says before the caller is in the wait queue is only to spare it that, and not asked without
/// `at_once`. Without time it asks only once (then EAGAIN). EINTR or restart on a signal. Process context, no
/// lock held.
pub(super) fn until<R>(
    sk: *mut b::sock,
    timeout: &mut Timeout,
    at_once: bool,
    mut ready: impl FnMut() -> Option<Result<R>>,
) -> Result<R> {
    if at_once || timeout.0 == 0 {
        if let Some(answer) = ready() {
            return answer;
        }
        if timeout.0 == 0 {
            return Err(EAGAIN);
        }
    }
    // SAFETY: the socket is held by its file, and so is its wait queue, until this call ends; the
    // entry stays where it is on this stack until it has been removed.
    unsafe {
        let mut entry: b::wait_queue_entry = pin_init::zeroed();
        entry.private = b::get_current().cast();
        entry.func = Some(b::woken_wake_function);
        entry.entry.next = &raw mut entry.entry;
        entry.entry.prev = &raw mut entry.entry;
        let queue = b::sk_sleep(sk);
        b::add_wait_queue(queue, &mut entry);
        // Whoever wakes looks whether anybody waits after a full barrier of his own. So with this one,
        // or the one at the end of `wait_woken`, `ready` sees without any lock what was said before
        // a wake that has not found the caller.
        super::atomic::fence();
        let answer = loop {
            if let Some(answer) = ready() {
                break answer;
            }
            if timeout.0 == 0 {
                break Err(EAGAIN);
            }
            if b::signal_pending(b::get_current()) != 0 {
                break Err(Error::from_errno(b::sock_intr_errno(timeout.0)));
            }
            timeout.0 = b::wait_woken(&mut entry, b::TASK_INTERRUPTIBLE, timeout.0);
        };
        b::remove_wait_queue(queue, &mut entry);
        answer
    }
}
