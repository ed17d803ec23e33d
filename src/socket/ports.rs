// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! The namespace as sockets see it: what `stack` has, and the directory of the sockets themselves.
//!
//! In: sockets; out: sockets by port number. The directory is here because it leads to `Port`s,
//! which `stack` does not know.

use super::doors::Doors;
use super::Tipc;
use crate::stack;
use crate::sys::directory::Directory;
use crate::sys::netns::{Namespace, PerNet, Slot};
use kernel::prelude::*;
use kernel::sync::Arc;

/// One namespace: what `stack` has, and the sockets.
#[derive(Clone)]
pub struct Net {
    stack: Arc<stack::Net>,
    ports: Arc<Directory<Tipc>>,
}

static SLOT: Slot<Net> = Slot::new();

impl PerNet for Net {
    fn slot() -> &'static Slot<Self> {
        &SLOT
    }

    fn new(namespace: &Namespace) -> impl PinInit<Self, Error> {
        Net::build(namespace.state::<stack::Home>())
    }
}

impl Net {
    fn build(home: &stack::Home) -> Result<Self> {
        let net = Net {
            stack: home.net().clone(),
            ports: Arc::pin_init(Directory::new(), GFP_KERNEL)?,
        };
        let upward = Arc::new(Doors(net.clone()), GFP_KERNEL)?;
        stack::Net::begin(&net.stack, upward)?;
        Ok(net)
    }

    /// The sockets, by port number.
    pub fn ports(&self) -> &Directory<Tipc> {
        &self.ports
    }

    /// The stack, to be kept.
    pub fn stack(&self) -> &Arc<stack::Net> {
        &self.stack
    }
}

impl core::ops::Deref for Net {
    type Target = stack::Net;

    fn deref(&self) -> &stack::Net {
        &self.stack
    }
}
