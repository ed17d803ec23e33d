// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! How a message for other nodes is best kept in memory: in page blocks that its packets share, or,
//! if the device would copy each packet together, in the pieces that become its packets.
//!
//! In: where it goes, from `socket`; out: what `sys::made` has to make. It is only a matter of cost:
//! any message can go any way.

use super::Cluster;
use crate::proto::link::step_of;
use crate::proto::vocab::{BearerId, NodeAddr, PortId};
use crate::stack::Net;
use crate::sys::bottom;
use crate::sys::lock::LockHeld;
use crate::sys::made::Reach;
use crate::sys::pieces::Pieces;

/// Largest packet that is built in one piece: one of a jumbo frame. There may be no contiguous memory
/// for more, and what is in page blocks needs none.
const LARGEST: u16 = 9_000;

impl Net {
    /// What a message with `data` bytes to another node is made of. No lock held.
    #[inline]
    pub fn reach_of(&self, to: NodeAddr, sender: PortId, data: usize) -> Reach {
        let cluster = self.cluster();
        match Reach::Away.is_short(data) || cluster.plain.get() == 0 {
            true => Reach::Away,
            false => cluster.reach_by(to, sender),
        }
    }

    /// The same of a message to all other nodes.
    pub fn reach_of_all(&self, data: usize) -> Reach {
        let cluster = self.cluster();
        match Reach::Away.is_short(data) || cluster.plain.get() == 0 {
            true => Reach::Away,
            false => apart(cluster.broadcast.lock().sender.mss()),
        }
    }
}

impl Cluster {
    /// The same, by the link that the sender has now.
    #[inline(never)]
    fn reach_by(&self, to: NodeAddr, sender: PortId) -> Reach {
        let held = bottom::hold();
        let way = self
            .neighbour_at(to, &held)
            .and_then(|neighbour| neighbour.state.lock_held(&held).peer.way(sender));
        match way {
            Some((bearer, most)) if self.is_plain(bearer) => apart(most),
            Some(_) | None => Reach::Away,
        }
    }

    fn is_plain(&self, bearer: BearerId) -> bool {
        self.plain.get() & super::medium::bit(bearer, true) != 0
    }
}

/// In pieces for packets of at most `most` bytes.
fn apart(most: u32) -> Reach {
    pieces_of(most).map_or(Reach::Away, Reach::Apart)
}

/// The pieces for such packets, if there are to be any.
pub(super) fn pieces_of(most: u32) -> Option<Pieces> {
    let most = u16::try_from(most).ok().filter(|most| *most <= LARGEST)?;
    let step = step_of(most.into()).and_then(|step| step.try_into().ok())?;
    Some(Pieces { most, step })
}
