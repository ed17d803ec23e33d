// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! The monitor of neighbours.
//!
//! In: MON_*; out: its one setting, and no more while there are no bearers. Replaces C
//! `node.c:tipc_nl_node_*monitor*`.

use super::spec::{mon, tipc};
use super::{net_of, within};
use crate::sys::genl::{Do, Dump, Page, Request};
use crate::sys::netlink::{Reasons, Strictness};
use kernel::prelude::*;

/// Bearers a node can have (C `bearer.h:MAX_BEARERS`).
const MAX_BEARERS: u32 = 3;

/// MON_SET. EINVAL above 4095.
pub struct Set;

impl Do for Set {
    fn run(request: &Request<'_>) -> Result {
        let attrs = within(request, tipc::MON, &mon::RULES)?;
        match attrs.get(mon::ACTIVATION_THRESHOLD) {
            Some(nodes) => net_of(request).set_monitor_threshold(nodes.u32()?),
            None => Ok(()),
        }
    }
}

/// MON_GET of the setting.
pub struct Get;

impl Do for Get {
    fn run(request: &Request<'_>) -> Result {
        let nodes = net_of(request).monitor_threshold();
        request.reply(|out| out.nest(tipc::MON, |out| out.u32(mon::ACTIVATION_THRESHOLD, nodes)))
    }
}

/// MON_PEER_GET: nobody is monitored. EINVAL for a number that no bearer can have.
pub struct Peers;

impl Dump for Peers {
    type Cursor = ();

    fn page(request: &Request<'_>, (): &mut (), _: &mut Page<'_>) -> Result {
        let outer = request.attr(tipc::MON).ok_or(EINVAL)?;
        let attrs = outer.parse(&mon::RULES, Strictness::Lenient, Reasons::none())?;
        let bearer = attrs.get(mon::REF).ok_or(EINVAL)?.u32()?;
        if bearer < MAX_BEARERS {
            Ok(())
        } else {
            Err(EINVAL)
        }
    }
}
