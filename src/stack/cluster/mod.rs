// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! The cluster as one node sees it: its bearers, its neighbours, and the ways between.
//!
//! In: packets from `bearer`, messages from `socket`, time; out: packets to `bearer`, messages to
//! `socket` through `Upward`. `medium` is what a bearer is, `neighbour` one node, `contact` makes
//! neighbours of beacons, `broadcast` is the link to all of them, `down` and `up` are the ways of a
//! message, `distribution` tells names, `links` of links, `manage` is for administrators.
//! Replaces the locking in C `node.c`, `bearer.c`, `discover.c` and `name_distr.c`.

mod broadcast;
mod broadcast_view;
mod contact;
mod distribution;
mod down;
mod links;
mod manage;
mod medium;
mod multicast;
mod neighbour;
mod shape;
mod up;
mod waiting;

use super::frame::Packet;
use super::Net;
use crate::proto::discovery::Discovery;
use crate::proto::vocab::{BearerId, Capabilities, NodeAddr, PortId};
use crate::sys::atomic::Word;
use crate::sys::bottom::Held;
use crate::sys::claim::Claim;
use crate::sys::later::Later;
use crate::sys::lock::{new_bh_spinlock, BhSpinLock};
use crate::sys::random;
use crate::sys::rcu;
use crate::sys::shared::Shared;
use crate::sys::table::Table;
use crate::sys::timer::{new_timer, Timer};
use broadcast::Broadcast;
pub use broadcast_view::BroadcastView;
pub use contact::{disable, enable, id_of, reset};
use kernel::prelude::*;
use kernel::rbtree::RBTree;
use kernel::sync::{Arc, ArcBorrow};
pub use manage::{LinkPlace, LinkView, Listed};
pub use medium::{Bearer, Bearers, Medium, Properties, BEARER_NAME, DEFAULT_PRIORITY};
pub use multicast::Destinations;
pub use neighbour::Neighbour;
pub use up::{rx, rx_all};

/// Where messages for this node go.
pub trait Upward: Send + Sync {
    /// A message of another node for a socket: user data, or word about a connection. Any context,
    /// no lock held; `held` if bottom halves are.
    fn deliver(&self, packet: Packet, held: Option<&Held>);
    /// A socket that was told to wait may send to that node again; none: by the broadcast link.
    fn wake(&self, port: PortId, node: NodeAddr);
    /// Contact with some node is lost, and with it the connections there: those of which
    /// `Net::is_over` says so. Process context.
    fn lost(&self);
}

/// A sender that can be told to wait.
pub trait Sender {
    /// It must not send more to that node (none: by the broadcast link) until it is woken.
    fn block(&self, node: NodeAddr);
    /// It may after all.
    fn unblock(&self, node: NodeAddr);
}

/// The cluster.
#[pin_data]
pub struct Cluster {
    #[pin]
    bearers: BhSpinLock<Bearers>,
    /// A bit for each of them that works, and what each sends by, to be read without the lock.
    working: Word,
    /// A bit for each of them that takes a packet only in one piece of memory.
    plain: Word,
    media: [Shared<Arc<dyn Medium>>; crate::proto::vocab::MAX_BEARERS],
    #[pin]
    discovery: BhSpinLock<Option<Discovery>>,
    /// The address the trial has led to.
    settled: Word,
    /// When the log last got a line about a bad beacon, and about another node with our address.
    warned_corrupt: Word,
    warned_duplicate: Word,
    /// For beacons.
    #[pin]
    timer: Timer,
    /// In order of their addresses, and to be found by them without the lock.
    #[pin]
    neighbours: BhSpinLock<RBTree<u32, Arc<Neighbour>>>,
    #[pin]
    by_address: Table<Neighbour>,
    /// Taken over the lock of a neighbour's links.
    #[pin]
    broadcast: BhSpinLock<Broadcast>,
    /// Who sends what there is to be broadcast, in order.
    shouting: Claim,
    /// What all known nodes can do.
    capabilities: Word,
    /// The number of the last packet that was broadcast.
    last_broadcast: Word,
    /// How often contact was lost, with whomever.
    #[pin]
    losses: BhSpinLock<u32>,
    /// As many of them as connections have been ended for.
    swept: Word,
    /// For what needs memory.
    #[pin]
    later: Later,
    upward: Shared<Arc<dyn Upward>>,
}

