// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! The way down: from a socket to a neighbour.
//!
//! In: whole messages, from `socket`; out: packets, through the peer's links. Replaces C
//! `node.c:tipc_node_xmit`, `msg.c:tipc_msg_build` and `link.c:link_schedule_user`.

use super::neighbour::Neighbour;
use super::shape::pieces_of;
use super::up::After;
use super::Sender;
use crate::mem::slab::Slab;
use crate::proto::frame::{Frame, FrameList};
use crate::proto::link::{pieces, put_together, SendError, Sent, Whole};
use crate::proto::peer::News;
use crate::proto::vocab::{BearerId, Capability, Level, NodeAddr, PortId};
use crate::proto::wire::Fragment;
use crate::stack::frame::{Packet, Packets};
use crate::stack::Net;
use crate::sys::bottom;
use crate::sys::lock::LockHeld;
use crate::sys::skb::SkBuff;
use kernel::prelude::*;
use kernel::sync::Arc;

impl Net {
    /// Sends one message of a socket to another node. EHOSTUNREACH without contact, ENOMEM,
    /// EMSGSIZE, EAGAIN if the link is being set up anew. If the link has too much of that level
    /// already, `waiter` is blocked, and woken when there is room. Any context without `waiter`,
    /// else process context.
    pub fn send(
        &self,
        to: NodeAddr,
        sender: PortId,
        skb: SkBuff,
        waiter: Option<&dyn Sender>,
    ) -> Result {
        let packet = Packet::from(skb);
        let level = packet.header().level();
        let (packet, most, full) = match self.send_whole(to, packet, sender, level) {
            Attempt::Made(sent) => return answer(sent),
            Attempt::Not { packet, most, full } => (packet, most, full),
        };
        let neighbour = self.cluster().neighbour(to).ok_or(EHOSTUNREACH)?;
        let packets = cut(self.own_node(), to, level, packet, most).ok_or(ENOMEM)?;
        let waiter = waiter.filter(|_| full && make_room(&neighbour));
        // Before the message is sent, as it may be woken before this call ends.
        if let Some(waiter) = waiter {
            waiter.block(to);
        }
        let mut waits = false;
        let sent = self.until_it_fits(to, level, packets, |packets| {
            self.with_waiting(&neighbour, |peer, waiting, now, out| {
                let (sent, news) = peer.send(packets, sender, now, out);
                waits = waiter.is_some() && sent == Ok(Sent::Wait) && waiting.push(sender, level);
                (sent, news)
            })
        });
        if let Some(waiter) = waiter.filter(|_| !waits) {
            waiter.unblock(to);
        }
        sent
    }

    /// Lets `send` try a message that is cut. If the link it was cut for is lost, and there is one of
    /// smaller packets, it is cut anew; C refuses it then. No lock held.
    pub(super) fn until_it_fits(
        &self,
        to: NodeAddr,
        level: Level,
        mut packets: Packets,
        mut send: impl FnMut(&mut Packets) -> core::result::Result<Sent, SendError>,
    ) -> Result {
        for _ in 0..MOST_CUTS {
            let most = match send(&mut packets) {
                Err(SendError::TooLarge { most }) => most,
                sent => return answer(sent),
            };
            let whole = put_together(&mut packets).ok_or(ENOMEM)?;
            packets = cut(self.own_node(), to, level, whole, most).ok_or(ENOMEM)?;
        }
        Err(EMSGSIZE)
    }

    /// Sends a message that fits into one packet, if its link takes more: with the lock taken once,
    /// and the neighbour not counted.
    fn send_whole(&self, to: NodeAddr, packet: Packet, sender: PortId, level: Level) -> Attempt {
        let mut left = Some(packet);
        let held = bottom::hold();
        let Some(neighbour) = self.cluster().neighbour_at(to, &held) else {
            return Attempt::Made(Err(SendError::Down));
        };
        let mut after = After::new();
        let tried = self.exchange(&neighbour, &held, &mut after, |peer, _, now, out| {
            let tried = peer.send_whole(&mut left, level, sender, now, out);
            (tried, News::NONE)
        });
        if after.is_quiet() {
            drop(held);
            after.free();
        } else {
            let neighbour: Arc<Neighbour> = neighbour.into();
            drop(held);
            self.follow(&neighbour, &mut after, None);
        }
        match (tried, left) {
            (Whole::Made(sent), _) => Attempt::Made(sent),
            (Whole::Not { most, full }, Some(packet)) => Attempt::Not { packet, most, full },
            (Whole::Not { .. }, None) => Attempt::Made(Err(SendError::Down)),
        }
    }

