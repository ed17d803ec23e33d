// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! Headers of user data messages: of connections (24 bytes, or 32 on the way back), direct (32),
//! named (40) and multicast (44).
//!
//! In: what `socket/send` knows of a message; out: the header's bytes, and back. Replaces the data
//! message part of C `msg.h` (protocol draft, section 7: message headers).

use super::words::word;
use crate::proto::vocab::{
    ErrorCode, Importance, NodeAddr, PortId, Scope, ServiceRange, ServiceType, SocketAddr,
};

/// Size of the header of a message on a connection, in bytes.
pub const CONNECTED_SIZE: usize = 24;
const DIRECT_SIZE: usize = 32;
const NAMED_SIZE: usize = 40;
const MULTICAST_SIZE: usize = 44;

const VERSION: u32 = 2;
const TYPE_CONNECTED: u32 = 0;
const TYPE_MULTICAST: u32 = 1;
const TYPE_NAMED: u32 = 2;
const TYPE_DIRECT: u32 = 3;

const DEST_DROPPABLE: u32 = 1 << 19;
const SRC_DROPPABLE: u32 = 1 << 18;
const SYN: u32 = 1 << 17;

/// Where the count of further look-ups is in word 1 (C `msg.h:msg_reroute_cnt`, 4 bits).
const REROUTED_SHIFT: u32 = 21;

/// How a message finds its port.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Destination {
    /// By service name, already looked up once.
    Named {
        /// The service type sent to.
        service: ServiceType,
        /// The instance sent to.
        instance: u32,
        /// Where it may be looked up again.
        lookup: Scope,
    },
    /// By socket address.
    Direct,
    /// By the connection it is sent on.
    Connected {
        /// Whether the header leaves the nodes out (24 bytes); one on its way back names them.
        short: bool,
    },
    /// To everybody who has bound a part of the range.
    Multicast {
        /// The range sent to.
        range: ServiceRange,
    },
}

/// The header of one data message.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct DataHeader {
    /// Importance of the message.
    pub importance: Importance,
    /// Whether the source asked for it to be droppable (RDM or DGRAM). On a connection the same
    /// bit asks for an acknowledgement at once (C `msg.h:msg_ack_required`).
    pub src_droppable: bool,
    /// Whether it is dropped rather than returned if it cannot be delivered.
    pub dest_droppable: bool,
    /// Whether it asks for a connection.
    pub syn: bool,
    /// Why it came back, if it did.
    pub error: Option<ErrorCode>,
    /// The sending socket.
    pub origin: SocketAddr,
    /// The receiving socket.
    pub target: SocketAddr,
    /// How the target was named.
    pub destination: Destination,
    /// The node that has looked the name up once more and sent the message on, if one has.
    pub rerouted: Option<NodeAddr>,
}

impl DataHeader {
    /// The header of this message on its way back, from a node whose address is `own`; none if it
    /// is to be dropped instead: it is droppable, or already on its way back (C
    /// `msg.c:tipc_msg_reverse`).
    pub fn returned(&self, error: ErrorCode, own: NodeAddr) -> Option<DataHeader> {
        if self.dest_droppable || self.error.is_some() {
            return None;
        }
        Some(DataHeader {
            error: Some(error),
            origin: SocketAddr {
                port: self.target.port,
                node: own,
            },
            target: self.origin,
            rerouted: None,
            destination: match self.destination {
                Destination::Connected { .. } => Destination::Connected { short: false },
                other => other,
            },
            ..*self
        })
    }

    /// Length of the header in bytes.
    pub fn len(&self) -> usize {
        match self.destination {
            Destination::Named { .. } => NAMED_SIZE,
            Destination::Direct | Destination::Connected { short: false } => DIRECT_SIZE,
            Destination::Connected { short: true } => CONNECTED_SIZE,
            Destination::Multicast { .. } => MULTICAST_SIZE,
        }
    }

    /// Whether it belongs to a connection.
    pub fn is_connected(&self) -> bool {
        matches!(self.destination, Destination::Connected { .. })
    }

    /// Writes the header of a message with `data` bytes of user data (at most
    /// `MAX_USER_MSG_SIZE`) to the start of `out`. Returns false, with `out` undefined, if it is
    /// too short.
    #[must_use]
    pub fn write(&self, data: usize, out: &mut [u8]) -> bool {
        let len = self.len();
        let size = (len.wrapping_add(data) as u32) & 0x1_ffff;
        let mut w0 =
            (VERSION << 29) | (self.importance.number() << 25) | (((len as u32) >> 2) << 21) | size;
        for (set, bit) in [
            (self.dest_droppable, DEST_DROPPABLE),
            (self.src_droppable, SRC_DROPPABLE),
            (self.syn, SYN),
        ] {
            if set {
                w0 |= bit;
            }
        }
        let (w1, w8, w9, w10) = match self.destination {
            Destination::Named {
                service,
                instance,
                lookup,
            } => (
                (TYPE_NAMED << 29) | (scope_bits(lookup) << 19),
                service.0,
                instance,
                0,
            ),
            Destination::Multicast { range } => (
                (TYPE_MULTICAST << 29) | (scope_bits(Scope::Cluster) << 19),
                range.service().0,
                range.lower(),
                range.upper(),
            ),
            Destination::Direct => (TYPE_DIRECT << 29, 0, 0, 0),
            Destination::Connected { .. } => (TYPE_CONNECTED << 29, 0, 0, 0),
        };
        let w1 = w1
            | (self.error.map_or(0, ErrorCode::number) << 25)
            | (u32::from(self.rerouted.is_some()) << REROUTED_SHIFT);
        let (from, to) = (self.origin, self.target);
        let previous = self.rerouted.unwrap_or(from.node).0;
        let words = [
            w0.to_be_bytes(),
            w1.to_be_bytes(),
            [0; 4],
            previous.to_be_bytes(),
            from.port.0.to_be_bytes(),
            to.port.0.to_be_bytes(),
            from.node.0.to_be_bytes(),
            to.node.0.to_be_bytes(),
            w8.to_be_bytes(),
            w9.to_be_bytes(),
            w10.to_be_bytes(),
        ];
        match len {
            CONNECTED_SIZE => copy::<CONNECTED_SIZE>(&words, out),
            DIRECT_SIZE => copy::<DIRECT_SIZE>(&words, out),
            NAMED_SIZE => copy::<NAMED_SIZE>(&words, out),
            _ => copy::<MULTICAST_SIZE>(&words, out),
        }
        .is_some()
    }

