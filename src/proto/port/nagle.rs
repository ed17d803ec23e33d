// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! Small sends in a row on a stream: when to ask for an acknowledgement at once.
//!
//! In: sizes of messages sent, and that something came; out: whether a message asks. Replaces the
//! counters of C `socket.c:__tipc_sendstream` and `tipc_sk_push_backlog`. On one node the answer is
//! there before the next send, so nothing is ever held back; what is left of Nagle's algorithm is
//! that the reader's window is told early.

/// Longest message that counts as small, in bytes of data (C `socket.c:tsk_set_nagle`).
const SMALL: usize = 1500;

/// Sends in a row before the first that asks (C `NAGLE_START_INIT`).
const FIRST: u32 = 4;

/// The most there can be (C `NAGLE_START_MAX`).
const MOST: u32 = 1024;

/// The counters of one direction.
#[derive(Clone, Copy)]
pub struct Nagle {
    row: u32,
    start: u32,
}

impl Nagle {
    /// Those of a new connection.
    pub const fn new() -> Self {
        Nagle {
            row: 0,
            start: FIRST,
        }
    }

    /// A message of `size` bytes of data is sent; whether it asks for an acknowledgement. As the
    /// answer shows that nothing was gained by waiting, the next to ask is twice as far away.
    pub fn on_send(&mut self, size: usize) -> bool {
        let asks = self.row >= self.start && size <= SMALL;
        if asks {
            self.row = 0;
            self.start = self.start.saturating_mul(2).min(MOST);
        } else {
            self.row = self.row.saturating_add(1);
        }
        asks
    }

    /// Something came, so the sends are not in a row.
    pub fn on_receive(&mut self) {
        self.row = 0;
    }
}
