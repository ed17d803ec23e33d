// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! A socket of ours: the kernel's `struct sock` with our state behind it.
//!
//! In: what `family` makes; out: references that live as long as a file or an RCU read section
//! keeps the socket. Freed after a grace period (SOCK_RCU_FREE), in softirq.

use super::family::SocketOps;
use super::ffi as b;
use super::message::Msg;
pub use super::wait::{pause, Timeout};
use core::mem::MaybeUninit;
use core::sync::atomic::{AtomicPtr, AtomicU32};
use kernel::prelude::*;
use kernel::types::Opaque;

/// A socket with state of type `T::State`.
///
/// # Invariants
///
/// `net` is the state of the socket's namespace, which outlives the use of the socket: a user's
/// socket holds its namespace, one of the kernel's own is closed before the state is dropped. `state`
/// is initialised from the end of creation until `sk_destruct`; references to a `Sock` are given out
/// only between the two.
#[repr(C)]
pub struct Sock<T: SocketOps> {
    pub(super) sk: Opaque<b::sock>,
    /// Next in its directory's bucket.
    pub(super) links: [AtomicPtr<Sock<T>>; 2],
    /// Key in its directory, 0 outside.
    pub(super) key: AtomicU32,
    /// State of the namespace it is in, found once.
    pub(super) net: *const T::Net,
    pub(super) state: MaybeUninit<T::State>,
}

// SAFETY: the state is Sync by its bound; the rest is changed by atomics and by the kernel under
// its own locks.
unsafe impl<T: SocketOps> Sync for Sock<T> {}

impl<T: SocketOps> Sock<T> {
    pub(super) fn raw(&self) -> *mut b::sock {
        self.sk.get()
    }

    /// The state.
    pub fn state(&self) -> &T::State {
        // SAFETY: by the invariant.
        unsafe { self.state.assume_init_ref() }
    }

    /// The state of the network namespace the socket is in.
    pub fn net(&self) -> &T::Net {
        // SAFETY: by the invariant.
        unsafe { &*self.net }
    }

    /// Bytes its receive queue may take (SO_RCVBUF, as the kernel keeps it).
    pub fn receive_limit(&self) -> u32 {
        // SAFETY: a plain integer that setsockopt may change at any time.
        unsafe { (&raw const (*self.raw()).sk_rcvbuf).read_volatile() as u32 }
    }

    /// Sets it, for a new socket.
    pub fn set_receive_limit(&self, bytes: i32) {
        // SAFETY: as above.
        unsafe { (&raw mut (*self.raw()).sk_rcvbuf).write_volatile(bytes) }
    }

    /// Tells readers that something has come. Any context, no lock held.
    pub fn wake_readers(&self) {
        // SAFETY: set by sock_init_data for as long as the socket lives.
        unsafe {
            if let Some(ready) = (*self.raw()).sk_data_ready {
                ready(self.raw());
            }
        }
    }

    /// Tells writers that there is room again. Any context, no lock held.
    pub fn wake_writers(&self) {
        // SAFETY: as in `wake_readers`.
        unsafe {
            if let Some(space) = (*self.raw()).sk_write_space {
                space(self.raw());
            }
        }
    }

    /// Tells everybody who waits or polls that the socket's state has changed. Any context, no lock
    /// held.
    pub fn wake_all(&self) {
        // SAFETY: as in `wake_readers`.
        unsafe {
            if let Some(change) = (*self.raw()).sk_state_change {
                change(self.raw());
            }
        }
    }

    /// Sets the state that diagnosis tools and SO_ACCEPTCONN see.
    pub fn show_state(&self, number: u8) {
        // SAFETY: a plain byte that only readers without locks share.
        unsafe { (&raw mut (*self.raw()).__sk_common.skc_state).write_volatile(number) }
    }

    /// The state shown last. Without lock: it may be another one by now.
    pub fn shown_state(&self) -> u8 {
        // SAFETY: as in `show_state`.
        unsafe { (&raw const (*self.raw()).__sk_common.skc_state).read_volatile() }
    }

    /// Leaves an error for the next call, or for SO_ERROR.
    pub fn set_error(&self, err: Error) {
        // SAFETY: a plain integer, taken by an atomic exchange.
        unsafe { (&raw mut (*self.raw()).sk_err).write_volatile(err.to_errno().wrapping_neg()) }
    }

    /// Takes the error that was left, if there is one.
    pub fn take_error(&self) -> Result {
        // SAFETY: a live socket.
        kernel::error::to_result(unsafe { b::sock_error(self.raw()) })
    }

