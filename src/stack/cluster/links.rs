// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! Link states, for those who have subscribed to them.
//!
//! In: links that come up and go down, from `up`; out: bindings of type 2 (TIPC_LINK_STATE) on this
//! node, one for each link that works, made and withdrawn in process context because that needs
//! memory. Replaces the notifications about links in C `node.c:tipc_node_write_unlock`.

use super::neighbour::Neighbour;
use crate::proto::peer::News;
use crate::proto::vocab::{BearerId, PortId, Scope, ServiceRange, ServiceType, MAX_BEARERS};
use crate::stack::Net;

/// What has been told of the links to a neighbour. Part of its state.
pub struct LinkNews {
    /// The number under which each link that works was told.
    told: [Option<u32>; MAX_BEARERS],
    /// Whether it has gone down since, though it may be up again.
    fell: [bool; MAX_BEARERS],
    /// How often there was something to tell, and what of that has been told.
    noted: u32,
    done: u32,
}

/// What is to be told of one link.
struct Change {
    gone: Option<u32>,
    new: Option<u32>,
}

impl LinkNews {
    /// Nothing.
    pub const fn new() -> Self {
        LinkNews {
            told: [None; MAX_BEARERS],
            fell: [false; MAX_BEARERS],
            noted: 0,
            done: 0,
        }
    }

    /// Whether there is something that nobody has been told yet.
    pub fn is_due(&self) -> bool {
        self.noted != self.done
    }

    /// Links have gone down; whether there is anything to tell.
    pub fn note(&mut self, news: News) -> bool {
        let mut any = false;
        for (id, fell) in BearerId::ALL.into_iter().zip(self.fell.iter_mut()) {
            let down = news.has(News::link_down(id));
            *fell |= down;
            any |= down || news.has(News::link_up(id));
        }
        self.noted = self.noted.wrapping_add(any.into());
        any
    }

    /// The link on `id` has this number now, if it works: what that changes.
    fn change(&mut self, id: BearerId, now: Option<u32>) -> Change {
        let (Some(told), Some(fell)) =
            (self.told.get_mut(id.place()), self.fell.get_mut(id.place()))
        else {
            return Change {
                gone: None,
                new: None,
            };
        };
        let before = core::mem::replace(told, now);
        let same = before == now && !*fell;
        *fell = false;
        Change {
            gone: before.filter(|_| !same),
            new: now.filter(|_| !same),
        }
    }
}

impl Net {
    /// Tells what has become of the links to a neighbour. Process context.
    pub(super) fn publish_links(&self, neighbour: &Neighbour) {
        let range = ServiceRange::single(ServiceType::LINK_STATE, neighbour.address.0);
        let noted = neighbour.state.lock().links.noted;
        for id in BearerId::ALL {
            let change = {
                let mut state = neighbour.state.lock();
                let now = state.peer.link_id(id);
                state.links.change(id, now)
            };
            if let Some(number) = change.gone {
                self.withdraw_own(range, PortId(number), number);
            }
            if let Some(number) = change.new {
                // Without memory nobody hears of it, as in C.
                let _ = self.publish_own(range, Scope::Node, PortId(number), number);
            }
        }
        neighbour.state.lock().links.done = noted;
    }

    /// The same for all neighbours.
    pub(super) fn publish_all_links(&self) {
        let mut last = 0;
        while let Some(neighbour) = self.cluster().neighbour_after(last) {
            last = neighbour.address.0;
            self.publish_links(&neighbour);
        }
    }
}
