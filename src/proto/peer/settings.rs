// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! What users set of the links to a peer, and see of them.
//!
//! In: properties, from `mgmt` through the stack; out: state messages that tell the peer. Replaces
//! the acting half of C `node.c:tipc_nl_node_set_link` and `tipc_node_apply_property`, and
//! `tipc_nl_peer_rm`.

use super::{fsm, News, Peer, PeerOut};
use crate::proto::frame::Frame;
use crate::proto::vocab::{BearerId, Instant};

/// Properties a user sets, each if it is there. They are in their ranges.
#[derive(Clone, Copy, Default)]
pub struct Wanted {
    /// Silence that is tolerated, in ms.
    pub tolerance: Option<u32>,
    /// Priority, 0 to 31.
    pub priority: Option<u8>,
    /// The largest window, in packets.
    pub window: Option<u16>,
}

impl<F: Frame> Peer<F> {
    /// Sets properties of the link on `bearer`, and tells the peer of the tolerance and the priority;
    /// false if there is no link. (The peer resets the link when it hears of another priority.)
    pub fn set_link(
        &mut self,
        bearer: BearerId,
        wanted: &Wanted,
        now: Instant,
        out: &mut PeerOut<'_, F>,
    ) -> bool {
        let Some(((link, context), mut out)) = self.link_at(bearer, now).zip(out.of(bearer)) else {
            return false;
        };
        if let Some(ms) = wanted.tolerance {
            link.set_tolerance(ms, &context, &mut out);
        }
        if let Some(priority) = wanted.priority {
            link.set_priority(priority, &context, &mut out);
        }
        if let Some(most) = wanted.window {
            link.set_window(link.window().min(), most);
        }
        true
    }

    /// The number users know the link on `bearer` by: that of the bearer at the peer's end, and that
    /// of the own one (C `link.c:tipc_link_id`). None unless it works.
    pub fn link_id(&self, bearer: BearerId) -> Option<u32> {
        let link = self.link(bearer).filter(|link| link.state().is_up())?;
        let theirs = u32::from(link.peer().bearer);
        Some(theirs.wrapping_shl(16) | u32::from(bearer.number()))
    }

    /// Takes all links away, if neither end has contact by them; false if one may have.
    pub fn clear(&mut self, now: Instant, out: &mut PeerOut<'_, F>) -> (bool, News) {
        let idle = matches!(
            self.contact.state(),
            fsm::State::Down | fsm::State::PeerLeaving
        );
        let mut news = News::NONE;
        if idle {
            for bearer in BearerId::ALL {
                news = news.or(self.remove_link(bearer, now, out));
            }
        }
        (idle, news)
    }
}
