// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! Room `vocab`: the words of TIPC as types. Used by every room to its right.
//!
//! Replaces the parts of C's `addr.h` and `uapi/linux/tipc.h` that say what an address is.

mod address;
#[cfg(not(MODULE))]
mod capability;
mod identity;
#[cfg(not(MODULE))]
mod level;
#[cfg(not(MODULE))]
mod medium;
mod message;
#[cfg(not(MODULE))]
mod sequence;
#[cfg(not(MODULE))]
mod time;

#[cfg(not(MODULE))]
pub use capability::{Capabilities, Capability};
#[cfg(not(MODULE))]
pub use level::Level;
#[cfg(not(MODULE))]
pub use medium::{BearerId, MediaAddr, Medium, MAX_BEARERS};
#[cfg(not(MODULE))]
pub use sequence::{SeqNo, SessionNo};
#[cfg(not(MODULE))]
pub use time::Instant;

pub use address::{NodeAddr, PortId, Scope, ServiceRange, ServiceType, SocketAddr};
pub use identity::{NodeId, NODE_ID_LEN};
pub use message::{ErrorCode, Importance, MAX_RETURNED, MAX_USER_MSG_SIZE};
