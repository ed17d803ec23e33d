// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! The nodes that have been heard of, found by address and by identity, and no more of them than
//! `MAX_NEIGHBOURS`, whatever is on the wire.
//!
//! In: nodes from beacons, links that come up and go down; out: records, and whom to forget. A node
//! with a link that works is never forgotten. One without is forgotten after `FORGET` ms or, when
//! there is no room, if it has been without for `GRACE` ms, the longest first: so whoever gets in
//! has time to bring a link up, even in a storm of beacons of nodes that are not there. Room is
//! made beforehand. Replaces the hash and the list of nodes of C `node.c` and
//! `tipc_node_cleanup`.

use crate::mem::slab::{Blocks, Growth, Index, Slab, NIL};
use crate::mem::Block;
use crate::proto::vocab::{
    BearerId, Capabilities, Instant, MediaAddr, NodeAddr, NodeId, MAX_BEARERS,
};

/// Neighbours at most: what eight blocks of records hold, several times the largest cluster known.
pub const MAX_NEIGHBOURS: u32 = 4080;
/// Milliseconds without a link after which a node is forgotten (C `node.c:NODE_CLEANUP_AFTER`).
pub const FORGET: u32 = 300_000;
/// Milliseconds a node has to bring a link up before it may be forgotten for another: as long as
/// the default tolerance takes to notice a loss.
pub const GRACE: u32 = 2000;

/// Buckets of each of the two directories: a few records in each when all are there.
const BUCKETS: usize = 1024;
const BUCKETS_LOG2: u32 = 10;

/// A neighbour.
#[derive(Clone, Copy)]
pub struct Neighbour {
    /// Its address.
    pub address: NodeAddr,
    /// Its identity.
    pub id: NodeId,
    /// What it can do.
    pub capabilities: Capabilities,
    /// Which life of it this is; none before its first beacon was accepted.
    pub signature: Option<u16>,
    /// Where it is on each bearer there is a link to it by.
    pub media: [Option<MediaAddr>; MAX_BEARERS],
    /// Bearers of the links that work, a bit each.
    up: u8,
    /// Since when it has had no link.
    since: Instant,
    /// Neighbours in the list of those without a link.
    older: Index,
    newer: Index,
    /// The next in its bucket, by address and by identity.
    by_address: Index,
    by_id: Index,
}

impl Neighbour {
    /// A node that has just been heard of, without links.
    pub fn new(address: NodeAddr, id: NodeId, capabilities: Capabilities) -> Self {
        Neighbour {
            address,
            id,
            capabilities,
            signature: None,
            media: [None; MAX_BEARERS],
            up: 0,
            since: Instant(0),
            older: NIL,
            newer: NIL,
            by_address: NIL,
            by_id: NIL,
        }
    }

    /// Where it is on `bearer`, if there is a link.
    pub fn media_on(&self, bearer: BearerId) -> Option<MediaAddr> {
        self.media.get(bearer.place()).copied().flatten()
    }

    /// Links to it, working or not.
    pub fn links(&self) -> usize {
        self.media.iter().flatten().count()
    }

    /// Whether the link on `bearer` works.
    pub fn is_up_on(&self, bearer: BearerId) -> bool {
        self.up & bit(bearer) != 0
    }

    /// Whether any link works.
    pub fn is_up(&self) -> bool {
        self.up != 0
    }
}

fn bit(bearer: BearerId) -> u8 {
    1u8.wrapping_shl(u32::from(bearer.number()))
}

/// Why there is no record for a new node.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Refused {
    /// There is no room: allocate what is `wanted`; its next beacon will find it.
    NeedRoom,
    /// `MAX_NEIGHBOURS` are there and none may be forgotten.
    Full,
}

/// The table.
pub struct Neighbours {
    records: Slab<Neighbour>,
    address_heads: Block<Index>,
    id_heads: Block<Index>,
    /// Spreads keys over buckets as nobody outside can foresee.
    seed: u64,
    oldest: Index,
    newest: Index,
}

