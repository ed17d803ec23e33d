// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! Intervals in one balanced tree (AVL), which knows the highest end and the youngest interval of
//! each branch, so that those that overlap another are found in O(log n) each, whatever they look
//! like.
//!
//! In: keys from `table` and `subscription`; out: record numbers. `search` has the look-ups. Holds
//! the ranges bound, the ranges subscribed to, and deadlines. Replaces the hash of services and the
//! interval trees of C `name_table.c`.

use super::slab::{Index, Slab, NIL};
use crate::proto::vocab::ServiceRange;

/// Deepest tree there can be: an AVL tree of the slab's 131 056 records has at most 24 levels.
pub(super) const DEPTH: usize = 26;

/// Place of an interval in the order; equal intervals are told apart by `tie`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    pub(super) start: u64,
    pub(super) end: u64,
    pub(super) tie: u64,
}

impl Key {
    /// A range of a service. Type and instance make one number, so ranges of different types never
    /// overlap. The low ten bits of the type count first: C's table has a chain for each of their
    /// values, and is listed in that order.
    pub fn of(range: ServiceRange, tie: u64) -> Self {
        let base = u64::from(range.service().0.rotate_right(10)) << 32;
        Key {
            start: base | u64::from(range.lower()),
            end: base | u64::from(range.upper()),
            tie,
        }
    }

    /// A moment.
    pub fn at(time: u64, tie: u64) -> Self {
        Key {
            start: time,
            end: time,
            tie,
        }
    }

    /// The moment.
    pub fn time(self) -> u64 {
        self.start
    }
}

/// An interval in the tree, with what its owner keeps for it.
#[derive(Clone, Copy)]
pub struct Node<V> {
    pub(super) key: Key,
    /// Highest end in this branch.
    pub(super) reach: u64,
    /// Number of the insertion, and the highest in this branch.
    pub(super) born: u32,
    pub(super) youngest: u32,
    child: [Index; 2],
    height: u8,
    /// The owner's.
    pub value: V,
}

/// The way from the root to a node: each step's node and the side taken from it.
struct Path {
    steps: [(Index, bool); DEPTH],
    len: usize,
}

impl Path {
    fn new() -> Self {
        Path {
            steps: [(NIL, false); DEPTH],
            len: 0,
        }
    }

    fn push(&mut self, at: Index, right: bool) -> Option<()> {
        *self.steps.get_mut(self.len)? = (at, right);
        self.len = self.len.wrapping_add(1);
        Some(())
    }

    fn pop(&mut self) -> Option<(Index, bool)> {
        self.len = self.len.checked_sub(1)?;
        self.steps.get(self.len).copied()
    }
}

/// The tree.
pub struct Tree<V> {
    pub(super) nodes: Slab<Node<V>>,
    pub(super) root: Index,
    born: u32,
}

impl<V: Copy> Tree<V> {
    /// An empty tree.
    pub fn new() -> Self {
        Tree {
            nodes: Slab::new(),
            root: NIL,
            born: 0,
        }
    }

    /// The records, to make room in them.
    pub fn slab(&mut self) -> &mut Slab<Node<V>> {
        &mut self.nodes
    }

    /// The value of node `at`.
    pub fn value(&mut self, at: Index) -> Option<&mut V> {
        self.nodes.get_mut(at).map(|node| &mut node.value)
    }

    /// Node `at`.
    pub fn get(&self, at: Index) -> Option<&Node<V>> {
        self.nodes.get(at)
    }

    pub(super) fn child(&self, at: Index, right: bool) -> Index {
        match self.nodes.get(at) {
            Some(Node {
                child: [left, _], ..
            }) if !right => *left,
            Some(Node {
                child: [_, other], ..
            }) => *other,
            None => NIL,
        }
    }

    fn set_child(&mut self, at: Index, right: bool, to: Index) {
        match self.nodes.get_mut(at) {
            Some(Node {
                child: [left, _], ..
            }) if !right => *left = to,
            Some(Node {
                child: [_, other], ..
            }) => *other = to,
            None => self.root = to,
        }
    }

    fn height(&self, at: Index) -> u8 {
        self.nodes.get(at).map_or(0, |node| node.height)
    }

