// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! The bindings of one range in a circle: the next one to serve is at the front, and goes to the
//! back when it has been chosen.
//!
//! In: record numbers from `table`; out: the chosen one. A binding is in two circles, one of all
//! bindings and one of the own node's, which turn independently. All steps are O(1). Replaces the
//! lists `all_publ` and `local_publ` of C `name_table.c`.

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
}

/// Which circle.
#[derive(Clone, Copy)]
pub enum Circle {
    /// All bindings of a range.
    All,
    /// Those of the own node.
    Own,
}

/// A record that can be in circles.
pub trait Linked: Copy {
    /// Its links in `circle`.
    fn links(&mut self, circle: Circle) -> &mut Links;
    /// The same, to read.
    fn at(&self, circle: Circle) -> Links;
}

fn set_next<T: Linked>(slab: &mut Slab<T>, circle: Circle, at: Index, next: Index) {
    if let Some(record) = slab.get_mut(at) {
        record.links(circle).next = next;
    }
}

fn set_prev<T: Linked>(slab: &mut Slab<T>, circle: Circle, at: Index, prev: Index) {
    if let Some(record) = slab.get_mut(at) {
        record.links(circle).prev = prev;
    }
}

/// Puts record `new` at the front of the circle whose front is `front` (NIL: empty): it is chosen
/// next, as in C.
pub fn insert<T: Linked>(slab: &mut Slab<T>, circle: Circle, front: &mut Index, new: Index) {
    let back = match slab.get(*front) {
        Some(record) => record.at(circle).prev,
        None => new,
    };
    let next = if *front == NIL { new } else { *front };
    set_next(slab, circle, new, next);
    set_prev(slab, circle, new, back);
    set_next(slab, circle, back, new);
    set_prev(slab, circle, next, new);
    *front = new;
}

/// Takes record `old` out of the circle.
pub fn remove<T: Linked>(slab: &mut Slab<T>, circle: Circle, front: &mut Index, old: Index) {
    let Some(links) = slab.get(old).map(|record| record.at(circle)) else {
        return;
    };
    set_next(slab, circle, links.prev, links.next);
    set_prev(slab, circle, links.next, links.prev);
    if *front == old {
        *front = if links.next == old { NIL } else { links.next };
    }
}

/// The record at the front, which goes to the back.
pub fn choose<T: Linked>(slab: &Slab<T>, circle: Circle, front: &mut Index) -> Option<Index> {
    let chosen = *front;
    let record = slab.get(chosen)?;
    *front = record.at(circle).next;
    Some(chosen)
}
