// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! Room `discovery`: how nodes on a wire find each other and agree on addresses.
//!
//! In: beacons (`rx`) and time (`tick`), bearers and links that come and go; out: beacons to send,
//! and which neighbour to make a link to. The content of one lock per namespace; nothing allocates
//! but `new`: room for neighbours is made beforehand (`neighbours().wanted`). Replaces C
//! `discover.c` and the directory of nodes in C `node.c`.
//!
//! `own` is our address and its trial, `schedule` when a bearer calls out, `acceptance` what a
//! beacon means, `neighbours` who has been heard of.
#![deny(clippy::arithmetic_side_effects, clippy::indexing_slicing)]
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

pub mod acceptance;
pub mod neighbours;
pub mod own;
pub mod schedule;

use crate::mem::slab::Index;
use crate::proto::peer::slots::MAX_LINKS;
use crate::proto::vocab::{
    BearerId, Capabilities, Instant, MediaAddr, NodeAddr, NodeId, MAX_BEARERS,
};
use crate::proto::wire::{Beacon, BeaconKind, MediaInfo};
use acceptance::{contains, decide, Match};
use neighbours::{Neighbour, Neighbours, Refused, MAX_NEIGHBOURS};
use own::Own;
use schedule::Schedule;

/// A beacon to send, and where to.
#[derive(Clone, Copy)]
pub struct Reply {
    /// The beacon.
    pub beacon: Beacon,
    /// The node it is for.
    pub to: MediaAddr,
}

/// What the administrator should know; seldom said is enough.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Notice {
    /// A beacon that says it comes from everybody.
    Corrupt,
    /// Another node, at this address of the medium, has this address too.
    Duplicate(NodeAddr, MediaAddr),
    /// There is no record for a new node.
    Refused(Refused),
}

/// What has become known of a neighbour.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Change {
    /// It is on this bearer: make a link.
    New,
    /// It has another address on the medium: reset the link, unless it is reset.
    Moved,
    /// It can do other things.
    Capabilities,
}

/// A neighbour something has become known of.
#[derive(Clone, Copy)]
pub struct Contact {
    /// What.
    pub change: Change,
    /// Its address.
    pub address: NodeAddr,
    /// Its identity.
    pub id: NodeId,
    /// What it can do.
    pub capabilities: Capabilities,
    /// Where it is on the medium.
    pub media: MediaAddr,
}

/// What follows from a beacon. Forget first, then make contact, then send the reply.
#[derive(Clone, Copy, Default)]
#[must_use]
pub struct Reaction {
    /// Our own address, if it has just become ours.
    pub settled: Option<NodeAddr>,
    /// Nodes to forget: they have no link that works.
    pub forgotten: [Option<NodeAddr>; 2],
    /// News of the sender.
    pub contact: Option<Contact>,
    /// An answer.
    pub reply: Option<Reply>,
    /// For the log.
    pub notice: Option<Notice>,
}

impl Reaction {
    fn forget(&mut self, address: NodeAddr) {
        if let Some(free) = self.forgotten.iter_mut().find(|place| place.is_none()) {
            *free = Some(address);
        }
    }
}

/// What a bearer's timer has brought.
#[derive(Clone, Copy, Default)]
#[must_use]
pub struct Due {
    /// Our own address, if it has just become ours.
    pub settled: Option<NodeAddr>,
    /// A beacon for everybody.
    pub beacon: Option<Beacon>,
}

/// A bearer, as far as beacons go.
#[derive(Clone, Copy)]
struct Door {
    media: MediaAddr,
    schedule: Schedule,
}

/// Discovery of one network namespace.
pub struct Discovery {
    own: Own,
    neighbours: Neighbours,
    doors: [Option<Door>; MAX_BEARERS],
    network: u32,
    net_hash: u32,
}

impl Discovery {
    /// Of a node that is nobody yet, in the cluster `network`; none if there is no memory.
    /// `random` tells this life from others and must not be guessed, nor `seed`; `net_hash` says
    /// where in this kernel we are.
    pub fn new(network: u32, random: u32, seed: u64, net_hash: u32) -> Option<Self> {
        Some(Discovery {
            own: Own::new(random),
            neighbours: Neighbours::new(seed)?,
            doors: [None; MAX_BEARERS],
            network,
            net_hash,
        })
    }

    /// Who we are.
    pub fn own(&mut self) -> &mut Own {
        &mut self.own
    }

    /// Who has been heard of.
    pub fn neighbours(&mut self) -> &mut Neighbours {
        &mut self.neighbours
    }

    fn door(&mut self, bearer: BearerId) -> Option<&mut Door> {
        self.doors.get_mut(bearer.place())?.as_mut()
    }

    fn beacon(&self, kind: BeaconKind, media: &MediaAddr, domain: NodeAddr) -> Beacon {
        Beacon {
            kind,
            from: self.own.tried(),
            domain,
            network: self.network,
            capabilities: Capabilities::ALL,
            signature: self.own.random() as u16,
            media: MediaInfo::of(media),
            net_hash: self.net_hash,
            suggested: NodeAddr::NONE,
            id: self.own.id(),
        }
    }

