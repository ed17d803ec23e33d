// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! Messages that carry other messages, or parts of them: fragments, bundles and tunnels.
//!
//! In: headers of users `Fragment`, `Bundle` and `Tunnel`; out: their meaning; and back. Replaces
//! the accessors of MSG_FRAGMENTER, MSG_BUNDLER and TUNNEL_PROTOCOL in C `msg.h`.

use super::header::{internal_words, Header, User, INTERNAL_HEADER};
use super::words::{bit, bytes_of, field, halves, high, low, set_field, word};
use crate::proto::vocab::{Level, NodeAddr, SeqNo};

/// Which part of a message a fragment is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Part {
    /// The first; its data begins with the message's own header.
    First,
    /// One in between.
    Middle,
    /// The last.
    Last,
}

/// The header of a fragment.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Fragment {
    /// The sending node.
    pub from: NodeAddr,
    /// The receiving node.
    pub to: NodeAddr,
    /// Which part.
    pub part: Part,
    /// Its number, from 1.
    pub number: u16,
    /// The level of the whole message.
    pub level: Level,
}

impl Fragment {
    /// Which part a checked message of user `Fragment` is; none for an unknown type.
    pub fn part(header: Header<'_>) -> Option<Part> {
        match header.kind() {
            0 => Some(Part::First),
            1 => Some(Part::Middle),
            2 => Some(Part::Last),
            _ => None,
        }
    }

    /// Reads a checked message of user `Fragment`; none for an unknown type.
    pub fn read(header: Header<'_>) -> Option<Fragment> {
        let bytes = header.bytes();
        Some(Fragment {
            from: header.previous_node(),
            to: header.dest_node()?,
            part: Fragment::part(header)?,
            number: high(bytes, 4),
            level: header.level(),
        })
    }

    /// The header of this fragment when `data` bytes follow.
    pub fn write(&self, data: usize) -> [u8; INTERNAL_HEADER] {
        let kind = match self.part {
            Part::First => 0,
            Part::Middle => 1,
            Part::Last => 2,
        };
        let mut words = internal_words(User::Fragment, kind, data, self.from, self.to);
        let [_, _, _, _, w4, .., w9] = &mut words;
        *w4 = halves(self.number, 0);
        *w9 = self.level.number();
        bytes_of(words)
    }
}

/// Messages in a bundle begin at multiples of this.
pub const BUNDLE_ALIGN: usize = 4;

/// The header of a bundle.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Bundle {
    /// The sending node.
    pub from: NodeAddr,
    /// The receiving node.
    pub to: NodeAddr,
    /// The level of all messages in it.
    pub level: Level,
    /// How many there are.
    pub count: u16,
}

impl Bundle {
    /// Reads a checked message of user `Bundle`.
    pub fn read(header: Header<'_>) -> Option<Bundle> {
        Some(Bundle {
            from: header.previous_node(),
            to: header.dest_node()?,
            level: header.level(),
            count: high(header.bytes(), 9),
        })
    }

    /// The header of this bundle when `data` bytes follow.
    pub fn write(&self, data: usize) -> [u8; INTERNAL_HEADER] {
        let mut words = internal_words(User::Bundle, 0, data, self.from, self.to);
        let [.., w9] = &mut words;
        *w9 = halves(self.count, 0) | self.level.number();
        bytes_of(words)
    }

    /// Writes to a bundle's header that one message more is in it.
    pub fn count_one(header: &mut [u8]) {
        let count = high(header, 9).wrapping_add(1);
        set_field(header, 9, 16, 0xffff, u32::from(count));
    }

    /// Size of the message whose first bytes are `inner`, as it says itself.
    pub fn inner_size(inner: &[u8]) -> usize {
        field(inner, 0, 0, 0x1_ffff) as usize
    }
}

