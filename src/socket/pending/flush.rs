// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! What was held back goes, by one caller at a time.
//!
//! In: a socket, or its port; out: packets, to `doors`. Process context and softirq.

use super::super::doors::{post, post_out};
use super::super::ports::Net;
use super::super::send::header_of;
use super::super::signal::{signal, Signal};
use super::super::state::Core;
use super::super::TipcSock;
use crate::proto::port::State;
use crate::proto::vocab::{ErrorCode, PortId, SocketAddr};
use crate::proto::wire::{DataHeader, Destination};
use crate::sys::lock::BhGuard;
use crate::sys::rcu;
use crate::sys::skb::{Queue, SkBuff};
use crate::sys::sock::pause;
use kernel::prelude::*;

/// How often the end of a connection looks again whether somebody still sends what was held back,
/// a millisecond and more apart: those who send it do so at once, only other threads that go on
/// sending while this one shuts down could be there for longer.
const ROUNDS: u32 = 1000;

/// Sends what is due, unless somebody does already. The error of the first packet that could not be
/// sent: then the connection is over. Process context, no lock held.
pub fn flush(sock: &TipcSock) -> Result {
    let mut result = Ok(());
    let mut began = false;
    while let Some((mut packets, header)) = next(sock, began) {
        began = true;
        while let Some(skb) = packets.pop_front() {
            let last = packets.is_empty();
            let sent = send(skb, &header, last, |skb, header| post(sock, skb, header));
            result = result.and(sent);
        }
    }
    if result.is_err() {
        let peer = sock.state().core.lock().conn.peer();
        fail(sock.net(), sock.address(), peer);
    }
    result
}

/// The same for the socket of a port, from any context, not in an RCU section. Nobody is made to wait
/// if the link is full. It goes round again only for what other processors hold back meanwhile, at most
/// a window of the connection each time.
pub fn flush_port(net: &Net, port: PortId) {
    let mut began = false;
    loop {
        let taken = {
            let guard = rcu::read_lock();
            let sock = net.ports().find(port.0, &guard);
            sock.and_then(|sock| next(sock, began))
        };
        let Some((mut packets, header)) = taken else {
            return;
        };
        began = true;
        let mut result = Ok(());
        while let Some(skb) = packets.pop_front() {
            let last = packets.is_empty();
            let sent = send(skb, &header, last, |skb, header| {
                post_out(net, skb, &header)
            });
            result = result.and(sent);
        }
        if result.is_err() {
            fail(net, header.origin, header.target);
        }
    }
}

/// What is due, and its header, whose `src_droppable` is for the last. None if nothing is, or if
/// somebody else sends it; `began` by the one who does.
fn next(sock: &TipcSock, began: bool) -> Option<(Queue, DataHeader)> {
    let mut core = sock.state().core.lock();
    let Core { conn, pending, .. } = &mut *core;
    let held = pending.as_mut()?;
    if held.busy && !began {
        return None;
    }
    held.busy = held.due;
    if !held.due {
        return None;
    }
    let packets = held.take();
    conn.window.on_send(core::mem::take(&mut held.blocks));
    let asks = core::mem::take(&mut held.asks);
    let (state, peer) = (conn.state(), conn.peer());
    if state != State::Established {
        held.busy = false;
        drop(core);
        drop(packets);
        return None;
    }
    drop(core);
    let header = DataHeader {
        src_droppable: asks,
        ..header_of(sock, peer, Destination::Connected { short: true })
    };
    Some((packets, header))
}

fn send(
    mut skb: SkBuff,
    header: &DataHeader,
    last: bool,
    post: impl FnOnce(SkBuff, DataHeader) -> Result,
) -> Result {
    let header = DataHeader {
        src_droppable: header.src_droppable && last,
        ..*header
    };
    let data = skb.len().saturating_sub(header.len());
    if !header.write(data, skb.linear_mut()) {
        return Err(EMSGSIZE);
    }
    post(skb, header)
}

/// Ends a connection of which something is lost. There is no contact with the peer, or no memory.
fn fail(net: &Net, own: SocketAddr, peer: SocketAddr) {
    signal(net, peer, own, Signal::End(ErrorCode::NoNode));
    signal(net, own, peer, Signal::End(ErrorCode::NoPort));
}

/// The core of a socket with nothing held back, nor on its way down, so that the end of the connection
/// overtakes nothing. Process context.
pub fn settled(sock: &TipcSock) -> BhGuard<'_, Core> {
    for _ in 0..ROUNDS {
        let mut core = sock.state().core.lock();
        let Some(held) = core.pending.as_mut() else {
            return core;
        };
        if held.is_idle() {
            return core;
        }
        let waits = held.busy;
        held.release();
        drop(core);
        if waits {
            pause();
        } else {
            let _ = flush(sock);
        }
    }
    sock.state().core.lock()
}
