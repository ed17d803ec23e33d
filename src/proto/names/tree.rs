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
use core::cmp::Ordering;
use core::num::NonZeroU8;

/// Deepest tree there can be: an AVL tree of the slab's 131 072 records has at most 24 levels.
pub(super) const DEPTH: usize = 26;

/// When a node was made that has no twin.
const ALONE: u32 = 1;

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
    /// Order of age among those that begin together, and the highest in this branch.
    pub(super) born: u32,
    pub(super) youngest: u32,
    pub(super) child: [Index; 2],
    /// Levels of this branch.
    height: NonZeroU8,
    /// The owner's.
    pub value: V,
}

/// The way from the root to where a key is, or would be: each step's node, and the side taken from
/// it as one bit.
struct Path {
    key: Key,
    /// The node of the key; NIL if it has none.
    at: Index,
    steps: [Index; DEPTH],
    right: u32,
    len: u32,
    /// The climb must get to this step, whatever has not changed below it.
    stale: u32,
}

/// What a node says of its branch.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
struct Summary {
    height: u8,
    reach: u64,
    youngest: u32,
}

impl<V> Node<V> {
    fn summary(&self) -> Summary {
        Summary {
            height: self.height.get(),
            reach: self.reach,
            youngest: self.youngest,
        }
    }

    fn set_summary(&mut self, to: Summary) {
        self.height = NonZeroU8::new(to.height).unwrap_or(NonZeroU8::MIN);
        self.reach = to.reach;
        self.youngest = to.youngest;
    }

    /// What it should say, going by its children.
    fn measured(&self, a: Summary, b: Summary) -> Summary {
        Summary {
            height: a.height.max(b.height).wrapping_add(1),
            reach: a.reach.max(b.reach).max(self.key.end),
            youngest: a.youngest.max(b.youngest).max(self.born),
        }
    }

    /// The child on a side.
    pub(super) fn on(&self, right: bool) -> Index {
        let [left, other] = self.child;
        if right {
            other
        } else {
            left
        }
    }

    fn on_mut(&mut self, right: bool) -> &mut Index {
        let [left, other] = &mut self.child;
        if right {
            other
        } else {
            left
        }
    }
}

impl Path {
    fn new() -> Self {
        Path {
            key: Key::at(0, 0),
            at: NIL,
            steps: [NIL; DEPTH],
            right: 0,
            len: 0,
            stale: u32::MAX,
        }
    }

    /// Adds a step. A tree is never as deep as to have no place for it.
    fn push(&mut self, at: Index, right: bool) {
        if let Some(step) = self.steps.get_mut(self.len as usize) {
            *step = at;
            self.right |= u32::from(right).wrapping_shl(self.len);
            self.len = self.len.wrapping_add(1);
        }
    }

    /// The last of the first `len` steps.
    fn before(&self, len: u32) -> Option<(Index, bool)> {
        self.step(len.checked_sub(1)?)
    }

    /// The last step to each side; NIL if there is none.
    fn nearest(&self) -> [Index; 2] {
        let all = 1u32.wrapping_shl(self.len).wrapping_sub(1);
        [!self.right & all, self.right & all].map(|steps| {
            let last = steps.checked_ilog2().and_then(|last| self.step(last));
            last.map_or(NIL, |(at, _)| at)
        })
    }

    /// Step `index`.
    fn step(&self, index: u32) -> Option<(Index, bool)> {
        let at = *self.steps.get(index as usize)?;
        Some((at, self.right.wrapping_shr(index) & 1 != 0))
    }
}

/// The tree.
pub struct Tree<V> {
    pub(super) nodes: Slab<Node<V>>,
    pub(super) root: Index,
    /// What was looked for last with `find`. It is here, and not the caller's, as it would have to be
    /// filled each time.
    path: Path,
    born: u32,
    /// Nodes that begin where the one before them does.
    twins: u32,
}

impl<V: Copy> Tree<V> {
    /// An empty tree.
    pub fn new() -> Self {
        Tree {
            nodes: Slab::new(),
            root: NIL,
            path: Path::new(),
            born: ALONE,
            twins: 0,
        }
    }

    /// The records, to make room in them.
    pub fn slab(&mut self) -> &mut Slab<Node<V>> {
        &mut self.nodes
    }

    /// Whether there is no node.
    pub fn is_empty(&self) -> bool {
        self.root == NIL
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
        self.nodes.get(at).map_or(NIL, |node| node.on(right))
    }

