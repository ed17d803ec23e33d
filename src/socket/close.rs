// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! shutdown() and close().
//!
//! In: a socket; out: the peer told, unread messages returned. Replaces C `socket.c:__tipc_shutdown`,
//! `tipc_shutdown` and `tipc_release`. Process context, no lock held.

use super::deliver::give_back;
use super::pending::settled;
use super::signal::{signal, Signal};
use super::state::DEFAULT_CONNECT_TIMEOUT;
use super::TipcSock;
use crate::proto::port::State;
use crate::proto::vocab::{ErrorCode, SocketAddr};
use crate::proto::wire::DataHeader;
use crate::sys::skb::{DropReason, Queue, SkBuff};
use crate::sys::sock::Timeout;
use kernel::prelude::*;

/// shutdown() of both directions, the only one TIPC knows.
const SHUT_RDWR: i32 = 2;

/// shutdown(): EINVAL unless of both directions; ENOTCONN if there was no connection, though those
/// who poll see the socket as shut down.
pub fn shutdown(sock: &TipcSock, how: i32) -> Result {
    if how != SHUT_RDWR {
        return Err(EINVAL);
    }
    linger(sock);
    end(sock, ErrorCode::ConnectionShutdown, false);
    sock.shut_down();
    if sock.state().conn_state() == State::Disconnecting {
        Ok(())
    } else {
        Err(ENOTCONN)
    }
}

/// The last close: nobody finds the socket any more, and everybody who waits for it is told.
pub fn release(sock: &TipcSock) {
    linger(sock);
    sock.net().unbind_all(&sock.state().bindings);
    end(sock, ErrorCode::NoPort, true);
    // After the end: whoever sends what was held back finds the socket by its port, and what comes for
    // a port that is not there is refused, which the peer must not hear before the end.
    sock.net().ports().remove(sock);
    sock.stop_timer();
}

/// Waits up to 8 s while the peer's window or a link is full, as C does, so that what was sent before
/// is read first. A signal ends it.
fn linger(sock: &TipcSock) {
    let _ = sock.wait(&mut Timeout::from_ms(DEFAULT_CONNECT_TIMEOUT), || {
        let congested = sock.state().congestion.any();
        let core = sock.state().core.lock();
        let full = match core.conn.state() {
            State::Established => congested || !core.conn.window.is_open(),
            State::Open => congested && !sock.state().connects(),
            State::Listening | State::Connecting | State::Disconnecting => false,
        };
        (!full).then_some(Ok(()))
    });
}

/// Ends the connection. The peer gets the first unread message back with the end of the connection,
/// a datagram socket's senders and a listener's clients all of theirs. A message that was read in
/// part goes to nobody.
pub fn end(sock: &TipcSock, why: ErrorCode, close: bool) {
    let connects = sock.state().connects();
    let mut core = settled(sock);
    let returns_all = !connects || core.conn.state() == State::Listening;
    let mut unread = if close {
        core.inbox.close()
    } else {
        core.inbox.take_all()
    };
    let handler = core.handler.take_if(|_| close);
    let (request, pending) = (core.request.take(), core.pending.take());
    let peer = if connects { core.conn.shut() } else { None };
    sock.show_state(core.conn.state().number());
    drop(core);
    drop((handler, request, pending));
    let mut first = unread.pop_front();
    if let Some(begun) = first.take_if(|skb| skb.note() != 0) {
        begun.consume();
        first = unread.pop_front();
    }
    if returns_all {
        give_back_all(sock, first, unread, why);
    } else if let Some(peer) = peer {
        tell_end(sock, peer, first, why);
        if !close {
            sock.state().core.lock().conn.told();
        }
    }
}

/// Returns an unread message to the peer as the end of the connection; without one, or without
/// memory for that, just the end.
fn tell_end(sock: &TipcSock, peer: SocketAddr, unread: Option<SkBuff>, why: ErrorCode) {
    if let Some(skb) = unread {
        match DataHeader::read(skb.linear()) {
            Some(header) if header.origin.port == peer.port => {
                if give_back(sock.net(), skb, &header, why) {
                    return;
                }
            }
            _ => skb.consume(),
        }
    }
    signal(sock.net(), sock.address(), peer, Signal::End(why));
}

fn give_back_all(sock: &TipcSock, first: Option<SkBuff>, mut rest: Queue, why: ErrorCode) {
    let mut next = first;
    while let Some(skb) = next {
        match DataHeader::read(skb.linear()) {
            Some(header) => {
                give_back(sock.net(), skb, &header, why);
            }
            None => skb.drop_because(DropReason::Closed),
        }
        next = rest.pop_front();
    }
}
