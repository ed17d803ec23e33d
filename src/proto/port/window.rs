// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! Flow control of a connection, in blocks of 1 kB.
//!
//! In: sizes of messages sent, received and acknowledged; out: whether more may be sent, and when
//! and what to acknowledge. Replaces C `socket.c:tsk_inc`, `tsk_conn_cong`, `tsk_adv_blocks` and
//! `tipc_sk_build_ack`.

use core::sync::atomic::{AtomicU32, Ordering::Relaxed};

/// Size of a block (C `socket.c:FLOWCTL_BLK_SZ`).
const BLOCK: usize = 1024;

/// Blocks either end may have on its way before the first acknowledgement says otherwise: a quarter
/// of the smallest receive buffer, 512 kB (C `socket.c:tsk_adv_blocks(RCVBUF_MIN)`).
const FIRST_WINDOW: u32 = 128;

/// An acknowledgement is due when this part of the window was read (C `TIPC_ACK_RATE`).
const ACK_PART: u32 = 4;

/// What a message of `size` bytes, header included, takes of the window.
pub fn blocks(size: usize) -> u32 {
    ((size / BLOCK) as u32).saturating_add(1)
}

/// What one end of a connection sends.
#[derive(Clone, Copy)]
pub struct Window {
    /// Blocks sent and not acknowledged.
    sent: u32,
    /// The peer's advertised limit of that.
    limit: u32,
}

impl Window {
    /// The window of a new connection.
    pub const fn new() -> Self {
        Window {
            sent: 0,
            limit: FIRST_WINDOW,
        }
    }

    /// Whether a message may be sent: the one that goes over the limit still may.
    pub fn is_open(&self) -> bool {
        self.sent <= self.limit
    }

    /// A message of `blocks` was sent.
    pub fn on_send(&mut self, blocks: u32) {
        self.sent = self.sent.saturating_add(blocks);
    }

    /// It was not sent after all; whether that opens the window.
    pub fn take_back(&mut self, blocks: u32) -> bool {
        let was_open = self.is_open();
        self.sent = self.sent.saturating_sub(blocks);
        !was_open && self.is_open()
    }

    /// Whether as many as `blocks` were sent and not acknowledged.
    pub fn believes(&self, blocks: u32) -> bool {
        blocks <= self.sent
    }

    /// The peer has read `blocks` and advertises `limit`. One that acknowledges more than was sent
    /// is not believed. Whether that opens the window.
    pub fn on_ack(&mut self, blocks: u32, limit: u32) -> bool {
        if !self.believes(blocks) {
            return false;
        }
        let was_open = self.is_open();
        self.sent = self.sent.saturating_sub(blocks);
        self.limit = limit;
        !was_open && self.is_open()
    }
}

/// What it reads, counted without a lock: for each message, by whoever has read it. It is acknowledged
/// with the connection's lock held.
pub struct Reading {
    /// Blocks read and not acknowledged.
    read: AtomicU32,
    /// The limit this end has advertised.
    advertised: AtomicU32,
}

impl Reading {
    /// That of a new connection.
    pub const fn new() -> Self {
        Reading {
            read: AtomicU32::new(0),
            advertised: AtomicU32::new(FIRST_WINDOW),
        }
    }

    /// A message of `blocks` was read; whether an acknowledgement is due.
    pub fn on_read(&self, blocks: u32) -> bool {
        let before = self.read.fetch_add(blocks, Relaxed);
        self.reaches(before.wrapping_add(blocks))
    }

    /// Whether an acknowledgement is due.
    pub fn is_due(&self) -> bool {
        self.reaches(self.read.load(Relaxed))
    }

    fn reaches(&self, read: u32) -> bool {
        read >= self.advertised.load(Relaxed) / ACK_PART
    }

    /// What to acknowledge now and the limit to advertise, for a receive buffer of `bytes`. Both fit
    /// the 16 bits they have on the wire. By one caller at a time.
    pub fn take_ack(&self, bytes: u32) -> (u32, u32) {
        let read = self.read.load(Relaxed).min(u32::from(u16::MAX));
        self.read.fetch_sub(read, Relaxed);
        let advertised = (bytes / BLOCK as u32 / 4) & u32::from(u16::MAX);
        self.advertised.store(advertised, Relaxed);
        (read, advertised)
    }
}
