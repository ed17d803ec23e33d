// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! Beacons, and the neighbours they lead to.
//!
//! In: bearers that come and go, beacons that come in, time; out: beacons, links. Replaces the
//! locking in C `discover.c` and C `node.c:tipc_node_check_dest`.

use super::medium::{at, Bearer};
use super::neighbour::{now, Clock, Neighbour};
use super::{seed, Cluster};
use crate::mem::slab::Slab;
use crate::proto::discovery::{Change, Contact, Discovery, Notice};
use crate::proto::frame::Frame;
use crate::proto::link::Config;
use crate::proto::peer::{LinkRoom, NewLink, News, Peer};
use crate::proto::vocab::{BearerId, Instant, MediaAddr, NodeAddr, NodeId, SessionNo};
use crate::proto::wire::Beacon;
use crate::stack::frame::Packet;
use crate::stack::Net;
use crate::sys::atomic::Word;
use crate::sys::bottom;
use crate::sys::later::Job;
use crate::sys::random;
use crate::sys::timer::Tick;
use core::fmt;
use kernel::prelude::*;
use kernel::rbtree::RBTreeNode;
use kernel::sync::Arc;

/// A peer that takes no packets of this size is not talked to (C `bearer.h:TIPC_MIN_BEARER_OVERHEAD`
/// and `link.c`).
const MIN_MTU: u32 = 100;

/// Milliseconds between two lines in the log about what others do, that nobody can fill it. (C says
/// it each time.)
const WARN_PAUSE: u64 = 5000;

/// The namespace, as its timer and its work see it.
struct Work(Arc<Net>);

/// Lets timer and work of the cluster begin.
pub fn begin(net: &Arc<Net>) {
    let Ok(work) = Arc::new(Work(net.clone()), GFP_KERNEL) else {
        return;
    };
    net.cluster().timer.set(work.clone());
    net.cluster().later.set_job(work);
}

impl Tick for Work {
    fn tick(&self) -> Option<u32> {
        tick(&self.0)
    }
}

impl Job for Work {
    fn run(&self) {
        let settled = NodeAddr(self.0.cluster().settled.get());
        if settled != NodeAddr::NONE && self.0.own_node() == NodeAddr::NONE {
            self.0.settle_address(settled);
        }
        make_room(self.0.cluster());
        self.0.publish_all_links();
        self.0.end_connections();
        self.0.go_on_delivering();
        self.0.go_on_with_names();
    }
}

/// Memory for neighbours to come. May sleep.
fn make_room(cluster: &Cluster) {
    let wanted = || (*cluster.discovery.lock()).as_mut()?.neighbours().wanted();
    while let Some(number) = wanted() {
        let Some(room) = Slab::allocate(number) else {
            return;
        };
        let unused = match &mut *cluster.discovery.lock() {
            Some(discovery) => discovery.neighbours().grow(room),
            None => room,
        };
        drop(unused);
    }
}

/// A bearer comes into use. EINVAL if the place is taken or the node has no identity, ENOMEM.
/// Process context.
pub fn enable(net: &Arc<Net>, id: BearerId, bearer: Bearer) -> Result {
    let cluster = net.cluster();
    let fresh = Discovery::new(
        net.identity().network(),
        random::word(),
        seed(),
        random::word(),
    );
    let mut fresh = Some(fresh.ok_or(ENOMEM)?);
    let (media, domain) = (bearer.medium.address(), bearer.domain);
    let medium = KBox::new(bearer.medium.clone(), GFP_KERNEL)?;
    // What is refused goes after the unlock.
    let mut bearer = Some(bearer);
    cluster.change_bearers(|bearers| {
        let place = bearers.get_mut(id.place()).ok_or(EINVAL)?;
        if place.is_some() {
            return Err(EINVAL);
        }
        *place = bearer.take();
        Ok(())
    })?;
    cluster.set_medium(id, Some(medium));
    let beacon = {
        let mut discovery = cluster.discovery.lock();
        if discovery.is_none() {
            *discovery = fresh.take();
        }
        (*discovery).as_mut().and_then(|discovery| {
            discovery.own().set_identity(net.identity().id());
            if net.own_node() != NodeAddr::NONE {
                discovery.own().set_address(net.own_node());
            }
            discovery.enable(id, media, domain, now())
        })
    };
    make_room(cluster);
    match beacon {
        Some(beacon) => call(cluster, id, &beacon),
        None => {
            if let Some(gone) = take_bearer(cluster, id) {
                gone.medium.close();
            }
            return Err(EINVAL);
        }
    }
    arm(cluster);
    Ok(())
}

/// A bearer goes out of use, and its links with it. Process context.
pub fn disable(net: &Arc<Net>, id: BearerId) -> Option<Bearer> {
    let cluster = net.cluster();
    let medium = cluster.bearer(id)?.medium;
    // Nothing comes in by it any more, so no link is made anew; peers are still told good-bye.
    medium.close();
    if let Some(discovery) = &mut *cluster.discovery.lock() {
        discovery.disable(id, now());
    }
    remove_links(net, id);
    take_bearer(cluster, id)
}

