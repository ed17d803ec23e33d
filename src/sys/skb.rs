// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! Socket buffers: owned, and in queues.
//!
//! In: buffers that `made` makes; out: the same, whose header bytes can be read, and whose data can
//! be copied to users. Buffers that are refused go back with a drop reason.

use super::ffi as b;
use super::message::Msg;
use core::ptr::{null_mut, NonNull};
use kernel::prelude::*;

/// Says in `cb`, behind the note, that a buffer is one of `blocks`.
const OF_BLOCKS: u32 = 1;

/// Why a buffer is dropped, for those who watch (`dropwatch`, `skb:kfree_skb`).
#[derive(Clone, Copy)]
pub enum DropReason {
    /// The receive queue is full.
    ReceiveQueueFull,
    /// Nobody is there to receive it.
    NoSocket,
    /// The queue it waited in was closed.
    Closed,
}

/// An owned socket buffer.
///
/// # Invariants
///
/// The pointer is valid, in no list but the `Queue` that owns it, and this object holds one
/// reference.
#[repr(transparent)]
pub struct SkBuff(NonNull<b::sk_buff>);

// SAFETY: a buffer is plain memory that any CPU may use and free.
unsafe impl Send for SkBuff {}

impl SkBuff {
    /// What skb_put does, checked: the linear part grows by `size` at its end.
    pub(super) fn extend_linear(&self, size: usize) -> Result {
        let raw = self.0.as_ptr();
        // SAFETY: the pointer is valid and the buffer unshared.
        unsafe {
            let new = (*raw).tail.checked_add(size as u32).ok_or(ENOBUFS)?;
            if new > (*raw).end {
                return Err(ENOBUFS);
            }
            (*raw).tail = new;
            (*raw).len = (*raw).len.wrapping_add(size as u32);
        }
        Ok(())
    }

    /// What skb_push does, checked: the linear part grows by `size` at its start; false without room.
    pub(super) fn extend_front(&self, size: usize) -> bool {
        let raw = self.0.as_ptr();
        // SAFETY: the pointer is valid and the buffer unshared.
        unsafe {
            let fits = b::skb_headroom(raw) as usize >= size;
            if fits {
                (*raw).data = (*raw).data.wrapping_sub(size);
                (*raw).len = (*raw).len.wrapping_add(size as u32);
            }
            fits
        }
    }

    /// Takes the last `size` bytes of the linear part off, which are the last of all; fewer if there
    /// are not as many. For a buffer with one owner and without pages.
    pub fn take_off(&mut self, size: usize) {
        let raw = self.0.as_ptr();
        // SAFETY: the pointer is valid and the buffer unshared; no more goes than there is.
        unsafe {
            if (*raw).data_len == 0 {
                let size = (size as u32).min((*raw).len);
                (*raw).tail = (*raw).tail.wrapping_sub(size);
                (*raw).len = (*raw).len.wrapping_sub(size);
            }
        }
    }

    /// What skb_reserve does, checked: an empty buffer gets `room` free bytes in front.
    pub(super) fn reserve(&self, room: u32) -> bool {
        let raw = self.0.as_ptr();
        // SAFETY: the pointer is valid and the buffer unshared.
        unsafe {
            let fits = (*raw).len == 0
                && (*raw)
                    .tail
                    .checked_add(room)
                    .is_some_and(|new| new <= (*raw).end);
            if fits {
                (*raw).data = (*raw).data.add(room as usize);
                (*raw).tail = (*raw).tail.wrapping_add(room);
            }
            fits
        }
    }

    /// Whether all its bytes are contiguous.
    pub(super) fn is_linear(&self) -> bool {
        // SAFETY: the pointer is valid.
        unsafe { (*self.0.as_ptr()).data_len == 0 }
    }

    /// Makes the first `len` bytes contiguous; false without memory, or if there are fewer.
    pub(super) fn pull_linear(&mut self, len: usize) -> bool {
        let have = self.linear().len();
        let Some(more) = len.checked_sub(have).filter(|more| *more != 0) else {
            return true;
        };
        // SAFETY: a valid buffer with one owner; the function checks what there is.
        len <= self.len() && unsafe { !b::__pskb_pull_tail(self.0.as_ptr(), more as i32).is_null() }
    }

    pub(super) fn raw(&self) -> *mut b::sk_buff {
        self.0.as_ptr()
    }

    /// # Safety
    ///
    /// `raw` must be valid, in no list, and a reference to it the caller's to give.
    pub(super) unsafe fn from_raw(raw: NonNull<b::sk_buff>) -> Self {
        // INVARIANT: by the contract.
        SkBuff(raw)
    }

