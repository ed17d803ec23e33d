// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! Devices that change under their bearers.
//!
//! In: news of `sys::netwatch`; out: links that begin anew, bearers out of use. Replaces C
//! `bearer.c:tipc_l2_device_event`. Process context, under RTNL.

use super::MIN_MTU;
use crate::proto::vocab::BearerId;
use crate::stack::cluster::Bearer;
use crate::stack::{Home, Net};
use crate::sys::netwatch::{Change, Notifier, Watcher};
use kernel::prelude::*;
use kernel::sync::Arc;

static NOTIFIER: Notifier<Home> = Notifier::new();

impl Watcher for Home {
    fn notifier() -> &'static Notifier<Self> {
        &NOTIFIER
    }

    fn changed(&self, index: i32, change: Change) {
        for id in BearerId::ALL {
            let bearer = self.net().bearer(id);
            let bearer = bearer.filter(|bearer| bearer.medium.device() == Some(index));
            if let Some(bearer) = bearer {
                follow(self.net(), id, &bearer, change);
            }
        }
    }
}

fn follow(net: &Arc<Net>, id: BearerId, bearer: &Bearer, change: Change) {
    match change {
        Change::Up => net.set_bearer_up(id, true),
        Change::Carrier if bearer.medium.is_up() => net.set_bearer_up(id, true),
        Change::GoingDown | Change::Carrier => {
            net.set_bearer_up(id, false);
            reset(net, id, bearer);
        }
        Change::Mtu if bearer.medium.mtu() >= MIN_MTU => reset(net, id, bearer),
        Change::Address => reset(net, id, bearer),
        Change::Features => net.look_at_bearers(),
        Change::Mtu | Change::Name | Change::Unregister => {
            pr_info!(
                "Disabling bearer <{}>\n",
                core::format_args!("{}", bearer.shown())
            );
            let gone = net.disable_bearer(id);
            drop(gone);
        }
    }
}

fn reset(net: &Arc<Net>, id: BearerId, bearer: &Bearer) {
    pr_info!(
        "Resetting bearer <{}>\n",
        core::format_args!("{}", bearer.shown())
    );
    net.reset_bearer(id);
}
