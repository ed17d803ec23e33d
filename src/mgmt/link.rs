// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! Links, and the properties that links, bearers and media have.
//!
//! In: LINK_*; out: what there is to say while there are no links: none is found. Replaces C
//! `node.c:tipc_nl_node_*link*` and `link.c:tipc_nl_parse_link_prop`.

use super::spec::{link, prop, tipc};
use super::within;
use crate::sys::genl::{Do, Dump, Page, Request};
use crate::sys::netlink::{Attr, Reasons, Strictness};
use core::ops::RangeInclusive;
use kernel::prelude::*;

/// Priorities (uAPI `TIPC_MAX_LINK_PRI`).
const PRIORITIES: RangeInclusive<u32> = 0..=31;
/// Tolerances in milliseconds (uAPI `TIPC_MIN_LINK_TOL`, `TIPC_MAX_LINK_TOL`).
const TOLERANCES: RangeInclusive<u32> = 50..=30000;
/// Windows in packets (uAPI `TIPC_DEF_LINK_WIN`, `TIPC_MAX_LINK_WIN`).
const WINDOWS: RangeInclusive<u32> = 50..=8191;

/// Commands about one link: EINVAL, there is none.
pub struct Known;

impl Do for Known {
    fn run(request: &Request<'_>) -> Result {
        let attrs = within(request, tipc::LINK, &link::RULES)?;
        attrs.get(link::NAME).ok_or(EINVAL)?;
        Err(EINVAL)
    }
}

/// LINK_GET of all. EINVAL for a link attribute without the flag `broadcast`.
pub struct List;

impl Dump for List {
    type Cursor = ();

    fn page(request: &Request<'_>, (): &mut (), _: &mut Page<'_>) -> Result {
        if let Some(outer) = request.attr(tipc::LINK) {
            let attrs = outer.parse(&link::RULES, Strictness::Lenient, Reasons::none())?;
            attrs.get(link::BROADCAST).ok_or(EINVAL)?;
        }
        Ok(())
    }
}

/// Checks the properties that come with a request: EINVAL if one is out of its range, ERANGE for
/// the MTU.
pub fn check_properties(properties: Attr<'_>) -> Result {
    let attrs = properties.parse(&prop::RULES, Strictness::Lenient, Reasons::none())?;
    for (number, range) in [
        (prop::PRIO, PRIORITIES),
        (prop::TOL, TOLERANCES),
        (prop::WIN, WINDOWS),
    ] {
        if let Some(value) = attrs.get(number) {
            if !range.contains(&value.u32()?) {
                return Err(EINVAL);
            }
        }
    }
    Ok(())
}

/// The priority among properties that were checked.
pub fn priority_in(properties: Attr<'_>) -> Result<Option<u32>> {
    let attrs = properties.parse(&prop::RULES, Strictness::Lenient, Reasons::none())?;
    attrs.get(prop::PRIO).map(Attr::u32).transpose()
}
