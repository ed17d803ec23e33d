// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! Room `wire`: bytes of a TIPC header and what they mean. Every offset, shift and width of the
//! protocol is in here.
//!
//! In: header bytes of a frame; out: a checked view, or the bytes written from a description.
//! Replaces C `msg.h`.

mod carrier;
mod connection;
mod data;
mod discovery;
mod gap;
mod header;
mod names;
mod protocol;
mod topology;
mod words;

pub use carrier::{BroadcastState, Bundle, Fragment, Part, Tunnel, TunnelKind, BUNDLE_ALIGN};
pub use connection::{ConnectionControl, ConnectionKind};
pub use data::{Arrival, DataHeader, Destination, CONNECTED_SIZE};
pub use discovery::{Beacon, BeaconKind, MediaInfo, BEACON};
pub use gap::{Gap, GapRecord, GapWriter, MAX_GAPS, MAX_GAP_RECORD};
pub use header::{
    mark_broadcast, set_data_len, Fault, Header, Stamp, User, INTERNAL_HEADER, MAX_HEADER,
    MAX_MESSAGE, MIN_HEADER,
};
pub use names::{Distribution, NameItem, Saying, NAME_ITEM};
pub use protocol::{
    Body, BroadcastProgress, End, Progress, Protocol, Report, Setup, Wish, INTERFACE_NAME,
};
pub use topology::{TopologyEvent, TopologyRequest, REQUEST_SIZE};
