// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! Who the own node is: its address, identity and network.
//!
//! In: settings of `mgmt`; out: what everybody reads. Everything is set once: the identity first
//! (or made of the address), then the address, and with that the network id is final. The rest of
//! what a new address means is in `net`. Replaces C `addr.c` and the settings in `net.c`.

use crate::proto::vocab::{NodeAddr, NodeId};
use crate::sys::atomic::Word;
use crate::sys::lock::{new_bh_spinlock, BhSpinLock};
use kernel::prelude::*;

/// Network id of a new node (C `core.c`).
const DEFAULT_NETWORK: u32 = 4711;

/// Network ids a user may set (C `net.c:__tipc_nl_net_set`).
const NETWORKS: core::ops::RangeInclusive<u32> = 1..=9999;

/// The own node's.
#[pin_data]
pub struct Identity {
    address: Word,
    network: Word,
    legacy: Word,
    #[pin]
    id: BhSpinLock<Own>,
}

/// The identity; says farewell if there was one.
struct Own(NodeId);

impl Drop for Own {
    fn drop(&mut self) {
        if self.0.is_some() {
            pr_info!("Left network mode\n");
        }
    }
}

impl Identity {
    /// That of a node alone.
    pub fn new() -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            address: Word::new(NodeAddr::NONE.0),
            network: Word::new(DEFAULT_NETWORK),
            legacy: Word::new(0),
            id <- new_bh_spinlock!(Own(NodeId::NONE), "tipc_identity"),
        })
    }

    /// The address; none until there is one. Any context, no lock taken.
    pub fn address(&self) -> NodeAddr {
        NodeAddr(self.address.get())
    }

    /// The network id: only nodes with the same one find each other.
    pub fn network(&self) -> u32 {
        self.network.get()
    }

    /// Whether the address was set by a user, in the form zone.cluster.node.
    pub fn is_legacy(&self) -> bool {
        self.legacy.get() != 0
    }

    /// The identity; `NodeId::NONE` until there is one.
    pub fn id(&self) -> NodeId {
        self.id.lock().0
    }

    /// Sets the network id. EINVAL outside 1 to 9999. That there is no address yet is for the caller
    /// to see to.
    pub fn set_network(&self, network: u32) -> Result {
        if !NETWORKS.contains(&network) {
            return Err(EINVAL);
        }
        self.network.set(network);
        Ok(())
    }

    /// From now on addresses are shown in the old form.
    pub fn set_legacy(&self) {
        self.legacy.set(1);
    }

    /// Sets the identity, if there is none.
    pub fn set_id(&self, id: NodeId) {
        if self.begins() {
            self.id.lock().0 = id;
            self.tell_id(id);
        }
    }

    /// Whether the node may become part of a network: it has no identity yet. Says so. Callers are
    /// one at a time.
    pub(super) fn begins(&self) -> bool {
        let begins = !self.id().is_some();
        if begins {
            pr_info!("Started in network mode\n");
        } else {
            pr_info!("Cannot configure node identity twice\n");
        }
        begins
    }

    /// Takes an address; false if there is one already. An identity is made of it if there is none.
    /// Called with the name table locked, so that no binding is made in between.
    pub(super) fn take_address(&self, address: NodeAddr) -> bool {
        if self.address() != NodeAddr::NONE {
            return false;
        }
        self.address.set(address.0);
        true
    }

    /// After an address was taken: the identity that goes with it, and the word of it.
    pub(super) fn tell_address(&self) {
        let address = self.address();
        let made = {
            let mut own = self.id.lock();
            let none = !own.0.is_some();
            if none {
                own.0 = NodeId::of_address(address);
            }
            none.then_some(own.0)
        };
        if let Some(id) = made {
            self.tell_id(id);
        }
        pr_info!("Node number set to {}\n", address.0);
    }

    fn tell_id(&self, id: NodeId) {
        let network = self.network();
        pr_info!(
            "Node identity {}, cluster identity {network}\n",
            core::format_args!("{id}")
        );
    }
}
