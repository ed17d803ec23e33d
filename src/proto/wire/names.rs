// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! The messages by which nodes tell each other their bindings.
//!
//! In: header and data of a message of user `Names`; out: items to walk; and back. Replaces the
//! accessors of NAME_DISTRIBUTOR in C `msg.h` and C `name_distr.h:struct distr_item`.

use super::header::{internal_words, Header, User, INTERNAL_HEADER};
use super::words::{bit, bytes_of, flag, low, word};
use crate::proto::vocab::{NodeAddr, PortId, ServiceRange, ServiceType};

/// Bytes of an item.
pub const NAME_ITEM: usize = 20;

/// What a message says of its bindings.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Saying {
    /// They are made.
    Made,
    /// They are withdrawn.
    Withdrawn,
    /// A type of a later day, which we do not understand: it takes its turn, and nothing is done.
    Unknown(u32),
}

/// The header of a message with bindings.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Distribution {
    /// The node whose bindings these are.
    pub from: NodeAddr,
    /// The node told; none if it is broadcast.
    pub to: NodeAddr,
    /// What is said of them.
    pub saying: Saying,
    /// Whether it is part of what a new neighbour is told at first.
    pub bulk: bool,
    /// Whether it is the last of that.
    pub last_bulk: bool,
    /// Whether `seqno` counts: not from an old node.
    pub numbered: bool,
    /// Its number among the sender's; in the last of the bulk, the number that comes next.
    pub seqno: u16,
    /// Whether the acknowledgement of broadcasts in the header means nothing yet.
    pub broadcast_ack_invalid: bool,
}

impl Distribution {
    /// Reads a checked message of user `Names`; none if its header is too short for one.
    pub fn read(header: Header<'_>) -> Option<Distribution> {
        let bytes = header.bytes();
        let saying = match header.kind() {
            0 => Saying::Made,
            1 => Saying::Withdrawn,
            other => Saying::Unknown(other),
        };
        Some(Distribution {
            from: NodeAddr(word(bytes, 6)),
            to: header.dest_node()?,
            saying,
            bulk: bit(bytes, 1, 28),
            last_bulk: bit(bytes, 1, 27),
            numbered: bit(bytes, 1, 26),
            seqno: low(bytes, 4),
            broadcast_ack_invalid: bit(bytes, 5, 14),
        })
    }

    /// The header of this message when `items` items follow.
    pub fn write(&self, items: usize) -> [u8; INTERNAL_HEADER] {
        let data = items.saturating_mul(NAME_ITEM);
        let kind = match self.saying {
            Saying::Made => 0,
            Saying::Withdrawn => 1,
            Saying::Unknown(other) => other,
        };
        let mut words = internal_words(User::Names, kind, data, self.from, self.to);
        let [_, w1, _, _, w4, w5, ..] = &mut words;
        *w1 |= flag(self.bulk, 28) | flag(self.last_bulk, 27) | flag(self.numbered, 26);
        *w4 = u32::from(self.seqno);
        *w5 = flag(self.broadcast_ack_invalid, 14);
        bytes_of(words)
    }
}

/// One binding of another node.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct NameItem {
    /// What is bound.
    pub range: ServiceRange,
    /// By which socket.
    pub port: PortId,
    /// Which of that socket's bindings.
    pub key: u32,
}

impl NameItem {
    /// Reads the items of a message's data; an inverted range is none. What is left at the end is
    /// ignored.
    pub fn read_all(data: &[u8]) -> impl Iterator<Item = Option<NameItem>> + '_ {
        data.chunks_exact(NAME_ITEM).map(|item| {
            let service = ServiceType(word(item, 0));
            Some(NameItem {
                range: ServiceRange::new(service, word(item, 1), word(item, 2))?,
                port: PortId(word(item, 3)),
                key: word(item, 4),
            })
        })
    }

    /// How many items a message with this data has.
    pub fn count(data: &[u8]) -> usize {
        data.len() / NAME_ITEM
    }

    /// The item's bytes.
    pub fn write(&self) -> [u8; NAME_ITEM] {
        let range = self.range;
        bytes_of([
            range.service().0,
            range.lower(),
            range.upper(),
            self.port.0,
            self.key,
        ])
    }
}
