// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! Small sends in a row on a stream: when to hold them back, when to let them go, when to ask for an
//! acknowledgement at once.
//!
//! In: sizes of messages sent, and that something came; out: what to do with a message. Replaces the
//! counters of C `socket.c:__tipc_sendstream` and `tipc_sk_push_backlog`. On one node the answer is
//! there before the next send, so nothing is ever held back; what is left of Nagle's algorithm there
//! is that the reader's window is told early. Between nodes it is all there.

/// Longest message that counts as small on one node, in bytes of data (C `socket.c:tsk_set_nagle`).
const SMALL: usize = 1500;

/// Sends in a row before the first that asks or is held back (C `NAGLE_START_INIT`).
const FIRST: u32 = 4;

/// The most there can be (C `NAGLE_START_MAX`).
const MOST: u32 = 1024;

/// Blocks that may be held back; with more, all go (C `socket.c:__tipc_sendstream`).
const MOST_BLOCKS: u32 = 64;

/// Messages in each packet, on average, below which holding back has gained nothing (C
/// `socket.c:tipc_sk_push_backlog`).
const WORTHWHILE: u32 = 2;

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

    /// A message is sent; whether enough went before it in a row.
    pub fn on_send(&mut self) -> bool {
        let in_row = self.row >= self.start;
        self.row = self.row.saturating_add(1);
        in_row
    }

    /// Of one in a row of `size` bytes of data to a socket of this node: whether it asks for an
    /// acknowledgement. As the answer shows that nothing was gained by waiting, the next to ask is
    /// twice as far away.
    pub fn asks_here(&mut self, size: usize) -> bool {
        let asks = size <= SMALL;
        if asks {
            self.go_back();
        }
        asks
    }

    /// Something came, so the sends are not in a row.
    pub fn on_receive(&mut self) {
        self.row = 0;
    }

    fn go_back(&mut self) {
        self.row = 0;
        self.start = self.start.saturating_mul(2).min(MOST);
    }
}

/// What becomes of the small messages that wait.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Step {
    /// They wait for more.
    Keep,
    /// They go.
    Send,
    /// They go, and the last packet asks for an acknowledgement.
    Ask,
}

/// Holding back, on a connection to another node.
#[derive(Clone, Copy)]
pub struct Hold {
    /// Whether an acknowledgement was asked for and has not come.
    expects: bool,
    /// Small messages since it was asked for.
    accepted: u32,
    /// Packets they have gone in.
    packets: u32,
}

impl Hold {
    /// Nothing was asked for.
    pub const fn new() -> Self {
        Hold {
            expects: false,
            accepted: 0,
            packets: 0,
        }
    }

    /// A small message was added to those that wait, which are now `packets` of `blocks` together.
    pub fn on_add(&mut self, blocks: u32, packets: u32) -> Step {
        self.accepted = self.accepted.saturating_add(1);
        if blocks > MOST_BLOCKS {
            self.packets = self.packets.saturating_add(packets);
            Step::Send
        } else if self.expects {
            Step::Keep
        } else {
            *self = Hold {
                expects: true,
                ..Hold::new()
            };
            Step::Ask
        }
    }

    /// All `packets` that wait go, as something came or as none may wait.
    pub fn on_release(&mut self, packets: u32) {
        if self.accepted != 0 {
            self.packets = self.packets.saturating_add(packets);
        }
    }

    /// The acknowledgement that was asked for has come; `packets` wait, and go. Whether the last of
    /// them asks again. If there was not enough in each packet it begins anew, after twice as many
    /// sends in a row.
    pub fn on_answer(&mut self, packets: u32, nagle: &mut Nagle) -> bool {
        let sent = self.packets.saturating_add(packets);
        let worthwhile = self
            .accepted
            .checked_div(sent)
            .is_some_and(|each| each >= WORTHWHILE);
        if worthwhile {
            nagle.start = FIRST;
        } else {
            nagle.go_back();
        }
        *self = Hold {
            expects: worthwhile && packets != 0,
            ..Hold::new()
        };
        self.expects
    }
}
