// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! A neighbour node, and what is kept for it beside its links.
//!
//! In: packets and messages of `mod`; out: packets for the bearers, messages for this node. The lock
//! of the peer is never held while something is sent or delivered; what goes up is put into the
//! inbox under it and delivered by one CPU at a time, so that order is kept.

use super::waiting::Waiting;
use crate::proto::names::{Bulk, Intake, PeerBindings};
use crate::proto::peer::Peer;
use crate::proto::vocab::{Instant, MediaAddr, NodeAddr, MAX_BEARERS};
use crate::stack::frame::{Packet, Packets};
use crate::stack::Net;
use crate::sys::clock;
use crate::sys::lock::{new_bh_spinlock, BhSpinLock};
use crate::sys::timer::{Tick, Timer};
use kernel::prelude::*;
use kernel::sync::Arc;

/// The time, as the protocol wants it.
pub fn now() -> Instant {
    Instant(clock::now_ms())
}

/// A neighbour.
#[pin_data]
pub struct Neighbour {
    /// Its address.
    pub address: NodeAddr,
    /// The links.
    #[pin]
    pub state: BhSpinLock<State>,
    /// Its names.
    #[pin]
    pub names: BhSpinLock<Names>,
    /// For the links' ticks.
    #[pin]
    pub timer: Timer,
}

/// What the lock of the links guards.
pub struct State {
    /// The links.
    pub peer: Peer<Packet>,
    /// Messages that have come and are to be delivered, in order.
    pub inbox: Packets,
    /// Whether somebody delivers them.
    pub delivering: bool,
    /// Sockets that wait to send on.
    pub waiting: Waiting,
}

/// What it has told, and what it is told.
pub struct Names {
    /// Messages about its bindings, in order.
    pub intake: Intake<Packet>,
    /// Its bindings.
    pub theirs: PeerBindings,
    /// How far it has been told ours.
    pub bulk: Option<Bulk>,
}

impl Neighbour {
    /// A node that has just been heard of. Any context.
    pub fn new(peer: Peer<Packet>) -> Result<Arc<Self>> {
        Arc::pin_init(
            try_pin_init!(Neighbour {
                address: peer.address(),
                state <- new_bh_spinlock!(
                    State {
                        peer,
                        inbox: Packets::default(),
                        delivering: false,
                        waiting: Waiting::new(),
                    },
                    "tipc_peer"
                ),
                names <- new_bh_spinlock!(
                    Names {
                        intake: Intake::new(),
                        theirs: PeerBindings::new(),
                        bulk: None,
                    },
                    "tipc_peer_names"
                ),
                timer <- Timer::new(),
            }),
            GFP_ATOMIC,
        )
    }

    /// Where it is on each bearer.
    pub fn media(peer: &Peer<Packet>) -> [Option<MediaAddr>; MAX_BEARERS] {
        let mut out = [None; MAX_BEARERS];
        for (place, bearer) in out.iter_mut().zip(crate::proto::vocab::BearerId::ALL) {
            *place = peer.media(bearer);
        }
        out
    }
}

/// The clock of one neighbour.
pub struct Clock {
    /// The namespace.
    pub net: Arc<Net>,
    /// The neighbour.
    pub neighbour: Arc<Neighbour>,
}

impl Tick for Clock {
    fn tick(&self) -> Option<u32> {
        Some(self.net.tick_neighbour(&self.neighbour))
    }
}
