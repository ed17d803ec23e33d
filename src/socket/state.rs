// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! A port: what one TIPC socket has.
//!
//! In: messages from `deliver`, options from `options`, requests of the user; out: messages to
//! `recv`. Each lock guards exactly what it holds.

use super::address::Target;
use super::congestion::Congestion;
use super::inbox::Inbox;
use super::kernel::Handler;
use super::pending::Pending;
use crate::proto::broadcast::Method;
use crate::proto::names::SocketBindings;
use crate::proto::port::{Connection, Reading, State, Twins};
use crate::proto::vocab::{Importance, PortId};
use crate::stack::Packet;
use crate::sys::atomic::{fence, Byte, Flag, Word};
use crate::sys::lock::{new_bh_spinlock, BhSpinLock};
use crate::sys::skb::SkBuff;
use kernel::prelude::*;
use kernel::sync::Arc;

/// Time connect() waits for an answer, in milliseconds (C `socket.c:CONN_TIMEOUT_DEFAULT`).
pub const DEFAULT_CONNECT_TIMEOUT: u32 = 8000;

/// Milliseconds between probes of a connection (C `socket.c:CONN_PROBING_INTV`).
pub const PROBE_INTERVAL: u32 = 3_600_000;

/// What a socket was made as.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// SOCK_STREAM: bytes on a connection.
    Stream,
    /// SOCK_SEQPACKET: messages on a connection.
    Seqpacket,
    /// SOCK_RDM or SOCK_DGRAM: messages without one.
    Datagram,
}

/// State of one socket.
#[pin_data]
pub struct Port {
    /// Its port number; set once, before anybody can find it.
    pub number: Word,
    /// What it was made as.
    pub kind: Kind,
    /// `Importance` of what it sends, as a number.
    importance: Byte,
    /// Whether something may be in the inbox. Written with the lock of `core` held only, and never false
    /// with something there when that is let go.
    filled: Flag,
    /// Whether somebody may sleep who has found the inbox empty without the lock.
    trusted: Flag,
    /// TIPC_SRC_DROPPABLE.
    pub src_droppable: Flag,
    /// TIPC_DEST_DROPPABLE: what cannot be delivered is dropped rather than returned.
    pub dest_droppable: Flag,
    /// TIPC_NODELAY.
    pub nodelay: Flag,
    /// What was read on its connection.
    pub reading: Reading,
    /// The nodes whose links take no more of it for now.
    #[pin]
    pub congestion: Congestion,
    /// TIPC_CONN_TIMEOUT, in milliseconds.
    pub connect_timeout: Word,
    /// How its multicasts go to other nodes.
    #[pin]
    pub method: BhSpinLock<Method>,
    /// What it has bound.
    #[pin]
    pub bindings: BhSpinLock<SocketBindings>,
    /// What has come for it, and its connection.
    #[pin]
    pub core: BhSpinLock<Core>,
    /// Where it sends without an address.
    #[pin]
    pub peer: BhSpinLock<Option<Target>>,
}

/// What messages that come may change.
pub struct Core {
    /// Messages to read.
    pub inbox: Inbox,
    /// Multicasts whose turn has not come.
    pub twins: Twins<Packet>,
    /// The connection.
    pub conn: Connection,
    /// How often contact had been lost with any node when it began (`Net::is_over`).
    pub losses: u32,
    /// The connection request, while it waits to be sent again.
    pub request: Option<SkBuff>,
    /// What a stream to another node holds back; not there before it does so first.
    pub pending: Option<KBox<Pending>>,
    /// Who is told of what comes, in a socket of the kernel's own. In a box of its own, as other
    /// sockets need no memory for it then but for one pointer.
    pub handler: Option<KBox<Arc<dyn Handler>>>,
}

impl Port {
    /// A new port; `unreliable` if its messages are droppable at the source.
    pub fn new(kind: Kind, unreliable: bool) -> impl PinInit<Self, Error> {
        let droppable = kind == Kind::Datagram;
        try_pin_init!(Self {
            number: Word::new(0),
            kind,
            importance: Byte::new(0),
            filled: Flag::new(false),
            trusted: Flag::new(false),
            src_droppable: Flag::new(unreliable),
            dest_droppable: Flag::new(droppable),
            nodelay: Flag::new(false),
            reading: Reading::new(),
            congestion <- Congestion::new(),
            connect_timeout: Word::new(DEFAULT_CONNECT_TIMEOUT),
            method <- new_bh_spinlock!(Method::NEW, "tipc_method"),
            bindings <- new_bh_spinlock!(SocketBindings::new(), "tipc_bindings"),
            core <- new_bh_spinlock!(
                Core {
                    inbox: Inbox::new(),
                    twins: Twins::new(),
                    conn: Connection::new(),
                    losses: 0,
                    request: None,
                    pending: None,
                    handler: None,
                },
                "tipc_port"
            ),
            peer <- new_bh_spinlock!(None, "tipc_peer"),
        })
    }

    /// Its port number.
    pub fn port_id(&self) -> PortId {
        PortId(self.number.get())
    }

    /// Importance of what it sends.
    pub fn importance(&self) -> Importance {
        Importance::from_number(self.importance.get().into()).unwrap_or_default()
    }

    /// Sets it.
    pub fn set_importance(&self, importance: Importance) {
        self.importance.set(importance.number() as u8);
    }

    /// Whether it can have connections.
    pub fn connects(&self) -> bool {
        self.kind != Kind::Datagram
    }

    /// State of its connection.
    pub fn conn_state(&self) -> State {
        self.core.lock().conn.state()
    }

    /// Whether something may be in the inbox, as far as can be told without the lock.
    pub fn may_have_more(&self) -> bool {
        self.filled.get()
    }

    /// Whether the inbox is empty, seen without the lock by somebody who may sleep then: he is woken by
    /// what comes, and by `put_back`.
    pub fn trusts_empty(&self) -> bool {
        if self.filled.get() {
            return false;
        }
        self.trusted.set(true);
        fence();
        !self.filled.get()
    }

    /// Somebody has taken a message out, or has looked for one: there may be more, or nothing.
    pub fn is_left_with(&self, _core: &Core, more: bool) {
        self.filled.set(more);
    }

    /// `Inbox::admit`, with the lock held to which `core` belongs. The caller wakes who waits to read
    /// if it is not handed back.
    pub fn admit(&self, core: &mut Core, skb: SkBuff, limit: u64) -> Result<(), SkBuff> {
        self.filled.set(true);
        core.inbox.admit(skb, limit)?;
        self.trusted.set(false);
        Ok(())
    }

    /// `Inbox::put_back`; also true if somebody may sleep who has trusted that the inbox is empty.
    ///
    /// That nobody is missed: here `filled` is written before `trusted` is read, there it is the other
    /// way round, each with a full barrier between, so that one sees the other. `trusted` is forgotten,
    /// here and in `admit`, only before all who sleep are woken; who had said it was in the wait queue
    /// before and looks again.
    pub fn put_back(&self, skb: SkBuff) -> Result<bool, SkBuff> {
        let missed = {
            let mut core = self.core.lock();
            self.filled.set(true);
            core.inbox.put_back(skb)?
        };
        fence();
        let trusted = self.trusted.get();
        self.trusted.set(false);
        Ok(missed || trusted)
    }
}
