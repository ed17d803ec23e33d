// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! Bearers.
//!
//! In: BEARER_*; out: bearers in and out of use, shown and set. Replaces C
//! `bearer.c:tipc_nl_bearer_*` and `udp_media.c:tipc_udp_nl_dump_remoteip`.

use super::property::{self, Changes};
use super::spec::{bearer, tipc, udp};
use super::{net_of, text_of, within};
use crate::bearer::{disable, enable, find, Name, Refusal};
use crate::proto::vocab::{BearerId, NodeAddr};
use crate::stack::cluster::Bearer;
use crate::sys::genl::{Do, Dump, Page, Request};
use crate::sys::netdev::Rtnl;
use crate::sys::netlink::{Attr, Attrs, Strictness, Writer};
use kernel::prelude::*;

/// The attributes of a request about one bearer, and its name. EINVAL without one.
fn named<'a>(request: &Request<'a>) -> Result<(Attrs<'a, 5>, &'a [u8])> {
    let attrs = within(request, tipc::BEARER, &bearer::RULES)?;
    let name = attrs.get(bearer::NAME).ok_or(EINVAL)?;
    Ok((attrs, text_of(name)))
}

/// The bearer of that name; EINVAL, and the user is told, without.
fn known(request: &Request<'_>, name: &[u8]) -> Result<(BearerId, Bearer)> {
    find(net_of(request).stack(), name).ok_or_else(|| {
        request.reasons().say(c"Bearer not found");
        EINVAL
    })
}

/// BEARER_ENABLE. EINVAL without a name or with a bad property, and for the reasons of `Refusal`.
pub struct Enable;

impl Do for Enable {
    fn run(request: &Request<'_>) -> Result {
        let (attrs, text) = named(request)?;
        let domain = match attrs.get(bearer::DOMAIN) {
            Some(domain) => NodeAddr(domain.u32()?),
            None => NodeAddr::NONE,
        };
        let changes = attrs.get(bearer::PROP).map(property::read).transpose()?;
        let priority = changes.and_then(|changes| changes.wanted.priority);
        let Some(name) = Name::new(text) else {
            request.reasons().say(c"Illegal name");
            return Err(EINVAL);
        };
        let net = net_of(request).stack();
        let _rtnl = Rtnl::lock();
        let done = enable(net, &name, priority, domain, |name| request.device(name));
        done.map_err(|refusal| refuse(request, &attrs, refusal))
    }
}

/// Tells why a bearer is not enabled.
fn refuse(request: &Request<'_>, attrs: &Attrs<'_, 5>, refusal: Refusal) -> Error {
    let (reason, error) = match refusal {
        Refusal::Medium => (c"Media not registered", EINVAL),
        Refusal::Enabled => (c"Already enabled", EINVAL),
        Refusal::Lowest => (c"Cannot adjust to lower", EINVAL),
        Refusal::TooMany => (c"Max 3 bearers permitted", EINVAL),
        Refusal::Device(error) => (c"Failed to enable media", error),
        Refusal::Discovery(error) => (c"Failed to create discoverer", error),
        Refusal::NotBuilt => match udp_ends(attrs) {
            true => (c"Failed to enable media", EOPNOTSUPP),
            false => (c"Failed to enable media", EINVAL),
        },
    };
    request.reasons().say(reason);
    error
}

/// Whether a request says between which addresses a UDP bearer is to be.
fn udp_ends(attrs: &Attrs<'_, 5>) -> bool {
    let ends = |options: Attr<'_>| {
        let attrs = options.parse(&udp::RULES, Strictness::Lenient, property::SILENT);
        attrs.is_ok_and(|a| a.get(udp::LOCAL).is_some() && a.get(udp::REMOTE).is_some())
    };
    attrs.get(bearer::UDP_OPTS).is_some_and(ends)
}

/// BEARER_DISABLE.
pub struct Disable;

impl Do for Disable {
    fn run(request: &Request<'_>) -> Result {
        let (_, name) = named(request)?;
        let _rtnl = Rtnl::lock();
        known(request, name)?;
        disable(net_of(request).stack(), name);
        Ok(())
    }
}

fn show(bearer: &Bearer, out: &mut Writer<'_>) -> Result {
    out.nest(tipc::BEARER, |out| {
        out.text(bearer::NAME, bearer.name_text())?;
        out.nest(bearer::PROP, |out| property::show(&bearer.properties, out))
    })
}

/// BEARER_GET of one.
pub struct Get;

impl Do for Get {
    fn run(request: &Request<'_>) -> Result {
        let (_, name) = named(request)?;
        let (_, bearer) = known(request, name)?;
        request.reply(|out| show(&bearer, out))
    }
}

/// BEARER_GET of all.
pub struct List;

impl Dump for List {
    /// The number of the next.
    type Cursor = u8;

    fn page(request: &Request<'_>, next: &mut u8, page: &mut Page<'_>) -> Result {
        while let Some(id) = BearerId::new(*next) {
            if let Some(bearer) = net_of(request).bearer(id) {
                page.message(|out| show(&bearer, out))?;
            }
            *next = next.saturating_add(1);
        }
        Ok(())
    }
}

/// BEARER_SET. What comes before a bad MTU stays set, as in C.
pub struct Set;

impl Do for Set {
    fn run(request: &Request<'_>) -> Result {
        let (attrs, name) = named(request)?;
        let _rtnl = Rtnl::lock();
        let (id, _) = known(request, name)?;
        let Some(properties) = attrs.get(bearer::PROP) else {
            return Ok(());
        };
        let Changes { wanted, mtu } = property::read(properties)?;
        net_of(request).set_bearer(id, &wanted);
        match mtu {
            // Only that of a UDP bearer can be set, and there are none yet.
            Some(_) => {
                request.reasons().say(c"MTU property is unsupported");
                Err(EINVAL)
            }
            None => Ok(()),
        }
    }
}

/// BEARER_ADD: one more address for a UDP bearer, and there are none yet.
pub struct Add;

impl Do for Add {
    fn run(request: &Request<'_>) -> Result {
        let (attrs, name) = named(request)?;
        known(request, name)?;
        if attrs.get(bearer::UDP_OPTS).is_some() {
            request.reasons().say(c"UDP option is unsupported");
            return Err(EINVAL);
        }
        Ok(())
    }
}

/// UDP_GET_REMOTEIP: EINVAL, there is no UDP bearer.
pub struct Remotes;

impl Dump for Remotes {
    type Cursor = ();

    fn page(_: &Request<'_>, (): &mut (), _: &mut Page<'_>) -> Result {
        Err(EINVAL)
    }
}
