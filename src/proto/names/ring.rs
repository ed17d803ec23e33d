// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! Records in circles, by their numbers: the bindings of one range, of which the one at the front
//! is served next and goes to the back; the events of one subscriber; its subscriptions; the
//! subscribers that have something to read.
//!
//! In: record numbers from the rest of the room; out: the record at the front. A record can be in
//! several circles, which turn independently. All steps are O(1). Replaces the lists of C
//! `name_table.c` (`all_publ`, `local_publ`) and `topsrv.c` (`outqueue`, `sub_list`).

use super::slab::{Index, Slab, NIL};

/// Links of a record in one circle.
#[derive(Clone, Copy)]
pub struct Links {
    next: Index,
    prev: Index,
}

impl Links {
    /// In no circle.
    pub const NONE: Links = Links {
        next: NIL,
        prev: NIL,
    };

    /// Whether record `at`, whose links they are, is alone in the circle.
    pub fn is_alone(self, at: Index) -> bool {
        self.next == at
    }
}

/// A record that can be in circles.
pub trait Linked: Copy {
    /// Which of its circles.
    type Circle: Copy;
    /// Its links in `circle`.
    fn links(&mut self, circle: Self::Circle) -> &mut Links;
    /// The same, to read.
    fn at(&self, circle: Self::Circle) -> Links;
}

fn set_next<T: Linked>(slab: &mut Slab<T>, circle: T::Circle, at: Index, next: Index) {
    if let Some(record) = slab.get_mut(at) {
        record.links(circle).next = next;
    }
}

fn set_prev<T: Linked>(slab: &mut Slab<T>, circle: T::Circle, at: Index, prev: Index) {
    if let Some(record) = slab.get_mut(at) {
        record.links(circle).prev = prev;
    }
}

/// Puts record `new` at the front of the circle whose front is `front` (NIL: empty).
// In line, as callers know which circle it is.
#[inline(always)]
pub fn push_front<T: Linked>(slab: &mut Slab<T>, circle: T::Circle, front: &mut Index, new: Index) {
    let next = core::mem::replace(front, new);
    let links = match slab.get(next) {
        Some(first) => Links {
            next,
            prev: first.at(circle).prev,
        },
        None => Links {
            next: new,
            prev: new,
        },
    };
    if let Some(record) = slab.get_mut(new) {
        *record.links(circle) = links;
    }
    if links.next != new {
        set_next(slab, circle, links.prev, new);
        set_prev(slab, circle, next, new);
    }
}

/// Puts record `new` at the back.
pub fn push_back<T: Linked>(slab: &mut Slab<T>, circle: T::Circle, front: &mut Index, new: Index) {
    let first = *front;
    push_front(slab, circle, front, new);
    if first != NIL {
        *front = first;
    }
}

/// Takes record `old` out of the circle it is in.
pub fn remove<T: Linked>(slab: &mut Slab<T>, circle: T::Circle, front: &mut Index, old: Index) {
    let Some(record) = slab.get_mut(old) else {
        return;
    };
    let links = core::mem::replace(record.links(circle), Links::NONE);
    if links.next == old {
        *front = NIL;
        return;
    }
    set_next(slab, circle, links.prev, links.next);
    set_prev(slab, circle, links.next, links.prev);
    if *front == old {
        *front = links.next;
    }
}

/// The record after `at`, which is the front again after the back; NIL if `at` is in no circle.
pub fn next<T: Linked>(slab: &Slab<T>, circle: T::Circle, at: Index) -> Index {
    slab.get(at).map_or(NIL, |record| record.at(circle).next)
}

/// The record before `at`, which is the back before the front; NIL if `at` is in no circle.
pub fn prev<T: Linked>(slab: &Slab<T>, circle: T::Circle, at: Index) -> Index {
    slab.get(at).map_or(NIL, |record| record.at(circle).prev)
}

/// The record at the front, which goes to the back.
pub fn choose<T: Linked>(slab: &Slab<T>, circle: T::Circle, front: &mut Index) -> Option<Index> {
    let chosen = *front;
    let record = slab.get(chosen)?;
    *front = record.at(circle).next;
    Some(chosen)
}