impl Neighbours {
    /// An empty table; none if there is no memory for its directories. `seed` is random.
    pub fn new(seed: u64) -> Option<Self> {
        Some(Neighbours {
            records: Slab::new(),
            address_heads: Block::filled(NIL, BUCKETS)?,
            id_heads: Block::filled(NIL, BUCKETS)?,
            seed,
            oldest: NIL,
            newest: NIL,
        })
    }

    /// How many there are.
    pub fn len(&self) -> u32 {
        self.records.len()
    }

    /// The number of the block that must be allocated before the next new neighbour, if there is no
    /// room and may be more.
    pub fn wanted(&self) -> Option<Blocks> {
        if self.len() < MAX_NEIGHBOURS {
            self.records.wanted()
        } else {
            None
        }
    }

    /// Takes in the block `Slab::allocate` gave; hands back what is left of it.
    #[must_use]
    pub fn grow(&mut self, growth: Growth<Neighbour>) -> Growth<Neighbour> {
        self.records.grow(growth)
    }

    fn bucket(&self, words: &[u32]) -> usize {
        let mix = |hash: u64, word: &u32| {
            let mixed = (hash ^ u64::from(*word)).wrapping_mul(self.seed | 1);
            mixed ^ (mixed >> 32)
        };
        let hash = words.iter().fold(self.seed, mix);
        (hash.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 64u32.wrapping_sub(BUCKETS_LOG2)) as usize
    }

    fn address_bucket(&self, address: NodeAddr) -> usize {
        self.bucket(&[address.0])
    }

    fn id_bucket(&self, id: NodeId) -> usize {
        self.bucket(&id.words())
    }

    /// Neighbour `at`.
    pub fn get(&self, at: Index) -> Option<&Neighbour> {
        self.records.get(at)
    }

    /// Neighbour `at`, to change: not its address and identity.
    pub fn get_mut(&mut self, at: Index) -> Option<&mut Neighbour> {
        self.records.get_mut(at)
    }

    /// The neighbour with this address.
    pub fn find(&self, address: NodeAddr) -> Option<Index> {
        let mut at = *self.address_heads.get(self.address_bucket(address))?;
        loop {
            let record = self.records.get(at)?;
            if record.address == address {
                return Some(at);
            }
            at = record.by_address;
        }
    }

    /// The neighbour with this identity.
    pub fn find_id(&self, id: NodeId) -> Option<Index> {
        let mut at = *self.id_heads.get(self.id_bucket(id))?;
        loop {
            let record = self.records.get(at)?;
            if record.id == id {
                return Some(at);
            }
            at = record.by_id;
        }
    }

    /// The neighbour to forget for a new one: only when there may be no more, and only if it has
    /// had its time.
    pub fn to_replace(&self, now: Instant) -> Option<NodeAddr> {
        if self.len() < MAX_NEIGHBOURS {
            return None;
        }
        let oldest = self.records.get(self.oldest)?;
        (now.since(oldest.since) >= u64::from(GRACE)).then_some(oldest.address)
    }

    /// The neighbour whose time without a link is over.
    pub fn to_forget(&self, now: Instant) -> Option<NodeAddr> {
        let oldest = self.records.get(self.oldest)?;
        (now.since(oldest.since) >= u64::from(FORGET)).then_some(oldest.address)
    }

    /// When somebody's time without a link is over.
    pub fn due(&self) -> Option<Instant> {
        Some(self.records.get(self.oldest)?.since.after(FORGET))
    }

    /// Adds a neighbour whose address and identity are not in the table.
    pub fn insert(&mut self, new: Neighbour, now: Instant) -> Result<Index, Refused> {
        if self.len() >= MAX_NEIGHBOURS {
            return Err(Refused::Full);
        }
        let (address_bucket, id_bucket) =
            (self.address_bucket(new.address), self.id_bucket(new.id));
        let (Some(address_head), Some(id_head)) = (
            self.address_heads.get_mut(address_bucket),
            self.id_heads.get_mut(id_bucket),
        ) else {
            return Err(Refused::Full);
        };
        let record = Neighbour {
            up: 0,
            by_address: *address_head,
            by_id: *id_head,
            ..new
        };
        let at = self.records.insert(record).ok_or(Refused::NeedRoom)?;
        *address_head = at;
        *id_head = at;
        self.list(at, now);
        Ok(at)
    }

