// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! sendmsg() on connections: messages of SOCK_SEQPACKET and bytes of SOCK_STREAM.
//!
//! In: a user's bytes; out: messages of at most 66000 bytes, to `deliver`, as far as the window
//! lets them; small ones of a stream to another node, to `pending`. Replaces C
//! `socket.c:tipc_send_packet` and `__tipc_sendstream`. Process context.

use super::address;
use super::connect::{request, wait_for_answer};
use super::doors::{is_blocked, post};
use super::multicast::multicast;
use super::pending::{flush, send_held, Pending};
use super::send::{build, header_of, reach};
use super::state::Kind;
use super::TipcSock;
use crate::proto::port::{blocks, State, Step};
use crate::proto::vocab::{SocketAddr, MAX_USER_MSG_SIZE};
use crate::proto::wire::{Destination, CONNECTED_SIZE};
use crate::sys::message::Msg;
use crate::sys::sock::Timeout;
use kernel::prelude::*;

/// Sends on a connection; with an address on a new socket, asks for the connection with the data.
/// EMSGSIZE above 66000 bytes (SOCK_STREAM: above 2^31-1), ENOTCONN, EPIPE when the connection is
/// over, EAGAIN, EINTR, EFAULT; a part of a stream that was sent counts.
pub fn send(sock: &TipcSock, msg: &mut Msg<'_>, len: usize) -> Result<usize> {
    let stream = sock.state().kind == Kind::Stream;
    if len
        > if stream {
            i32::MAX as usize
        } else {
            MAX_USER_MSG_SIZE
        }
    {
        return Err(EMSGSIZE);
    }
    if msg.name().is_some() && sock.state().conn_state() == State::Open {
        return connect_with_data(sock, msg, len);
    }
    let mut timeout = sock.send_timeout(msg.dont_wait());
    let mut sent = 0usize;
    loop {
        let size = len.saturating_sub(sent).min(MAX_USER_MSG_SIZE);
        match send_one(sock, msg, size, &mut timeout) {
            Ok(()) => sent = sent.saturating_add(size),
            Err(err) if sent == 0 => return Err(err),
            Err(_) => return Ok(sent),
        }
        if sent >= len {
            return Ok(sent);
        }
    }
}

/// sendto() on a new socket: a request with data in it. With time to wait it waits for the answer,
/// which does not change what is returned.
fn connect_with_data(sock: &TipcSock, msg: &mut Msg<'_>, len: usize) -> Result<usize> {
    if len > MAX_USER_MSG_SIZE {
        return Err(EMSGSIZE);
    }
    let target = address::parse(msg.name().unwrap_or_default())?.target;
    let mut timeout = sock.send_timeout(msg.dont_wait());
    if let address::Target::Range(range) = target {
        super::connect::may_request(sock)?;
        return multicast(sock, range, msg, len);
    }
    request(sock, target, Some(msg), len)?;
    if len != 0 && timeout.may_wait() {
        let _ = wait_for_answer(sock, &mut timeout);
    }
    Ok(len)
}

/// How a message goes whose turn has come.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    /// At once; the window counts it.
    Straight,
    /// Likewise, and it asks for an acknowledgement.
    Asks,
    /// To another node and behind what is held back; or held back itself if it is one of a row of
    /// sends.
    Behind(bool),
    /// It is held back now.
    Kept,
    /// Likewise, and what is held goes.
    Due,
}

/// Sends one message when the window is open.
fn send_one(sock: &TipcSock, msg: &mut Msg<'_>, size: usize, timeout: &mut Timeout) -> Result {
    // Nobody gets to see an empty message: it costs no window and is not sent.
    let cost = if size == 0 {
        0
    } else {
        blocks(size.saturating_add(CONNECTED_SIZE))
    };
    let (peer, way) = sock.wait(timeout, || reserve(sock, msg, size, cost))?;
    if size == 0 {
        return Ok(());
    }
    match way {
        Way::Straight | Way::Asks => {}
        Way::Behind(in_row) => return send_held(sock, msg, size, in_row, timeout),
        Way::Kept => return Ok(()),
        Way::Due => return flush(sock),
    }
    let mut header = header_of(sock, peer, Destination::Connected { short: true });
    header.src_droppable = way == Way::Asks;
    let made = build(&header, reach(sock, &header, size), size, msg);
    match made {
        Ok(skb) => post(sock, skb, header)?,
        Err(err) => {
            let opened = sock.state().core.lock().conn.window.take_back(cost);
            if opened {
                sock.wake_writers();
            }
            return Err(err);
        }
    }
    Ok(())
}

/// Takes the place of a message in the window, unless it goes another way; none if the caller has to
/// wait for it.
fn reserve(
    sock: &TipcSock,
    msg: &mut Msg<'_>,
    size: usize,
    cost: u32,
) -> Option<Result<(SocketAddr, Way)>> {
    let batches = size != 0 && sock.state().kind == Kind::Stream && !sock.state().nodelay.get();
    let mut core = sock.state().core.lock();
    let state = core.conn.state();
    let peer = core.conn.peer();
    let blocked = is_blocked(sock, peer.node);
    if state == State::Established && core.conn.window.is_open() && !blocked {
        let in_row = batches && core.conn.nagle.on_send();
        let held = match &mut core.pending {
            None if in_row && !is_here(sock, peer) => Some(Way::Behind(true)),
            None => None,
            Some(held) if in_row && held.takes(size) => Some(hold(held, msg, size)),
            Some(held) => (!held.is_idle()).then_some(Way::Behind(false)),
        };
        if let Some(way) = held {
            return Some(Ok((peer, way)));
        }
        core.conn.window.on_send(cost);
        let asks = in_row && core.conn.nagle.asks_here(size);
        return Some(Ok((peer, if asks { Way::Asks } else { Way::Straight })));
    }
    drop(core);
    refusal(sock, state).map(Err)
}

fn is_here(sock: &TipcSock, peer: SocketAddr) -> bool {
    peer.node.is_own(sock.net().own_node())
}

/// Holds a small message back, at once if nothing has to be allocated for it.
fn hold(held: &mut Pending, msg: &mut Msg<'_>, size: usize) -> Way {
    match held.add_now(msg, size) {
        None => Way::Behind(true),
        Some(Step::Keep) => Way::Kept,
        Some(Step::Send | Step::Ask) => Way::Due,
    }
}

/// Why nothing can be sent on a connection; none if it is only to be waited for.
pub fn refusal(sock: &TipcSock, state: State) -> Option<Error> {
    if let Err(err) = sock.take_error() {
        return Some(err);
    }
    match state {
        State::Established => None,
        State::Disconnecting => Some(EPIPE),
        State::Open | State::Listening | State::Connecting => Some(ENOTCONN),
    }
}