    /// Bytes of the linear part: the header, and for short messages the data.
    pub fn linear(&self) -> &[u8] {
        let raw = self.0.as_ptr();
        // SAFETY: `data` begins an initialised area of len - data_len bytes, which nobody changes
        // while the buffer is borrowed: ours has no other owner that writes.
        unsafe {
            let len = (*raw).len.wrapping_sub((*raw).data_len) as usize;
            core::slice::from_raw_parts((*raw).data, len)
        }
    }

    /// The same, to write.
    pub fn linear_mut(&mut self) -> &mut [u8] {
        let raw = self.0.as_ptr();
        // SAFETY: as in `linear`, and the borrow is exclusive.
        unsafe {
            let len = (*raw).len.wrapping_sub((*raw).data_len) as usize;
            core::slice::from_raw_parts_mut((*raw).data, len)
        }
    }

    /// All bytes in it.
    pub fn len(&self) -> usize {
        // SAFETY: the pointer is valid.
        unsafe { (*self.0.as_ptr()).len as usize }
    }

    /// Memory it takes, with everything.
    pub fn truesize(&self) -> u32 {
        // SAFETY: the pointer is valid.
        unsafe { (*self.0.as_ptr()).truesize }
    }

    /// A note of the owner's, zero at first (kept in `skb->cb`).
    pub fn note(&self) -> u32 {
        // SAFETY: cb has 48 bytes, aligned for pointers, initialised by the allocation.
        unsafe { (&raw const (*self.0.as_ptr()).cb).cast::<u32>().read() }
    }

    /// Replaces the note. Whatever was in `cb` before, the buffer is not one of `blocks` any more.
    pub fn set_note(&mut self, note: u32) {
        // SAFETY: as in `note`; the borrow is exclusive.
        unsafe {
            (&raw mut (*self.0.as_ptr()).cb)
                .cast::<[u32; 2]>()
                .write([note, 0])
        }
    }

    /// A buffer whose owner has not written a note yet: that of one of `blocks` stays what it is.
    pub fn without_note(mut self) -> Self {
        if !self.is_of_blocks() {
            self.set_note(0);
        }
        self
    }

    /// Whether it has this mark, and its `cb` was not used for anything else since.
    pub(super) fn is_marked(&self, mark: u32) -> bool {
        // SAFETY: as in `note`.
        unsafe { (&raw const (*self.0.as_ptr()).cb).cast::<[u32; 2]>().read() == [0, mark] }
    }

    /// Marks a new buffer by how it was made.
    pub(super) fn mark(&mut self, mark: u32) {
        // SAFETY: as in `set_note`.
        unsafe {
            (&raw mut (*self.0.as_ptr()).cb)
                .cast::<[u32; 2]>()
                .write([0, mark])
        }
    }

    /// Whether it is one of `blocks`, and its `cb` was not used for anything else since.
    pub(super) fn is_of_blocks(&self) -> bool {
        self.is_marked(OF_BLOCKS)
    }

    /// Marks a new buffer as one of `blocks`.
    pub(super) fn set_of_blocks(&mut self) {
        self.mark(OF_BLOCKS);
    }

    /// Cuts the buffer to at most `len` bytes, all of them linear. Copies it first if somebody else
    /// still reads it; none (and the buffer freed) without memory. Any context.
    pub fn shortened(self, len: usize) -> Option<SkBuff> {
        let mut raw = self.into_raw();
        // SAFETY: `raw` is ours; no list leads to it, so nobody can become an owner now, and with
        // one owner it may be changed.
        unsafe {
            if b::skb_shared(raw) != 0 {
                let copy = b::skb_copy(raw, b::GFP_ATOMIC);
                b::consume_skb(raw);
                raw = NonNull::new(copy)?.as_ptr();
            }
            let skb = SkBuff(NonNull::new(raw)?);
            if len < skb.len() && b::___pskb_trim(raw, len as u32) != 0 {
                return None;
            }
            let paged = (*raw).data_len;
            if paged != 0 && b::__pskb_pull_tail(raw, paged as i32).is_null() {
                return None;
            }
            Some(skb)
        }
    }

    /// A second buffer with a header of its own; long data is shared. None without memory. Any
    /// context.
    pub fn copied(&self) -> Option<SkBuff> {
        // SAFETY: a valid buffer; the copy is unshared.
        let copy = unsafe { b::__pskb_copy_fclone(self.0.as_ptr(), 0, b::GFP_ATOMIC, false) };
        NonNull::new(copy).map(SkBuff)
    }

