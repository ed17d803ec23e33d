// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! The namespace as sockets see it: what `stack` has, and the directory of the sockets themselves.
//!
//! In: sockets; out: sockets by port number. The directory is here because it leads to `Port`s,
//! which `stack` does not know.

use super::Tipc;
use crate::stack;
use crate::sys::directory::Directory;
use crate::sys::netns::{Namespace, PerNet, Slot};
use kernel::prelude::*;

/// One namespace.
#[pin_data]
pub struct Net {
    #[pin]
    stack: stack::Net,
    #[pin]
    ports: Directory<Tipc>,
}

static SLOT: Slot<Net> = Slot::new();

impl PerNet for Net {
    fn slot() -> &'static Slot<Self> {
        &SLOT
    }

    fn new(_: &Namespace) -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            stack <- stack::Net::new(),
            ports <- Directory::new(),
        })
    }
}

impl Net {
    /// The sockets, by port number.
    pub fn ports(&self) -> &Directory<Tipc> {
        &self.ports
    }
}

impl core::ops::Deref for Net {
    type Target = stack::Net;

    fn deref(&self) -> &stack::Net {
        &self.stack
    }
}
