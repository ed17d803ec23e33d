// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! Headers of user data messages: of connections (24 bytes, or 32 on the way back), direct (32),
//! named (40) and multicast (44).
//!
//! In: what `socket/send` knows of a message; out: the header's bytes, and back. Replaces the data
//! message part of C `msg.h` (protocol draft, section 7: message headers).

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
        let previous = self.rerouted.unwrap_or(from.node);
        let common = [w0, w1, 0, previous.0, from.port.0, to.port.0];
        let Some(rest) = put(out, common) else {
            return false;
        };
        let nodes = [from.node.0, to.node.0];
        let done = match len {
            CONNECTED_SIZE => Some(rest),
            DIRECT_SIZE => put(rest, nodes),
            NAMED_SIZE => put(rest, nodes).and_then(|rest| put(rest, [w8, w9])),
            _ => put(rest, nodes).and_then(|rest| put(rest, [w8, w9, w10])),
        };
        done.is_some()
    }

    /// Reads a data header and its length back; none if the bytes are not one. The total size a
    /// header claims is not checked here: the frame's own length counts.
    pub fn read(bytes: &[u8]) -> Option<DataHeader> {
        let [w0, w1, _, previous, from, to] = take(bytes, 0)?;
        if w0 >> 29 != VERSION {
            return None;
        }
        let importance = Importance::from_number((w0 >> 25) & 0xf)?;
        let len = (((w0 >> 21) & 0xf) as usize).wrapping_mul(4);
        let destination = read_destination(bytes, w1, len)?;
        // A short header is from the node it was sent by, for the node it came to.
        let [from_node, to_node] = match len {
            CONNECTED_SIZE => [previous, 0],
            _ => take(bytes, CONNECTED_SIZE)?,
        };
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

fn scope_bits(scope: Scope) -> u32 {
    match scope {
        Scope::Cluster => 2,
        Scope::Node => 3,
    }
}

/// How the message names its target; none if the type is unknown or the header's length is not
/// that type's.
fn read_destination(bytes: &[u8], w1: u32, len: usize) -> Option<Destination> {
    match (w1 >> 29, len) {
        (TYPE_CONNECTED, CONNECTED_SIZE) => Some(Destination::Connected { short: true }),
        (TYPE_CONNECTED, DIRECT_SIZE) => Some(Destination::Connected { short: false }),
        (TYPE_DIRECT, DIRECT_SIZE) => Some(Destination::Direct),
        (TYPE_NAMED, NAMED_SIZE) => {
            let [service, instance] = take(bytes, DIRECT_SIZE)?;
            Some(Destination::Named {
                service: ServiceType(service),
                instance,
                lookup: if (w1 >> 19) & 3 == 3 {
                    Scope::Node
                } else {
                    Scope::Cluster
                },
            })
        }
        (TYPE_MULTICAST, MULTICAST_SIZE) => {
            let [service, lower, upper] = take(bytes, DIRECT_SIZE)?;
            let range = ServiceRange::new(ServiceType(service), lower, upper)?;
            Some(Destination::Multicast { range })
        }
        _ => None,
    }
}

/// Writes words, big-endian, to the start of `out`; what is behind them, none if it is too short.
#[inline]
fn put<const N: usize>(out: &mut [u8], words: [u32; N]) -> Option<&mut [u8]> {
    let (place, rest) = out.split_at_mut_checked(N.wrapping_mul(4))?;
    for (bytes, word) in place.chunks_exact_mut(4).zip(words) {
        if let Some(bytes) = bytes.first_chunk_mut::<4>() {
            *bytes = word.to_be_bytes();
        }
    }
    Some(rest)
}

/// The big-endian words that begin at byte `from`.
#[inline]
fn take<const N: usize>(bytes: &[u8], from: usize) -> Option<[u32; N]> {
    let (place, _) = bytes.get(from..)?.split_at_checked(N.wrapping_mul(4))?;
    let mut words = [0u32; N];
    for (word, bytes) in words.iter_mut().zip(place.chunks_exact(4)) {
        *word = u32::from_be_bytes(*bytes.first_chunk::<4>()?);
    }
    Some(words)
}
