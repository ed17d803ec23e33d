// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! Messages in pieces: what a device that cannot gather would have to copy together again is built
//! as the packets it is to become, each in one piece of memory, and is chained until then.
//!
//! In: user data; out: one buffer, which reads as any other, and later its pieces.

use super::ffi as b;
use super::made::{put, Reach};
use super::message::Msg;
use super::noted::{Noted, NotedList};
use super::skb::{next_of, Queue, SkBuff};
use core::ptr::{null_mut, NonNull};
use kernel::prelude::*;

/// The packets a message is to become.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Pieces {
    /// The largest packet, in bytes: a message that is no longer is not cut.
    pub most: u16,
    /// Bytes of the message in each packet but the last; the rest of `most` is for a header.
    pub step: u16,
}

impl Pieces {
    /// Free bytes in front of each piece, beside those of any packet.
    pub(super) fn front(self) -> u32 {
        u32::from(self.most.saturating_sub(self.step))
    }

    /// What marks a buffer that was made so.
    fn mark(self) -> u32 {
        self.step.into()
    }
}

impl SkBuff {
    /// A buffer with `header` bytes for a header, which are to be written and fit into the first
    /// piece, and `data` bytes copied from the user's message. ENOMEM, ENOBUFS; EFAULT if the
    /// user's bytes cannot be read. Process context, may sleep.
    pub(super) fn in_pieces(
        pieces: Pieces,
        header: usize,
        data: usize,
        msg: &mut Msg<'_>,
    ) -> Result<Self> {
        let reach = Reach::Apart(pieces);
        let size = header.saturating_add(data);
        let step = usize::from(pieces.step);
        let whole = size <= usize::from(pieces.most);
        let first = if whole { size } else { step };
        let mut head = Self::blank(reach, first, b::GFP_KERNEL)?;
        if !fill(&mut head, header, msg) {
            head.consume();
            return Err(EFAULT);
        }
        let mut left = size.saturating_sub(first);
        if left == 0 {
            return Ok(head);
        }
        head.mark(pieces.mark());
        let mut last = null_mut();
        while left != 0 {
            let len = left.min(step);
            let mut piece = Self::blank(reach, len, b::GFP_KERNEL)?;
            if !fill(&mut piece, 0, msg) {
                head.consume();
                return Err(EFAULT);
            }
            // SAFETY: both are new, and nobody else's.
            last = unsafe { chain(head.raw(), last, piece) };
            left = left.saturating_sub(len);
        }
        Ok(head)
    }

    /// Whether it is a message in such pieces still, and nobody else has a part in any of it.
    fn is_in(&self, pieces: Pieces) -> bool {
        if !self.is_marked(pieces.mark()) {
            return false;
        }
        let step = usize::from(pieces.step);
        // SAFETY: a valid buffer, as are those of its chain while it is not freed.
        unsafe {
            let mut next = (*self.shared_info()).frag_list;
            let mut whole = self.linear().len() == step && is_free(self.raw(), pieces);
            while !next.is_null() {
                let len = (*next).len as usize;
                let last = (*next_of(next)).is_null();
                let fits = len == step || last && len <= step;
                whole &= fits && (*next).data_len == 0 && is_free(next, pieces);
                next = *next_of(next);
            }
            whole && (*self.shared_info()).nr_frags == 0
        }
    }

    /// The pieces, in order; the buffer itself if it is not a message in such pieces.
    fn apart(mut self, pieces: Pieces) -> Result<Queue, Self> {
        if !self.is_in(pieces) {
            return Err(self);
        }
        self.mark(0);
        let mut queue = Queue::new();
        let raw = self.raw();
        // SAFETY: nobody else has a part in the buffer or its chain, by what was just looked at;
        // each of the chain has one reference, which was the chain's.
        let mut next = unsafe {
            let info = self.shared_info();
            core::mem::replace(&mut (*info).frag_list, null_mut())
        };
        let mut all = Queue::new();
        while let Some(piece) = NonNull::new(next) {
            // SAFETY: as above.
            unsafe {
                next = *next_of(next);
                (*raw).truesize = (*raw).truesize.wrapping_sub((*piece.as_ptr()).truesize);
                all.push_back(SkBuff::from_raw(piece));
            }
        }
        // SAFETY: a valid buffer; what is left is linear.
        unsafe {
            (*raw).len = (*raw).len.wrapping_sub((*raw).data_len);
            (*raw).data_len = 0;
        }
        queue.push_back(self);
        queue.append(&mut all);
        Ok(queue)
    }

    /// What is behind the linear part.
    fn shared_info(&self) -> *mut b::skb_shared_info {
        let raw = self.raw();
        // SAFETY: a valid buffer: it is where the linear part ends.
        unsafe { (*raw).head.add((*raw).end as usize).cast() }
    }
}

/// Fills the linear part behind `header` bytes with the user's next.
fn fill(skb: &mut SkBuff, header: usize, msg: &mut Msg<'_>) -> bool {
    let place = skb.linear_mut().get_mut(header..);
    place.is_some_and(|place| msg.read(place))
}

/// Puts `piece` at the end of the chain of `head`, which `last` is, or null; the new end.
///
/// # Safety
///
/// `head` and its chain must be valid and the caller's alone.
unsafe fn chain(head: *mut b::sk_buff, last: *mut b::sk_buff, piece: SkBuff) -> *mut b::sk_buff {
    let (len, size) = (piece.len() as u32, piece.truesize());
    let raw = piece.into_raw();
    // SAFETY: by the contract; the piece is the chain's from here on, and freed with the head.
    unsafe {
        if last.is_null() {
            let info = (*head).head.add((*head).end as usize);
            (*info.cast::<b::skb_shared_info>()).frag_list = raw;
        } else {
            *next_of(last) = raw;
        }
        (*head).len = (*head).len.wrapping_add(len);
        (*head).data_len = (*head).data_len.wrapping_add(len);
        (*head).truesize = (*head).truesize.wrapping_add(size);
    }
    raw
}

/// Whether nobody else has a part in a buffer, and there is room in front of it.
///
/// # Safety
///
/// `raw` must be valid.
unsafe fn is_free(raw: *mut b::sk_buff, pieces: Pieces) -> bool {
    // SAFETY: by the contract.
    unsafe {
        b::skb_shared(raw) == 0 && b::skb_cloned(raw) == 0 && b::skb_headroom(raw) >= pieces.front()
    }
}

impl<N: Copy + Default> Noted<N> {
    /// The pieces, in order, each with a new note; the message itself if it is not in such pieces, or
    /// somebody else has a part in any of it.
    pub fn apart(self, pieces: Pieces) -> Result<NotedList<N>, Self> {
        let mut queue = self.into_inner().apart(pieces).map_err(Self::from)?;
        let mut list = NotedList::default();
        while let Some(piece) = queue.pop_front() {
            list.push_back(Self::from(piece));
        }
        Ok(list)
    }

    /// Puts `header` in front of a piece; false if there is no room.
    pub fn push(&mut self, header: &[u8]) -> bool {
        self.as_buffer().extend_front(header.len()) && {
            put(self.linear_mut(), header);
            true
        }
    }
}
