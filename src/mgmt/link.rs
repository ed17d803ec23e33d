// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! Links.
//!
//! In: LINK_*; out: links, shown, set and counting anew. `broadcast` answers for the broadcast link.
//! Replaces C `node.c:tipc_nl_node_*link*` and `link.c:__tipc_nl_add_link`.

use super::spec::{link, prop, tipc};
use super::{broadcast, net_of, property, text_of, within};
use crate::proto::link::BROADCAST_LINK;
use crate::proto::vocab::NodeAddr;
use crate::stack::cluster::{LinkPlace, LinkView, Listed};
use crate::sys::genl::{Do, Dump, Page, Request};
use crate::sys::netlink::{Attrs, Reasons, Strictness, Writer};
use kernel::prelude::*;

/// The attributes of a request about one link, and its name. EINVAL without one.
fn named<'a>(request: &Request<'a>) -> Result<(Attrs<'a, 11>, &'a [u8])> {
    let attrs = within(request, tipc::LINK, &link::RULES)?;
    let name = attrs.get(link::NAME).ok_or(EINVAL)?;
    Ok((attrs, text_of(name)))
}

fn is_broadcast(name: &[u8]) -> bool {
    name == BROADCAST_LINK.as_bytes()
}

fn show(own: NodeAddr, view: &LinkView, out: &mut Writer<'_>) -> Result {
    out.nest(tipc::LINK, |out| {
        out.text(link::NAME, view.name.bytes())?;
        // The own cluster: that is what C has always told.
        out.u32(link::DEST, own.cluster_mask())?;
        out.u32(link::MTU, view.mtu)?;
        out.u32(link::RX, view.stats.received.packets)?;
        out.u32(link::TX, view.stats.sent.packets)?;
        if view.up {
            out.flag(link::UP)?;
        }
        if view.active {
            out.flag(link::ACTIVE)?;
        }
        out.nest(link::PROP, |out| {
            property::show(&view.properties, out)?;
            out.u32(prop::PRIO, view.properties.priority.into())
        })?;
        super::counters::show(&view.stats, out)
    })
}

/// LINK_GET of one.
pub struct Get;

impl Do for Get {
    fn run(request: &Request<'_>) -> Result {
        let (_, name) = named(request)?;
        let net = net_of(request);
        if is_broadcast(name) {
            // One of many, it says, though it is alone: as in C.
            let view = net.broadcast_link();
            return request.reply_of_many(|out| broadcast::show(&view, out));
        }
        let view = net.link(name).ok_or(EINVAL)?;
        request.reply(|out| show(net.own_node(), &view, out))
    }
}

/// How far a list of links has got.
#[derive(Clone, Copy, Default)]
pub enum At {
    /// Nowhere: the broadcast link is the first.
    #[default]
    Begin,
    /// The next is at this place; whether the links that broadcasts come by are wanted, too.
    From(LinkPlace, bool),
}

/// LINK_GET of all. EINVAL for a link attribute without the flag `broadcast`.
pub struct List;

impl Dump for List {
    type Cursor = At;

    fn page(request: &Request<'_>, at: &mut At, page: &mut Page<'_>) -> Result {
        let net = net_of(request);
        if let At::Begin = at {
            let mut receivers = false;
            if let Some(outer) = request.attr(tipc::LINK) {
                let attrs = outer.parse(&link::RULES, Strictness::Lenient, Reasons::none())?;
                attrs.get(link::BROADCAST).ok_or(EINVAL)?;
                receivers = true;
            }
            let view = net.broadcast_link();
            page.message(|out| broadcast::show(&view, out))?;
            *at = At::From(LinkPlace::default(), receivers);
        }
        while let At::From(place, receivers) = *at {
            let Some((next, listed)) = net.link_from(place, receivers) else {
                break;
            };
            page.message(|out| match &listed {
                Listed::Link(view) => show(net.own_node(), view, out),
                Listed::Receiver(view) => broadcast::show(view, out),
            })?;
            *at = At::From(next, receivers);
        }
        Ok(())
    }
}

/// LINK_SET. EINVAL if there is no such link, or for a bad property.
pub struct Set;

impl Do for Set {
    fn run(request: &Request<'_>) -> Result {
        let (attrs, name) = named(request)?;
        let properties = attrs.get(link::PROP);
        if is_broadcast(name) {
            return broadcast::set(request, properties.ok_or(EINVAL)?);
        }
        let net = net_of(request);
        let wanted = match properties {
            Some(properties) => property::read(properties)?.wanted,
            None => Default::default(),
        };
        net.set_link(name, &wanted).then_some(()).ok_or(EINVAL)
    }
}

/// LINK_RESET_STATS. EINVAL if there is no such link.
pub struct ResetStats;

impl Do for ResetStats {
    fn run(request: &Request<'_>) -> Result {
        let (_, name) = named(request)?;
        let net = net_of(request);
        if is_broadcast(name) {
            net.reset_broadcast_stats();
            return Ok(());
        }
        let reset = match name.starts_with(BROADCAST_LINK.as_bytes()) {
            true => net.reset_receiver_stats(name),
            false => net.reset_link_stats(name),
        };
        reset.then_some(()).ok_or(EINVAL)
    }
}
