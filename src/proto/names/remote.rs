// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! The bindings of other nodes: made and withdrawn as those nodes tell, and all at once when one of
//! them is lost.
//!
//! In: items of messages of user `Names`, in the order `distribution` lets them; out: the name
//! table's events. A peer is an owner of bindings as a socket is. What a peer can make us keep is
//! bounded. Replaces C `name_distr.c:tipc_update_nametbl` and `tipc_publ_notify`.

use super::binding::{Binding, Circle, SocketBindings};
use super::ring;
use super::room::Want;
use super::slab::{Index, NIL};
use super::table::{BindError, Memory, NameTable};
use crate::mem::Block;
use crate::proto::vocab::{NodeAddr, PortId, Scope, SocketAddr};
use crate::proto::wire::{NameItem, Saying};

/// Bindings of one peer that are kept: half of what there is room for, so that one peer alone
/// cannot keep out the others.
pub const MAX_OF_PEER: u32 = 28_500;

/// Bindings of all peers that are kept: what the table has room for besides those of its own users
/// and two links to each of the most neighbours (C has no bound).
pub const MAX_OF_PEERS: u32 = 57_000;

/// Buckets of the index of remote bindings: a few in each when all are there.
const BUCKETS: usize = 4096;
const BUCKETS_LOG2: u32 = 12;

/// The bindings of one peer; kept by the peer, used only with the table's lock.
pub struct PeerBindings {
    list: SocketBindings,
    count: u32,
}

impl PeerBindings {
    /// None.
    pub const fn new() -> Self {
        PeerBindings {
            list: SocketBindings::new(),
            count: 0,
        }
    }

    /// How many there are.
    pub fn len(&self) -> u32 {
        self.count
    }
}

/// What became of an item.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Applied {
    /// The table has changed.
    Yes,
    /// It is bound, or not bound, already.
    Known,
    /// The peer, or all of them, have too many bindings. It is not kept.
    TooMany,
}

/// How remote bindings are found: by whom, port and key, so that a peer with many bindings of one
/// range costs no more than others.
pub struct Remotes {
    heads: Option<Block<Index>>,
    seed: u64,
    count: u32,
}

impl Remotes {
    /// None. `seed` is random.
    pub(super) fn new(seed: u64) -> Self {
        Remotes {
            heads: None,
            seed,
            count: 0,
        }
    }

    /// Whether the directory is missing.
    pub(super) fn wanted(&self) -> bool {
        self.heads.is_none()
    }

    /// The directory. May sleep.
    pub(super) fn allocate() -> Option<Block<Index>> {
        Block::filled(NIL, BUCKETS)
    }

    /// Takes the directory in; hands it back if there is one.
    pub(super) fn grow(&mut self, heads: Block<Index>) -> Option<Block<Index>> {
        if self.wanted() {
            self.heads = Some(heads);
            None
        } else {
            Some(heads)
        }
    }

    fn head(&mut self, socket: SocketAddr, key: u32) -> Option<&mut Index> {
        let (a, b) = (u64::from(socket.port.0), u64::from(socket.node.0));
        let mix = |hash: u64, word: u64| {
            let mixed = (hash ^ word).wrapping_mul(self.seed | 1);
            mixed ^ (mixed >> 32)
        };
        let hash = mix(mix(mix(self.seed, a), b), u64::from(key));
        let bucket = hash.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 64u32.wrapping_sub(BUCKETS_LOG2);
        self.heads.as_mut()?.get_mut(bucket as usize)
    }
}

impl NameTable {
    /// The binding of this item, by this node, and the one before it in its bucket.
    fn find_remote(&mut self, node: NodeAddr, item: &NameItem) -> Option<(Index, Index)> {
        let socket = SocketAddr {
            port: item.port,
            node,
        };
        let mut before = NIL;
        let mut at = *self.remotes.head(socket, item.key)?;
        loop {
            let binding = self.bindings.get(at)?;
            let same = binding.socket == socket && binding.key == item.key;
            if same && binding.range == item.range {
                return Some((at, before));
            }
            (before, at) = (at, binding.bucket);
        }
    }

