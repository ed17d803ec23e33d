// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! Sockets of the kernel's own: ports without a file, for servers inside the module.
//!
//! In: calls of `topsrv`; out: what a user's socket would answer, without waiting. No call here may
//! be made with a lock held.

/// Who is told of what happens at a kernel socket.
pub trait Handler: Send + Sync {
    /// Something came, the window opened or the peer is gone. Process context, no lock held; several
    /// CPUs may call at once.
    fn ready(&self);
}
