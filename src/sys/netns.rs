// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! State per network namespace.
//!
//! In: a type and how to make one; out: that namespace's one. Made when a namespace begins (and for
//! each that exists when the module is loaded), stopped and then dropped when it ends.

use super::ffi as b;
use core::cell::UnsafeCell;
use kernel::prelude::*;

/// What a namespace can have one of.
pub trait PerNet: Sized + Send + Sync + 'static {
    /// The slot it is kept in.
    fn slot() -> &'static Slot<Self>;
    /// Makes one. The slots registered before this one are made. May sleep.
    fn new(namespace: &Namespace) -> impl PinInit<Self, Error>;
    /// The namespace ends: no user has a socket in it any more. What leads here from elsewhere ends
    /// in this call; an RCU grace period passes between it and the drop. May sleep.
    fn stop(&self) {}
}

/// A namespace that begins.
///
/// # Invariants
///
/// The pointer is valid as long as this object can be referred to.
pub struct Namespace(*mut b::net);

impl Namespace {
    /// What a slot that was registered before holds in it.
    pub fn state<N: PerNet>(&self) -> &N {
        // SAFETY: by the invariant; slots are filled in the order of their registration.
        unsafe { state_of(self.0) }
    }

    pub(super) fn raw(&self) -> *mut b::net {
        self.0
    }
}

/// A slot in every namespace. One static for each type.
pub struct Slot<N: PerNet> {
    ops: UnsafeCell<b::pernet_operations>,
    id: UnsafeCell<u32>,
    _state: core::marker::PhantomData<N>,
}

// SAFETY: written only by the kernel while it registers.
unsafe impl<N: PerNet> Sync for Slot<N> {}

impl<N: PerNet> Slot<N> {
    /// A slot that is not registered yet.
    pub const fn new() -> Self {
        // SAFETY: zero bytes are a value of this C struct.
        let mut ops: b::pernet_operations = unsafe { core::mem::zeroed() };
        ops.init = Some(init::<N>);
        ops.pre_exit = Some(pre_exit::<N>);
        ops.exit = Some(exit::<N>);
        ops.size = size_of::<N>();
        Slot {
            ops: UnsafeCell::new(ops),
            id: UnsafeCell::new(0),
            _state: core::marker::PhantomData,
        }
    }
}

/// A registered slot; dropping it ends the state of every namespace.
pub struct Registration<N: PerNet>(core::marker::PhantomData<N>);

impl<N: PerNet> Registration<N> {
    /// Makes the state of every namespace, now and to come. May sleep; once only.
    pub fn new() -> Result<Self> {
        let ops = N::slot().ops.get();
        // SAFETY: a static that nobody else writes; the id's place is one too.
        unsafe {
            (*ops).id = N::slot().id.get();
            kernel::error::to_result(b::register_pernet_subsys(ops))?;
        }
        Ok(Registration(core::marker::PhantomData))
    }
}

impl<N: PerNet> Drop for Registration<N> {
    fn drop(&mut self) {
        // SAFETY: registered in `new`.
        unsafe { b::unregister_pernet_subsys(N::slot().ops.get()) }
    }
}

/// Place of the state in `net`.
///
/// # Safety
///
/// `net` must be a valid namespace, and the slot registered.
unsafe fn place<N: PerNet>(net: *mut b::net) -> *mut N {
    // SAFETY: by the contract. net_generic's array only ever grows by replacement, and each
    // version holds our pointer at the id the kernel gave us; RCU is held by the callee.
    unsafe { b::net_generic(net, *N::slot().id.get()).cast() }
}

/// The state in `net`.
///
/// # Safety
///
/// `net` must be valid and held for 'a, and its state made.
pub(super) unsafe fn state_of<'a, N: PerNet>(net: *mut b::net) -> &'a N {
    // SAFETY: by the contract.
    unsafe { &*place::<N>(net) }
}

/// # Safety
///
/// Called only by the kernel's namespace code, with what it passes to this callback.
unsafe extern "C" fn init<N: PerNet>(net: *mut b::net) -> i32 {
    kernel::error::from_result(|| {
        // INVARIANT: the kernel passes a valid namespace, and this object ends with the call.
        let namespace = Namespace(net);
        // SAFETY: the kernel allocated size bytes for us in this namespace; the address is stable.
        unsafe { pin_init::raw_try_init(place::<N>(net), N::new(&namespace)) }?;
        Ok(0)
    })
}

/// # Safety
///
/// Called only by the kernel's namespace code, with what it passes to this callback.
unsafe extern "C" fn pre_exit<N: PerNet>(net: *mut b::net) {
    // SAFETY: made by `init`, and dropped after this.
    unsafe { state_of::<N>(net) }.stop();
}

/// # Safety
///
/// Called only by the kernel's namespace code, with what it passes to this callback.
unsafe extern "C" fn exit<N: PerNet>(net: *mut b::net) {
    // SAFETY: made by `init`; sockets hold their namespace, so none uses it any more.
    unsafe { core::ptr::drop_in_place(place::<N>(net)) }
}
