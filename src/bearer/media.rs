// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! The media, and how bearers on them begin.
//!
//! In: names and properties from `mgmt`; out: the same. They are the whole machine's: what one
//! namespace sets holds for all, as in C. Replaces the tables in C `eth_media.c`, `ib_media.c` and
//! `udp_media.c`.

use crate::proto::link::DEFAULT_TOLERANCE;
use crate::proto::peer::Wanted;
use crate::stack::cluster::{Properties, DEFAULT_PRIORITY};
use crate::sys::atomic::Word;

/// Packets of UDP, in bytes (C `TIPC_DEF_LINK_UDP_MTU`).
const UDP_MTU: u32 = 14000;

/// A medium. Its properties are single words: who reads while they are set may see some of both.
pub struct Kind {
    name: &'static [u8],
    priority: Word,
    tolerance: Word,
    min_window: u16,
    max_window: Word,
    /// The MTU of its bearers, if it can be set.
    mtu: Option<Word>,
    /// Whether there can be bearers on it.
    built: bool,
}

/// All of them, in C's order.
static ALL: [Kind; 3] = [
    Kind::new(b"eth", (50, 8191), None, true),
    Kind::new(b"ib", (50, 500), None, false),
    Kind::new(b"udp", (50, 50), Some(Word::new(UDP_MTU)), false),
];

impl Kind {
    const fn new(name: &'static [u8], window: (u16, u16), mtu: Option<Word>, built: bool) -> Self {
        Kind {
            name,
            priority: Word::new(DEFAULT_PRIORITY as u32),
            tolerance: Word::new(DEFAULT_TOLERANCE),
            min_window: window.0,
            max_window: Word::new(window.1 as u32),
            mtu,
            built,
        }
    }

    /// The medium of that name.
    pub fn find(name: &[u8]) -> Option<&'static Kind> {
        ALL.iter().find(|kind| kind.name == name)
    }

    /// Medium number `place`, from 0.
    pub fn at(place: u32) -> Option<&'static Kind> {
        ALL.get(place as usize)
    }

    /// Its name.
    pub fn name(&self) -> &'static [u8] {
        self.name
    }

    /// Whether there can be bearers on it.
    pub fn is_built(&self) -> bool {
        self.built
    }

    /// Whether it is UDP, whose packets are as large as one wants.
    pub fn is_udp(&self) -> bool {
        self.mtu.is_some()
    }

    /// How a bearer on it begins.
    pub fn properties(&self) -> Properties {
        Properties {
            priority: self.priority.get() as u8,
            tolerance: self.tolerance.get(),
            window: (self.min_window, self.max_window.get() as u16),
        }
    }

    /// Sets that.
    pub fn set(&self, wanted: &Wanted) {
        let mut properties = self.properties();
        properties.change(wanted);
        self.priority.set(properties.priority.into());
        self.tolerance.set(properties.tolerance);
        self.max_window.set(properties.window.1.into());
    }

    /// The MTU of its bearers; none if that is the device's.
    pub fn mtu(&self) -> Option<u32> {
        self.mtu.as_ref().map(Word::get)
    }

    /// Sets that.
    pub fn set_mtu(&self, mtu: u32) {
        if let Some(word) = &self.mtu {
            word.set(mtu);
        }
    }
}
