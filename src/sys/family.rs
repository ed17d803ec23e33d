// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! A socket family: from `socket()` to `close()`, each call of C led to a safe trait.
//!
//! In: system calls, from the kernel's socket layer; out: calls of `SocketOps`. Process context
//! throughout, no lock held; `sk_destruct` alone may come in softirq.

use super::calls;
use super::create::create;
use super::ffi as b;
use super::message::{Msg, RecvFlags};
use super::netns::PerNet;
use super::sock::Sock;
use super::user::UserPointer;
use core::cell::UnsafeCell;
use kernel::error::to_result;
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
    /// connect(); `dont_wait` if the file is non-blocking.
    fn connect(sock: &Sock<Self>, address: &[u8], dont_wait: bool) -> Result;
    /// listen().
    fn listen(sock: &Sock<Self>) -> Result;
    /// accept(), first half: waits until there is somebody to accept.
    fn wait_to_accept(sock: &Sock<Self>, dont_wait: bool) -> Result;
    /// accept(), second half: makes `child`, a new socket, the end of a connection. False if another
    /// caller was faster and the wait begins anew.
    fn accept(sock: &Sock<Self>, child: &Sock<Self>) -> Result<bool>;
    /// socketpair(): connects two new sockets to each other.
    fn pair(one: &Sock<Self>, two: &Sock<Self>) -> Result;
    /// The time asked for by `Sock::start_timer` has come. Softirq.
    fn timer(sock: &Sock<Self>);
    /// getsockname(), or if `peer` is 1 getpeername(), or if it is 2 what SO_PEERNAME asks for.
    fn name(sock: &Sock<Self>, peer: u32) -> Result<[u8; 16]>;
    /// poll(): the events there are now.
    fn poll(sock: &Sock<Self>) -> Events;
    /// shutdown().
    fn shutdown(sock: &Sock<Self>, how: i32) -> Result;
    /// sendmsg(): bytes sent.
    fn send(sock: &Sock<Self>, msg: &mut Msg<'_>, len: usize) -> Result<usize>;
    /// recvmsg(): bytes received.
    fn receive(sock: &Sock<Self>, msg: &mut Msg<'_>, len: usize, flags: RecvFlags)
        -> Result<usize>;
    /// ioctl() of a command that the socket layer does not know; ENOIOCTLCMD if it is not known here
    /// either.
    fn ioctl(sock: &Sock<Self>, command: u32, argument: UserPointer) -> Result;
    /// setsockopt().
    fn set_option(sock: &Sock<Self>, level: i32, name: i32, value: &OptionValue) -> Result;
    /// getsockopt() of an option that is one word; none if it has no value.
    fn option(sock: &Sock<Self>, level: i32, name: i32) -> Result<Option<u32>>;
}

/// The value of a socket option, still with the user.
pub struct OptionValue {
    value: b::sockptr_t,
    len: usize,
}

impl OptionValue {
    pub(super) fn new(value: b::sockptr_t, len: u32) -> Self {
        OptionValue {
            value,
            len: len as usize,
        }
    }

    /// Whether the user gave no value at all.
    pub fn is_absent(&self) -> bool {
        // SAFETY: only looks at the pointer.
        self.len == 0 && unsafe { b::sockptr_is_null(self.value) }
    }

    /// The first word. EINVAL if it is shorter, EFAULT if it cannot be read.
    pub fn word(&self) -> Result<u32> {
        self.words().map(|[word]| word)
    }

    /// The first `N` words. EINVAL if it is shorter, EFAULT if they cannot be read.
    pub fn words<const N: usize>(&self) -> Result<[u32; N]> {
        let mut words = [0u32; N];
        if self.len < size_of::<[u32; N]>() {
            return Err(EINVAL);
        }
        // SAFETY: as many bytes as there is room for.
        match unsafe {
            b::copy_from_sockptr((&raw mut words).cast(), self.value, size_of_val(&words))
        } {
            0 => Ok(words),
            _ => Err(EFAULT),
        }
    }
}

/// Events of poll().
#[derive(Clone, Copy, Default)]
pub struct Events {
    /// Something can be read.
    pub readable: bool,
    /// Something can be sent.
    pub writable: bool,
    /// Nothing comes any more.
    pub read_hung_up: bool,
    /// Both directions are shut down.
    pub hung_up: bool,
}

impl Events {
    pub(super) fn mask(self) -> u32 {
        let mut mask = 0;
        for (set, bits) in [
            (self.readable, b::POLLIN | b::POLLRDNORM),
            (self.writable, b::POLLOUT),
            (self.read_hung_up, b::POLLRDHUP),
            (self.hung_up, b::POLLHUP),
        ] {
            if set {
                mask |= bits;
            }
        }
        mask
    }
}

/// The statics of a family.
pub struct Family<T: SocketOps> {
    pub(super) proto: UnsafeCell<b::proto>,
    /// What sockets of the kernel's own are made by. It has no owner, so that they do not keep the
    /// module, and no slab cache, so that they do not depend on its being registered.
    pub(super) kernel_proto: UnsafeCell<b::proto>,
    pub(super) ops: b::proto_ops,
    pub(super) family: b::net_proto_family,
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
        let mut proto = proto_of::<T>(name);
        proto.owner = this_module();
        // SAFETY: zero bytes are a value of these C structs.
        let mut ops: b::proto_ops = unsafe { core::mem::zeroed() };
        ops.family = number as i32;
        ops.owner = this_module();
        ops.release = Some(calls::release::<T>);
        ops.bind = Some(calls::bind::<T>);
        ops.connect = Some(calls::connect::<T>);
        ops.socketpair = Some(calls::socketpair::<T>);
        ops.accept = Some(calls::accept::<T>);
        ops.getname = Some(calls::getname::<T>);
        ops.poll = Some(calls::poll::<T>);
        ops.ioctl = Some(calls::ioctl::<T>);
        ops.listen = Some(calls::listen::<T>);
        ops.shutdown = Some(calls::shutdown::<T>);
        ops.setsockopt = Some(calls::setsockopt::<T>);
        ops.getsockopt_iter = Some(calls::getsockopt::<T>);
        ops.sendmsg = Some(calls::sendmsg::<T>);
        ops.recvmsg = Some(calls::recvmsg::<T>);
        ops.mmap = Some(b::sock_no_mmap);
        // SAFETY: as above.
        let mut family: b::net_proto_family = unsafe { core::mem::zeroed() };
        family.family = number as i32;
        family.create = Some(create::<T>);
        family.owner = this_module();
        Family {
            proto: UnsafeCell::new(proto),
            kernel_proto: UnsafeCell::new(proto_of::<T>(name)),
            ops,
            family,
            _ops: core::marker::PhantomData,
        }
    }
}

