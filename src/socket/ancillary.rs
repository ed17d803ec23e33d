// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! What a receiver is told of a message besides its data: why it came back, what came back, and the
//! name it was sent to.
//!
//! In: what `recv` took out of the inbox; out: control messages. Replaces C
//! `socket.c:tipc_sk_anc_data_recv`. Process context.

use super::options::SOL_TIPC;
use super::TipcSock;
use crate::proto::vocab::ErrorCode;
use crate::proto::wire::{DataHeader, Destination};
use crate::sys::message::Msg;
use crate::sys::skb::SkBuff;
use kernel::prelude::*;

/// Kinds of ancillary data (uAPI linux/tipc.h).
const TIPC_ERRINFO: i32 = 1;
const TIPC_RETDATA: i32 = 2;
const TIPC_DESTNAME: i32 = 3;

/// Tells it for a message. EFAULT.
pub fn put(sock: &TipcSock, skb: &SkBuff, msg: &mut Msg<'_>) -> Result {
    if !msg.has_control() {
        return Ok(());
    }
    let Some(header) = DataHeader::read(skb.linear()) else {
        return Ok(());
    };
    if let Some(error) = header.error {
        // Returned messages are linear: see `SkBuff::shortened`.
        let data = skb.linear().get(header.len()..).unwrap_or_default();
        put_error(msg, error, data.len())?;
        if data.is_empty() {
            return Ok(());
        }
        msg.put_control(SOL_TIPC, TIPC_RETDATA, data)?;
    }
    match header.destination {
        Destination::Named {
            service, instance, ..
        } => put_name(msg, [service.0, instance, instance]),
        Destination::Multicast { range } => {
            put_name(msg, [range.service().0, range.lower(), range.upper()])
        }
        Destination::Connected { .. } => put_connection_name(sock, msg),
        Destination::Direct => Ok(()),
    }
}

/// Tells it for the end of a connection that returned no data. EFAULT.
pub fn put_end(msg: &mut Msg<'_>, error: ErrorCode) -> Result {
    if msg.has_control() {
        put_error(msg, error, 0)?;
    }
    Ok(())
}

fn put_error(msg: &mut Msg<'_>, error: ErrorCode, len: usize) -> Result {
    let [e0, e1, e2, e3] = error.number().to_ne_bytes();
    let [l0, l1, l2, l3] = (len as u32).to_ne_bytes();
    msg.put_control(SOL_TIPC, TIPC_ERRINFO, &[e0, e1, e2, e3, l0, l1, l2, l3])
}

fn put_connection_name(sock: &TipcSock, msg: &mut Msg<'_>) -> Result {
    let name = sock.state().core.lock().conn.name();
    match name {
        Some((service, instance)) => put_name(msg, [service.0, instance, instance]),
        None => Ok(()),
    }
}

fn put_name(msg: &mut Msg<'_>, [service, lower, upper]: [u32; 3]) -> Result {
    let [t0, t1, t2, t3] = service.to_ne_bytes();
    let [l0, l1, l2, l3] = lower.to_ne_bytes();
    let [u0, u1, u2, u3] = upper.to_ne_bytes();
    let name = [t0, t1, t2, t3, l0, l1, l2, l3, u0, u1, u2, u3];
    msg.put_control(SOL_TIPC, TIPC_DESTNAME, &name)
}
