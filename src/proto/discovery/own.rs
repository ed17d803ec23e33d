// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! Our own identity and address, and the trial by which a node gets one: it calls out the address
//! it would like for a second, and takes it if nobody objects.
//!
//! In: identity or address from `mgmt`, objections from `mod`; out: the address. Replaces the
//! address half of C `struct tipc_net`, `addr.c:tipc_set_node_addr` and the first half of
//! `discover.c:tipc_disc_addr_trial_msg`.

use crate::proto::vocab::{Instant, NodeAddr, NodeId};

/// Milliseconds an address is tried.
pub const TRIAL: u32 = 1000;

/// Suggestions taken during one search for an address: more than there can be honest objections
/// in any cluster, so that nobody can keep a node without address for ever.
pub const MAX_SUGGESTIONS: u8 = 64;

/// Who we are.
#[derive(Clone, Copy)]
pub struct Own {
    id: NodeId,
    /// What we go by: none until the trial is over.
    address: NodeAddr,
    /// What we try, then the same as `address`.
    tried: NodeAddr,
    /// The end of the trial; none if it has not begun.
    until: Option<Instant>,
    suggestions: u8,
    old_addresses: bool,
    random: u32,
}

impl Own {
    /// Nobody yet. `random` tells this life of the node from others.
    pub fn new(random: u32) -> Self {
        Own {
            id: NodeId::NONE,
            address: NodeAddr::NONE,
            tried: NodeAddr::NONE,
            until: None,
            suggestions: 0,
            old_addresses: false,
            random,
        }
    }

    /// The identity.
    pub fn id(&self) -> NodeId {
        self.id
    }

    /// The address; none before the end of the trial.
    pub fn address(&self) -> NodeAddr {
        self.address
    }

    /// The address that goes into beacons: the one tried.
    pub fn tried(&self) -> NodeAddr {
        self.tried
    }

    /// The number that tells lives apart; the lower half is our signature.
    pub fn random(&self) -> u32 {
        self.random
    }

    /// Whether addresses have zones and clusters, as of old.
    pub fn has_old_addresses(&self) -> bool {
        self.old_addresses
    }

    /// Sets the identity; false if there is one already or `id` is none.
    pub fn set_identity(&mut self, id: NodeId) -> bool {
        let may = self.id == NodeId::NONE && id != NodeId::NONE;
        if may {
            self.id = id;
            self.tried = id.address();
        }
        may
    }

    /// Sets the address as of old, without a trial; false if there is one already or `address` is
    /// none.
    pub fn set_address(&mut self, address: NodeAddr) -> bool {
        let may = self.address == NodeAddr::NONE && address != NodeAddr::NONE;
        if may {
            self.address = address;
            self.tried = address;
            self.old_addresses = true;
            if self.id == NodeId::NONE {
                self.id = NodeId::of_address(address);
            }
        }
        may
    }

    /// Begins a trial, if there is no address; again if one is running.
    pub fn begin_trial(&mut self, now: Instant) {
        if self.address == NodeAddr::NONE && self.tried != NodeAddr::NONE {
            self.until = Some(now.after(TRIAL));
        }
    }

    /// Whether an address is being tried.
    pub fn is_trying(&self, now: Instant) -> bool {
        self.due().is_some_and(|until| now < until)
    }

    /// When the trial ends, if one runs.
    pub fn due(&self) -> Option<Instant> {
        self.until.filter(|_| self.address == NodeAddr::NONE)
    }

    /// Takes the address if its trial is over; it, if that was now.
    pub fn settle(&mut self, now: Instant) -> Option<NodeAddr> {
        if now < self.due()? {
            return None;
        }
        self.address = self.tried;
        Some(self.address)
    }

    /// Somebody objects to `tried` and suggests another.
    pub fn on_objection(&mut self, tried: NodeAddr, suggested: NodeAddr, now: Instant) {
        let heard = self.is_trying(now) && tried == self.tried;
        if heard && suggested != NodeAddr::NONE && self.suggestions < MAX_SUGGESTIONS {
            self.suggestions = self.suggestions.saturating_add(1);
            self.tried = suggested;
            self.until = Some(now.after(TRIAL));
        }
    }
}