    /// Makes the linear part longer by `by` bytes at its start; none (and the buffer freed) without
    /// memory. Any context. For a buffer with one owner.
    pub fn grown_in_front(self, by: u32) -> Option<SkBuff> {
        let raw = self.0.as_ptr();
        // SAFETY: a valid buffer with one owner; after the expansion there is room for `by` bytes
        // before its data, which skb_push's own arithmetic then takes.
        unsafe {
            let room = b::skb_headroom(raw);
            if room < by {
                let more = by.saturating_sub(room) as i32;
                if b::pskb_expand_head(raw, more, 0, b::GFP_ATOMIC) != 0 {
                    return None;
                }
            }
            (*raw).data = (*raw).data.wrapping_sub(by as usize);
            (*raw).len = (*raw).len.wrapping_add(by);
        }
        Some(self)
    }

    /// Copies bytes from `offset` on to `out`, all of it; false if there are not as many.
    pub fn copy_to(&self, offset: usize, out: &mut [u8]) -> bool {
        let (Ok(offset), Ok(len)) = (i32::try_from(offset), i32::try_from(out.len())) else {
            return false;
        };
        // SAFETY: the function checks offset and length against the buffer; `out` has `len` bytes.
        unsafe { b::skb_copy_bits(self.0.as_ptr(), offset, out.as_mut_ptr().cast(), len) == 0 }
    }

    /// Copies `len` bytes from `offset` on to the user. EFAULT if they cannot be written. Process
    /// context.
    pub fn copy_to_user(&self, offset: usize, len: usize, msg: &mut Msg<'_>) -> Result {
        let linear = offset
            .checked_add(len)
            .and_then(|end| self.linear().get(offset..end));
        if let Some(bytes) = linear {
            return msg.write(bytes).then_some(()).ok_or(EFAULT);
        }
        // SAFETY: valid buffer; the function checks offset and length against it.
        let err = unsafe {
            b::skb_copy_datagram_iter(self.0.as_ptr(), offset as i32, msg.iter(), len as i32)
        };
        kernel::error::to_result(err).map_err(|_| EFAULT)
    }

    /// Frees a buffer that reached its goal.
    pub fn consume(self) {
        // SAFETY: our reference ends here.
        unsafe { b::consume_skb(self.into_raw()) }
    }

    /// Frees a buffer that did not.
    pub fn drop_because(self, reason: DropReason) {
        let reason = match reason {
            DropReason::ReceiveQueueFull => b::skb_drop_reason_SKB_DROP_REASON_SOCKET_RCVBUFF,
            DropReason::NoSocket => b::skb_drop_reason_SKB_DROP_REASON_NO_SOCKET,
            DropReason::Closed => b::skb_drop_reason_SKB_DROP_REASON_SOCKET_CLOSE,
        };
        // SAFETY: our reference ends here; no socket is named.
        unsafe { b::sk_skb_reason_drop(null_mut(), self.into_raw(), reason) }
    }

    /// The same with at least `room` bytes free in front of its data; none (and the buffer freed)
    /// without memory. Any context. For a buffer with one owner.
    pub fn with_headroom(self, room: u32) -> Option<SkBuff> {
        let raw = self.0.as_ptr();
        // SAFETY: a valid buffer with one owner.
        unsafe {
            let more = room.saturating_sub(b::skb_headroom(raw));
            if more != 0 && b::pskb_expand_head(raw, more as i32, 0, b::GFP_ATOMIC) != 0 {
                return None;
            }
        }
        Some(self)
    }

    pub(super) fn into_raw(self) -> *mut b::sk_buff {
        let raw = self.0.as_ptr();
        core::mem::forget(self);
        raw
    }
}

impl Drop for SkBuff {
    fn drop(&mut self) {
        let reason = b::skb_drop_reason_SKB_DROP_REASON_NOT_SPECIFIED;
        // SAFETY: our reference ends here.
        unsafe { b::sk_skb_reason_drop(null_mut(), self.0.as_ptr(), reason) }
    }
}

/// Buffers in order. Movable, needs no lock of its own.
///
/// # Invariants
///
/// `head` leads through `next` to `tail` over `len` buffers, each owned by the queue.
pub struct Queue {
    head: *mut b::sk_buff,
    tail: *mut b::sk_buff,
    len: u32,
}

// SAFETY: it owns its buffers, which are Send.
unsafe impl Send for Queue {}

impl Queue {
    /// An empty queue.
    pub const fn new() -> Self {
        Queue {
            head: null_mut(),
            tail: null_mut(),
            len: 0,
        }
    }

    /// Buffers in it.
    pub fn len(&self) -> u32 {
        self.len
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.head.is_null()
    }

