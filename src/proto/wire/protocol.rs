// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! The messages by which two ends set up and supervise a link: RESET, ACTIVATE and STATE.
//!
//! In: header and data of a message of user `Link`; out: its meaning, checked once; and back.
//! Replaces the accessors of LINK_PROTOCOL in C `msg.h`.

use super::gap::GapRecord;
use super::header::{internal_words, Header, User, INTERNAL_HEADER};
use super::words::{bit, bytes_of, field, flag, halves, high, low};
use crate::proto::vocab::{NodeAddr, SeqNo, SessionNo};

/// Bytes of an interface's name, a zero at the end included (uAPI `TIPC_MAX_IF_NAME`).
pub const INTERFACE_NAME: usize = 16;

const STATE: u32 = 0;
const RESET: u32 = 1;
const ACTIVATE: u32 = 2;

/// Who says it: one end of a link.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct End {
    /// Its node.
    pub node: NodeAddr,
    /// Its session.
    pub session: SessionNo,
    /// The number of its bearer, 0 to 7.
    pub bearer: u8,
    /// Its network plane, 0 to 7, written A to H.
    pub plane: u8,
}

/// Where that end is in the sequence of packets.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct Progress {
    /// Number of the message itself: of this state message, or an arbitrary one.
    pub seqno: SeqNo,
    /// The last packet received.
    pub ack: SeqNo,
    /// The packet that will be sent next.
    pub next_sent: SeqNo,
}

/// Where that end is in the broadcasts.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct BroadcastProgress {
    /// The last broadcast received. An ACTIVATE has a session in its place.
    pub ack: SeqNo,
    /// Whether `ack` means nothing yet.
    pub ack_invalid: bool,
    /// The last broadcast sent.
    pub last_sent: SeqNo,
    /// Whether the node has another link up (C `msg.h:msg_redundant_link`); in a STATE, whether
    /// its broadcast link is.
    pub node_up: bool,
}

/// What an end wants of the other; 0 is no wish.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct Wish {
    /// Priority of the link, 0 to 31.
    pub priority: u8,
    /// Tolerance of the link, in ms.
    pub tolerance: u16,
}

/// A state report.
#[derive(Clone, Copy, Default)]
pub struct Report<'a> {
    /// Whether an answer is wanted.
    pub probe: bool,
    /// Whether it is a probe or the answer to one.
    pub keepalive: bool,
    /// Packets missing after `ack`, 0 to 8191.
    pub gap: u16,
    /// Broadcasts missing, 0 to 1023.
    pub broadcast_gap: u16,
    /// What has arrived behind the gaps. Not written: it is data.
    pub gaps: GapRecord<'a>,
    /// What follows the record: the monitor's. Not written: it is data.
    pub rest: &'a [u8],
}

/// What an end tells when the link is set up.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Setup {
    /// The largest packet it can take, in bytes; a multiple of 4.
    pub max_packet: u32,
    /// The name of its interface, as it is in the message. Not written: it is data.
    pub interface: [u8; INTERFACE_NAME],
    /// Whether it goes down for good and wants the whole set-up again.
    pub stopping: bool,
}

/// Which message.
#[derive(Clone, Copy)]
pub enum Body<'a> {
    /// The link is up: where we are.
    State(Report<'a>),
    /// This end was reset.
    Reset(Setup),
    /// This end has seen the other's RESET. The session is that of the other end, as this one
    /// knows it, if it says so.
    Activate(Setup, Option<SessionNo>),
}

/// One message of the link protocol.
#[derive(Clone, Copy)]
pub struct Protocol<'a> {
    /// Who says it.
    pub end: End,
    /// The other node.
    pub to: NodeAddr,
    /// Packets.
    pub progress: Progress,
    /// Broadcasts.
    pub broadcast: BroadcastProgress,
    /// Wishes.
    pub wish: Wish,
    /// Which message, and what only it has.
    pub body: Body<'a>,
}

