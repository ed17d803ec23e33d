// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! Trains: packets for one place that go through the kernel as one buffer (GSO), and are taken apart by
//! who receives it, or before a device that cannot carry it whole.
//!
//! In: packets on their way out, buffers that have come in; out: buffers for devices, and packets. A
//! train is an empty head, for the device's header, with the packets as its fragment list
//! (SKB_GSO_FRAGLIST), as the kernel's own lists of UDP and TCP packets are.

use super::ffi as b;
use super::netdev::Device;
use super::skb::{next_of, Queue, SkBuff};
use core::ptr::{null_mut, NonNull};
use kernel::prelude::*;
use kernel::types::Opaque;

/// Bytes in a train at most: fewer than the 65 536 that devices take if nobody has told them
/// otherwise (`GSO_LEGACY_MAX_SIZE`), with room for headers.
const LONGEST: u32 = 65_000;

/// Packets in a train at most, as nothing else is done by the processor that takes it apart: those of
/// 66 000 bytes over an Ethernet.
const MOST: u16 = 48;

/// The largest packet that is counted with others, as `gso_size` has 16 bits.
const LARGEST: u32 = 32_767;

/// Whether a device carries trains whole: it takes such lists, and checksums that nobody looks at.
pub(super) fn carries(device: &Device) -> bool {
    let wanted = [
        b::NETIF_F_GSO_BIT,
        b::NETIF_F_GSO_FRAGLIST_BIT,
        b::NETIF_F_FRAGLIST_BIT,
        b::NETIF_F_HW_CSUM_BIT,
    ];
    let wanted = wanted
        .iter()
        .fold(0, |all, bit| all | 1u64.wrapping_shl(*bit));
    device.features() & wanted == wanted
}

/// Takes the first packets out of `queue`, as many as may travel together, as one buffer with `room`
/// bytes in front; none if the first goes alone, or without memory.
pub(super) fn couple(queue: &mut Queue, room: u32) -> Option<SkBuff> {
    let (count, bytes) = together(queue);
    if count < 2 {
        return None;
    }
    // SAFETY: no pointers involved.
    let raw = unsafe { b::__alloc_skb(room, b::GFP_ATOMIC, 0, b::NUMA_NO_NODE) };
    // SAFETY: new, and nobody else's.
    let head = unsafe { SkBuff::from_raw(NonNull::new(raw)?) };
    head.reserve(room).then_some(())?;
    let size = queue.front().map_or(0, SkBuff::len) as u16;
    let mut last = null_mut();
    for _ in 0..count {
        let Some(car) = queue.pop_front() else { break };
        // SAFETY: the head is new, and the car was the queue's alone.
        unsafe {
            (*raw).truesize = (*raw).truesize.wrapping_add(car.truesize());
            last = hang(raw, last, car.into_raw());
        }
    }
    // SAFETY: as above.
    unsafe {
        (*raw).data_len = bytes;
        (*raw).len = bytes;
        let info = info_of(raw);
        (*info).gso_size = size;
        (*info).gso_segs = count;
        (*info).gso_type = b::SKB_GSO_FRAGLIST as u32;
        let headers = (*raw).__bindgen_anon_4.headers.as_mut();
        headers.set_ip_summed(b::CHECKSUM_UNNECESSARY as u8);
        headers.transport_header = offset(raw);
    }
    Some(head)
}

/// How many of the first packets may travel together, and their bytes.
fn together(queue: &Queue) -> (u16, u32) {
    let mut bytes = 0u32;
    let mut count = 0u16;
    for car in queue.iter() {
        let len = car.len() as u32;
        let more = bytes.wrapping_add(len);
        if len > LARGEST || more > LONGEST || count == MOST {
            break;
        }
        bytes = more;
        count = count.wrapping_add(1);
    }
    (count, bytes)
}

