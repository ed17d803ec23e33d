// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! The other nodes, and the keys they are to know.
//!
//! In: NODE_GET, PEER_REMOVE, KEY_SET and KEY_FLUSH; out: nodes shown and forgotten, and what there
//! is to say while there are no keys. Replaces C `node.c:tipc_nl_peer_rm`,
//! `tipc_nl_node_set_key` and `tipc_nl_node_flush_key`.

use super::spec::{net, node, tipc};
use super::{net_of, node_id, within};
use crate::proto::vocab::NodeAddr;
use crate::sys::genl::{Do, Dump, Page, Request};
use crate::sys::netlink::Strictness;
use kernel::error::Error;
use kernel::prelude::*;

/// Not among the errnos of users; C answers it where the own node is named.
fn enotsupp() -> Error {
    Error::from_errno(-524)
}

/// NODE_GET: the nodes that are known, and whether there is contact.
pub struct List;

impl Dump for List {
    type Cursor = u32;

    fn page(request: &Request<'_>, last: &mut u32, page: &mut Page<'_>) -> Result {
        while let Some((address, up)) = net_of(request).node_after(*last) {
            page.message(|out| {
                out.nest(tipc::NODE, |out| {
                    out.u32(node::ADDR, address.0)?;
                    if up {
                        out.flag(node::UP)?;
                    }
                    Ok(())
                })
            })?;
            *last = address.0;
        }
        Ok(())
    }
}

/// PEER_REMOVE, by address or by identity: EINVAL without either or for address 0, ENOTSUPP for the
/// own node, ENXIO for one that is not known, EBUSY while there is contact.
pub struct Remove;

impl Do for Remove {
    fn run(request: &Request<'_>) -> Result {
        let attrs = within(request, tipc::NET, &net::RULES)?;
        let mut address = None;
        if let Some(given) = attrs.get(net::ADDR) {
            match NodeAddr(given.u32()?) {
                NodeAddr::NONE => return Err(EINVAL),
                given => address = Some(given),
            }
        }
        if let Some(id) = node_id(&attrs)? {
            address = Some(id.address());
        }
        let address = address.ok_or(EINVAL)?;
        let net = net_of(request);
        if address.is_own(net.own_node()) {
            return Err(enotsupp());
        }
        net.stack().remove_peer(address)
    }
}

/// KEY_SET: encryption is not built yet. EPERM before there is an identity, as in C.
pub struct SetKey;

impl Do for SetKey {
    fn run(request: &Request<'_>) -> Result {
        let outer = request.attr(tipc::NODE).ok_or(EINVAL)?;
        outer.parse(&node::RULES, Strictness::Strict, request.reasons())?;
        if !net_of(request).identity().id().is_some() {
            request
                .reasons()
                .say(c"not found own node identity (set id?)");
            return Err(EPERM);
        }
        Err(EOPNOTSUPP)
    }
}

/// KEY_FLUSH: there are none.
pub struct FlushKeys;

impl Do for FlushKeys {
    fn run(_: &Request<'_>) -> Result {
        Ok(())
    }
}
