// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! Sockets by number, found without a lock.
//!
//! In: sockets, by `family`'s users; out: references that live as long as an RCU read section. There
//! is a chain for each socket, about: when they are too few or far too many, a second table is made
//! bit by bit as sockets come and go, and then takes the place of the first. Readers see nothing of
//! it. Replaces the rhashtable of C `socket.c`.

use super::chains::{place, Chains, FEWEST};
use super::family::SocketOps;
use super::ffi as b;
use super::lock::{new_bh_spinlock, BhSpinLock};
use super::rcu;
use super::sock::Sock;
use core::sync::atomic::{AtomicPtr, Ordering};
use kernel::ffi::c_ulong;
use kernel::prelude::*;

/// Sockets at most (C `socket.c:tsk_rht_params`, max_size).
const MOST: usize = 1_048_576;

/// Chains moved to a new table each time a socket comes or goes: it is done long before it is too
/// small itself.
const MOVED_AT_ONCE: usize = 8;

/// Where a walk over all sockets has got to; it begins with the default.
#[derive(Clone, Copy, Default)]
pub struct Walk {
    /// The first place not seen yet.
    next: u64,
}

/// The directory.
///
/// # Invariants
///
/// `current` came from a `KBox` and is valid; readers use it in RCU read sections only. It changes
/// only under the lock of `writers`, as do all chains.
#[pin_data(PinnedDrop)]
pub struct Directory<T: SocketOps> {
    current: AtomicPtr<Chains<T>>,
    #[pin]
    writers: BhSpinLock<Writers<T>>,
}

/// What only writers use.
struct Writers<T: SocketOps> {
    count: usize,
    /// The next table, and how many chains of the current one are in it.
    coming: Option<KBox<Chains<T>>>,
    moved: usize,
    /// The table before, which readers may still use, and how to ask whether they do. As long as it
    /// is there its links are not used again.
    before: Option<(KBox<Chains<T>>, c_ulong)>,
}

