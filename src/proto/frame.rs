// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! Room `frame`: the contract for buffers that the rooms to the right are generic over.
//!
//! In: nothing; out: traits. In the module a frame is an owned `sk_buff` and a list is chained
//! through its `next`; on the host both are plain memory that can refuse on command. Replaces the
//! `sk_buff` calls of C `msg.c`, `link.c` and `node.c`.

use crate::proto::vocab::Instant;
use crate::proto::wire::Header;

/// What a link writes on a packet it has sent, kept with the frame (`skb->cb`).
#[derive(Clone, Copy, Default)]
pub struct Note {
    /// Not to be sent again before.
    pub not_before: Instant,
    /// When it was first sent again.
    pub first_repeat: Instant,
    /// How often it was sent again.
    pub repeats: u16,
    /// Peers that have not acknowledged it (of broadcasts).
    pub ackers: u16,
}

/// Why there is no frame.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// No memory: it may be tried again.
    NoMemory,
    /// There is no message.
    Malformed,
}

/// One message, or a packet with a part of one. It has passed the door (`Header::check`) or was
/// built here: its header is contiguous, and it is exactly as long as the header says.
///
/// None of the calls sleeps, and each is allowed with a lock held. Those that may need memory
/// return nothing, or false, if there is none; the frame is then as it was.
pub trait Frame: Sized {
    /// Many of them.
    type List: FrameList<Self>;

    /// A new one: `header`, then `data`, and room for `room` bytes more.
    fn new(header: &[u8], data: &[&[u8]], room: usize) -> Option<Self>;

    /// Its length in bytes.
    fn len(&self) -> usize;

    /// Its header.
    fn header(&self) -> Header<'_>;

    /// The bytes of its header, to change. If others share them, they are copied first.
    fn private(&mut self) -> Option<&mut [u8]>;

    /// What comes after the header, if that is contiguous.
    fn data(&self) -> Option<&[u8]>;

    /// As many of the bytes after the header as are contiguous with it.
    fn start(&self) -> &[u8];

    /// What the link has written on it.
    fn note(&mut self) -> &mut Note;

    /// The same message once more, its bytes shared; without the note.
    fn share(&self) -> Option<Self>;

    /// The same message once more, its header its own; without the note.
    fn copy(&self) -> Option<Self>;

    /// The message inside this one that begins `at` bytes after the header, as a frame of its own.
    /// It has passed the door.
    fn inner(&self, at: usize) -> Result<Self, Refused>;

    /// Takes `count` bytes off the front. What the frame then begins with is contiguous, as far as
    /// a header goes, but has not passed the door. False if it has no more bytes than that.
    fn strip(&mut self, count: usize) -> bool;

    /// Puts the bytes of `tail` at the end, without its first `skip` bytes, a header. Only after
    /// `private` has succeeded.
    fn join(&mut self, tail: Self, skip: usize);

    /// A packet of `header` and `len` bytes of this one, the first at `at` of all its bytes. They may
    /// be shared.
    fn cut(&self, header: &[u8], at: usize, len: usize) -> Option<Self>;

    /// Copies all of `other` to the end, behind `padding` zero bytes. False, and nothing is done,
    /// if there is no room. The header does not know yet.
    fn append(&mut self, padding: usize, other: &Self) -> bool;

    /// Puts `header` in front, makes the bytes its own and room for `room` more behind them. False
    /// without memory, and it is what it was.
    fn wrap(&mut self, header: &[u8], room: usize) -> bool;
}

/// Frames in a row. Moving frames and lists needs no memory. A frame in a list can be changed there,
/// but not be replaced, as lists are links from frame to frame.
pub trait FrameList<F: Frame>: Default {
    /// How many there are.
    fn len(&self) -> usize;

    /// Whether there are none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The first.
    fn front(&self) -> Option<&F>;

    /// The note of the first.
    fn front_note(&mut self) -> Option<&mut Note>;

    /// `Frame::private` of the first.
    fn front_private(&mut self) -> Option<&mut [u8]>;

    /// The last.
    fn back(&self) -> Option<&F>;

    /// `Frame::private` of the last.
    fn back_private(&mut self) -> Option<&mut [u8]>;

    /// `Frame::append` for the last.
    fn append_to_back(&mut self, padding: usize, other: &F) -> bool;

    /// `Frame::wrap` for the last.
    fn wrap_back(&mut self, header: &[u8], room: usize) -> bool;

    /// Takes the first off.
    fn pop_front(&mut self) -> Option<F>;

    /// Puts one behind the last.
    fn push_back(&mut self, frame: F);

    /// Moves all of `other` behind the last.
    fn append(&mut self, other: &mut Self);

    /// From first to last.
    fn iter<'a>(&'a self) -> impl Iterator<Item = &'a F>
    where
        F: 'a;
}

/// Where a link puts what it lets go. The caller, who holds the lock, takes care of all of it after
/// the unlock; only `up` must keep its order across calls.
pub struct Out<'a, F: Frame> {
    /// To be sent by the bearer.
    pub wire: &'a mut F::List,
    /// For this node: whole messages, in order.
    pub up: &'a mut F::List,
    /// No longer wanted: to be freed.
    pub spent: &'a mut F::List,
}
