// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! When a bearer sends its next beacon.
//!
//! In: time, and how many links the bearer has; out: whether one is due. Replaces C
//! `discover.c:tipc_disc_timeout`, `tipc_disc_add_dest` and `tipc_disc_remove_dest`.

use crate::proto::vocab::{Instant, NodeAddr};

/// Milliseconds between the first beacons, and all through an address trial.
pub const FIRST: u32 = 125;
/// Milliseconds between beacons at most while the bearer has no links.
pub const ALONE: u32 = 1000;
/// The same with links.
pub const SETTLED: u32 = 60_000;

/// Bits of an address that are the node's number in its cluster (uAPI `TIPC_NODE_MASK`).
const NODE: u32 = 0xfff;

/// The beacons of one bearer.
#[derive(Clone, Copy)]
pub struct Schedule {
    domain: NodeAddr,
    interval: u32,
    due: Option<Instant>,
    links: u32,
}

impl Schedule {
    /// From `now`, when the first beacon is sent. `domain` are the nodes sought.
    pub fn new(domain: NodeAddr, now: Instant) -> Self {
        Schedule {
            domain,
            interval: FIRST,
            due: Some(now.after(FIRST)),
            links: 0,
        }
    }

    /// The nodes sought.
    pub fn domain(&self) -> NodeAddr {
        self.domain
    }

    /// When to call `tick`; none while nobody is sought.
    pub fn due(&self) -> Option<Instant> {
        self.due
    }

    /// Begins anew, as the device has come back; the first beacon is sent now.
    pub fn restart(&mut self, now: Instant) {
        *self = Schedule {
            links: self.links,
            ..Schedule::new(self.domain, now)
        };
    }

    /// Whether a beacon is due `now`. In an address trial the interval stays.
    pub fn tick(&mut self, now: Instant, trial: bool) -> bool {
        if self.due.is_none_or(|due| now < due) {
            return false;
        }
        // The one node that was sought has been found.
        if self.domain.0 & NODE != 0 && self.links != 0 {
            self.due = None;
            return false;
        }
        self.interval = if trial {
            FIRST
        } else {
            let most = if self.links == 0 { ALONE } else { SETTLED };
            self.interval.saturating_mul(2).min(most)
        };
        self.due = Some(now.after(self.interval));
        true
    }

    /// Puts off the next beacon once, as the trial has just ended.
    pub fn put_off(&mut self, now: Instant) {
        self.due = Some(now.after(FIRST));
    }

    /// A link of the bearer has come up.
    pub fn add_link(&mut self) {
        self.links = self.links.saturating_add(1);
    }

    /// A link of the bearer has gone down; when the last one goes, the search begins anew.
    pub fn remove_link(&mut self, now: Instant) {
        self.links = self.links.saturating_sub(1);
        if self.links == 0 && (self.due.is_none() || self.interval > ALONE) {
            self.interval = FIRST;
            self.due = Some(now.after(FIRST));
        }
    }
}
