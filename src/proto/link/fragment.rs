// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! Fragments: a message that is too large for a packet goes in parts.
//!
//! In: parts, in order; out: the whole message. Replaces C `msg.c:tipc_buf_append`. Unlike C's, it
//! is bounded while it grows, and a part for which there is no memory is given back.

use crate::proto::frame::{Frame, FrameList};
use crate::proto::wire::{
    Fragment, Header, Part, User, INTERNAL_HEADER, MAX_HEADER, MAX_MESSAGE, MIN_HEADER,
};

/// Parts of one message at most: as many as the largest message has in packets of 100 bytes, the
/// smallest that a link may have (C `bearer.h:TIPC_MIN_BEARER_MTU`).
pub const MAX_PARTS: u32 = 1101;

/// What a part did.
pub(super) enum Assembled<F> {
    /// The message needs more.
    More,
    /// Here it is.
    Whole(F),
    /// There is no memory; the part is given back and may come again.
    NoMemory(F),
    /// The parts do not fit together. Nothing is kept; the last part is given back to be freed.
    Broken(F),
}

/// A message that is not whole yet, at most one.
pub(super) struct Reassembly<F: Frame> {
    head: Option<F>,
    parts: u32,
}

impl<F: Frame> Reassembly<F> {
    pub fn new() -> Self {
        Reassembly {
            head: None,
            parts: 0,
        }
    }

    /// Forgets the message.
    pub fn take(&mut self) -> Option<F> {
        self.parts = 0;
        self.head.take()
    }

    /// Adds the next part, a message of user `Fragment` or a tunnel.
    pub fn add(&mut self, part: Part, frame: F) -> Assembled<F> {
        let header = frame.header().len();
        match (part, self.head.take()) {
            (Part::First, None) => self.begin(frame, header),
            (Part::Middle | Part::Last, Some(head)) => {
                let len = head
                    .len()
                    .saturating_add(frame.len())
                    .saturating_sub(header);
                self.parts = self.parts.saturating_add(1);
                if len > MAX_MESSAGE || self.parts > MAX_PARTS {
                    return Assembled::Broken(frame);
                }
                let mut head = head;
                head.join(frame, header);
                if part == Part::Middle {
                    self.head = Some(head);
                    return Assembled::More;
                }
                finish(head)
            }
            (Part::First, Some(_)) | (Part::Middle | Part::Last, None) => Assembled::Broken(frame),
        }
    }

    fn begin(&mut self, mut frame: F, header: usize) -> Assembled<F> {
        // The message's own header must be in the first part, whole.
        let inner = frame.len().saturating_sub(header);
        if inner < MIN_HEADER {
            return Assembled::Broken(frame);
        }
        if frame.private().is_none() || !frame.strip(header) {
            return Assembled::NoMemory(frame);
        }
        self.parts = 1;
        self.head = Some(frame);
        Assembled::More
    }
}

/// The message must be what its own header says.
fn finish<F: Frame>(head: F) -> Assembled<F> {
    match Header::check(head.header().bytes(), head.len()) {
        Ok(header) if header.size() == head.len() => Assembled::Whole(head),
        _ => Assembled::Broken(head),
    }
}

/// The message that was cut into `frames` and could not be sent, to be cut anew. None without memory;
/// what is left in `frames` then is of no use.
pub fn put_together<F: Frame>(frames: &mut F::List) -> Option<F> {
    let mut message = Reassembly::new();
    while let Some(frame) = frames.pop_front() {
        let header = frame.header();
        let part = Fragment::part(header).filter(|_| header.user() == User::Fragment);
        let Some(part) = part else {
            // It was one packet, and too large for another link.
            return Some(frame);
        };
        match message.add(part, frame) {
            Assembled::More => {}
            Assembled::Whole(whole) => return Some(whole),
            Assembled::NoMemory(_) | Assembled::Broken(_) => return None,
        }
    }
    None
}

/// One packet's part of a message that is too large for a packet.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Piece {
    /// Which part.
    pub part: Part,
    /// Its number, from 1.
    pub number: u16,
    /// Where it begins in the message, whose own header is at 0.
    pub at: usize,
    /// Its length, without the header of the fragment.
    pub len: usize,
}

/// Bytes of a message in each packet of at most `most` bytes that it is cut into; none if they are too
/// small to hold the message's own header.
pub fn step_of(most: usize) -> Option<usize> {
    let step = most.saturating_sub(INTERNAL_HEADER);
    (step >= MAX_HEADER).then_some(step)
}

/// How a message of `size` bytes, its header included, is cut into packets of at most `most` bytes
/// (C `msg.c:tipc_msg_build`). One that fits is not cut: there is no piece. Nor is there if packets
/// are too small to hold the message's own header.
pub fn pieces(size: usize, most: usize) -> impl Iterator<Item = Piece> {
    let step = step_of(most).unwrap_or(0);
    let whole = if size > most { size } else { 0 };
    let starts = (0..whole).step_by(step.max(1)).zip(1..u16::MAX);
    let starts = starts.take(if step == 0 { 0 } else { usize::MAX });
    starts.map(move |(at, number)| {
        let left = size.saturating_sub(at);
        Piece {
            part: match (at, left <= step) {
                (0, _) => Part::First,
                (_, false) => Part::Middle,
                (_, true) => Part::Last,
            },
            number,
            at,
            len: left.min(step),
        }
    })
}

const _: () = assert!(MAX_PARTS as usize >= MAX_MESSAGE / (100 - INTERNAL_HEADER));
