// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! How a socket begins and ends: the kernel's `struct sock` with our state behind it.
//!
//! In: `socket()` and accept(), from the kernel's socket layer, and `kernel_sock`; out: sockets,
//! complete and known to `SocketOps::open`. Any context for sockets of the kernel's own.

use super::family::SocketOps;
use super::ffi as b;
use super::netns::state_of;
use super::sock::Sock;
use core::ptr::{null_mut, NonNull};
use core::sync::atomic::AtomicU32;
use kernel::error::from_result;
use kernel::prelude::*;

/// # Safety
///
/// Called only by the kernel's socket layer, with what it passes to this callback.
pub(super) unsafe extern "C" fn create<T: SocketOps>(
    net: *mut b::net,
    socket: *mut b::socket,
    protocol: i32,
    kern: i32,
) -> i32 {
    from_result(|| {
        // SAFETY: the kernel passes a valid namespace and a new socket.
        unsafe {
            let kind = u32::from((*socket).type_ as u16);
            T::check(kind, protocol)?;
            let proto = T::family().proto.get();
            let number = T::family().family.family;
            let sk = NonNull::new(b::sk_alloc(net, number, b::GFP_KERNEL, proto, kern));
            let sk = sk.ok_or(ENOMEM)?.as_ptr().cast();
            (*socket).ops = &T::family().ops;
            let made = begin::<T>(net, socket, sk, kind);
            if made.is_err() {
                (*socket).sk = null_mut();
            }
            made?;
        }
        Ok(0)
    })
}

/// A socket of the kernel's own in `net`: without a file, with one reference, which is the caller's.
/// It keeps neither the module nor the namespace. ENOMEM. Any context.
///
/// # Safety
///
/// `net` must be a valid namespace in which the state of `T::Net` is made.
pub(super) unsafe fn create_own<T: SocketOps>(
    net: *mut b::net,
    kind: u32,
) -> Result<NonNull<Sock<T>>> {
    let proto = T::family().kernel_proto.get();
    let number = T::family().family.family;
    // SAFETY: by the contract; `begin` gets a new socket.
    unsafe {
        let sk = NonNull::new(b::sk_alloc(net, number, b::GFP_ATOMIC, proto, 1));
        let sk = sk.ok_or(ENOMEM)?.as_ptr().cast();
        begin::<T>(net, null_mut(), sk, kind)?;
        (*sk).sk_type = kind as u16;
        NonNull::new(sk.cast()).ok_or(ENOMEM)
    }
}

/// Makes a new `struct sock` a socket of `T`'s; after an error it is gone.
///
/// # Safety
///
/// `sk` must come from `sk_alloc` for `net`, with room for a `Sock<T>`; `socket` is its file's side,
/// or null.
unsafe fn begin<T: SocketOps>(
    net: *mut b::net,
    socket: *mut b::socket,
    sk: *mut b::sock,
    kind: u32,
) -> Result {
    // SAFETY: by the contract; nobody else knows the socket before `open`.
    unsafe {
        let sock = sk.cast::<Sock<T>>();
        b::sock_init_data(socket, sk.cast());
        (&raw mut (*sock).links).write(Default::default());
        (&raw mut (*sock).key).write(AtomicU32::new(0));
        (&raw mut (*sock).net).write(state_of::<T::Net>(net));
        let made = pin_init::raw_try_init((*sock).state.as_mut_ptr(), T::new(kind));
        if let Err(err) = made {
            discard(sk);
            return Err(err);
        }
        (*sk).sk_destruct = Some(destruct::<T>);
        b::sock_set_flag(sk, b::sock_flags_SOCK_RCU_FREE);
        T::open(&*sock).inspect_err(|_| discard(sk))
    }
}

/// Undoes a creation.
///
/// # Safety
///
/// `sk` must be known to nobody; the last reference ends here.
unsafe fn discard(sk: *mut b::sock) {
    // SAFETY: by the contract.
    unsafe {
        b::sock_orphan(sk);
        b::sock_put(sk);
    }
}

/// # Safety
///
/// Called only by the kernel's socket layer, with what it passes to this callback.
unsafe extern "C" fn destruct<T: SocketOps>(sk: *mut b::sock) {
    // SAFETY: called once, by the last sock_put, for a socket whose state `begin` made.
    unsafe { (*sk.cast::<Sock<T>>()).state.assume_init_drop() }
}
