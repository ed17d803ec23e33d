// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! Socket buffers as packets: with a typed note of their owner's, shared, cut, joined, and in lists.
//!
//! In: bytes, and buffers that have come in; out: the same. No call sleeps; each is allowed with a
//! lock held.

use super::ffi as b;
use super::made::{put, HEADROOM};
use super::skb::{next_of, Queue, SkBuff};
use core::marker::PhantomData;
use core::ptr::{null_mut, NonNull};

/// Where the note is in `skb->cb`: behind the word of `SkBuff::note`.
const NOTE_AT: usize = 8;
/// Where the last buffer of a joined message is kept there.
const TAIL_AT: usize = 40;

/// A buffer with a note of type `N`.
///
/// # Invariants
///
/// `skb->cb` holds a value of `N` at `NOTE_AT`, and at `TAIL_AT` a pointer to the last buffer of the
/// fragment list, or null if no packet was joined.
#[repr(transparent)]
pub struct Noted<N: Copy + Default>(SkBuff, PhantomData<N>);

impl<N: Copy + Default> Noted<N> {
    const FITS: () = assert!(size_of::<N>() <= TAIL_AT - NOTE_AT && align_of::<N>() <= 8);

    /// A buffer with one owner, with a new note.
    pub fn from(skb: SkBuff) -> Self {
        let () = Self::FITS;
        let mut noted: Self = Noted(skb, PhantomData);
        // SAFETY: both places are within cb, which has 48 bytes, is aligned for pointers, and is
        // ours while we own the buffer.
        unsafe {
            noted.note_place().write(N::default());
            noted.tail_place().write(null_mut());
        }
        // INVARIANT: just written.
        noted
    }

    /// The buffer without the note.
    pub fn into_inner(self) -> SkBuff {
        self.0
    }

    /// The buffer, to read.
    pub fn as_buffer(&self) -> &SkBuff {
        &self.0
    }

    /// The same, its linear bytes to be changed; nobody else may have them.
    pub(super) fn linear_mut(&mut self) -> &mut [u8] {
        self.0.linear_mut()
    }

    fn cb(&mut self) -> *mut u8 {
        // SAFETY: the pointer is valid.
        unsafe { (&raw mut (*self.0.raw()).cb).cast() }
    }

    fn note_place(&mut self) -> *mut N {
        self.cb().wrapping_add(NOTE_AT).cast()
    }

    fn tail_place(&mut self) -> *mut *mut b::sk_buff {
        self.cb().wrapping_add(TAIL_AT).cast()
    }

    /// The note.
    pub fn note(&mut self) -> &mut N {
        // SAFETY: by the invariant; the borrow is exclusive.
        unsafe { &mut *self.note_place() }
    }

    /// A new packet: `header`, then `data`, and room for `room` bytes more.
    pub fn new(header: &[u8], data: &[&[u8]], room: usize) -> Option<Self> {
        let len = data
            .iter()
            .fold(header.len(), |sum, part| sum.saturating_add(part.len()));
        let size = u32::try_from(len.checked_add(room)?)
            .ok()?
            .checked_add(HEADROOM)?;
        // SAFETY: no pointers involved.
        let raw = unsafe {
            b::__alloc_skb(
                size,
                b::GFP_ATOMIC,
                b::SKB_ALLOC_FCLONE as i32,
                b::NUMA_NO_NODE,
            )
        };
        let skb = new(raw)?;
        skb.reserve(HEADROOM).then_some(())?;
        skb.extend_linear(len).ok()?;
        let mut noted = Self::from(skb);
        let mut place = noted.0.linear_mut();
        for part in core::iter::once(&header).chain(data) {
            let (to, rest) = place.split_at_mut_checked(part.len())?;
            put(to, part);
            place = rest;
        }
        Some(noted)
    }

    /// The bytes of its linear part, to change. If others share them they are copied first; none
    /// without memory.
    pub fn private(&mut self) -> Option<&mut [u8]> {
        let raw = self.0.raw();
        // SAFETY: a valid buffer that nobody else has a reference to, though its bytes may be
        // shared.
        unsafe {
            if b::skb_cloned(raw) != 0 && b::pskb_expand_head(raw, 0, 0, b::GFP_ATOMIC) != 0 {
                return None;
            }
        }
        Some(self.0.linear_mut())
    }

    /// The same message once more, its bytes shared.
    pub fn share(&self) -> Option<Self> {
        // SAFETY: a valid buffer; the clone is ours.
        let raw = unsafe { b::skb_clone(self.0.raw(), b::GFP_ATOMIC) };
        Some(Self::from(new(raw)?))
    }

    /// The same message once more, its linear part its own.
    pub fn copy(&self) -> Option<Self> {
        // SAFETY: a valid buffer; the copy is ours.
        let raw =
            unsafe { b::__pskb_copy_fclone(self.0.raw(), HEADROOM as i32, b::GFP_ATOMIC, true) };
        Some(Self::from(new(raw)?))
    }

