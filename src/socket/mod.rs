// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! Room `socket`: AF_TIPC as system calls see it.
//!
//! In: calls of `sys::family`; out: errnos, bytes, and calls of `stack`. One file per call or pair
//! of calls: `address` (sockaddr_tipc), `port` (a socket's state), `bind`, `send`, `deliver`,
//! `recv`, `options`. Replaces C `socket.c`.

mod address;
mod bind;
mod deliver;
mod options;
mod ports;
mod recv;
mod send;
mod state;

use crate::proto::vocab::SocketAddr;
use crate::sys::family::{Events, Family, SocketOps};
use crate::sys::message::{Msg, RecvFlags};
use crate::sys::random;
use crate::sys::sock::Sock;
use kernel::prelude::*;
pub use ports::Net;
use state::Port;

/// The address family, by its uAPI number.
const AF_TIPC: u32 = 30;
const SOCK_STREAM: u32 = 1;
const SOCK_DGRAM: u32 = 2;
const SOCK_RDM: u32 = 4;
const SOCK_SEQPACKET: u32 = 5;
/// shutdown() of both directions, the only one TIPC knows.
const SHUT_RDWR: i32 = 2;

/// Receive buffer of a new socket, in bytes (C: middle value of `net.tipc.tipc_rmem`).
const DEFAULT_RECEIVE_LIMIT: i32 = 2_097_152;

/// The AF_TIPC family.
pub struct Tipc;

/// A TIPC socket.
pub type TipcSock = Sock<Tipc>;

static FAMILY: Family<Tipc> = Family::new(AF_TIPC, c"TIPC");

impl SocketOps for Tipc {
    type State = Port;
    type Net = Net;

    fn family() -> &'static Family<Self> {
        &FAMILY
    }

    fn check(kind: u32, protocol: i32) -> Result {
        if protocol != 0 {
            return Err(EPROTONOSUPPORT);
        }
        match kind {
            SOCK_RDM | SOCK_DGRAM => Ok(()),
            // Connections are not built yet.
            SOCK_STREAM | SOCK_SEQPACKET => Err(EOPNOTSUPP),
            _ => Err(EPROTOTYPE),
        }
    }

    fn new(kind: u32) -> impl PinInit<Port, Error> {
        Port::new(kind == SOCK_DGRAM)
    }

    fn open(sock: &TipcSock) -> Result {
        sock.set_receive_limit(DEFAULT_RECEIVE_LIMIT);
        // EINVAL is what the C module answers when there is no free port number.
        let port = sock
            .net()
            .ports()
            .insert(sock, random::word())
            .ok_or(EINVAL)?;
        sock.state().number.set(port);
        Ok(())
    }

    fn release(sock: &TipcSock) {
        sock.net().unbind_all(&sock.state().bindings);
        sock.net().ports().remove(sock);
        let unread = sock.state().inbox.lock().close();
        recv::give_back_unread(sock, unread);
    }

    fn bind(sock: &TipcSock, address: &[u8]) -> Result {
        bind::bind(sock, address)
    }

    fn connect(sock: &TipcSock, address: &[u8]) -> Result {
        bind::connect(sock, address)
    }

    fn name(sock: &TipcSock, peer: bool) -> Result<[u8; 16]> {
        if peer {
            return Err(ENOTCONN);
        }
        let own = SocketAddr {
            port: sock.state().port_id(),
            node: sock.net().own_node(),
        };
        Ok(address::socket_name(own))
    }

    fn poll(sock: &TipcSock) -> Events {
        Events {
            readable: !sock.state().inbox.lock().is_empty(),
            writable: true,
            hung_up: sock.is_shut_down(),
        }
    }

    fn shutdown(sock: &TipcSock, how: i32) -> Result {
        if how != SHUT_RDWR {
            return Err(EINVAL);
        }
        sock.shut_down();
        Err(ENOTCONN)
    }

    fn send(sock: &TipcSock, msg: &mut Msg<'_>, len: usize) -> Result<usize> {
        send::send(sock, msg, len)
    }

    fn receive(sock: &TipcSock, msg: &mut Msg<'_>, len: usize, flags: RecvFlags) -> Result<usize> {
        recv::receive(sock, msg, len, flags)
    }

    fn set_option(
        sock: &TipcSock,
        level: i32,
        name: i32,
        len: usize,
        value: &mut dyn FnMut() -> Result<u32>,
    ) -> Result {
        options::set(sock, level, name, len, value)
    }

    fn option(sock: &TipcSock, level: i32, name: i32) -> Result<u32> {
        options::get(sock, level, name)
    }
}