/// Ends all links of a bearer; the peers hear of it.
fn remove_links(net: &Arc<Net>, id: BearerId) {
    let mut last = 0;
    while let Some(neighbour) = net.cluster().neighbour_after(last) {
        last = neighbour.address.0;
        // What is said last is sent while the link is still there to tell where to.
        net.with(&neighbour, |peer, now, out| ((), peer.fail(id, now, out)));
        net.with(&neighbour, |peer, now, out| {
            ((), peer.remove_link(id, now, out))
        });
    }
}

/// All links of a bearer are made anew when their peers answer its call. Process context.
pub fn reset(net: &Arc<Net>, id: BearerId) {
    let cluster = net.cluster();
    let Some(bearer) = cluster.bearer(id) else {
        return;
    };
    remove_links(net, id);
    let beacon = {
        let mut discovery = cluster.discovery.lock();
        let discovery = (*discovery).as_mut();
        discovery.and_then(|discovery| {
            discovery.disable(id, now());
            discovery.enable(id, bearer.medium.address(), bearer.domain, now())
        })
    };
    if let Some(beacon) = beacon {
        call(cluster, id, &beacon);
    }
    arm(cluster);
}

fn take_bearer(cluster: &Cluster, id: BearerId) -> Option<Bearer> {
    let gone = cluster.change_bearers(|bearers| bearers.get_mut(id.place())?.take());
    cluster.set_medium(id, None);
    gone
}

/// Sends a beacon to everybody.
fn call(cluster: &Cluster, id: BearerId, beacon: &Beacon) {
    let everybody = at(&cluster.bearers.lock(), id).map(|bearer| bearer.medium.everybody());
    if let Some(to) = everybody {
        send(cluster, id, beacon, &to);
    }
}

fn send(cluster: &Cluster, id: BearerId, beacon: &Beacon, to: &MediaAddr) {
    let packet = <Packet as Frame>::new(&beacon.write(), &[], 0);
    let held = bottom::hold();
    if let (Some(medium), Some(packet)) = (cluster.medium(id, &held), packet) {
        medium.send(packet, to);
    }
}

/// Sets the timer to what is due next.
pub fn arm(cluster: &Cluster) {
    let due = cluster
        .discovery
        .lock()
        .as_ref()
        .and_then(Discovery::next_deadline);
    if let Some(due) = due {
        cluster.timer.start(until(due));
    }
}

fn until(due: Instant) -> u32 {
    u32::try_from(due.since(now())).unwrap_or(u32::MAX).max(1)
}

/// Beacons that are due, and neighbours to forget; when to come again.
fn tick(net: &Arc<Net>) -> Option<u32> {
    let cluster = net.cluster();
    for id in BearerId::ALL {
        let due = {
            let mut discovery = cluster.discovery.lock();
            let discovery = (*discovery).as_mut()?;
            let now = now();
            match discovery.due(id) {
                Some(due) if due <= now => Some(discovery.tick(id, now)),
                _ => None,
            }
        };
        if let Some(due) = due {
            if let Some(beacon) = due.beacon {
                call(cluster, id, &beacon);
            }
            settle(net, due.settled);
        }
    }
    let forgotten = || (*cluster.discovery.lock()).as_mut()?.take_forgotten(now());
    forget_all(net, core::iter::from_fn(forgotten));
    let due = cluster.discovery.lock().as_ref()?.next_deadline()?;
    Some(until(due))
}

/// The node has an address now. What follows from that needs memory (C
/// `net.c:tipc_net_finalize_work`).
fn settle(net: &Arc<Net>, address: Option<NodeAddr>) {
    if let Some(address) = address {
        net.cluster().settled.set(address.0);
        net.cluster().later.within(0);
    }
}

/// Neighbours are no more, and what they could not do holds nobody back any longer.
pub fn forget_all(net: &Arc<Net>, gone: impl IntoIterator<Item = NodeAddr>) {
    let mut fewer = false;
    for address in gone {
        forget(net, address);
        fewer = true;
    }
    if fewer {
        net.know_capabilities();
    }
}

/// One neighbour is no more; for when all go.
pub fn forget(net: &Arc<Net>, address: NodeAddr) {
    let gone = {
        let mut neighbours = net.cluster().neighbours.lock();
        net.cluster().by_address.remove(address.0);
        neighbours.remove_node(&address.0)
    };
    if let Some(gone) = gone {
        let (_, neighbour) = gone.to_key_value();
        neighbour.timer.stop();
        net.withdraw_all_of(&neighbour);
        net.wake_all(&neighbour);
    }
}

/// A beacon has come in. Softirq.
#[cold]
#[inline(never)]
pub fn on_beacon(net: &Arc<Net>, id: BearerId, beacon: &Beacon) {
    let cluster = net.cluster();
    let reaction = {
        let mut discovery = cluster.discovery.lock();
        let Some(discovery) = &mut *discovery else {
            return;
        };
        discovery.rx(id, beacon, now())
    };
    settle(net, reaction.settled);
    if let Some(notice) = reaction.notice {
        tell(cluster, id, notice);
    }
    forget_all(net, reaction.forgotten.into_iter().flatten());
    if let Some(contact) = reaction.contact {
        meet(net, id, &contact);
        // The next new one may want memory.
        cluster.later.within(0);
    }
    if let Some(reply) = reaction.reply {
        send(cluster, id, &reply.beacon, &reply.to);
    }
    arm(cluster);
}

