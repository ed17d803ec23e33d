// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! sendmsg() of datagram sockets: name, header, data.
//!
//! In: a user's message; out: a buffer, to `deliver`. Replaces C `socket.c:__tipc_sendmsg`.

use super::address::{self, Target};
use super::deliver::deliver;
use super::TipcSock;
use crate::proto::vocab::{NodeAddr, Scope, SocketAddr, MAX_USER_MSG_SIZE};
use crate::proto::wire::{DataHeader, Destination};
use crate::sys::message::Msg;
use crate::sys::skb::SkBuff;
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
        dest_droppable: state.dest_droppable.get() != 0,
        error: None,
        origin: SocketAddr {
            port: state.port_id(),
            node: sock.net().own_node(),
        },
        target: to,
        destination,
    };
    let mut skb = SkBuff::from_user(header.len(), len, msg)?;
    if !header.write(len, skb.linear_mut()) {
        return Err(EMSGSIZE);
    }
    deliver(sock.net(), skb, header);
    Ok(len)
}

/// Finds the socket a message goes to.
fn resolve(sock: &TipcSock, target: Target) -> Result<(SocketAddr, Destination)> {
    match target {
        // Multicast is not built yet.
        Target::Range(_) => Err(EOPNOTSUPP),
        Target::Service {
            service,
            instance,
            domain,
        } => {
            let to = sock.net().anycast(service, instance, domain)?;
            let lookup = if domain == NodeAddr::NONE {
                Scope::Cluster
            } else {
                Scope::Node
            };
            Ok((
                to,
                Destination::Named {
                    service,
                    instance,
                    lookup,
                },
            ))
        }
        Target::Socket(to) if to.node.is_own(sock.net().own_node()) => {
            Ok((to, Destination::Direct))
        }
        Target::Socket(_) => Err(EHOSTUNREACH),
    }
}
