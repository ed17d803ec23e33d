// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! The broadcast link.
//!
//! In: LINK_* about it, from `link`; out: its ends shown, its own end set. Replaces C
//! `link.c:tipc_nl_add_bc_link` and `bcast.c:tipc_nl_bc_link_set`.

use super::spec::{link, prop, tipc};
use super::{counters, net_of, property};
use crate::proto::broadcast::Mode;
use crate::stack::cluster::BroadcastView;
use crate::sys::genl::Request;
use crate::sys::netlink::{Attr, Writer};
use core::ops::RangeInclusive;
use kernel::prelude::*;

/// The numbers of the modes (C `bcast.h:BCLINK_MODE_BCAST` ...).
const MODES: [(u32, Mode); 3] = [(1, Mode::Broadcast), (2, Mode::Replicast), (4, Mode::Auto)];

/// Shares of the cluster that can be set, in percent.
const RATIOS: RangeInclusive<u32> = 1..=100;

/// Shows one end. It is always up, it says, and counts packets only in its statistics.
pub fn show(view: &BroadcastView, out: &mut Writer<'_>) -> Result {
    let mode = MODES.iter().find(|(_, mode)| view.mode == Some(*mode));
    out.nest(tipc::LINK, |out| {
        out.flag(link::UP)?;
        out.flag(link::BROADCAST)?;
        out.text(link::NAME, view.name.bytes())?;
        out.u32(link::RX, 0)?;
        out.u32(link::TX, 0)?;
        out.nest(link::PROP, |out| {
            out.u32(prop::WIN, view.window.into())?;
            out.u32(prop::BROADCAST, mode.map_or(0, |(number, _)| *number))?;
            if view.mode == Some(Mode::Auto) {
                out.u32(prop::BROADCAST_RATIO, view.ratio)?;
            }
            Ok(())
        })?;
        counters::show_broadcast(&view.stats, out)
    })
}

/// Sets mode, ratio and window, those that are there, in this order. EOPNOTSUPP without any,
/// EINVAL for a bad one, ENOPROTOOPT if the cluster cannot do it.
pub fn set(request: &Request<'_>, properties: Attr<'_>) -> Result {
    let (attrs, changes) = property::parse(properties)?;
    let number = |attribute| attrs.get(attribute).map(Attr::u32).transpose();
    let (mode, ratio) = (number(prop::BROADCAST)?, number(prop::BROADCAST_RATIO)?);
    let window = changes.wanted.window;
    if mode.is_none() && ratio.is_none() && window.is_none() {
        return Err(EOPNOTSUPP);
    }
    let net = net_of(request);
    let can = |can: bool| can.then_some(()).ok_or(ENOPROTOOPT);
    if let Some(mode) = mode {
        let known = MODES.iter().find(|(number, _)| *number == mode);
        let (_, mode) = known.ok_or(EINVAL)?;
        can(net.set_broadcast_mode(*mode))?;
    }
    if let Some(ratio) = ratio {
        can(!net.broadcasts_or_copies())?;
        if !RATIOS.contains(&ratio) {
            return Err(EINVAL);
        }
        can(net.set_broadcast_ratio(ratio))?;
    }
    if let Some(most) = window {
        net.set_broadcast_window(most);
    }
    Ok(())
}
