// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! What a subscriber asks for and is told.
//!
//! In: requests of `topsrv`, read from bytes there; out: events to it. Replaces what C `subscr.h`
//! keeps of `struct tipc_subscr` and `struct tipc_event`.

use crate::proto::vocab::{Scope, ServiceRange, SocketAddr};
pub use crate::proto::wire::REQUEST_SIZE;

/// Which events a subscriber wants.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Filter(u32);

impl Filter {
    /// Each binding (uAPI `TIPC_SUB_PORTS`).
    pub const PORTS: u32 = 1;
    /// The first and the last binding of a range only (uAPI `TIPC_SUB_SERVICE`); the rule whenever
    /// `PORTS` is not set.
    pub const SERVICE: u32 = 2;
    /// Bindings of cluster scope only (C `core.h`; works for users).
    pub const CLUSTER: u32 = 0x20;
    /// Bindings of node scope only (C; works for users).
    pub const NODE: u32 = 0x40;
    /// Not what is bound already (C; works for users).
    pub const NO_STATUS: u32 = 0x80;

    /// From a request's number; none if it asks for both kinds of events.
    pub fn from_number(bits: u32) -> Option<Self> {
        let both = Self::PORTS | Self::SERVICE;
        (bits & both != both).then_some(Filter(bits))
    }

    fn has(self, bit: u32) -> bool {
        self.0 & bit != 0
    }

    /// Whether each binding is told.
    pub fn ports(self) -> bool {
        self.has(Self::PORTS)
    }

    /// Whether what is bound already is told.
    pub fn wants_status(self) -> bool {
        !self.has(Self::NO_STATUS)
    }

    /// Whether it lets a binding of this scope through; `edge` for the first of a range that comes
    /// and the last that goes (C `subscr.c:tipc_sub_report_overlap`).
    pub fn passes(self, scope: Scope, edge: bool) -> bool {
        let hidden = match scope {
            Scope::Node => self.has(Self::CLUSTER),
            Scope::Cluster => self.has(Self::NODE),
        };
        (edge || self.ports()) && !hidden
    }
}

/// A request.
#[derive(Clone, Copy)]
pub struct Subscription {
    /// What it is about.
    pub range: ServiceRange,
    /// What is told of it.
    pub filter: Filter,
    /// When it ends, in milliseconds of the clock given to `tick`; none for never.
    pub deadline: Option<u64>,
    /// The request as it came.
    pub request: [u8; REQUEST_SIZE],
}

/// What happened (uAPI `TIPC_PUBLISHED` ...).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Happened {
    /// 1: bound.
    Published,
    /// 2: not bound any more.
    Withdrawn,
    /// 3: the subscription's time is over.
    Timeout,
}

/// What a subscriber is told.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Event {
    /// What happened.
    pub happened: Happened,
    /// First instance of the whole range that was bound; of a timeout, of the one subscribed to.
    pub lower: u32,
    /// Last instance of it.
    pub upper: u32,
    /// Who bound it; of a timeout, no socket.
    pub socket: SocketAddr,
    /// The request this is the answer to.
    pub request: [u8; REQUEST_SIZE],
}