    /// Does what a peer says of one of its bindings. Allocate what is wanted, and ask again.
    pub fn apply_remote(
        &mut self,
        saying: Saying,
        node: NodeAddr,
        item: &NameItem,
        of: &mut PeerBindings,
        memory: Memory,
    ) -> Result<Applied, Want> {
        match saying {
            Saying::Made => self.publish_remote(node, item, of),
            Saying::Withdrawn => self.withdraw_remote(node, item, of, memory),
            Saying::Unknown(_) => Ok(Applied::Known),
        }
    }

    /// A peer says that one of its sockets is bound. Allocate what is wanted, and ask again.
    pub fn publish_remote(
        &mut self,
        node: NodeAddr,
        item: &NameItem,
        of: &mut PeerBindings,
    ) -> Result<Applied, Want> {
        if self.find_remote(node, item).is_some() {
            return Ok(Applied::Known);
        }
        if of.count >= MAX_OF_PEER || self.remotes.count >= MAX_OF_PEERS {
            return Ok(Applied::TooMany);
        }
        let socket = SocketAddr {
            port: item.port,
            node,
        };
        let mut binding = Binding::new(item.range, Scope::Cluster, socket, item.key);
        if self.remotes.wanted() {
            return Err(Want::directory());
        }
        if let Some(head) = self.remotes.head(socket, item.key) {
            binding.bucket = *head;
        }
        let new = match self.put(binding, Some(&mut of.list)) {
            Ok(new) => new,
            Err(BindError::NeedRoom(want)) => return Err(want),
            Err(BindError::TooMany | BindError::NoKey) => return Ok(Applied::TooMany),
        };
        if let Some(head) = self.remotes.head(socket, item.key) {
            *head = new;
        }
        of.count = of.count.saturating_add(1);
        self.remotes.count = self.remotes.count.saturating_add(1);
        Ok(Applied::Yes)
    }

    /// A peer says that one of its sockets is not bound any more.
    fn withdraw_remote(
        &mut self,
        node: NodeAddr,
        item: &NameItem,
        of: &mut PeerBindings,
        memory: Memory,
    ) -> Result<Applied, Want> {
        let Some(found) = self.find_remote(node, item) else {
            return Ok(Applied::Known);
        };
        self.take_remote(found, of, memory).map(|()| Applied::Yes)
    }

    /// Takes a remote binding out, and out of its bucket.
    fn take_remote(
        &mut self,
        (at, before): (Index, Index),
        of: &mut PeerBindings,
        memory: Memory,
    ) -> Result<(), Want> {
        let Some(binding) = self.bindings.get(at).copied() else {
            return Ok(());
        };
        self.take(at, &mut of.list, memory)?;
        match self.bindings.get_mut(before) {
            Some(other) => other.bucket = binding.bucket,
            None => {
                if let Some(head) = self.remotes.head(binding.socket, binding.key) {
                    *head = binding.bucket;
                }
            }
        }
        of.count = of.count.saturating_sub(1);
        self.remotes.count = self.remotes.count.saturating_sub(1);
        Ok(())
    }

    /// The peer is lost: withdraws up to `most` of its bindings, the oldest first; whether any are
    /// left.
    pub fn purge_remote_some(
        &mut self,
        of: &mut PeerBindings,
        most: usize,
        memory: Memory,
    ) -> Result<bool, Want> {
        for _ in 0..most {
            let oldest = ring::prev(&self.bindings, Circle::Mine, self.newest(&of.list));
            let Some(binding) = self.bindings.get(oldest).copied() else {
                return Ok(false);
            };
            let item = NameItem {
                range: binding.range,
                port: PortId(binding.socket.port.0),
                key: binding.key,
            };
            let Some(found) = self.find_remote(binding.socket.node, &item) else {
                return Ok(false);
            };
            self.take_remote(found, of, memory)?;
        }
        Ok(!of.list.is_empty())
    }
}
