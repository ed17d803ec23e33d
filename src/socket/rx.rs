// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! What a message does to the socket it has come to.
//!
//! In: a message and its receiver, from `deliver`; out: `News` for those who wait there, told after
//! the unlock. Replaces C `socket.c:tipc_sk_filter_rcv`. Any context, no lock held.

use super::kernel::Handler;
use super::multicast;
use super::pending::{flush_port, release};
use super::ports::Net;
use super::signal::{signal, Signal};
use super::state::{Core, PROBE_INTERVAL};
use super::TipcSock;
use crate::proto::port::Verdict;
use crate::proto::vocab::{ErrorCode, Importance, NodeAddr, SocketAddr};
use crate::proto::wire::DataHeader;
use crate::stack::Packets;
use crate::sys::bottom::Held;
use crate::sys::lock::{BhGuard, LockHeld};
use crate::sys::random;
use crate::sys::skb::SkBuff;
use kernel::prelude::*;
use kernel::sync::Arc;

/// Importance of messages that come back (C `TIPC_SYSTEM_IMPORTANCE`).
const RETURNED_IMPORTANCE: u32 = 4;

/// What is to be told to those who wait at a socket.
pub struct News {
    what: Option<What>,
    later: Later,
    /// A buffer that is not needed, to be freed without the lock.
    spent: Option<SkBuff>,
    /// A connection request that is not needed any more, likewise.
    answered: Option<SkBuff>,
    /// Multicasts that nobody can want, likewise.
    unwanted: Option<Packets>,
}

/// What is left to do when the receiver has been told.
#[must_use]
pub struct Later {
    handler: Option<Arc<dyn Handler>>,
    owed: Option<Owed>,
}

/// What a connection owes its other end.
struct Owed {
    from: SocketAddr,
    to: SocketAddr,
    /// An acknowledgement that was asked for.
    ack: Option<Signal>,
    /// What its stream holds back.
    held: bool,
}

impl Later {
    /// Does it. No lock held, not in an RCU section.
    #[inline(always)]
    pub fn finish(self, net: &Net) {
        if let Some(handler) = self.handler {
            handler.ready();
        }
        if let Some(owed) = self.owed {
            owed.give(net);
        }
    }
}

impl Owed {
    fn new(receiver: &TipcSock, core: &Core, ack: Option<Signal>, held: bool) -> Self {
        Owed {
            from: receiver.address(),
            to: core.conn.peer(),
            ack,
            held,
        }
    }

    #[cold]
    #[inline(never)]
    fn give(self, net: &Net) {
        if let Some(ack) = self.ack {
            signal(net, self.from, self.to, ack);
        }
        if self.held {
            flush_port(net, self.from.port);
        }
    }
}

/// Who is to be woken.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// There is something to read.
    Readable,
    /// There is room to send again.
    Writable,
    /// The connection's state has changed.
    Changed,
}

impl News {
    /// News of a port whose lock is held.
    pub fn of(core: &Core, what: Option<What>, spent: Option<SkBuff>) -> Self {
        News {
            what,
            later: Later {
                handler: core.handler.as_deref().cloned(),
                owed: None,
            },
            spent,
            answered: None,
            unwanted: None,
        }
    }

    /// What the stream of this receiver holds back goes.
    pub fn flush(&mut self, receiver: &TipcSock, core: &Core) {
        self.later.owed = Some(Owed::new(receiver, core, None, true));
    }

    /// These are to be freed, too.
    pub fn spend(&mut self, unwanted: Packets) {
        self.unwanted = Some(unwanted);
    }
}

#[cold]
#[inline(never)]
fn drop_all(unwanted: Packets) {
    drop(unwanted);
}

/// Tells those who wait; the rest is left to the caller, who does it outside any RCU section.
#[inline(always)]
pub fn tell(receiver: &TipcSock, news: News) -> Later {
    match news.what {
        Some(What::Readable) => receiver.wake_readers(),
        Some(What::Writable) => receiver.wake_writers(),
        Some(What::Changed) => receiver.wake_all(),
        None => {}
    }
    if let Some(spent) = news.spent {
        spent.consume();
    }
    if let Some(answered) = news.answered {
        answered.consume();
    }
    if let Some(unwanted) = news.unwanted {
        drop_all(unwanted);
    }
    news.later
}

/// The core of a receiver, locked; `held` if bottom halves are held off.
#[inline]
fn lock<'a>(receiver: &'a TipcSock, held: Option<&'a Held>) -> BhGuard<'a, Core> {
    let core = &receiver.state().core;
    match held {
        Some(held) => core.lock_held(held),
        None => core.lock(),
    }
}

/// What the sender of a message that is refused learns of it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// It is told why.
    Told(ErrorCode),
    /// Nothing: it learns of the end of the connection in a moment, and must not learn of this before.
    Untold,
}

/// Puts a message into its receiver's inbox, or lets it do there what it came for. Handed back with
/// what its sender is to learn if it is refused. `held` if bottom halves are.
pub fn take_in(
    receiver: &TipcSock,
    skb: SkBuff,
    header: &DataHeader,
    held: Option<&Held>,
) -> Result<News, (SkBuff, Refusal)> {
    let marked;
    let header = if header.syn || header.is_connected() || !receiver.state().connects() {
        header
    } else {
        marked = as_marked(receiver, header);
        &marked
    };
    take_in_marked(receiver, skb, header, held)
}