    /// Forgets a neighbour; its record, if it was there.
    pub fn remove(&mut self, address: NodeAddr) -> Option<Neighbour> {
        let at = self.find(address)?;
        let record = *self.records.get(at)?;
        if !record.is_up() {
            self.unlist(at);
        }
        self.leave_address_bucket(at, record);
        self.leave_id_bucket(at, record);
        self.records.remove(at)
    }

    fn leave_address_bucket(&mut self, at: Index, record: Neighbour) {
        let bucket = self.address_bucket(record.address);
        let Some(head) = self.address_heads.get_mut(bucket) else {
            return;
        };
        if *head == at {
            *head = record.by_address;
            return;
        }
        let mut before = *head;
        while let Some(other) = self.records.get_mut(before) {
            if other.by_address == at {
                other.by_address = record.by_address;
                return;
            }
            before = other.by_address;
        }
    }

    fn leave_id_bucket(&mut self, at: Index, record: Neighbour) {
        let bucket = self.id_bucket(record.id);
        let Some(head) = self.id_heads.get_mut(bucket) else {
            return;
        };
        if *head == at {
            *head = record.by_id;
            return;
        }
        let mut before = *head;
        while let Some(other) = self.records.get_mut(before) {
            if other.by_id == at {
                other.by_id = record.by_id;
                return;
            }
            before = other.by_id;
        }
    }

    /// Puts a neighbour without a link at the end of their list.
    fn list(&mut self, at: Index, now: Instant) {
        let newest = self.newest;
        if let Some(record) = self.records.get_mut(at) {
            record.since = now;
            record.older = newest;
            record.newer = NIL;
        }
        match self.records.get_mut(newest) {
            Some(before) => before.newer = at,
            None => self.oldest = at,
        }
        self.newest = at;
    }

    fn unlist(&mut self, at: Index) {
        let Some(record) = self.records.get(at).copied() else {
            return;
        };
        match self.records.get_mut(record.older) {
            Some(older) => older.newer = record.newer,
            None => self.oldest = record.newer,
        }
        match self.records.get_mut(record.newer) {
            Some(newer) => newer.older = record.older,
            None => self.newest = record.older,
        }
    }

    /// Neighbour `at` was not heard of on `bearer`, where it has no link that works.
    pub fn unhear(&mut self, at: Index, bearer: BearerId) {
        let record = self.records.get_mut(at);
        if let Some(record) = record.filter(|record| !record.is_up_on(bearer)) {
            if let Some(media) = record.media.get_mut(bearer.place()) {
                *media = None;
            }
        }
    }

    /// The link to neighbour `at` on `bearer` has come up; whether it was down.
    pub fn link_up(&mut self, at: Index, bearer: BearerId) -> bool {
        let Some(record) = self.records.get_mut(at) else {
            return false;
        };
        let (was_up, was_up_here) = (record.is_up(), record.is_up_on(bearer));
        record.up |= bit(bearer);
        if !was_up {
            self.unlist(at);
        }
        !was_up_here
    }

    /// The link to neighbour `at` on `bearer` has gone down; whether it was up.
    pub fn link_down(&mut self, at: Index, bearer: BearerId, now: Instant) -> bool {
        let Some(record) = self.records.get_mut(at) else {
            return false;
        };
        let was_up_here = record.is_up_on(bearer);
        record.up &= !bit(bearer);
        if was_up_here && !record.is_up() {
            self.list(at, now);
        }
        was_up_here
    }

    /// The numbers neighbours can have.
    pub fn places(&self) -> core::ops::Range<Index> {
        self.records.indices()
    }
}
