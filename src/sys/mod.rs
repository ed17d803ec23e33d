// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! Room `sys`: the kernel, made safe. Knows no TIPC.
//!
//! All `unsafe` of the project and all contact with the generated bindings is in here, one file per
//! kernel concept. In: plain values and closures from `stack` and the edges; out: owned objects and
//! `Result`s with the kernel's errnos.

// tipc.rs forbids both for the rest of the crate.
#![allow(unsafe_code)]

mod ffi;

pub mod atomic;
pub mod blocks;
pub mod bottom;
mod calls;
mod chains;
pub mod claim;
pub mod clock;
mod create;
pub mod diag;
pub mod directory;
pub mod family;
pub mod genl;
pub mod kernel_sock;
pub mod later;
pub mod lock;
pub mod made;
pub mod message;
pub mod netdev;
pub mod netlink;
pub mod netns;
pub mod netwatch;
pub mod noted;
pub mod packet;
pub mod pieces;
pub mod random;
pub mod rcu;
pub mod shared;
pub mod skb;
pub mod sock;
pub mod sysctl;
pub mod table;
pub mod timer;
pub mod train;
pub mod user;
pub mod version;
pub mod wait;
