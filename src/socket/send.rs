// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! sendmsg() of datagrams: name, header, data.
//!
//! In: a user's message; out: buffers, to `deliver`. Replaces C `socket.c:__tipc_sendmsg`. Process
//! context.

use super::address::{self, Target};
use super::doors::{is_blocked, post};
use super::multicast::multicast;
use super::TipcSock;
use crate::proto::vocab::{NodeAddr, PortId, Scope, ServiceType, SocketAddr, MAX_USER_MSG_SIZE};
use crate::proto::wire::{DataHeader, Destination};
use crate::sys::made::Reach;
use crate::sys::message::Msg;
use crate::sys::skb::SkBuff;
use kernel::prelude::*;

/// Sends `len` bytes to the message's address, or to the default destination. EMSGSIZE above
/// 66000 bytes, EINVAL for a bad address, EDESTADDRREQ without any, EHOSTUNREACH if nobody has
/// bound the service or the node is not known.
pub fn send(sock: &TipcSock, msg: &mut Msg<'_>, len: usize) -> Result<usize> {
    if len > MAX_USER_MSG_SIZE {
        return Err(EMSGSIZE);
    }
    let target = match msg.name() {
        Some(bytes) => address::parse(bytes)?.target,
        None => (*sock.state().peer.lock()).ok_or(EDESTADDRREQ)?,
    };
    if let Target::Range(range) = target {
        return multicast(sock, range, msg, len);
    }
    let (to, destination) = resolve(sock, target)?;
    let header = header_of(sock, to, destination);
    wait_for_link(sock, to.node, msg.dont_wait())?;
    let skb = build(&header, reach(sock, &header, len), len, msg)?;
    post(sock, skb, header)?;
    Ok(len)
}

/// Waits until the link to a node takes more of this socket. EAGAIN, EINTR.
pub fn wait_for_link(sock: &TipcSock, node: NodeAddr, dont_wait: bool) -> Result {
    if !is_blocked(sock, node) {
        return Ok(());
    }
    sock.wait(&mut sock.send_timeout(dont_wait), || {
        (!is_blocked(sock, node)).then_some(Ok(()))
    })
}

/// A message: its header and the user's bytes. EFAULT, ENOMEM, ENOBUFS.
pub fn build(header: &DataHeader, reach: Reach, len: usize, msg: &mut Msg<'_>) -> Result<SkBuff> {
    let mut skb = SkBuff::from_user(reach, header.len(), len, msg)?;
    if header.write(len, skb.linear_mut()) {
        Ok(skb)
    } else {
        Err(EMSGSIZE)
    }
}

/// How far a message with `len` bytes to one socket goes.
pub fn reach(sock: &TipcSock, header: &DataHeader, len: usize) -> Reach {
    let (from, node) = (header.origin, header.target.node);
    match node.is_own(from.node) {
        true => Reach::Here,
        false => sock.net().reach_of(node, from.port, len),
    }
}

/// The header of what a socket sends.
pub fn header_of(sock: &TipcSock, target: SocketAddr, destination: Destination) -> DataHeader {
    let state = sock.state();
    DataHeader {
        importance: state.importance(),
        src_droppable: !state.connects() && state.src_droppable.get(),
        dest_droppable: state.dest_droppable.get(),
        syn: false,
        error: None,
        origin: sock.address(),
        target,
        destination,
        rerouted: None,
    }
}

/// Finds the socket a message goes to.
pub fn resolve(sock: &TipcSock, target: Target) -> Result<(SocketAddr, Destination)> {
    match target {
        Target::Range(_) => Err(EINVAL),
        Target::Service {
            service,
            instance,
            domain,
        } => {
            let to = look_up(sock, service, instance, domain)?;
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
        // Whether there is contact with its node is found out when the message is sent, as in C.
        Target::Socket(to) => Ok((to, Destination::Direct)),
    }
}

/// The socket of a service; on another node that was named, that node looks it up.
fn look_up(
    sock: &TipcSock,
    service: ServiceType,
    instance: u32,
    domain: NodeAddr,
) -> Result<SocketAddr> {
    let net = sock.net();
    if !domain.is_own(net.own_node()) && net.is_reachable(domain) {
        return Ok(SocketAddr {
            port: PortId(0),
            node: domain,
        });
    }
    net.anycast(service, instance, domain)
}
