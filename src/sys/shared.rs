// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! A single object that may be replaced, read without a lock.
//!
//! In: objects, in process context; out: references that live as long as an RCU read section.

use super::rcu::{self, Section};
use core::marker::PhantomData;
use core::ptr::null_mut;
use core::sync::atomic::{AtomicPtr, Ordering};
use kernel::prelude::*;

/// The place of the object.
///
/// # Invariants
///
/// The pointer is null or came from a `KBox`. What it was before stays until a grace period has
/// passed.
pub struct Shared<T: Send + Sync>(AtomicPtr<T>, PhantomData<T>);

impl<T: Send + Sync> Shared<T> {
    /// An empty place.
    pub const fn new() -> Self {
        Shared(AtomicPtr::new(null_mut()), PhantomData)
    }

    /// The object, if there is one. Any context.
    #[inline]
    pub fn get<'g>(&'g self, _section: &'g impl Section) -> Option<&'g T> {
        // SAFETY: by the invariant it is valid as long as the section is open.
        unsafe { self.0.load(Ordering::Acquire).as_ref() }
    }

    /// Puts another object there, or none. What was there before, which nobody reads any more. May
    /// sleep.
    pub fn replace(&self, new: Option<KBox<T>>) -> Option<KBox<T>> {
        // INVARIANT: from a KBox, or null.
        let old = self
            .0
            .swap(new.map_or(null_mut(), KBox::into_raw), Ordering::AcqRel);
        if old.is_null() {
            return None;
        }
        rcu::synchronize();
        // SAFETY: by the invariant; no longer in its place, and all sections have ended since.
        Some(unsafe { KBox::from_raw(old) })
    }
}

impl<T: Send + Sync> Drop for Shared<T> {
    fn drop(&mut self) {
        let last = *self.0.get_mut();
        if !last.is_null() {
            // SAFETY: by the invariant; nobody else has this place, and so its object.
            drop(unsafe { KBox::from_raw(last) });
        }
    }
}
