// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! The name table of a namespace: binding, withdrawing, looking up.
//!
//! In: bindings and names from `socket`, TIPC's own publications; out: socket addresses. Allocates
//! before it locks. `subscribers` has the calls for those who watch the table. Replaces the locking
//! in C `name_table.c`.

use super::net::Net;
use super::receivers::Receivers;
use super::subscribers::Context;
use crate::proto::names::{Among, BindError, Memory, NameTable, Publication, SocketBindings, Want};
use crate::proto::vocab::{NodeAddr, PortId, Scope, ServiceRange, ServiceType, SocketAddr};
use crate::sys::bottom;
use crate::sys::lock::{BhSpinLock, LockHeld};
use kernel::prelude::*;

/// Bindings withdrawn with the lock held once, so that closing a socket with all the bindings
/// there can be does not hold others off for milliseconds.
const WITHDRAW_AT_ONCE: usize = 64;

impl Net {
    /// The name table, for a look or a change that needs no room. Do not sleep, allocate or call
    /// out with the guard held.
    pub fn names(&self) -> &BhSpinLock<NameTable> {
        &self.names
    }

    /// Brings what the table wants, without its lock. ENOMEM. May sleep.
    pub(super) fn bring(&self, want: Want) -> Result {
        let room = want.allocate().ok_or(ENOMEM)?;
        let unused = self.names.lock().grow(room);
        drop(unused);
        Ok(())
    }

    /// Binds a socket. EINVAL if there are too many bindings (as C answers), EADDRINUSE if the
    /// socket has made 2^32-1, ENOMEM. Process context; the lock of `bindings` is taken by this
    /// call.
    pub fn bind(
        &self,
        range: ServiceRange,
        scope: Scope,
        port: PortId,
        bindings: &BhSpinLock<SocketBindings>,
    ) -> Result {
        loop {
            let held = bottom::hold();
            let (made, ready) = {
                let mut of = bindings.lock_held(&held);
                let mut names = self.names.lock_held(&held);
                let made = names.bind(range, scope, port, &mut of);
                let made = made.map(|what| self.number(&mut names, &what, false));
                (made, names.any_ready())
            };
            match made {
                Ok(change) => {
                    self.tell(change, held);
                    self.tell_readers_if(ready);
                    return Ok(());
                }
                Err(error) => {
                    drop(held);
                    self.make_up(error)?;
                }
            }
        }
    }

    /// Publishes something of TIPC's own: the node, a link. ENOMEM. Process context.
    pub fn publish_own(
        &self,
        range: ServiceRange,
        scope: Scope,
        number: PortId,
        key: u32,
    ) -> Result {
        loop {
            let held = bottom::hold();
            let made = {
                let mut names = self.names.lock_held(&held);
                let made = names.publish_own(range, scope, number, key);
                let socket = SocketAddr {
                    port: number,
                    node: self.own_node(),
                };
                let what = Publication {
                    range,
                    scope,
                    socket,
                    key,
                };
                made.map(|()| self.number(&mut names, &what, false))
            };
            match made {
                Ok(change) => {
                    self.tell(change, held);
                    self.tell_readers();
                    return Ok(());
                }
                Err(error) => {
                    drop(held);
                    self.make_up(error)?;
                }
            }
        }
    }

    /// Brings memory if a binding was not made for want of it, so that it can be tried again; else
    /// why it cannot be made.
    #[cold]
    fn make_up(&self, error: BindError) -> Result {
        match error {
            BindError::TooMany => Err(EINVAL),
            BindError::NoKey => Err(EADDRINUSE),
            BindError::NeedRoom(want) => self.bring(want),
        }
    }

    /// Does a withdrawal. It cannot fail: without memory for its events a subscriber is lost.
    fn withdraw<T>(&self, mut f: impl FnMut(Memory) -> core::result::Result<T, Want>) -> T {
        let mut memory = Memory::Ask;
        loop {
            match f(memory) {
                Ok(done) => return done,
                Err(want) if self.bring(want).is_err() => memory = Memory::GoOn,
                Err(_) => {}
            }
        }
    }

