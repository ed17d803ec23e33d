// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! What a node's TIPC can do, as it tells its neighbours.
//!
//! In: a field of a beacon from `wire`; out: a set to ask. Replaces C `node.h:TIPC_SYN_BIT` ...

/// One ability. The number is its bit on the wire.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Capability {
    /// Sets the SYN bit of messages that ask for a connection.
    Syn = 0,
    /// Synchronises the broadcast link by a message of its own.
    BroadcastSynch = 1,
    /// Asks for lost broadcasts in state messages.
    BroadcastNack = 2,
    /// Counts the window of a connection in blocks.
    BlockFlow = 3,
    /// Takes replicast messages.
    Replicast = 4,
    /// Has an identity of 128 bits.
    Identity = 5,
    /// Numbers its state messages.
    StateSeqNo = 6,
    /// Marks multicasts so that a change between broadcast and replicast keeps their order.
    MulticastControl = 7,
    /// Sends and reads gap/ack blocks.
    GapAck = 8,
    /// Needs one synch message only, and takes tunnelled packets in fragments.
    Tunnel = 9,
    /// Collects small messages of a stream.
    Nagle = 10,
    /// Distributes names over the broadcast link.
    NameBroadcast = 11,
}

/// A set of abilities: 13 bits on the wire.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct Capabilities(pub u16);

impl Capabilities {
    /// All there are, which is what this TIPC has (C `node.h:TIPC_NODE_CAPABILITIES`).
    pub const ALL: Capabilities = Capabilities(0xfff);

    /// Whether `one` is in the set.
    pub fn has(self, one: Capability) -> bool {
        self.0 & (1 << one as u16) != 0
    }

    /// The set without `one`.
    pub fn without(self, one: Capability) -> Capabilities {
        Capabilities(self.0 & !(1 << one as u16))
    }

    /// What both have.
    pub fn and(self, other: Capabilities) -> Capabilities {
        Capabilities(self.0 & other.0)
    }
}