/// The same; requests for connections are marked as such.
fn take_in_marked(
    receiver: &TipcSock,
    skb: SkBuff,
    header: &DataHeader,
    held: Option<&Held>,
) -> Result<News, (SkBuff, Refusal)> {
    let connected = header.is_connected();
    let limit = limit_of(receiver, header);
    let own = receiver.net().own_node();
    let mut core = lock(receiver, held);
    if core.inbox.is_closed() {
        return Err((skb, refusal(&core, header, own)));
    }
    let verdict = if receiver.state().connects() {
        core.conn.rx(header, own)
    } else if connected {
        Verdict::Refuse
    } else {
        Verdict::Queue
    };
    match verdict {
        Verdict::Refuse => Err((skb, refusal(&core, header, own))),
        Verdict::Queue if multicast::has_order(&core, header, skb.len(), own) => {
            multicast::take_in(receiver, &mut core, skb, limit)
        }
        Verdict::Queue => {
            let mut news = admit(receiver, &mut core, skb, limit)?;
            if connected && (header.src_droppable || core.pending.is_some()) {
                news.later.owed = answer(receiver, &mut core, header.src_droppable);
            }
            Ok(news)
        }
        Verdict::Retry => {
            // One to another node was kept with its data.
            let spent = match core.request {
                Some(_) => Some(skb),
                None => core.request.replace(skb),
            };
            // With the lock held, so that it is not after the close.
            receiver.start_timer(retry_delay(receiver.state().connect_timeout.get()));
            Ok(News::of(&core, None, spent))
        }
        Verdict::Connected | Verdict::Refused | Verdict::Ended => {
            receiver.show_state(core.conn.state().number());
            match verdict {
                Verdict::Connected => on_answer(receiver, header.importance),
                Verdict::Refused => receiver.set_error(ECONNREFUSED),
                _ => {}
            }
            let spent = if skb.len() > header.len() {
                // What does not fit is lost, the change is not.
                receiver.state().admit(&mut core, skb, limit).err()
            } else {
                Some(skb)
            };
            let mut news = News::of(&core, Some(What::Changed), spent);
            news.answered = core.request.take();
            Ok(news)
        }
    }
}

/// A request for a connection has been answered by a socket of this importance: it is the
/// connection's.
fn on_answer(receiver: &TipcSock, importance: Importance) {
    receiver.state().set_importance(importance);
    receiver.start_timer(PROBE_INTERVAL);
}

/// A message that is not marked as a request for a connection; from a node that cannot mark them it is
/// one all the same.
#[cold]
#[inline(never)]
fn as_marked(receiver: &TipcSock, header: &DataHeader) -> DataHeader {
    DataHeader {
        syn: !receiver.net().marks_requests(header.origin.node),
        ..*header
    }
}

/// How a message is refused that is not for this socket.
#[cold]
#[inline(never)]
fn refusal(core: &Core, header: &DataHeader, own: NodeAddr) -> Refusal {
    if header.is_connected() && core.conn.is_ending(header.origin, own) {
        Refusal::Untold
    } else {
        Refusal::Told(ErrorCode::NoPort)
    }
}

/// Memory of the inbox that this message may be the last to take, in bytes (C
/// `socket.c:rcvbuf_limit`): SO_RCVBUF, doubled for each step of importance; what comes back is of
/// more importance than what goes out.
fn limit_of(receiver: &TipcSock, header: &DataHeader) -> u64 {
    let limit = u64::from(receiver.receive_limit());
    match header.error {
        _ if header.is_connected() => limit,
        Some(_) => limit << RETURNED_IMPORTANCE,
        None => limit << header.importance.number(),
    }
}

fn admit(
    receiver: &TipcSock,
    core: &mut Core,
    skb: SkBuff,
    limit: u64,
) -> Result<News, (SkBuff, Refusal)> {
    match receiver.state().admit(core, skb, limit) {
        Ok(()) => Ok(News::of(core, Some(What::Readable), None)),
        Err(skb) => {
            receiver.count_drop();
            Err((skb, Refusal::Told(ErrorCode::Overload)))
        }
    }
}

/// What a message of the peer brings about besides: the acknowledgement it asks for, and that what
/// is held back goes.
#[cold]
#[inline(never)]
fn answer(receiver: &TipcSock, core: &mut Core, asked: bool) -> Option<Owed> {
    let ack = asked.then(|| acknowledgement(receiver, core, true));
    let held = release(core);
    (held || asked).then(|| Owed::new(receiver, core, ack, held))
}

/// The acknowledgement of what was read so far; `asked` if a message has asked for it (C
/// `msg_ack_required`). With the receiver's lock held, to which `core` belongs.
pub fn acknowledgement(receiver: &TipcSock, _core: &Core, asked: bool) -> Signal {
    let (blocks, limit) = receiver.state().reading.take_ack(receiver.receive_limit());
    Signal::Ack {
        blocks,
        limit,
        asked,
    }
}

/// When to send a connection request again: 100 ms, and at random up to a quarter of the time that
/// connect() waits (C `socket.c:tipc_sk_filter_connect`).
fn retry_delay(timeout: u32) -> u32 {
    let spread = (timeout / 4).max(1);
    let random = random::word() & 0xffff;
    random
        .checked_rem(spread)
        .unwrap_or_default()
        .saturating_add(100)
}
