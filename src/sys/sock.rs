// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! A socket of ours: the kernel's `struct sock` with our state behind it.
//!
//! In: what `family` makes; out: references that live as long as a file or an RCU read section
//! keeps the socket. Freed after a grace period (SOCK_RCU_FREE), in softirq.

use super::family::SocketOps;
use super::ffi as b;
use super::message::Msg;
use core::mem::MaybeUninit;
use core::sync::atomic::{AtomicPtr, AtomicU32};
use kernel::prelude::*;
use kernel::types::Opaque;

/// A socket with state of type `T::State`.
///
/// # Invariants
///
/// `state` is initialised from the end of creation until `sk_destruct`; references to a `Sock` are
/// given out only between the two.
#[repr(C)]
pub struct Sock<T: SocketOps> {
    pub(super) sk: Opaque<b::sock>,
    /// Next in its directory's bucket.
    pub(super) link: AtomicPtr<Sock<T>>,
    /// Key in its directory, 0 outside.
    pub(super) key: AtomicU32,
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
        // SAFETY: a socket holds its namespace, whose state outlives it.
        unsafe { super::netns::state_of::<T::Net>((*self.raw()).__sk_common.skc_net.net) }
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
        // SAFETY: sk_state_change is set by sock_init_data.
        unsafe {
            (&raw mut (*self.raw()).sk_shutdown).write_volatile(b::SHUTDOWN_MASK as u8);
            if let Some(change) = (*self.raw()).sk_state_change {
                change(self.raw());
            }
        }
    }

    /// Waits for `ready` as long as SO_RCVTIMEO allows, not at all if `dont_wait`.
    pub fn wait_to_receive<R>(
        &self,
        dont_wait: bool,
        ready: impl FnMut(bool) -> Option<Result<R>>,
    ) -> Result<R> {
        // SAFETY: a plain integer.
        let limit = unsafe { (&raw const (*self.raw()).sk_rcvtimeo).read_volatile() };
        let timeout = if dont_wait { 0 } else { limit };
        let mut ready = ready;
        super::wait::until(self.raw(), timeout, || ready(timeout != 0))
    }
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
