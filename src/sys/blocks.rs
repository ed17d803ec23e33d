// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! Page blocks of long messages: those of messages that were read are kept, a few of each size, and
//! the next ones use them.
//!
//! In: buffers that were read to their end; out: buffers for users' data. A kept block is not
//! cleared: a message has it for as many bytes as are copied from its user, and a message whose
//! bytes cannot be copied is not sent. Only blocks that nobody else refers to are kept. Any context.

use super::ffi as b;
use super::made::Reach;
use super::skb::SkBuff;
use core::ptr::{null_mut, NonNull};
use core::sync::atomic::{AtomicPtr, Ordering};
use kernel::bindings::PAGE_SIZE;
use kernel::prelude::*;

/// Order of the largest blocks: no message needs more contiguous memory.
const MAX_ORDER: usize = 3;

/// Blocks kept of each order: 480 kB in all, a few long messages under way.
const KEPT: usize = 8;

/// Parts that a buffer has room for.
const MAX_PARTS: usize = b::MAX_SKB_FRAGS as usize;

/// Kept blocks by order.
///
/// # Invariants
///
/// A page in `KEPT_BLOCKS[order]` is the head of a block of that order, with one reference, which is
/// that place's.
static KEPT_BLOCKS: [[AtomicPtr<b::page>; KEPT]; MAX_ORDER + 1] =
    [const { [const { AtomicPtr::new(null_mut()) }; KEPT] }; MAX_ORDER + 1];

/// Takes a kept block out.
fn take(order: usize) -> Option<NonNull<b::page>> {
    KEPT_BLOCKS.get(order)?.iter().find_map(|place| {
        if place.load(Ordering::Relaxed).is_null() {
            return None;
        }
        NonNull::new(place.swap(null_mut(), Ordering::Acquire))
    })
}

/// Keeps a block, if there is a place for it.
///
/// # Safety
///
/// `page` is the head of a block, and the reference that the caller gives is the only one.
unsafe fn keep(page: NonNull<b::page>) -> bool {
    // SAFETY: by the contract.
    let order = unsafe { b::compound_order(page.as_ptr()) } as usize;
    KEPT_BLOCKS.get(order).is_some_and(|places| {
        places.iter().any(|place| {
            // INVARIANT: the reference goes to the place if it was free.
            place.load(Ordering::Relaxed).is_null()
                && place
                    .compare_exchange(
                        null_mut(),
                        page.as_ptr(),
                        Ordering::Release,
                        Ordering::Relaxed,
                    )
                    .is_ok()
        })
    })
}

/// Frees all kept blocks; when no message is left.
pub fn free_kept() {
    for order in 0..=MAX_ORDER {
        while let Some(page) = take(order) {
            // SAFETY: the place's reference, by the invariant.
            unsafe { b::__free_pages(page.as_ptr(), order as u32) };
        }
    }
}

/// Order of the block for the first of `rest` bytes, as `alloc_skb_with_frags` has them: the largest
/// that they fill.
fn order_for(rest: usize) -> usize {
    let pages = rest.div_ceil(PAGE_SIZE).max(1);
    (pages.ilog2() as usize).min(MAX_ORDER)
}

/// What is behind the linear part.
///
/// # Safety
///
/// `raw` is valid, and its linear part the caller's alone.
pub(super) unsafe fn shared_info(raw: *mut b::sk_buff) -> *mut b::skb_shared_info {
    // SAFETY: it is where the linear part ends.
    unsafe { (*raw).head.add((*raw).end as usize).cast() }
}

impl SkBuff {
    /// A buffer with `header` zero bytes and `data` bytes in page blocks, which the caller has to
    /// write. ENOBUFS. May sleep.
    pub(super) fn paged(reach: Reach, header: usize, data: usize) -> Result<Self> {
        let mut skb = match Self::of_kept(reach, header, data) {
            Some(skb) => skb,
            None => Self::of_new(reach, header, data)?,
        };
        skb.set_of_blocks();
        Ok(skb)
    }

