// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! A small message of a user on its way into a packet, and the memory it needs for that, which is
//! allocated before the socket's lock is taken.
//!
//! In: a user's bytes; out: bytes in a packet. Process context.

use super::super::TipcSock;
use super::Pending;
use crate::proto::vocab::SocketAddr;
use crate::proto::wire::CONNECTED_SIZE;
use crate::sys::made::Reach;
use crate::sys::message::Msg;
use crate::sys::skb::SkBuff;
use kernel::prelude::*;

/// What has to be allocated or read before a message can be held, without the lock.
#[derive(Clone, Copy)]
pub enum Lack {
    /// The place where the socket's messages are held.
    Place,
    /// A packet of so many bytes.
    Packet(usize),
    /// The user's bytes: they are not in memory.
    Bytes,
}

/// A message that may be held, and what it needs.
pub struct Small<'m, 'a> {
    /// The user's.
    pub msg: &'m mut Msg<'a>,
    /// Bytes of data.
    pub size: usize,
    place: Option<KBox<Pending>>,
    pub packet: Option<SkBuff>,
    bytes: Option<SkBuff>,
}

impl<'m, 'a> Small<'m, 'a> {
    /// The next `size` bytes of `msg`.
    pub fn new(msg: &'m mut Msg<'a>, size: usize) -> Self {
        Small {
            msg,
            size,
            place: None,
            packet: None,
            bytes: None,
        }
    }

    /// Gets what lacks. ENOMEM, EFAULT. May sleep.
    pub fn supply(&mut self, sock: &TipcSock, peer: SocketAddr, lack: Lack) -> Result {
        match lack {
            Lack::Place => {
                let most = sock.net().stream_packet(peer.node, sock.address().port);
                self.place = Some(KBox::new(Pending::new(most), GFP_KERNEL)?);
            }
            Lack::Packet(most) => {
                self.packet = Some(SkBuff::with_room(Reach::Away, CONNECTED_SIZE, most)?);
            }
            // They were read, and do not fit where there is room for them.
            Lack::Bytes if self.bytes.is_some() => return Err(ENOBUFS),
            Lack::Bytes => {
                self.bytes = Some(SkBuff::from_user(Reach::Here, 0, self.size, self.msg)?);
            }
        }
        Ok(())
    }

    /// Gives a socket the place where its messages are held, if this has one.
    pub fn give_place(&mut self, place: &mut Option<KBox<Pending>>) {
        if place.is_none() {
            *place = self.place.take();
        }
    }

    pub fn put(&mut self, packet: &mut SkBuff, at: usize, len: usize) -> bool {
        match &self.bytes {
            Some(bytes) => packet.add_from(bytes, at, len),
            None => packet.add_from_user(self.msg, len),
        }
    }

    pub fn put_back(&mut self, len: usize) {
        if self.bytes.is_none() {
            self.msg.unread(len);
        }
    }
}
