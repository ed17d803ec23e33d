// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! A message to another node that is held back, or has to go behind what is.
//!
//! In: a user's bytes, from `stream`; out: a fuller packet, and `flush` when it is time. Process
//! context, no lock held.

use super::super::doors::is_blocked;
use super::super::send::{build, header_of, reach};
use super::super::stream::refusal;
use super::super::TipcSock;
use super::flush;
use super::small::{Lack, Small};
use crate::proto::port::{State, Step};
use crate::proto::vocab::SocketAddr;
use crate::proto::wire::Destination;
use crate::sys::message::Msg;
use crate::sys::sock::Timeout;
use kernel::prelude::*;

/// What becomes of a message whose turn has come.
enum Turn {
    /// It goes down to this peer, behind what is held back.
    Behind(SocketAddr),
    /// It is held back, after this was done about what it lacks.
    Lacks(SocketAddr, Lack),
    /// It is held back.
    Kept,
    /// It is not, and neither is what was.
    Due,
}

/// Sends the next `size` bytes of `msg` to another node; they may be held back if they are one of a
/// row of sends. As `stream::send`; EHOSTUNREACH if what was held back cannot be sent.
#[inline(never)]
pub fn send_held(
    sock: &TipcSock,
    msg: &mut Msg<'_>,
    size: usize,
    in_row: bool,
    timeout: &mut Timeout,
) -> Result {
    let mut small = Small::new(msg, size);
    loop {
        match sock.wait(timeout, || turn(sock, &mut small, in_row))? {
            Turn::Behind(peer) => return send_behind(sock, small, peer),
            Turn::Lacks(peer, lack) => small.supply(sock, peer, lack)?,
            Turn::Kept => return Ok(()),
            Turn::Due => return flush(sock),
        }
    }
}

/// The turn of a message; none while the caller has to wait for it.
fn turn(sock: &TipcSock, small: &mut Small<'_, '_>, in_row: bool) -> Option<Result<Turn>> {
    let mut core = sock.state().core.lock();
    let (state, peer) = (core.conn.state(), core.conn.peer());
    if state != State::Established || !core.conn.window.is_open() || is_blocked(sock, peer.node) {
        drop(core);
        return refusal(sock, state).map(Err);
    }
    small.give_place(&mut core.pending);
    let Some(held) = core.pending.as_mut() else {
        return Some(Ok(Turn::Lacks(peer, Lack::Place)));
    };
    if !in_row || !held.takes(small.size) {
        return Some(Ok(Turn::Behind(peer)));
    }
    Some(Ok(match held.add(small) {
        Ok(Step::Keep) => Turn::Kept,
        Ok(Step::Send | Step::Ask) => Turn::Due,
        Err(lack) => Turn::Lacks(peer, lack),
    }))
}

fn send_behind(sock: &TipcSock, small: Small<'_, '_>, peer: SocketAddr) -> Result {
    let header = header_of(sock, peer, Destination::Connected { short: true });
    let skb = build(
        &header,
        reach(sock, &header, small.size),
        small.size,
        small.msg,
    )?;
    let mut core = sock.state().core.lock();
    match core.pending.as_mut() {
        Some(held) => held.add_behind(skb),
        None => {
            // The connection has ended meanwhile.
            drop(core);
            drop(skb);
            return Err(EPIPE);
        }
    }
    drop(core);
    flush(sock)
}
