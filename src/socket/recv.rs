// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! recvmsg() of datagram sockets.
//!
//! In: the inbox; out: bytes and the sender's address. Replaces C `socket.c:tipc_recvmsg`.

use super::deliver::give_back;
use super::options::SOL_TIPC;
use super::{address, TipcSock};
use crate::proto::vocab::ErrorCode;
use crate::proto::wire::{DataHeader, Destination};
use crate::sys::message::{Msg, RecvFlag, RecvFlags};
use crate::sys::skb::{DropReason, Queue, SkBuff};
use kernel::prelude::*;

/// Kinds of ancillary data (uAPI linux/tipc.h).
const TIPC_ERRINFO: i32 = 1;
const TIPC_RETDATA: i32 = 2;
const TIPC_DESTNAME: i32 = 3;

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
    if let Err(err) = ancillary(&skb, &header, msg) {
        if !peek {
            put_back(sock, skb);
        }
        return Err(err);
    }
    if header.error.is_some() {
        // What came back is in the ancillary data, or lost to those who did not ask.
        skb.consume();
        return Ok(0);
    }
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
            Some(header) if header.error.is_some() || skb.len() > header.len() => {
                return Some((skb, header))
            }
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

/// Gives the user what they want to know of a message besides its data: why it came back, what
/// came back, and the name it was sent to (C `socket.c:tipc_sk_anc_data_recv`).
fn ancillary(skb: &SkBuff, header: &DataHeader, msg: &mut Msg<'_>) -> Result {
    if !msg.has_control() {
        return Ok(());
    }
    if let Some(error) = header.error {
        // Returned messages are linear: see `SkBuff::shortened`.
        let data = skb.linear().get(header.len()..).unwrap_or_default();
        let [e0, e1, e2, e3] = error.number().to_ne_bytes();
        let [l0, l1, l2, l3] = (data.len() as u32).to_ne_bytes();
        msg.put_control(SOL_TIPC, TIPC_ERRINFO, &[e0, e1, e2, e3, l0, l1, l2, l3])?;
        if data.is_empty() {
            return Ok(());
        }
        msg.put_control(SOL_TIPC, TIPC_RETDATA, data)?;
    }
    if let Destination::Named {
        service, instance, ..
    } = header.destination
    {
        let [t0, t1, t2, t3] = service.0.to_ne_bytes();
        let [i0, i1, i2, i3] = instance.to_ne_bytes();
        let name = [t0, t1, t2, t3, i0, i1, i2, i3, i0, i1, i2, i3];
        msg.put_control(SOL_TIPC, TIPC_DESTNAME, &name)?;
    }
    Ok(())
}

/// A socket closes: what nobody read goes back to its senders, if they want it.
pub fn give_back_unread(sock: &TipcSock, mut unread: Queue) {
    while let Some(skb) = unread.pop_front() {
        match DataHeader::read(skb.linear()) {
            Some(header) => give_back(sock.net(), skb, &header, ErrorCode::NoPort),
            None => skb.drop_because(DropReason::Closed),
        }
    }
}
