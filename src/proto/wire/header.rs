// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! What every message begins with: version, user, sizes, and the numbers of the link it is on.
//!
//! In: the bytes of a frame, at the door; out: a checked view whose accessors cannot fail. Replaces
//! words 0 to 3 of C `msg.h` and C `msg.c:tipc_msg_validate`.

use super::words::{bit, field, flag, halves, high, low, set_field, set_word, word};
use crate::proto::vocab::{Importance, Level, NodeAddr, SeqNo, MAX_USER_MSG_SIZE};

/// Size of the smallest header, in bytes.
pub const MIN_HEADER: usize = 24;

/// Size of the largest header, that of beacons.
pub const MAX_HEADER: usize = 60;

/// Size of the headers TIPC puts on its own messages.
pub const INTERNAL_HEADER: usize = 40;

/// Size of the largest message, its header included.
pub const MAX_MESSAGE: usize = MAX_HEADER.saturating_add(MAX_USER_MSG_SIZE);

/// Size of the smallest header that names the node it is for.
const NAMING_HEADER: usize = 32;

const VERSION: u32 = 2;

/// Whose message it is (C `msg.h:BCAST_PROTOCOL` ...).
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum User {
    /// 0 to 3: user data.
    Data(Importance),
    /// 5: synchronises the broadcast link.
    Broadcast,
    /// 6: several small messages.
    Bundle,
    /// 7: sets up and supervises a link.
    Link,
    /// 8: acknowledges and probes connections.
    Connection,
    /// 9: members of groups.
    Group,
    /// 10: packets of a link carried by another one.
    Tunnel,
    /// 11: bindings of another node.
    Names,
    /// 12: a part of a large message.
    Fragment,
    /// 13: beacons.
    Discovery,
    /// 14: keys.
    Crypto,
    /// 4 and 15: nothing that may be on a wire.
    Unknown,
}

impl User {
    /// From a header's field, 0 to 15.
    pub fn from_number(number: u32) -> User {
        match number {
            0..=3 => Importance::from_number(number).map_or(User::Unknown, User::Data),
            5 => User::Broadcast,
            6 => User::Bundle,
            7 => User::Link,
            8 => User::Connection,
            9 => User::Group,
            10 => User::Tunnel,
            11 => User::Names,
            12 => User::Fragment,
            13 => User::Discovery,
            14 => User::Crypto,
            _ => User::Unknown,
        }
    }

    /// The number; 15 for none that may be on a wire.
    pub fn number(self) -> u32 {
        match self {
            User::Data(importance) => importance.number(),
            User::Broadcast => 5,
            User::Bundle => 6,
            User::Link => 7,
            User::Connection => 8,
            User::Group => 9,
            User::Tunnel => 10,
            User::Names => 11,
            User::Fragment => 12,
            User::Discovery => 13,
            User::Crypto => 14,
            User::Unknown => 15,
        }
    }
}

/// Why bytes are not a message.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fault {
    /// Fewer bytes than the smallest header, or than its own header says.
    Short,
    /// A header of no size that its user has.
    Header,
    /// Another version than 2; 7 is an encrypted frame.
    Version,
    /// The size is less than the header's, more than `MAX_MESSAGE` or more than the frame's.
    Size,
}

/// The first bytes of a message that was checked, or of one that we have built.
#[derive(Clone, Copy)]
pub struct Header<'a> {
    bytes: &'a [u8],
}