    fn of_new(reach: Reach, header: usize, data: usize) -> Result<Self> {
        let mut err = 0;
        let room = reach.headroom();
        let all = header.saturating_add(room as usize);
        // SAFETY: `err` is valid for the call; the caller may sleep.
        let raw = unsafe {
            b::alloc_skb_with_frags(all, data, MAX_ORDER as i32, &mut err, b::GFP_KERNEL)
        };
        let raw = NonNull::new(raw).ok_or(ENOBUFS)?;
        // SAFETY: a new buffer.
        let skb = unsafe { SkBuff::from_raw(raw) };
        if !skb.reserve(room) {
            return Err(ENOBUFS);
        }
        skb.extend_linear(header)?;
        // SAFETY: unshared; its pages hold `data` bytes.
        unsafe { add_data(raw.as_ptr(), data) };
        Ok(skb)
    }

    /// The same of kept blocks alone, if there are enough.
    fn of_kept(reach: Reach, header: usize, data: usize) -> Option<Self> {
        let mut block = take(order_for(data))?;
        let Ok(mut skb) = SkBuff::blank(reach, header, b::GFP_KERNEL) else {
            // SAFETY: the reference came from its place.
            unsafe { b::__free_pages(block.as_ptr(), order_for(data) as u32) };
            return None;
        };
        skb.set_of_blocks();
        let raw = skb.raw();
        let mut rest = data;
        let mut count = 0;
        loop {
            let order = order_for(rest);
            let size = PAGE_SIZE << order;
            let part = rest.min(size);
            // SAFETY: a new buffer, and a block of `size` bytes whose reference goes to it. At most
            // 66 000 bytes in blocks as large as fit are 5 of the 17 parts there may be.
            unsafe {
                b::skb_fill_page_desc(raw, count, block.as_ptr(), 0, part as i32);
                (*raw).truesize = (*raw).truesize.wrapping_add(size as u32);
                add_data(raw, part);
            }
            rest = rest.saturating_sub(part);
            count = count.wrapping_add(1);
            if rest == 0 {
                break;
            }
            block = match take(order_for(rest)) {
                Some(block) => block,
                None => {
                    skb.recycle();
                    return None;
                }
            };
        }
        Some(skb)
    }

    /// Gives `packet`, which is new and has no pages, a share in the `len` bytes that begin at `at` of
    /// those in pages; false if there are not as many. Any context.
    pub(super) fn lend(&self, packet: &SkBuff, at: usize, len: usize) -> bool {
        let (from, to) = (self.raw(), packet.raw());
        let (mut at, mut left, mut count) = (at as u32, len as u32, 0);
        // SAFETY: both are valid, and `packet` the caller's alone. Each part of it has a reference
        // of its own; there are fewer than in this buffer, so there is room for them.
        unsafe {
            let info = shared_info(from);
            let parts = (&raw const (*info).frags).cast::<b::skb_frag_t>();
            for index in 0..usize::from((*info).nr_frags) {
                let part = parts.add(index);
                let Some(rest) = (*part).len.checked_sub(at).filter(|rest| *rest != 0) else {
                    at = at.saturating_sub((*part).len);
                    continue;
                };
                let size = rest.min(left);
                if size == 0 {
                    break;
                }
                let page = b::skb_frag_page(part);
                b::get_page(page);
                let offset = (*part).offset.wrapping_add(at);
                b::skb_fill_page_desc(to, count, page, offset as i32, size as i32);
                (*to).truesize = (*to).truesize.wrapping_add(size);
                add_data(to, size as usize);
                (at, left, count) = (0, left.wrapping_sub(size), count.wrapping_add(1));
            }
        }
        left == 0
    }

