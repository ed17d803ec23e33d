// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! How nodes keep one name table: what a new neighbour is told at first, what it is told when
//! something changes, and in which order what it tells us counts.
//!
//! In: changes of our own bindings, and headers of messages of user `Names` (`wire`); out: headers
//! and items to send, and whether a message is to be applied now. `remote` applies. Replaces C
//! `name_distr.c:tipc_named_publish`, `tipc_named_withdraw`, `named_distribute` and
//! `tipc_named_dequeue`.
//!
//! What a node tells at first (the bulk) goes by the link, later changes go to all by broadcast:
//! the two may overtake each other. So changes are numbered, and the last message of the bulk says
//! which number comes after it.

use crate::proto::vocab::{Capabilities, Capability, NodeAddr, Scope, SeqNo};
use crate::proto::wire::{Distribution, NameItem, Saying, INTERNAL_HEADER, NAME_ITEM};

use super::binding::Publication;

/// Messages of one peer that may wait to be applied: several times a whole bulk. Honest changes wait
/// only for the peer's bulk, which takes a few round trips; whoever has more on the way is not in
/// step with us, and its links are reset so that it begins anew.
pub const MAX_WAITING: usize = 4096;

/// Items in one message of a bulk on a link that takes messages of `mss` bytes: as many as fit, at
/// least one.
pub fn items_per_message(mss: usize) -> usize {
    (mss.saturating_sub(INTERNAL_HEADER) / NAME_ITEM).max(1)
}

/// What we tell: the numbers of our changes. Part of the name table's content.
#[derive(Clone, Copy)]
pub struct Teller {
    next: SeqNo,
    /// Peers that do not take names by broadcast.
    old_peers: u32,
}

impl Teller {
    /// Nothing told yet.
    pub const fn new() -> Self {
        Teller {
            next: SeqNo(0),
            old_peers: 0,
        }
    }

    /// The number of the next change, which goes into the last message of a bulk begun now.
    pub fn next(&self) -> SeqNo {
        self.next
    }

    /// Whether changes may go by broadcast: all peers take them so.
    pub fn by_broadcast(&self) -> bool {
        self.old_peers == 0
    }

    /// There is contact with a peer that can do this.
    pub fn peer_up(&mut self, can: Capabilities) {
        if !can.has(Capability::NameBroadcast) {
            self.old_peers = self.old_peers.saturating_add(1);
        }
    }

    /// Contact with a peer that can do this is lost.
    pub fn peer_down(&mut self, can: Capabilities) {
        if !can.has(Capability::NameBroadcast) {
            self.old_peers = self.old_peers.saturating_sub(1);
        }
    }

    /// A binding of ours was made, or withdrawn: the message that says so. None if it concerns
    /// nobody else.
    pub fn change(
        &mut self,
        own: NodeAddr,
        what: &Publication,
        withdrawal: bool,
    ) -> Option<(Distribution, NameItem)> {
        if what.scope == Scope::Node || own == NodeAddr::NONE {
            return None;
        }
        let seqno = self.next;
        self.next = seqno.next();
        Some((change_header(own, withdrawal, seqno), item(what)))
    }
}

/// The header of change `seqno` of ours, to everybody.
pub fn change_header(own: NodeAddr, withdrawal: bool, seqno: SeqNo) -> Distribution {
    Distribution {
        from: own,
        to: NodeAddr::NONE,
        saying: if withdrawal {
            Saying::Withdrawn
        } else {
            Saying::Made
        },
        bulk: false,
        last_bulk: false,
        numbered: true,
        seqno: seqno.0,
        broadcast_ack_invalid: false,
    }
}

/// A binding as an item.
pub fn item(what: &Publication) -> NameItem {
    NameItem {
        range: what.range,
        port: what.socket.port,
        key: what.key,
    }
}

/// The header of one message of a bulk from us to `to`; `last` is the number of the next change if
/// it is the last one.
pub fn bulk_header(own: NodeAddr, to: NodeAddr, last: Option<SeqNo>) -> Distribution {
    Distribution {
        from: own,
        to,
        saying: Saying::Made,
        bulk: true,
        last_bulk: last.is_some(),
        numbered: true,
        seqno: last.map_or(0, |next| next.0),
        broadcast_ack_invalid: true,
    }
}

/// What to do with a message now.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Turn {
    /// Apply it, then look at those that wait again.
    Now,
    /// It waits.
    Later,
    /// What it says is known; drop it.
    Past,
}

/// The order in which what one peer tells counts. A new one begins with each contact: in C a peer
/// that has started again is measured by the numbers of its last life (18.14).
#[derive(Clone, Copy)]
pub struct Order {
    /// The number of the change that comes next; none before the bulk is complete.
    next: Option<SeqNo>,
}

impl Order {
    /// Nothing heard yet.
    pub const fn new() -> Self {
        Order { next: None }
    }

    /// Whether the bulk is complete.
    pub fn is_open(&self) -> bool {
        self.next.is_some()
    }

    /// Whose turn it is. A bulk, and what old nodes send without a number, counts as it comes.
    pub fn turn(&mut self, message: &Distribution) -> Turn {
        let seqno = SeqNo(message.seqno);
        if message.last_bulk {
            self.next = Some(seqno);
        }
        if message.bulk || !message.numbered {
            return Turn::Now;
        }
        match self.next {
            Some(next) if next == seqno => {
                self.next = Some(next.next());
                Turn::Now
            }
            Some(next) if seqno.less(next) => Turn::Past,
            Some(_) | None => Turn::Later,
        }
    }
}
