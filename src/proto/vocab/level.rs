// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! Levels: importance as a link's send queue sees it.
//!
//! In: importance of messages; out: a level with a limit of its own in each link.

use super::Importance;

/// Importance of a packet on a link: that of its user data, or the highest for TIPC's own messages
/// (uAPI `TIPC_LOW_IMPORTANCE` ..., C `msg.h:TIPC_SYSTEM_IMPORTANCE`).
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub enum Level {
    /// 0.
    #[default]
    Low,
    /// 1.
    Medium,
    /// 2.
    High,
    /// 3.
    Critical,
    /// 4: TIPC's own, and messages on their way back.
    System,
}

impl Level {
    /// How many there are.
    pub const COUNT: usize = 5;

    /// All of them, lowest first.
    pub const ALL: [Level; Level::COUNT] = [
        Level::Low,
        Level::Medium,
        Level::High,
        Level::Critical,
        Level::System,
    ];

    /// Its number, 0 to 4, which is its place in an array of `COUNT`.
    pub fn number(self) -> u32 {
        match self {
            Level::Low => 0,
            Level::Medium => 1,
            Level::High => 2,
            Level::Critical => 3,
            Level::System => 4,
        }
    }

    /// From a number; what is above 4 is the system's.
    pub fn from_number(number: u32) -> Level {
        match number {
            0 => Level::Low,
            1 => Level::Medium,
            2 => Level::High,
            3 => Level::Critical,
            _ => Level::System,
        }
    }
}

impl From<Importance> for Level {
    fn from(importance: Importance) -> Level {
        Level::from_number(importance.number())
    }
}