    /// Takes over what `tail` has in page blocks, to go on where this buffer ends; false, and nothing
    /// has changed, unless both are of blocks, the tail has nothing else, and there is room. For a
    /// buffer whose list of parts is nobody else's. Any context.
    pub(super) fn take_over(&self, tail: &SkBuff) -> bool {
        if !self.is_of_blocks() || !tail.is_of_blocks() {
            return false;
        }
        let (to, from) = (self.raw(), tail.raw());
        // SAFETY: both are valid, and the list of parts of `to` the caller's alone, with room for
        // those of `from`. Each part that it gets has a reference of its own, but those that go on in
        // the same block, where that of the part before is enough.
        unsafe {
            let (info, more) = (shared_info(to), shared_info(from));
            let mut count = usize::from((*info).nr_frags);
            let all = count.saturating_add((*more).nr_frags.into());
            let lists = !(*info).frag_list.is_null() || !(*more).frag_list.is_null();
            if lists || (*from).len != (*from).data_len || all > MAX_PARTS {
                return false;
            }
            let parts = (&raw mut (*info).frags).cast::<b::skb_frag_t>();
            for index in 0..(*more).nr_frags {
                let part = (&raw const (*more).frags)
                    .cast::<b::skb_frag_t>()
                    .add(index.into());
                let last = parts.wrapping_add(count.wrapping_sub(1));
                if count != 0 && goes_on(last, part) {
                    (*last).len = (*last).len.wrapping_add((*part).len);
                    continue;
                }
                let page = b::skb_frag_page(part);
                b::get_page(page);
                let (offset, len) = ((*part).offset as i32, (*part).len as i32);
                b::skb_fill_page_desc(to, count as i32, page, offset, len);
                count = count.wrapping_add(1);
            }
            (*to).truesize = (*to).truesize.wrapping_add((*from).data_len);
            add_data(to, (*from).data_len as usize);
        }
        true
    }

    /// Frees a buffer that was read to its end; what it has of page blocks is kept for the next.
    pub fn recycle(self) {
        let raw = self.raw();
        // SAFETY: a valid buffer. With one owner, and data that no other buffer shares, its parts are
        // its own to take out, last first, each with its reference: a block with no other is kept.
        unsafe {
            if self.is_of_blocks() && b::skb_shared(raw) == 0 && b::skb_cloned(raw) == 0 {
                let info = shared_info(raw);
                while let Some(last) = (*info).nr_frags.checked_sub(1) {
                    let part = (&raw const (*info).frags)
                        .cast::<b::skb_frag_t>()
                        .add(last.into());
                    let Some(page) = NonNull::new(b::skb_frag_page(part)) else {
                        break;
                    };
                    let page_alone = b::page_ref_count(page.as_ptr()) == 1
                        && !b::page_is_pfmemalloc(page.as_ptr());
                    if !page_alone || !keep(page) {
                        b::__free_pages(page.as_ptr(), b::compound_order(page.as_ptr()));
                    }
                    (*info).nr_frags = last;
                    (*raw).len = (*raw).len.wrapping_sub((*part).len);
                    (*raw).data_len = (*raw).data_len.wrapping_sub((*part).len);
                }
            }
        }
        self.consume();
    }
}

/// Whether `part` begins where `last` ends, in the same block.
///
/// # Safety
///
/// Both must be parts of valid buffers.
unsafe fn goes_on(last: *const b::skb_frag_t, part: *const b::skb_frag_t) -> bool {
    // SAFETY: by the contract.
    unsafe {
        (*last).netmem == (*part).netmem
            && (*last).offset.checked_add((*last).len) == Some((*part).offset)
    }
}

/// Counts `data` bytes of pages.
///
/// # Safety
///
/// `raw` is valid and unshared and has pages with that many bytes more than it has counted.
unsafe fn add_data(raw: *mut b::sk_buff, data: usize) {
    // SAFETY: by the contract.
    unsafe {
        (*raw).data_len = (*raw).data_len.wrapping_add(data as u32);
        (*raw).len = (*raw).len.wrapping_add(data as u32);
    }
}