    /// Withdraws what `publish_own` published.
    pub fn withdraw_own(&self, range: ServiceRange, number: PortId, key: u32) {
        self.withdraw(|memory| {
            let mut names = self.names.lock();
            names.withdraw_own(range, number, key, memory)
        });
        self.tell_readers();
    }

    /// Withdraws one binding; EINVAL if the socket has bindings, but not this one.
    pub fn unbind(
        &self,
        range: ServiceRange,
        scope: Scope,
        bindings: &BhSpinLock<SocketBindings>,
    ) -> Result {
        let (found, change, ready, held) = self.withdraw(|memory| {
            let held = bottom::hold();
            let mut of = bindings.lock_held(&held);
            if of.is_empty() {
                drop(of);
                return Ok((true, None, false, held));
            }
            let mut names = self.names.lock_held(&held);
            let what = names.unbind(range, scope, &mut of, memory)?;
            let change = what.and_then(|what| self.number(&mut names, &what, true));
            let ready = names.any_ready();
            drop((names, of));
            Ok((what.is_some(), change, ready, held))
        });
        self.tell(change, held);
        self.tell_readers_if(ready);
        found.then_some(()).ok_or(EINVAL)
    }

    /// Withdraws all bindings of a socket.
    pub fn unbind_all(&self, bindings: &BhSpinLock<SocketBindings>) {
        if bindings.lock().is_empty() {
            return;
        }
        if self.own_node() != NodeAddr::NONE {
            while self.unbind_newest(bindings) {}
        }
        loop {
            let (more, ready) = self.withdraw(|memory| {
                let mut of = bindings.lock();
                let mut names = self.names.lock();
                let more = names.unbind_some(&mut of, WITHDRAW_AT_ONCE, memory)?;
                Ok((more, names.any_ready()))
            });
            self.tell_readers_if(ready);
            if !more {
                break;
            }
        }
        self.shrink();
    }

    /// Withdraws the newest binding of a socket and tells the cluster; whether any are left.
    fn unbind_newest(&self, bindings: &BhSpinLock<SocketBindings>) -> bool {
        let mut change = None;
        let (more, held) = self.withdraw(|memory| {
            let held = bottom::hold();
            let mut of = bindings.lock_held(&held);
            let mut names = self.names.lock_held(&held);
            let what = names.next_binding_of(&of, None);
            let more = names.unbind_some(&mut of, 1, memory)?;
            if let Ok(Some((what, _))) = what {
                change = self.number(&mut names, &what, true);
            }
            drop((names, of));
            Ok((more, held))
        });
        self.tell(change, held);
        self.tell_readers();
        more
    }

    /// Gives memory back when the last of many records has gone.
    pub(super) fn shrink(&self) {
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
        let among =
            Among::of(domain, self.own_node(), self.identity().is_legacy()).ok_or(EHOSTUNREACH)?;
        self.names
            .lock()
            .anycast(service, instance, among)
            .ok_or(EHOSTUNREACH)
    }

    /// The sockets of this node that a message of one of its sockets to `range` goes to, each once.
    /// EHOSTUNREACH if nobody has bound any of it, ENOMEM. May sleep.
    pub fn multicast(&self, range: ServiceRange) -> Result<Receivers> {
        self.multicast_from(range, self.own_node(), Context::MaySleep)
    }

    /// The same for a message from `node`: another one does not reach what is bound on this node
    /// alone.
    pub fn multicast_from(
        &self,
        range: ServiceRange,
        node: NodeAddr,
        context: Context,
    ) -> Result<Receivers> {
        let mut receivers = Receivers::new();
        loop {
            let count = self.names.lock().multicast(range, node, receivers.room());
            if count == 0 {
                return Err(EHOSTUNREACH);
            }
            if receivers.set_len(count) {
                return Ok(receivers);
            }
            receivers = Receivers::with_room(count, context).ok_or(ENOMEM)?;
        }
    }
}
