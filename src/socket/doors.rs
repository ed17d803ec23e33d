// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! The doors between the sockets of this node and other nodes.
//!
//! In: messages of other nodes, from `stack`; messages for other nodes, from `deliver`, `send` and
//! `signal`; out: the same, through each other. Any context, no lock held.

use super::deliver::{deliver, deliver_to_all};
use super::multicast::has_come_back;
use super::ports::Net;
use super::signal::{signal, Signal};
use super::TipcSock;
use crate::proto::frame::Frame;
use crate::proto::vocab::{ErrorCode, Importance, NodeAddr, PortId, SocketAddr};
use crate::proto::wire::{
    ConnectionControl, ConnectionKind, DataHeader, Destination, User, CONNECTED_SIZE,
};
use crate::stack::cluster::{Sender, Upward};
use crate::stack::{Context, Packet};
use crate::sys::bottom::Held;
use crate::sys::directory::Walk;
use crate::sys::made::Reach;
use crate::sys::rcu;
use crate::sys::skb::{DropReason, SkBuff};
use kernel::prelude::*;

/// The way up.
pub struct Doors(pub Net);

impl Upward for Doors {
    fn deliver(&self, packet: Packet, held: Option<&Held>) {
        match packet.header().user() {
            User::Data(_) => self.deliver_data(packet, held),
            User::Connection => self.on_control(&packet),
            _ => {}
        }
    }

    fn wake(&self, port: PortId, node: NodeAddr) {
        let guard = rcu::read_lock();
        if let Some(sock) = self.0.ports().find(port.0, &guard) {
            sock.state().congestion.unblock(node);
            sock.wake_writers();
        }
    }

    // Contact is seldom lost; a register of connections would have to be kept by each of them.
    fn lost(&self) {
        let mut walk = Walk::default();
        loop {
            let ended = {
                let guard = rcu::read_lock();
                let Some(sock) = self.0.ports().next(&mut walk, &guard) else {
                    return;
                };
                let (peer, losses) = {
                    let core = sock.state().core.lock();
                    (core.conn.peer(), core.losses)
                };
                let over =
                    !peer.node.is_own(self.0.own_node()) && self.0.is_over(peer.node, losses);
                over.then(|| (peer, sock.address()))
            };
            if let Some((peer, own)) = ended {
                signal(&self.0, peer, own, Signal::End(ErrorCode::NoNode));
            }
        }
    }
}

impl Doors {
    fn deliver_data(&self, packet: Packet, held: Option<&Held>) {
        let skb = packet.into_inner().without_note();
        // Used where it was read: it is large.
        let read = DataHeader::read(skb.linear());
        let Some(header) = &read else {
            return skb.drop_because(DropReason::NoSocket);
        };
        match header.destination {
            Destination::Multicast { range } if !has_come_back(header, skb.len()) => {
                match self
                    .0
                    .multicast_from(range, header.origin.node, Context::Any)
                {
                    Ok(receivers) => deliver_to_all(&self.0, skb, header, &receivers),
                    Err(_) => skb.drop_because(DropReason::NoSocket),
                }
            }
            _ => deliver(&self.0, skb, header, held),
        }
    }

    fn on_control(&self, packet: &Packet) {
        let Some(message) = ConnectionControl::read(packet.header()) else {
            return;
        };
        let (from, to) = (message.origin, message.target);
        if let Some(why) = message.error {
            signal(&self.0, from, to, Signal::End(why));
            return;
        }
        if !self.is_there(to.port) {
            return self.refuse(&message);
        }
        let what = match message.kind {
            ConnectionKind::Probe => Signal::Probe,
            ConnectionKind::ProbeReply => Signal::Alive,
            ConnectionKind::Ack {
                read,
                window,
                nagle,
            } => Signal::Ack {
                blocks: read.into(),
                limit: window.into(),
                asked: nagle,
            },
        };
        let there = signal(&self.0, from, to, what);
        if there && message.kind == ConnectionKind::Probe {
            signal(&self.0, to, from, Signal::Alive);
        }
    }
}

impl Doors {
    fn is_there(&self, port: PortId) -> bool {
        let guard = rcu::read_lock();
        self.0.ports().find(port.0, &guard).is_some()
    }

