// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! The links, bearers and nodes, as administrators see and set them.
//!
//! In: questions and settings of `mgmt`, and of `socket`'s ioctl(); out: values, copied with the
//! locks held and used without. Replaces the look-ups in C `node.c:tipc_node_find_by_name`,
//! `tipc_node_get_linkname` and `tipc_node_apply_property`. Process context, no lock held.

use super::medium::{at_mut, Properties};
use super::neighbour::Neighbour;
use super::{contact, BroadcastView};
use crate::proto::link::{LinkName, Named, Stats};
use crate::proto::peer::{News, Wanted};
use crate::proto::vocab::{BearerId, NodeAddr, MAX_BEARERS};
use crate::stack::Net;
use kernel::prelude::*;
use kernel::sync::Arc;

/// Where a list of links has got to: the next is that of this node's bearer, or behind it.
#[derive(Clone, Copy, Default)]
pub struct LinkPlace {
    node: u32,
    bearer: u8,
}

/// An entry of a list of links.
pub enum Listed {
    /// A link.
    Link(LinkView),
    /// The end where a neighbour's broadcasts come in.
    Receiver(BroadcastView),
}

/// A link.
pub struct LinkView {
    /// Its name.
    pub name: LinkName,
    /// The largest packet, in bytes.
    pub mtu: u32,
    /// Whether it works.
    pub up: bool,
    /// Whether messages take it.
    pub active: bool,
    /// How it behaves; of the window, the second number is its size now.
    pub properties: Properties,
    /// What it has counted.
    pub stats: Stats,
}

impl Net {
    /// The first link at a place or behind it, and the place behind that one: in order of nodes'
    /// addresses, then of bearers.
    /// Behind those of each node comes the end where its broadcasts come in, if `receivers` says so.
    pub fn link_from(&self, from: LinkPlace, receivers: bool) -> Option<(LinkPlace, Listed)> {
        let mut at = from;
        loop {
            let neighbour = self.cluster().neighbour_from(at.node)?;
            if neighbour.address.0 != at.node {
                at.bearer = 0;
            }
            at.node = neighbour.address.0;
            while let Some(bearer) = BearerId::new(at.bearer) {
                at.bearer = at.bearer.saturating_add(1);
                if let Some(view) = self.view(&neighbour, bearer) {
                    return Some((at, Listed::Link(view)));
                }
            }
            if receivers && usize::from(at.bearer) == MAX_BEARERS {
                at.bearer = at.bearer.saturating_add(1);
                let named = self.named(neighbour.address);
                let view = self.broadcast_receiver(&neighbour, named);
                return Some((at, Listed::Receiver(view)));
            }
            at = LinkPlace {
                node: at.node.checked_add(1)?,
                bearer: 0,
            };
        }
    }

    /// The link of that name, and whose it is.
    fn find(&self, name: &[u8]) -> Option<(Arc<Neighbour>, BearerId, LinkView)> {
        let mut at = LinkPlace::default();
        loop {
            let (next, listed) = self.link_from(at, false)?;
            at = next;
            let Listed::Link(view) = listed else {
                continue;
            };
            if view.name.bytes() == name {
                let bearer = BearerId::new(next.bearer.checked_sub(1)?)?;
                let neighbour = self.cluster().neighbour(NodeAddr(next.node))?;
                return Some((neighbour, bearer, view));
            }
        }
    }

    fn view(&self, neighbour: &Neighbour, bearer: BearerId) -> Option<LinkView> {
        let name = self.name_of(neighbour, bearer)?;
        let state = neighbour.state.lock();
        let link = state.peer.link(bearer)?;
        let window = link.window();
        Some(LinkView {
            name,
            mtu: link.mtu(),
            up: link.state().is_up(),
            active: state.peer.slots().is_active(bearer),
            properties: Properties {
                priority: link.priority(),
                tolerance: link.tolerance(),
                window: (window.min(), window.size() as u16),
            },
            stats: *link.stats(),
        })
    }

    fn name_of(&self, neighbour: &Neighbour, bearer: BearerId) -> Option<LinkName> {
        let (own, peer) = (self.identity().id(), self.named(neighbour.address));
        let own = Named {
            id: own,
            address: self.own_node(),
        };
        let state = neighbour.state.lock();
        let link = state.peer.link(bearer)?;
        let theirs = link.peer().interface;
        Some(LinkName::new(own, &link.config().interface, peer, &theirs))
    }

    /// A node, as names of links show it; by its address if it has just been forgotten.
    pub(super) fn named(&self, address: NodeAddr) -> Named {
        let id = super::id_of(self, address);
        Named {
            id: id.unwrap_or(crate::proto::vocab::NodeId::of_address(address)),
            address,
        }
    }

    /// The link of that name.
    pub fn link(&self, name: &[u8]) -> Option<LinkView> {
        self.find(name).map(|(_, _, view)| view)
    }

    /// The name of the link to a node on bearer number `bearer`.
    pub fn link_name(&self, node: NodeAddr, bearer: u32) -> Option<LinkName> {
        let neighbour = self.cluster().neighbour(node)?;
        self.name_of(&neighbour, BearerId::new(u8::try_from(bearer).ok()?)?)
    }

    /// Sets properties of the link of that name; false if there is none.
    pub fn set_link(&self, name: &[u8], wanted: &Wanted) -> bool {
        self.find(name).is_some_and(|(neighbour, bearer, _)| {
            self.with(&neighbour, |peer, now, out| {
                (peer.set_link(bearer, wanted, now, out), News::NONE)
            })
        })
    }

    /// Lets the link of that name count from 0 again; false if there is none.
    pub fn reset_link_stats(&self, name: &[u8]) -> bool {
        self.find(name).is_some_and(|(neighbour, bearer, _)| {
            let mut state = neighbour.state.lock();
            let link = state.peer.link_mut(bearer);
            link.map(|link| link.reset_stats()).is_some()
        })
    }

    /// Sets properties of a bearer. The tolerance is also that of its links from now on; priority
    /// and window hold for those to come, as in C.
    pub fn set_bearer(&self, id: BearerId, wanted: &Wanted) {
        if let Some(bearer) = at_mut(&mut self.cluster().bearers.lock(), id) {
            bearer.properties.change(wanted);
        }
        let now_too = Wanted {
            tolerance: wanted.tolerance,
            ..Wanted::default()
        };
        if now_too.tolerance.is_none() {
            return;
        }
        let mut last = 0;
        while let Some(neighbour) = self.cluster().neighbour_after(last) {
            last = neighbour.address.0;
            self.with(&neighbour, |peer, now, out| {
                (peer.set_link(id, &now_too, now, out), News::NONE)
            });
        }
    }

    /// Forgets a node there is no contact with. ENXIO if it is not known, EBUSY if there is, or may
    /// be, contact.
    pub fn remove_peer(self: &Arc<Self>, address: NodeAddr) -> Result {
        let neighbour = self.cluster().neighbour(address).ok_or(ENXIO)?;
        let idle = self.with(&neighbour, |peer, now, out| peer.clear(now, out));
        if !idle {
            return Err(EBUSY);
        }
        self.publish_links(&neighbour);
        // In this order: while discovery still knows it, no beacon of it makes a new link.
        contact::forget_all(self, [address]);
        if let Some(discovery) = &mut *self.cluster().discovery.lock() {
            discovery.neighbours().remove(address);
        }
        Ok(())
    }
}
