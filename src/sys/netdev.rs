// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! Network devices: what they are, and sending by them.
//!
//! In: names from users, frames from `bearer`; out: properties, packets on their way.

use super::ffi as b;
use super::skb::{Queue, SkBuff};
use super::train;
use core::ptr::NonNull;
use kernel::prelude::*;

/// Bytes of a hardware address of an Ethernet device.
pub const ETHERNET_ADDRESS: usize = 6;

/// The same of any device (uAPI `MAX_ADDR_LEN`).
const LONGEST_ADDRESS: usize = 32;

/// An Ethernet address.
pub type EthernetAddr = [u8; ETHERNET_ADDRESS];

/// A device that is held: it stays, though it may go down and be unregistered, which waits for the
/// last holder.
///
/// # Invariants
///
/// The pointer is valid, and this object holds one reference.
pub struct Device(NonNull<b::net_device>);

// SAFETY: a device may be used on any CPU; what is read here are single words.
unsafe impl Send for Device {}
// SAFETY: as above.
unsafe impl Sync for Device {}

impl Device {
    /// The device of that name in a namespace. Process context.
    ///
    /// # Safety
    ///
    /// `net` must be valid.
    pub(super) unsafe fn in_namespace(net: *mut b::net, name: &CStr) -> Option<Self> {
        // SAFETY: the namespace and the text are valid for the call; the reference is ours.
        NonNull::new(unsafe { b::dev_get_by_name(net, name.as_char_ptr()) }.cast()).map(Device)
    }

    pub(super) fn raw(&self) -> *mut b::net_device {
        self.0.as_ptr()
    }

    /// The largest packet it takes, in bytes, its own header not counted.
    pub fn mtu(&self) -> u32 {
        // SAFETY: a plain integer that may change at any time.
        unsafe { (&raw const (*self.raw()).mtu).read_volatile() }
    }

    /// Its hardware address, or the beginning of it.
    pub fn address(&self) -> EthernetAddr {
        // SAFETY: at least 6 bytes (MAX_ADDR_LEN are there) for as long as the device lives.
        unsafe { (*self.raw()).dev_addr.cast::<EthernetAddr>().read() }
    }

    /// The hardware address that means everybody, or its beginning.
    pub fn broadcast(&self) -> EthernetAddr {
        // SAFETY: an array of a valid device.
        let all: [u8; LONGEST_ADDRESS] = unsafe { (*self.raw()).broadcast };
        all.first_chunk().copied().unwrap_or_default()
    }

    /// Whether all it is sent comes back to this machine.
    pub fn is_loopback(&self) -> bool {
        // SAFETY: a plain field of a valid device.
        let flags = unsafe { (&raw const (*self.raw()).flags).read_volatile() };
        flags & b::net_device_flags_IFF_LOOPBACK != 0
    }

    /// Whether it takes a packet whose bytes are in several pieces of memory; else they are copied
    /// together for it.
    pub fn gathers(&self) -> bool {
        self.features() & 1u64.wrapping_shl(b::NETIF_F_SG_BIT) != 0
    }

    /// What it can do (`NETIF_F_*`).
    pub(super) fn features(&self) -> u64 {
        // SAFETY: a plain integer of a valid device, that may change at any time.
        unsafe { (&raw const (*self.raw()).features).read_volatile() }
    }

    /// Its number in its namespace.
    pub fn index(&self) -> i32 {
        // SAFETY: a plain integer that does not change.
        unsafe { (*self.raw()).ifindex }
    }

    /// Whether it is up and has a carrier.
    pub fn is_up(&self) -> bool {
        // SAFETY: a valid device.
        unsafe {
            b::netif_running(self.raw())
                && b::netif_carrier_ok(self.raw())
                && b::netif_oper_up(self.raw())
        }
    }

    /// Bytes a frame should have free in front, for the device's header.
    pub fn headroom(&self) -> usize {
        // SAFETY: plain integers of a valid device.
        unsafe {
            usize::from((*self.raw()).hard_header_len)
                .saturating_add(usize::from((*self.raw()).needed_headroom))
        }
    }

    /// Sends frames with one owner each to an address of the medium, as few buffers if the device
    /// carries these; else as `send`. Any context.
    pub fn send_all(&self, mut frames: Queue, to: &EthernetAddr, protocol: u16) {
        let whole = train::carries(self);
        let room = self.headroom() as u32;
        while !frames.is_empty() {
            let train = whole.then(|| train::couple(&mut frames, room)).flatten();
            if let Some(frame) = train.or_else(|| frames.pop_front()) {
                self.send(frame, to, protocol);
            }
        }
    }

    /// Sends a frame with one owner to an address of the medium, as `protocol` (an ethertype).
    /// What the device cannot take is dropped. Any context.
    #[inline(always)]
    pub fn send(&self, skb: SkBuff, to: &EthernetAddr, protocol: u16) {
        // Devices that are not of Ethernet may read longer addresses.
        let mut padded = [0u8; LONGEST_ADDRESS];
        for (padded, byte) in padded.iter_mut().zip(to) {
            *padded = *byte;
        }
        let Some(skb) = skb.with_headroom(self.headroom() as u32) else {
            return;
        };
        let raw = skb.into_raw();
        // SAFETY: the frame is ours until the last call takes it, and has room for the header; the
        // device is held, and both addresses have `MAX_ADDR_LEN` bytes.
        unsafe {
            let headers = (*raw).__bindgen_anon_4.headers.as_mut();
            headers.network_header = (*raw).data.offset_from((*raw).head) as u16;
            (*raw)
                .__bindgen_anon_1
                .__bindgen_anon_1
                .__bindgen_anon_1
                .dev = self.raw().cast();
            headers.protocol = protocol.to_be();
            let (from, len) = ((*self.raw()).dev_addr, (*raw).len);
            let made = b::dev_hard_header(
                raw,
                self.raw().cast(),
                protocol,
                padded.as_ptr().cast(),
                from.cast(),
                len,
            );
            if made < 0 {
                return drop(SkBuff::from_raw(NonNull::new_unchecked(raw)));
            }
            b::__dev_queue_xmit(raw, core::ptr::null_mut());
        }
    }
}

impl Clone for Device {
    fn clone(&self) -> Self {
        // SAFETY: a valid device, held by `self`.
        unsafe { b::dev_hold(self.raw().cast()) };
        Device(self.0)
    }
}

impl Drop for Device {
    fn drop(&mut self) {
        // SAFETY: our reference ends here.
        unsafe { b::dev_put(self.raw().cast()) }
    }
}

impl PartialEq for Device {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

/// The lock of the kernel's network configuration: no device comes, goes or changes while it is
/// held.
pub struct Rtnl(());

impl Rtnl {
    /// Takes it. May sleep; process context, no other lock held but a netlink family's.
    pub fn lock() -> Self {
        // SAFETY: callable in process context.
        unsafe { b::rtnl_lock() };
        Rtnl(())
    }
}

impl Drop for Rtnl {
    fn drop(&mut self) {
        // SAFETY: taken in `lock`.
        unsafe { b::rtnl_unlock() };
    }
}
