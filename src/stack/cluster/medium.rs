// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! What a bearer is to the cluster: a medium, and how links over it behave.
//!
//! In: media from `bearer`; out: packets for them.

use crate::proto::link::Window;
use crate::proto::peer::Wanted;
use crate::proto::vocab::{BearerId, MediaAddr, NodeAddr, MAX_BEARERS};
use crate::stack::frame::{Packet, Packets};
use core::fmt::{self, Write};
use kernel::sync::Arc;

/// Longest name of a bearer, with its zero byte (uAPI `TIPC_MAX_BEARER_NAME`).
pub const BEARER_NAME: usize = 32;

/// Priority of a bearer that is given none (C `bearer.h:TIPC_DEF_LINK_PRI`).
pub const DEFAULT_PRIORITY: u8 = 10;

/// A way to other nodes.
pub trait Medium: Send + Sync {
    /// Sends a packet to a node, or to everybody. Any context, no lock held.
    fn send(&self, packet: Packet, to: &MediaAddr);
    /// The same of many, in order.
    fn send_all(&self, packets: Packets, to: &MediaAddr);
    /// Nothing comes in by it any more. May sleep; once, when it goes out of use: others may keep
    /// the medium a little longer.
    fn close(&self);
    /// The own address on it.
    fn address(&self) -> MediaAddr;
    /// The address of everybody on it.
    fn everybody(&self) -> MediaAddr;
    /// The number of its network device, if it has one.
    fn device(&self) -> Option<i32>;
    /// Whether it works now.
    fn is_up(&self) -> bool;
    /// Whether what is sent to everybody reaches everybody.
    fn broadcasts(&self) -> bool;
    /// Whether it takes a packet that is in several pieces of memory as it is. (C never has any.)
    fn gathers(&self) -> bool;
    /// The largest packet, in bytes.
    fn mtu(&self) -> u32;
}

/// How links behave, or begin on a bearer or medium.
#[derive(Clone, Copy)]
pub struct Properties {
    /// Priority of the links, 0 to 31.
    pub priority: u8,
    /// Silence they tolerate, in milliseconds.
    pub tolerance: u32,
    /// The window, smallest and largest, in packets.
    pub window: (u16, u16),
}

impl Properties {
    /// Sets those that are wanted.
    pub fn change(&mut self, wanted: &Wanted) {
        self.tolerance = wanted.tolerance.unwrap_or(self.tolerance);
        self.priority = wanted.priority.unwrap_or(self.priority);
        self.window.1 = wanted.window.unwrap_or(self.window.1);
    }

    /// The window of a new link.
    pub fn window(&self) -> Window {
        Window::new(self.window.0, self.window.1)
    }
}

/// A bearer in use.
#[derive(Clone)]
pub struct Bearer {
    /// Its name, "medium:interface", zero padded.
    pub name: [u8; BEARER_NAME],
    /// What it sends by.
    pub medium: Arc<dyn Medium>,
    /// How its links begin.
    pub properties: Properties,
    /// Nodes that are sought over it; none: all.
    pub domain: NodeAddr,
    /// Whether the medium works.
    pub up: bool,
}

/// The name of a bearer, to be shown.
pub struct Shown<'a>(&'a [u8]);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = self.0.iter().take_while(|c| **c != 0);
        text.try_for_each(|c| f.write_char(char::from(*c)))
    }
}

impl Bearer {
    /// Its name.
    pub fn shown(&self) -> Shown<'_> {
        Shown(&self.name)
    }

    /// The same, as it is compared and sent.
    pub fn name_text(&self) -> &[u8] {
        self.name.split(|c| *c == 0).next().unwrap_or_default()
    }

    /// The name of the interface, as links tell it to each other.
    pub fn interface(&self) -> [u8; 16] {
        let mut out = [0; 16];
        let behind = self.name.iter().skip_while(|c| **c != b':').skip(1);
        for (to, from) in out.iter_mut().zip(behind.take_while(|c| **c != 0)).take(15) {
            *to = *from;
        }
        out
    }
}

/// The bearers of a node.
pub type Bearers = [Option<Bearer>; MAX_BEARERS];

/// The bearer at a place.
pub fn at(bearers: &Bearers, id: BearerId) -> Option<&Bearer> {
    bearers.get(id.place())?.as_ref()
}

/// The bit of a bearer, if it is to be set.
pub fn bit(id: BearerId, set: bool) -> u32 {
    u32::from(set).wrapping_shl(u32::from(id.number()))
}

/// The bearer at a place, to change.
pub fn at_mut(bearers: &mut Bearers, id: BearerId) -> Option<&mut Bearer> {
    bearers.get_mut(id.place())?.as_mut()
}

/// Packets of each bearer.
pub type Outgoing = [Packets; MAX_BEARERS];
