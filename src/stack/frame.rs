// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! The kernel's buffers as the protocol's frames.
//!
//! In: buffers from `bearer` and `socket`; out: what `proto::frame` asks for.

use crate::proto::frame::{Frame, FrameList, Note, Refused};
use crate::proto::wire::{Fault, Header, User, MAX_HEADER, MIN_HEADER};
use crate::sys::noted::{Noted, NotedList};
use crate::sys::skb::SkBuff;

/// A message or packet in this kernel.
pub type Packet = Noted<Note>;

/// Many of them.
pub type Packets = NotedList<Note>;

/// A buffer that has come in by a bearer, if it passes the door: its header is contiguous then, all
/// of it if it is for this node's own ends, and what is behind the message is cut off.
#[inline(always)]
pub fn arrived(skb: SkBuff) -> Result<Packet, Fault> {
    let mut packet = Packet::from(skb);
    // No more than its header: what is behind may be in pages that others share.
    if !packet.make_linear(MIN_HEADER) {
        return Err(Fault::Short);
    }
    let header = Header::of(packet.as_buffer().linear()).len();
    if !packet.make_linear(header.max(MIN_HEADER)) {
        return Err(Fault::Short);
    }
    let (size, user) = {
        let buffer = packet.as_buffer();
        let header = Header::check(buffer.linear(), buffer.len())?;
        (header.size(), header.user())
    };
    // What this node reads itself is in one piece, whatever the device has made of it.
    let carries = matches!(
        user,
        User::Data(_) | User::Group | User::Fragment | User::Bundle | User::Tunnel
    );
    if !carries && !packet.make_linear(size) {
        return Err(Fault::Short);
    }
    match packet.trim(size) {
        true => Ok(packet),
        false => Err(Fault::Size),
    }
}

impl Frame for Packet {
    type List = Packets;

    fn new(header: &[u8], data: &[&[u8]], room: usize) -> Option<Self> {
        Packet::new(header, data, room)
    }

    fn len(&self) -> usize {
        self.as_buffer().len()
    }

    fn header(&self) -> Header<'_> {
        Header::of(self.as_buffer().linear())
    }

    fn private(&mut self) -> Option<&mut [u8]> {
        let len = self.header().len();
        Packet::private(self)?.get_mut(..len)
    }

    fn data(&self) -> Option<&[u8]> {
        let linear = self.as_buffer().linear();
        let whole = linear.len() == self.as_buffer().len();
        linear.get(self.header().len()..).filter(|_| whole)
    }

    fn start(&self) -> &[u8] {
        let linear = self.as_buffer().linear();
        linear.get(self.header().len()..).unwrap_or_default()
    }

    fn note(&mut self) -> &mut Note {
        Packet::note(self)
    }

    fn share(&self) -> Option<Self> {
        Packet::share(self)
    }

    fn copy(&self) -> Option<Self> {
        Packet::copy(self)
    }

    fn inner(&self, at: usize) -> Result<Self, Refused> {
        let mut first = [0; MAX_HEADER];
        let begin = self.header().len().saturating_add(at);
        let left = Frame::len(self).saturating_sub(begin);
        let first = first.get_mut(..left.min(MAX_HEADER)).unwrap_or_default();
        if !self.as_buffer().copy_to(begin, first) {
            return Err(Refused::Malformed);
        }
        let header = Header::check(first, left).map_err(|_| Refused::Malformed)?;
        self.part(begin, header.size()).ok_or(Refused::NoMemory)
    }

    fn strip(&mut self, count: usize) -> bool {
        Packet::strip(self, count, MAX_HEADER)
    }

    fn join(&mut self, tail: Self, skip: usize) {
        Packet::join(self, tail, skip);
    }

    fn cut(&self, header: &[u8], at: usize, len: usize) -> Option<Self> {
        Packet::cut(self, header, at, len)
    }

    fn append(&mut self, padding: usize, other: &Self) -> bool {
        Packet::append(self, padding, other)
    }

    fn wrap(&mut self, header: &[u8], room: usize) -> bool {
        Packet::wrap(self, header, room)
    }
}

impl FrameList<Packet> for Packets {
    fn len(&self) -> usize {
        Packets::len(self)
    }

    fn front(&self) -> Option<&Packet> {
        Packets::front(self)
    }

    fn front_note(&mut self) -> Option<&mut Note> {
        Packets::front_note(self)
    }

    fn front_private(&mut self) -> Option<&mut [u8]> {
        let len = self.front()?.header().len();
        Packets::front_private(self)?.get_mut(..len)
    }

    fn back(&self) -> Option<&Packet> {
        Packets::back(self)
    }

    fn back_private(&mut self) -> Option<&mut [u8]> {
        let len = self.back()?.header().len();
        Packets::back_private(self)?.get_mut(..len)
    }

    fn append_to_back(&mut self, padding: usize, other: &Packet) -> bool {
        Packets::append_to_back(self, padding, other)
    }

    fn wrap_back(&mut self, header: &[u8], room: usize) -> bool {
        Packets::wrap_back(self, header, room)
    }

    fn pop_front(&mut self) -> Option<Packet> {
        Packets::pop_front(self)
    }

    fn push_back(&mut self, frame: Packet) {
        Packets::push_back(self, frame);
    }

    fn append(&mut self, other: &mut Self) {
        Packets::append(self, other);
    }

    fn iter<'a>(&'a self) -> impl Iterator<Item = &'a Packet>
    where
        Packet: 'a,
    {
        Packets::iter(self)
    }
}