/// Hangs a car behind `last`, or if that is null, behind the head; the new last.
///
/// # Safety
///
/// All must be valid and the caller's alone.
unsafe fn hang(
    head: *mut b::sk_buff,
    last: *mut b::sk_buff,
    car: *mut b::sk_buff,
) -> *mut b::sk_buff {
    // SAFETY: by the contract.
    unsafe {
        let headers = (*car).__bindgen_anon_4.headers.as_mut();
        headers.network_header = offset(car);
        headers.transport_header = offset(car);
        *next_of(car) = null_mut();
        match last.is_null() {
            true => (*info_of(head)).frag_list = car,
            false => *next_of(last) = car,
        }
    }
    car
}

/// Where the data of a buffer begins, as its header fields count.
///
/// # Safety
///
/// `raw` must be valid.
unsafe fn offset(raw: *mut b::sk_buff) -> u16 {
    // SAFETY: by the contract; both are of one allocation of less than 64 kB.
    unsafe { (*raw).data.offset_from((*raw).head) as u16 }
}

/// What is behind the linear part.
///
/// # Safety
///
/// `raw` must be valid.
unsafe fn info_of(raw: *mut b::sk_buff) -> *mut b::skb_shared_info {
    // SAFETY: by the contract: it is where the linear part ends.
    unsafe { (*raw).head.add((*raw).end as usize).cast() }
}

/// Whether a buffer that has come in is a train.
///
/// # Safety
///
/// `raw` must be valid.
pub(super) unsafe fn is_train(raw: *mut b::sk_buff) -> bool {
    // SAFETY: by the contract.
    unsafe {
        let info = info_of(raw);
        (*info).gso_size != 0
            && (*info).gso_type & b::SKB_GSO_FRAGLIST as u32 != 0
            && !(*info).frag_list.is_null()
            && (*raw).len == (*raw).data_len
    }
}

/// The packets of a train, each with one owner; fewer without memory.
pub(super) fn uncouple(train: SkBuff) -> Queue {
    let raw = train.raw();
    let mut queue = Queue::new();
    // SAFETY: a valid buffer with one owner. What it shares with others (a bridge that sends it
    // everywhere, somebody who listens) it has for itself after the first call, and the same is done
    // for each car.
    unsafe {
        if b::skb_cloned(raw) != 0 && b::pskb_expand_head(raw, 0, 0, b::GFP_ATOMIC) != 0 {
            return queue;
        }
        let mut next = core::mem::replace(&mut (*info_of(raw)).frag_list, null_mut());
        (*raw).len = (*raw).len.wrapping_sub((*raw).data_len);
        (*raw).data_len = 0;
        while !next.is_null() {
            let car = next;
            next = *next_of(car);
            if b::skb_shared(car) == 0 {
                *next_of(car) = null_mut();
            }
            if let Some(car) = NonNull::new(b::skb_share_check(car, b::GFP_ATOMIC)) {
                queue.push_back(SkBuff::from_raw(car));
            }
        }
    }
    train.consume();
    queue
}

/// Trains of an ethertype are taken apart while this exists, before devices that cannot carry them.
///
/// # Invariants
///
/// It is in the kernel's list from `new` to the drop, and stays where it is.
#[pin_data(PinnedDrop)]
pub struct Registration {
    #[pin]
    offload: Opaque<b::packet_offload>,
}

// SAFETY: the kernel's list has its own lock; nothing else changes.
unsafe impl Send for Registration {}
// SAFETY: as above.
unsafe impl Sync for Registration {}

impl Registration {
    /// From here on. ENOMEM. May sleep.
    pub fn new(ethertype: u16) -> Result<Pin<KBox<Self>>> {
        let registration = KBox::pin_init(
            pin_init!(Registration {
                offload <- Opaque::ffi_init(move |slot: *mut b::packet_offload| {
                    // SAFETY: `slot` is memory for this struct, of which zero bytes are a value.
                    unsafe {
                        slot.write(core::mem::zeroed());
                        (*slot).type_ = ethertype.to_be();
                        (*slot).callbacks.gso_segment = Some(segment);
                    }
                }),
            }),
            GFP_KERNEL,
        )?;
        // SAFETY: initialised, pinned, and taken out of the list before it goes.
        unsafe { b::dev_add_offload(registration.offload.get()) };
        Ok(registration)
    }
}

