// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! Headers of user data messages: named (40 bytes) and direct (32 bytes).
//!
//! In: what `socket/send` knows of a message; out: the header's bytes, and back. Replaces the data
//! message part of C `msg.h` (protocol draft, section 7: message headers).

use crate::proto::vocab::{
    ErrorCode, Importance, NodeAddr, PortId, Scope, ServiceType, SocketAddr,
};

const DIRECT_SIZE: usize = 32;
const NAMED_SIZE: usize = 40;

const VERSION: u32 = 2;
const TYPE_NAMED: u32 = 2;
const TYPE_DIRECT: u32 = 3;

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
}

/// The header of one data message.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct DataHeader {
    /// Importance of the message.
    pub importance: Importance,
    /// Whether the source asked for it to be droppable (RDM or DGRAM).
    pub src_droppable: bool,
    /// Whether it is dropped rather than returned if it cannot be delivered.
    pub dest_droppable: bool,
    /// Why it came back, if it did.
    pub error: Option<ErrorCode>,
    /// The sending socket.
    pub origin: SocketAddr,
    /// The receiving socket.
    pub target: SocketAddr,
    /// How the target was named.
    pub destination: Destination,
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
            ..*self
        })
    }

    /// Length of the header in bytes.
    pub fn len(&self) -> usize {
        match self.destination {
            Destination::Named { .. } => NAMED_SIZE,
            Destination::Direct => DIRECT_SIZE,
        }
    }

    /// Writes the header of a message with `data` bytes of user data (at most
    /// `MAX_USER_MSG_SIZE`) to the start of `out`. Returns false, with `out` undefined, if it is
    /// too short.
    #[must_use]
    pub fn write(&self, data: usize, out: &mut [u8]) -> bool {
        let len = self.len();
        let size = (len.wrapping_add(data) as u32) & 0x1_ffff;
        let w0 = (VERSION << 29)
            | (self.importance.number() << 25)
            | (((len as u32) >> 2) << 21)
            | (u32::from(self.dest_droppable) << 19)
            | (u32::from(self.src_droppable) << 18)
            | size;
        let (w1, w8, w9) = match self.destination {
            Destination::Named {
                service,
                instance,
                lookup,
            } => {
                let scope = match lookup {
                    Scope::Cluster => 2,
                    Scope::Node => 3,
                };
                ((TYPE_NAMED << 29) | (scope << 19), service.0, instance)
            }
            Destination::Direct => (TYPE_DIRECT << 29, 0, 0),
        };
        let w1 = w1 | (self.error.map_or(0, ErrorCode::number) << 25);
        let (from, to) = (self.origin, self.target);
        let words = [
            w0,
            w1,
            0,
            from.node.0,
            from.port.0,
            to.port.0,
            from.node.0,
            to.node.0,
            w8,
            w9,
        ];
        let Some(out) = out.get_mut(..len) else {
            return false;
        };
        for (bytes, word) in out.chunks_exact_mut(4).zip(words) {
            for (byte, value) in bytes.iter_mut().zip(word.to_be_bytes()) {
                *byte = value;
            }
        }
        true
    }

    /// Reads a data header and its length back; none if the bytes are not one. The total size a
    /// header claims is not checked here: the frame's own length counts.
    pub fn read(bytes: &[u8]) -> Option<DataHeader> {
        let w0 = word(bytes, 0)?;
        if w0 >> 29 != VERSION {
            return None;
        }
        let importance = Importance::from_number((w0 >> 25) & 0xf)?;
        let w1 = word(bytes, 1)?;
        let (destination, len) = match w1 >> 29 {
            TYPE_NAMED => {
                let lookup = if (w1 >> 19) & 3 == 3 {
                    Scope::Node
                } else {
                    Scope::Cluster
                };
                let service = ServiceType(word(bytes, 8)?);
                (
                    Destination::Named {
                        service,
                        instance: word(bytes, 9)?,
                        lookup,
                    },
                    NAMED_SIZE,
                )
            }
            TYPE_DIRECT => (Destination::Direct, DIRECT_SIZE),
            _ => return None,
        };
        if ((w0 >> 21) & 0xf) as usize != len / 4 {
            return None;
        }
        Some(DataHeader {
            importance,
            src_droppable: w0 & (1 << 18) != 0,
            dest_droppable: w0 & (1 << 19) != 0,
            error: ErrorCode::from_number((w1 >> 25) & 0xf)?,
            origin: SocketAddr {
                port: PortId(word(bytes, 4)?),
                node: NodeAddr(word(bytes, 6)?),
            },
            target: SocketAddr {
                port: PortId(word(bytes, 5)?),
                node: NodeAddr(word(bytes, 7)?),
            },
            destination,
        })
    }
}

/// The big-endian word `index` of a header.
fn word(bytes: &[u8], index: usize) -> Option<u32> {
    let rest = bytes.get(index.checked_mul(4)?..)?;
    rest.first_chunk::<4>().map(|b| u32::from_be_bytes(*b))
}
