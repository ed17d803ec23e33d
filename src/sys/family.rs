// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! A socket family: from `socket()` to `close()`, each call of C led to a safe trait.
//!
//! In: system calls, from the kernel's socket layer; out: calls of `SocketOps`. Process context
//! throughout, no lock held; `sk_destruct` alone may come in softirq.

use super::ffi as b;
use super::message::{Msg, RecvFlags, ADDRESS_MAX};
use super::netns::PerNet;
use super::sock::{with_msg, Sock};
use core::cell::UnsafeCell;
use core::sync::atomic::{AtomicPtr, AtomicU32};
use kernel::error::{from_result, to_result};
use kernel::prelude::*;

/// What a family does. Errors are the errnos users see.
pub trait SocketOps: Sized + 'static {
    /// State of one socket.
    type State: Send + Sync;
    /// State of one network namespace.
    type Net: PerNet;

    /// Its statics.
    fn family() -> &'static Family<Self>;
    /// Whether sockets of this type and protocol can be made.
    fn check(kind: u32, protocol: i32) -> Result;
    /// State of a new socket.
    fn new(kind: u32) -> impl PinInit<Self::State, Error>;
    /// A new socket, complete: makes it known. After an error `release` is not called.
    fn open(sock: &Sock<Self>) -> Result;
    /// The last close. After this nothing may lead to the socket but what RCU readers still have.
    fn release(sock: &Sock<Self>);
    /// bind(); `address` as long as the user said.
    fn bind(sock: &Sock<Self>, address: &[u8]) -> Result;
    /// connect().
    fn connect(sock: &Sock<Self>, address: &[u8]) -> Result;
    /// getsockname(), or getpeername() if `peer`.
    fn name(sock: &Sock<Self>, peer: bool) -> Result<[u8; 16]>;
    /// poll(): the events there are now.
    fn poll(sock: &Sock<Self>) -> Events;
    /// shutdown().
    fn shutdown(sock: &Sock<Self>, how: i32) -> Result;
    /// sendmsg(): bytes sent.
    fn send(sock: &Sock<Self>, msg: &mut Msg<'_>, len: usize) -> Result<usize>;
    /// recvmsg(): bytes received.
    fn receive(sock: &Sock<Self>, msg: &mut Msg<'_>, len: usize, flags: RecvFlags)
        -> Result<usize>;
    /// setsockopt(): `value` reads the first word of the option.
    fn set_option(
        sock: &Sock<Self>,
        level: i32,
        name: i32,
        len: usize,
        value: &mut dyn FnMut() -> Result<u32>,
    ) -> Result;
    /// getsockopt() of an option that is one word.
    fn option(sock: &Sock<Self>, level: i32, name: i32) -> Result<u32>;
}

/// Events of poll().
#[derive(Clone, Copy, Default)]
pub struct Events {
    /// Something can be read.
    pub readable: bool,
    /// Something can be sent.
    pub writable: bool,
    /// Both directions are shut down.
    pub hung_up: bool,
}

impl Events {
    fn mask(self) -> u32 {
        let mut mask = 0;
        if self.readable {
            mask |= b::POLLIN | b::POLLRDNORM;
        }
        if self.writable {
            mask |= b::POLLOUT;
        }
        if self.hung_up {
            mask |= b::POLLIN | b::POLLRDNORM | b::POLLHUP | b::POLLRDHUP;
        }
        mask
    }
}

/// The statics of a family.
pub struct Family<T: SocketOps> {
    proto: UnsafeCell<b::proto>,
    ops: b::proto_ops,
    family: b::net_proto_family,
    _ops: core::marker::PhantomData<T>,
}

// SAFETY: the kernel writes to `proto` under its own locks; the rest is constant.
unsafe impl<T: SocketOps> Sync for Family<T> {}

pub(super) const fn this_module() -> *mut b::module {
    &raw mut b::__this_module
}

impl<T: SocketOps> Family<T> {
    /// A family of number `number`; `name` is what its memory is accounted under.
    pub const fn new(number: u32, name: &'static CStr) -> Self {
        // SAFETY: zero bytes are a value of these C structs.
        let mut proto: b::proto = unsafe { core::mem::zeroed() };
        let text = name.to_bytes_with_nul();
        let mut i = 0;
        while i < text.len() && i < proto.name.len() {
            proto.name[i] = text[i];
            i += 1;
        }
        proto.owner = this_module();
        proto.obj_size = size_of::<Sock<T>>() as u32;
        // SAFETY: as above.
        let mut ops: b::proto_ops = unsafe { core::mem::zeroed() };
        ops.family = number as i32;
        ops.owner = this_module();
        ops.release = Some(release::<T>);
        ops.bind = Some(bind::<T>);
        ops.connect = Some(connect::<T>);
        ops.socketpair = Some(b::sock_no_socketpair);
        ops.accept = Some(accept);
        ops.getname = Some(getname::<T>);
        ops.poll = Some(poll::<T>);
        ops.ioctl = Some(ioctl);
        ops.listen = Some(b::sock_no_listen);
        ops.shutdown = Some(shutdown::<T>);
        ops.setsockopt = Some(setsockopt::<T>);
        ops.getsockopt_iter = Some(getsockopt::<T>);
        ops.sendmsg = Some(sendmsg::<T>);
        ops.recvmsg = Some(recvmsg::<T>);
        ops.mmap = Some(b::sock_no_mmap);
        // SAFETY: as above.
        let mut family: b::net_proto_family = unsafe { core::mem::zeroed() };
        family.family = number as i32;
        family.create = Some(create::<T>);
        family.owner = this_module();
        Family {
            proto: UnsafeCell::new(proto),
            ops,
            family,
            _ops: core::marker::PhantomData,
        }
    }
}

/// A registered family; dropping it unregisters.
pub struct Registration<T: SocketOps>(core::marker::PhantomData<T>);

impl<T: SocketOps> Registration<T> {
    /// Makes `socket()` know the family. EEXIST if another module has its number. May sleep.
    pub fn new() -> Result<Self> {
        // SAFETY: statics, registered once.
        unsafe {
            to_result(b::proto_register(T::family().proto.get(), 1))?;
            let result = to_result(b::sock_register(&T::family().family));
            if let Err(err) = result {
                b::proto_unregister(T::family().proto.get());
                return Err(err);
            }
        }
        Ok(Registration(core::marker::PhantomData))
    }
}

impl<T: SocketOps> Drop for Registration<T> {
    fn drop(&mut self) {
        // SAFETY: registered in `new`; the module's count is 0, so there are no sockets, and none
        // wait for a grace period after the barrier.
        unsafe {
            b::sock_unregister(T::family().family.family);
            super::rcu::barrier();
            b::proto_unregister(T::family().proto.get());
        }
    }
}

/// # Safety
///
/// Called only by the kernel's socket layer, with what it passes to this callback.
unsafe extern "C" fn create<T: SocketOps>(
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
            let sk = b::sk_alloc(net, number, b::GFP_KERNEL, proto, kern);
            let sock = core::ptr::NonNull::new(sk.cast::<Sock<T>>())
                .ok_or(ENOMEM)?
                .as_ptr();
            (*socket).ops = &T::family().ops;
            b::sock_init_data(socket, sk);
            (&raw mut (*sock).link).write(AtomicPtr::new(core::ptr::null_mut()));
            (&raw mut (*sock).key).write(AtomicU32::new(0));
            let made = pin_init::raw_try_init((*sock).state.as_mut_ptr(), T::new(kind));
            if let Err(err) = made {
                discard(socket, sk);
                return Err(err);
            }
            (*sk).sk_destruct = Some(destruct::<T>);
            b::sock_set_flag(sk, b::sock_flags_SOCK_RCU_FREE);
            if let Err(err) = T::open(&*sock) {
                discard(socket, sk);
                return Err(err);
            }
        }
        Ok(0)
    })
}