#[pinned_drop]
impl PinnedDrop for Registration {
    fn drop(self: Pin<&mut Self>) {
        // SAFETY: in the list since `new`; after the call no CPU uses it any more.
        unsafe { b::dev_remove_offload(self.offload.get()) }
    }
}

/// Takes a train apart: its packets, each with the headers in front of the head's data.
///
/// # Safety
///
/// Called only by the kernel, with a buffer whose data begins behind the device's header.
unsafe extern "C" fn segment(
    raw: *mut b::sk_buff,
    features: b::netdev_features_t,
) -> *mut b::sk_buff {
    // SAFETY: by the contract.
    unsafe {
        if !is_train(raw) {
            return error(EINVAL);
        }
        let device_header = b::skb_mac_header_len(raw);
        if let Err(err) = make_room(raw) {
            return error(err);
        }
        // A tunnel may have made it count as not checked, which the kernel warns of.
        let headers = (*raw).__bindgen_anon_4.headers.as_mut();
        headers.set_ip_summed(b::CHECKSUM_UNNECESSARY as u8);
        let all = b::skb_segment_list(raw, features, device_header);
        if all != raw {
            return all;
        }
        // The head is the first of the list, and has nothing but a header; it was counted once more.
        let first = *next_of(raw);
        *next_of(raw) = null_mut();
        if first.is_null() {
            b::consume_skb(raw);
            return error(EINVAL);
        }
        *prev_of(first) = *prev_of(raw);
        *prev_of(raw) = null_mut();
        b::consume_skb(raw);
        first
    }
}

/// Sees to it that each car has room for the headers of the head, in front of bytes of which nobody
/// else's headers are.
///
/// # Safety
///
/// `raw` must be a valid train with one owner.
unsafe fn make_room(raw: *mut b::sk_buff) -> Result {
    // SAFETY: by the contract.
    unsafe {
        if b::skb_cloned(raw) != 0 && b::pskb_expand_head(raw, 0, 0, b::GFP_ATOMIC) != 0 {
            return Err(ENOMEM);
        }
        let room = b::skb_headroom(raw);
        let tunnel = (*raw).__bindgen_anon_4.headers.as_ref().encapsulation() != 0;
        let mut link: *mut *mut b::sk_buff = &raw mut (*info_of(raw)).frag_list;
        while let Some(car) = NonNull::new(*link) {
            let (car, next) = (car.as_ptr(), *next_of(car.as_ptr()));
            let more = room.saturating_sub(b::skb_headroom(car));
            let shared = b::skb_shared(car) != 0;
            if shared || more != 0 || tunnel {
                let own = match shared {
                    true => b::skb_clone(car, b::GFP_ATOMIC),
                    false => car,
                };
                if own.is_null() {
                    return Err(ENOMEM);
                }
                if shared {
                    *next_of(own) = next;
                    *link = own;
                    b::consume_skb(car);
                }
                if b::pskb_expand_head(own, more as i32, 0, b::GFP_ATOMIC) != 0 {
                    return Err(ENOMEM);
                }
            }
            link = next_of(*link);
        }
    }
    Ok(())
}

/// The link to the previous buffer of a list, which in a chain of segments is the last, at its first.
///
/// # Safety
///
/// `skb` must be valid.
unsafe fn prev_of(skb: *mut b::sk_buff) -> *mut *mut b::sk_buff {
    // SAFETY: by the contract; the place of `prev` in the first anonymous union.
    unsafe { &raw mut (*skb).__bindgen_anon_1.__bindgen_anon_1.prev }
}

/// An error as C's pointers carry it.
fn error(err: Error) -> *mut b::sk_buff {
    err.to_ptr()
}
