// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! Ranges of all services in one balanced tree (AVL) of intervals, which knows the highest end
//! below each branch, so that the first range that covers an instance is found in O(log n)
//! whatever the ranges look like.
//!
//! In: ranges from `table`; out: record numbers. The key is (type, lower, upper); service type and
//! instance make one 64-bit number, so ranges of different types never overlap. Replaces the hash
//! of services and the interval trees of C `name_table.c`.

use super::slab::{Index, Slab, NIL};
use crate::proto::vocab::ServiceRange;

/// Deepest tree there can be: an AVL tree of the slab's 131 056 records has at most 24 levels.
const DEPTH: usize = 26;

/// A range in the tree, with what the table keeps for it.
#[derive(Clone, Copy)]
pub struct Node<V> {
    start: u64,
    end: u64,
    /// Highest end in this branch.
    reach: u64,
    child: [Index; 2],
    height: u8,
    /// The table's.
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
    nodes: Slab<Node<V>>,
    root: Index,
}

fn ends(range: ServiceRange) -> (u64, u64) {
    let base = u64::from(range.service().0) << 32;
    (
        base | u64::from(range.lower()),
        base | u64::from(range.upper()),
    )
}

impl<V: Copy> Tree<V> {
    /// An empty tree.
    pub fn new() -> Self {
        Tree {
            nodes: Slab::new(),
            root: NIL,
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

    fn child(&self, at: Index, right: bool) -> Index {
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

    fn reach(&self, at: Index) -> u64 {
        self.nodes.get(at).map_or(0, |node| node.reach)
    }

    /// Computes height and reach of a node from its children.
    fn refresh(&mut self, at: Index) {
        let (left, right) = (self.child(at, false), self.child(at, true));
        let height = self.height(left).max(self.height(right)).wrapping_add(1);
        let reach = self.reach(left).max(self.reach(right));
        if let Some(node) = self.nodes.get_mut(at) {
            node.height = height;
            node.reach = reach.max(node.end);
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

    /// The way to the node of exactly this range, and the node (NIL: where it would be).
    fn find(&self, range: ServiceRange) -> Option<(Path, Index)> {
        let (start, end) = ends(range);
        let mut path = Path::new();
        let mut at = self.root;
        while let Some(node) = self.nodes.get(at) {
            if (node.start, node.end) == (start, end) {
                break;
            }
            let right = (start, end) > (node.start, node.end);
            path.push(at, right)?;
            at = self.child(at, right);
        }
        Some((path, at))
    }

    /// The node of exactly this range.
    pub fn exact(&self, range: ServiceRange) -> Option<Index> {
        let (_, at) = self.find(range)?;
        (at != NIL).then_some(at)
    }

    /// Adds a node for a range that has none yet; none if the slab has no room.
    pub fn insert(&mut self, range: ServiceRange, value: V) -> Option<Index> {
        let (path, _) = self.find(range)?;
        let (start, end) = ends(range);
        let node = Node {
            start,
            end,
            reach: end,
            child: [NIL; 2],
            height: 1,
            value,
        };
        let new = self.nodes.insert(node)?;
        self.climb(path, new);
        Some(new)
    }

    /// Takes the node of exactly this range out.
    pub fn remove(&mut self, range: ServiceRange) -> Option<V> {
        let (mut path, at) = self.find(range)?;
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

    /// The first node, in the order of (lower, upper), that overlaps `range`.
    pub fn first(&self, range: ServiceRange) -> Option<Index> {
        let (start, end) = ends(range);
        let mut at = self.root;
        loop {
            let node = self.nodes.get(at)?;
            let [left, right] = node.child;
            // If anything on the left reaches the range, the first overlap is there or nowhere:
            // what is further right begins even later.
            if self.reach_at_least(left, start) {
                at = left;
            } else if node.start > end {
                return None;
            } else if node.end >= start {
                return Some(at);
            } else {
                at = right;
            }
        }
    }

    fn reach_at_least(&self, at: Index, start: u64) -> bool {
        self.nodes.get(at).is_some_and(|node| node.reach >= start)
    }
}
