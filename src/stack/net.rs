// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! One network namespace: its name table and who it is.
//!
//! In: bindings and names from `socket`, settings from `mgmt`; out: socket addresses. Allocates before
//! it locks.

use super::Identity;
use crate::proto::names::{BindError, NameTable, SocketBindings};
use crate::proto::vocab::{NodeAddr, Scope, ServiceRange, ServiceType, SocketAddr};
use crate::sys::atomic::Word;
use crate::sys::lock::{new_bh_spinlock, BhSpinLock};
use kernel::prelude::*;

/// Bindings withdrawn with the lock held once, so that closing a socket with all the bindings
/// there can be does not hold others off for milliseconds.
const WITHDRAW_AT_ONCE: usize = 64;

/// Neighbours up to which a new node's monitor probes every one (C `core.h:TIPC_DEF_MON_THRESHOLD`),
/// and the most a user may set (uAPI `TIPC_CLUSTER_SIZE`).
const MONITOR_THRESHOLD: u32 = 32;
const MOST_MONITOR_THRESHOLD: u32 = 4095;

/// TIPC in one namespace.
#[pin_data]
pub struct Net {
    #[pin]
    identity: Identity,
    monitor_threshold: Word,
    #[pin]
    names: BhSpinLock<NameTable>,
}

impl Net {
    /// TIPC in a new namespace. May sleep.
    pub fn new() -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            identity <- Identity::new(),
            monitor_threshold: Word::new(MONITOR_THRESHOLD),
            names <- new_bh_spinlock!(NameTable::new(), "tipc_names"),
        })
    }

    /// The own node's address; none until it has one. Any context, no lock taken.
    pub fn own_node(&self) -> NodeAddr {
        self.identity.address()
    }

    /// Who the own node is.
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// Takes an address that a user has set, for good; no change if there is an address or an
    /// identity already. Process context.
    pub fn set_address(&self, address: NodeAddr) {
        self.identity.set_legacy();
        if self.identity.begins() {
            self.take_address(address);
        }
    }

    /// The node has an address from here on, unless it had one: sockets use it from their next
    /// message on, bindings are known under it.
    fn take_address(&self, address: NodeAddr) {
        let taken = {
            let _names = self.names.lock();
            self.identity.take_address(address)
        };
        if taken {
            self.identity.tell_address();
        }
    }

    /// Neighbours up to which the monitor probes every one.
    pub fn monitor_threshold(&self) -> u32 {
        self.monitor_threshold.get()
    }

    /// Sets it. EINVAL above 4095.
    pub fn set_monitor_threshold(&self, nodes: u32) -> Result {
        if nodes > MOST_MONITOR_THRESHOLD {
            return Err(EINVAL);
        }
        self.monitor_threshold.set(nodes);
        Ok(())
    }

    /// Binds a socket. EINVAL if there are too many bindings (as C answers), ENOMEM. Process
    /// context; the lock of `bindings` is taken by this call.
    pub fn bind(
        &self,
        range: ServiceRange,
        scope: Scope,
        socket: SocketAddr,
        bindings: &BhSpinLock<SocketBindings>,
    ) -> Result {
        loop {
            let want = {
                let mut of = bindings.lock();
                let mut names = self.names.lock();
                match names.bind(range, scope, socket, &mut of) {
                    Ok(()) => return Ok(()),
                    Err(BindError::TooMany) => return Err(EINVAL),
                    Err(BindError::NeedRoom) => names.wanted(),
                }
            };
            let room = want.allocate().ok_or(ENOMEM)?;
            let unused = self.names.lock().grow(room);
            drop(unused);
        }
    }

    /// Withdraws one binding; EINVAL if the socket has bindings, but not this one.
    pub fn unbind(
        &self,
        range: ServiceRange,
        scope: Scope,
        bindings: &BhSpinLock<SocketBindings>,
    ) -> Result {
        let mut of = bindings.lock();
        if of.is_empty() || self.names.lock().unbind(range, scope, &mut of) {
            Ok(())
        } else {
            Err(EINVAL)
        }
    }

    /// Withdraws all bindings of a socket.
    pub fn unbind_all(&self, bindings: &BhSpinLock<SocketBindings>) {
        loop {
            let mut of = bindings.lock();
            if !self.names.lock().unbind_some(&mut of, WITHDRAW_AT_ONCE) {
                break;
            }
        }
        self.shrink();
    }

    /// Gives memory back when the last of many bindings has gone.
    fn shrink(&self) {
        let unused = self.names.lock().shrink();
        drop(unused);
    }

    /// The socket that the next message to this service goes to. `domain` is the node to look on;
    /// EHOSTUNREACH if nobody has bound it, or that node is not known.
    pub fn anycast(
        &self,
        service: ServiceType,
        instance: u32,
        domain: NodeAddr,
    ) -> Result<SocketAddr> {
        let own = self.own_node();
        if !domain.is_own(own) {
            return Err(EHOSTUNREACH);
        }
        self.names
            .lock()
            .anycast(service, instance, domain, own)
            .ok_or(EHOSTUNREACH)
    }
}
