// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! The broadcast link, as administrators see and set it.
//!
//! In: questions and settings of `mgmt`; out: values, copied with the lock held and used without.
//! Replaces the look-ups in C `bcast.c:tipc_nl_bc_link_set` and `tipc_bclink_reset_stats`. Process
//! context, no lock held.

use super::neighbour::Neighbour;
use crate::proto::broadcast::Mode;
use crate::proto::link::{LinkName, Named, Stats};
use crate::stack::Net;

/// The broadcast link's own end, or the end broadcasts of one neighbour come to.
pub struct BroadcastView {
    /// Its name.
    pub name: LinkName,
    /// The largest window of the own end, in packets.
    pub window: u16,
    /// Whether multicasts are broadcast or sent as copies; none while they cannot be broadcast.
    pub mode: Option<Mode>,
    /// The share of the cluster up to which copies are sent, in percent.
    pub ratio: u32,
    /// What it has counted.
    pub stats: Stats,
}

impl Net {
    fn broadcast_view(&self, name: LinkName) -> BroadcastView {
        let can = self.cluster().can();
        let broadcast = self.cluster().broadcast.lock();
        BroadcastView {
            name,
            window: broadcast.sender.window().max(),
            mode: broadcast.routes.mode(can),
            ratio: broadcast.routes.ratio(),
            stats: *broadcast.sender.stats(),
        }
    }

    /// The own end.
    pub fn broadcast_link(&self) -> BroadcastView {
        self.broadcast_view(LinkName::broadcast(None))
    }

    /// The end where those of a neighbour come in.
    pub(super) fn broadcast_receiver(&self, neighbour: &Neighbour, named: Named) -> BroadcastView {
        let stats = *neighbour.state.lock().peer.broadcasts().receiver.stats();
        BroadcastView {
            stats,
            ..self.broadcast_view(LinkName::broadcast(Some(named)))
        }
    }

    /// Sets how multicasts go; false if the cluster cannot do that.
    pub fn set_broadcast_mode(&self, mode: Mode) -> bool {
        let can = self.cluster().can();
        let mut broadcast = self.cluster().broadcast.lock();
        broadcast.routes.set_mode(mode, can)
    }

    /// Sets the share of the cluster up to which copies are sent, 1 to 100 percent; false if the
    /// cluster cannot do both.
    pub fn set_broadcast_ratio(&self, ratio: u32) -> bool {
        let can = self.cluster().can();
        let mut broadcast = self.cluster().broadcast.lock();
        let peers = broadcast.sender.peers();
        broadcast.routes.set_ratio(ratio, peers, can)
    }

    /// Whether there can be only one of broadcasts and copies.
    pub fn broadcasts_or_copies(&self) -> bool {
        let mut routes = self.cluster().broadcast.lock().routes;
        !routes.set_mode(Mode::Auto, self.cluster().can())
    }

    /// Sets the largest window of the own end, in packets.
    pub fn set_broadcast_window(&self, most: u16) {
        self.cluster().broadcast.lock().sender.set_window(most);
    }

    /// The own end counts from 0 again.
    pub fn reset_broadcast_stats(&self) {
        self.cluster().broadcast.lock().sender.reset_stats();
    }

    /// The end of that name where broadcasts of a neighbour come in counts from 0 again; false if
    /// there is none.
    pub fn reset_receiver_stats(&self, name: &[u8]) -> bool {
        let mut last = 0;
        while let Some(neighbour) = self.cluster().neighbour_after(last) {
            last = neighbour.address.0;
            if LinkName::broadcast(Some(self.named(neighbour.address))).bytes() == name {
                let mut state = neighbour.state.lock();
                state.peer.broadcast().receiver.reset_stats();
                return true;
            }
        }
        false
    }
}
