// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! Room `stack`: TIPC in one network namespace, where the protocol meets the kernel.
//!
//! In: calls of the edges; out: look-ups, deliveries and events. Holds the directories and the
//! locks.
//!
//! Lock order (one guard at a time, but for 1-3, 2-3, within 4, and the neighbours over their table by
//! address):
//! 1. a socket's own list of bindings (`SocketBindings`, kept by `socket`)
//! 2. `Neighbour::names`: what a neighbour has told, and is told, of names
//! 3. `Net::names`: the name table, with its subscriptions and their events, and the numbers of changes
//! 4. a neighbour's links, then `Cluster::broadcast`, then the bearers; or then the losses of contact
//! 5. leaves: bearers, discovery (over the own identity), neighbours and their links, losses of contact,
//!    timers; who reads events; of the edges a socket's inbox, its default destination, the port directory

pub mod cluster;
mod frame;
mod home;
mod identity;
mod names;
mod net;
mod receivers;
pub mod settings;
mod subscribers;

pub use frame::{Packet, Packets};
pub use home::Home;
pub use identity::Identity;
pub use net::Net;
pub use receivers::Receivers;
pub use subscribers::{Context, NextEvent, Reader, Refusal};
