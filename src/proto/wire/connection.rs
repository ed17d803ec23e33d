// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! The messages two ends of a connection send each other besides data: probes and acknowledgements.
//!
//! In: headers of user `Connection`; out: their meaning; and back. Replaces the accessors of
//! CONN_MANAGER in C `msg.h`.

use super::header::{internal_words, Header, User, INTERNAL_HEADER};
use super::words::{bit, bytes_of, field, flag, halves, high, low, word};
use crate::proto::vocab::{ErrorCode, NodeAddr, PortId, SocketAddr};

/// Which message (C `msg.h:CONN_PROBE` ...).
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum ConnectionKind {
    /// 0: are you there?
    Probe,
    /// 1: yes.
    ProbeReply,
    /// 2: data was read.
    Ack {
        /// Blocks read since the last one.
        read: u16,
        /// Blocks that may be on their way at most.
        window: u16,
        /// Whether it is one that a sender who collects small messages waits for.
        nagle: bool,
    },
}

/// One message of a connection's management.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct ConnectionControl {
    /// The neighbour it came from.
    pub previous: NodeAddr,
    /// The sending socket.
    pub origin: SocketAddr,
    /// The receiving socket.
    pub target: SocketAddr,
    /// Why it came back, if it did.
    pub error: Option<ErrorCode>,
    /// Whether it is dropped rather than returned if there is no such socket.
    pub dest_droppable: bool,
    /// Which message.
    pub kind: ConnectionKind,
}

impl ConnectionControl {
    /// Reads a checked message of user `Connection`; none for an unknown type or error.
    pub fn read(header: Header<'_>) -> Option<ConnectionControl> {
        let bytes = header.bytes();
        let kind = match header.kind() {
            0 => ConnectionKind::Probe,
            1 => ConnectionKind::ProbeReply,
            2 => ConnectionKind::Ack {
                read: high(bytes, 9),
                window: low(bytes, 9),
                nagle: bit(bytes, 0, 18),
            },
            _ => return None,
        };
        Some(ConnectionControl {
            previous: header.previous_node(),
            origin: SocketAddr {
                port: PortId(word(bytes, 4)),
                node: NodeAddr(word(bytes, 6)),
            },
            target: SocketAddr {
                port: PortId(word(bytes, 5)),
                node: header.dest_node()?,
            },
            error: ErrorCode::from_number(field(bytes, 1, 25, 0xf))?,
            dest_droppable: bit(bytes, 0, 19),
            kind,
        })
    }

    /// The header, which is the whole message.
    pub fn write(&self) -> [u8; INTERNAL_HEADER] {
        let (kind, w9, nagle_ack) = match self.kind {
            ConnectionKind::Probe => (0, 0, false),
            ConnectionKind::ProbeReply => (1, 0, false),
            ConnectionKind::Ack {
                read,
                window,
                nagle,
            } => (2, halves(read, window), nagle),
        };
        let (from, to) = (self.origin, self.target);
        let mut words = internal_words(User::Connection, kind, 0, from.node, to.node);
        let [w0, w1, _, w3, w4, w5, _, _, _, last] = &mut words;
        *w0 |= flag(self.dest_droppable, 19) | flag(nagle_ack, 18);
        *w1 |= self.error.map_or(0, ErrorCode::number) << 25;
        *w3 = self.previous.0;
        *w4 = from.port.0;
        *w5 = to.port.0;
        *last = w9;
        bytes_of(words)
    }
}