    /// Bytes of a packet of a stream to a node, header included, in which small messages may be held
    /// back; 0 if that node does not take part or there is no contact (C `socket.c:tsk_set_nagle`).
    /// Any context.
    pub fn stream_packet(&self, node: NodeAddr, sender: PortId) -> u32 {
        let held = bottom::hold();
        let Some(neighbour) = self.cluster().neighbour_at(node, &held) else {
            return 0;
        };
        let state = neighbour.state.lock_held(&held);
        if state.peer.capabilities().has(Capability::Nagle) {
            state.peer.mss(sender).unwrap_or_default()
        } else {
            0
        }
    }

    /// Whether a node marks requests for connections as such, which old ones cannot; one that is not
    /// known can do everything. No lock held.
    pub fn marks_requests(&self, node: NodeAddr) -> bool {
        let held = bottom::hold();
        let neighbour = self.cluster().neighbour_at(node, &held);
        neighbour.is_none_or(|neighbour| {
            let state = neighbour.state.lock_held(&held);
            state.peer.capabilities().has(Capability::Syn)
        })
    }

    /// Whether there is contact with a node.
    pub fn is_reachable(&self, node: NodeAddr) -> bool {
        let held = bottom::hold();
        let neighbour = self.cluster().neighbour_at(node, &held);
        neighbour.is_some_and(|neighbour| neighbour.state.lock_held(&held).peer.is_up())
    }
}

/// Times that a message is cut: more than there are links that could be lost meanwhile.
const MOST_CUTS: usize = 4;

const _: () = assert!(MOST_CUTS > BearerId::ALL.len());

/// What came of sending a message as it is.
enum Attempt {
    /// The link has taken or refused it.
    Made(core::result::Result<Sent, SendError>),
    /// Here it is: it does not fit into `most` bytes, or its sender has to wait (`full`).
    Not {
        packet: Packet,
        most: usize,
        full: bool,
    },
}

/// What a sender is told.
fn answer(sent: core::result::Result<Sent, SendError>) -> Result {
    match sent {
        Ok(_) => Ok(()),
        Err(SendError::Down) => Err(EHOSTUNREACH),
        Err(SendError::TooLarge { .. }) => Err(EMSGSIZE),
        Err(SendError::Overflow) => Err(EAGAIN),
    }
}

/// Sees to it that there is room for one more who waits; false without memory: then the sender goes
/// on, and may be told to wait by its next message. May sleep.
fn make_room(neighbour: &Neighbour) -> bool {
    let wanted = || neighbour.state.lock().waiting.wanted();
    while let Some(number) = wanted() {
        let Some(room) = Slab::allocate(number) else {
            return false;
        };
        let unused = neighbour.state.lock().waiting.grow(room);
        drop(unused);
    }
    true
}

/// Cuts a message into packets of at most `most` bytes; none without memory.
pub(super) fn cut(
    own: NodeAddr,
    to: NodeAddr,
    level: Level,
    whole: Packet,
    most: usize,
) -> Option<Packets> {
    let mut packets = Packets::default();
    let len = Frame::len(&whole);
    let made = match pieces_of(most as u32) {
        Some(pieces) => whole.apart(pieces),
        None => Err(whole),
    };
    let (mut ready, whole) = match made {
        Ok(ready) => (ready, None),
        Err(whole) => (Packets::default(), Some(whole)),
    };
    for piece in pieces(len, most) {
        let header = Fragment {
            from: own,
            to,
            part: piece.part,
            number: piece.number,
            level,
        };
        let header = header.write(piece.len);
        let part = match &whole {
            Some(whole) => whole.cut(&header, piece.at, piece.len)?,
            None => {
                let ready = ready.pop_front();
                let mut part = ready.filter(|part| Frame::len(part) == piece.len)?;
                part.push(&header).then_some(part)?
            }
        };
        packets.push_back(part);
    }
    match whole {
        Some(whole) if packets.is_empty() => packets.push_back(whole),
        Some(whole) => whole.into_inner().consume(),
        None => {}
    }
    Some(packets)
}
