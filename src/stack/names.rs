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
use crate::sys::lock::BhSpinLock;
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
            let mut change = None;
            let (made, ready) = {
                let mut of = bindings.lock();
                let mut names = self.names.lock();
                let made = names.bind(range, scope, port, &mut of);
                if let (Ok(()), Ok(Some((new, _)))) = (&made, names.next_binding_of(&of, None)) {
                    change = self.number(&mut names, &new, false);
                }
                (made, names.any_ready())
            };
            if self.done(made)? {
                self.tell(change);
                self.tell_readers_if(ready);
                return Ok(());
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
            let mut change = None;
            let made = {
                let mut names = self.names.lock();
                let made = names.publish_own(range, scope, number, key);
                if made.is_ok() {
                    let node = self.own_node();
                    let socket = SocketAddr { port: number, node };
                    change = self.number(
                        &mut names,
                        &Publication {
                            range,
                            scope,
                            socket,
                            key,
                        },
                        false,
                    );
                }
                made
            };
            if self.done(made)? {
                self.tell(change);
                self.tell_readers();
                return Ok(());
            }
        }
    }

    /// Whether a binding was made; brings memory if that was missing.
    fn done(&self, made: core::result::Result<(), BindError>) -> Result<bool> {
        match made {
            Ok(()) => Ok(true),
            Err(BindError::TooMany) => Err(EINVAL),
            Err(BindError::NoKey) => Err(EADDRINUSE),
            Err(BindError::NeedRoom(want)) => self.bring(want).map(|()| false),
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
        let mut change = None;
        let (found, ready) = self.withdraw(|memory| {
            let mut of = bindings.lock();
            if of.is_empty() {
                return Ok((true, false));
            }
            let mut names = self.names.lock();
            let what = names.unbind(range, scope, &mut of, memory)?;
            change = what.and_then(|what| self.number(&mut names, &what, true));
            Ok((what.is_some(), names.any_ready()))
        });
        self.tell(change);
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
        let more = self.withdraw(|memory| {
            let mut of = bindings.lock();
            let mut names = self.names.lock();
            let what = names.next_binding_of(&of, None);
            let more = names.unbind_some(&mut of, 1, memory)?;
            if let Ok(Some((what, _))) = what {
                change = self.number(&mut names, &what, true);
            }
            Ok(more)
        });
        self.tell(change);
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
