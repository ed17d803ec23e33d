// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! Room `stack`: TIPC in one network namespace, where the protocol meets the kernel.
//!
//! In: calls of the edges (`socket`, `topsrv`, `mgmt`); out: look-ups, deliveries and events. Holds the directories and the
//! locks.
//!
//! Lock order (one guard at a time, but for the pair 1-2):
//! 1. a socket's own list of bindings (`SocketBindings`, kept by `socket`)
//! 2. `Net::names`: the name table, with its subscriptions and their events
//! 3. leaves: the own identity; who reads events; of the edges a socket's inbox, its
//!    default destination, the port directory

mod identity;
mod names;
mod net;
mod receivers;
pub mod settings;
mod subscribers;

pub use identity::Identity;
pub use net::Net;
pub use receivers::Receivers;
pub use subscribers::{Context, NextEvent, Reader, Refusal};
