// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! Room `bearer`: the ways to other nodes. One file per medium.
//!
//! In: names of bearers, from `mgmt`; out: media for `stack`, and packets that come by them.
//! Replaces C `bearer.c` and `eth_media.c`.

mod devices;
mod eth;
mod name;

use crate::proto::vocab::{BearerId, MediaAddr, NodeAddr, NodeId, NODE_ID_LEN};
use crate::stack::cluster::{Bearer, Properties};
use crate::stack::Net;
use crate::sys::netdev::Device;
use eth::Ethernet;
use kernel::prelude::*;
use kernel::sync::Arc;
pub use name::Name;

/// Highest priority a bearer may have, and the number that means its medium's.
const MAX_PRIORITY: u32 = 31;
const MEDIUM_PRIORITY: u32 = 32;

/// Smallest MTU a bearer may have (C `bearer.h:TIPC_MIN_BEARER_MTU`).
const MIN_MTU: u32 = 1500 - 1400 + 100;

/// Why a bearer is not enabled, for the user; EINVAL goes with all of them.
pub enum Refusal {
    /// There is no such medium.
    Medium,
    /// The priority is above 31.
    Priority,
    /// It is in use already.
    Enabled,
    /// There are three.
    TooMany,
    /// The device is not there, or cannot be used.
    Device(Error),
}

/// Enables an Ethernet bearer. `device` finds devices by name. Process context, under the lock of
/// the netlink family.
pub fn enable(
    net: &Arc<Net>,
    name: &Name,
    priority: Option<u32>,
    domain: NodeAddr,
    device: impl FnOnce(&CStr) -> Option<Device>,
) -> core::result::Result<(), Refusal> {
    if !name.is_ethernet() {
        return Err(Refusal::Medium);
    }
    let priority = match priority {
        None | Some(MEDIUM_PRIORITY) => Properties::ETHERNET.priority,
        Some(given) if given <= MAX_PRIORITY => given as u8,
        Some(_) => return Err(Refusal::Priority),
    };
    let id = free_place(net, name)?;
    let device = device(name.interface()).ok_or(Refusal::Device(ENODEV))?;
    if !device.is_ethernet() || device.mtu() < MIN_MTU {
        return Err(Refusal::Device(EINVAL));
    }
    if !net.identity().id().is_some() {
        net.identity().set_id(identity_of(&device.address()));
    }
    let medium = Ethernet::open(net.clone(), id, device).map_err(Refusal::Device)?;
    let bearer = Bearer {
        name: *name.bytes(),
        medium,
        properties: Properties {
            priority,
            ..Properties::ETHERNET
        },
        domain,
        up: true,
    };
    let shown = bearer.clone();
    let shown = shown.shown();
    net.enable_bearer(id, bearer).map_err(Refusal::Device)?;
    pr_info!(
        "Enabled bearer <{}>, priority {priority}\n",
        core::format_args!("{shown}")
    );
    Ok(())
}

/// Disables a bearer; false if there is none of that name. Process context.
pub fn disable(net: &Arc<Net>, name: &Name) -> bool {
    for id in BearerId::ALL {
        let same = net
            .bearer(id)
            .is_some_and(|bearer| bearer.name == *name.bytes());
        if same {
            let gone = net.disable_bearer(id);
            if let Some(bearer) = gone {
                pr_info!(
                    "Disabling bearer <{}>\n",
                    core::format_args!("{}", bearer.shown())
                );
            }
            return true;
        }
    }
    false
}

/// The lowest free place; a bearer of that name must not be there.
fn free_place(net: &Net, name: &Name) -> core::result::Result<BearerId, Refusal> {
    let mut free = None;
    for id in BearerId::ALL {
        match net.bearer(id) {
            Some(bearer) if bearer.name == *name.bytes() => return Err(Refusal::Enabled),
            Some(_) => {}
            None => free = free.or(Some(id)),
        }
    }
    free.ok_or(Refusal::TooMany)
}

/// The identity a node takes from its first device (C `bearer.c:tipc_enable_l2_media`).
fn identity_of(address: &[u8]) -> NodeId {
    let mut id = [0; NODE_ID_LEN];
    for (to, from) in id.iter_mut().zip(address) {
        *to = *from;
    }
    NodeId(id)
}

/// The Ethernet address in an address of the medium.
fn mac_of(address: &MediaAddr) -> [u8; 6] {
    address
        .value
        .first_chunk::<6>()
        .copied()
        .unwrap_or_default()
}
