// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! Room `vocab`: the words of TIPC as types. Used by every room to its right.
//!
//! Replaces the parts of C's `addr.h` and `uapi/linux/tipc.h` that say what an address is.

mod address;
mod message;

pub use address::{NodeAddr, PortId, Scope, ServiceRange, ServiceType, SocketAddr};
pub use message::{ErrorCode, Importance, MAX_RETURNED, MAX_USER_MSG_SIZE};
