// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! Bearers and media.
//!
//! In: BEARER_* and MEDIA_*; out: bearers in and out of use, and for what is not built yet what there
//! is to say of it: none is found.
//! Replaces C `bearer.c:tipc_nl_bearer_*`, `tipc_nl_media_*` and
//! `udp_media.c:tipc_udp_nl_dump_remoteip`.

use super::link::{check_properties, priority_in};
use super::spec::{bearer, media, tipc};
use super::{net_of, within};
use crate::bearer::{disable, enable, Name, Refusal};
use crate::proto::vocab::NodeAddr;
use crate::sys::genl::{Do, Dump, Page, Request};
use crate::sys::netdev::Rtnl;
use kernel::prelude::*;

/// Commands about a bearer that is there already: EINVAL, there is none.
pub struct Known;

impl Do for Known {
    fn run(request: &Request<'_>) -> Result {
        let attrs = within(request, tipc::BEARER, &bearer::RULES)?;
        attrs.get(bearer::NAME).ok_or(EINVAL)?;
        request.reasons().say(c"Bearer not found");
        Err(EINVAL)
    }
}

/// BEARER_ENABLE: bearers are not built yet. EINVAL without a name or with a bad property.
pub struct Enable;

impl Do for Enable {
    fn run(request: &Request<'_>) -> Result {
        let attrs = within(request, tipc::BEARER, &bearer::RULES)?;
        attrs.get(bearer::NAME).ok_or(EINVAL)?;
        let mut priority = None;
        if let Some(properties) = attrs.get(bearer::PROP) {
            check_properties(properties)?;
            priority = priority_in(properties)?;
        }
        let say = |why: &'static CStr| {
            request.reasons().say(why);
            EINVAL
        };
        let name = attrs.get(bearer::NAME).ok_or(EINVAL)?;
        let name = Name::new(name.bytes()).ok_or_else(|| say(c"Illegal name"))?;
        let domain = match attrs.get(bearer::DOMAIN) {
            Some(domain) => NodeAddr(domain.u32()?),
            None => NodeAddr::NONE,
        };
        let net = net_of(request).stack();
        let _rtnl = Rtnl::lock();
        enable(net, &name, priority, domain, |name| request.device(name)).map_err(|why| match why {
            Refusal::Medium => say(c"Media not registered"),
            Refusal::Priority => say(c"Illegal priority"),
            Refusal::Enabled => say(c"Already enabled"),
            Refusal::TooMany => say(c"Max 3 bearers permitted"),
            Refusal::Device(why) => why,
        })
    }
}

/// BEARER_DISABLE.
pub struct Disable;

impl Do for Disable {
    fn run(request: &Request<'_>) -> Result {
        let attrs = within(request, tipc::BEARER, &bearer::RULES)?;
        let name = attrs.get(bearer::NAME).ok_or(EINVAL)?;
        let name = Name::new(name.bytes());
        let _rtnl = Rtnl::lock();
        if name.is_some_and(|name| disable(net_of(request).stack(), &name)) {
            return Ok(());
        }
        request.reasons().say(c"Bearer not found");
        Err(EINVAL)
    }
}

/// MEDIA_GET of one, and MEDIA_SET: EINVAL, there is none.
pub struct Medium;

impl Do for Medium {
    fn run(request: &Request<'_>) -> Result {
        let attrs = within(request, tipc::MEDIA, &media::RULES)?;
        attrs.get(media::NAME).ok_or(EINVAL)?;
        request.reasons().say(c"Media not found");
        Err(EINVAL)
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
