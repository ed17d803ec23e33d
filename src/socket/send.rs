// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! sendmsg() of datagram sockets: name, header, data, delivery.
//!
//! In: a user's message; out: a buffer in the inbox of the socket it goes to. Replaces C
//! `socket.c:__tipc_sendmsg` and `tipc_sk_rcv` for messages within one node.

use super::address::{self, Target};
use super::TipcSock;
use crate::proto::vocab::{
    NodeAddr, Scope, ServiceType, SocketAddr, MAX_USER_MSG_SIZE,
};
use crate::proto::wire::{DataHeader, Destination};
use crate::sys::message::Msg;
use crate::sys::rcu;
use crate::sys::skb::{DropReason, SkBuff};
use kernel::prelude::*;

/// Sends `len` bytes to the message's address, or to the default destination. EMSGSIZE above
/// 66000 bytes, EINVAL for a bad address, EDESTADDRREQ without any, EHOSTUNREACH if nobody has
/// bound the service or the node is not known. Process context.
pub fn send(sock: &TipcSock, msg: &mut Msg<'_>, len: usize) -> Result<usize> {
    if len > MAX_USER_MSG_SIZE {
        return Err(EMSGSIZE);
    }
    let target = match msg.name() {
        Some(bytes) => address::parse(bytes)?.target,
        None => (*sock.state().peer.lock()).ok_or(EDESTADDRREQ)?,
    };
    let (to, destination) = resolve(sock, target)?;
    let state = sock.state();
    let header = DataHeader {
        importance: state.importance(),
        src_droppable: state.src_droppable.get() != 0,
        dest_droppable: true,
        origin: SocketAddr { port: state.port_id(), node: sock.net().own_node() },
        target: to,
        destination,
    };
    let mut skb = SkBuff::from_user(header.len(), len, msg)?;
    if !header.write(len, skb.linear_mut()) {
        return Err(EMSGSIZE);
    }
    deliver(sock, skb, &header);
    Ok(len)
}

/// Finds the socket a message goes to.
fn resolve(sock: &TipcSock, target: Target) -> Result<(SocketAddr, Destination)> {
    match target {
        // Multicast is not built yet.
        Target::Range(_) => Err(EOPNOTSUPP),
        Target::Service { service, instance, domain } => {
            let to = sock.net().anycast(service, instance, domain)?;
            let lookup =
                if domain == NodeAddr::NONE { Scope::Cluster } else { Scope::Node };
            Ok((to, Destination::Named { service, instance, lookup }))
        }
        Target::Socket(to) if to.node.is_own(sock.net().own_node()) => {
            Ok((to, Destination::Direct))
        }
        Target::Socket(_) => Err(EHOSTUNREACH),
    }
}

/// Puts a message into the inbox it is for. One that nobody receives, or that finds the inbox
/// full, is dropped: its sender allows that (TIPC_DEST_DROPPABLE).
fn deliver(sock: &TipcSock, skb: SkBuff, header: &DataHeader) {
    let net = sock.net();
    let guard = rcu::read_lock();
    let receiver = net.ports().find(header.target.port.0, &guard).or_else(|| {
        // The socket has gone since the look-up: one more, as C's tipc_msg_lookup_dest does.
        let Destination::Named { service, instance, .. } = header.destination else {
            return None;
        };
        let again = relookup(sock, service, instance)?;
        net.ports().find(again.port.0, &guard)
    });
    let Some(receiver) = receiver else {
        return skb.drop_because(DropReason::NoSocket);
    };
    let limit = u64::from(receiver.receive_limit()) << header.importance.number();
    let admitted = receiver.state().inbox.lock().admit(skb, limit);
    match admitted {
        Ok(()) => receiver.wake_readers(),
        Err(skb) => {
            receiver.count_drop();
            skb.drop_because(DropReason::ReceiveQueueFull);
        }
    }
}

fn relookup(sock: &TipcSock, service: ServiceType, instance: u32) -> Option<SocketAddr> {
    sock.net().anycast(service, instance, NodeAddr::NONE).ok()
}
