// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! Multicast to other nodes: who they are, which way it goes, and the way of the broadcast link.
//!
//! In: messages of `socket`; out: packets, through `broadcast`. Replaces C
//! `name_table.c:tipc_nametbl_lookup_mcast_nodes` and C `bcast.c:tipc_bcast_xmit`.

use super::down::cut;
use super::neighbour::now;
use super::{Cluster, Sender};
use crate::mem::slab::Slab;
use crate::proto::broadcast::{Choice, Method};
use crate::proto::frame::Frame;
use crate::proto::vocab::{Capabilities, NodeAddr, PortId, ServiceRange};
use crate::stack::frame::Packet;
use crate::stack::receivers::Nodes;
use crate::stack::subscribers::Context;
use crate::stack::Net;
use crate::sys::skb::SkBuff;
use kernel::prelude::*;

/// Where a multicast goes.
pub struct Destinations {
    /// Other nodes.
    pub nodes: Nodes,
    /// How many.
    pub count: u32,
    /// Whether sockets of this node are among them.
    pub own: bool,
}

impl Net {
    /// The nodes where any part of `range` is bound. EHOSTUNREACH if there is none, ENOMEM. May
    /// sleep.
    pub fn destinations(&self, range: ServiceRange) -> Result<Destinations> {
        let mut nodes = Nodes::new();
        loop {
            let (count, own) = self.names.lock().nodes_of(range, nodes.room());
            if count == 0 && !own {
                return Err(EHOSTUNREACH);
            }
            if nodes.set_len(count) {
                return Ok(Destinations {
                    nodes,
                    count: count.min(u32::MAX as usize) as u32,
                    own,
                });
            }
            nodes = Nodes::with_room(count, Context::MaySleep).ok_or(ENOMEM)?;
        }
    }

    /// How the next multicast of a socket, to so many other nodes, goes.
    pub fn choose_method(&self, method: &mut Method, destinations: u32) -> Choice {
        let cluster = self.cluster();
        let routes = cluster.broadcast.lock().routes;
        routes.choose(method, destinations, cluster.can(), now())
    }

    /// Sends one message to all other nodes. EMSGSIZE, ENOMEM. If the broadcast link has too much
    /// of that level already, `waiter` is blocked by the node `NONE`, and woken when there is room.
    /// Process context.
    pub fn send_to_all(&self, sender: PortId, skb: SkBuff, waiter: Option<&dyn Sender>) -> Result {
        let cluster = self.cluster();
        let packet = Packet::from(skb);
        let level = packet.header().level();
        let (most, full) = {
            let mut broadcast = cluster.broadcast.lock();
            (broadcast.sender.mss(), broadcast.sender.is_full(level))
        };
        let own = self.own_node();
        let packets = cut(own, NodeAddr::NONE, level, packet, most as usize).ok_or(ENOMEM)?;
        let waiter = waiter.filter(|_| full && make_room(cluster));
        if let Some(waiter) = waiter {
            waiter.block(NodeAddr::NONE);
        }
        let whom = waiter.map(|_| sender);
        let mut waits = false;
        let sent = self.until_it_fits(NodeAddr::NONE, level, packets, |packets| {
            let (sent, blocked) = self.broadcast(packets, whom);
            waits = blocked;
            sent
        });
        if let Some(waiter) = waiter.filter(|_| !waits) {
            waiter.unblock(NodeAddr::NONE);
        }
        sent
    }

    /// What all nodes that are known can do has to be found out again.
    pub(super) fn know_capabilities(&self) {
        let cluster = self.cluster();
        let (mut can, mut last) = (Capabilities::ALL, 0);
        while let Some(neighbour) = cluster.neighbour_after(last) {
            last = neighbour.address.0;
            can = can.and(neighbour.state.lock().peer.capabilities());
        }
        cluster.capabilities.set(can.0.into());
    }
}

/// Sees to it that there is room for one more who waits; false without memory. May sleep.
fn make_room(cluster: &Cluster) -> bool {
    let wanted = || cluster.broadcast.lock().waiting.wanted();
    while let Some(number) = wanted() {
        let Some(room) = Slab::allocate(number) else {
            return false;
        };
        let unused = cluster.broadcast.lock().waiting.grow(room);
        drop(unused);
    }
    true
}
