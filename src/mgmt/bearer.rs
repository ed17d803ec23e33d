// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! Bearers and media.
//!
//! In: BEARER_* and MEDIA_*; out: what there is to say while no medium is built: none is found.
//! Replaces C `bearer.c:tipc_nl_bearer_*`, `tipc_nl_media_*` and
//! `udp_media.c:tipc_udp_nl_dump_remoteip`.

use super::link::check_properties;
use super::spec::{bearer, media, tipc};
use super::within;
use crate::sys::genl::{Do, Dump, Page, Request};
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
        if let Some(properties) = attrs.get(bearer::PROP) {
            check_properties(properties)?;
        }
        Err(EOPNOTSUPP)
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
