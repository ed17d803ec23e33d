// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! Flow control of a connection, in blocks of 1 kB.
//!
//! In: sizes of messages sent, received and acknowledged; out: whether more may be sent, and when
//! and what to acknowledge. Replaces C `socket.c:tsk_inc`, `tsk_conn_cong`, `tsk_adv_blocks` and
//! `tipc_sk_build_ack`.

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

/// Both directions of one end of a connection.
#[derive(Clone, Copy)]
pub struct Window {
    /// Blocks sent and not acknowledged.
    sent: u32,
    /// The peer's advertised limit of that.
    limit: u32,
    /// Blocks read and not acknowledged.
    read: u32,
    /// The limit this end has advertised.
    advertised: u32,
}

impl Window {
    /// The window of a new connection.
    pub const fn new() -> Self {
        Window {
            sent: 0,
            limit: FIRST_WINDOW,
            read: 0,
            advertised: FIRST_WINDOW,
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

    /// A message of `blocks` was read; whether an acknowledgement is due.
    pub fn on_read(&mut self, blocks: u32) -> bool {
        self.read = self.read.saturating_add(blocks);
        self.read >= self.advertised / ACK_PART
    }

    /// What to acknowledge now and the limit to advertise, for a receive buffer of `bytes`. Both fit
    /// the 16 bits they have on the wire.
    pub fn take_ack(&mut self, bytes: u32) -> (u32, u32) {
        let read = self.read.min(u32::from(u16::MAX));
        self.read = self.read.saturating_sub(read);
        self.advertised = (bytes / BLOCK as u32 / 4) & u32::from(u16::MAX);
        (read, self.advertised)
    }
}
