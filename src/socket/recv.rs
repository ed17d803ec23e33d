// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! recvmsg() of messages: datagrams, and those of SOCK_SEQPACKET.
//!
//! In: the inbox; out: bytes and the sender's address. Replaces C `socket.c:tipc_recvmsg` and
//! `tipc_wait_for_rcvmsg`. Process context, no lock held.

use super::rx::acknowledgement;
use super::signal::signal;
use super::{address, ancillary, TipcSock};
use crate::proto::port::{blocks, State};
use crate::proto::vocab::ErrorCode;
use crate::proto::wire::Arrival;
use crate::sys::message::{Msg, RecvFlag, RecvFlags};
use crate::sys::skb::SkBuff;
use crate::sys::sock::Timeout;
use kernel::prelude::*;

/// What there is to receive.
pub enum Next {
    /// A message with data, or one that came back.
    Message(SkBuff, Arrival),
    /// The end of the connection.
    End(ErrorCode),
}

/// Receives one message: bytes copied. What does not fit is lost and MSG_TRUNC set, or with
/// MSG_EOR kept for the next call. EINVAL for an empty buffer, EAGAIN, EINTR, ENOTCONN on a new
/// socket that needs a connection or if it would wait after shutdown(), ECONNRESET at the end of a
/// connection unless the peer called shutdown(), EFAULT (the message stays).
pub fn receive(sock: &TipcSock, msg: &mut Msg<'_>, len: usize, flags: RecvFlags) -> Result<usize> {
    may_receive(sock, len)?;
    let peek = flags.has(RecvFlag::Peek);
    let mut timeout = sock.receive_timeout(flags.dont_wait());
    let (skb, header) = match wait_for_next(sock, peek, &mut timeout)? {
        Next::Message(skb, header) => (skb, header),
        Next::End(why) => return end(sock, msg, why),
    };
    msg.set_name(&address::socket_name(header.origin));
    let told = ancillary::put(sock, &skb, msg);
    if let Err(err) = told {
        keep(sock, skb, peek);
        return Err(err);
    }
    match header.error {
        Some(why) => returned(sock, skb, why, msg, peek),
        None => copy_out(sock, (skb, header), msg, len, flags),
    }
}

/// EINVAL for an empty buffer, ENOTCONN on a new socket that needs a connection.
pub fn may_receive(sock: &TipcSock, len: usize) -> Result {
    if len == 0 {
        return Err(EINVAL);
    }
    // What is shown is as good as the state itself: another call may change that after a look, too.
    if sock.state().connects() && sock.shown_state() == State::Open.number() {
        return Err(ENOTCONN);
    }
    Ok(())
}

/// A message that came back. What was in it is in the ancillary data, or lost to those who did not
/// ask; on a connection it is the end.
fn returned(
    sock: &TipcSock,
    skb: SkBuff,
    why: ErrorCode,
    msg: &Msg<'_>,
    peek: bool,
) -> Result<usize> {
    if sock.state().connects() && why != ErrorCode::ConnectionShutdown && !msg.has_control_place() {
        keep(sock, skb, peek);
        return Err(ECONNRESET);
    }
    skb.consume();
    Ok(0)
}

/// The end of a connection, as often as it is asked for: 0 bytes after the peer's shutdown(), or
/// with the reason in the ancillary data; else ECONNRESET.
pub fn end(sock: &TipcSock, msg: &mut Msg<'_>, why: ErrorCode) -> Result<usize> {
    let peer = sock.state().core.lock().conn.peer();
    msg.set_name(&address::socket_name(peer));
    ancillary::put_end(msg, why)?;
    if why != ErrorCode::ConnectionShutdown && !msg.has_control_place() {
        return Err(ECONNRESET);
    }
    Ok(0)
}

