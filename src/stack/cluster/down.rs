// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! The way down: from a socket to a neighbour.
//!
//! In: whole messages, from `socket`; out: packets, through the peer's links. Replaces C
//! `node.c:tipc_node_xmit`, `msg.c:tipc_msg_build` and `link.c:link_schedule_user`.

use super::waiting::Waiting;
use crate::mem::slab::Slab;
use crate::proto::frame::{Frame, FrameList};
use crate::proto::link::{pieces, SendError, Sent};
use crate::proto::vocab::{Level, NodeAddr, PortId};
use crate::proto::wire::Fragment;
use crate::stack::frame::{Packet, Packets};
use crate::stack::subscribers::Context;
use crate::stack::Net;
use crate::sys::skb::SkBuff;
use kernel::prelude::*;

impl Net {
    /// Sends one message of a socket to another node. EHOSTUNREACH without contact, ENOMEM,
    /// EMSGSIZE, EAGAIN if the link is being set up anew. True if the socket must not send more to
    /// that node until it is woken.
    pub fn send(
        &self,
        to: NodeAddr,
        sender: PortId,
        skb: SkBuff,
        context: Context,
    ) -> Result<bool> {
        let neighbour = self.cluster().neighbour(to).ok_or(EHOSTUNREACH)?;
        let most = neighbour
            .state
            .lock()
            .peer
            .mss(sender)
            .ok_or(EHOSTUNREACH)?;
        let packet = Packet::from(skb);
        let level = packet.header().level();
        let mut packets = cut(self.own_node(), to, level, packet, most as usize).ok_or(ENOMEM)?;
        let sent = self.with(&neighbour, |peer, now, out| {
            peer.send(&mut packets, sender, now, out)
        });
        match sent {
            Ok(Sent::Done) => Ok(false),
            Ok(Sent::Wait) => {
                let mut state = neighbour.state.lock();
                loop {
                    if state.waiting.push(sender, level) {
                        return Ok(true);
                    }
                    let wanted = state.waiting.wanted();
                    drop(state);
                    // Without memory the sender goes on, and is told to wait by its next message.
                    let room = wanted
                        .filter(|_| context == Context::MaySleep)
                        .and_then(Slab::allocate);
                    let Some(room) = room else {
                        return Ok(false);
                    };
                    state = neighbour.state.lock();
                    let unused = Waiting::grow(&mut state.waiting, room);
                    drop(state);
                    drop(unused);
                    state = neighbour.state.lock();
                }
            }
            Err(SendError::Down) => Err(EHOSTUNREACH),
            Err(SendError::TooLarge) => Err(EMSGSIZE),
            Err(SendError::Overflow) => Err(EAGAIN),
        }
    }

    /// Whether there is contact with a node.
    pub fn is_reachable(&self, node: NodeAddr) -> bool {
        let neighbour = self.cluster().neighbour(node);
        neighbour.is_some_and(|neighbour| neighbour.state.lock().peer.is_up())
    }
}

/// Cuts a message into packets of at most `most` bytes; none without memory.
fn cut(own: NodeAddr, to: NodeAddr, level: Level, whole: Packet, most: usize) -> Option<Packets> {
    let mut packets = Packets::default();
    for piece in pieces(Frame::len(&whole), most) {
        let header = Fragment {
            from: own,
            to,
            part: piece.part,
            number: piece.number,
            level,
        };
        let part = whole.cut(&header.write(piece.len), piece.at, piece.len)?;
        packets.push_back(part);
    }
    if packets.is_empty() {
        packets.push_back(whole);
    }
    Some(packets)
}
