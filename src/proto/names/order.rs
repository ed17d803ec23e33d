// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! Records in a chain, sorted in place: who hears first, and what is told first.
//!
//! In: chains that `subscription` and `table` made of what they found; out: the same, in order.
//! Merge sort, which needs no memory but the links. Replaces C's `list_sort` with
//! `name_table.c:tipc_publ_sort`.

use super::slab::{Index, Slab, NIL};

/// Runs of 2^n records that can wait to be merged; a slab has fewer than 2^17 records.
const RUNS: usize = 18;

/// A record that can be in a chain.
pub trait Chained: Copy {
    /// Its place in the order. Numbers are compared as serial numbers, which may wrap.
    fn rank(&self) -> u32;
    /// The next record.
    fn next(&self) -> Index;
    /// Changes it.
    fn set_next(&mut self, next: Index);
}

/// Sorts the chain that begins at `head` (NIL: empty), lowest rank first; its new head.
pub fn sort<T: Chained>(slab: &mut Slab<T>, mut head: Index) -> Index {
    let mut runs = [NIL; RUNS];
    while head != NIL {
        let mut carry = head;
        head = next(slab, head);
        set_next(slab, carry, NIL);
        for run in &mut runs {
            if *run == NIL {
                *run = carry;
                break;
            }
            carry = merge(slab, *run, carry);
            *run = NIL;
        }
    }
    let mut all = NIL;
    for run in runs {
        all = merge(slab, run, all);
    }
    all
}

/// The record after `at`.
pub fn next<T: Chained>(slab: &Slab<T>, at: Index) -> Index {
    slab.get(at).map_or(NIL, Chained::next)
}

/// Puts `next` after `at`.
pub fn set_next<T: Chained>(slab: &mut Slab<T>, at: Index, next: Index) {
    if let Some(record) = slab.get_mut(at) {
        record.set_next(next);
    }
}

fn is_before<T: Chained>(slab: &Slab<T>, a: Index, b: Index) -> bool {
    match (slab.get(a), slab.get(b)) {
        (Some(a), Some(b)) => (a.rank().wrapping_sub(b.rank()) as i32) < 0,
        _ => false,
    }
}

fn merge<T: Chained>(slab: &mut Slab<T>, mut a: Index, mut b: Index) -> Index {
    let (mut head, mut tail) = (NIL, NIL);
    while a != NIL && b != NIL {
        let from = if is_before(slab, b, a) {
            &mut b
        } else {
            &mut a
        };
        let taken = *from;
        *from = next(slab, taken);
        join(slab, &mut head, tail, taken);
        tail = taken;
    }
    let rest = if a == NIL { b } else { a };
    join(slab, &mut head, tail, rest);
    head
}

/// Puts `after` behind `tail`, the last of the chain that begins at `head`, if there is one.
fn join<T: Chained>(slab: &mut Slab<T>, head: &mut Index, tail: Index, after: Index) {
    if tail == NIL {
        *head = after;
    } else {
        set_next(slab, tail, after);
    }
}
