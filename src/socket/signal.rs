// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! What the two ends of a connection on one node tell each other besides data: without a buffer, so
//! that it cannot fail for lack of memory.
//!
//! In: calls of `accept`, `recv` and `close`; out: a changed connection at the other end. Replaces
//! C `socket.c:tipc_sk_conn_proto_rcv` and the empty messages that carry ACK and FIN. Called
//! without locks; takes one port's lock.

use super::doors;
use super::ports::Net;
use super::rx::{self, News, What};
use super::state::{Core, PROBE_INTERVAL};
use super::TipcSock;
use crate::proto::vocab::{ErrorCode, Importance, NodeAddr, SocketAddr};
use crate::sys::rcu;

/// What is told.
#[derive(Clone, Copy)]
pub enum Signal {
    /// Your connection request is accepted, by a socket of this importance: be of the same.
    Answer(Importance),
    /// So many blocks were read; that many may be on their way.
    Ack {
        /// Blocks read.
        blocks: u32,
        /// The new limit.
        limit: u32,
        /// Whether a message has asked for it.
        asked: bool,
    },
    /// Are you there?
    Probe,
    /// Yes.
    Alive,
    /// The connection is over.
    End(ErrorCode),
}

/// Tells `to` something on behalf of `from`; false if there is nobody who takes it.
pub fn signal(net: &Net, from: SocketAddr, to: SocketAddr, what: Signal) -> bool {
    if !to.node.is_own(net.own_node()) {
        return doors::signal_out(net, from, to, what);
    }
    let guard = rcu::read_lock();
    let Some(receiver) = net.ports().find(to.port.0, &guard) else {
        return false;
    };
    let (taken, news) = apply(receiver, from, what);
    let later = news.map(|news| rx::tell(receiver, news));
    drop(guard);
    if let Some(later) = later {
        later.finish(net);
    }
    taken
}

/// Does it at the receiver.
fn apply(receiver: &TipcSock, from: SocketAddr, what: Signal) -> (bool, Option<News>) {
    if !receiver.state().connects() {
        return (false, None);
    }
    let own = receiver.net().own_node();
    let mut due = false;
    let mut core = receiver.state().core.lock();
    let (taken, news) = match what {
        Signal::Answer(importance) => {
            let taken = core.conn.on_answer(from);
            if taken {
                receiver.state().set_importance(importance);
                receiver.start_timer(PROBE_INTERVAL);
            }
            (taken, taken.then_some(What::Changed))
        }
        Signal::Ack {
            blocks,
            limit,
            asked,
        } => {
            due = on_ack(&mut core, from, own, (blocks, asked));
            let opened = core.conn.on_ack(from, own, blocks, limit);
            (true, opened.then_some(What::Writable))
        }
        Signal::Probe | Signal::Alive => (core.conn.is_alive(from, own), None),
        Signal::End(why) => {
            let taken = core.conn.on_end(from, own, why);
            (taken, taken.then_some(What::Changed))
        }
    };
    if news == Some(What::Changed) {
        receiver.show_state(core.conn.state().number());
    }
    if news.is_none() && !due {
        return (taken, None);
    }
    // A request that waits to be sent again has been answered.
    let request = core.request.take_if(|_| news == Some(What::Changed));
    let mut news = News::of(&core, news, request);
    if due {
        news.flush(receiver, &core);
    }
    (taken, Some(news))
}

/// An acknowledgement lets go what a stream holds back; whether there is anything to be sent.
fn on_ack(core: &mut Core, from: SocketAddr, own: NodeAddr, (blocks, asked): (u32, bool)) -> bool {
    let Core { conn, pending, .. } = core;
    pending.as_mut().is_some_and(|held| {
        conn.is_alive(from, own)
            && conn.window.believes(blocks)
            && held.on_ack(asked, &mut conn.nagle)
    })
}
