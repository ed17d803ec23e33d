// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! One network namespace: what there is one of, and who it is.
//!
//! In: settings from `mgmt`; out: who the node is. The calls for its name table are in `names` and
//! `subscribers`.

use super::cluster::{self, Bearer, Cluster, Upward};
use super::subscribers::Readers;
use super::Identity;
use crate::proto::names::NameTable;
use crate::proto::vocab::{BearerId, NodeAddr, NodeId, PortId, Scope, ServiceRange, ServiceType};
use crate::sys::atomic::Word;
use crate::sys::bottom::Held;
use crate::sys::lock::{new_bh_spinlock, BhSpinLock};
use crate::sys::random;
use crate::sys::skb::{Queue, SkBuff};
use kernel::prelude::*;
use kernel::sync::Arc;

/// Neighbours up to which a new node's monitor probes every one (C `core.h:TIPC_DEF_MON_THRESHOLD`),
/// and the most a user may set (uAPI `TIPC_CLUSTER_SIZE`).
const MONITOR_THRESHOLD: u32 = 32;
const MOST_MONITOR_THRESHOLD: u32 = 4095;

/// TIPC in one namespace.
#[pin_data]
pub struct Net {
    #[pin]
    identity: Identity,
    monitor_threshold: Word,
    #[pin]
    pub(super) names: BhSpinLock<NameTable>,
    #[pin]
    pub(super) readers: BhSpinLock<Readers>,
    #[pin]
    cluster: Cluster,
}

impl Net {
    /// TIPC in a new namespace. May sleep.
    pub fn new() -> impl PinInit<Self, Error> {
        let seed = (u64::from(random::word()) << 32) | u64::from(random::word());
        try_pin_init!(Self {
            identity <- Identity::new(),
            monitor_threshold: Word::new(MONITOR_THRESHOLD),
            names <- new_bh_spinlock!(NameTable::new(seed), "tipc_names"),
            readers <- new_bh_spinlock!(Readers::new(), "tipc_readers"),
            cluster <- Cluster::new(),
        })
    }

    /// The own node's address; none until it has one. Any context, no lock taken.
    pub fn own_node(&self) -> NodeAddr {
        self.identity.address()
    }

    /// Who the own node is.
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// The bearers and neighbours.
    pub(super) fn cluster(&self) -> &Cluster {
        &self.cluster
    }

    /// Connects it with its sockets: `upward` is told what comes for them. ENOMEM. Process context.
    pub fn begin(net: &Arc<Net>, upward: Arc<dyn Upward>) -> Result {
        cluster::begin(net, upward)
    }

    /// Ends all that goes on by itself: bearers, links, timers. May sleep.
    pub fn end(net: &Arc<Net>) {
        cluster::end(net);
    }

    /// A buffer has come in by a bearer. Softirq, no lock held.
    pub fn rx(net: &Arc<Net>, id: BearerId, skb: SkBuff, held: &Held) {
        cluster::rx(net, id, skb, held);
    }

    /// Buffers have come in together by a bearer, in order. Softirq, no lock held.
    pub fn rx_all(net: &Arc<Net>, id: BearerId, buffers: Queue, held: &Held) {
        cluster::rx_all(net, id, buffers, held);
    }

    /// The identity of another node, if it is known.
    pub fn id_of(&self, node: NodeAddr) -> Option<NodeId> {
        cluster::id_of(self, node)
    }

    /// The bearer at a place.
    pub fn bearer(&self, id: BearerId) -> Option<Bearer> {
        self.cluster.bearer(id)
    }

    /// Takes a bearer into use. EINVAL, ENOMEM. Process context.
    pub fn enable_bearer(self: &Arc<Self>, id: BearerId, bearer: Bearer) -> Result {
        cluster::enable(self, id, bearer)
    }

    /// Takes a bearer out of use. Process context.
    pub fn disable_bearer(self: &Arc<Self>, id: BearerId) -> Option<Bearer> {
        cluster::disable(self, id)
    }

    /// The medium of a bearer works, or does not.
    pub fn set_bearer_up(&self, id: BearerId, up: bool) {
        self.cluster.set_up(id, up);
    }

    /// What a medium can do may not be the same any more.
    pub fn look_at_bearers(&self) {
        self.cluster.look_at_media();
    }

    /// All links of a bearer begin anew. Process context.
    pub fn reset_bearer(self: &Arc<Self>, id: BearerId) {
        cluster::reset(self, id);
    }

    /// Takes the address that the trial has led to.
    pub(super) fn settle_address(&self, address: NodeAddr) {
        self.take_address(address);
    }

    /// Takes an address that a user has set, for good; no change if there is an address or an
    /// identity already. Process context.
    pub fn set_address(&self, address: NodeAddr) {
        self.identity.set_legacy();
        if self.identity.begins() {
            self.take_address(address);
        }
    }

    /// The node has an address from here on, unless it had one: sockets use it from their next
    /// message on, bindings are known under it.
    fn take_address(&self, address: NodeAddr) {
        let taken = {
            let mut names = self.names.lock();
            let taken = self.identity.take_address(address);
            if taken {
                names.reinit(address);
            }
            taken
        };
        if taken {
            self.identity.tell_address();
            self.publish_node(address);
        }
    }

    /// Lets those who have subscribed to node states know of the own node (C
    /// `net.c:tipc_net_finalize`). Without memory they do not hear of it, as in C.
    fn publish_node(&self, own: NodeAddr) {
        let range = ServiceRange::single(ServiceType::NODE_STATE, own.0);
        let _ = self.publish_own(range, Scope::Cluster, PortId(0), own.0);
    }

    /// Neighbours up to which the monitor probes every one.
    pub fn monitor_threshold(&self) -> u32 {
        self.monitor_threshold.get()
    }

    /// Sets it. EINVAL above 4095.
    pub fn set_monitor_threshold(&self, nodes: u32) -> Result {
        if nodes > MOST_MONITOR_THRESHOLD {
            return Err(EINVAL);
        }
        self.monitor_threshold.set(nodes);
        Ok(())
    }
}
