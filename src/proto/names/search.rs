// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! Look-ups in a `tree`: exact, those that overlap a range one after the other, the youngest of
//! those that begin together.
//!
//! In: keys; out: record numbers. O(log n) each. Replaces C
//! `name_table.c:service_range_match_first` and `service_range_match_next`.

use super::slab::{Index, NIL};
use super::tree::{Key, Tree, DEPTH};
use core::cmp::Ordering;

impl<V: Copy> Tree<V> {
    /// The node of exactly this key.
    pub fn exact(&self, key: Key) -> Option<Index> {
        let mut at = self.root;
        while let Some(node) = self.nodes.get(at) {
            match key.cmp(&node.key) {
                Ordering::Equal => return Some(at),
                side => at = node.on(side == Ordering::Greater),
            }
        }
        None
    }

    /// The first node in the order of keys that overlaps `range`.
    pub fn first(&self, range: Key) -> Option<Index> {
        self.first_in(self.root, range)
    }

    /// The same, in the branch at `at`.
    fn first_in(&self, mut at: Index, range: Key) -> Option<Index> {
        let mut node = self.nodes.get(at)?;
        loop {
            let [left, right] = node.child;
            // If anything on the left reaches the range, the first overlap is there or nowhere:
            // what is further right begins even later.
            match self.nodes.get(left) {
                Some(next) if next.reach >= range.start => (at, node) = (left, next),
                _ if node.key.start > range.end => return None,
                _ if node.key.end >= range.start => return Some(at),
                _ => (at, node) = (right, self.nodes.get(right)?),
            }
        }
    }

    fn reaches(&self, at: Index, range: Key) -> bool {
        self.nodes
            .get(at)
            .is_some_and(|node| node.reach >= range.start)
    }

    /// The first node behind `key`, which need not be in the tree, that overlaps `range`.
    pub fn after(&self, key: Key, range: Key) -> Option<Index> {
        // The nodes behind `key` on the way to it, each with its right branch, nearest last.
        let mut behind = [NIL; DEPTH];
        let mut count = 0usize;
        let mut at = self.root;
        while let Some(node) = self.nodes.get(at) {
            let left = node.key > key;
            if left {
                *behind.get_mut(count)? = at;
                count = count.wrapping_add(1);
            }
            at = node.on(!left);
        }
        for &at in behind.iter().take(count).rev() {
            let node = self.nodes.get(at)?;
            if node.key.start > range.end {
                return None;
            }
            if node.key.end >= range.start {
                return Some(at);
            }
            let right = self.child(at, true);
            if self.reaches(right, range) {
                return self.first_in(right, range);
            }
        }
        None
    }

    /// The first node of all.
    pub fn leftmost(&self) -> Option<Index> {
        let mut at = self.root;
        self.nodes.get(at)?;
        loop {
            let left = self.child(at, false);
            if left == NIL {
                return Some(at);
            }
            at = left;
        }
    }

    /// The last node before `key`, which need not be in the tree.
    pub fn before(&self, key: Key) -> Option<Index> {
        let mut found = None;
        let mut at = self.root;
        while let Some(node) = self.nodes.get(at) {
            let right = node.key < key;
            if right {
                found = Some(at);
            }
            at = node.on(right);
        }
        found
    }

    /// The first node behind `key`, which need not be in the tree.
    pub fn behind(&self, key: Key) -> Option<Index> {
        let mut found = None;
        let mut at = self.root;
        while let Some(node) = self.nodes.get(at) {
            let left = node.key > key;
            if left {
                found = Some(at);
            }
            at = node.on(!left);
        }
        found
    }

    /// The youngest of the nodes that begin where node `first` does and end there or later. Of
    /// ranges that begin together C's tree has the one made last in front.
    pub fn youngest(&self, first: Index) -> Option<Index> {
        if !self.has_twins() {
            return Some(first);
        }
        let low = self.nodes.get(first)?.key;
        // To the top of the branch that has them all; then along both of its edges.
        let mut at = self.root;
        while let Some(node) = self.nodes.get(at) {
            if node.key.start > low.start {
                at = self.child(at, false);
            } else if node.key < low {
                at = self.child(at, true);
            } else {
                break;
            }
        }
        let mut best = self.alone(at);
        let (mut left, mut right) = (self.child(at, false), self.child(at, true));
        while let Some(node) = self.nodes.get(left) {
            let inside = node.key >= low;
            if inside {
                best = best.max(self.alone(left));
                best = best.max(self.branch(self.child(left, true)));
            }
            left = self.child(left, !inside);
        }
        while let Some(node) = self.nodes.get(right) {
            let inside = node.key.start == low.start;
            if inside {
                best = best.max(self.alone(right));
                best = best.max(self.branch(self.child(right, false)));
            }
            right = self.child(right, inside);
        }
        self.born_in(best)
    }

    /// When node `at` was made, and where to find it.
    fn alone(&self, at: Index) -> (u32, Index) {
        (self.nodes.get(at).map_or(0, |node| node.born), at)
    }

    /// When the youngest in the branch at `at` was made, and where to find it.
    fn branch(&self, at: Index) -> (u32, Index) {
        (self.nodes.get(at).map_or(0, |node| node.youngest), at)
    }

    /// The node that is the `born`th, in the branch at `at`.
    fn born_in(&self, (born, mut at): (u32, Index)) -> Option<Index> {
        loop {
            let node = self.nodes.get(at)?;
            if node.born == born {
                return Some(at);
            }
            let left = self.child(at, false);
            let right = self.nodes.get(left).is_none_or(|n| n.youngest != born);
            at = self.child(at, right);
        }
    }
}