/// Whether the log may get a line for something others do: once in `WARN_PAUSE` for each thing.
fn may_warn(warned: &Word) -> bool {
    // Never 0, which is the value before the first.
    let period = (now().0 / WARN_PAUSE) as u32 | 1 << 31;
    let fresh = warned.get() != period;
    warned.set(period);
    fresh
}

/// For the log, in C's words (C `discover.c:disc_dupl_alert`).
fn tell(cluster: &Cluster, id: BearerId, notice: Notice) {
    match notice {
        Notice::Corrupt if may_warn(&cluster.warned_corrupt) => {
            pr_warn!("Rcv corrupt discovery message\n");
        }
        Notice::Duplicate(address, media) if may_warn(&cluster.warned_duplicate) => {
            let bearer = at(&cluster.bearers.lock(), id).cloned();
            if let Some(bearer) = bearer {
                pr_warn!(
                    "Duplicate {:x} using eth({}) seen on <{}>\n",
                    address.0,
                    core::format_args!("{}", ShownMac(&media)),
                    core::format_args!("{}", bearer.shown())
                );
            }
        }
        Notice::Corrupt | Notice::Duplicate(..) => {}
        Notice::Refused(_) => cluster.later.within(0),
    }
}

/// An Ethernet address, to be shown.
struct ShownMac<'a>(&'a MediaAddr);

impl fmt::Display for ShownMac<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, byte) in self.0.value.iter().take(6).enumerate() {
            let colon = if at == 0 { "" } else { ":" };
            write!(f, "{colon}{byte:02x}")?;
        }
        Ok(())
    }
}

/// Something has become known of a neighbour.
fn meet(net: &Arc<Net>, id: BearerId, contact: &Contact) {
    let cluster = net.cluster();
    let Some(bearer) = at(&cluster.bearers.lock(), id).cloned() else {
        return;
    };
    let Some(own) = own_address(cluster) else {
        return;
    };
    let met = known(net, own, contact).zip(LinkRoom::new());
    let Some((neighbour, room)) = met else {
        if let Some(discovery) = &mut *cluster.discovery.lock() {
            discovery.unheard(contact.address, id);
        }
        return;
    };
    let config = Config {
        own,
        peer: contact.address,
        bearer: id.number(),
        plane: id.number(),
        interface: bearer.interface(),
        mtu: bearer.medium.mtu(),
        min_mtu: MIN_MTU,
        tolerance: bearer.properties.tolerance,
        priority: bearer.properties.priority,
        window: bearer.properties.window(),
        capabilities: contact.capabilities,
    };
    let new = NewLink {
        room,
        config,
        session: SessionNo(random::word() as u16),
        media: contact.media,
    };
    net.with(&neighbour, |peer, now, out| {
        peer.set_capabilities(contact.capabilities);
        let news = match contact.change {
            Change::New => {
                peer.add_link(id, new, now, out);
                News::NONE
            }
            Change::Moved => peer.move_link(id, contact.media, now, out),
            Change::Capabilities => News::NONE,
        };
        ((), news)
    });
    net.arm_neighbour(&neighbour);
    net.know_capabilities();
}

/// The identity of another node.
pub fn id_of(net: &Net, node: NodeAddr) -> Option<NodeId> {
    let mut discovery = net.cluster().discovery.lock();
    let neighbours = (*discovery).as_mut()?.neighbours();
    let at = neighbours.find(node)?;
    Some(neighbours.get(at)?.id)
}

/// The address that beacons say, which the namespace takes a little later.
fn own_address(cluster: &Cluster) -> Option<NodeAddr> {
    let mut discovery = cluster.discovery.lock();
    Some((*discovery).as_mut()?.own().address())
}

/// The record of a neighbour, new if need be; none without memory.
fn known(net: &Arc<Net>, own: NodeAddr, contact: &Contact) -> Option<Arc<Neighbour>> {
    let cluster = net.cluster();
    if let Some(known) = cluster.neighbour(contact.address) {
        return Some(known);
    }
    let peer = Peer::new(own, contact.address, contact.capabilities, now());
    let new = Neighbour::new(peer).ok()?;
    let clock = Clock {
        net: net.clone(),
        neighbour: new.clone(),
    };
    new.timer.set(Arc::new(clock, GFP_ATOMIC).ok()?);
    let node = RBTreeNode::new(contact.address.0, new.clone(), GFP_ATOMIC);
    let old = match node {
        Ok(node) => {
            let mut neighbours = cluster.neighbours.lock();
            cluster.by_address.insert(new.clone());
            neighbours.insert(node)
        }
        Err(_) => {
            new.timer.stop();
            return None;
        }
    };
    drop(old);
    Some(new)
}
