// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! The nodes whose links take no more of a socket for now.
//!
//! In: `doors`, which hears from `stack` when a link is full and when there is room again; out:
//! whether a sender has to wait. Replaces C `socket.c`: `cong_links`, `cong_link_cnt`.

use crate::proto::vocab::NodeAddr;
use crate::sys::atomic::Word;
use crate::sys::lock::{new_bh_spinlock, BhSpinLock};
use kernel::prelude::*;

/// Nodes that are told apart, in memory that every socket has. A socket that is blocked by more at
/// once waits for any of them; C has a list without a bound.
const FEW: usize = 2;

/// Nodes that have blocked a socket, and how often each.
#[pin_data]
pub struct Congestion {
    /// How many there are, so that most senders need not look.
    count: Word,
    #[pin]
    nodes: BhSpinLock<Nodes>,
}

/// Each block is undone once. While `others` is not 0 no new node is told apart, so that one is
/// undone where it was counted.
struct Nodes {
    few: [(NodeAddr, u32); FEW],
    others: u32,
}

impl Nodes {
    fn find(&mut self, node: NodeAddr) -> Option<&mut (NodeAddr, u32)> {
        let mut places = self.few.iter_mut();
        places.find(|(other, times)| *times != 0 && *other == node)
    }

    fn free(&mut self) -> Option<&mut (NodeAddr, u32)> {
        if self.others != 0 {
            return None;
        }
        self.few.iter_mut().find(|(_, times)| *times == 0)
    }

    fn count(&self) -> u32 {
        let told_apart = self.few.iter().filter(|(_, times)| *times != 0).count();
        self.others.saturating_add(told_apart as u32)
    }
}

impl Congestion {
    /// None.
    pub fn new() -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            count: Word::new(0),
            nodes <- new_bh_spinlock!(
                Nodes {
                    few: [(NodeAddr::NONE, 0); FEW],
                    others: 0,
                },
                "tipc_congestion"
            ),
        })
    }

    /// Whether any node blocks the socket.
    pub fn any(&self) -> bool {
        self.count.get() != 0
    }

    /// Whether `node` does.
    pub fn has(&self, node: NodeAddr) -> bool {
        if !self.any() {
            return false;
        }
        let mut nodes = self.nodes.lock();
        nodes.others != 0 || nodes.find(node).is_some()
    }

    /// `node` blocks the socket, once more.
    pub fn block(&self, node: NodeAddr) {
        let mut nodes = self.nodes.lock();
        if let Some((_, times)) = nodes.find(node) {
            *times = times.saturating_add(1);
        } else if let Some(place) = nodes.free() {
            *place = (node, 1);
        } else {
            nodes.others = nodes.others.saturating_add(1);
        }
        self.count.set(nodes.count());
    }

    /// `node` does not, once.
    pub fn unblock(&self, node: NodeAddr) {
        let mut nodes = self.nodes.lock();
        match nodes.find(node) {
            Some((_, times)) => *times = times.saturating_sub(1),
            None => nodes.others = nodes.others.saturating_sub(1),
        }
        self.count.set(nodes.count());
    }
}
