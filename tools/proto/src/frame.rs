// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! The host's frame: plain memory that refuses on command (see `mem`).

use crate::mem;
use crate::proto::frame::{Frame, FrameList, Note, Refused};
use crate::proto::wire::{Header, MAX_HEADER};
use std::cell::Cell;
use std::collections::VecDeque;
use std::rc::Rc;

thread_local! {
    static LIVE: Cell<usize> = const { Cell::new(0) };
}

/// Bytes of all frames there are in this thread.
pub fn live() -> usize {
    LIVE.get()
}

/// Bytes that are counted while they are there.
struct Bytes(Vec<u8>);

impl Bytes {
    fn new(bytes: Vec<u8>) -> Self {
        LIVE.set(LIVE.get() + bytes.len());
        Bytes(bytes)
    }

    fn extend(&mut self, more: impl Iterator<Item = u8>) {
        let before = self.0.len();
        self.0.extend(more);
        LIVE.set(LIVE.get() + self.0.len() - before);
    }
}

impl Drop for Bytes {
    fn drop(&mut self) {
        LIVE.set(LIVE.get() - self.0.len());
    }
}

/// Bytes, possibly shared, of which a frame is a part.
pub struct HostFrame {
    bytes: Rc<Bytes>,
    start: usize,
    room: usize,
    note: Note,
}

impl HostFrame {
    /// A frame from the wire, if it passes the door. What is behind the message is cut off.
    pub fn arrived(bytes: &[u8]) -> Option<Self> {
        let linear = &bytes[..bytes.len().min(MAX_HEADER)];
        let size = Header::check(linear, bytes.len()).ok()?.size();
        mem::allowed().then(|| Self::of(bytes[..size].to_vec(), 0))
    }

    /// The whole message.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes.0[self.start..]
    }

    fn of(bytes: Vec<u8>, room: usize) -> Self {
        HostFrame {
            bytes: Rc::new(Bytes::new(bytes)),
            start: 0,
            room,
            note: Note::default(),
        }
    }

    fn header_len(&self) -> usize {
        Header::of(self.bytes()).len()
    }

    /// The bytes of a frame that nobody shares.
    fn own(&mut self) -> &mut Bytes {
        Rc::get_mut(&mut self.bytes).expect("private was called before")
    }
}

impl Frame for HostFrame {
    type List = HostList;

    fn new(header: &[u8], data: &[&[u8]], room: usize) -> Option<Self> {
        mem::allowed().then(|| Self::of([header, &data.concat()].concat(), room))
    }

    fn len(&self) -> usize {
        self.bytes().len()
    }

    fn header(&self) -> Header<'_> {
        Header::of(&self.bytes()[..self.header_len().min(self.len())])
    }

    fn private(&mut self) -> Option<&mut [u8]> {
        if Rc::get_mut(&mut self.bytes).is_none() {
            *self = self.copy().map(|copy| HostFrame {
                note: self.note,
                ..copy
            })?;
        }
        let (start, len) = (self.start, self.header_len());
        self.own().0.get_mut(start..start + len)
    }

    fn data(&self) -> Option<&[u8]> {
        Some(&self.bytes()[self.header_len()..])
    }

    fn start(&self) -> &[u8] {
        &self.bytes()[self.header_len()..]
    }

    fn note(&mut self) -> &mut Note {
        &mut self.note
    }

    fn share(&self) -> Option<Self> {
        mem::allowed().then(|| HostFrame {
            bytes: self.bytes.clone(),
            start: self.start,
            room: 0,
            note: Note::default(),
        })
    }

    fn copy(&self) -> Option<Self> {
        mem::allowed().then(|| Self::of(self.bytes().to_vec(), self.room))
    }

    fn inner(&self, at: usize) -> Result<Self, Refused> {
        let rest = at.checked_add(self.header_len());
        let rest = rest.and_then(|at| self.bytes().get(at..)).unwrap_or(&[]);
        let linear = &rest[..rest.len().min(MAX_HEADER)];
        let header = Header::check(linear, rest.len()).map_err(|_| Refused::Malformed)?;
        match mem::allowed() {
            true => Ok(Self::of(rest[..header.size()].to_vec(), 0)),
            false => Err(Refused::NoMemory),
        }
    }

    fn strip(&mut self, count: usize) -> bool {
        if count >= self.len() {
            return false;
        }
        self.start += count;
        true
    }

    fn join(&mut self, tail: Self, skip: usize) {
        self.own().extend(tail.bytes().iter().skip(skip).copied());
    }

    fn cut(&self, header: &[u8], at: usize, len: usize) -> Option<Self> {
        Self::new(header, &[self.bytes().get(at..at + len)?], 0)
    }

    fn append(&mut self, padding: usize, other: &Self) -> bool {
        let more = padding + other.len();
        if more > self.room {
            return false;
        }
        self.room -= more;
        self.own().extend(std::iter::repeat_n(0, padding));
        self.own().extend(other.bytes().iter().copied());
        true
    }

    fn wrap(&mut self, header: &[u8], room: usize) -> bool {
        if !mem::allowed() {
            return false;
        }
        self.bytes = Rc::new(Bytes::new([header, self.bytes()].concat()));
        (self.start, self.room) = (0, room);
        true
    }
}

/// Frames in a row.
#[derive(Default)]
pub struct HostList(VecDeque<HostFrame>);

impl FrameList<HostFrame> for HostList {
    fn len(&self) -> usize {
        self.0.len()
    }

    fn front(&self) -> Option<&HostFrame> {
        self.0.front()
    }

    fn front_note(&mut self) -> Option<&mut Note> {
        self.0.front_mut().map(HostFrame::note)
    }

    fn front_private(&mut self) -> Option<&mut [u8]> {
        self.0.front_mut()?.private()
    }

    fn back(&self) -> Option<&HostFrame> {
        self.0.back()
    }

    fn back_private(&mut self) -> Option<&mut [u8]> {
        self.0.back_mut()?.private()
    }

    fn append_to_back(&mut self, padding: usize, other: &HostFrame) -> bool {
        let last = self.0.back_mut();
        last.is_some_and(|last| last.append(padding, other))
    }

    fn wrap_back(&mut self, header: &[u8], room: usize) -> bool {
        let last = self.0.back_mut();
        last.is_some_and(|last| last.wrap(header, room))
    }

    fn pop_front(&mut self) -> Option<HostFrame> {
        self.0.pop_front()
    }

    fn push_back(&mut self, frame: HostFrame) {
        self.0.push_back(frame);
    }

    fn append(&mut self, other: &mut Self) {
        self.0.append(&mut other.0);
    }

    fn iter<'a>(&'a self) -> impl Iterator<Item = &'a HostFrame>
    where
        HostFrame: 'a,
    {
        self.0.iter()
    }
}
