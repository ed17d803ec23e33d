// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! Room `port`: the protocol half of a socket: its connection.
//!
//! In: headers of messages that came, and what the user asked for, from `socket`; out: verdicts and
//! numbers. `connection` is the state machine, `window` the flow control, `nagle` what becomes of
//! small sends of a stream, `twins` the order of multicasts. Replaces the connection part of C `socket.c`.

mod connection;
mod nagle;
mod twins;
mod window;

pub use connection::{Connection, Name, State, Verdict};
pub use nagle::{Hold, Nagle, Step};
pub use twins::Twins;
pub use window::{blocks, Reading};