    /// A packet with a copy of the `len` bytes that begin at `at`.
    pub fn part(&self, at: usize, len: usize) -> Option<Self> {
        let size = u32::try_from(len).ok()?.checked_add(HEADROOM)?;
        // SAFETY: no pointers involved.
        let raw = unsafe { b::__alloc_skb(size, b::GFP_ATOMIC, 0, b::NUMA_NO_NODE) };
        let skb = new(raw)?;
        skb.reserve(HEADROOM).then_some(())?;
        skb.extend_linear(len).ok()?;
        let mut noted = Self::from(skb);
        let copied = self.0.copy_to(at, noted.0.linear_mut());
        copied.then_some(noted)
    }

    /// A packet of `header` and the `len` bytes that begin at `at`: a copy, but for those in page
    /// blocks, which are shared.
    pub fn cut(&self, header: &[u8], at: usize, len: usize) -> Option<Self> {
        if self.0.is_of_blocks() {
            let linear = self.0.linear();
            let begin = linear.get(at..).unwrap_or_default();
            let begin = begin.get(..len).unwrap_or(begin);
            let mut noted = Self::new(header, &[begin], 0)?;
            noted.0.set_of_blocks();
            let behind = at.saturating_sub(linear.len());
            let shared = self
                .0
                .lend(&noted.0, behind, len.saturating_sub(begin.len()));
            return shared.then_some(noted);
        }
        let mut noted = Self::new(header, &[], len)?;
        noted.0.extend_linear(len).ok()?;
        let place = noted.0.linear_mut().get_mut(header.len()..)?;
        self.0.copy_to(at, place).then_some(noted)
    }

    /// Takes `count` bytes off the front, and makes the next `linear` of them contiguous, or as many
    /// as there are. False, and nothing has changed, if there are no more than `count`, or without
    /// memory.
    pub fn strip(&mut self, count: usize, linear: usize) -> bool {
        let len = self.0.len();
        if count >= len {
            return false;
        }
        let want = count.saturating_add(linear).min(len);
        if !self.0.pull_linear(want) {
            return false;
        }
        let raw = self.0.raw();
        // SAFETY: `count` bytes are linear now, and fewer than all.
        unsafe {
            (*raw).data = (*raw).data.add(count);
            (*raw).len = (*raw).len.wrapping_sub(count as u32);
        }
        true
    }

    /// Makes the first `linear` bytes contiguous, or as many as there are; false without memory.
    pub fn make_linear(&mut self, linear: usize) -> bool {
        let want = linear.min(self.0.len());
        self.0.pull_linear(want)
    }

    /// Cuts off what is behind the first `len` bytes; false without memory.
    pub fn trim(&mut self, len: usize) -> bool {
        // SAFETY: a valid buffer with one owner; the function checks the length.
        len >= self.0.len() || unsafe { b::___pskb_trim(self.0.raw(), len as u32) == 0 }
    }

    /// Puts the bytes of `tail` at the end, without its first `skip`. Only after `private` has
    /// succeeded.
    pub fn join(&mut self, mut tail: Self, skip: usize) {
        // One without data adds nothing.
        if !tail.strip(skip, 0) {
            return;
        }
        if self.0.take_over(&tail.0) {
            return tail.0.consume();
        }
        // What comes now may be of any kind.
        self.0.set_note(0);
        let (head, len) = (self.0.raw(), tail.0.len() as u32);
        let size = tail.0.truesize();
        let raw = tail.0.into_raw();
        let mut stolen = false;
        let mut delta = 0;
        // SAFETY: both are valid and ours alone. A tail whose bytes were taken over is freed, one
        // that is chained belongs to the head from here on; the head's shared info is its own,
        // which `private` has seen to.
        unsafe {
            if b::skb_try_coalesce(head, raw, &mut stolen, &mut delta) {
                // `delta`, what the head takes more, is counted there already.
                b::kfree_skb_partial(raw, stolen);
                return;
            }
            *next_of(raw) = null_mut();
            let last = self.tail_place();
            if (*last).is_null() {
                let info = (*head)
                    .head
                    .add((*head).end as usize)
                    .cast::<b::skb_shared_info>();
                (*info).frag_list = raw;
            } else {
                *next_of(*last) = raw;
            }
            *last = raw;
            (*head).truesize = (*head).truesize.wrapping_add(size);
            (*head).data_len = (*head).data_len.wrapping_add(len);
            (*head).len = (*head).len.wrapping_add(len);
        }
    }

