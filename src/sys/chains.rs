// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! Sockets in chains by number: one table of a `directory`.
//!
//! In: sockets; out: the same. A socket has two links, so that it can be in two tables: one that is
//! read, and one that is being made or was read before.

use super::family::SocketOps;
use super::sock::Sock;
use core::ptr::null_mut;
use core::sync::atomic::{AtomicPtr, Ordering};
use kernel::prelude::*;

/// Fewest and most chains, as powers of two: 2 kB to 8 MB.
pub const FEWEST: u32 = 8;
const MOST: u32 = 20;

/// A table.
///
/// # Invariants
///
/// There are 2^`log2` chains. Each leads over live sockets through their link `second`; one that
/// leaves keeps its link until a grace period has passed.
pub struct Chains<T: SocketOps> {
    heads: KVVec<AtomicPtr<Sock<T>>>,
    log2: u32,
    second: bool,
}

// SAFETY: shared between CPUs by design, see the invariants.
unsafe impl<T: SocketOps> Sync for Chains<T> {}
// SAFETY: it owns only its heads.
unsafe impl<T: SocketOps> Send for Chains<T> {}

/// Place of a number in the order of all tables, whatever their size: its chain is in the highest
/// bits. A permutation, so no two have the same.
pub fn place(key: u32) -> u32 {
    key.wrapping_mul(0x9e37_79b1)
}

impl<T: SocketOps> Chains<T> {
    /// An empty table of 2^`log2` chains through the first or the `second` link. ENOMEM. May sleep.
    pub fn new(log2: u32, second: bool) -> Result<Self> {
        let log2 = log2.clamp(FEWEST, MOST);
        let count = 1usize.wrapping_shl(log2);
        let mut heads = KVVec::with_capacity(count, GFP_KERNEL | __GFP_NOWARN)?;
        for _ in 0..count {
            let _ = heads.push_within_capacity(AtomicPtr::new(null_mut()));
        }
        Ok(Chains {
            heads,
            log2,
            second,
        })
    }

    /// How many chains, as a power of two.
    pub fn log2(&self) -> u32 {
        self.log2
    }

    /// Chains in it.
    pub fn len(&self) -> usize {
        self.heads.len()
    }

    /// The size that fits this many sockets better; none if this one does. Between the two limits
    /// there is room for a while.
    pub fn better_for(&self, count: usize) -> Option<u32> {
        if count > self.len() && self.log2 < MOST {
            Some(self.log2.wrapping_add(1))
        } else if count < self.len() / 8 && self.log2 > FEWEST {
            Some(self.log2.wrapping_sub(1))
        } else {
            None
        }
    }

    /// Which link a table that replaces this one uses.
    pub fn other_link(&self) -> bool {
        !self.second
    }

    /// The chain a number is in.
    pub fn chain_of(&self, key: u32) -> usize {
        place(key).wrapping_shr(32u32.wrapping_sub(self.log2)) as usize
    }

    fn link<'a>(&self, sock: &'a Sock<T>) -> &'a AtomicPtr<Sock<T>> {
        let [first, second] = &sock.links;
        if self.second {
            second
        } else {
            first
        }
    }

    /// Puts a socket in, under its key. For one writer at a time.
    pub fn push(&self, sock: &Sock<T>) {
        let chain = self.chain_of(sock.key.load(Ordering::Relaxed));
        if let Some(head) = self.heads.get(chain) {
            self.link(sock)
                .store(head.load(Ordering::Relaxed), Ordering::Relaxed);
            head.store(core::ptr::from_ref(sock).cast_mut(), Ordering::Release);
        }
    }

    /// Takes a socket out; false if it is not in. For one writer at a time.
    pub fn remove(&self, sock: &Sock<T>) -> bool {
        let chain = self.chain_of(sock.key.load(Ordering::Relaxed));
        let Some(mut at) = self.heads.get(chain) else {
            return false;
        };
        loop {
            let next = at.load(Ordering::Relaxed);
            if core::ptr::eq(next, sock) {
                at.store(self.link(sock).load(Ordering::Relaxed), Ordering::Release);
                return true;
            }
            // SAFETY: sockets in a chain are live, and it stands still for its writer.
            let Some(sock) = (unsafe { next.as_ref() }) else {
                return false;
            };
            at = self.link(sock);
        }
    }

    /// The sockets of one chain.
    ///
    /// # Safety
    ///
    /// Called by the writer, or in an RCU read section, which lasts as long as what is returned is
    /// used.
    pub unsafe fn chain<'a>(&'a self, chain: usize) -> impl Iterator<Item = &'a Sock<T>> + 'a {
        let mut at = self
            .heads
            .get(chain)
            .map_or(null_mut(), |head| head.load(Ordering::Acquire));
        core::iter::from_fn(move || {
            // SAFETY: by the contract: sockets that leave the chain are not freed before the
            // section ends.
            let sock = unsafe { at.as_ref() }?;
            at = self.link(sock).load(Ordering::Acquire);
            Some(sock)
        })
    }

    /// The socket with number `key`.
    ///
    /// # Safety
    ///
    /// As for `chain`.
    pub unsafe fn find(&self, key: u32) -> Option<&Sock<T>> {
        // SAFETY: by the contract.
        unsafe { self.chain(self.chain_of(key)) }
            .find(|sock| sock.key.load(Ordering::Relaxed) == key)
    }
}