/// Undoes a creation.
///
/// # Safety
///
/// Both must be what `create` has in hand, with the socket known to nobody.
unsafe fn discard(socket: *mut b::socket, sk: *mut b::sock) {
    // SAFETY: by the contract; the last reference ends here.
    unsafe {
        b::sock_orphan(sk);
        (*socket).sk = core::ptr::null_mut();
        b::sock_put(sk);
    }
}

/// # Safety
///
/// Called only by the kernel's socket layer, with what it passes to this callback.
unsafe extern "C" fn destruct<T: SocketOps>(sk: *mut b::sock) {
    // SAFETY: called once, by the last sock_put, for a socket whose state `create` made.
    unsafe { (*sk.cast::<Sock<T>>()).state.assume_init_drop() }
}

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
unsafe extern "C" fn release<T: SocketOps>(socket: *mut b::socket) -> i32 {
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
unsafe extern "C" fn bind<T: SocketOps>(
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
unsafe extern "C" fn connect<T: SocketOps>(
    socket: *mut b::socket,
    addr: *mut b::sockaddr_unsized,
    len: i32,
    _flags: i32,
) -> i32 {
    // SAFETY: as the socket layer calls it.
    from_result(|| unsafe { T::connect(sock(socket), address(addr, len)).map(|()| 0) })
}

/// # Safety
///
/// Called only by the kernel's socket layer, with what it passes to this callback.
unsafe extern "C" fn getname<T: SocketOps>(
    socket: *mut b::socket,
    addr: *mut b::sockaddr,
    peer: i32,
) -> i32 {
    from_result(|| {
        // SAFETY: `addr` is a sockaddr_storage.
        unsafe {
            let name = T::name(sock(socket), peer != 0)?;
            addr.cast::<[u8; 16]>().write_unaligned(name);
        }
        Ok(16)
    })
}

/// # Safety
///
/// Called only by the kernel's socket layer, with what it passes to this callback.
unsafe extern "C" fn poll<T: SocketOps>(
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
unsafe extern "C" fn accept(
    _: *mut b::socket,
    _: *mut b::socket,
    _: *mut kernel::bindings::proto_accept_arg,
) -> i32 {
    EOPNOTSUPP.to_errno()
}

/// # Safety
///
/// Called only by the kernel's socket layer, with what it passes to this callback.
unsafe extern "C" fn ioctl(_: *mut b::socket, _: u32, _: kernel::ffi::c_ulong) -> i32 {
    // What the socket layer turns into ENOTTY after trying its own.
    (b::ENOIOCTLCMD as i32).wrapping_neg()
}

/// # Safety
///
/// Called only by the kernel's socket layer, with what it passes to this callback.
unsafe extern "C" fn shutdown<T: SocketOps>(socket: *mut b::socket, how: i32) -> i32 {
    // SAFETY: as the socket layer calls it.
    from_result(|| unsafe { T::shutdown(sock(socket), how).map(|()| 0) })
}

/// # Safety
///
/// Called only by the kernel's socket layer, with what it passes to this callback.
unsafe extern "C" fn sendmsg<T: SocketOps>(
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
unsafe extern "C" fn recvmsg<T: SocketOps>(
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
unsafe extern "C" fn setsockopt<T: SocketOps>(
    socket: *mut b::socket,
    level: i32,
    name: i32,
    value: b::sockptr_t,
    len: u32,
) -> i32 {
    from_result(|| {
        let mut read = || {
            let mut word = 0u32;
            let place = (&raw mut word).cast();
            // SAFETY: four bytes for four bytes.
            match unsafe { b::copy_from_sockptr(place, value, size_of::<u32>()) } {
                0 => Ok(word),
                _ => Err(EFAULT),
            }
        };
        // SAFETY: as the socket layer calls it.
        unsafe { T::set_option(sock(socket), level, name, len as usize, &mut read).map(|()| 0) }
    })
}

/// # Safety
///
/// Called only by the kernel's socket layer, with what it passes to this callback.
unsafe extern "C" fn getsockopt<T: SocketOps>(
    socket: *mut b::socket,
    level: i32,
    name: i32,
    out: *mut b::sockopt_t,
) -> i32 {
    from_result(|| {
        // SAFETY: as the socket layer calls it; `out` is valid for the call.
        unsafe {
            let value = T::option(sock(socket), level, name)?;
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
