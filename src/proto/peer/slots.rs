// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! Which link a message takes: two slots, chosen by a bit of the sender, that hold one link, or two
//! of equal priority.
//!
//! In: links that come up and go down, with their priorities; out: the bearer for a message.
//! Replaces `active_links` of C `node.c`.

use crate::proto::vocab::{BearerId, PortId};
use core::cmp::Ordering;

/// Links to one peer at most, working or not (C `node.c:tipc_node_check_dest`).
pub const MAX_LINKS: usize = 2;

/// What a link that has come up is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Role {
    /// The only one that works: it has both slots, and contact begins.
    First,
    /// Of higher priority than the other: it has both slots, the other stands by.
    Takes,
    /// Of equal priority: it has the second slot.
    Shares,
    /// Of lower priority: it stands by.
    Standby,
}

/// The slots of one peer. Both are empty or both are full.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Slots {
    active: Option<[BearerId; 2]>,
}

impl Slots {
    /// No link works.
    pub const fn new() -> Self {
        Slots { active: None }
    }

    /// Whether some link works.
    pub fn is_up(&self) -> bool {
        self.active.is_some()
    }

    /// The bearer of the link for messages of the sender `port`; system messages have port 0.
    pub fn choose(&self, port: PortId) -> Option<BearerId> {
        let [even, odd] = self.active?;
        Some(if port.0 & 1 == 0 { even } else { odd })
    }

    /// Whether the link on `bearer` carries messages now.
    pub fn is_active(&self, bearer: BearerId) -> bool {
        self.active.is_some_and(|active| active.contains(&bearer))
    }

    /// The link on `bearer` has come up with priority `own`; `other` is the priority of the link in
    /// the first slot, if there is one.
    pub fn on_up(&mut self, bearer: BearerId, own: u8, other: Option<u8>) -> Role {
        let first = self.active.map(|[first, _]| first);
        let (Some(first), Some(other)) = (first, other) else {
            self.active = Some([bearer; 2]);
            return Role::First;
        };
        match own.cmp(&other) {
            Ordering::Greater => {
                self.active = Some([bearer; 2]);
                Role::Takes
            }
            Ordering::Equal => {
                self.active = Some([first, bearer]);
                Role::Shares
            }
            Ordering::Less => Role::Standby,
        }
    }

    /// A link has gone down; `left` are those that still work, with their priorities, in order of
    /// their bearers. The highest priority is chosen, two of it share.
    pub fn on_down(&mut self, left: impl Iterator<Item = (BearerId, u8)>) {
        let mut highest = 0;
        self.active = None;
        for (bearer, priority) in left {
            self.active = match self.active {
                Some([first, _]) if priority == highest => Some([first, bearer]),
                Some(active) if priority < highest => Some(active),
                Some(_) | None => Some([bearer; 2]),
            };
            highest = highest.max(priority);
        }
    }
}
