// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! connect() and socketpair(): how connections, and default destinations, begin.
//!
//! In: the bytes of a user's address; out: a connection request, to `deliver`, and an answer awaited.
//! Replaces C `socket.c:tipc_connect`, `tipc_wait_for_connect`, `tipc_sk_retry_connect` and
//! `tipc_socketpair`. Process context but for `try_again`.

use super::address::{self, Target};
use super::deliver::deliver;
use super::doors::{is_remote, post};
use super::pending::{flush_port, release};
use super::rx::{self, News, What};
use super::send::{header_of, reach, resolve};
use super::signal::{signal, Signal};
use super::state::{Core, PROBE_INTERVAL};
use super::TipcSock;
use crate::proto::port::{blocks, Name, State};
use crate::proto::vocab::{ErrorCode, SocketAddr};
use crate::proto::wire::{DataHeader, Destination};
use crate::sys::lock::BhGuard;
use crate::sys::message::Msg;
use crate::sys::skb::SkBuff;
use crate::sys::sock::Timeout;
use kernel::prelude::*;

/// connect(). A datagram socket gets a default destination, or with AF_UNSPEC none. EINVAL unless
/// the address has exactly its size.
pub fn connect(sock: &TipcSock, bytes: &[u8], dont_wait: bool) -> Result {
    if bytes.len() != address::SIZE {
        return Err(EINVAL);
    }
    if !sock.state().connects() {
        let peer = if address::is_unspecified(bytes) {
            None
        } else {
            Some(address::parse(bytes)?.target)
        };
        *sock.state().peer.lock() = peer;
        return Ok(());
    }
    let target = address::parse(bytes)?.target;
    if matches!(target, Target::Range(_)) {
        return Err(EINVAL);
    }
    connect_to(sock, target, dont_wait)
}

/// EISCONN, EINVAL if the socket listens or had a connection, EOPNOTSUPP if it is bound,
/// EHOSTUNREACH; EINPROGRESS and EALREADY without waiting; ECONNREFUSED, ETIMEDOUT, EINTR.
fn connect_to(sock: &TipcSock, target: Target, dont_wait: bool) -> Result {
    let timeout = sock.state().connect_timeout.get();
    let dont_wait = dont_wait || timeout == 0;
    match sock.state().conn_state() {
        State::Open => {
            request(sock, target, None, 0)?;
            if dont_wait {
                return Err(EINPROGRESS);
            }
        }
        State::Connecting if dont_wait => return Err(EALREADY),
        State::Connecting => {}
        State::Established => return Err(EISCONN),
        State::Listening | State::Disconnecting => return Err(EINVAL),
    }
    wait_for_answer(sock, &mut Timeout::from_ms(timeout)).map_err(|err| match err {
        EAGAIN => ETIMEDOUT,
        other => other,
    })
}

/// Waits until a connection request is answered or refused; EAGAIN when the time is over.
pub fn wait_for_answer(sock: &TipcSock, timeout: &mut Timeout) -> Result {
    // The error is looked for last: it is left before the state can be seen to have changed.
    sock.wait(timeout, || {
        let waits = sock.state().conn_state() == State::Connecting;
        (!waits).then(|| sock.take_error())
    })
}

/// Sends a connection request, with `len` bytes of `msg` if there is one. EPIPE if the socket
/// listens, EISCONN if it has a connection, EOPNOTSUPP if it is bound, EHOSTUNREACH.
pub fn request(sock: &TipcSock, target: Target, msg: Option<&mut Msg<'_>>, len: usize) -> Result {
    may_request(sock)?;
    let (to, destination) = resolve(sock, target)?;
    if !to.node.is_own(sock.net().own_node()) && !sock.net().is_reachable(to.node) {
        return Err(EHOSTUNREACH);
    }
    let header = DataHeader {
        syn: true,
        ..header_of(sock, to, destination)
    };
    let mut skb = match msg {
        Some(msg) => SkBuff::from_user(reach(sock, &header, len), header.len(), len, msg)?,
        None => SkBuff::from_bytes(reach(sock, &header, len), header.len(), &[])?,
    };
    if !header.write(len, skb.linear_mut()) {
        return Err(EMSGSIZE);
    }
    // A request that comes back from another node is without its data.
    let kept = match is_remote(sock.net(), &header) {
        true => Some(skb.copied().ok_or(ENOMEM)?),
        false => None,
    };
    let name = match destination {
        Destination::Named {
            service, instance, ..
        } => Some((service, instance)),
        _ => None,
    };
    {
        let losses = sock.net().losses();
        let mut core = sock.state().core.lock();
        if !core.conn.begin(to, name) {
            return Err(EISCONN);
        }
        core.request = kept;
        core.losses = losses;
        if len != 0 {
            let size = header.len().saturating_add(len);
            core.conn.window.on_send(blocks(size));
        }
        sock.show_state(core.conn.state().number());
    }
    post(sock, skb, header).inspect_err(|_| {
        let mut core = sock.state().core.lock();
        core.conn.begin_failed();
        let request = core.request.take();
        sock.show_state(core.conn.state().number());
        drop(core);
        drop(request);
    })
}

