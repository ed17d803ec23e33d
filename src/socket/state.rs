// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! A port: what one TIPC socket has.
//!
//! In: messages from `send`, options from `options`; out: messages to `recv`. Each lock guards
//! exactly what it holds.

use super::address::Target;
use crate::proto::names::SocketBindings;
use crate::proto::vocab::{Importance, PortId};
use crate::proto::wire::DataHeader;
use crate::sys::atomic::Word;
use crate::sys::lock::{new_bh_spinlock, BhSpinLock};
use crate::sys::skb::{Queue, SkBuff};
use kernel::prelude::*;

/// Time connect() waits for an answer, in milliseconds (C `socket.c:CONN_TIMEOUT_DEFAULT`).
const DEFAULT_CONNECT_TIMEOUT: u32 = 8000;

/// State of one socket.
#[pin_data]
pub struct Port {
    /// Its port number; set once, before anybody can find it.
    pub number: Word,
    /// `Importance` of what it sends, as a number.
    pub importance: Word,
    /// TIPC_SRC_DROPPABLE.
    pub src_droppable: Word,
    /// TIPC_DEST_DROPPABLE: what cannot be delivered is dropped rather than returned.
    pub dest_droppable: Word,
    /// TIPC_CONN_TIMEOUT, in milliseconds.
    pub connect_timeout: Word,
    /// What it has bound.
    #[pin]
    pub bindings: BhSpinLock<SocketBindings>,
    /// What has come for it.
    #[pin]
    pub inbox: BhSpinLock<Inbox>,
    /// Where it sends without an address.
    #[pin]
    pub peer: BhSpinLock<Option<Target>>,
}

impl Port {
    /// A new port; a datagram socket's messages are droppable at the source.
    pub fn new(datagram: bool) -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            number: Word::new(0),
            importance: Word::new(0),
            src_droppable: Word::new(datagram.into()),
            dest_droppable: Word::new(1),
            connect_timeout: Word::new(DEFAULT_CONNECT_TIMEOUT),
            bindings <- new_bh_spinlock!(SocketBindings::new(), "tipc_bindings"),
            inbox <- new_bh_spinlock!(Inbox::new(), "tipc_inbox"),
            peer <- new_bh_spinlock!(None, "tipc_peer"),
        })
    }

    /// Its port number.
    pub fn port_id(&self) -> PortId {
        PortId(self.number.get())
    }

    /// Importance of what it sends.
    pub fn importance(&self) -> Importance {
        Importance::from_number(self.importance.get()).unwrap_or_default()
    }
}

/// Messages that wait to be read. Bounded by `admit`'s limit.
pub struct Inbox {
    queue: Queue,
    bytes: u32,
    closed: bool,
}

impl Inbox {
    fn new() -> Self {
        Inbox {
            queue: Queue::new(),
            bytes: 0,
            closed: false,
        }
    }

    /// Whether there is nothing to read.
    pub fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }

    /// Messages in it, and the memory they take.
    pub fn load(&self) -> (u32, u32) {
        (self.queue.len(), self.bytes)
    }

    /// Takes a message in, unless that would make `limit` bytes (C
    /// `socket.c:tipc_sk_filter_rcv`) or the socket is closed; then hands it back.
    pub fn admit(&mut self, skb: SkBuff, limit: u64) -> Result<(), SkBuff> {
        let bytes = self.bytes.saturating_add(skb.truesize());
        // A saturated count is full whatever the limit says.
        if self.closed || u64::from(bytes) >= limit.min(u32::MAX.into()) {
            return Err(skb);
        }
        self.bytes = bytes;
        self.queue.push_back(skb);
        Ok(())
    }

    /// Takes the first message out.
    pub fn take(&mut self) -> Option<SkBuff> {
        let skb = self.queue.pop_front()?;
        self.bytes = self.bytes.saturating_sub(skb.truesize());
        Some(skb)
    }

    /// Puts back what was taken and not read to its end; handed back if the socket is closed.
    pub fn put_back(&mut self, skb: SkBuff) -> Result<(), SkBuff> {
        if self.closed {
            return Err(skb);
        }
        self.bytes = self.bytes.saturating_add(skb.truesize());
        self.queue.push_front(skb);
        Ok(())
    }

    /// The first message, which stays, and how much of it was read.
    pub fn peek(&self) -> Option<SkBuff> {
        self.queue.share_front()
    }

    /// Takes the first message out if there is nothing in it to read.
    pub fn take_empty(&mut self) -> Option<SkBuff> {
        let front = self.queue.share_front()?;
        let empty = DataHeader::read(front.linear())
            .is_none_or(|header| header.error.is_none() && front.len() <= header.len());
        front.consume();
        if empty {
            self.take()
        } else {
            None
        }
    }

    /// Nothing comes in from here on; what was in, to be freed without the lock.
    pub fn close(&mut self) -> Queue {
        self.closed = true;
        self.bytes = 0;
        core::mem::replace(&mut self.queue, Queue::new())
    }
}
