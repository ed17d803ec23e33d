// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! setsockopt() and getsockopt() at level SOL_TIPC.
//!
//! In: option numbers and words; out: changes of a `Port`. Replaces C `socket.c:tipc_setsockopt` and
//! `tipc_getsockopt`.

use super::pending::{flush, release};
use super::state::Kind;
use super::TipcSock;
use crate::proto::vocab::{Importance, ServiceType};
use crate::sys::family::OptionValue;
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

/// The highest scope (uAPI TIPC_NODE_SCOPE).
const NODE_SCOPE: u32 = 3;

/// Level of TCP's options, which a stream takes and ignores, as C does.
const IPPROTO_TCP: i32 = 6;

/// Sets an option from its first word. ENOPROTOOPT at another level, EINVAL for an unknown or
/// short option or a bad value, EFAULT, EOPNOTSUPP for what is not built yet.
pub fn set(sock: &TipcSock, level: i32, name: i32, value: &OptionValue) -> Result {
    let state = sock.state();
    if level == IPPROTO_TCP && state.kind == Kind::Stream {
        return Ok(());
    }
    if level != SOL_TIPC {
        return Err(ENOPROTOOPT);
    }
    match name {
        TIPC_MCAST_BROADCAST | TIPC_MCAST_REPLICAST | TIPC_GROUP_LEAVE => {
            return without_value(sock, name, value)
        }
        TIPC_GROUP_JOIN => return join(value),
        TIPC_IMPORTANCE | TIPC_SRC_DROPPABLE | TIPC_DEST_DROPPABLE | TIPC_CONN_TIMEOUT
        | TIPC_NODELAY => {}
        _ => return Err(EINVAL),
    }
    let value = value.word()?;
    match name {
        TIPC_IMPORTANCE => {
            let importance = Importance::from_number(value).ok_or(EINVAL)?;
            state.set_importance(importance);
        }
        TIPC_SRC_DROPPABLE if state.kind == Kind::Stream => return Err(ENOPROTOOPT),
        TIPC_SRC_DROPPABLE => state.src_droppable.set(value != 0),
        TIPC_DEST_DROPPABLE => state.dest_droppable.set(value != 0),
        // Kept in 16 bits, as the C module keeps it.
        TIPC_CONN_TIMEOUT => state.connect_timeout.set(value & 0xffff),
        _ => set_nodelay(sock, value != 0),
    }
    Ok(())
}

/// What a stream holds back goes when it is told not to. If that fails the connection is over.
fn set_nodelay(sock: &TipcSock, nodelay: bool) {
    sock.state().nodelay.set(nodelay);
    let due = nodelay && release(&mut sock.state().core.lock());
    if due {
        let _ = flush(sock);
    }
}

/// Options that are a command: EINVAL if there is a value.
fn without_value(sock: &TipcSock, name: i32, value: &OptionValue) -> Result {
    if !value.is_absent() {
        return Err(EINVAL);
    }
    match name {
        // No socket is in a group: those are not built yet.
        TIPC_GROUP_LEAVE => Err(EINVAL),
        name => {
            let replicast = name == TIPC_MCAST_REPLICAST;
            sock.state().method.lock().wanted = Some(replicast);
            Ok(())
        }
    }
}

/// Joining a group, which is `struct tipc_group_req`: type, instance, scope, flags. EACCES for a
/// reserved type, EINVAL for a bad scope or a short value, EFAULT; for the rest EOPNOTSUPP, as groups
/// are not built yet.
fn join(value: &OptionValue) -> Result {
    let [service, _instance, scope, _flags] = value.words()?;
    if ServiceType(service).is_reserved() {
        Err(EACCES)
    } else if scope > NODE_SCOPE {
        Err(EINVAL)
    } else {
        Err(EOPNOTSUPP)
    }
}

/// An option's value; none for those that TIPC takes and ignores.
pub fn get(sock: &TipcSock, level: i32, name: i32) -> Result<Option<u32>> {
    let state = sock.state();
    if level == IPPROTO_TCP && state.kind == Kind::Stream {
        return Ok(None);
    }
    if level != SOL_TIPC {
        return Err(ENOPROTOOPT);
    }
    let value = match name {
        TIPC_IMPORTANCE => state.importance().number(),
        TIPC_SRC_DROPPABLE => state.src_droppable.get().into(),
        TIPC_DEST_DROPPABLE => state.dest_droppable.get().into(),
        TIPC_CONN_TIMEOUT => state.connect_timeout.get(),
        TIPC_NODE_RECVQ_DEPTH | TIPC_GROUP_JOIN => 0,
        TIPC_SOCK_RECVQ_DEPTH => state.core.lock().inbox.load().0,
        TIPC_SOCK_RECVQ_USED => state.core.lock().inbox.load().1,
        _ => return Err(EINVAL),
    };
    Ok(Some(value))
}
