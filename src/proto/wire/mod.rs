// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! Room `wire`: bytes of a TIPC header and what they mean. Every offset, shift and width of the
//! protocol is in here.
//!
//! In: header bytes of a frame; out: a checked view, or the bytes written from a description.
//! Replaces C `msg.h`.

#[cfg(not(MODULE))]
mod carrier;
#[cfg(not(MODULE))]
mod connection;
mod data;
#[cfg(not(MODULE))]
mod discovery;
#[cfg(not(MODULE))]
mod gap;
#[cfg(not(MODULE))]
mod header;
#[cfg(not(MODULE))]
mod names;
#[cfg(not(MODULE))]
mod protocol;
mod topology;
#[cfg(not(MODULE))]
mod words;

#[cfg(not(MODULE))]
pub use carrier::{BroadcastState, Bundle, Fragment, Part, Tunnel, TunnelKind, BUNDLE_ALIGN};
#[cfg(not(MODULE))]
pub use connection::{ConnectionControl, ConnectionKind};
pub use data::{DataHeader, Destination, CONNECTED_SIZE};
#[cfg(not(MODULE))]
pub use discovery::{Beacon, BeaconKind, MediaInfo, BEACON};
#[cfg(not(MODULE))]
pub use gap::{Gap, GapRecord, GapWriter, MAX_GAPS, MAX_GAP_RECORD};
#[cfg(not(MODULE))]
pub use header::{
    set_data_len, Fault, Header, Stamp, User, INTERNAL_HEADER, MAX_HEADER, MAX_MESSAGE, MIN_HEADER,
};
#[cfg(not(MODULE))]
pub use names::{Distribution, NameItem, NAME_ITEM};
#[cfg(not(MODULE))]
pub use protocol::{
    Body, BroadcastProgress, End, Progress, Protocol, Report, Setup, Wish, INTERFACE_NAME,
};
pub use topology::{TopologyEvent, TopologyRequest, REQUEST_SIZE};