impl<'a> Header<'a> {
    /// The door: checks `linear`, the contiguous first bytes of a frame of `len` bytes. They must
    /// hold the whole header, of at most `MAX_HEADER` bytes. Bytes after the message's size are
    /// padding, which the caller cuts off.
    pub fn check(linear: &'a [u8], len: usize) -> Result<Header<'a>, Fault> {
        if linear.len() < MIN_HEADER {
            return Err(Fault::Short);
        }
        if field(linear, 0, 29, 7) != VERSION {
            return Err(Fault::Version);
        }
        let header_len = header_len(linear);
        let bytes = linear.get(..header_len).ok_or(Fault::Short)?;
        let header = Header { bytes };
        let size = header.size();
        if !header.has_good_length() {
            return Err(Fault::Header);
        }
        if size < header_len || size > len || header.data_len() > MAX_USER_MSG_SIZE {
            return Err(Fault::Size);
        }
        Ok(header)
    }

    /// The header of a frame that has passed the door or that we have built. There may be more
    /// `bytes` than are its own: finding out where it ends would cost each look at it more than what
    /// is looked for.
    pub fn of(bytes: &'a [u8]) -> Header<'a> {
        Header { bytes }
    }

    /// Whether the header is of a size its user has: 24 bytes are for connections only; TIPC's own
    /// headers are of 40 bytes, beacons of 60. (C reads fields beyond a header that is too short.)
    fn has_good_length(self) -> bool {
        let len = self.len();
        match self.user() {
            User::Data(_) => len == MIN_HEADER || (NAMING_HEADER..=MAX_HEADER).contains(&len),
            User::Discovery => len == MAX_HEADER,
            _ => (INTERNAL_HEADER..=MAX_HEADER).contains(&len),
        }
    }

    /// All bytes of the header, and none of what is behind it.
    pub fn bytes(self) -> &'a [u8] {
        self.bytes.get(..self.len()).unwrap_or(self.bytes)
    }

    /// Length of the header in bytes.
    pub fn len(self) -> usize {
        header_len(self.bytes)
    }

    /// Size of the whole message in bytes.
    pub fn size(self) -> usize {
        field(self.bytes, 0, 0, 0x1_ffff) as usize
    }

    /// Size of what comes after the header.
    pub fn data_len(self) -> usize {
        self.size().saturating_sub(self.len())
    }

    /// Whose message it is.
    pub fn user(self) -> User {
        User::from_number(field(self.bytes, 0, 25, 0xf))
    }

    /// The user's message type, 0 to 7.
    pub fn kind(self) -> u32 {
        field(self.bytes, 1, 29, 7)
    }

    /// Whether it is outside the sequence of a link: a broadcast or a beacon.
    pub fn is_non_sequenced(self) -> bool {
        bit(self.bytes, 0, 20)
    }

    /// The neighbour it came from.
    pub fn previous_node(self) -> NodeAddr {
        NodeAddr(word(self.bytes, 3))
    }

    /// The node it is for; none in the short header of a connection, which is for the node it has
    /// come to.
    pub fn dest_node(self) -> Option<NodeAddr> {
        (self.len() >= NAMING_HEADER).then(|| NodeAddr(word(self.bytes, 7)))
    }

    /// Its number on the link.
    pub fn seqno(self) -> SeqNo {
        SeqNo(low(self.bytes, 2))
    }

    /// The last packet of the link its sender has received.
    pub fn ack(self) -> SeqNo {
        SeqNo(high(self.bytes, 2))
    }

    /// The last broadcast its sender has received.
    pub fn broadcast_ack(self) -> SeqNo {
        SeqNo(low(self.bytes, 1))
    }

    /// Its level on the link (C `msg.h:msg_importance`): user data on its way back is the system's.
    pub fn level(self) -> Level {
        match self.user() {
            User::Data(importance) if field(self.bytes, 1, 25, 0xf) == 0 => importance.into(),
            User::Fragment | User::Bundle => Level::from_number(field(self.bytes, 9, 0, 7)),
            _ => Level::System,
        }
    }

    /// Broadcasts its sender misses (of state messages only).
    pub fn broadcast_gap(self) -> u16 {
        field(self.bytes, 8, 0, 0x3ff) as u16
    }

    /// Whether its acknowledgement of broadcasts means nothing yet (of messages about names).
    pub fn is_broadcast_ack_invalid(self) -> bool {
        bit(self.bytes, 5, 14)
    }

    /// Whether a message that a neighbour has sent may say what it says of its sender: what belongs
    /// to a connection is from a socket of the neighbour itself, nobody else can be part of the
    /// connection. A message by name may have been passed on. (C believes it, so that any node can
    /// end the connections of others.)
    pub fn is_honest(self, neighbour: NodeAddr) -> bool {
        let of_connection = match self.user() {
            User::Connection => true,
            User::Data(_) => self.kind() == 0,
            _ => false,
        };
        let origin = match self.len() >= NAMING_HEADER {
            true => NodeAddr(word(self.bytes, 6)),
            false => self.previous_node(),
        };
        !of_connection || origin == neighbour
    }

    /// The network it was broadcast in (of broadcasts only).
    pub fn broadcast_network(self) -> u32 {
        word(self.bytes, 5)
    }
}

fn header_len(bytes: &[u8]) -> usize {
    (field(bytes, 0, 21, 0xf) as usize).wrapping_mul(4)
}

/// The numbers a packet gets when it is sent.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    /// Its own.
    pub seqno: SeqNo,
    /// The last packet received from the peer.
    pub ack: SeqNo,
    /// The last broadcast received from the peer.
    pub broadcast_ack: SeqNo,
}

impl Stamp {
    /// Writes all three into a header.
    pub fn write(self, header: &mut [u8]) {
        set_field(header, 1, 0, 0xffff, u32::from(self.broadcast_ack.0));
        set_word(header, 2, halves(self.ack.0, self.seqno.0));
    }

    /// Reads them back.
    pub fn of(header: Header<'_>) -> Stamp {
        Stamp {
            seqno: header.seqno(),
            ack: header.ack(),
            broadcast_ack: header.broadcast_ack(),
        }
    }
}

/// Writes to the header of a packet that it is broadcast to all nodes of a network.
pub fn mark_broadcast(header: &mut [u8], network: u32) {
    set_field(header, 0, 20, 1, 1);
    set_word(header, 5, network);
}

/// Words 0 and 1 of a header of `len` bytes with `data` bytes after it.
pub(super) fn first_words(user: User, kind: u32, len: usize, data: usize) -> (u32, u32) {
    let size = len.saturating_add(data) as u32 & 0x1_ffff;
    let w0 = (VERSION << 29) | (user.number() << 25) | ((len as u32 / 4) << 21) | size;
    (w0, (kind & 7) << 29)
}

/// Words 0 to 9 of an internal message between two neighbours.
pub(super) fn internal_words(
    user: User,
    kind: u32,
    data: usize,
    from: NodeAddr,
    to: NodeAddr,
) -> [u32; 10] {
    let (w0, w1) = first_words(user, kind, INTERNAL_HEADER, data);
    [w0, w1, 0, from.0, 0, 0, from.0, to.0, 0, 0]
}

/// The bit of word 0 that says non-sequenced.
pub(super) fn non_sequenced(set: bool) -> u32 {
    flag(set, 20)
}

/// Writes a new size to a header: the message has `data` bytes after its header now.
pub fn set_data_len(header: &mut [u8], data: usize) {
    let size = header_len(header).saturating_add(data) as u32;
    set_field(header, 0, 0, 0x1_ffff, size);
}
