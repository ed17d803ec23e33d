// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! The own node: network id, identity, address.
//!
//! In: NET_GET, NET_SET and ADDR_LEGACY_GET; out: `stack`'s identity, read or set. Replaces C
//! `net.c:tipc_nl_net_dump`, `__tipc_nl_net_set` and `tipc_nl_net_addr_legacy_get`.

use super::spec::{net, tipc};
use super::{net_of, node_id, within};
use crate::proto::vocab::{NodeAddr, NODE_ID_LEN};
use crate::sys::genl::{Do, Dump, Page, Request};
use crate::sys::netlink::MARKED;
use kernel::prelude::*;

/// NET_GET: one message. The address is not in it; users ask a socket for its own.
pub struct Get;

impl Dump for Get {
    /// Whether it has been told.
    type Cursor = bool;

    fn page(request: &Request<'_>, told: &mut bool, page: &mut Page<'_>) -> Result {
        if *told {
            return Ok(());
        }
        let identity = net_of(request).identity();
        let id = identity.id().0;
        let (first, second) = id.split_at_checked(NODE_ID_LEN / 2).ok_or(EINVAL)?;
        page.message(|out| {
            out.nest(tipc::NET, |out| {
                out.u32(net::ID, identity.network())?;
                out.bytes(net::NODEID, first)?;
                out.bytes(net::NODEID_W1, second)
            })
        })?;
        *told = true;
        Ok(())
    }
}

/// NET_SET: each of network id, address and identity that is there, in this order. EPERM once there
/// is an address; EINVAL for a bad value, after which what came before it stays set, as in C.
pub struct Set;

impl Do for Set {
    fn run(request: &Request<'_>) -> Result {
        let attrs = within(request, tipc::NET, &net::RULES)?;
        let own = net_of(request);
        if own.own_node() != NodeAddr::NONE {
            return Err(EPERM);
        }
        if let Some(network) = attrs.get(net::ID) {
            own.identity().set_network(network.u32()?)?;
        }
        if let Some(address) = attrs.get(net::ADDR) {
            match NodeAddr(address.u32()?) {
                NodeAddr::NONE => return Err(EINVAL),
                address => own.set_address(address),
            }
        }
        if let Some(id) = node_id(&attrs)? {
            own.identity().set_id(id);
        }
        Ok(())
    }
}

/// ADDR_LEGACY_GET.
pub struct Form;

impl Do for Form {
    fn run(request: &Request<'_>) -> Result {
        let legacy = net_of(request).identity().is_legacy();
        request.reply(|out| {
            out.nest(tipc::NET | MARKED, |out| match legacy {
                true => out.flag(net::ADDR_LEGACY),
                false => Ok(()),
            })
        })
    }
}