/// Whether the socket is new and not bound, as one that asks for a connection must be.
pub fn may_request(sock: &TipcSock) -> Result {
    match sock.state().conn_state() {
        State::Open => {}
        State::Listening => return Err(EPIPE),
        State::Connecting | State::Established | State::Disconnecting => return Err(EISCONN),
    }
    if sock.state().bindings.lock().is_empty() {
        Ok(())
    } else {
        Err(EOPNOTSUPP)
    }
}

/// Sends a connection request again that was refused for overload. Softirq.
fn try_again(sock: &TipcSock) {
    let request = {
        let mut core = sock.state().core.lock();
        match core.conn.state() {
            State::Connecting => core.request.take(),
            _ => None,
        }
    };
    let Some(mut skb) = request else {
        return;
    };
    let Some(found) = DataHeader::read(skb.linear()) else {
        return;
    };
    let target = match found.error {
        Some(_) => found.origin,
        None => found.target,
    };
    let header = DataHeader {
        error: None,
        origin: sock.address(),
        target,
        ..found
    };
    if is_remote(sock.net(), &header) {
        keep(sock, skb.copied());
    }
    let data = skb.len().saturating_sub(header.len());
    if header.write(data, skb.linear_mut()) {
        deliver(sock.net(), skb, &header, None);
    }
}

/// Keeps a copy of a connection request to another node.
fn keep(sock: &TipcSock, request: Option<SkBuff>) {
    let mut core = sock.state().core.lock();
    let unused = match core.conn.state() {
        State::Connecting => core::mem::replace(&mut core.request, request),
        _ => request,
    };
    drop(core);
    drop(unused);
}

/// The socket's timer: a request to send again, or a peer to probe (C
/// `socket.c:tipc_sk_timeout`). Softirq.
pub fn on_timer(sock: &TipcSock) {
    try_again(sock);
    let mut core = sock.state().core.lock();
    match core.conn.probe() {
        None => {}
        Some(true) => {
            // With the lock held, so that it is not after the close.
            sock.start_timer(PROBE_INTERVAL);
            let peer = core.conn.peer();
            // An acknowledgement that was to let it go may have been lost for lack of memory.
            let due = release(&mut core);
            drop(core);
            if due {
                flush_port(sock.net(), sock.address().port);
            }
            probe(sock, peer);
        }
        Some(false) => {
            sock.set_error(ECONNABORTED);
            over(sock, core);
        }
    }
}

/// Asks the peer whether it is there; its answer is at once. If nobody is, the connection is over.
fn probe(sock: &TipcSock, peer: SocketAddr) {
    let there = signal(sock.net(), sock.address(), peer, Signal::Probe);
    let own = sock.net().own_node();
    let mut core = sock.state().core.lock();
    if there {
        core.conn.is_alive(peer, own);
    } else if core.conn.on_end(peer, own, ErrorCode::NoPort) {
        over(sock, core);
    }
}

/// Shows and tells that the connection is over.
fn over(sock: &TipcSock, core: BhGuard<'_, Core>) {
    sock.show_state(core.conn.state().number());
    let news = News::of(&core, Some(What::Changed), None);
    drop(core);
    rx::tell(sock, news).finish(sock.net());
}

/// Connects two new sockets to each other; datagram sockets also get each other as destination.
pub fn pair(one: &TipcSock, two: &TipcSock) -> Result {
    for (sock, peer) in [(one, two), (two, one)] {
        let peer = peer.address();
        *sock.state().peer.lock() = Some(Target::Socket(peer));
        establish(sock, peer, None)?;
    }
    Ok(())
}

/// Makes a new socket one end of a connection.
pub fn establish(sock: &TipcSock, peer: SocketAddr, name: Option<Name>) -> Result {
    let losses = sock.net().losses();
    let mut core = sock.state().core.lock();
    if !core.conn.establish(peer, name) {
        return Err(EINVAL);
    }
    core.losses = losses;
    sock.show_state(core.conn.state().number());
    drop(core);
    sock.start_timer(PROBE_INTERVAL);
    Ok(())
}