impl Cluster {
    /// A node alone. May sleep.
    pub fn new() -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            bearers <- new_bh_spinlock!([const { None }; crate::proto::vocab::MAX_BEARERS], "tipc_bearers"),
            working: Word::new(0),
            plain: Word::new(0),
            media: [const { Shared::new() }; crate::proto::vocab::MAX_BEARERS],
            discovery <- new_bh_spinlock!(None, "tipc_discovery"),
            settled: Word::new(NodeAddr::NONE.0),
            warned_corrupt: Word::new(0),
            warned_duplicate: Word::new(0),
            timer <- new_timer!(c"tipc_beacons"),
            neighbours <- new_bh_spinlock!(RBTree::new(), "tipc_neighbours"),
            by_address <- Table::new(),
            broadcast <- new_bh_spinlock!(Broadcast::new(), "tipc_broadcast"),
            shouting: Claim::new(),
            capabilities: Word::new(Capabilities::ALL.0.into()),
            last_broadcast: Word::new(0),
            losses <- new_bh_spinlock!(0, "tipc_losses"),
            swept: Word::new(0),
            later <- Later::new(),
            upward: Shared::new(),
        })
    }

    /// The neighbour with this address.
    pub fn neighbour(&self, address: NodeAddr) -> Option<Arc<Neighbour>> {
        Some(self.neighbour_at(address, &rcu::read_lock())?.into())
    }

    /// The same, while bottom halves are held off or in another read section of RCU.
    fn neighbour_at<'g>(
        &'g self,
        address: NodeAddr,
        section: &'g impl rcu::Section,
    ) -> Option<ArcBorrow<'g, Neighbour>> {
        self.by_address.find(address.0, section)
    }

    /// The first neighbour with an address above `after`.
    pub fn neighbour_after(&self, after: u32) -> Option<Arc<Neighbour>> {
        self.neighbour_from(after.checked_add(1)?)
    }

    /// The first neighbour with this address or one above it.
    pub fn neighbour_from(&self, from: u32) -> Option<Arc<Neighbour>> {
        let neighbours = self.neighbours.lock();
        let cursor = neighbours.cursor_lower_bound(&from)?;
        let (_, found) = cursor.current();
        Some(found.clone())
    }

    /// The bearer at a place.
    pub fn bearer(&self, id: BearerId) -> Option<Bearer> {
        medium::at(&self.bearers.lock(), id).cloned()
    }

    /// The medium of a bearer works, or does not.
    pub fn set_up(&self, id: BearerId, up: bool) {
        self.change_bearers(|bearers| {
            if let Some(bearer) = medium::at_mut(bearers, id) {
                bearer.up = up;
            }
        });
    }

    /// Takes bearers into or out of use.
    fn change_bearers<R>(&self, change: impl FnOnce(&mut Bearers) -> R) -> R {
        let mut bearers = self.bearers.lock();
        let result = change(&mut bearers);
        let bits = |is: fn(&Bearer) -> bool| {
            let bit = |id| medium::at(&bearers, id).map_or(0, |bearer| medium::bit(id, is(bearer)));
            BearerId::ALL
                .map(bit)
                .into_iter()
                .fold(0, |all, one| all | one)
        };
        self.working.set(bits(|bearer| bearer.up));
        self.plain.set(bits(|bearer| !bearer.medium.gathers()));
        result
    }

    /// What a medium can do may not be the same any more.
    pub fn look_at_media(&self) {
        self.change_bearers(|_| ());
    }

    /// What a bearer sends by, if it works.
    fn medium<'g>(&'g self, id: BearerId, held: &'g Held) -> Option<&'g dyn Medium> {
        let medium = self.media.get(id.place())?.get(held)?;
        self.works(id).then_some(&**medium)
    }

    /// Lets a bearer send by this, or by nothing. May sleep.
    fn set_medium(&self, id: BearerId, medium: Option<KBox<Arc<dyn Medium>>>) {
        let old = self
            .media
            .get(id.place())
            .and_then(|place| place.replace(medium));
        drop(old);
    }

    /// Whether a bearer is in use and works.
    fn works(&self, id: BearerId) -> bool {
        self.working.get() & medium::bit(id, true) != 0
    }

    /// What all known nodes can do.
    fn can(&self) -> Capabilities {
        Capabilities(self.capabilities.get() as u16)
    }

    fn upward(&self) -> Option<Arc<dyn Upward>> {
        self.upward.get(&rcu::read_lock()).cloned()
    }
}

/// A random seed for a table.
fn seed() -> u64 {
    (u64::from(random::word()) << 32) | u64::from(random::word())
}

/// Connects the cluster of a namespace with its sockets, and lets its work begin. ENOMEM. May sleep.
pub fn begin(net: &Arc<Net>, upward: Arc<dyn Upward>) -> Result {
    let upward = KBox::new(upward, GFP_KERNEL)?;
    drop(net.cluster().upward.replace(Some(upward)));
    contact::begin(net);
    Ok(())
}

/// Ends all work: no bearer is left, no neighbour and no timer. May sleep.
pub fn end(net: &Arc<Net>) {
    let cluster = net.cluster();
    cluster.timer.stop();
    cluster.later.stop();
    let none = [const { None }; crate::proto::vocab::MAX_BEARERS];
    let bearers = cluster.change_bearers(|bearers| core::mem::replace(bearers, none));
    for (id, bearer) in BearerId::ALL.into_iter().zip(bearers) {
        if let Some(bearer) = bearer {
            bearer.medium.close();
            cluster.set_medium(id, None);
        }
    }
    while let Some(neighbour) = cluster.neighbour_after(0) {
        contact::forget(net, neighbour.address);
    }
    drop(cluster.upward.replace(None));
}
