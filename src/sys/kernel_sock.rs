// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! Sockets of the kernel's own: without a file.
//!
//! In: a namespace and a type of socket; out: an owned socket. They keep neither the module nor the
//! namespace from going away (C does the same by giving back the module references it took), so
//! whoever makes them must close them in `PerNet::stop` at the latest.

use super::create::create_own;
use super::family::SocketOps;
use super::ffi as b;
use super::netns::Namespace;
use super::sock::Sock;
use core::ops::Deref;
use core::ptr::NonNull;
use kernel::prelude::*;

/// One reference to a socket of the kernel's own.
///
/// # Invariants
///
/// The pointer is valid, and this object holds one reference.
pub struct KernelSock<T: SocketOps>(NonNull<Sock<T>>);

// SAFETY: a `Sock` is shared between CPUs by design; its last reference may end anywhere.
unsafe impl<T: SocketOps> Send for KernelSock<T> {}
// SAFETY: as above.
unsafe impl<T: SocketOps> Sync for KernelSock<T> {}

impl<T: SocketOps> KernelSock<T> {
    /// A new socket in a namespace. ENOMEM. Any context.
    pub fn new(namespace: &Namespace, kind: u32) -> Result<Self> {
        // SAFETY: the namespace is valid, and in a slot's `new` the slots before it are made.
        // INVARIANT: a new socket comes with one reference.
        unsafe { create_own(namespace.raw(), kind).map(KernelSock) }
    }

    /// A new socket in the namespace of another. ENOMEM. Any context.
    pub fn beside(other: &Sock<T>, kind: u32) -> Result<Self> {
        // SAFETY: a socket is in a namespace whose state is made.
        // INVARIANT: as in `new`.
        unsafe {
            let net = (*other.raw()).__sk_common.skc_net.net;
            create_own(net, kind).map(KernelSock)
        }
    }
}

impl<T: SocketOps> Deref for KernelSock<T> {
    type Target = Sock<T>;

    fn deref(&self) -> &Sock<T> {
        // SAFETY: by the invariant.
        unsafe { self.0.as_ref() }
    }
}

impl<T: SocketOps> Drop for KernelSock<T> {
    fn drop(&mut self) {
        // SAFETY: our reference ends here.
        unsafe { b::sock_put(self.raw()) }
    }
}
