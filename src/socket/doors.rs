// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! The doors between the sockets of this node and other nodes.
//!
//! In: messages of other nodes, from `stack`; messages for other nodes, from `deliver`, `send` and
//! `signal`; out: the same, through each other. Any context, no lock held.

use super::deliver::{deliver, deliver_to_all};
use super::ports::Net;
use super::signal::{signal, Signal};
use super::TipcSock;
use crate::proto::frame::Frame;
use crate::proto::vocab::{ErrorCode, NodeAddr, PortId, SocketAddr};
use crate::proto::wire::{
    ConnectionControl, ConnectionKind, DataHeader, Destination, User, CONNECTED_SIZE,
};
use crate::stack::cluster::Upward;
use crate::stack::{Context, Packet};
use crate::sys::directory::Walk;
use crate::sys::rcu;
use crate::sys::skb::{DropReason, SkBuff};
use kernel::prelude::*;

/// The way up.
pub struct Doors(pub Net);

impl Upward for Doors {
    fn deliver(&self, packet: Packet) {
        match packet.header().user() {
            User::Data(_) => self.deliver_data(packet),
            User::Connection => self.on_control(&packet),
            _ => {}
        }
    }

    fn wake(&self, port: PortId) {
        let guard = rcu::read_lock();
        if let Some(sock) = self.0.ports().find(port.0, &guard) {
            sock.state().blocked.set(NodeAddr::NONE.0);
            sock.wake_writers();
        }
    }

    // Contact is seldom lost; a register of connections would have to be kept by each of them.
    fn lost(&self, node: NodeAddr) {
        let mut walk = Walk::default();
        loop {
            let ended = {
                let guard = rcu::read_lock();
                let Some(sock) = self.0.ports().next(&mut walk, &guard) else {
                    return;
                };
                let peer = sock.state().core.lock().conn.peer();
                (peer.node == node).then(|| (peer, sock.address()))
            };
            if let Some((peer, own)) = ended {
                signal(&self.0, peer, own, Signal::End(ErrorCode::NoNode));
            }
        }
    }
}

impl Doors {
    fn deliver_data(&self, packet: Packet) {
        let mut skb = packet.into_inner();
        skb.set_note(0);
        let Some(header) = DataHeader::read(skb.linear()) else {
            return skb.drop_because(DropReason::NoSocket);
        };
        match header.destination {
            Destination::Multicast { range } if header.error.is_none() => {
                match self
                    .0
                    .multicast_from(range, header.origin.node, Context::Any)
                {
                    Ok(receivers) => deliver_to_all(&self.0, skb, &header, &receivers),
                    Err(_) => skb.drop_because(DropReason::NoSocket),
                }
            }
            _ => deliver(&self.0, skb, header),
        }
    }

    fn on_control(&self, packet: &Packet) {
        let Some(message) = ConnectionControl::read(packet.header()) else {
            return;
        };
        let (from, to) = (message.origin, message.target);
        let what = match message.kind {
            ConnectionKind::Probe => Signal::Probe,
            ConnectionKind::ProbeReply => Signal::Alive,
            ConnectionKind::Ack { read, window, .. } => Signal::Ack {
                blocks: read.into(),
                limit: window.into(),
            },
        };
        let there = signal(&self.0, from, to, what);
        if there && message.kind == ConnectionKind::Probe {
            signal(&self.0, to, from, Signal::Alive);
        }
    }
}

/// Whether a message is for another node.
pub fn is_remote(net: &Net, header: &DataHeader) -> bool {
    !header.target.node.is_own(net.own_node())
}

/// Sends a message of a socket to wherever it is for. EHOSTUNREACH, EMSGSIZE, ENOMEM. The socket is
/// blocked after it if the link to that node is full. Process context.
pub fn post(sock: &TipcSock, skb: SkBuff, header: DataHeader) -> Result {
    let net = sock.net();
    if !is_remote(net, &header) {
        deliver(net, skb, header);
        return Ok(());
    }
    let node = header.target.node;
    sock.state().blocked.set(node.0);
    let wait = net.send(node, header.origin.port, skb, Context::MaySleep);
    // Whoever wakes it may have been faster: what is not blocked need not wait.
    if wait != Ok(true) {
        sock.state().blocked.set(NodeAddr::NONE.0);
    }
    wait.map(|_| ())
}

/// Whether a socket has to wait before it sends to a node.
pub fn is_blocked(sock: &TipcSock, node: NodeAddr) -> bool {
    node != NodeAddr::NONE && sock.state().blocked.get() == node.0
}

/// Sends a message that goes back, or a signal, to another node; lost if it cannot be.
pub fn post_back(net: &Net, skb: SkBuff, header: &DataHeader) {
    let (node, port) = (header.target.node, header.origin.port);
    let _ = net.send(node, port, skb, Context::Any);
}

/// Tells a socket of another node something; false if it could not be sent.
pub fn signal_out(net: &Net, from: SocketAddr, to: SocketAddr, what: Signal) -> bool {
    let kind = match what {
        Signal::Answer => return empty(net, from, to, None),
        Signal::End(why) => return empty(net, from, to, Some(why)),
        Signal::Ack { blocks, limit } => ConnectionKind::Ack {
            read: blocks.min(u32::from(u16::MAX)) as u16,
            window: limit.min(u32::from(u16::MAX)) as u16,
            nagle: false,
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
    let Ok(skb) = SkBuff::from_bytes(0, &message.write()) else {
        return false;
    };
    net.send(to.node, from.port, skb, Context::Any).is_ok()
}

/// An empty message on a connection: its beginning, or its end.
fn empty(net: &Net, from: SocketAddr, to: SocketAddr, error: Option<ErrorCode>) -> bool {
    let header = DataHeader {
        importance: crate::proto::vocab::Importance::Critical,
        src_droppable: false,
        dest_droppable: false,
        syn: false,
        error,
        origin: from,
        target: to,
        destination: Destination::Connected { short: true },
    };
    let Ok(mut skb) = SkBuff::from_bytes(CONNECTED_SIZE, &[]) else {
        return false;
    };
    header.write(0, skb.linear_mut()) && net.send(to.node, from.port, skb, Context::Any).is_ok()
}
