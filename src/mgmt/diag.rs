// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! The sockets for `ss --tipc`.
//!
//! In: sock_diag requests for AF_TIPC; out: a message for each socket in one of the states asked for.
//! Replaces C `diag.c` and `socket.c:tipc_sk_fill_sock_diag`.

use super::socket::describe;
use super::spec::{sock, sock_stat, tipc};
use crate::proto::port::State;
use crate::socket::{Tipc, TipcSock, AF_TIPC};
use crate::sys::diag::{Diag, Handler, Page, Request};
use crate::sys::directory::Walk;
use crate::sys::netlink::Writer;
use crate::sys::rcu;
use kernel::prelude::*;

static HANDLER: Handler<Tipc> = Handler::new(AF_TIPC as u8);

impl Diag for Tipc {
    type Cursor = Walk;

    fn handler() -> &'static Handler<Self> {
        &HANDLER
    }

    fn page(request: &Request<'_, Self>, walk: &mut Walk, page: &mut Page<'_>) -> Result {
        let ports = request.net().ports();
        let states = request.states();
        loop {
            let guard = rcu::read_lock();
            let mut ahead = *walk;
            let Some(socket) = ports.next(&mut ahead, &guard) else {
                return Ok(());
            };
            let state = u32::from(socket.state().conn_state().number());
            if states.checked_shr(state).unwrap_or(0) & 1 != 0 {
                page.message(|out| {
                    out.nest(tipc::SOCK, |out| {
                        describe(socket, out)?;
                        details(request, socket, state, out)
                    })
                })?;
            }
            *walk = ahead;
        }
    }
}

/// What only diagnosis tells.
fn details(
    request: &Request<'_, Tipc>,
    socket: &TipcSock,
    state: u32,
    out: &mut Writer<'_>,
) -> Result {
    let facts = request.facts(socket);
    out.u32(sock::TYPE, facts.kind)?;
    out.u32(sock::TIPC_STATE, state)?;
    out.u32(sock::INO, facts.inode)?;
    out.u32(sock::UID, facts.uid)?;
    out.bytes(sock::COOKIE, &facts.cookie.to_ne_bytes())?;
    let (received, sent, congested) = {
        let core = socket.state().core.lock();
        let sent = u32::from(core.conn.state() == State::Connecting);
        (core.inbox.load().0, sent, !core.conn.window.is_open())
    };
    out.nest(sock::STAT, |out| {
        out.u32(sock_stat::RCVQ, received)?;
        out.u32(sock_stat::SENDQ, sent)?;
        out.u32(sock_stat::DROP, facts.drops)?;
        if congested {
            out.flag(sock_stat::CONN_CONG)?;
        }
        Ok(())
    })
}
