// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! Room `peer`: one neighbour node, as this node sees it.
//!
//! In: packets of its links and time; out: what they mean for contact with that node. Replaces the
//! middle of C `node.c`. `fsm` says whether there is contact, `gate` which packets count while that
//! is changing, `slots` which of two links a message takes, `conns` who must be told when contact
//! is lost.
#![deny(clippy::arithmetic_side_effects, clippy::indexing_slicing)]
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

pub mod conns;
pub mod fsm;
pub mod gate;
pub mod slots;
