// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! Properties that links, bearers and media have.
//!
//! In: nests of properties, from requests; out: checked values, and the same the other way. Replaces
//! C `link.c:tipc_nl_parse_link_prop`.

use super::spec::prop;
use crate::proto::link::{MAX_PRIORITY, MAX_TOLERANCE, MAX_WINDOW, MIN_TOLERANCE};
use crate::proto::peer::Wanted;
use crate::stack::cluster::Properties;
use crate::sys::netlink::{Attr, Attrs, Reasons, Strictness, Writer};
use core::ops::RangeInclusive;
use kernel::prelude::*;

/// The smallest window that can be asked for (uAPI `TIPC_DEF_LINK_WIN`).
const MIN_WINDOW: u32 = 50;

/// Nobody is told what is wrong with a property, as in C.
pub const SILENT: Reasons<'static> = Reasons::none();

/// The attributes of a nest of properties.
pub type Parsed<'a> = Attrs<'a, 7>;

/// What a request wants changed.
#[derive(Clone, Copy)]
pub struct Changes {
    /// Properties of links.
    pub wanted: Wanted,
    /// The MTU, which only UDP has.
    pub mtu: Option<u32>,
}

/// Property `number`, if it came; EINVAL outside its range.
fn value<T: TryFrom<u32>>(
    attrs: &Parsed<'_>,
    number: u16,
    range: RangeInclusive<u32>,
) -> Result<Option<T>> {
    let Some(value) = attrs.get(number) else {
        return Ok(None);
    };
    let value = value.u32()?;
    if !range.contains(&value) {
        return Err(EINVAL);
    }
    T::try_from(value).map(Some).map_err(|_| EINVAL)
}

/// The attributes of a nest, and what is wanted by them: EINVAL if one is out of its range, ERANGE
/// for the MTU.
pub fn parse(properties: Attr<'_>) -> Result<(Parsed<'_>, Changes)> {
    let attrs = properties.parse(&prop::RULES, Strictness::Lenient, SILENT)?;
    let wanted = Wanted {
        priority: value(&attrs, prop::PRIO, 0..=MAX_PRIORITY.into())?,
        tolerance: value(&attrs, prop::TOL, MIN_TOLERANCE..=MAX_TOLERANCE)?,
        window: value(&attrs, prop::WIN, MIN_WINDOW..=MAX_WINDOW.into())?,
    };
    let mtu = attrs.get(prop::MTU).map(Attr::u32).transpose()?;
    Ok((attrs, Changes { wanted, mtu }))
}

/// What is wanted by a nest of properties.
pub fn read(properties: Attr<'_>) -> Result<Changes> {
    Ok(parse(properties)?.1)
}

/// Shows properties, of the window its largest size.
pub fn show(properties: &Properties, out: &mut Writer<'_>) -> Result {
    out.u32(prop::PRIO, properties.priority.into())?;
    out.u32(prop::TOL, properties.tolerance)?;
    out.u32(prop::WIN, properties.window.1.into())
}