    /// Bytes a stream reader waits for (SO_RCVLOWAT), or with `all` the whole of `len`; at least 1.
    pub fn low_water(&self, all: bool, len: usize) -> usize {
        // SAFETY: a plain integer.
        let low = unsafe { (&raw const (*self.raw()).sk_rcvlowat).read_volatile() };
        if all {
            len
        } else {
            usize::try_from(low).unwrap_or(1).clamp(1, len.max(1))
        }
    }

    /// Calls `SocketOps::timer` in `ms` milliseconds, in softirq; replaces an earlier request.
    pub fn start_timer(&self, ms: u32) {
        // SAFETY: the timer is part of the socket, which the pending timer holds.
        unsafe {
            let timer = timer_of(self.raw());
            (*timer).function = Some(super::family::timer::<T>);
            let at = (&raw const b::jiffies)
                .read_volatile()
                .wrapping_add(b::__msecs_to_jiffies(ms));
            b::sk_reset_timer(self.raw(), timer, at);
        }
    }

    /// Takes such a request back; one that runs already ends by itself.
    pub fn stop_timer(&self) {
        // SAFETY: as in `start_timer`; set up by sock_init_data.
        unsafe { b::sk_stop_timer(self.raw(), timer_of(self.raw())) }
    }

    /// Counts a message that was refused (`ss` shows it).
    pub fn count_drop(&self) {
        // SAFETY: an atomic counter of a live socket.
        unsafe { b::sk_drops_inc(self.raw()) }
    }

    /// Whether shutdown() was called.
    pub fn is_shut_down(&self) -> bool {
        // SAFETY: a plain integer.
        unsafe { (&raw const (*self.raw()).sk_shutdown).read_volatile() != 0 }
    }

    /// Marks both directions as shut down, and tells those who wait or poll.
    pub fn shut_down(&self) {
        // SAFETY: a plain byte.
        unsafe { (&raw mut (*self.raw()).sk_shutdown).write_volatile(b::SHUTDOWN_MASK as u8) }
        self.wake_all();
    }

    /// How long a receiver may wait: SO_RCVTIMEO, or not at all.
    pub fn receive_timeout(&self, dont_wait: bool) -> Timeout {
        // SAFETY: a plain integer.
        let limit = unsafe { (&raw const (*self.raw()).sk_rcvtimeo).read_volatile() };
        Timeout::jiffies(if dont_wait { 0 } else { limit })
    }

    /// How long a sender may wait: SO_SNDTIMEO, or not at all.
    pub fn send_timeout(&self, dont_wait: bool) -> Timeout {
        // SAFETY: a plain integer.
        let limit = unsafe { (&raw const (*self.raw()).sk_sndtimeo).read_volatile() };
        Timeout::jiffies(if dont_wait { 0 } else { limit })
    }

    /// Asks `ready` until it has an answer; between the calls sleeps until the socket is woken.
    /// EAGAIN when the time is over, EINTR or restart on a signal. Process context, no lock held.
    pub fn wait<R>(
        &self,
        timeout: &mut Timeout,
        ready: impl FnMut() -> Option<Result<R>>,
    ) -> Result<R> {
        super::wait::until(self.raw(), timeout, true, ready)
    }

    /// The same; with `at_once` false, when there is hardly an answer yet, it is not asked before the
    /// socket's wakers know of the caller. Without time it is always asked.
    pub fn wait_soon<R>(
        &self,
        timeout: &mut Timeout,
        at_once: bool,
        ready: impl FnMut() -> Option<Result<R>>,
    ) -> Result<R> {
        super::wait::until(self.raw(), timeout, at_once, ready)
    }
}

/// The timer of a socket.
///
/// # Safety
///
/// `sk` must be valid.
pub(super) unsafe fn timer_of(sk: *mut b::sock) -> *mut b::timer_list {
    // SAFETY: by the contract; the place of `sk_timer` in its anonymous union.
    unsafe { &raw mut (*sk).__bindgen_anon_3.sk_timer }
}

/// Acts on the message of a system call.
///
/// # Safety
///
/// `raw` must be the message of the caller's own call, used by nobody else meanwhile.
pub(super) unsafe fn with_msg<R>(
    raw: *mut b::msghdr,
    act: impl FnOnce(&mut Msg<'_>) -> Result<R>,
) -> Result<R> {
    let raw = core::ptr::NonNull::new(raw).ok_or(EINVAL)?;
    // SAFETY: the caller passes the message of its own call.
    let mut msg = unsafe { Msg::from_raw(raw) };
    act(&mut msg)
}