    fn call(&self, door: &Door, now: Instant) -> Beacon {
        let kind = if self.own.is_trying(now) {
            BeaconKind::Trial
        } else {
            BeaconKind::Request
        };
        self.beacon(kind, &door.media, door.schedule.domain())
    }

    /// A bearer comes into use; the beacon to send at once. None if we are nobody, or the bearer is
    /// in use. A node without address begins its trial.
    pub fn enable(
        &mut self,
        bearer: BearerId,
        media: MediaAddr,
        domain: NodeAddr,
        now: Instant,
    ) -> Option<Beacon> {
        if self.own.id() == NodeId::NONE || self.door(bearer).is_some() {
            return None;
        }
        self.own.begin_trial(now);
        let door = Door {
            media,
            schedule: Schedule::new(domain, now),
        };
        *self.doors.get_mut(bearer.place())? = Some(door);
        Some(self.call(&door, now))
    }

    /// A bearer goes out of use: so do its links.
    pub fn disable(&mut self, bearer: BearerId, now: Instant) {
        if let Some(door) = self.doors.get_mut(bearer.place()) {
            *door = None;
        }
        for at in self.neighbours.places() {
            self.neighbours.link_down(at, bearer, now);
            let record = self.neighbours.get_mut(at);
            if let Some(media) = record.and_then(|r| r.media.get_mut(bearer.place())) {
                *media = None;
            }
        }
    }

    /// The device has come back, perhaps with another address; the beacon to send at once.
    pub fn restart(&mut self, bearer: BearerId, media: MediaAddr, now: Instant) -> Option<Beacon> {
        let door = self.door(bearer)?;
        door.media = media;
        door.schedule.restart(now);
        let door = *door;
        Some(self.call(&door, now))
    }

    /// The time `next_deadline` gave for a bearer has come.
    pub fn tick(&mut self, bearer: BearerId, now: Instant) -> Due {
        let mut out = Due::default();
        let trying = self.own.is_trying(now);
        let settled = self.own.settle(now);
        let Some(door) = self.door(bearer) else {
            return out;
        };
        if settled.is_some() {
            out.settled = settled;
            door.schedule.put_off(now);
        } else if door.schedule.tick(now, trying) {
            let door = *door;
            out.beacon = Some(self.call(&door, now));
        }
        out
    }

    /// A neighbour that has been without a link for too long, and is forgotten; call until none.
    pub fn take_forgotten(&mut self, now: Instant) -> Option<NodeAddr> {
        let address = self.neighbours.to_forget(now)?;
        self.neighbours.remove(address).map(|gone| gone.address)
    }

    /// When `tick` is to be called for a bearer.
    pub fn due(&self, bearer: BearerId) -> Option<Instant> {
        let door = self.doors.get(bearer.place())?.as_ref()?;
        door.schedule.due()
    }

    /// When anything is to be done: `tick` for a bearer, or `take_forgotten`.
    pub fn next_deadline(&self) -> Option<Instant> {
        let doors = BearerId::ALL.iter().filter_map(|bearer| self.due(*bearer));
        doors.chain(self.neighbours.due()).min()
    }

    /// What was said of a neighbour on a bearer could not be followed for lack of memory: its next
    /// beacon says it again.
    pub fn unheard(&mut self, address: NodeAddr, bearer: BearerId) {
        if let Some(at) = self.neighbours.find(address) {
            self.neighbours.unhear(at, bearer);
        }
    }

    /// The link to `address` on `bearer` has come up.
    pub fn link_up(&mut self, address: NodeAddr, bearer: BearerId) {
        let Some(at) = self.neighbours.find(address) else {
            return;
        };
        if self.neighbours.link_up(at, bearer) {
            if let Some(door) = self.door(bearer) {
                door.schedule.add_link();
            }
        }
    }

    /// The link to `address` on `bearer` has gone down.
    pub fn link_down(&mut self, address: NodeAddr, bearer: BearerId, now: Instant) {
        let Some(at) = self.neighbours.find(address) else {
            return;
        };
        if self.neighbours.link_down(at, bearer, now) {
            if let Some(door) = self.door(bearer) {
                door.schedule.remove_link(now);
            }
        }
    }

    /// A beacon has come in by `bearer`.
    pub fn rx(&mut self, bearer: BearerId, beacon: &Beacon, now: Instant) -> Reaction {
        let mut out = Reaction::default();
        let Some(own_media) = self.door(bearer).map(|door| door.media) else {
            return out;
        };
        let media = beacon.media.addr(own_media.medium);
        if media.broadcast {
            out.notice = Some(Notice::Corrupt);
            return out;
        }
        // Our own beacons come back by our other bearers, if those are on the same wire.
        let ours = |door: &Door| door.media == media;
        if self.doors.iter().flatten().any(ours) || beacon.network != self.network {
            return out;
        }
        out.settled = self.own.settle(now);
        match beacon.kind {
            BeaconKind::TrialFail => self.own.on_objection(beacon.domain, beacon.suggested, now),
            BeaconKind::Trial => {
                out.reply = self.objection(beacon).map(|suggested| Reply {
                    beacon: Beacon {
                        suggested,
                        ..self.beacon(BeaconKind::TrialFail, &own_media, beacon.from)
                    },
                    to: media,
                });
            }
            BeaconKind::Request | BeaconKind::Response => {
                if !self.own.is_trying(now) {
                    self.on_call(bearer, beacon, media, now, &mut out);
                }
            }
        }
        out
    }

