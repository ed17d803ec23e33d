// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! Room `topsrv`: the topology server, a listener at {1,1} in each namespace, which tells who
//! connects to it what is bound.
//!
//! In: connections and requests, through `socket::kernel`; events of the name table, through
//! `stack`. Out: events to subscribers. `server` accepts, `connection` serves one subscriber, `turn`
//! lets one CPU at a time do so. Replaces C `topsrv.c`.
//!
//! Nothing is handed to another thread on the way: a request is handled by whoever sent it, an event
//! is sent by whoever bound or withdrew the name, and one that the subscriber had no room for is
//! sent when it reads. Only what needs to sleep, and time limits, are left to a work item.
//!
//! Lock order: a server's state, a connection's work; both before anything of `socket` and `stack`,
//! which is called with neither held.

mod connection;
mod server;
mod turn;

pub use server::Server;
