// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! Trains: packets for one place that go through the kernel as one buffer (GSO), and are taken apart by
//! who receives it, or before a device that cannot carry it whole.
//!
//! In: packets on their way out, buffers that have come in; out: buffers for devices, and packets. A
//! train is an empty head, for the device's header, with the packets as its fragment list
//! (SKB_GSO_FRAGLIST), as the kernel's own lists of UDP and TCP packets are.

use super::blocks::shared_info;
use super::ffi as b;
use super::made::Reach;
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
        let info = shared_info(raw);
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
            true => (*shared_info(head)).frag_list = car,
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

/// How long packets are.
pub trait Lengths {
    /// Bytes of the packet that begins like this.
    fn of(start: &[u8; START]) -> usize;
}

/// Bytes of a packet that tell how long it is.
pub const START: usize = 4;

/// Whether a buffer that has come in is a train.
///
/// # Safety
///
/// `raw` must be valid.
pub(super) unsafe fn is_train(raw: *mut b::sk_buff) -> bool {
    // SAFETY: by the contract.
    unsafe {
        let info = shared_info(raw);
        (*info).gso_size != 0 && (*info).gso_type & b::SKB_GSO_FRAGLIST as u32 != 0
    }
}

/// The packets of a train, each with one owner; none without memory, or if they are not what the train
/// says.
pub(super) fn uncouple<L: Lengths>(train: SkBuff) -> Queue {
    let raw = train.raw();
    let mut queue = Queue::new();
    // SAFETY: a valid buffer with one owner; each car is the train's alone after the call.
    unsafe {
        if own::<L>(raw).is_err() {
            return queue;
        }
        let mut next = core::mem::replace(&mut (*shared_info(raw)).frag_list, null_mut());
        (*raw).len = (*raw).len.wrapping_sub((*raw).data_len);
        (*raw).data_len = 0;
        while let Some(car) = NonNull::new(next) {
            next = *next_of(car.as_ptr());
            queue.push_back(SkBuff::from_raw(car).without_note());
        }
    }
    train.consume();
    queue
}

/// Sees to it that nobody else has a part in the head of a train, or is an owner of its cars (a bridge
/// that sends it everywhere, somebody who listens), and that the head has no data but theirs. On an error
/// it is still to be freed as a whole.
///
/// # Safety
///
/// `raw` must be a valid train with one owner.
unsafe fn own<L: Lengths>(raw: *mut b::sk_buff) -> Result {
    // SAFETY: by the contract; what is freed or replaced is not in the list any more.
    unsafe {
        if b::skb_cloned(raw) != 0 && b::pskb_expand_head(raw, 0, 0, b::GFP_ATOMIC) != 0 {
            return Err(ENOMEM);
        }
        let mut link: *mut *mut b::sk_buff = &raw mut (*shared_info(raw)).frag_list;
        while let Some(car) = NonNull::new(*link) {
            let car = car.as_ptr();
            if b::skb_shared(car) != 0 {
                let next = *next_of(car);
                let clone = b::skb_clone(car, b::GFP_ATOMIC);
                if clone.is_null() {
                    return Err(ENOMEM);
                }
                *next_of(clone) = next;
                *link = clone;
                b::consume_skb(car);
            }
            link = next_of(*link);
        }
        match (*raw).len == (*raw).data_len && !(*shared_info(raw)).frag_list.is_null() {
            true => Ok(()),
            false => mend::<L>(raw),
        }
    }
}