fn copy_out(
    sock: &TipcSock,
    (mut skb, header): (SkBuff, Arrival),
    msg: &mut Msg<'_>,
    len: usize,
    flags: RecvFlags,
) -> Result<usize> {
    let peek = flags.has(RecvFlag::Peek);
    let data = skb.len().saturating_sub(header.len);
    let done = (skb.note() as usize).min(data);
    let copied = data.wrapping_sub(done).min(len);
    let from = header.len.wrapping_add(done);
    if let Err(err) = skb.copy_to_user(from, copied, msg) {
        keep(sock, skb, peek);
        return Err(err);
    }
    let rest = done.wrapping_add(copied) < data;
    match (rest, flags.has(RecvFlag::Eor)) {
        (true, false) => msg.set_flag(RecvFlag::Trunc),
        (false, true) => msg.set_flag(RecvFlag::Eor),
        (true, true) if !peek => {
            skb.set_note(done.wrapping_add(copied) as u32);
            put_back(sock, skb);
            return Ok(copied);
        }
        (true, true) | (false, false) => {}
    }
    if !peek {
        credit(sock, skb.len());
    }
    skb.recycle();
    Ok(copied)
}

/// A message of `size` bytes was read to its end: its place in the window is given back to the peer.
pub fn credit(sock: &TipcSock, size: usize) {
    if sock.state().connects() && sock.state().reading.on_read(blocks(size)) {
        acknowledge(sock);
    }
}

/// Acknowledges what was read, unless somebody else just did.
#[inline(never)]
fn acknowledge(sock: &TipcSock) {
    let (peer, ack) = {
        let core = sock.state().core.lock();
        if core.conn.state() != State::Established || !sock.state().reading.is_due() {
            return;
        }
        (core.conn.peer(), acknowledgement(sock, &core, false))
    };
    signal(sock.net(), sock.address(), peer, ack);
}

/// Waits for the next message or the end of the connection.
pub fn wait_for_next(sock: &TipcSock, peek: bool, timeout: &mut Timeout) -> Result<Next> {
    let waits = timeout.may_wait();
    let at_once = sock.state().may_have_more();
    sock.wait_soon(timeout, at_once, || {
        if let Err(err) = sock.take_error() {
            return Some(Err(err));
        }
        if !(waits && is_quiet(sock)) {
            match next(sock, peek) {
                // The error of a refusal is left before this end can be seen.
                Some(Next::End(why)) => return Some(sock.take_error().map(|()| Next::End(why))),
                Some(next) => return Some(Ok(next)),
                None => {}
            }
        }
        (waits && sock.is_shut_down()).then_some(Err(ENOTCONN))
    })
}

/// Whether there is neither a message nor the end of the connection, as somebody sees who does not
/// take the lock and is going to sleep, or sleeps already, until the socket is woken.
///
/// That nothing is missed: before a wake the inbox has a message more and `trusts_empty` says no, or
/// the state of the connection is shown as over (each with the lock held); then comes the wake, which
/// looks for sleepers after a full barrier. There is one between the caller's entry into the wait
/// queue and this look, too (`sys::wait`). So this sees what was said, or the wake finds the caller.
fn is_quiet(sock: &TipcSock) -> bool {
    sock.state().trusts_empty() && sock.shown_state() != State::Disconnecting.number()
}

/// The next message that has data, with its header; empty ones are thrown away, as C does, but
/// credited to a peer that may have paid for them. After the last one the end of the connection.
pub fn next(sock: &TipcSock, peek: bool) -> Option<Next> {
    loop {
        let mut core = sock.state().core.lock();
        let first = if peek {
            core.inbox.peek()
        } else {
            core.inbox.take()
        };
        let Some(skb) = first else {
            sock.state().is_left_with(&core, false);
            return core.conn.end().map(Next::End);
        };
        sock.state()
            .is_left_with(&core, peek || core.inbox.has_more());
        drop(core);
        let header = Arrival::read(skb.linear());
        match header {
            Some(header) if header.error.is_some() || skb.len() > header.len => {
                return Some(Next::Message(skb, header))
            }
            _ if !peek => {
                credit(sock, skb.len());
                skb.consume();
            }
            _ => {
                skb.consume();
                let empty = sock.state().core.lock().inbox.take_empty();
                drop(empty);
            }
        }
    }
}

/// Leaves a message to the next reader; one that was only looked at is there still.
pub fn keep(sock: &TipcSock, skb: SkBuff, peek: bool) {
    if peek {
        skb.consume();
    } else {
        put_back(sock, skb);
    }
}

/// Puts back a message that was taken and not read to its end.
pub fn put_back(sock: &TipcSock, skb: SkBuff) {
    match sock.state().put_back(skb) {
        Ok(true) => sock.wake_readers(),
        Ok(false) => {}
        Err(skb) => skb.consume(),
    }
}
