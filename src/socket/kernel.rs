// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! Sockets of the kernel's own: ports without a file, for servers inside the module.
//!
//! In: calls of `topsrv`; out: what a user's socket would answer, without waiting. Replaces what C
//! `topsrv.c` does with `sock_create_kern`, `kernel_accept`, `kernel_sendmsg` and their siblings. No
//! call here may be made with a lock held; all but those that say otherwise may be made in softirq.

use super::accept;
use super::close;
use super::deliver::deliver;
use super::doors::{is_remote, post_out};
use super::recv::{credit, next, Next};
use super::send::header_of;
use super::{Net, Tipc, SOCK_SEQPACKET};
use crate::proto::port::{blocks, State};
use crate::proto::vocab::{ErrorCode, Importance, Scope, ServiceRange};
use crate::proto::wire::{Destination, CONNECTED_SIZE};
use crate::sys::kernel_sock::KernelSock;
use crate::sys::made::Reach;
use crate::sys::netns::Namespace;
use crate::sys::skb::SkBuff;
use kernel::prelude::*;
use kernel::sync::Arc;

/// Who is told of what happens at a kernel socket.
pub trait Handler: Send + Sync {
    /// Something came, the window opened or the peer is gone. Called by whoever did it, in process
    /// context or in softirq, with no lock held: do not sleep. Several CPUs may call at once.
    fn ready(&self);
}

/// What there was to receive.
pub enum Receipt {
    /// A message: as many bytes of it as there was room for.
    Message(usize),
    /// Nothing yet.
    Nothing,
    /// The connection is over.
    End,
}

/// Why something was not sent.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Unsent {
    /// The peer has to read first.
    Full,
    /// The connection is over.
    Gone,
    /// There is no memory.
    NoMemory,
}

/// A SOCK_SEQPACKET socket without a file. Closed when it is dropped; if its namespace may have
/// ended by then, it must be closed before (`PerNet::stop`).
pub struct KernelSocket(KernelSock<Tipc>);

impl KernelSocket {
    /// A new socket. ENOMEM.
    pub fn new(namespace: &Namespace) -> Result<Self> {
        KernelSock::new(namespace, SOCK_SEQPACKET).map(KernelSocket)
    }

    /// A new socket in the same namespace. ENOMEM.
    pub fn beside(&self) -> Result<Self> {
        KernelSock::beside(&self.0, SOCK_SEQPACKET).map(KernelSocket)
    }

    /// The namespace.
    pub fn net(&self) -> &Net {
        self.0.net()
    }

    /// Who is told from here on; kept until the socket is closed. ENOMEM. Process context.
    pub fn set_handler(&self, handler: Arc<dyn Handler>) -> Result {
        let handler = KBox::new(handler, GFP_KERNEL)?;
        let old = self.0.state().core.lock().handler.replace(handler);
        drop(old);
        Ok(())
    }

    /// Begins to listen under a name, on this node only. ENOMEM, EINVAL. Process context.
    pub fn listen(&self, range: ServiceRange) -> Result {
        let state = self.0.state();
        state.set_importance(Importance::Critical);
        self.net()
            .bind(range, Scope::Node, state.port_id(), &state.bindings)?;
        accept::listen(&self.0)
    }

    /// Whether a connection request waits at a listener.
    pub fn has_request(&self) -> bool {
        !self.0.state().core.lock().inbox.is_empty()
    }

    /// Accepts a connection request: `child`, a new socket, becomes the end of the connection, whose
    /// first message may have come with the request. False if there was no request.
    pub fn accept(&self, child: &KernelSocket) -> Result<bool> {
        accept::accept(&self.0, &child.0)
    }

    /// Sends a message of at most 66000 bytes to the peer.
    pub fn send(&self, data: &[u8]) -> Result<(), Unsent> {
        let cost = blocks(CONNECTED_SIZE.saturating_add(data.len()));
        let peer = {
            let mut core = self.0.state().core.lock();
            if core.conn.state() != State::Established {
                return Err(Unsent::Gone);
            }
            if !core.conn.window.is_open() {
                return Err(Unsent::Full);
            }
            core.conn.window.on_send(cost);
            core.conn.peer()
        };
        let header = header_of(&self.0, peer, Destination::Connected { short: true });
        let made = SkBuff::from_bytes(Reach::Here, CONNECTED_SIZE, data);
        let Some(skb) = made.ok().and_then(|mut skb| {
            let written = header.write(data.len(), skb.linear_mut());
            written.then_some(skb)
        }) else {
            self.0.state().core.lock().conn.window.take_back(cost);
            return Err(Unsent::NoMemory);
        };
        if !is_remote(self.net(), &header) {
            deliver(self.net(), skb, &header, None);
            return Ok(());
        }
        post_out(self.net(), skb, &header).map_err(|err| {
            self.0.state().core.lock().conn.window.take_back(cost);
            match err {
                ENOMEM | EAGAIN => Unsent::NoMemory,
                _ => Unsent::Gone,
            }
        })
    }

    /// Takes the next message; what does not fit into `out` is lost.
    pub fn receive(&self, out: &mut [u8]) -> Receipt {
        match next(&self.0, false) {
            None if self.0.state().conn_state() == State::Established => Receipt::Nothing,
            None | Some(Next::End(_)) => Receipt::End,
            Some(Next::Message(skb, header)) => {
                let data = skb.len().saturating_sub(header.len).min(out.len());
                let place = out.get_mut(..data).unwrap_or_default();
                let whole = header.error.is_none() && skb.copy_to(header.len, place);
                credit(&self.0, skb.len());
                skb.consume();
                if whole {
                    Receipt::Message(data)
                } else {
                    Receipt::End
                }
            }
        }
    }

    /// Ends it: nobody finds it any more, and peer or clients are told. Does not wait for what was
    /// sent to be read. A second time does nothing.
    pub fn close(&self) {
        let state = self.0.state();
        let why = match state.conn_state() {
            State::Listening => ErrorCode::NoPort,
            _ => ErrorCode::ConnectionShutdown,
        };
        if !state.bindings.lock().is_empty() {
            self.net().unbind_all(&state.bindings);
        }
        close::end(&self.0, why, true);
        self.net().ports().remove(&self.0);
        self.0.stop_timer();
    }
}

impl Drop for KernelSocket {
    fn drop(&mut self) {
        let closed = self.0.state().core.lock().inbox.is_closed();
        if !closed {
            self.close();
        }
    }
}
