// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! recvmsg() of datagram sockets.
//!
//! In: the inbox; out: bytes and the sender's address. Replaces C `socket.c:tipc_recvmsg`.

use super::{address, TipcSock};
use crate::proto::wire::DataHeader;
use crate::sys::message::{Msg, RecvFlag, RecvFlags};
use crate::sys::skb::SkBuff;
use kernel::prelude::*;

/// Receives one message: bytes copied. What does not fit is lost and MSG_TRUNC set, or with
/// MSG_EOR kept for the next call. EINVAL for an empty buffer, EAGAIN, EINTR, ENOTCONN if it would
/// wait after shutdown(), EFAULT (the message stays). Process context, may sleep.
pub fn receive(sock: &TipcSock, msg: &mut Msg<'_>, len: usize, flags: RecvFlags) -> Result<usize> {
    if len == 0 {
        return Err(EINVAL);
    }
    let peek = flags.has(RecvFlag::Peek);
    let (mut skb, header) = sock.wait_to_receive(flags.dont_wait(), |waits| {
        let next = next_with_data(sock, peek);
        match next {
            Some(message) => Some(Ok(message)),
            None if waits && sock.is_shut_down() => Some(Err(ENOTCONN)),
            None => None,
        }
    })?;
    msg.set_name(&address::socket_name(header.origin));
    let data = skb.len().saturating_sub(header.len());
    let done = (skb.note() as usize).min(data);
    let copied = data.wrapping_sub(done).min(len);
    let from = header.len().wrapping_add(done);
    if let Err(err) = skb.copy_to_user(from, copied, msg) {
        if !peek {
            put_back(sock, skb);
        }
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
    skb.consume();
    Ok(copied)
}

/// The next message that has data, with its header; empty ones are thrown away, as C does.
fn next_with_data(sock: &TipcSock, peek: bool) -> Option<(SkBuff, DataHeader)> {
    loop {
        let mut inbox = sock.state().inbox.lock();
        let skb = if peek { inbox.peek() } else { inbox.take() }?;
        drop(inbox);
        let header = DataHeader::read(skb.linear());
        match header {
            Some(header) if skb.len() > header.len() => return Some((skb, header)),
            _ if !peek => skb.consume(),
            _ => {
                skb.consume();
                let empty = sock.state().inbox.lock().take_empty();
                drop(empty);
            }
        }
    }
}

fn put_back(sock: &TipcSock, skb: SkBuff) {
    let kept = sock.state().inbox.lock().put_back(skb);
    match kept {
        // Another reader may have gone to sleep meanwhile.
        Ok(()) => sock.wake_readers(),
        Err(skb) => skb.consume(),
    }
}
