// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! What a link is told and what it answers.
//!
//! In: properties of bearers, time and the broadcast link, from `peer`; out: events and verdicts.
//! Replaces the parameters of C `link.c:tipc_link_create` and its return codes.

use super::{Gaps, Window};
use crate::proto::vocab::{Capabilities, Instant, NodeAddr, SeqNo};
use crate::proto::wire::INTERFACE_NAME;

/// What a link is made with.
#[derive(Clone, Copy)]
pub struct Config {
    /// The own node.
    pub own: NodeAddr,
    /// The neighbour.
    pub peer: NodeAddr,
    /// The number of the bearer it goes over.
    pub bearer: u8,
    /// Its network plane, 0 to 7.
    pub plane: u8,
    /// The name of the own interface, zero padded.
    pub interface: [u8; INTERFACE_NAME],
    /// The largest packet the bearer takes, in bytes.
    pub mtu: u32,
    /// A peer that takes no packets of this size is not talked to (100 and what the bearer needs).
    pub min_mtu: u32,
    /// Silence that is tolerated, in ms.
    pub tolerance: u32,
    /// Priority among the links to that neighbour, 0 to 31.
    pub priority: u8,
    /// The send window.
    pub window: Window,
    /// What the neighbour can do.
    pub capabilities: Capabilities,
}

/// What a link must know of the broadcast link to the same neighbour.
#[derive(Clone, Copy, Default)]
pub struct BroadcastView<'a> {
    /// The last broadcast received from the neighbour.
    pub ack: SeqNo,
    /// The last broadcast sent.
    pub last_sent: SeqNo,
    /// Whether reception of broadcasts from the neighbour has begun.
    pub up: bool,
    /// Broadcasts missing.
    pub gap: u16,
    /// What has come behind the gap.
    pub gaps: Option<&'a dyn Gaps>,
    /// Whether something is unacknowledged, either way.
    pub pending: bool,
}

/// The broadcast link, to be asked when there is something to tell of it: that is seldom, and the
/// answer takes longer than a packet should.
pub trait Broadcasts {
    /// What there is to know.
    fn view(&self) -> BroadcastView<'_>;
}

/// What holds at the time of a call.
#[derive(Clone, Copy, Default)]
pub struct Context<'a> {
    /// The time.
    pub now: Instant,
    /// The last broadcast received from the neighbour, which every packet says.
    pub broadcast_ack: SeqNo,
    /// The rest of the broadcast link; none: nothing goes on there.
    pub broadcasts: Option<&'a dyn Broadcasts>,
    /// The monitor's record, to go with state messages.
    pub monitor: &'a [u8],
}

impl<'a> Context<'a> {
    /// The broadcast link.
    pub fn broadcast(&self) -> BroadcastView<'a> {
        self.broadcasts.map(Broadcasts::view).unwrap_or_default()
    }
}

/// What `peer` has to act on.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
#[must_use]
pub struct Events(u8);

impl Events {
    /// Nothing.
    pub const NONE: Events = Events(0);
    /// The link can be taken up.
    pub const UP: Events = Events(1);
    /// The link was up and has failed.
    pub const DOWN: Events = Events(2);
    /// Senders may go on.
    pub const ROOM: Events = Events(4);

    /// Both.
    pub fn or(self, other: Events) -> Events {
        Events(self.0 | other.0)
    }

    /// Whether all of `other` are in it.
    pub fn has(self, other: Events) -> bool {
        self.0 & other.0 == other.0
    }
}

/// What became of a message.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Sent {
    /// It is on its way or will be.
    Done,
    /// So is this one, but its sender must not send more until it is woken.
    Wait,
}

/// What became of a message that was to go as it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Whole {
    /// The link has taken or refused it.
    Made(Result<Sent, SendError>),
    /// It does not fit into `most` bytes, or its sender has to wait (`full`).
    Not {
        /// Bytes of the largest packet.
        most: usize,
        /// Whether the link has enough of this level.
        full: bool,
    },
}

/// Why a message is not sent.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SendError {
    /// Its first packet is larger than the link's packets: the link is another than it was cut for.
    TooLarge {
        /// Bytes of the largest packet.
        most: usize,
    },
    /// TIPC's own messages do not get through: the link is to be reset.
    Overflow,
    /// The link is not up.
    Down,
}