    fn summary(&self, at: Index) -> (u8, u64, u32) {
        self.nodes
            .get(at)
            .map_or((0, 0, 0), |node| (node.height, node.reach, node.youngest))
    }

    /// Computes what a node says of its branch from its children.
    fn refresh(&mut self, at: Index) {
        let (a, b) = (
            self.summary(self.child(at, false)),
            self.summary(self.child(at, true)),
        );
        if let Some(node) = self.nodes.get_mut(at) {
            node.height = a.0.max(b.0).wrapping_add(1);
            node.reach = a.1.max(b.1).max(node.key.end);
            node.youngest = a.2.max(b.2).max(node.born);
        }
    }

    /// Turns the branch so that the child on side `right` comes up; the new top.
    fn rotate(&mut self, at: Index, right: bool) -> Index {
        let up = self.child(at, right);
        let across = self.child(up, !right);
        self.set_child(at, right, across);
        self.set_child(up, !right, at);
        self.refresh(at);
        self.refresh(up);
        up
    }

    /// Refreshes and balances the branch at `at`; its top.
    fn balance(&mut self, at: Index) -> Index {
        self.refresh(at);
        let (left, right) = (self.child(at, false), self.child(at, true));
        let (l, r) = (self.height(left), self.height(right));
        let heavy = if l > r.wrapping_add(1) {
            false
        } else if r > l.wrapping_add(1) {
            true
        } else {
            return at;
        };
        let tall = if heavy { right } else { left };
        if self.height(self.child(tall, !heavy)) > self.height(self.child(tall, heavy)) {
            let top = self.rotate(tall, !heavy);
            self.set_child(at, heavy, top);
        }
        self.rotate(at, heavy)
    }

    /// Balances every branch on the way up; `below` is the branch that hangs at its end.
    fn climb(&mut self, mut path: Path, mut below: Index) {
        while let Some((at, right)) = path.pop() {
            self.set_child(at, right, below);
            below = self.balance(at);
        }
        self.root = below;
    }

    /// The way to the node of exactly this key, and the node (NIL: where it would be).
    fn find(&self, key: Key) -> Option<(Path, Index)> {
        let mut path = Path::new();
        let mut at = self.root;
        while let Some(node) = self.nodes.get(at) {
            if node.key == key {
                break;
            }
            let right = key > node.key;
            path.push(at, right)?;
            at = self.child(at, right);
        }
        Some((path, at))
    }

    /// Adds a node for a key that has none yet; none if the slab has no room.
    pub fn insert(&mut self, key: Key, value: V) -> Option<Index> {
        let (path, _) = self.find(key)?;
        let born = self.born.wrapping_add(1);
        let node = Node {
            key,
            reach: key.end,
            born,
            youngest: born,
            child: [NIL; 2],
            height: 1,
            value,
        };
        let new = self.nodes.insert(node)?;
        self.born = born;
        self.climb(path, new);
        Some(new)
    }

    /// Takes the node of exactly this key out.
    pub fn remove(&mut self, key: Key) -> Option<V> {
        let (mut path, at) = self.find(key)?;
        let (left, right) = (self.child(at, false), self.child(at, true));
        let below = if left == NIL || right == NIL {
            if left == NIL {
                right
            } else {
                left
            }
        } else {
            self.successor_up(&mut path, at)?
        };
        let node = self.nodes.remove(at)?;
        self.climb(path, below);
        Some(node.value)
    }

    /// Puts the smallest node of the right branch in the place of `at`, which has two children.
    /// The path is extended to where that node was; what hung there is returned.
    fn successor_up(&mut self, path: &mut Path, at: Index) -> Option<Index> {
        let fork = path.len;
        path.push(at, true)?;
        let mut next = self.child(at, true);
        loop {
            let left = self.child(next, false);
            if left == NIL {
                break;
            }
            path.push(next, false)?;
            next = left;
        }
        let below = self.child(next, true);
        let keep = self.child(at, false);
        self.set_child(next, false, keep);
        if let Some(step) = path.steps.get_mut(fork) {
            *step = (next, true);
        }
        if self.child(at, true) != next {
            let right = self.child(at, true);
            self.set_child(next, true, right);
        }
        Some(below)
    }
}