    /// Puts a buffer at the end.
    pub fn push_back(&mut self, skb: SkBuff) {
        let raw = skb.into_raw();
        // SAFETY: the buffer was in no list; the tail, if there is one, is the queue's own.
        unsafe {
            *next_of(raw) = null_mut();
            if self.tail.is_null() {
                self.head = raw;
            } else {
                *next_of(self.tail) = raw;
            }
        }
        self.tail = raw;
        self.len = self.len.wrapping_add(1);
    }

    /// Puts a buffer at the front.
    pub fn push_front(&mut self, skb: SkBuff) {
        let raw = skb.into_raw();
        // SAFETY: the buffer was in no list.
        unsafe { *next_of(raw) = self.head };
        if self.tail.is_null() {
            self.tail = raw;
        }
        self.head = raw;
        self.len = self.len.wrapping_add(1);
    }

    /// Takes the first buffer out.
    pub fn pop_front(&mut self) -> Option<SkBuff> {
        let raw = NonNull::new(self.head)?;
        // SAFETY: the head is a buffer of the queue; it leaves the list here.
        unsafe {
            self.head = *next_of(raw.as_ptr());
            *next_of(raw.as_ptr()) = null_mut();
        }
        if self.head.is_null() {
            self.tail = null_mut();
        }
        self.len = self.len.wrapping_sub(1);
        Some(SkBuff(raw))
    }

    /// Moves all of `other` to the end.
    pub fn append(&mut self, other: &mut Queue) {
        let (head, tail, len) = (other.head, other.tail, other.len);
        if head.is_null() {
            return;
        }
        (other.head, other.tail, other.len) = (null_mut(), null_mut(), 0);
        if self.tail.is_null() {
            self.head = head;
        } else {
            // SAFETY: the tail is the queue's own; the chain at `head` is ours from here on.
            unsafe { *next_of(self.tail) = head };
        }
        self.tail = tail;
        self.len = self.len.wrapping_add(len);
    }

    /// The first buffer.
    pub fn front(&self) -> Option<&SkBuff> {
        at(&self.head)
    }

    /// The first buffer, to change.
    ///
    /// # Safety
    ///
    /// It may be changed, but not be replaced by another: that one would not be linked.
    pub(super) unsafe fn front_mut(&mut self) -> Option<&mut SkBuff> {
        at_mut(&mut self.head)
    }

    /// The last buffer.
    pub fn back(&self) -> Option<&SkBuff> {
        at(&self.tail)
    }

    /// The last buffer, to change.
    ///
    /// # Safety
    ///
    /// As for `front_mut`.
    pub(super) unsafe fn back_mut(&mut self) -> Option<&mut SkBuff> {
        at_mut(&mut self.tail)
    }

    /// From first to last.
    pub fn iter(&self) -> impl Iterator<Item = &SkBuff> + '_ {
        // SAFETY: a buffer of the queue; its link is part of the queue, which is borrowed.
        core::iter::successors(at(&self.head), |skb| at(unsafe { &*next_of(skb.raw()) }))
    }

    /// The first buffer, which stays, as a second owner.
    pub fn share_front(&self) -> Option<SkBuff> {
        let raw = NonNull::new(self.head)?;
        // SAFETY: the head is valid; skb_get counts the reference of the new object.
        unsafe { b::skb_get(raw.as_ptr()) };
        Some(SkBuff(raw))
    }
}

/// The buffer at a link of a queue.
fn at(link: &*mut b::sk_buff) -> Option<&SkBuff> {
    // SAFETY: a link that is not null is the pointer in a `SkBuff` that the queue owns.
    (!link.is_null()).then(|| unsafe { &*core::ptr::from_ref(link).cast() })
}

fn at_mut(link: &mut *mut b::sk_buff) -> Option<&mut SkBuff> {
    // SAFETY: as in `at`; the borrow is exclusive.
    (!link.is_null()).then(|| unsafe { &mut *core::ptr::from_mut(link).cast() })
}

impl Queue {
    #[cold]
    #[inline(never)]
    fn drop_all(&mut self) {
        while let Some(skb) = self.pop_front() {
            skb.drop_because(DropReason::Closed);
        }
    }
}

impl Drop for Queue {
    /// Nearly all are empty by then, and a call for nothing costs more than the look.
    #[inline]
    fn drop(&mut self) {
        if !self.is_empty() {
            self.drop_all();
        }
    }
}

/// The link to the next buffer of a list.
///
/// # Safety
///
/// `skb` must be valid.
pub(super) unsafe fn next_of(skb: *mut b::sk_buff) -> *mut *mut b::sk_buff {
    // SAFETY: by the contract; the place of `next` in the first anonymous union.
    unsafe { &raw mut (*skb).__bindgen_anon_1.__bindgen_anon_1.next }
}
