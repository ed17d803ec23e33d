// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! Room `socket`: AF_TIPC as system calls see it.
//!
//! In: calls of `sys::family`; out: errnos, bytes, and calls of `stack`. One file per call or group
//! of calls: `bind`, `connect`, `accept`, `send` (datagrams), `multicast`, `stream` (connections), `recv`,
//! `recv_stream`, `close`, `options`, `poll`; `state` is what a socket has, `deliver`, `rx` and
//! `signal` are what others do to it, `pending` is what a stream holds back, `kernel` is sockets without a file. Replaces C `socket.c`.

mod accept;
mod address;
mod ancillary;
mod bind;
mod close;
mod congestion;
mod connect;
mod deliver;
mod doors;
mod inbox;
mod ioctl;
pub mod kernel;
mod multicast;
mod options;
mod pending;
mod poll;
mod ports;
mod recv;
mod recv_stream;
mod rx;
mod send;
mod signal;
mod state;
mod stream;

use crate::proto::port::State;
use crate::proto::vocab::SocketAddr;
use crate::stack::settings;
use crate::sys::family::{Events, Family, OptionValue, SocketOps};
use crate::sys::message::{Msg, RecvFlags};
use crate::sys::random;
use crate::sys::sock::Sock;
use crate::sys::user::UserPointer;
use ::kernel::prelude::*;
pub use ports::Net;
use state::{Kind, Port};

/// The address family, by its uAPI number.
pub const AF_TIPC: u32 = 30;
const SOCK_STREAM: u32 = 1;
const SOCK_DGRAM: u32 = 2;
const SOCK_RDM: u32 = 4;
const SOCK_SEQPACKET: u32 = 5;
/// What SO_PEERNAME asks for: the peer, even of a connection that is over.
const PEER_EVEN_GONE: u32 = 2;

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
            SOCK_RDM | SOCK_DGRAM | SOCK_STREAM | SOCK_SEQPACKET => Ok(()),
            _ => Err(EPROTOTYPE),
        }
    }

    fn new(kind: u32) -> impl PinInit<Port, Error> {
        let unreliable = kind == SOCK_DGRAM;
        let kind = match kind {
            SOCK_STREAM => Kind::Stream,
            SOCK_SEQPACKET => Kind::Seqpacket,
            _ => Kind::Datagram,
        };
        Port::new(kind, unreliable)
    }

    fn open(sock: &TipcSock) -> Result {
        sock.set_receive_limit(settings::receive_limit());
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
        close::release(sock);
    }

    fn bind(sock: &TipcSock, address: &[u8]) -> Result {
        bind::bind(sock, address)
    }

    fn connect(sock: &TipcSock, address: &[u8], dont_wait: bool) -> Result {
        connect::connect(sock, address, dont_wait)
    }

    fn listen(sock: &TipcSock) -> Result {
        if sock.state().connects() {
            accept::listen(sock)
        } else {
            Err(EOPNOTSUPP)
        }
    }

    fn wait_to_accept(sock: &TipcSock, dont_wait: bool) -> Result {
        accept::wait_for_request(sock, dont_wait)
    }

    fn accept(sock: &TipcSock, child: &TipcSock) -> Result<bool> {
        accept::accept(sock, child)
    }

    fn pair(one: &TipcSock, two: &TipcSock) -> Result {
        connect::pair(one, two)
    }

    fn timer(sock: &TipcSock) {
        connect::on_timer(sock);
    }

    fn name(sock: &TipcSock, peer: u32) -> Result<[u8; 16]> {
        if peer == 0 {
            return Ok(address::socket_name(sock.address()));
        }
        let core = sock.state().core.lock();
        match core.conn.state() {
            State::Established => {}
            State::Disconnecting if peer == PEER_EVEN_GONE => {}
            _ => return Err(ENOTCONN),
        }
        Ok(address::socket_name(core.conn.peer()))
    }

    fn poll(sock: &TipcSock) -> Events {
        poll::poll(sock)
    }

    fn shutdown(sock: &TipcSock, how: i32) -> Result {
        close::shutdown(sock, how)
    }

    fn send(sock: &TipcSock, msg: &mut Msg<'_>, len: usize) -> Result<usize> {
        if sock.state().connects() {
            stream::send(sock, msg, len)
        } else {
            send::send(sock, msg, len)
        }
    }

    fn receive(sock: &TipcSock, msg: &mut Msg<'_>, len: usize, flags: RecvFlags) -> Result<usize> {
        match sock.state().kind {
            Kind::Stream => recv_stream::receive(sock, msg, len, flags),
            Kind::Seqpacket | Kind::Datagram => recv::receive(sock, msg, len, flags),
        }
    }

    fn ioctl(sock: &TipcSock, command: u32, argument: UserPointer) -> Result {
        ioctl::ioctl(sock, command, argument)
    }

    fn set_option(sock: &TipcSock, level: i32, name: i32, value: &OptionValue) -> Result {
        options::set(sock, level, name, value)
    }

    fn option(sock: &TipcSock, level: i32, name: i32) -> Result<Option<u32>> {
        options::get(sock, level, name)
    }
}

impl TipcSock {
    /// Its own address.
    pub fn address(&self) -> SocketAddr {
        SocketAddr {
            port: self.state().port_id(),
            node: self.net().own_node(),
        }
    }
}
