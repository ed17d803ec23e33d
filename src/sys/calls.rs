// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! The calls of `struct proto_ops`, each led to `SocketOps`.
//!
//! In: system calls, from the kernel's socket layer; out: calls of `family::SocketOps`. Process
//! context, no lock held.

use super::create::create;
use super::family::{OptionValue, SocketOps};
use super::ffi as b;
use super::message::{RecvFlags, ADDRESS_MAX};
use super::sock::{with_msg, Sock};
use super::user::UserPointer;
use kernel::error::from_result;
use kernel::prelude::*;

/// The socket of a call.
///
/// # Safety
///
/// `socket` must be one of this family, and its call under way.
unsafe fn sock<'a, T: SocketOps>(socket: *mut b::socket) -> &'a Sock<T> {
    // SAFETY: by the contract; the file holds it.
    unsafe { &*(*socket).sk.cast::<Sock<T>>() }
}

/// # Safety
///
/// Called only by the kernel's socket layer, with what it passes to this callback.
pub(super) unsafe extern "C" fn release<T: SocketOps>(socket: *mut b::socket) -> i32 {
    // SAFETY: the last call for this socket; `sk` is null if its creation failed.
    unsafe {
        let sk = (*socket).sk.cast::<b::sock>();
        if !sk.is_null() {
            T::release(sock::<T>(socket));
            b::sock_orphan(sk);
            (*socket).sk = core::ptr::null_mut();
            b::sock_put(sk);
        }
    }
    0
}

/// The bytes of an address that the socket layer copied from the user.
///
/// # Safety
///
/// `address` must be a sockaddr_storage of which `len` bytes were copied.
unsafe fn address<'a>(address: *const b::sockaddr_unsized, len: i32) -> &'a [u8] {
    let len = usize::try_from(len).unwrap_or(0).min(ADDRESS_MAX);
    // SAFETY: by the contract.
    unsafe { core::slice::from_raw_parts(address.cast::<u8>(), len) }
}

/// # Safety
///
/// Called only by the kernel's socket layer, with what it passes to this callback.
pub(super) unsafe extern "C" fn bind<T: SocketOps>(
    socket: *mut b::socket,
    addr: *mut b::sockaddr_unsized,
    len: i32,
) -> i32 {
    // SAFETY: as the socket layer calls it.
    from_result(|| unsafe { T::bind(sock(socket), address(addr, len)).map(|()| 0) })
}

/// # Safety
///
/// Called only by the kernel's socket layer, with what it passes to this callback.
pub(super) unsafe extern "C" fn connect<T: SocketOps>(
    socket: *mut b::socket,
    addr: *mut b::sockaddr_unsized,
    len: i32,
    flags: i32,
) -> i32 {
    let dont_wait = flags as u32 & b::O_NONBLOCK != 0;
    // SAFETY: as the socket layer calls it.
    from_result(|| unsafe { T::connect(sock(socket), address(addr, len), dont_wait).map(|()| 0) })
}

/// # Safety
///
/// Called only by the kernel's socket layer, with what it passes to this callback.
pub(super) unsafe extern "C" fn getname<T: SocketOps>(
    socket: *mut b::socket,
    addr: *mut b::sockaddr,
    peer: i32,
) -> i32 {
    from_result(|| {
        // SAFETY: `addr` is a sockaddr_storage.
        unsafe {
            let name = T::name(sock(socket), peer as u32)?;
            addr.cast::<[u8; 16]>().write_unaligned(name);
        }
        Ok(16)
    })
}

/// # Safety
///
/// Called only by the kernel's socket layer, with what it passes to this callback.
pub(super) unsafe extern "C" fn poll<T: SocketOps>(
    file: *mut b::file,
    socket: *mut b::socket,
    table: *mut b::poll_table_struct,
) -> b::__poll_t {
    // SAFETY: as the socket layer calls it.
    unsafe {
        b::sock_poll_wait(file, socket, table);
        T::poll(sock(socket)).mask()
    }
}

/// # Safety
///
/// Called only by the kernel's socket layer, with what it passes to this callback.
pub(super) unsafe extern "C" fn listen<T: SocketOps>(socket: *mut b::socket, _backlog: i32) -> i32 {
    // SAFETY: as the socket layer calls it.
    from_result(|| unsafe { T::listen(sock(socket)).map(|()| 0) })
}

/// # Safety
///
/// Called only by the kernel's socket layer, with what it passes to this callback.
pub(super) unsafe extern "C" fn socketpair<T: SocketOps>(
    one: *mut b::socket,
    two: *mut b::socket,
) -> i32 {
    // SAFETY: as the socket layer calls it, with two new sockets of this family.
    from_result(|| unsafe { T::pair(sock(one), sock(two)).map(|()| 0) })
}

