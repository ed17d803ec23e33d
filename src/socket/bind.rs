// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! bind().
//!
//! In: the bytes of a user's address; out: a binding in `stack`. Replaces C `socket.c:tipc_bind` and
//! `__tipc_bind`.

use super::address::{self, Target};
use super::TipcSock;
use crate::proto::port::State;
use crate::proto::vocab::{Scope, ServiceRange};
use kernel::prelude::*;

/// Binds a range or one instance; an empty address withdraws all, a negative scope one binding.
/// EAFNOSUPPORT for a socket address, EACCES for TIPC's own service types, EINVAL on a connected
/// socket, which may still withdraw.
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
    if state.conn_state() == State::Established {
        return Err(EINVAL);
    }
    sock.net()
        .bind(range, scope, state.port_id(), &state.bindings)
}
