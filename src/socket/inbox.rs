// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! The messages that wait in a socket to be read.
//!
//! In: buffers from `deliver`; out: buffers to `recv` and `accept`. Part of a port's `Core`, used
//! with its lock held.

use crate::proto::wire::Arrival;
use crate::sys::skb::{Queue, SkBuff};

/// Messages that wait to be read. Bounded by `admit`'s limit.
pub struct Inbox {
    queue: Queue,
    bytes: u32,
    closed: bool,
    /// Whether somebody has found it empty since a message came in.
    missed: bool,
}

impl Inbox {
    /// An empty one.
    pub fn new() -> Self {
        Inbox {
            queue: Queue::new(),
            bytes: 0,
            closed: false,
            missed: false,
        }
    }

    /// Whether there is nothing to read; for those who would wait then.
    pub fn is_empty(&mut self) -> bool {
        let empty = self.queue.is_empty();
        self.missed |= empty;
        empty
    }

    /// Whether there is anything to read, for those who do not wait for it.
    pub fn has_more(&self) -> bool {
        !self.queue.is_empty()
    }

    /// Messages in it, and the memory they take.
    pub fn load(&self) -> (u32, u32) {
        (self.queue.len(), self.bytes)
    }

    /// Whether the socket is closed, and nothing comes in any more.
    pub fn is_closed(&self) -> bool {
        self.closed
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
        self.missed = false;
        self.queue.push_back(skb);
        Ok(())
    }

    /// Takes the first message out.
    pub fn take(&mut self) -> Option<SkBuff> {
        let Some(skb) = self.queue.pop_front() else {
            self.missed = true;
            return None;
        };
        self.bytes = self.bytes.saturating_sub(skb.truesize());
        Some(skb)
    }

    /// Puts back what was taken and not read to its end; handed back if the socket is closed. True if
    /// somebody has missed it meanwhile and is to be woken.
    pub fn put_back(&mut self, skb: SkBuff) -> Result<bool, SkBuff> {
        if self.closed {
            return Err(skb);
        }
        self.bytes = self.bytes.saturating_add(skb.truesize());
        self.queue.push_front(skb);
        Ok(core::mem::take(&mut self.missed))
    }

    /// The first message, which stays, and how much of it was read.
    pub fn peek(&mut self) -> Option<SkBuff> {
        self.missed |= self.queue.is_empty();
        self.queue.share_front()
    }

    /// Takes the first message out if there is nothing in it to read.
    pub fn take_empty(&mut self) -> Option<SkBuff> {
        let front = self.queue.share_front()?;
        let empty = Arrival::read(front.linear())
            .is_none_or(|header| header.error.is_none() && front.len() <= header.len);
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
        self.take_all()
    }

    /// Everything in it, to be freed without the lock.
    pub fn take_all(&mut self) -> Queue {
        self.bytes = 0;
        core::mem::replace(&mut self.queue, Queue::new())
    }
}