/// The size and the name of sockets of a family.
const fn proto_of<T: SocketOps>(name: &'static CStr) -> b::proto {
    // SAFETY: zero bytes are a value of this C struct.
    let mut proto: b::proto = unsafe { core::mem::zeroed() };
    let text = name.to_bytes_with_nul();
    let mut i = 0;
    while i < text.len() && i < proto.name.len() {
        proto.name[i] = text[i];
        i += 1;
    }
    proto.obj_size = size_of::<Sock<T>>() as u32;
    proto
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
        // SAFETY: registered in `new`; the module's count is 0, so there are no sockets of users, and
        // none wait for a grace period after the barrier.
        unsafe {
            b::sock_unregister(T::family().family.family);
            super::rcu::barrier();
            b::proto_unregister(T::family().proto.get());
        }
    }
}

/// # Safety
///
/// Called only by the kernel's timers, for the timer of a live socket of this family.
pub(super) unsafe extern "C" fn timer<T: SocketOps>(timer: *mut b::timer_list) {
    // SAFETY: the timer is `sk_timer` of a socket that it holds with a reference until the end.
    unsafe {
        let offset = core::mem::offset_of!(b::sock, __bindgen_anon_3);
        let sk = timer.byte_sub(offset).cast::<b::sock>();
        T::timer(&*sk.cast::<Sock<T>>());
        b::sock_put(sk);
    }
}
