// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! What a message carries besides its data: importance and error code.
//!
//! In: option values from `socket`, header fields from `wire`; out: enums.

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

/// The most data that goes back with a returned message, in bytes (C `msg.h:MAX_FORWARD_SIZE`).
pub const MAX_RETURNED: usize = 1024;

/// Why a message came back (uAPI `TIPC_ERR_NO_NAME` ...).
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum ErrorCode {
    /// 1: nobody has bound the service any more.
    NoName,
    /// 2: the socket is gone.
    NoPort,
    /// 3: the node is gone.
    NoNode,
    /// 4: the socket has too much to read.
    Overload,
    /// 5: the connection was shut down.
    ConnectionShutdown,
}

impl ErrorCode {
    /// From a header's field: no error for 0; none for a number that no TIPC sends.
    pub fn from_number(value: u32) -> Option<Option<Self>> {
        match value {
            0 => Some(None),
            1 => Some(Some(ErrorCode::NoName)),
            2 => Some(Some(ErrorCode::NoPort)),
            3 => Some(Some(ErrorCode::NoNode)),
            4 => Some(Some(ErrorCode::Overload)),
            5 => Some(Some(ErrorCode::ConnectionShutdown)),
            _ => None,
        }
    }

    /// The number, 1 to 5.
    pub fn number(self) -> u32 {
        match self {
            ErrorCode::NoName => 1,
            ErrorCode::NoPort => 2,
            ErrorCode::NoNode => 3,
            ErrorCode::Overload => 4,
            ErrorCode::ConnectionShutdown => 5,
        }
    }
}