    /// Puts `header` in front, makes the bytes its own and room for `room` more behind them; false
    /// without memory, and nothing but the place of the bytes has changed.
    pub fn wrap(&mut self, header: &[u8], room: usize) -> bool {
        let len = self.0.len();
        let (Ok(front), Ok(back)) = (i32::try_from(header.len()), i32::try_from(room)) else {
            return false;
        };
        if !self.0.pull_linear(len) {
            return false;
        }
        let raw = self.0.raw();
        // SAFETY: a valid buffer with one owner, linear now, so that no packet is joined to it; the
        // expansion makes its bytes its own, with room for the header before them.
        unsafe {
            self.tail_place().write(null_mut());
            if b::pskb_expand_head(raw, front, back, b::GFP_ATOMIC) != 0 {
                return false;
            }
            (*raw).data = (*raw).data.wrapping_sub(header.len());
            (*raw).len = (*raw).len.wrapping_add(header.len() as u32);
        }
        put(self.0.linear_mut(), header);
        true
    }

    /// Copies all of `other` to the end, behind `padding` zero bytes; false, and nothing is done, if
    /// there is no room, or the buffer is not linear.
    pub fn append(&mut self, padding: usize, other: &Self) -> bool {
        let (at, len) = (self.0.len(), other.0.len());
        let Some(more) = padding.checked_add(len) else {
            return false;
        };
        if !self.0.is_linear() || self.0.extend_linear(more).is_err() {
            return false;
        }
        let place = self.0.linear_mut().get_mut(at..).unwrap_or_default();
        let Some((zeros, rest)) = place.split_at_mut_checked(padding) else {
            return false;
        };
        zeros.fill(0);
        other.0.copy_to(0, rest)
    }
}

/// A buffer that a function of the kernel has just made for the caller, or could not.
fn new(raw: *mut b::sk_buff) -> Option<SkBuff> {
    // SAFETY: new, and nobody else's.
    NonNull::new(raw).map(|raw| unsafe { SkBuff::from_raw(raw) })
}

/// Noted buffers in a row. Moving them needs no memory.
pub struct NotedList<N: Copy + Default>(Queue, PhantomData<N>);

impl<N: Copy + Default> Default for NotedList<N> {
    fn default() -> Self {
        NotedList(Queue::new(), PhantomData)
    }
}

impl<N: Copy + Default> NotedList<N> {
    /// The buffers without their notes.
    pub fn into_inner(self) -> Queue {
        self.0
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len() as usize
    }

    /// The first.
    pub fn front(&self) -> Option<&Noted<N>> {
        noted(self.0.front()?)
    }

    fn front_mut(&mut self) -> Option<&mut Noted<N>> {
        // SAFETY: those who call it do not replace the buffer.
        noted_mut(unsafe { self.0.front_mut() }?)
    }

    /// The note of the first.
    pub fn front_note(&mut self) -> Option<&mut N> {
        self.front_mut().map(Noted::note)
    }

    /// The linear bytes of the first, to change; none without memory.
    pub fn front_private(&mut self) -> Option<&mut [u8]> {
        self.front_mut()?.private()
    }

    /// The last.
    pub fn back(&self) -> Option<&Noted<N>> {
        noted(self.0.back()?)
    }

    fn back_mut(&mut self) -> Option<&mut Noted<N>> {
        // SAFETY: those who call it do not replace the buffer.
        noted_mut(unsafe { self.0.back_mut() }?)
    }

    /// The linear bytes of the last, to change; none without memory.
    pub fn back_private(&mut self) -> Option<&mut [u8]> {
        self.back_mut()?.private()
    }

    /// `append` for the last.
    pub fn append_to_back(&mut self, padding: usize, other: &Noted<N>) -> bool {
        self.back_mut()
            .is_some_and(|last| last.append(padding, other))
    }

    /// `wrap` for the last.
    pub fn wrap_back(&mut self, header: &[u8], room: usize) -> bool {
        self.back_mut().is_some_and(|last| last.wrap(header, room))
    }

    /// Takes the first off.
    pub fn pop_front(&mut self) -> Option<Noted<N>> {
        // INVARIANT: only noted buffers were put in.
        self.0.pop_front().map(|skb| Noted(skb, PhantomData))
    }

    /// Puts one behind the last.
    pub fn push_back(&mut self, packet: Noted<N>) {
        self.0.push_back(packet.0);
    }

    /// Moves all of `other` behind the last.
    pub fn append(&mut self, other: &mut Self) {
        self.0.append(&mut other.0);
    }

    /// Frees all of them; page blocks that nobody else has are kept for the next messages.
    pub fn free(&mut self) {
        while let Some(skb) = self.0.pop_front() {
            match skb.is_of_blocks() {
                true => skb.recycle(),
                false => drop(skb),
            }
        }
    }

    /// From first to last.
    pub fn iter(&self) -> impl Iterator<Item = &Noted<N>> + '_ {
        self.0.iter().filter_map(noted)
    }
}

fn noted<N: Copy + Default>(skb: &SkBuff) -> Option<&Noted<N>> {
    // SAFETY: a transparent wrapper; the lists that ask hold noted buffers only.
    Some(unsafe { &*core::ptr::from_ref(skb).cast() })
}

fn noted_mut<N: Copy + Default>(skb: &mut SkBuff) -> Option<&mut Noted<N>> {
    // SAFETY: as above.
    Some(unsafe { &mut *core::ptr::from_mut(skb).cast() })
}