/// # Safety
///
/// Called only by the kernel's socket layer, with what it passes to this callback.
pub(super) unsafe extern "C" fn accept<T: SocketOps>(
    socket: *mut b::socket,
    child: *mut b::socket,
    arg: *mut kernel::bindings::proto_accept_arg,
) -> i32 {
    from_result(|| {
        // SAFETY: as the socket layer calls it; `child` is a socket without a `struct sock`, which
        // is made here, and released by the socket layer after an error.
        unsafe {
            let arg = arg.cast::<b::proto_accept_arg>();
            let dont_wait = (*arg).flags as u32 & b::O_NONBLOCK != 0;
            let listener = sock::<T>(socket);
            T::wait_to_accept(listener, dont_wait)?;
            let net = (*listener.raw()).__sk_common.skc_net.net;
            kernel::error::to_result(create::<T>(net, child, 0, (*arg).kern.into()))?;
            b::security_sk_clone(listener.raw(), (*child).sk.cast());
            while !T::accept(listener, sock(child))? {
                T::wait_to_accept(listener, dont_wait)?;
            }
        }
        Ok(0)
    })
}

/// # Safety
///
/// Called only by the kernel's socket layer, with what it passes to this callback.
pub(super) unsafe extern "C" fn ioctl<T: SocketOps>(
    socket: *mut b::socket,
    command: u32,
    argument: kernel::ffi::c_ulong,
) -> i32 {
    let argument = UserPointer::new(argument);
    // SAFETY: as the socket layer calls it.
    from_result(|| unsafe { T::ioctl(sock(socket), command, argument).map(|()| 0) })
}

/// # Safety
///
/// Called only by the kernel's socket layer, with what it passes to this callback.
pub(super) unsafe extern "C" fn shutdown<T: SocketOps>(socket: *mut b::socket, how: i32) -> i32 {
    // SAFETY: as the socket layer calls it.
    from_result(|| unsafe { T::shutdown(sock(socket), how).map(|()| 0) })
}

/// # Safety
///
/// Called only by the kernel's socket layer, with what it passes to this callback.
pub(super) unsafe extern "C" fn sendmsg<T: SocketOps>(
    socket: *mut b::socket,
    msg: *mut b::msghdr,
    len: usize,
) -> i32 {
    from_result(|| {
        // SAFETY: as the socket layer calls it.
        let sent = unsafe { with_msg(msg, |msg| T::send(sock(socket), msg, len)) }?;
        Ok(sent as i32)
    })
}

/// # Safety
///
/// Called only by the kernel's socket layer, with what it passes to this callback.
pub(super) unsafe extern "C" fn recvmsg<T: SocketOps>(
    socket: *mut b::socket,
    msg: *mut b::msghdr,
    len: usize,
    flags: i32,
) -> i32 {
    from_result(|| {
        let flags = RecvFlags::new(flags);
        // SAFETY: as the socket layer calls it.
        let got = unsafe { with_msg(msg, |msg| T::receive(sock(socket), msg, len, flags)) }?;
        Ok(got as i32)
    })
}

/// # Safety
///
/// Called only by the kernel's socket layer, with what it passes to this callback.
pub(super) unsafe extern "C" fn setsockopt<T: SocketOps>(
    socket: *mut b::socket,
    level: i32,
    name: i32,
    value: b::sockptr_t,
    len: u32,
) -> i32 {
    let value = OptionValue::new(value, len);
    // SAFETY: as the socket layer calls it.
    from_result(|| unsafe { T::set_option(sock(socket), level, name, &value).map(|()| 0) })
}

/// # Safety
///
/// Called only by the kernel's socket layer, with what it passes to this callback.
pub(super) unsafe extern "C" fn getsockopt<T: SocketOps>(
    socket: *mut b::socket,
    level: i32,
    name: i32,
    out: *mut b::sockopt_t,
) -> i32 {
    from_result(|| {
        // SAFETY: as the socket layer calls it; `out` is valid for the call.
        unsafe {
            let Some(value) = T::option(sock(socket), level, name)? else {
                (*out).optlen = 0;
                return Ok(0);
            };
            if (*out).optlen < size_of::<u32>() as i32 {
                return Err(EINVAL);
            }
            let iter = &raw mut (*out).iter_out;
            let copied = b::_copy_to_iter((&raw const value).cast(), size_of::<u32>(), iter);
            if copied != size_of::<u32>() {
                return Err(EFAULT);
            }
            (*out).optlen = size_of::<u32>() as i32;
        }
        Ok(0)
    })
}
