// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! Whom a message to a service goes to: one binding in turn, or every socket once.
//!
//! In: names and ranges, from `stack`; out: socket addresses. Replaces C
//! `name_table.c:tipc_nametbl_lookup_anycast` and `tipc_nametbl_lookup_mcast_sockets`.

use super::binding::Circle;
use super::ring;
use super::slab::{Index, NIL};
use super::table::NameTable;
use super::tree::Key;
use crate::proto::vocab::{NodeAddr, PortId, Scope, ServiceRange, ServiceType, SocketAddr};

/// What the nodes of a cluster have in common in addresses of the old form (uAPI
/// `TIPC_ZONE_CLUSTER_MASK`), and those of a zone (`TIPC_ZONE_MASK`).
const CLUSTER_MASK: u32 = 0xffff_f000;
const ZONE_MASK: u32 = 0xff00_0000;

/// Whose bindings a message may go to.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Among {
    /// All of them, in turn.
    All,
    /// Those of this node.
    Own,
    /// Those of this node if it has any, else all: what nodes with an address of the old form do.
    OwnFirst,
}

impl Among {
    /// What a message may go to that names `domain` as where to look, on the node `own`; none if
    /// that is another node. `legacy` nodes have an address of the old form Z.C.N, look at
    /// themselves first, and take Z.C.0 and Z.0.0 for everybody (C `addr.c:tipc_in_scope`).
    pub fn of(domain: NodeAddr, own: NodeAddr, legacy: bool) -> Option<Among> {
        let wild = |mask: u32| legacy && domain.0 == own.0 & mask;
        if domain == own {
            Some(Among::Own)
        } else if domain == NodeAddr::NONE {
            Some(if legacy { Among::OwnFirst } else { Among::All })
        } else if wild(CLUSTER_MASK) || wild(ZONE_MASK) {
            Some(Among::All)
        } else {
            None
        }
    }
}

impl NameTable {
    /// Chooses the socket a message to `instance` of `service` goes to: of the first range that
    /// covers it, the bindings take turns. Of ranges that begin together the one made last is the
    /// first.
    pub fn anycast(
        &mut self,
        service: ServiceType,
        instance: u32,
        among: Among,
    ) -> Option<SocketAddr> {
        let name = Key::of(ServiceRange::single(service, instance), 0);
        let first = self.ranges.first(name)?;
        let newest = self.ranges.youngest(first)?;
        let chosen = match self.choose(newest, among) {
            NIL => self.choose_own_after(first, name)?,
            chosen => chosen,
        };
        let binding = self.bindings.get(chosen)?;
        Some(binding.address(binding.port(), self.own))
    }

    /// The binding of a range whose turn it is; NIL if it must be one of this node and there is
    /// none.
    fn choose(&mut self, at: Index, among: Among) -> Index {
        let Some(fronts) = self.ranges.value(at) else {
            return NIL;
        };
        let own = match among {
            Among::All => false,
            Among::Own => true,
            Among::OwnFirst => fronts.own != NIL,
        };
        let chosen = if own {
            ring::choose(&self.bindings, Circle::Own, &mut fronts.own)
        } else {
            ring::choose(&self.bindings, Circle::All, &mut fronts.all)
        };
        chosen.unwrap_or(NIL)
    }

    /// The binding of this node whose turn it is in the first range that has any.
    fn choose_own_after(&mut self, first: Index, name: Key) -> Option<Index> {
        let mut at = first;
        loop {
            match self.choose(at, Among::Own) {
                NIL => at = self.ranges.after(self.ranges.get(at)?.key, name)?,
                chosen => return Some(chosen),
            }
        }
    }

    /// Whether `anycast` would find somebody.
    pub fn is_bound(&self, service: ServiceType, instance: u32) -> bool {
        let name = Key::of(ServiceRange::single(service, instance), 0);
        self.ranges.first(name).is_some()
    }

    /// The ports of this node that have bound any part of `range`, each once whatever it has bound
    /// of it, into `out`. How many there are; if that is more than `out` takes, the rest is missing.
    /// `from` is the node the message comes from: node scope is for the own node's only.
    pub fn multicast(&mut self, range: ServiceRange, from: NodeAddr, out: &mut [PortId]) -> usize {
        let cluster_only = !from.is_own(self.own);
        self.multicasts = self.multicasts.wrapping_add(1);
        let range = Key::of(range, 0);
        let mut out = out.iter_mut();
        let mut count = 0usize;
        let mut found = self.ranges.first(range);
        while let Some(node) = found.and_then(|at| self.ranges.get(at)) {
            let (key, front) = (node.key, node.value.own);
            let mut at = front;
            while let Some(binding) = self.bindings.get(at).copied() {
                let hidden = cluster_only && binding.scope == Scope::Node;
                if !hidden && self.meets_first(binding.owner) {
                    count = count.wrapping_add(1);
                    if let Some(place) = out.next() {
                        *place = binding.port();
                    }
                }
                at = ring::next(&self.bindings, Circle::Own, at);
                if at == front {
                    break;
                }
            }
            found = self.ranges.after(key, range);
        }
        count
    }

    /// The other nodes where any part of `range` is bound, each once, into `out`; how many there are,
    /// and whether it is bound on this one. If there are more than `out` takes, the rest is missing.
    pub fn nodes_of(&mut self, range: ServiceRange, out: &mut [NodeAddr]) -> (usize, bool) {
        self.multicasts = self.multicasts.wrapping_add(1);
        let range = Key::of(range, 0);
        let mut out = out.iter_mut();
        let (mut count, mut own) = (0usize, false);
        let mut found = self.ranges.first(range);
        while let Some(node) = found.and_then(|at| self.ranges.get(at)) {
            let (key, front) = (node.key, node.value.all);
            own |= node.value.own != NIL;
            let mut at = front;
            while let Some(binding) = self.bindings.get(at).copied() {
                if !binding.is_own() && self.meets_first(binding.owner) {
                    count = count.wrapping_add(1);
                    if let Some(place) = out.next() {
                        *place = binding.socket.node;
                    }
                }
                at = ring::next(&self.bindings, Circle::All, at);
                if at == front {
                    break;
                }
            }
            found = self.ranges.after(key, range);
        }
        (count, own)
    }

    /// Whether this multicast look-up has not met the owner yet.
    fn meets_first(&mut self, owner: Index) -> bool {
        match self.owners.get_mut(owner) {
            Some(owner) => {
                let first = owner.met != self.multicasts;
                owner.met = self.multicasts;
                first
            }
            None => true,
        }
    }
}
