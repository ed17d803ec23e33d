// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! Delivery within the node: into the inbox of the socket a message is for, or back.
//!
//! In: messages of `send` and `stream`, and unread ones of a socket that closes; out: a fuller inbox
//! and a woken reader. Replaces C `socket.c:tipc_sk_rcv`, `tipc_sk_filter_rcv` and
//! `msg.c:tipc_msg_reverse`. Called without locks; takes one port's lock at a time.

use super::doors;
use super::ports::Net;
use super::rx::{self, Refusal};
use super::TipcSock;
use crate::proto::vocab::{ErrorCode, NodeAddr, Scope, SocketAddr, MAX_RETURNED};
use crate::proto::wire::{DataHeader, Destination, CONNECTED_SIZE};
use crate::stack::Receivers;
use crate::sys::bottom::Held;
use crate::sys::rcu::Read;
use crate::sys::skb::{DropReason, SkBuff};

/// Delivers a message. If the socket has gone since its name was looked up, it is looked up once
/// more, and the message may go to another node (C `msg.c:tipc_msg_lookup_dest`). What cannot be
/// delivered is returned to its sender, once, unless it is droppable or was on its way back.
pub fn deliver(net: &Net, skb: SkBuff, header: &DataHeader, held: Option<&Held>) {
    if doors::is_remote(net, header) {
        return doors::post_back(net, skb, header);
    }
    let (mut skb, error) = match try_deliver(net, skb, header, held) {
        Ok(()) => return,
        Err((skb, Refusal::Untold)) => return skb.drop_because(DropReason::NoSocket),
        Err((skb, Refusal::Told(error))) => (skb, error),
    };
    if let (ErrorCode::NoName, Some(next)) = (error, look_again(net, header)) {
        let data = skb.len().saturating_sub(header.len());
        if next.write(data, skb.linear_mut()) {
            if doors::is_remote(net, &next) {
                return doors::post_back(net, skb, &next);
            }
            match try_deliver(net, skb, &next, held) {
                Ok(()) => return,
                Err((refused, Refusal::Untold)) => {
                    return refused.drop_because(DropReason::NoSocket)
                }
                Err((refused, Refusal::Told(error))) => {
                    give_back(net, refused, &next, error);
                    return;
                }
            }
        }
    }
    give_back(net, skb, header, error);
}

/// The header of a message that goes to another socket of the same name, unless it has been sent on
/// before.
fn look_again(net: &Net, header: &DataHeader) -> Option<DataHeader> {
    let Destination::Named {
        service,
        instance,
        lookup,
    } = header.destination
    else {
        return None;
    };
    if header.error.is_some() || header.rerouted.is_some() {
        return None;
    }
    let domain = match lookup {
        Scope::Cluster => NodeAddr::NONE,
        Scope::Node => net.own_node(),
    };
    let target = net.anycast(service, instance, domain).ok()?;
    Some(DataHeader {
        target,
        rerouted: Some(net.own_node()),
        ..*header
    })
}

/// Delivers a copy of a message to each receiver; long data is shared. Without memory for a copy
/// that receiver goes without (C `socket.c:tipc_sk_mcast_rcv`).
pub fn deliver_to_all(net: &Net, skb: SkBuff, header: &DataHeader, receivers: &Receivers) {
    let data = skb.len().saturating_sub(header.len());
    let send = |mut skb: SkBuff, port| {
        let target = SocketAddr {
            port,
            node: NodeAddr::NONE,
        };
        let header = DataHeader { target, ..*header };
        if header.write(data, skb.linear_mut()) {
            deliver(net, skb, &header, None);
        }
    };
    let mut receivers = receivers.iter();
    let Some(mut port) = receivers.next() else {
        return skb.drop_because(DropReason::NoSocket);
    };
    // The last one gets the message itself.
    for next in receivers {
        if let Some(copy) = skb.copied() {
            send(copy, port);
        }
        port = next;
    }
    send(skb, port);
}

/// Returns a message to its sender, or drops it; whether it was returned.
pub fn give_back(net: &Net, skb: SkBuff, header: &DataHeader, error: ErrorCode) -> bool {
    let reason = match error {
        ErrorCode::Overload => DropReason::ReceiveQueueFull,
        ErrorCode::NoName
        | ErrorCode::NoPort
        | ErrorCode::NoNode
        | ErrorCode::ConnectionShutdown => DropReason::NoSocket,
    };
    let Some(back) = header.returned(error, net.own_node()) else {
        skb.drop_because(reason);
        return false;
    };
    let remote = doors::is_remote(net, &back);
    let Some(mut skb) = turned(skb, header, error, remote) else {
        return false;
    };
    let data = skb.len().saturating_sub(back.len());
    skb.set_note(0);
    if !back.write(data, skb.linear_mut()) {
        skb.drop_because(reason);
        return false;
    }
    if remote {
        return doors::post_out(net, skb, &back).is_ok();
    }
    match try_deliver(net, skb, &back, None) {
        Ok(()) => true,
        Err((skb, _)) => {
            skb.drop_because(reason);
            false
        }
    }
}

/// The buffer of a message that goes back: no more data than is returned, and room for its header.
fn turned(skb: SkBuff, header: &DataHeader, error: ErrorCode, remote: bool) -> Option<SkBuff> {
    if header.syn && error == ErrorCode::Overload {
        // The sender will try again: with all of this, or with its copy if it is another node's.
        return match remote {
            true => skb.shortened(header.len()),
            false => Some(skb),
        };
    }
    let skb = skb.shortened(header.len().saturating_add(MAX_RETURNED))?;
    match header.len() {
        CONNECTED_SIZE => skb.grown_in_front(8),
        _ => Some(skb),
    }
}

/// Puts a message into the inbox it is for; hands it back, with what its sender is to learn, if there
/// is none or it is full.
fn try_deliver(
    net: &Net,
    skb: SkBuff,
    header: &DataHeader,
    held: Option<&Held>,
) -> Result<(), (SkBuff, Refusal)> {
    let section = Read::within(held);
    let receiver = match find(net, header, &section) {
        Ok(receiver) => receiver,
        Err(error) => return Err((skb, Refusal::Told(error))),
    };
    let news = rx::take_in(receiver, skb, header, held)?;
    let later = rx::tell(receiver, news);
    drop(section);
    later.finish(net);
    Ok(())
}

/// The socket a message is for. One that was sent by name is told that there is no such name (C
/// `socket.c:tipc_sk_rcv`).
fn find<'g>(
    net: &Net,
    header: &DataHeader,
    section: &'g Read<'_>,
) -> Result<&'g TipcSock, ErrorCode> {
    let found = net.ports().find(header.target.port.0, section);
    found.ok_or(match header.destination {
        Destination::Named { .. } if header.error.is_none() => ErrorCode::NoName,
        _ => ErrorCode::NoPort,
    })
}