/// What a tunnel carries.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum TunnelKind {
    /// Nothing: it tells the last number on the other link before this one was up.
    Synch(SeqNo),
    /// A packet of a link that was lost. With the number of packets carried in all, and, if it is a
    /// fragment, which one of how many.
    Failover(u16, Option<(u16, u16)>),
}

/// The header of a tunnel.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Tunnel {
    /// The sending node.
    pub from: NodeAddr,
    /// The receiving node.
    pub to: NodeAddr,
    /// The receiver's bearer of the other link.
    pub bearer: u8,
    /// What it carries.
    pub kind: TunnelKind,
}

impl Tunnel {
    /// Reads a checked message of user `Tunnel`; none for an unknown type.
    pub fn read(header: Header<'_>) -> Option<Tunnel> {
        let bytes = header.bytes();
        let kind = match header.kind() {
            0 => TunnelKind::Synch(SeqNo(high(bytes, 9))),
            1 => {
                let part = (low(bytes, 4) != 0).then(|| (high(bytes, 4), low(bytes, 4)));
                TunnelKind::Failover(high(bytes, 9), part)
            }
            _ => return None,
        };
        Some(Tunnel {
            from: header.previous_node(),
            to: header.dest_node()?,
            bearer: field(bytes, 5, 9, 7) as u8,
            kind,
        })
    }

    /// The header of this tunnel when `data` bytes follow.
    pub fn write(&self, data: usize) -> [u8; INTERNAL_HEADER] {
        let (kind, w4, count) = match self.kind {
            TunnelKind::Synch(point) => (0, 0, point.0),
            TunnelKind::Failover(count, part) => {
                let (number, of) = part.unwrap_or((0, 0));
                (1, halves(number, of), count)
            }
        };
        let mut words = internal_words(User::Tunnel, kind, data, self.from, self.to);
        let [_, _, _, _, to4, to5, .., to9] = &mut words;
        *to4 = w4;
        *to5 = u32::from(self.bearer & 7) << 9;
        *to9 = halves(count, 0);
        bytes_of(words)
    }
}

/// A BCAST_PROTOCOL message: where its sender is in the broadcasts.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct BroadcastState {
    /// The sending node.
    pub from: NodeAddr,
    /// The node it is about.
    pub to: NodeAddr,
    /// The last broadcast sent.
    pub last_sent: SeqNo,
    /// Whether the acknowledgement in the header means nothing yet, as in the first one.
    pub ack_invalid: bool,
    /// Whether it is itself broadcast, as old nodes do to ask for lost ones.
    pub non_sequenced: bool,
    /// Then: the last broadcast before the gap and the last of the gap.
    pub gap: Option<(SeqNo, SeqNo)>,
}

impl BroadcastState {
    /// Reads a checked message of user `Broadcast`; none for an unknown type.
    pub fn read(header: Header<'_>) -> Option<BroadcastState> {
        let bytes = header.bytes();
        let non_sequenced = header.is_non_sequenced();
        let gap = || (SeqNo(high(bytes, 2)), SeqNo(low(bytes, 2)));
        (header.kind() == 0).then_some(BroadcastState {
            from: header.previous_node(),
            to: NodeAddr(word(bytes, 7)),
            last_sent: SeqNo(high(bytes, 4)),
            ack_invalid: bit(bytes, 5, 14),
            non_sequenced,
            gap: non_sequenced.then(gap),
        })
    }

    /// The header, which is the whole message.
    pub fn write(&self) -> [u8; INTERNAL_HEADER] {
        let mut words = internal_words(User::Broadcast, 0, 0, self.from, self.to);
        let [w0, _, w2, _, w4, w5, ..] = &mut words;
        *w0 |= super::header::non_sequenced(self.non_sequenced);
        if let Some((after, to)) = self.gap {
            *w2 = halves(after.0, to.0);
        }
        *w4 = halves(self.last_sent.0, 0);
        *w5 = super::words::flag(self.ack_invalid, 14);
        bytes_of(words)
    }
}
