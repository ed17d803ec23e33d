// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! poll(): what can be done with a socket now.
//!
//! In: a socket; out: events. Replaces C `socket.c:tipc_poll`. Process context.

use super::TipcSock;
use crate::proto::port::State;
use crate::sys::family::Events;

/// The events of a socket.
pub fn poll(sock: &TipcSock) -> Events {
    let connects = sock.state().connects();
    let shut_down = sock.is_shut_down();
    let congested = sock.state().congestion.any();
    let mut core = sock.state().core.lock();
    let unread = !core.inbox.is_empty();
    let (readable, writable) = match core.conn.state() {
        // Whatever is left to read, and whoever has ended it.
        State::Disconnecting => {
            return Events {
                readable: true,
                hung_up: true,
                ..Events::default()
            }
        }
        State::Open => (unread && !connects, !congested),
        State::Established => (unread, core.conn.window.is_open() && !congested),
        State::Listening | State::Connecting => (unread, false),
    };
    Events {
        readable: readable || shut_down,
        writable,
        read_hung_up: shut_down,
        hung_up: shut_down,
    }
}
