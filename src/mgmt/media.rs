// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! Media.
//!
//! In: MEDIA_*; out: how bearers begin, shown and set. Replaces C `bearer.c:tipc_nl_media_*`.

use super::property::{self, Changes};
use super::spec::{media, prop, tipc};
use super::{text_of, within};
use crate::bearer::Kind;
use crate::sys::genl::{Do, Dump, Page, Request};
use crate::sys::netdev::Rtnl;
use crate::sys::netlink::{Attrs, Writer};
use core::ops::RangeInclusive;
use kernel::prelude::*;

/// What packets of UDP may be, in bytes (C `udp_media.h:tipc_udp_mtu_bad`).
const MTUS: RangeInclusive<u32> = 128..=65535;

/// The attributes of a request about one medium, and that one. EINVAL without it.
fn known<'a>(request: &Request<'a>) -> Result<(Attrs<'a, 3>, &'static Kind)> {
    let attrs = within(request, tipc::MEDIA, &media::RULES)?;
    let name = attrs.get(media::NAME).ok_or(EINVAL)?;
    let Some(kind) = Kind::find(text_of(name)) else {
        request.reasons().say(c"Media not found");
        return Err(EINVAL);
    };
    Ok((attrs, kind))
}

fn show(kind: &Kind, out: &mut Writer<'_>) -> Result {
    out.nest(tipc::MEDIA, |out| {
        out.text(media::NAME, kind.name())?;
        out.nest(media::PROP, |out| {
            property::show(&kind.properties(), out)?;
            kind.mtu().map_or(Ok(()), |mtu| out.u32(prop::MTU, mtu))
        })
    })
}

/// MEDIA_GET of one.
pub struct Get;

impl Do for Get {
    fn run(request: &Request<'_>) -> Result {
        let (_, kind) = known(request)?;
        request.reply(|out| show(kind, out))
    }
}

/// MEDIA_GET of all.
pub struct List;

impl Dump for List {
    /// The number of the next.
    type Cursor = u32;

    fn page(_: &Request<'_>, next: &mut u32, page: &mut Page<'_>) -> Result {
        while let Some(kind) = Kind::at(*next) {
            page.message(|out| show(kind, out))?;
            *next = next.saturating_add(1);
        }
        Ok(())
    }
}

/// MEDIA_SET: how later bearers begin, in all namespaces. What comes before a bad MTU stays set, as
/// in C.
pub struct Set;

impl Do for Set {
    fn run(request: &Request<'_>) -> Result {
        let _rtnl = Rtnl::lock();
        let (attrs, kind) = known(request)?;
        let Some(properties) = attrs.get(media::PROP) else {
            return Ok(());
        };
        let Changes { wanted, mtu } = property::read(properties)?;
        kind.set(&wanted);
        let Some(mtu) = mtu else {
            return Ok(());
        };
        let reason = if !kind.is_udp() {
            c"MTU property is unsupported"
        } else if !MTUS.contains(&mtu) {
            c"MTU value is out-of-range"
        } else {
            kind.set_mtu(mtu);
            return Ok(());
        };
        request.reasons().say(reason);
        Err(EINVAL)
    }
}
