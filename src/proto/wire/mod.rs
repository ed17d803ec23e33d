// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! Room `wire`: bytes of a TIPC header and what they mean. Every offset, shift and width of the
//! protocol is in here.
//!
//! In: header bytes of a frame; out: a checked view, or the bytes written from a description.
//! Replaces C `msg.h`.

mod data;

pub use data::{DataHeader, Destination, CONNECTED_SIZE};
