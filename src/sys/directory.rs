// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! Sockets by number, found without a lock.
//!
//! In: sockets, by `family`'s users; out: references that live as long as an RCU read section. A
//! fixed number of chains: lookups cost a load or two until there are thousands of sockets.

use super::family::SocketOps;
use super::lock::{new_bh_spinlock, BhSpinLock};
use super::rcu;
use super::sock::Sock;
use core::ptr::null_mut;
use core::sync::atomic::{AtomicPtr, Ordering};
use kernel::prelude::*;

/// Chains; 8 kB per namespace, as the C module's smallest table and name hash together.
const CHAINS: usize = 1024;

/// Sockets at most (C `socket.c:tsk_rht_params`, max_size).
const MOST: usize = 1_048_576;

/// Where a walk over all sockets has got to; it begins with the default.
#[derive(Clone, Copy, Default)]
pub struct Walk {
    chain: usize,
    /// The last key seen in that chain.
    after: u32,
}

/// The directory.
///
/// # Invariants
///
/// Each chain leads over live sockets; a socket that leaves keeps its own link until a grace
/// period has passed. Chains change only under `count`'s lock.
#[pin_data]
pub struct Directory<T: SocketOps> {
    chains: KVVec<AtomicPtr<Sock<T>>>,
    #[pin]
    count: BhSpinLock<usize>,
}

// SAFETY: shared between CPUs by design, see the invariants.
unsafe impl<T: SocketOps> Sync for Directory<T> {}
// SAFETY: it owns only its chains.
unsafe impl<T: SocketOps> Send for Directory<T> {}

impl<T: SocketOps> Directory<T> {
    /// An empty directory. May sleep.
    pub fn new() -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            chains: {
                let mut chains = KVVec::with_capacity(CHAINS, GFP_KERNEL)?;
                for _ in 0..CHAINS {
                    let _ = chains.push_within_capacity(AtomicPtr::new(null_mut()));
                }
                chains
            },
            count <- new_bh_spinlock!(0, "tipc_ports"),
        })
    }

    fn chain(&self, key: u32) -> Option<&AtomicPtr<Sock<T>>> {
        // Keys are random numbers or follow one: their low bits spread well.
        self.chains.get(key as usize % CHAINS)
    }

    /// Puts `sock` in under a free number at or after `start`, never 0; the number. None if the
    /// directory is full.
    pub fn insert(&self, sock: &Sock<T>, start: u32) -> Option<u32> {
        let mut count = self.count.lock();
        if *count >= MOST {
            return None;
        }
        let mut key = start;
        // At most MOST numbers are taken, so one of MOST + 2 in a row is free and not 0.
        for _ in 0..MOST.wrapping_add(2) {
            if key != 0 && self.walk(key).is_none() {
                let chain = self.chain(key)?;
                sock.key.store(key, Ordering::Relaxed);
                sock.link
                    .store(chain.load(Ordering::Relaxed), Ordering::Relaxed);
                chain.store(core::ptr::from_ref(sock).cast_mut(), Ordering::Release);
                *count = count.wrapping_add(1);
                return Some(key);
            }
            key = key.wrapping_add(1);
        }
        None
    }

    /// Takes `sock` out, if it is in.
    pub fn remove(&self, sock: &Sock<T>) {
        let mut count = self.count.lock();
        let key = sock.key.load(Ordering::Relaxed);
        let Some(mut at) = self.chain(key) else {
            return;
        };
        loop {
            let next = at.load(Ordering::Relaxed);
            if core::ptr::eq(next, sock) {
                at.store(sock.link.load(Ordering::Relaxed), Ordering::Release);
                *count = count.wrapping_sub(1);
                return;
            }
            // SAFETY: sockets in a chain are live, and the chain stands still under the lock.
            let Some(sock) = (unsafe { next.as_ref() }) else {
                return;
            };
            at = &sock.link;
        }
    }

    fn walk(&self, key: u32) -> Option<*const Sock<T>> {
        let mut at = self.chain(key)?.load(Ordering::Acquire);
        // SAFETY: called under the lock or in an RCU read section; sockets that leave the chain
        // are not freed before that ends.
        while let Some(sock) = unsafe { at.as_ref() } {
            if sock.key.load(Ordering::Relaxed) == key {
                return Some(sock);
            }
            at = sock.link.load(Ordering::Acquire);
        }
        None
    }

    /// The socket with number `key`, valid while the guard is held. Any context.
    pub fn find<'g>(&self, key: u32, _guard: &'g rcu::Guard) -> Option<&'g Sock<T>> {
        // SAFETY: found in the read section that the guard keeps open.
        self.walk(key).map(|sock| unsafe { &*sock })
    }

    /// The next socket of a walk, which it moves on by one. What is there from the walk's beginning
    /// to its end is seen once, what comes or goes meanwhile at most once. Any context.
    pub fn next<'g>(&self, walk: &mut Walk, _guard: &'g rcu::Guard) -> Option<&'g Sock<T>> {
        while let Some(chain) = self.chains.get(walk.chain) {
            if let Some((key, sock)) = Self::above(chain, walk.after) {
                walk.after = key;
                // SAFETY: found in the read section that the guard keeps open.
                return Some(unsafe { &*sock });
            }
            walk.chain = walk.chain.wrapping_add(1);
            walk.after = 0;
        }
        None
    }

    /// The socket with the smallest key above `after` in a chain: chains are in no order, and begin
    /// with the newest.
    fn above(chain: &AtomicPtr<Sock<T>>, after: u32) -> Option<(u32, *const Sock<T>)> {
        let mut best: Option<(u32, *const Sock<T>)> = None;
        let mut at = chain.load(Ordering::Acquire);
        // SAFETY: as in `walk`.
        while let Some(sock) = unsafe { at.as_ref() } {
            let key = sock.key.load(Ordering::Relaxed);
            if key > after && best.is_none_or(|(least, _)| key < least) {
                best = Some((key, sock));
            }
            at = sock.link.load(Ordering::Acquire);
        }
        best
    }
}
