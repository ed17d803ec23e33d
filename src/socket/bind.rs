// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! bind() and connect() of datagram sockets.
//!
//! In: the bytes of a user's address; out: a binding in `stack`, or a default destination. Replaces
//! C `socket.c:tipc_bind`, `__tipc_bind` and the datagram half of `tipc_connect`.

use super::address::{self, Target};
use super::TipcSock;
use crate::proto::vocab::{Scope, ServiceRange, SocketAddr};
use kernel::prelude::*;

/// Binds a range or one instance; an empty address withdraws all, a negative scope one binding.
/// EINVAL, EAFNOSUPPORT for a socket address, EACCES for TIPC's own service types.
pub fn bind(sock: &TipcSock, bytes: &[u8]) -> Result {
    let state = sock.state();
    if bytes.is_empty() {
        sock.net().unbind_all(&state.bindings);
        return Ok(());
    }
    let address = address::parse(bytes)?;
    let range = match address.target {
        Target::Range(range) => range,
        Target::Service {
            service, instance, ..
        } => ServiceRange::single(service, instance),
        Target::Socket(_) => return Err(EAFNOSUPPORT),
    };
    if range.service().is_reserved() {
        return Err(EACCES);
    }
    let scope = Scope::from_user(address.scope.unsigned_abs());
    if address.scope < 0 {
        return sock.net().unbind(range, scope, &state.bindings);
    }
    let own = SocketAddr {
        port: state.port_id(),
        node: sock.net().own_node(),
    };
    sock.net().bind(range, scope, own, &state.bindings)
}

/// Sets the default destination, or with AF_UNSPEC forgets it. EINVAL unless the address has
/// exactly its size.
pub fn connect(sock: &TipcSock, bytes: &[u8]) -> Result {
    if bytes.len() != address::SIZE {
        return Err(EINVAL);
    }
    let peer = if address::is_unspecified(bytes) {
        None
    } else {
        Some(address::parse(bytes)?.target)
    };
    *sock.state().peer.lock() = peer;
    Ok(())
}