    /// Reads a data header and its length back; none if the bytes are not one. The total size a
    /// header claims is not checked here: the frame's own length counts.
    pub fn read(bytes: &[u8]) -> Option<DataHeader> {
        let (first, rest) = bytes.split_first_chunk::<CONNECTED_SIZE>()?;
        let (w0, w1, previous) = (word(first, 0), word(first, 1), word(first, 3));
        let (from, to) = (word(first, 4), word(first, 5));
        if w0 >> 29 != VERSION {
            return None;
        }
        let importance = Importance::from_number((w0 >> 25) & 0xf)?;
        let len = (((w0 >> 21) & 0xf) as usize).wrapping_mul(4);
        // A short header is from the node it was sent by, for the node it came to.
        let (from_node, to_node, rest) = match len {
            CONNECTED_SIZE => (previous, 0, rest),
            _ => {
                let (nodes, rest) = rest.split_first_chunk::<8>()?;
                (word(nodes, 0), word(nodes, 1), rest)
            }
        };
        let destination = read_destination(rest, w1, len)?;
        Some(DataHeader {
            importance,
            src_droppable: w0 & SRC_DROPPABLE != 0,
            dest_droppable: w0 & DEST_DROPPABLE != 0,
            syn: w0 & SYN != 0,
            error: ErrorCode::from_number((w1 >> 25) & 0xf)?,
            origin: SocketAddr {
                port: PortId(from),
                node: NodeAddr(from_node),
            },
            target: SocketAddr {
                port: PortId(to),
                node: NodeAddr(to_node),
            },
            destination,
            rerouted: ((w1 >> REROUTED_SHIFT) & 0xf != 0).then_some(NodeAddr(previous)),
        })
    }
}

/// What is read of a message that waits in an inbox, which has passed `DataHeader::read` before: all
/// that receiving it takes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Arrival {
    /// Length of the header in bytes.
    pub len: usize,
    /// The socket it is from.
    pub origin: SocketAddr,
    /// Why it came back, if it did.
    pub error: Option<ErrorCode>,
}

impl Arrival {
    /// Reads it; none if the bytes are too few for a header.
    pub fn read(bytes: &[u8]) -> Option<Arrival> {
        let (first, rest) = bytes.split_first_chunk::<CONNECTED_SIZE>()?;
        let len = (((word(first, 0) >> 21) & 0xf) as usize).wrapping_mul(4);
        // A short header is from the node it was sent by.
        let node = match len {
            CONNECTED_SIZE => word(first, 3),
            _ => word(rest.first_chunk::<8>()?, 0),
        };
        let error = match (word(first, 1) >> 25) & 0xf {
            0 => None,
            number => ErrorCode::from_number(number)?,
        };
        let origin = SocketAddr {
            port: PortId(word(first, 4)),
            node: NodeAddr(node),
        };
        Some(Arrival { len, origin, error })
    }
}

fn scope_bits(scope: Scope) -> u32 {
    match scope {
        Scope::Cluster => 2,
        Scope::Node => 3,
    }
}

/// How the message names its target, from the bytes after its nodes; none if the type is unknown or
/// the header's length is not that type's.
fn read_destination(bytes: &[u8], w1: u32, len: usize) -> Option<Destination> {
    match (w1 >> 29, len) {
        (TYPE_CONNECTED, CONNECTED_SIZE) => Some(Destination::Connected { short: true }),
        (TYPE_CONNECTED, DIRECT_SIZE) => Some(Destination::Connected { short: false }),
        (TYPE_DIRECT, DIRECT_SIZE) => Some(Destination::Direct),
        (TYPE_NAMED, NAMED_SIZE) => {
            let name = bytes.first_chunk::<8>()?;
            Some(Destination::Named {
                service: ServiceType(word(name, 0)),
                instance: word(name, 1),
                lookup: if (w1 >> 19) & 3 == 3 {
                    Scope::Node
                } else {
                    Scope::Cluster
                },
            })
        }
        (TYPE_MULTICAST, MULTICAST_SIZE) => {
            let names = bytes.first_chunk::<12>()?;
            let service = ServiceType(word(names, 0));
            let range = ServiceRange::new(service, word(names, 1), word(names, 2))?;
            Some(Destination::Multicast { range })
        }
        _ => None,
    }
}

/// Copies the first N bytes, with the length known to the compiler; none if either is too short.
#[inline]
fn copy<const N: usize>(from: &[[u8; 4]], to: &mut [u8]) -> Option<()> {
    *to.first_chunk_mut::<N>()? = *from.as_flattened().first_chunk::<N>()?;
    Some(())
}
