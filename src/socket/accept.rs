// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! listen() and accept().
//!
//! In: connection requests in a listener's inbox; out: sockets that are one end of a connection.
//! Replaces C `socket.c:tipc_listen` and `tipc_accept`. Process context, no lock held.

use super::connect::establish;
use super::signal::{signal, Signal};
use super::TipcSock;
use crate::proto::port::State;
use crate::proto::vocab::ErrorCode;
use crate::proto::wire::{DataHeader, Destination};
use crate::sys::skb::{DropReason, SkBuff};
use kernel::prelude::*;

/// listen(): EINVAL unless the socket is new. Requests wait in the inbox, within its limits.
pub fn listen(sock: &TipcSock) -> Result {
    let mut core = sock.state().core.lock();
    if !core.conn.listen() {
        return Err(EINVAL);
    }
    sock.show_state(core.conn.state().number());
    Ok(())
}

/// Waits for a connection request: EINVAL unless the socket listens, EAGAIN, EINTR.
pub fn wait_for_request(sock: &TipcSock, dont_wait: bool) -> Result {
    if !sock.state().connects() {
        return Err(EOPNOTSUPP);
    }
    if sock.state().conn_state() != State::Listening {
        return Err(EINVAL);
    }
    sock.wait(&mut sock.receive_timeout(dont_wait), || {
        let empty = sock.state().core.lock().inbox.is_empty();
        (!empty).then_some(Ok(()))
    })
}

/// Accepts one request: `child`, a new socket, becomes this end of the connection and the other end
/// is told. False if there is no request any more.
pub fn accept(sock: &TipcSock, child: &TipcSock) -> Result<bool> {
    loop {
        let request = sock.state().core.lock().inbox.take();
        let Some(skb) = request else {
            return Ok(false);
        };
        match DataHeader::read(skb.linear()) {
            Some(header) => {
                answer(child, skb, &header)?;
                return Ok(true);
            }
            None => skb.drop_because(DropReason::NoSocket),
        }
    }
}

fn answer(child: &TipcSock, skb: SkBuff, header: &DataHeader) -> Result {
    let name = match header.destination {
        Destination::Named {
            service, instance, ..
        } => Some((service, instance)),
        _ => None,
    };
    child.state().set_importance(header.importance);
    establish(child, header.origin, name)?;
    let mut core = child.state().core.lock();
    // Data that came with the request is the first message of the connection.
    let spent = if skb.len() > header.len() {
        child.state().admit(&mut core, skb, u64::MAX).err()
    } else {
        Some(skb)
    };
    drop(core);
    if let Some(skb) = spent {
        skb.consume();
    }
    let yes = Signal::Answer(header.importance);
    if !signal(child.net(), child.address(), header.origin, yes) {
        let mut core = child.state().core.lock();
        let own = child.net().own_node();
        core.conn.on_end(header.origin, own, ErrorCode::NoPort);
        child.show_state(core.conn.state().number());
    }
    Ok(())
}