    /// Returns word about a connection that nobody has here, so that its other end learns of that
    /// before it has probed twice.
    fn refuse(&self, message: &ConnectionControl) {
        if message.dest_droppable {
            return;
        }
        let own = self.0.own_node();
        let back = ConnectionControl {
            previous: own,
            origin: SocketAddr {
                port: message.target.port,
                node: own,
            },
            target: message.origin,
            error: Some(ErrorCode::NoPort),
            ..*message
        };
        if let Ok(skb) = SkBuff::from_bytes(Reach::Away, 0, &back.write()) {
            let _ = self.0.send(back.target.node, back.origin.port, skb, None);
        }
    }
}

/// Whether a message is for another node.
pub fn is_remote(net: &Net, header: &DataHeader) -> bool {
    !header.target.node.is_own(net.own_node())
}

impl Sender for TipcSock {
    fn block(&self, node: NodeAddr) {
        self.state().congestion.block(node);
    }

    fn unblock(&self, node: NodeAddr) {
        self.state().congestion.unblock(node);
        self.wake_writers();
    }
}

/// Sends a message of a socket to wherever it is for. EHOSTUNREACH, EMSGSIZE, ENOMEM. The socket is
/// blocked after it if the link to that node is full. Process context.
pub fn post(sock: &TipcSock, skb: SkBuff, header: DataHeader) -> Result {
    let net = sock.net();
    if !is_remote(net, &header) {
        deliver(net, skb, &header, None);
        return Ok(());
    }
    net.send(header.target.node, header.origin.port, skb, Some(sock))
}

/// Whether a socket has to wait before it sends to a node.
pub fn is_blocked(sock: &TipcSock, node: NodeAddr) -> bool {
    sock.state().congestion.any()
        && !node.is_own(sock.net().own_node())
        && sock.state().congestion.has(node)
}

/// Sends a message that cannot wait to another node. EHOSTUNREACH, EMSGSIZE, ENOMEM. Any context.
pub fn post_out(net: &Net, skb: SkBuff, header: &DataHeader) -> Result {
    net.send(header.target.node, header.origin.port, skb, None)
}

/// The same; lost if it cannot be sent.
pub fn post_back(net: &Net, skb: SkBuff, header: &DataHeader) {
    let _ = post_out(net, skb, header);
}

/// Tells a socket of another node something; false if it could not be sent.
pub fn signal_out(net: &Net, from: SocketAddr, to: SocketAddr, what: Signal) -> bool {
    let kind = match what {
        Signal::Answer(importance) => return empty(net, from, to, importance, None),
        Signal::End(why) => return empty(net, from, to, Importance::Critical, Some(why)),
        Signal::Ack {
            blocks,
            limit,
            asked,
        } => ConnectionKind::Ack {
            read: blocks.min(u32::from(u16::MAX)) as u16,
            window: limit.min(u32::from(u16::MAX)) as u16,
            nagle: asked,
        },
        Signal::Probe => ConnectionKind::Probe,
        Signal::Alive => ConnectionKind::ProbeReply,
    };
    let message = ConnectionControl {
        previous: from.node,
        origin: from,
        target: to,
        error: None,
        dest_droppable: false,
        kind,
    };
    let Ok(skb) = SkBuff::from_bytes(Reach::Away, 0, &message.write()) else {
        return false;
    };
    net.send(to.node, from.port, skb, None).is_ok()
}

/// An empty message on a connection: its beginning, or its end.
fn empty(
    net: &Net,
    from: SocketAddr,
    to: SocketAddr,
    importance: Importance,
    error: Option<ErrorCode>,
) -> bool {
    let header = DataHeader {
        importance,
        src_droppable: false,
        dest_droppable: false,
        syn: false,
        error,
        origin: from,
        target: to,
        destination: Destination::Connected { short: true },
        rerouted: None,
    };
    let Ok(mut skb) = SkBuff::from_bytes(Reach::Away, CONNECTED_SIZE, &[]) else {
        return false;
    };
    header.write(0, skb.linear_mut()) && net.send(to.node, from.port, skb, None).is_ok()
}
