// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! Where the kernel keeps what `stack` has in a namespace.
//!
//! In: namespaces that begin and end; out: the `Net` of each, which others may keep.

use super::Net;
use crate::sys::netns::{Namespace, PerNet, Slot};
use kernel::prelude::*;
use kernel::sync::Arc;

/// One namespace.
pub struct Home(Arc<Net>);

static SLOT: Slot<Home> = Slot::new();

impl PerNet for Home {
    fn slot() -> &'static Slot<Self> {
        &SLOT
    }

    fn new(_: &Namespace) -> impl PinInit<Self, Error> {
        Arc::pin_init(Net::new(), GFP_KERNEL).map(Home)
    }

    fn stop(&self) {
        Net::end(&self.0);
    }
}

impl Home {
    /// The stack of the namespace.
    pub fn net(&self) -> &Arc<Net> {
        &self.0
    }
}
