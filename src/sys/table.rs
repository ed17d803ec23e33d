// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! Counted objects by number, found without a lock: a few hundred of them, which seldom come and go.
//!
//! In: objects with a link of their own; out: references that live as long as an RCU read section.

use super::ffi as b;
use super::lock::{new_bh_spinlock, BhSpinLock};
use super::rcu::Section;
use core::ptr::null_mut;
use core::sync::atomic::{AtomicBool, AtomicPtr, Ordering};
use kernel::prelude::*;
use kernel::sync::{Arc, ArcBorrow};
use kernel::types::Opaque;

/// Chains, as a power of two: 1 kB.
const CHAINS_LOG2: u32 = 7;
const CHAINS: usize = 1 << CHAINS_LOG2;

/// What can be in a table.
pub trait Linked: Send + Sync + Sized + 'static {
    /// Its link, always the same.
    fn link(&self) -> &Link<Self>;
}

/// The link of an object, for its whole life.
pub struct Link<T> {
    key: u32,
    /// Whether it was in a table.
    used: AtomicBool,
    next: AtomicPtr<T>,
    /// When it has been taken out: the object, and the wait for its readers.
    gone: AtomicPtr<T>,
    wait: Opaque<kernel::bindings::callback_head>,
}

// SAFETY: the chain changes under the lock of its table, the rest after it was taken out of it.
unsafe impl<T: Send + Sync> Send for Link<T> {}
// SAFETY: as above.
unsafe impl<T: Send + Sync> Sync for Link<T> {}

impl<T> Link<T> {
    /// That of an object with number `key`.
    pub const fn new(key: u32) -> Self {
        Link {
            key,
            used: AtomicBool::new(false),
            next: AtomicPtr::new(null_mut()),
            gone: AtomicPtr::new(null_mut()),
            wait: Opaque::uninit(),
        }
    }
}

/// The table.
///
/// # Invariants
///
/// Each chain leads over objects, of each of which it owns a reference. One that is taken out keeps
/// its link and that reference until a grace period has passed. Chains change only under the lock.
#[pin_data(PinnedDrop)]
pub struct Table<T: Linked> {
    chains: [AtomicPtr<T>; CHAINS],
    #[pin]
    writers: BhSpinLock<()>,
}

impl<T: Linked> Table<T> {
    /// An empty table.
    pub fn new() -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            chains: [const { AtomicPtr::new(null_mut()) }; CHAINS],
            writers <- new_bh_spinlock!((), "tipc_table"),
        })
    }

    #[inline]
    fn chain(&self, key: u32) -> Option<&AtomicPtr<T>> {
        let place = key.wrapping_mul(0x9e37_79b1) >> (32 - CHAINS_LOG2);
        self.chains.get(place as usize)
    }

    /// The object with this number. Any context.
    #[inline]
    pub fn find<'g>(&'g self, key: u32, _section: &'g impl Section) -> Option<ArcBorrow<'g, T>> {
        let mut at = self.chain(key)?.load(Ordering::Acquire);
        // SAFETY: by the invariant what a chain leads to stays as long as the section is open.
        while let Some(object) = unsafe { at.as_ref() } {
            if object.link().key == key {
                // SAFETY: the pointer came from an `Arc`, a reference of which lives until the
                // section has ended.
                return Some(unsafe { ArcBorrow::from_raw(at) });
            }
            at = object.link().next.load(Ordering::Acquire);
        }
        None
    }

    /// Puts an object in, in the place of one with its number. An object that was in a table before
    /// is not taken. Any context.
    pub fn insert(&self, object: Arc<T>) {
        if object.link().used.swap(true, Ordering::Relaxed) {
            return;
        }
        let key = object.link().key;
        let guard = self.writers.lock();
        let old = self.unlink(key);
        if let Some(head) = self.chain(key) {
            let next = head.load(Ordering::Relaxed);
            object.link().next.store(next, Ordering::Relaxed);
            // INVARIANT: the chain owns the reference from here on.
            head.store(Arc::into_raw(object).cast_mut(), Ordering::Release);
        }
        drop(guard);
        retire(old);
    }

    /// Takes the object with this number out. Any context.
    pub fn remove(&self, key: u32) {
        let guard = self.writers.lock();
        let old = self.unlink(key);
        drop(guard);
        retire(old);
    }

    /// Takes it out of its chain, for who holds the lock; null if there is none.
    fn unlink(&self, key: u32) -> *mut T {
        let Some(mut at) = self.chain(key) else {
            return null_mut();
        };
        loop {
            let found = at.load(Ordering::Relaxed);
            // SAFETY: by the invariant; the chain stands still for its writer.
            let Some(object) = (unsafe { found.as_ref() }) else {
                return null_mut();
            };
            if object.link().key == key {
                at.store(
                    object.link().next.load(Ordering::Relaxed),
                    Ordering::Release,
                );
                return found;
            }
            at = &object.link().next;
        }
    }
}

/// Gives up the chain's reference to an object when nobody can read the chain any more that led to
/// it.
fn retire<T: Linked>(object: *mut T) {
    // SAFETY: null, or just taken out of a chain, whose reference keeps it until the callback.
    let Some(link) = (unsafe { object.as_ref() }).map(T::link) else {
        return;
    };
    link.gone.store(object, Ordering::Relaxed);
    // SAFETY: the head is used for nothing else, once: an object is in a table once in its life.
    unsafe { b::call_rcu(link.wait.get(), Some(let_go::<T>)) };
}

/// # Safety
///
/// Called only by RCU, with the head in the link of an object that was retired.
unsafe extern "C" fn let_go<T: Linked>(head: *mut kernel::bindings::callback_head) {
    // SAFETY: by the contract; the chain's reference is given up here.
    unsafe {
        let link = &*kernel::container_of!(Opaque::cast_from(head), Link<T>, wait);
        drop(Arc::from_raw(link.gone.load(Ordering::Relaxed)));
    }
}

#[pinned_drop]
impl<T: Linked> PinnedDrop for Table<T> {
    fn drop(self: Pin<&mut Self>) {
        for chain in &self.chains {
            let mut at = chain.load(Ordering::Relaxed);
            while !at.is_null() {
                // SAFETY: by the invariant a reference is the chain's, which nobody else has.
                let object = unsafe { Arc::from_raw(at) };
                at = object.link().next.load(Ordering::Relaxed);
            }
        }
    }
}
