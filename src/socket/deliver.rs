// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! Delivery within the node: into the inbox of the socket a message is for, or back.
//!
//! In: messages of `send` and `stream`, and unread ones of a socket that closes; out: a fuller inbox
//! and a woken reader. Replaces C `socket.c:tipc_sk_rcv`, `tipc_sk_filter_rcv` and
//! `msg.c:tipc_msg_reverse`. Called without locks; takes one port's lock at a time.

use super::doors;
use super::ports::Net;
use super::rx;
use super::TipcSock;
use crate::proto::vocab::{ErrorCode, NodeAddr, SocketAddr, MAX_RETURNED};
use crate::proto::wire::{DataHeader, Destination, CONNECTED_SIZE};
use crate::stack::Receivers;
use crate::sys::rcu::{self, Guard};
use crate::sys::skb::{DropReason, SkBuff};

/// Delivers a message. What cannot be delivered is returned to its sender, once, unless it is
/// droppable or was on its way back.
pub fn deliver(net: &Net, skb: SkBuff, header: DataHeader) {
    if doors::is_remote(net, &header) {
        return doors::post_back(net, skb, &header);
    }
    if let Err((skb, error)) = try_deliver(net, skb, &header) {
        give_back(net, skb, &header, error);
    }
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
            deliver(net, skb, header);
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

/// Returns a message to its sender, or drops it.
pub fn give_back(net: &Net, skb: SkBuff, header: &DataHeader, error: ErrorCode) {
    let reason = match error {
        ErrorCode::Overload => DropReason::ReceiveQueueFull,
        ErrorCode::NoName
        | ErrorCode::NoPort
        | ErrorCode::NoNode
        | ErrorCode::ConnectionShutdown => DropReason::NoSocket,
    };
    let Some(back) = header.returned(error, net.own_node()) else {
        return skb.drop_because(reason);
    };
    let Some(mut skb) = turned(skb, header, error) else {
        return;
    };
    let data = skb.len().saturating_sub(back.len());
    skb.set_note(0);
    if !back.write(data, skb.linear_mut()) {
        return skb.drop_because(reason);
    }
    if doors::is_remote(net, &back) {
        return doors::post_back(net, skb, &back);
    }
    if let Err((skb, _)) = try_deliver(net, skb, &back) {
        skb.drop_because(reason);
    }
}

/// The buffer of a message that goes back: no more data than is returned, and room for its header.
fn turned(skb: SkBuff, header: &DataHeader, error: ErrorCode) -> Option<SkBuff> {
    if header.syn && error == ErrorCode::Overload {
        // All of it: the sender will try again with it.
        return Some(skb);
    }
    let skb = skb.shortened(header.len().saturating_add(MAX_RETURNED))?;
    match header.len() {
        CONNECTED_SIZE => skb.grown_in_front(8),
        _ => Some(skb),
    }
}

/// Puts a message into the inbox it is for; hands it back, with the reason, if there is none or it
/// is full.
fn try_deliver(net: &Net, skb: SkBuff, header: &DataHeader) -> Result<(), (SkBuff, ErrorCode)> {
    let guard = rcu::read_lock();
    let receiver = match find(net, header, &guard) {
        Ok(receiver) => receiver,
        Err(error) => return Err((skb, error)),
    };
    let news = rx::take_in(receiver, skb, header)?;
    let later = rx::tell(receiver, news);
    drop(guard);
    later.finish(net);
    Ok(())
}

/// The socket a message is for. If it has gone since its name was looked up, looks once more, as
/// C's `msg.c:tipc_msg_lookup_dest` does.
fn find<'g>(net: &Net, header: &DataHeader, guard: &'g Guard) -> Result<&'g TipcSock, ErrorCode> {
    if let Some(receiver) = net.ports().find(header.target.port.0, guard) {
        return Ok(receiver);
    }
    match header.destination {
        Destination::Named {
            service, instance, ..
        } if header.error.is_none() => net
            .anycast(service, instance, NodeAddr::NONE)
            .ok()
            .and_then(|to| net.ports().find(to.port.0, guard))
            .ok_or(ErrorCode::NoName),
        _ => Err(ErrorCode::NoPort),
    }
}
