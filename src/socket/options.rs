// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! setsockopt() and getsockopt() at level SOL_TIPC.
//!
//! In: option numbers and words; out: changes of a `Port`. Replaces C `socket.c:tipc_setsockopt` and
//! `tipc_getsockopt`.

use super::TipcSock;
use crate::proto::vocab::Importance;
use kernel::prelude::*;

/// uAPI linux/tipc.h, as all numbers here.
pub const SOL_TIPC: i32 = 271;
const TIPC_IMPORTANCE: i32 = 127;
const TIPC_SRC_DROPPABLE: i32 = 128;
const TIPC_DEST_DROPPABLE: i32 = 129;
const TIPC_CONN_TIMEOUT: i32 = 130;
const TIPC_NODE_RECVQ_DEPTH: i32 = 131;
const TIPC_SOCK_RECVQ_DEPTH: i32 = 132;
const TIPC_MCAST_BROADCAST: i32 = 133;
const TIPC_MCAST_REPLICAST: i32 = 134;
const TIPC_GROUP_JOIN: i32 = 135;
const TIPC_GROUP_LEAVE: i32 = 136;
const TIPC_SOCK_RECVQ_USED: i32 = 137;
const TIPC_NODELAY: i32 = 138;

/// Sets an option from its first word. ENOPROTOOPT at another level, EINVAL for an unknown or
/// short option or a bad value, EFAULT, EOPNOTSUPP for what is not built yet.
pub fn set(
    sock: &TipcSock,
    level: i32,
    name: i32,
    len: usize,
    value: &mut dyn FnMut() -> Result<u32>,
) -> Result {
    if level != SOL_TIPC {
        return Err(ENOPROTOOPT);
    }
    let state = sock.state();
    match name {
        TIPC_GROUP_JOIN | TIPC_GROUP_LEAVE | TIPC_MCAST_BROADCAST | TIPC_MCAST_REPLICAST => {
            return Err(EOPNOTSUPP)
        }
        TIPC_IMPORTANCE | TIPC_SRC_DROPPABLE | TIPC_DEST_DROPPABLE | TIPC_CONN_TIMEOUT
        | TIPC_NODELAY => {}
        _ => return Err(EINVAL),
    }
    if len < size_of::<u32>() {
        return Err(EINVAL);
    }
    let value = value()?;
    match name {
        TIPC_IMPORTANCE => {
            let importance = Importance::from_number(value).ok_or(EINVAL)?;
            state.importance.set(importance.number());
        }
        TIPC_SRC_DROPPABLE => state.src_droppable.set(u32::from(value != 0)),
        TIPC_DEST_DROPPABLE => state.dest_droppable.set(u32::from(value != 0)),
        // Kept in 16 bits, as the C module keeps it.
        TIPC_CONN_TIMEOUT => state.connect_timeout.set(value & 0xffff),
        // NODELAY means nothing to a datagram socket.
        _ => {}
    }
    Ok(())
}

/// An option's value.
pub fn get(sock: &TipcSock, level: i32, name: i32) -> Result<u32> {
    if level != SOL_TIPC {
        return Err(ENOPROTOOPT);
    }
    let state = sock.state();
    match name {
        TIPC_IMPORTANCE => Ok(state.importance.get()),
        TIPC_SRC_DROPPABLE => Ok(state.src_droppable.get()),
        TIPC_DEST_DROPPABLE => Ok(state.dest_droppable.get()),
        TIPC_CONN_TIMEOUT => Ok(state.connect_timeout.get()),
        TIPC_NODE_RECVQ_DEPTH | TIPC_GROUP_JOIN => Ok(0),
        TIPC_SOCK_RECVQ_DEPTH => Ok(state.inbox.lock().load().0),
        TIPC_SOCK_RECVQ_USED => Ok(state.inbox.lock().load().1),
        _ => Err(EINVAL),
    }
}
