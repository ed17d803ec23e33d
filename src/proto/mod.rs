// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! The protocol storey: TIPC itself, without a kernel under it.
//!
//! No kernel types, no clock, no sleeping, no logging, no globals: the same source is compiled
//! into the module and, under cargo, into host tests. In: typed addresses and message views from
//! `stack` and `socket`; out: values. Rooms in order: `vocab`, `wire`, `frame`, `link`,
//! `broadcast`, `peer`, `names`, `port`.

pub mod vocab;

pub mod wire;

pub mod frame;

pub mod link;

pub mod broadcast;

pub mod peer;

pub mod discovery;

pub mod names;

pub mod port;