/// Whoever wants to read or write a frame's bytes pulls them into the head, a few or all (filters of tc,
/// XDP): then the packets are copied, each for itself again.
///
/// # Safety
///
/// `raw` must be a valid train with one owner, nobody else having a part in it.
#[cold]
unsafe fn mend<L: Lengths>(raw: *mut b::sk_buff) -> Result {
    // SAFETY: by the contract; the functions check what they copy and cut against the buffer.
    unsafe {
        let all = (*raw).len as usize;
        let mut cars = Queue::new();
        let mut at = 0usize;
        while at < all {
            let mut start = [0; START];
            if b::skb_copy_bits(raw, at as i32, start.as_mut_ptr().cast(), START as i32) != 0 {
                return Err(EINVAL);
            }
            let len = L::of(&start);
            let left = all.saturating_sub(at);
            if len < START || len > left || cars.len() >= MOST.into() {
                return Err(EINVAL);
            }
            let mut car = SkBuff::blank(Reach::Away, len, b::GFP_ATOMIC)?;
            let place = car.linear_mut();
            if b::skb_copy_bits(raw, at as i32, place.as_mut_ptr().cast(), len as i32) != 0 {
                return Err(EINVAL);
            }
            cars.push_back(car);
            at = at.saturating_add(len);
        }
        if cars.is_empty() || b::___pskb_trim(raw, 0) != 0 {
            return Err(EINVAL);
        }
        let mut last = null_mut();
        while let Some(car) = cars.pop_front() {
            (*raw).truesize = (*raw).truesize.wrapping_add(car.truesize());
            last = hang(raw, last, car.into_raw());
        }
        (*raw).len = all as u32;
        (*raw).data_len = all as u32;
    }
    Ok(())
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
    pub fn new<L: Lengths>(ethertype: u16) -> Result<Pin<KBox<Self>>> {
        let registration = KBox::pin_init(
            pin_init!(Registration {
                offload <- Opaque::ffi_init(move |slot: *mut b::packet_offload| {
                    // SAFETY: `slot` is memory for this struct, of which zero bytes are a value.
                    unsafe {
                        slot.write(core::mem::zeroed());
                        (*slot).type_ = ethertype.to_be();
                        (*slot).callbacks.gso_segment = Some(segment::<L>);
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
unsafe extern "C" fn segment<L: Lengths>(
    raw: *mut b::sk_buff,
    features: b::netdev_features_t,
) -> *mut b::sk_buff {
    // SAFETY: by the contract.
    unsafe {
        if !is_train(raw) {
            return EINVAL.to_ptr();
        }
        let device_header = b::skb_mac_header_len(raw);
        if let Err(err) = own::<L>(raw).and_then(|()| make_room(raw)) {
            return err.to_ptr();
        }
        // A tunnel may have made it count as not checked, and as without a place for a header of a
        // transport protocol, of both of which the kernel warns.
        let headers = (*raw).__bindgen_anon_4.headers.as_mut();
        headers.set_ip_summed(b::CHECKSUM_UNNECESSARY as u8);
        headers.transport_header = headers.network_header;
        let all = b::skb_segment_list(raw, features, device_header);
        if all != raw {
            return all;
        }
        // The head is the first of the list, and has nothing but a header; it was counted once more.
        let first = *next_of(raw);
        *next_of(raw) = null_mut();
        if first.is_null() {
            b::consume_skb(raw);
            return EINVAL.to_ptr();
        }
        *prev_of(first) = *prev_of(raw);
        *prev_of(raw) = null_mut();
        b::consume_skb(raw);
        first
    }
}

/// Sees to it that each car has room for the headers of the head, in a place that nobody else writes to:
/// other ports of a bridge may want other headers before the same bytes, and the link keeps a clone.
///
/// # Safety
///
/// `raw` must be a valid train with one owner, its cars its own.
unsafe fn make_room(raw: *mut b::sk_buff) -> Result {
    // SAFETY: by the contract.
    unsafe {
        let room = b::skb_headroom(raw);
        let mut car = (*shared_info(raw)).frag_list;
        while !car.is_null() {
            let more = room.saturating_sub(b::skb_headroom(car));
            let own = more == 0 && b::skb_cloned(car) == 0;
            if !own && b::pskb_expand_head(car, more as i32, 0, b::GFP_ATOMIC) != 0 {
                return Err(ENOMEM);
            }
            car = *next_of(car);
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
