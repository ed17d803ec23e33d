// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! What a message does to the socket it has come to.
//!
//! In: a message and its receiver, from `deliver`; out: `News` for those who wait there, told after
//! the unlock. Replaces C `socket.c:tipc_sk_filter_rcv`. Any context, no lock held.

use super::kernel::Handler;
use super::state::Core;
use super::TipcSock;
use crate::proto::port::Verdict;
use crate::proto::vocab::ErrorCode;
use crate::proto::wire::DataHeader;
use crate::sys::random;
use crate::sys::skb::SkBuff;
use kernel::prelude::*;
use kernel::sync::Arc;

/// What is to be told to those who wait at a socket.
pub struct News {
    what: What,
    handler: Option<Arc<dyn Handler>>,
    /// A buffer that is not needed, to be freed without the lock.
    spent: Option<SkBuff>,
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
    /// A connection request will be sent again after this many milliseconds.
    Later(u32),
}

impl News {
    /// News of a port whose lock is held.
    pub fn of(core: &Core, what: What, spent: Option<SkBuff>) -> Self {
        News {
            what,
            handler: core.handler.clone(),
            spent,
        }
    }
}

/// Tells those who wait; the handler, if there is one, is left to the caller, who calls it outside
/// any RCU section.
pub fn tell(receiver: &TipcSock, news: News) -> Option<Arc<dyn Handler>> {
    match news.what {
        What::Readable => receiver.wake_readers(),
        What::Writable => receiver.wake_writers(),
        What::Changed => receiver.wake_all(),
        What::Later(ms) => receiver.start_timer(ms),
    }
    if let Some(spent) = news.spent {
        spent.consume();
    }
    news.handler
}

/// Puts a message into its receiver's inbox, or lets it do there what it came for. Handed back with
/// the reason if it is refused.
pub fn take_in(
    receiver: &TipcSock,
    skb: SkBuff,
    header: &DataHeader,
) -> Result<News, (SkBuff, ErrorCode)> {
    let limit = u64::from(receiver.receive_limit());
    let connected = header.is_connected();
    let limit = if connected {
        limit
    } else {
        limit << header.importance.number()
    };
    let own = receiver.net().own_node();
    let mut core = receiver.state().core.lock();
    if core.inbox.is_closed() {
        return Err((skb, ErrorCode::NoPort));
    }
    let verdict = if receiver.state().connects() {
        core.conn.rx(header, own)
    } else if connected {
        Verdict::Refuse
    } else {
        Verdict::Queue
    };
    match verdict {
        Verdict::Refuse => Err((skb, ErrorCode::NoPort)),
        Verdict::Queue => admit(receiver, &mut core, skb, limit),
        Verdict::Retry => {
            core.request = Some(skb);
            let ms = retry_delay(receiver.state().connect_timeout.get());
            Ok(News::of(&core, What::Later(ms), None))
        }
        Verdict::Connected | Verdict::Refused | Verdict::Ended => {
            receiver.show_state(core.conn.state().number());
            if verdict == Verdict::Refused {
                receiver.set_error(ECONNREFUSED);
            }
            let spent = if skb.len() > header.len() {
                // What does not fit is lost, the change is not.
                core.inbox.admit(skb, limit).err()
            } else {
                Some(skb)
            };
            Ok(News::of(&core, What::Changed, spent))
        }
    }
}

fn admit(
    receiver: &TipcSock,
    core: &mut Core,
    skb: SkBuff,
    limit: u64,
) -> Result<News, (SkBuff, ErrorCode)> {
    match core.inbox.admit(skb, limit) {
        Ok(()) => Ok(News::of(core, What::Readable, None)),
        Err(skb) => {
            receiver.count_drop();
            Err((skb, ErrorCode::Overload))
        }
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
