// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! Room `bearer`: the ways to other nodes. One file per medium.
//!
//! In: names of bearers, from `mgmt`; out: media for `stack`, and packets that come by them.
//! Replaces C `bearer.c` and `eth_media.c`.

mod devices;
mod eth;
mod media;
mod name;

use crate::proto::vocab::{BearerId, MediaAddr, NodeAddr, NodeId, NODE_ID_LEN};
use crate::stack::cluster::Bearer;
use crate::stack::Net;
use crate::sys::netdev::Device;
pub use eth::register;
use eth::Ethernet;
use kernel::prelude::*;
use kernel::sync::Arc;
pub use media::Kind;
pub use name::Name;

/// Bearers of one priority at most (C `bearer.c:tipc_enable_bearer`): there are two slots for links to
/// a peer.
const MAX_OF_PRIORITY: u8 = 2;

/// Smallest MTU a bearer may have: the largest header and that of a fragment (C
/// `bearer.h:TIPC_MIN_BEARER_MTU`).
const MIN_MTU: u32 = 100;

/// Why a bearer is not enabled.
#[derive(Clone, Copy)]
pub enum Refusal {
    /// There is no such medium. EINVAL.
    Medium,
    /// It is in use already. EINVAL.
    Enabled,
    /// There are two of its priority, of all lower ones, too. EINVAL.
    Lowest,
    /// There are three. EINVAL.
    TooMany,
    /// Bearers of that medium are not built.
    NotBuilt,
    /// The device is not there, or cannot be used.
    Device(Error),
    /// Nobody can be sought by it.
    Discovery(Error),
}

impl Refusal {
    /// Why, in a few words.
    fn why(self) -> &'static str {
        match self {
            Refusal::Medium => "media not registered",
            Refusal::Enabled => "already enabled",
            Refusal::Lowest => "cannot adjust to lower",
            Refusal::TooMany => "max 3 bearers permitted",
            Refusal::NotBuilt | Refusal::Device(_) => "failed to enable media",
            Refusal::Discovery(_) => "failed to create discoverer",
        }
    }
}

/// Enables a bearer; the priority is its medium's if none is given. `device` finds devices by name.
/// Process context, under the lock of the netlink family.
pub fn enable(
    net: &Arc<Net>,
    name: &Name,
    priority: Option<u8>,
    domain: NodeAddr,
    device: impl FnOnce(&CStr) -> Option<Device>,
) -> core::result::Result<(), Refusal> {
    let done = try_enable(net, name, priority, domain, device);
    match done {
        Ok(priority) => pr_info!(
            "Enabled bearer <{}>, priority {priority}\n",
            core::format_args!("{name}")
        ),
        Err(refusal) => pr_warn!(
            "Enabling of bearer <{}> rejected, {}\n",
            core::format_args!("{name}"),
            refusal.why()
        ),
    }
    done.map(|_| ())
}

/// Does it; the priority it has got.
fn try_enable(
    net: &Arc<Net>,
    name: &Name,
    priority: Option<u8>,
    domain: NodeAddr,
    device: impl FnOnce(&CStr) -> Option<Device>,
) -> core::result::Result<u8, Refusal> {
    let kind = Kind::find(name.medium()).ok_or(Refusal::Medium)?;
    let mut properties = kind.properties();
    let wanted = priority.unwrap_or(properties.priority);
    let (id, priority) = free_place(net, name, wanted)?;
    properties.priority = priority;
    if !kind.is_built() {
        return Err(Refusal::NotBuilt);
    }
    let device = device(name.interface()).ok_or(Refusal::Device(ENODEV))?;
    if device.mtu() < MIN_MTU {
        return Err(Refusal::Device(EINVAL));
    }
    if device.is_loopback() {
        pr_info!(
            "Enabling <{}> not permitted\n",
            core::format_args!("{name}")
        );
        return Err(Refusal::Device(EINVAL));
    }
    if !net.identity().id().is_some() {
        net.identity().set_id(identity_of(&device.address()));
    }
    let medium = Ethernet::open(net.clone(), id, device).map_err(Refusal::Device)?;
    let bearer = Bearer {
        name: *name.bytes(),
        medium,
        properties,
        domain,
        up: true,
    };
    net.enable_bearer(id, bearer).map_err(Refusal::Discovery)?;
    Ok(priority)
}

/// Disables a bearer; false if there is none of that name. Process context.
pub fn disable(net: &Arc<Net>, name: &[u8]) -> bool {
    let Some((id, _)) = find(net, name) else {
        return false;
    };
    let gone = net.disable_bearer(id);
    if let Some(bearer) = gone {
        pr_info!(
            "Disabling bearer <{}>\n",
            core::format_args!("{}", bearer.shown())
        );
    }
    true
}

/// The bearer of that name.
pub fn find(net: &Net, name: &[u8]) -> Option<(BearerId, Bearer)> {
    let named = |id| Some((id, net.bearer(id)?));
    let mut all = BearerId::ALL.into_iter().filter_map(named);
    all.find(|(_, bearer)| bearer.name_text() == name)
}

/// The lowest free place, and the priority a bearer gets there: the wanted one, or the next lower
/// that fewer than two have.
fn free_place(net: &Net, name: &Name, wanted: u8) -> core::result::Result<(BearerId, u8), Refusal> {
    let mut priority = wanted;
    'lower: loop {
        let (mut free, mut same) = (None, 0u8);
        for id in BearerId::ALL.into_iter().rev() {
            let Some(other) = net.bearer(id) else {
                free = Some(id);
                continue;
            };
            if other.name == *name.bytes() {
                return Err(Refusal::Enabled);
            }
            same = same.saturating_add(u8::from(other.properties.priority == priority));
            if same < MAX_OF_PRIORITY {
                continue;
            }
            pr_warn!(
                "Bearer <{}>: already 2 bearers with priority {priority}\n",
                core::format_args!("{name}")
            );
            priority = priority.checked_sub(1).ok_or(Refusal::Lowest)?;
            pr_warn!(
                "Bearer <{}>: trying with adjusted priority\n",
                core::format_args!("{name}")
            );
            continue 'lower;
        }
        return free.map(|id| (id, priority)).ok_or(Refusal::TooMany);
    }
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
