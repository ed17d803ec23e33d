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
    pub(super) child: [Index; 2],
    height: u8,
    /// The owner's.
    pub value: V,
}

/// The way from the root to a node: each step's node, and the side taken from it as one bit.
struct Path {
    steps: [Index; DEPTH],
    right: u32,
    len: u32,
    /// The climb must get to this step, whatever has not changed below it.
    stale: u32,
}

/// Where a key is in the tree, or would be. Good until the tree changes.
pub struct Place {
    key: Key,
    path: Path,
    at: Index,
    /// Where the neighbours on the way there begin.
    before: Option<u64>,
    behind: Option<u64>,
}

impl Place {
    /// The node of the key, if it has one.
    pub fn node(&self) -> Option<Index> {
        (self.at != NIL).then_some(self.at)
    }
}

/// What a node says of its branch.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
struct Summary {
    height: u8,
    reach: u64,
    youngest: u32,
}

impl Path {
    fn new() -> Self {
        Path {
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

    /// Step `index`.
    fn step(&self, index: u32) -> Option<(Index, bool)> {
        let at = *self.steps.get(index as usize)?;
        Some((at, self.right.wrapping_shr(index) & 1 != 0))
    }

    /// Takes the last step off.
    fn pop(&mut self) -> Option<(Index, bool)> {
        self.len = self.len.checked_sub(1)?;
        let last = self.step(self.len);
        self.right &= !1u32.wrapping_shl(self.len);
        last
    }
}

/// The tree.
pub struct Tree<V> {
    pub(super) nodes: Slab<Node<V>>,
    pub(super) root: Index,
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
            born: 0,
            twins: 0,
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

    fn summary(&self, at: Index) -> Summary {
        self.nodes
            .get(at)
            .map_or(Summary::default(), |node| Summary {
                height: node.height,
                reach: node.reach,
                youngest: node.youngest,
            })
    }

    fn set_summary(&mut self, at: Index, to: Summary) {
        if let Some(node) = self.nodes.get_mut(at) {
            node.height = to.height;
            node.reach = to.reach;
            node.youngest = to.youngest;
        }
    }

    /// What node `at` says of its branch, what it should say going by its children, and their
    /// heights.
    fn measure(&self, at: Index) -> Option<(Summary, Summary, [u8; 2])> {
        let node = self.nodes.get(at)?;
        let old = Summary {
            height: node.height,
            reach: node.reach,
            youngest: node.youngest,
        };
        let [left, right] = node.child;
        let (a, b) = (self.summary(left), self.summary(right));
        let new = Summary {
            height: a.height.max(b.height).wrapping_add(1),
            reach: a.reach.max(b.reach).max(node.key.end),
            youngest: a.youngest.max(b.youngest).max(node.born),
        };
        Some((old, new, [a.height, b.height]))
    }

    fn refresh(&mut self, at: Index) {
        if let Some((_, new, _)) = self.measure(at) {
            self.set_summary(at, new);
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

    /// Turns the branch at `at`, which is too deep on one side; its new top.
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
    fn climb(&mut self, mut path: Path, mut below: Index) {
        while let Some((at, right)) = path.pop() {
            self.set_child(at, right, below);
            let Some((old, new, [l, r])) = self.measure(at) else {
                return;
            };
            if l.abs_diff(r) > 1 {
                below = self.balance(at, r > l);
            } else if old == new && path.len <= path.stale {
                return;
            } else {
                self.set_summary(at, new);
                below = at;
            }
        }
        self.root = below;
    }

    /// Where the node of exactly this key is, or would be.
    pub fn find(&self, key: Key) -> Place {
        let mut place = Place {
            key,
            path: Path::new(),
            at: self.root,
            before: None,
            behind: None,
        };
        while let Some(node) = self.nodes.get(place.at) {
            if node.key == key {
                break;
            }
            let right = key > node.key;
            if right {
                place.before = Some(node.key.start);
            } else {
                place.behind = Some(node.key.start);
            }
            place.path.push(place.at, right);
            let [left, other] = node.child;
            place.at = if right { other } else { left };
        }
        place
    }

    /// Adds a node for a key; none if it has one already, or the slab has no room.
    pub fn insert(&mut self, key: Key, value: V) -> Option<Index> {
        let place = self.find(key);
        self.insert_at(place, value)
    }

    /// Adds a node where it would be; none if it is there already, or the slab has no room.
    pub fn insert_at(&mut self, place: Place, value: V) -> Option<Index> {
        if place.at != NIL {
            return None;
        }
        let born = self.born.wrapping_add(1);
        let (key, start) = (place.key, Some(place.key.start));
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
        let twin = place.before == start || place.behind == start;
        self.twins = self.twins.wrapping_add(twin.into());
        // All above know of it at once; the climb is for their heights.
        for &at in place.path.steps.iter().take(place.path.len as usize) {
            if let Some(node) = self.nodes.get_mut(at) {
                node.reach = node.reach.max(key.end);
                node.youngest = node.youngest.max(born);
            }
        }
        self.climb(place.path, new);
        Some(new)
    }

    /// Takes the node of exactly this key out.
    pub fn remove(&mut self, key: Key) -> Option<V> {
        let place = self.find(key);
        self.remove_at(place)
    }

    /// Takes the node out that is at this place.
    pub fn remove_at(&mut self, place: Place) -> Option<V> {
        let Place {
            key, mut path, at, ..
        } = place;
        let [left, right] = self.nodes.get(at)?.child;
        if self.twins != 0 && self.is_twin(key) {
            self.twins = self.twins.wrapping_sub(1);
        }
        let below = if left == NIL {
            right
        } else if right == NIL {
            left
        } else {
            self.successor_up(&mut path, at)
        };
        let node = self.nodes.remove(at)?;
        self.climb(path, below);
        Some(node.value)
    }

    /// Whether the node of `key` has a neighbour that begins where it does.
    fn is_twin(&self, key: Key) -> bool {
        let begins = |at: Option<Index>| {
            at.and_then(|at| self.nodes.get(at))
                .is_some_and(|node| node.key.start == key.start)
        };
        begins(self.behind(key)) || begins(self.before(key))
    }

    /// Whether any two nodes begin together.
    pub fn has_twins(&self) -> bool {
        self.twins != 0
    }

    /// Puts the smallest node of the right branch in the place of `at`, which has two children.
    /// The path is extended to where that node was; what hung there is returned.
    fn successor_up(&mut self, path: &mut Path, at: Index) -> Index {
        let fork = path.len;
        path.push(at, true);
        let mut next = self.child(at, true);
        loop {
            let left = self.child(next, false);
            if left == NIL {
                break;
            }
            path.push(next, false);
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
        path.stale = fork;
        let above = fork.checked_sub(1).and_then(|last| path.step(last));
        let (above, right) = above.unwrap_or((NIL, false));
        self.set_child(above, right, next);
        if let Some(step) = path.steps.get_mut(fork as usize) {
            *step = next;
        }
        below
    }
}