    fn set_child(&mut self, at: Index, right: bool, to: Index) {
        match self.nodes.get_mut(at) {
            Some(node) => *node.on_mut(right) = to,
            None => self.root = to,
        }
    }

    fn summary(&self, at: Index) -> Summary {
        self.nodes.get(at).map_or(Summary::default(), Node::summary)
    }

    fn set_summary(&mut self, at: Index, to: Summary) {
        if let Some(node) = self.nodes.get_mut(at) {
            node.set_summary(to);
        }
    }

    fn refresh(&mut self, at: Index) {
        let Some(node) = self.nodes.get(at) else {
            return;
        };
        let [left, right] = node.child;
        let new = node.measured(self.summary(left), self.summary(right));
        self.set_summary(at, new);
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

    /// Turns the branch at `at`, which is too deep on one side; its new top.
    #[cold]
    #[inline(never)]
    fn balance(&mut self, at: Index, heavy: bool) -> Index {
        let tall = self.child(at, heavy);
        let height = |side| self.summary(self.child(tall, side)).height;
        if height(!heavy) > height(heavy) {
            let top = self.rotate(tall, !heavy);
            self.set_child(at, heavy, top);
        }
        self.rotate(at, heavy)
    }

    /// Balances the branches on the way up, as far as anything changes; `below` is the branch that
    /// hangs at its end.
    fn climb(&mut self, mut below: Index) {
        let mut len = self.path.len;
        let mut hangs = self.summary(below);
        while let Some((at, right)) = self.path.before(len) {
            len = len.wrapping_sub(1);
            let Some(node) = self.nodes.get(at) else {
                return;
            };
            let beside = self.summary(node.on(!right));
            let (old, new) = (node.summary(), node.measured(hangs, beside));
            let fits = hangs.height.abs_diff(beside.height) <= 1;
            if let Some(node) = self.nodes.get_mut(at) {
                *node.on_mut(right) = below;
                node.set_summary(new);
            }
            if fits && old.height == new.height {
                if old != new || len > self.path.stale {
                    self.settle(len, new);
                }
                return;
            }
            (below, hangs) = match fits {
                true => (at, new),
                false => {
                    let top = self.balance(at, right == (hangs.height > beside.height));
                    (top, self.summary(top))
                }
            };
        }
        self.root = below;
    }

    /// Goes on with a climb where heights and places do not change any more; `below` is what the
    /// last branch says.
    fn settle(&mut self, mut len: u32, mut below: Summary) {
        while let Some((at, right)) = self.path.before(len) {
            len = len.wrapping_sub(1);
            let Some(node) = self.nodes.get(at) else {
                return;
            };
            let beside = self.summary(node.on(!right));
            let (old, new) = (node.summary(), node.measured(below, beside));
            if let Some(node) = self.nodes.get_mut(at) {
                (node.reach, node.youngest) = (new.reach, new.youngest);
            }
            if (old.reach, old.youngest) == (new.reach, new.youngest) && len <= self.path.stale {
                return;
            }
            below = Summary {
                height: old.height,
                ..new
            };
        }
    }

    /// Hangs leaf `new` at the end of the path. The nodes above know already how far it reaches, so
    /// that only heights are to be followed, as long as they grow.
    fn hang(&mut self, new: Index) {
        let (mut below, mut height) = (new, NonZeroU8::MIN);
        let mut len = self.path.len;
        while let Some((at, right)) = self.path.before(len) {
            len = len.wrapping_sub(1);
            let Some(node) = self.nodes.get_mut(at) else {
                return;
            };
            *node.on_mut(right) = below;
            if node.height > height {
                return;
            }
            let taller = height.saturating_add(1);
            node.height = taller;
            let beside = node.on(!right);
            let beside = self.nodes.get(beside).map_or(0, |node| node.height.get());
            if height.get() > beside.wrapping_add(1) {
                // Turned, the branch is as high as it was without the leaf.
                let top = self.balance(at, right);
                let (above, right) = self.path.before(len).unwrap_or((NIL, false));
                return self.set_child(above, right, top);
            }
            (below, height) = (at, taller);
        }
        self.root = below;
    }

    /// The node of exactly this key, if there is one. `insert_found` and `remove_found` are for what
    /// was looked for last, and go by the way there, which is good until the tree changes.
    pub fn find(&mut self, key: Key) -> Option<Index> {
        let path = &mut self.path;
        let mut steps = path.steps.iter_mut();
        let (mut right, mut bit) = (0u32, 1u32);
        let mut at = self.root;
        while let Some(node) = self.nodes.get(at) {
            let side = if key.start != node.key.start {
                key.start > node.key.start
            } else {
                match key.cmp(&node.key) {
                    Ordering::Equal => break,
                    side => side == Ordering::Greater,
                }
            };
            let Some(step) = steps.next() else { break };
            *step = at;
            if side {
                right |= bit;
            }
            bit = bit.wrapping_shl(1);
            at = node.on(side);
        }
        path.right = right;
        path.len = bit.trailing_zeros();
        path.stale = u32::MAX;
        (path.key, path.at) = (key, at);
        (at != NIL).then_some(at)
    }

    /// Adds a node for a key; none if it has one already, or the slab has no room.
    pub fn insert(&mut self, key: Key, value: V) -> Option<Index> {
        self.find(key);
        self.insert_found(value)
    }

    /// Adds a node for the key that was looked for; none if it has one already, or the slab has no
    /// room.
    pub fn insert_found(&mut self, value: V) -> Option<Index> {
        if self.path.at != NIL {
            return None;
        }
        let key = self.path.key;
        let [behind, before] = self.path.nearest();
        let twin = self.begins(before, key) || self.begins(behind, key);
        let born = if twin {
            self.born.wrapping_add(1)
        } else {
            ALONE
        };
        let node = Node {
            key,
            reach: key.end,
            born,
            youngest: born,
            child: [NIL; 2],
            height: NonZeroU8::MIN,
            value,
        };
        let new = self.nodes.insert(node)?;
        if twin {
            self.born = born;
            self.twins = self.twins.wrapping_add(1);
        }
        for &at in self.path.steps.iter().take(self.path.len as usize) {
            if let Some(node) = self.nodes.get_mut(at) {
                node.reach = node.reach.max(key.end);
                node.youngest = node.youngest.max(born);
            }
        }
        self.hang(new);
        Some(new)
    }

    /// Whether there is a node `at` that begins where `key` does.
    fn begins(&self, at: Index, key: Key) -> bool {
        self.nodes
            .get(at)
            .is_some_and(|node| node.key.start == key.start)
    }

    /// Takes the node of exactly this key out.
    pub fn remove(&mut self, key: Key) -> Option<V> {
        self.find(key);
        self.remove_found()
    }

    /// Takes the node out that was looked for.
    pub fn remove_found(&mut self) -> Option<V> {
        let (key, at) = (self.path.key, self.path.at);
        let [left, right] = self.nodes.get(at)?.child;
        if self.twins != 0 && self.is_twin(key) {
            self.twins = self.twins.wrapping_sub(1);
        }
        let below = if left == NIL {
            right
        } else if right == NIL {
            left
        } else {
            self.successor_up(at)
        };
        let node = self.nodes.remove(at)?;
        self.climb(below);
        Some(node.value)
    }

    /// Whether the node of `key` has a neighbour that begins where it does.
    fn is_twin(&self, key: Key) -> bool {
        let begins = |at: Option<Index>| at.is_some_and(|at| self.begins(at, key));
        begins(self.behind(key)) || begins(self.before(key))
    }

    /// Whether any two nodes begin together.
    pub fn has_twins(&self) -> bool {
        self.twins != 0
    }

    /// Puts the smallest node of the right branch in the place of `at`, which has two children.
    /// The path is extended to where that node was; what hung there is returned.
    fn successor_up(&mut self, at: Index) -> Index {
        let fork = self.path.len;
        self.path.push(at, true);
        let mut next = self.child(at, true);
        loop {
            let left = self.child(next, false);
            if left == NIL {
                break;
            }
            self.path.push(next, false);
            next = left;
        }
        let below = self.child(next, true);
        let keep = self.child(at, false);
        self.set_child(next, false, keep);
        if self.child(at, true) != next {
            let right = self.child(at, true);
            self.set_child(next, true, right);
        }
        // It takes the place over whole; what it says is to be corrected at least up to there.
        self.set_summary(next, self.summary(at));
        self.path.stale = fork;
        let (above, right) = self.path.before(fork).unwrap_or((NIL, false));
        self.set_child(above, right, next);
        if let Some(step) = self.path.steps.get_mut(fork as usize) {
            *step = next;
        }
        below
    }
}
