// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! What a message carries besides its data: importance.
//!
//! In: option values from `socket`, header fields from `wire`; out: an enum.

/// The most data one message may carry, in bytes (uAPI `TIPC_MAX_USER_MSG_SIZE`).
pub const MAX_USER_MSG_SIZE: usize = 66000;

/// Importance of a message, which scales the receive limit (uAPI `TIPC_LOW_IMPORTANCE` ...).
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub enum Importance {
    /// 0, the default.
    #[default]
    Low,
    /// 1.
    Medium,
    /// 2.
    High,
    /// 3.
    Critical,
}

impl Importance {
    /// From the number a user or a header gives; none if it is above 3.
    pub fn from_number(value: u32) -> Option<Self> {
        match value {
            0 => Some(Importance::Low),
            1 => Some(Importance::Medium),
            2 => Some(Importance::High),
            3 => Some(Importance::Critical),
            _ => None,
        }
    }

    /// The number, 0 to 3.
    pub fn number(self) -> u32 {
        match self {
            Importance::Low => 0,
            Importance::Medium => 1,
            Importance::High => 2,
            Importance::Critical => 3,
        }
    }
}
