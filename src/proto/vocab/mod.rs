// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! Room `vocab`: the words of TIPC as types. Used by every room to its right.
//!
//! Replaces the parts of C's `addr.h` and `uapi/linux/tipc.h` that say what an address is.

mod address;
mod capability;
mod identity;
mod level;
mod medium;
mod message;
mod sequence;
mod time;

pub use capability::{Capabilities, Capability};
pub use level::Level;
pub use medium::{BearerId, MediaAddr, Medium, MAX_BEARERS};
pub use sequence::{SeqNo, SessionNo};
pub use time::Instant;

pub use address::{NodeAddr, PortId, Scope, ServiceRange, ServiceType, SocketAddr};
pub use identity::{NodeId, NODE_ID_LEN};
pub use message::{ErrorCode, Importance, MAX_RETURNED, MAX_USER_MSG_SIZE};
