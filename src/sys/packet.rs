// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! Packets of one ethertype that come in by one device.
//!
//! In: frames, in softirq; out: calls of a `Receiver`, each with a frame that it owns.

use super::bottom::Held;
use super::ffi as b;
use super::netdev::Device;
use super::skb::{Queue, SkBuff};
use super::train::{is_train, uncouple, Lengths};
use core::ptr::NonNull;
use kernel::prelude::*;
use kernel::sync::Arc;
use kernel::types::Opaque;

/// Who takes packets.
pub trait Receiver: Send + Sync {
    /// A packet for this machine or for everybody. Softirq, no lock held.
    fn receive(&self, skb: SkBuff, held: &Held);
    /// Packets that have come together, likewise.
    fn receive_all(&self, packets: Queue, held: &Held);
}

/// Packets of an ethertype that come by a device, while it exists.
///
/// # Invariants
///
/// The packet type is in the device's list from `new` to the drop, and stays where it is.
#[pin_data(PinnedDrop)]
pub struct Tap {
    #[pin]
    kind: Opaque<b::packet_type>,
    receiver: Arc<dyn Receiver>,
    _device: Device,
}

// SAFETY: the kernel's list has its own lock; the rest does not change.
unsafe impl Send for Tap {}
// SAFETY: as above.
unsafe impl Sync for Tap {}

impl Tap {
    /// Packets of `ethertype` that come by `device` go to `receiver` from here on. May sleep.
    pub fn new<L: Lengths>(
        ethertype: u16,
        device: Device,
        receiver: Arc<dyn Receiver>,
    ) -> Result<Pin<KBox<Self>>> {
        let raw = device.raw();
        let tap = KBox::pin_init(
            pin_init!(Tap {
                kind <- Opaque::ffi_init(move |slot: *mut b::packet_type| {
                    // SAFETY: `slot` is memory for this struct, of which zero bytes are a value.
                    unsafe {
                        slot.write(core::mem::zeroed());
                        (*slot).type_ = ethertype.to_be();
                        (*slot).dev = raw.cast();
                        (*slot).func = Some(receive::<L>);
                    }
                }),
                receiver,
                _device: device,
            }),
            GFP_KERNEL,
        )?;
        // SAFETY: initialised, pinned, and taken out of the list before it goes.
        unsafe { b::dev_add_pack(tap.kind.get()) };
        Ok(tap)
    }
}

#[pinned_drop]
impl PinnedDrop for Tap {
    fn drop(self: Pin<&mut Self>) {
        // SAFETY: in the list since `new`. After the second call no CPU uses it any more.
        unsafe {
            b::__dev_remove_pack(self.kind.get());
            b::synchronize_net();
        }
    }
}

/// # Safety
///
/// Called only by the kernel's receive path, with the packet type of a `Tap`.
unsafe extern "C" fn receive<L: Lengths>(
    skb: *mut b::sk_buff,
    _device: *mut b::net_device,
    kind: *mut b::packet_type,
    _original: *mut b::net_device,
) -> i32 {
    // SAFETY: the kernel passes a frame that is ours now, and a packet type that is part of a `Tap`
    // which waits for this read section before it goes.
    unsafe {
        let tap = &*kernel::container_of!(Opaque::cast_from(kind), Tap, kind);
        let Some(raw) = NonNull::new(b::skb_share_check(skb, b::GFP_ATOMIC)) else {
            return b::NET_RX_DROP as i32;
        };
        // Between devices of one machine it may still be charged to the socket that sent it; what
        // is kept here is not that socket's, and joining buffers changes what they weigh.
        b::skb_orphan(raw.as_ptr());
        let mut skb = SkBuff::from_raw(raw);
        if !is_for_us(raw.as_ptr()) {
            return b::NET_RX_DROP as i32;
        }
        // The receive path runs in softirqs, or as if in one.
        let held = Held::already();
        match is_train(raw.as_ptr()) {
            true => tap.receiver.receive_all(uncouple::<L>(skb), &held),
            false => {
                // Devices and queues have used `cb`.
                skb.set_note(0);
                tap.receiver.receive(skb, &held)
            }
        }
    }
    b::NET_RX_SUCCESS as i32
}

/// Whether a packet is for this machine, and not one that a promiscuous device has picked up.
///
/// # Safety
///
/// `raw` must be valid, and as a device has received it.
unsafe fn is_for_us(raw: *mut b::sk_buff) -> bool {
    // SAFETY: by the contract; a plain field.
    let kind = unsafe { (*raw).__bindgen_anon_4.headers.as_ref().pkt_type() };
    u32::from(kind) <= b::PACKET_MULTICAST
}
