// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! Waiting for a socket in process context.
//!
//! In: a socket, a time limit, and what is waited for; out: what came, or EAGAIN or EINTR.

use super::ffi as b;
use kernel::prelude::*;

/// Calls `ready` until it has an answer; between the calls sleeps until the socket is woken.
/// `timeout` in jiffies, 0 to ask only once (then EAGAIN). EINTR or restart on a signal. Process
/// context, no lock held.
pub(super) fn until<R>(
    sk: *mut b::sock,
    timeout: kernel::ffi::c_long,
    mut ready: impl FnMut() -> Option<Result<R>>,
) -> Result<R> {
    if let Some(answer) = ready() {
        return answer;
    }
    if timeout == 0 {
        return Err(EAGAIN);
    }
    let mut left = timeout;
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
        let answer = loop {
            if let Some(answer) = ready() {
                break answer;
            }
            if left == 0 {
                break Err(EAGAIN);
            }
            if b::signal_pending(b::get_current()) != 0 {
                break Err(Error::from_errno(b::sock_intr_errno(left)));
            }
            left = b::wait_woken(&mut entry, b::TASK_INTERRUPTIBLE, left);
        };
        b::remove_wait_queue(queue, &mut entry);
        answer
    }
}
