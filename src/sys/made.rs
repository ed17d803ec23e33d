// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! New buffers with a message in them.
//!
//! In: sizes, bytes and user data (`message::Msg`); out: buffers, which stay in the node or are fit
//! to be packets.

use super::ffi as b;
use super::message::Msg;
use super::pieces::Pieces;
use super::skb::SkBuff;
use core::ptr::NonNull;
use kernel::prelude::*;

/// Largest piece of data kept beside the header in one allocation; more goes to pages, so that no
/// message needs contiguous memory beyond an order-3 page block.
const LINEAR_MAX: usize = 3072;

/// The same of a message for another node: more does not fit into one packet of an Ethernet, and the
/// packets it is cut into share its pages.
const LINEAR_MAX_AWAY: usize = 1388;

/// Free bytes in front of a packet, for the headers of tunnels and devices.
pub(super) const HEADROOM: u32 = 128;

/// Where a new message goes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// To a socket of this node.
    Here,
    /// To another node: there is room for headers in front, and memory for the clone that is sent
    /// while the message is kept.
    Away,
    /// The same by a device that takes a packet only in one piece of memory: if it is long, the
    /// message is made of such pieces.
    Apart(Pieces),
}

impl Reach {
    fn linear_max(self) -> usize {
        match self {
            Reach::Here => LINEAR_MAX,
            Reach::Away | Reach::Apart(_) => LINEAR_MAX_AWAY,
        }
    }

    /// Whether `data` bytes of a message are kept beside its header in any case.
    pub fn is_short(self, data: usize) -> bool {
        data <= self.linear_max()
    }

    pub(super) fn headroom(self) -> u32 {
        match self {
            Reach::Here => 0,
            Reach::Away => HEADROOM,
            Reach::Apart(pieces) => HEADROOM.saturating_add(pieces.front()),
        }
    }

    fn flags(self) -> i32 {
        match self {
            Reach::Here => 0,
            Reach::Away | Reach::Apart(_) => b::SKB_ALLOC_FCLONE as i32,
        }
    }
}

/// Copies as many bytes as fit, in one go: a loop over bytes stays one.
pub(super) fn put(to: &mut [u8], from: &[u8]) {
    let len = to.len().min(from.len());
    // SAFETY: both have `len` bytes, and do not overlap, as one is borrowed to be written.
    unsafe { core::ptr::copy_nonoverlapping(from.as_ptr(), to.as_mut_ptr(), len) }
}

impl SkBuff {
    /// A buffer of `size` bytes, not written yet. ENOMEM. As `gfp` allows.
    pub(super) fn blank(reach: Reach, size: usize, gfp: u32) -> Result<Self> {
        let room = reach.headroom();
        let all = u32::try_from(size).ok().and_then(|n| n.checked_add(room));
        let all = all.ok_or(EMSGSIZE)?;
        // SAFETY: no pointers involved.
        let raw = unsafe { b::__alloc_skb(all, gfp, reach.flags(), b::NUMA_NO_NODE) };
        // SAFETY: new, and nobody else's.
        let skb = unsafe { SkBuff::from_raw(NonNull::new(raw).ok_or(ENOMEM)?) };
        if !skb.reserve(room) {
            return Err(ENOBUFS);
        }
        skb.extend_linear(size)?;
        Ok(skb)
    }

    /// A buffer with `header` bytes for a header, which are to be written, and `data` bytes copied
    /// from the user's message. ENOMEM or ENOBUFS without memory, EFAULT if the user's bytes cannot
    /// be read. Process context, may sleep.
    pub fn from_user(reach: Reach, header: usize, data: usize, msg: &mut Msg<'_>) -> Result<Self> {
        if reach.is_short(data) {
            let size = header.checked_add(data).ok_or(EMSGSIZE)?;
            let mut skb = Self::blank(reach, size, b::GFP_KERNEL)?;
            let read = skb
                .linear_mut()
                .get_mut(header..)
                .is_some_and(|place| msg.read(place));
            if read {
                return Ok(skb);
            }
            skb.consume();
            return Err(EFAULT);
        }
        if let Reach::Apart(pieces) = reach {
            if header <= usize::from(pieces.step) {
                return Self::in_pieces(pieces, header, data, msg);
            }
        }
        let skb = Self::paged(reach, header, data)?;
        // SAFETY: the buffer is unshared and has header + data bytes; the iterator belongs to a
        // message that the caller has for itself.
        let err = unsafe {
            b::skb_copy_datagram_from_iter(skb.raw(), header as i32, msg.iter(), data as i32)
        };
        if err != 0 {
            skb.consume();
            return Err(EFAULT);
        }
        Ok(skb)
    }

    /// A buffer with `header` bytes for a header, which are to be written, and room for more at its
    /// end: for `all` bytes together. ENOMEM. May sleep.
    pub fn with_room(reach: Reach, header: usize, all: usize) -> Result<Self> {
        let mut skb = Self::blank(reach, all.max(header), b::GFP_KERNEL)?;
        skb.take_off(all.saturating_sub(header));
        Ok(skb)
    }

    /// Adds the user's next `len` bytes at the end; false, and nothing has changed, if there is no
    /// room, or if the bytes cannot be read without sleeping. For a buffer with one owner. Process
    /// context, also with a lock held.
    pub fn add_from_user(&mut self, msg: &mut Msg<'_>, len: usize) -> bool {
        self.add(len, |place| msg.read_now(place))
    }

    /// Adds the `len` bytes from `at` on of another buffer at the end; false, and nothing has changed,
    /// if there is no room, or if there are not as many. For a buffer with one owner. Any context.
    pub fn add_from(&mut self, other: &SkBuff, at: usize, len: usize) -> bool {
        self.add(len, |place| other.copy_to(at, place))
    }

    fn add(&mut self, len: usize, fill: impl FnOnce(&mut [u8]) -> bool) -> bool {
        let before = self.len();
        if !self.is_linear() || self.extend_linear(len).is_err() {
            return false;
        }
        let filled = self.linear_mut().get_mut(before..).is_some_and(fill);
        if !filled {
            self.take_off(len);
        }
        filled
    }

    /// A buffer with `header` bytes for a header, which are to be written, and a copy of `data`.
    /// ENOMEM. Any context.
    pub fn from_bytes(reach: Reach, header: usize, data: &[u8]) -> Result<Self> {
        let size = header.checked_add(data.len()).ok_or(EMSGSIZE)?;
        let mut skb = Self::blank(reach, size, b::GFP_ATOMIC)?;
        if let Some((_, place)) = skb.linear_mut().split_at_mut_checked(header) {
            put(place, data);
        }
        Ok(skb)
    }
}