impl<T: SocketOps> Directory<T> {
    /// An empty directory. May sleep.
    pub fn new() -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            current: {
                let chains = KBox::new(Chains::new(FEWEST, false)?, GFP_KERNEL)?;
                AtomicPtr::new(KBox::into_raw(chains))
            },
            writers <- new_bh_spinlock!(
                Writers {
                    count: 0,
                    coming: None,
                    moved: 0,
                    before: None,
                },
                "tipc_ports"
            ),
        })
    }

    /// The table to look in.
    ///
    /// # Safety
    ///
    /// Called with the lock of `writers`, or in an RCU read section, which lasts as long as the
    /// table is used.
    unsafe fn current(&self) -> &Chains<T> {
        // SAFETY: valid by the invariant, and not freed before the lock is released or the section
        // ends.
        unsafe { &*self.current.load(Ordering::Acquire) }
    }

    /// Puts `sock` in under a free number at or after `start`, never 0; the number. None if the
    /// directory is full. May sleep.
    pub fn insert(&self, sock: &Sock<T>, start: u32) -> Option<u32> {
        let mut writers = self.writers.lock();
        if writers.count >= MOST {
            return None;
        }
        // SAFETY: the lock is held.
        let current = unsafe { self.current() };
        let mut key = start;
        // At most MOST numbers are taken, so one of MOST + 2 in a row is free and not 0.
        for _ in 0..MOST.wrapping_add(2) {
            // SAFETY: the lock is held.
            if key != 0 && unsafe { current.find(key) }.is_none() {
                break;
            }
            key = key.wrapping_add(1);
        }
        sock.key.store(key, Ordering::Relaxed);
        current.push(sock);
        if let Some(coming) = writers.in_coming(current, key) {
            coming.push(sock);
        }
        writers.count = writers.count.wrapping_add(1);
        let unused = self.advance(&mut writers);
        let better = self.better(&writers);
        drop(writers);
        drop(unused);
        self.resize(better);
        Some(key)
    }

    /// Takes `sock` out, if it is in. May sleep.
    pub fn remove(&self, sock: &Sock<T>) {
        let mut writers = self.writers.lock();
        // SAFETY: the lock is held.
        let current = unsafe { self.current() };
        if !current.remove(sock) {
            return;
        }
        if let Some(coming) = writers.in_coming(current, sock.key.load(Ordering::Relaxed)) {
            coming.remove(sock);
        }
        writers.count = writers.count.wrapping_sub(1);
        let unused = self.advance(&mut writers);
        let better = self.better(&writers);
        drop(writers);
        drop(unused);
        self.resize(better);
    }

    /// Moves some chains to the table that is coming, and when all are there makes it the current
    /// one. A table nobody reads any more is handed back, to be freed without the lock.
    fn advance(&self, writers: &mut Writers<T>) -> Option<KBox<Chains<T>>> {
        let unused = match writers.before.take() {
            // SAFETY: no pointers involved.
            Some((old, when)) if unsafe { b::poll_state_synchronize_rcu(when) } => Some(old),
            before => {
                writers.before = before;
                None
            }
        };
        let coming = writers.coming.as_ref()?;
        // SAFETY: the lock is held.
        let current = unsafe { self.current() };
        let end = writers.moved.saturating_add(MOVED_AT_ONCE);
        for chain in writers.moved..end.min(current.len()) {
            // SAFETY: the lock is held. The links that `push` sets are those of a table nobody has
            // read for a grace period, or ever.
            for sock in unsafe { current.chain(chain) } {
                coming.push(sock);
            }
        }
        writers.moved = end;
        if end >= current.len() {
            if let Some(coming) = writers.coming.take() {
                self.replace(writers, coming);
            }
        }
        unused
    }

    /// Makes a finished table the current one.
    fn replace(&self, writers: &mut Writers<T>, coming: KBox<Chains<T>>) {
        // INVARIANT: it came from a KBox; the one it replaces lives until its readers have gone.
        let old = self.current.swap(KBox::into_raw(coming), Ordering::AcqRel);
        // SAFETY: by the invariant `current` came from a KBox, which is owned by us from here on.
        let old = unsafe { KBox::from_raw(old) };
        // SAFETY: no pointers involved; any context.
        let when = unsafe { b::start_poll_synchronize_rcu() };
        writers.before = Some((old, when));
    }

    /// The size and link of the table there should be, if not this one.
    fn better(&self, writers: &Writers<T>) -> Option<(u32, bool)> {
        if writers.coming.is_some() || writers.before.is_some() {
            return None;
        }
        // SAFETY: the lock is held, which the guard's content shows.
        let current = unsafe { self.current() };
        let log2 = current.better_for(writers.count)?;
        Some((log2, current.other_link()))
    }

    /// Begins a table of another size. Without memory it stays as it is.
    fn resize(&self, better: Option<(u32, bool)>) {
        let Some((log2, second)) = better else {
            return;
        };
        let coming = Chains::new(log2, second)
            .and_then(|chains| Ok(KBox::new(chains, GFP_KERNEL | __GFP_NOWARN)?));
        let Ok(coming) = coming else {
            return;
        };
        let unused = {
            let mut writers = self.writers.lock();
            if self.better(&writers) == Some((log2, second)) {
                writers.moved = 0;
                writers.coming.replace(coming)
            } else {
                Some(coming)
            }
        };
        drop(unused);
    }

    /// The socket with number `key`, valid while the section is open. Any context.
    pub fn find<'g>(&self, key: u32, _section: &'g impl rcu::Section) -> Option<&'g Sock<T>> {
        // SAFETY: the read section is open as long as the result is used, and so long the socket
        // lives.
        unsafe {
            let found = self.current().find(key)?;
            Some(&*core::ptr::from_ref(found))
        }
    }

    /// The next socket of a walk, which it moves on by one. What is there from the walk's beginning
    /// to its end is seen once, what comes or goes meanwhile at most once. Any context.
    pub fn next<'g>(&self, walk: &mut Walk, _guard: &'g rcu::Guard) -> Option<&'g Sock<T>> {
        // SAFETY: the guard keeps a read section open as long as the result is used.
        let current = unsafe { self.current() };
        let shift = 32u32.wrapping_sub(current.log2());
        let first = walk.next.wrapping_shr(shift) as usize;
        for chain in first..current.len() {
            // SAFETY: as above. Chains are in no order, but one after the other they are.
            let least = unsafe { current.chain(chain) }
                .map(|sock| (place(sock.key.load(Ordering::Relaxed)), sock))
                .filter(|(place, _)| u64::from(*place) >= walk.next)
                .min_by_key(|(place, _)| *place);
            if let Some((place, sock)) = least {
                walk.next = u64::from(place).wrapping_add(1);
                // SAFETY: the guard keeps the read section open, and so long the socket lives.
                return Some(unsafe { &*core::ptr::from_ref(sock) });
            }
        }
        None
    }
}

impl<T: SocketOps> Writers<T> {
    /// The table that is coming, if the chain of `key` has moved there.
    fn in_coming(&self, current: &Chains<T>, key: u32) -> Option<&Chains<T>> {
        let coming = self.coming.as_ref()?;
        (current.chain_of(key) < self.moved).then_some(coming)
    }
}

#[pinned_drop]
impl<T: SocketOps> PinnedDrop for Directory<T> {
    fn drop(self: Pin<&mut Self>) {
        let current = self.current.load(Ordering::Relaxed);
        // SAFETY: by the invariant it came from a KBox; with the directory all its readers have
        // gone.
        drop(unsafe { KBox::from_raw(current) });
    }
}
