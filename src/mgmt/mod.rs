// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! Room `mgmt`: TIPC as administrators see and set it, through the generic netlink family TIPCv2.
//!
//! In: requests of the `tipc` tool and its like, by way of `sys::genl`; out: calls of `stack` and
//! `socket`, and messages. One file for each kind of thing; `spec` has the numbers and rules, from
//! Documentation/netlink/tipc.yaml. Replaces C `netlink.c` and the tipc_nl_* functions elsewhere.

mod bearer;
mod broadcast;
mod counters;
mod diag;
mod link;
mod media;
mod monitor;
mod names;
mod net;
mod node;
mod property;
mod socket;
mod spec;

use crate::proto::vocab::{NodeId, NODE_ID_LEN};
use crate::socket::Net;
use crate::sys::genl::{Command, Dump, Family, Page, Request};
use crate::sys::netlink::{Attr, Attrs, Rule, Strictness};
use kernel::prelude::*;

/// The family.
pub static FAMILY: Family = Family::new(c"TIPCv2", spec::VERSION, &COMMANDS, &spec::tipc::RULES);

static COMMANDS: [Command; 24] = [
    spec::BEARER_DISABLE.doing::<bearer::Disable>(),
    spec::BEARER_ENABLE.doing::<bearer::Enable>(),
    spec::BEARER_GET
        .doing::<bearer::Get>()
        .dumping::<bearer::List>(),
    spec::BEARER_SET.doing::<bearer::Set>(),
    spec::SOCK_GET.dumping::<socket::List>(),
    spec::PUBL_GET.dumping::<names::OfSocket>(),
    spec::LINK_GET.doing::<link::Get>().dumping::<link::List>(),
    spec::LINK_SET.doing::<link::Set>(),
    spec::LINK_RESET_STATS.doing::<link::ResetStats>(),
    spec::MEDIA_GET
        .doing::<media::Get>()
        .dumping::<media::List>(),
    spec::MEDIA_SET.doing::<media::Set>(),
    spec::NODE_GET.dumping::<node::List>(),
    spec::NET_GET.dumping::<net::Get>(),
    spec::NET_SET.doing::<net::Set>(),
    spec::NAME_TABLE_GET.dumping::<names::Table>(),
    spec::MON_SET.doing::<monitor::Set>(),
    spec::MON_GET.doing::<monitor::Get>().dumping::<Nothing>(),
    spec::MON_PEER_GET.dumping::<monitor::Peers>(),
    spec::PEER_REMOVE.doing::<node::Remove>(),
    spec::BEARER_ADD.doing::<bearer::Add>(),
    spec::UDP_GET_REMOTEIP.dumping::<bearer::Remotes>(),
    spec::KEY_SET.doing::<node::SetKey>(),
    spec::KEY_FLUSH.doing::<node::FlushKeys>(),
    spec::ADDR_LEGACY_GET.doing::<net::Form>(),
];

/// A dump of what there is none of yet: monitors.
struct Nothing;

impl Dump for Nothing {
    type Cursor = ();

    fn page(_: &Request<'_>, (): &mut (), _: &mut Page<'_>) -> Result {
        Ok(())
    }
}

/// The namespace a request came from.
fn net_of<'a>(request: &Request<'a>) -> &'a Net {
    request.net::<Net>()
}

/// The text of an attribute, up to its first zero.
fn text_of(attr: Attr<'_>) -> &[u8] {
    let text = attr.bytes();
    text.split(|c| *c == 0).next().unwrap_or_default()
}

/// The attributes within outermost attribute `number`, with the leniency of old commands. EINVAL
/// without it, or if one breaks its rule.
fn within<'a, const N: usize>(
    request: &Request<'a>,
    number: u16,
    rules: &'static [Rule; N],
) -> Result<Attrs<'a, N>> {
    let outer = request.attr(number).ok_or(EINVAL)?;
    outer.parse(rules, Strictness::Lenient, request.reasons())
}

/// The identity in the attributes of a `net`, if it is there; EINVAL if only its first half is.
fn node_id<const N: usize>(net: &Attrs<'_, N>) -> Result<Option<NodeId>> {
    let Some(first) = net.get(spec::net::NODEID) else {
        return Ok(None);
    };
    let second = net.get(spec::net::NODEID_W1).ok_or(EINVAL)?;
    let mut id = [0; NODE_ID_LEN];
    let bytes = [first, second]
        .into_iter()
        .flat_map(|half| half.bytes().iter().take(8));
    for (to, from) in id.iter_mut().zip(bytes) {
        *to = *from;
    }
    Ok(Some(NodeId(id)))
}