    /// What to suggest to a node that tries an address: nothing, if it may have it.
    fn objection(&self, beacon: &Beacon) -> Option<NodeAddr> {
        let known = |at| self.neighbours.get(at);
        if let Some(holder) = self.neighbours.find(beacon.from).and_then(known) {
            return (holder.id != beacon.id).then(|| self.free_address(beacon.from));
        }
        if let Some(itself) = self.neighbours.find_id(beacon.id).and_then(known) {
            return Some(itself.address);
        }
        (self.own.tried() == beacon.from).then(|| self.free_address(beacon.from))
    }

    /// An address nobody has, made of one that somebody has.
    fn free_address(&self, taken: NodeAddr) -> NodeAddr {
        let mut address = NodeAddr(taken.0 ^ self.own.random());
        // One more than there can be neighbours, ourselves and the address 0.
        for _ in 0..MAX_NEIGHBOURS.saturating_add(3) {
            let free = address != NodeAddr::NONE && address != self.own.tried();
            if free && self.neighbours.find(address).is_none() {
                break;
            }
            address = NodeAddr(address.0.wrapping_add(1));
        }
        address
    }

    /// A request or a response.
    fn on_call(
        &mut self,
        bearer: BearerId,
        beacon: &Beacon,
        media: MediaAddr,
        now: Instant,
        out: &mut Reaction,
    ) {
        let (own, old) = (self.own.address(), self.own.has_old_addresses());
        if beacon.from.is_own(own) {
            out.notice = Some(Notice::Duplicate(own, media));
            return;
        }
        let Some(door) = self.door(bearer).copied() else {
            return;
        };
        let sought = door.schedule.domain();
        if !contains(beacon.domain, own, old) || !contains(sought, beacon.from, old) {
            return;
        }
        let Some(at) = self.known(beacon, media, now, out) else {
            return;
        };
        let respond = self.on_neighbour(at, bearer, beacon, media, out);
        if respond && beacon.kind == BeaconKind::Request {
            let response = self.beacon(BeaconKind::Response, &door.media, beacon.from);
            out.reply = Some(Reply {
                beacon: response,
                to: media,
            });
        }
    }

    /// The record of the sender, new if need be. Another node that had its address, and the
    /// address it had itself, are forgotten, unless they have a link that works.
    fn known(
        &mut self,
        beacon: &Beacon,
        media: MediaAddr,
        now: Instant,
        out: &mut Reaction,
    ) -> Option<Index> {
        let holder = self.neighbours.find(beacon.from);
        let itself = self.neighbours.find_id(beacon.id);
        if holder.is_some() && holder == itself {
            return holder;
        }
        for at in [holder, itself].into_iter().flatten() {
            if self.neighbours.get(at).is_some_and(Neighbour::is_up) {
                out.notice = Some(Notice::Duplicate(beacon.from, media));
                return None;
            }
        }
        let places = [holder, itself].map(|at| Some(self.neighbours.get(at?)?.address));
        for address in places.into_iter().flatten() {
            self.neighbours.remove(address);
            out.forget(address);
        }
        if let Some(address) = self.neighbours.to_replace(now) {
            self.neighbours.remove(address);
            out.forget(address);
        }
        let new = Neighbour::new(beacon.from, beacon.id, beacon.capabilities);
        match self.neighbours.insert(new, now) {
            Ok(at) => Some(at),
            Err(why) => {
                out.notice = Some(Notice::Refused(why));
                None
            }
        }
    }

    /// What a beacon means for the neighbour it is from; whether to answer.
    fn on_neighbour(
        &mut self,
        at: Index,
        bearer: BearerId,
        beacon: &Beacon,
        media: MediaAddr,
        out: &mut Reaction,
    ) -> bool {
        let Some(record) = self.neighbours.get_mut(at) else {
            return false;
        };
        let before = record.media_on(bearer);
        let decision = decide(Match {
            signature: record.signature == Some(beacon.signature),
            media: before == Some(media),
            up: record.is_up_on(bearer),
        });
        if decision.duplicate {
            out.notice = Some(Notice::Duplicate(beacon.from, media));
            return false;
        }
        if decision.sign {
            record.signature = Some(beacon.signature);
        }
        let mut change = None;
        if record.capabilities != beacon.capabilities {
            record.capabilities = beacon.capabilities;
            change = Some(Change::Capabilities);
        }
        let may = before.is_some() || record.links() < MAX_LINKS;
        if let (true, true, Some(place)) =
            (decision.accept, may, record.media.get_mut(bearer.place()))
        {
            *place = Some(media);
            change = Some(match before {
                Some(_) => Change::Moved,
                None => Change::New,
            });
        }
        out.contact = change.map(|change| Contact {
            change,
            address: record.address,
            id: record.id,
            capabilities: record.capabilities,
            media,
        });
        decision.respond
    }
}
