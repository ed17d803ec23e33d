// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! The sockets.
//!
//! In: SOCK_GET; out: messages about what `socket` has. Replaces C `socket.c:tipc_nl_sk_dump`.

use super::net_of;
use super::spec::{con, sock, tipc};
use crate::proto::port::State;
use crate::socket::TipcSock;
use crate::sys::directory::Walk;
use crate::sys::genl::{Dump, Page, Request};
use crate::sys::netlink::Writer;
use crate::sys::rcu;
use kernel::prelude::*;

/// SOCK_GET: a message for each socket.
pub struct List;

impl Dump for List {
    type Cursor = Walk;

    fn page(request: &Request<'_>, walk: &mut Walk, page: &mut Page<'_>) -> Result {
        let ports = net_of(request).ports();
        loop {
            let guard = rcu::read_lock();
            let mut ahead = *walk;
            let Some(socket) = ports.next(&mut ahead, &guard) else {
                return Ok(());
            };
            page.message(|out| out.nest(tipc::SOCK, |out| describe(socket, out)))?;
            *walk = ahead;
        }
    }
}

/// What everybody may know of a socket: its address, and its peer or whether it is bound.
pub fn describe(socket: &TipcSock, out: &mut Writer<'_>) -> Result {
    let own = socket.address();
    out.u32(sock::REF, own.port.0)?;
    out.u32(sock::ADDR, own.node.0)?;
    let (state, peer, name) = {
        let core = socket.state().core.lock();
        (core.conn.state(), core.conn.peer(), core.conn.name())
    };
    if state == State::Established {
        return out.nest(sock::CON, |out| {
            out.u32(con::NODE, peer.node.0)?;
            out.u32(con::SOCK, peer.port.0)?;
            let Some((service, instance)) = name else {
                return Ok(());
            };
            out.flag(con::FLAG)?;
            out.u32(con::TYPE, service.0)?;
            out.u32(con::INST, instance)
        });
    }
    if socket.state().bindings.lock().is_empty() {
        return Ok(());
    }
    out.flag(sock::HAS_PUBL)
}
