// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! tipc.ko: AF_TIPC for Linux, in Rust. The crate's root: the rooms, in order, and the module's
//! load and unload.
//!
//! A file may `use` only rooms above it in this list (tools/tidy checks); `unsafe` is in `sys`
//! alone.
#![deny(unsafe_code)]
// Rooms say with `pub` what they offer each other; a module has no other users.
#![allow(unreachable_pub)]

mod mem;

// It says more than the module uses: host tests do.
#[forbid(unsafe_code)]
#[allow(dead_code, unused_imports)]
mod proto;

mod sys;

mod stack;

mod bearer;

mod socket;

mod topsrv;

mod mgmt;

use crate::stack::settings;
use crate::sys::{diag, family, genl, netns, netwatch, train, version};
use kernel::prelude::*;

module! {
    type: TipcModule,
    name: "tipc",
    authors: ["The tipc in Rust authors"],
    description: "TIPC: Transparent Inter Process Communication",
    license: "Dual BSD/GPL",
    alias: ["net-pf-30", "net-pf-16-proto-16-family-TIPCv2", "net-pf-16-proto-4-type-30"],
}

/// What is registered while the module is loaded; dropped in this order.
struct TipcModule {
    _family: family::Registration<socket::Tipc>,
    _diag: diag::Registration<socket::Tipc>,
    _netlink: genl::Registration,
    _servers: netns::Registration<topsrv::Server>,
    _settings: settings::Settings,
    _devices: netwatch::Registration<stack::Home>,
    _nets: netns::Registration<socket::Net>,
    _homes: netns::Registration<stack::Home>,
    _trains: Pin<KBox<train::Registration>>,
    _last: Barrier,
}

/// Waits, when everything else is gone, for what RCU still has to call in this module.
struct Barrier;

impl Drop for Barrier {
    fn drop(&mut self) {
        sys::rcu::barrier();
        sys::blocks::free_kept();
        pr_info!("Deactivated\n");
    }
}

impl kernel::Module for TipcModule {
    fn init(_module: &'static ThisModule) -> Result<Self> {
        let last = Barrier;
        let trains = bearer::register()?;
        let homes = netns::Registration::new()?;
        let nets = netns::Registration::new()?;
        let devices = netwatch::Registration::new()?;
        let settings = settings::register()?;
        let servers = netns::Registration::new()?;
        let netlink = genl::Registration::new(&mgmt::FAMILY).inspect_err(explain)?;
        let diag = diag::Registration::new()?;
        let family = family::Registration::new().inspect_err(explain)?;
        pr_info!("Activated (version {})\n", version::VERSION);
        pr_info!("Started in single node mode\n");
        Ok(TipcModule {
            _family: family,
            _diag: diag,
            _netlink: netlink,
            _servers: servers,
            _settings: settings,
            _devices: devices,
            _nets: nets,
            _homes: homes,
            _trains: trains,
            _last: last,
        })
    }
}

/// Says why a registration failed, where a user can do something about it.
fn explain(err: &Error) {
    if *err == EEXIST {
        pr_err!("cannot register AF_TIPC: is another TIPC module loaded? (rmmod it first)\n");
    }
}
