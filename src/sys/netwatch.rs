// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! News of network devices: up, down, another MTU, address or name, gone.
//!
//! In: the kernel's notifier chain; out: calls of one function. Process context, under RTNL.

use super::ffi as b;
use super::netns::{state_of, PerNet};
use core::cell::UnsafeCell;
use kernel::error::to_result;
use kernel::prelude::*;

/// What has happened to a device.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// It is up, with or without a carrier.
    Up,
    /// It goes down.
    GoingDown,
    /// Its carrier came or went, or something else changed: look.
    Carrier,
    /// Its MTU is another one.
    Mtu,
    /// What it can do beside sending and receiving is not the same any more.
    Features,
    /// Its hardware address is another one.
    Address,
    /// Its name is another one.
    Name,
    /// It goes away: nobody may hold it any longer.
    Unregister,
}

/// State of a namespace that wants to know.
pub trait Watcher: PerNet {
    /// The only one.
    fn notifier() -> &'static Notifier<Self>;
    /// Something has happened to the device of number `index` in this namespace. Under RTNL; may
    /// sleep.
    fn changed(&self, index: i32, change: Change);
}

/// The entry in the kernel's chain. One static for each type.
pub struct Notifier<N: Watcher>(UnsafeCell<b::notifier_block>, core::marker::PhantomData<N>);

// SAFETY: only the kernel writes to it, under its own lock.
unsafe impl<N: Watcher> Sync for Notifier<N> {}

impl<N: Watcher> Notifier<N> {
    /// One that is not registered yet.
    pub const fn new() -> Self {
        // SAFETY: zero bytes are a value of this C struct.
        let mut block: b::notifier_block = unsafe { core::mem::zeroed() };
        block.notifier_call = Some(notify::<N>);
        Notifier(UnsafeCell::new(block), core::marker::PhantomData)
    }
}

/// A registered notifier; dropping it unregisters.
pub struct Registration<N: Watcher>(core::marker::PhantomData<N>);

impl<N: Watcher> Registration<N> {
    /// Calls the watchers from here on. May sleep; once only, after the state of the namespaces.
    pub fn new() -> Result<Self> {
        // SAFETY: a static, registered once.
        to_result(unsafe { b::register_netdevice_notifier(N::notifier().0.get()) })?;
        Ok(Registration(core::marker::PhantomData))
    }
}

impl<N: Watcher> Drop for Registration<N> {
    fn drop(&mut self) {
        // SAFETY: registered in `new`.
        unsafe { b::unregister_netdevice_notifier(N::notifier().0.get()) };
    }
}

fn change_of(event: u32) -> Option<Change> {
    match event {
        b::netdev_cmd_NETDEV_UP => Some(Change::Up),
        b::netdev_cmd_NETDEV_GOING_DOWN => Some(Change::GoingDown),
        b::netdev_cmd_NETDEV_CHANGE => Some(Change::Carrier),
        b::netdev_cmd_NETDEV_CHANGEMTU => Some(Change::Mtu),
        b::netdev_cmd_NETDEV_FEAT_CHANGE => Some(Change::Features),
        b::netdev_cmd_NETDEV_CHANGEADDR => Some(Change::Address),
        b::netdev_cmd_NETDEV_CHANGENAME => Some(Change::Name),
        b::netdev_cmd_NETDEV_UNREGISTER => Some(Change::Unregister),
        _ => None,
    }
}

/// # Safety
///
/// Called only by the kernel's notifier chain, with what it passes to this callback.
unsafe extern "C" fn notify<N: Watcher>(
    _: *mut b::notifier_block,
    event: kernel::ffi::c_ulong,
    info: *mut kernel::ffi::c_void,
) -> i32 {
    if let Some(change) = change_of(event as u32) {
        // SAFETY: `info` names a device, whose namespace has our state: namespaces begin before
        // their devices come, and end after those have gone.
        unsafe {
            let device = (*info.cast::<b::netdev_notifier_info>())
                .dev
                .cast::<b::net_device>();
            let state = state_of::<N>(b::dev_net(device.cast()));
            state.changed((*device).ifindex, change);
        }
    }
    b::NOTIFY_DONE as i32
}