impl<'a> Protocol<'a> {
    /// Reads a checked message of user `Link` whose data is `data`, contiguous. `gap_acks` says
    /// whether the peer sends gap/ack records (`Capability::GapAck`). None if it is to be dropped.
    pub fn read(header: Header<'_>, data: &'a [u8], gap_acks: bool) -> Option<Protocol<'a>> {
        let bytes = header.bytes();
        let data = data.get(..header.data_len())?;
        let body = match header.kind() {
            STATE => Body::State(read_report(bytes, data, gap_acks)?),
            RESET => Body::Reset(read_setup(bytes, data)?),
            ACTIVATE => {
                let session = bit(bytes, 1, 16).then(|| SessionNo(low(bytes, 1)));
                Body::Activate(read_setup(bytes, data)?, session)
            }
            _ => return None,
        };
        Some(Protocol {
            end: End {
                node: header.previous_node(),
                session: SessionNo(high(bytes, 5)),
                bearer: field(bytes, 5, 9, 7) as u8,
                plane: field(bytes, 5, 1, 7) as u8,
            },
            to: header.dest_node()?,
            progress: Progress {
                seqno: header.seqno(),
                ack: header.ack(),
                next_sent: SeqNo(low(bytes, 4)),
            },
            broadcast: BroadcastProgress {
                ack: header.broadcast_ack(),
                ack_invalid: bit(bytes, 5, 14),
                last_sent: SeqNo(high(bytes, 4)),
                node_up: bit(bytes, 5, 12),
            },
            wish: Wish {
                priority: field(bytes, 5, 4, 0x1f) as u8,
                tolerance: low(bytes, 9),
            },
            body,
        })
    }

    /// The header of this message when `data` bytes follow it.
    pub fn write(&self, data: usize) -> [u8; INTERNAL_HEADER] {
        let kind = match self.body {
            Body::State(_) => STATE,
            Body::Reset(_) => RESET,
            Body::Activate(..) => ACTIVATE,
        };
        let mut words = internal_words(User::Link, kind, data, self.end.node, self.to);
        let [w0, w1, w2, _, w4, w5, _, _, w8, w9] = &mut words;
        *w1 |= u32::from(self.broadcast.ack.0);
        *w2 = halves(self.progress.ack.0, self.progress.seqno.0);
        *w4 = halves(self.broadcast.last_sent.0, self.progress.next_sent.0);
        *w5 = (u32::from(self.end.session.0) << 16)
            | flag(self.broadcast.ack_invalid, 14)
            | flag(self.broadcast.node_up, 12)
            | (u32::from(self.end.bearer & 7) << 9)
            | (u32::from(self.wish.priority & 0x1f) << 4)
            | (u32::from(self.end.plane & 7) << 1);
        *w9 = u32::from(self.wish.tolerance);
        match &self.body {
            Body::State(report) => {
                *w0 |= flag(report.keepalive, 19);
                *w1 |= (u32::from(report.gap) & 0x1fff) << 16;
                *w5 |= flag(report.probe, 0);
                *w8 = u32::from(report.broadcast_gap) & 0x3ff;
            }
            Body::Reset(setup) => {
                *w5 |= flag(setup.stopping, 13);
                *w9 |= max_packet_bits(setup);
            }
            Body::Activate(setup, session) => {
                if let Some(session) = session {
                    *w1 = (*w1 & !0xffff) | (1 << 16) | u32::from(session.0);
                }
                *w5 |= flag(setup.stopping, 13);
                *w9 |= max_packet_bits(setup);
            }
        }
        bytes_of(words)
    }

    /// Whether it shows that its sender's end of this link is up.
    pub fn link_is_up(&self) -> bool {
        matches!(self.body, Body::State(_))
    }

    /// Whether it shows that its sender has some link up (C `msg.h:msg_peer_node_is_up`).
    pub fn node_is_up(&self) -> bool {
        self.link_is_up() || self.broadcast.node_up
    }
}

fn max_packet_bits(setup: &Setup) -> u32 {
    ((setup.max_packet / 4) & 0xffff) << 16
}

fn read_report<'a>(bytes: &[u8], data: &'a [u8], gap_acks: bool) -> Option<Report<'a>> {
    let (gaps, len) = if gap_acks {
        GapRecord::read(data)?
    } else {
        (GapRecord::default(), 0)
    };
    Some(Report {
        probe: bit(bytes, 5, 0),
        keepalive: bit(bytes, 0, 19),
        gap: field(bytes, 1, 16, 0x1fff) as u16,
        broadcast_gap: field(bytes, 8, 0, 0x3ff) as u16,
        gaps,
        rest: data.get(len..)?,
    })
}

fn read_setup(bytes: &[u8], data: &[u8]) -> Option<Setup> {
    Some(Setup {
        max_packet: u32::from(high(bytes, 9)).wrapping_mul(4),
        interface: *data.first_chunk()?,
        stopping: bit(bytes, 5, 13),
    })
}
