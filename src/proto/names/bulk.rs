// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! What a new neighbour is told at first: all bindings of this node that concern others.
//!
//! In: contact with a peer, from `stack`; out: items, a message's worth at a time, so that the lock
//! is never held for long. What changes in between goes to the peer as numbered changes: the bulk
//! says from which number on they count, so it lists nothing younger. Replaces C
//! `name_distr.c:named_distribute`, which lists all with a lock held.

use super::binding::{Binding, Circle};
use super::distribution::item;
use super::dump::Cursor;
use super::ring;
use super::slab::NIL;
use super::table::NameTable;
use super::tree::Key;
use crate::proto::vocab::{Scope, SeqNo, ServiceRange};
use crate::proto::wire::NameItem;

/// Ranges and bindings looked at with the lock held once.
const STEPS: usize = 2048;

/// Where a bulk has got to.
#[derive(Clone, Copy)]
enum Walk {
    /// The range behind this one is next; none: the first.
    Behind(Option<ServiceRange>),
    /// Within a range.
    At(Cursor),
    /// At the end.
    End,
}

/// A bulk on its way.
#[derive(Clone, Copy)]
pub struct Bulk {
    walk: Walk,
    /// The number of the first change that is not in it.
    next: SeqNo,
    /// Bindings made when it began.
    made: u32,
}

impl Bulk {
    /// The number of the first change that is not in it.
    pub fn next(&self) -> SeqNo {
        self.next
    }

    /// Whether everything is listed.
    pub fn is_complete(&self) -> bool {
        matches!(self.walk, Walk::End)
    }
}

impl NameTable {
    /// Begins a bulk; `next` is the number the next change will have.
    pub fn begin_bulk(&self, next: SeqNo) -> Bulk {
        Bulk {
            walk: Walk::Behind(None),
            next,
            made: self.made(),
        }
    }

    /// Lists up to `most` items more into `push`; how many. It may be fewer than there are room for
    /// although more come: call again until the bulk is complete.
    pub fn next_of_bulk(
        &self,
        bulk: &mut Bulk,
        most: usize,
        mut push: impl FnMut(NameItem),
    ) -> usize {
        let mut count = 0usize;
        let mut steps = STEPS;
        while count < most && steps > 0 && !bulk.is_complete() {
            steps = steps.wrapping_sub(1);
            let (walk, found) = self.walk(bulk.walk);
            bulk.walk = walk;
            if let Some(binding) = found {
                // Numbers are compared as serial numbers, which may wrap.
                let older = (binding.number.wrapping_sub(bulk.made) as i32) < 0;
                if older && binding.scope == Scope::Cluster {
                    push(item(&binding.published(self.own)));
                    count = count.wrapping_add(1);
                }
            }
        }
        // So that the last message knows that it is.
        while steps > 0 && !bulk.is_complete() {
            steps = steps.wrapping_sub(1);
            match self.walk(bulk.walk) {
                (walk, None) => bulk.walk = walk,
                (_, Some(_)) => break,
            }
        }
        count
    }

    /// One step on, and the own binding met, if any.
    fn walk(&self, walk: Walk) -> (Walk, Option<Binding>) {
        match walk {
            Walk::End => (Walk::End, None),
            Walk::Behind(range) => self.enter(match range {
                None => self.ranges.leftmost(),
                Some(range) => self.ranges.behind(Key::of(range, 0)),
            }),
            Walk::At(cursor) => {
                let range = cursor.range;
                let places = (
                    self.still(cursor.last, range),
                    self.still(cursor.begin, range),
                );
                let (Ok(at), Ok(begin)) = places else {
                    // What it stood on has gone: the range again, if it is still there. Doubles do
                    // not matter to the peer.
                    return match self.ranges.exact(Key::of(range, 0)) {
                        Some(at) => self.enter(Some(at)),
                        None => (Walk::Behind(Some(range)), None),
                    };
                };
                let next = ring::next(&self.bindings, Circle::Own, at);
                match self.bindings.get(next) {
                    Some(binding) if next != begin => {
                        let last = (next, binding.number);
                        (Walk::At(Cursor { last, ..cursor }), Some(*binding))
                    }
                    Some(_) | None => (Walk::Behind(Some(range)), None),
                }
            }
        }
    }

    /// The first own binding of a range.
    fn enter(&self, at: Option<super::slab::Index>) -> (Walk, Option<Binding>) {
        let Some(fronts) = at.and_then(|at| self.ranges.get(at)).map(|n| n.value) else {
            return (Walk::End, None);
        };
        let Some(any) = self.bindings.get(fronts.all) else {
            return (Walk::End, None);
        };
        if fronts.own == NIL {
            return (Walk::Behind(Some(any.range)), None);
        }
        let Some(binding) = self.bindings.get(fronts.own) else {
            return (Walk::End, None);
        };
        let place = (fronts.own, binding.number);
        let cursor = Cursor {
            range: binding.range,
            begin: place,
            last: place,
        };
        (Walk::At(cursor), Some(*binding))
    }
}
