// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! The way up: from a bearer through the door and the peer to sockets and the name table.
//!
//! In: buffers from `bearer`, in softirq; out: messages, delivered in order by one CPU at a time.
//! Replaces C `node.c:tipc_rcv` and the notifications of C `node.c:tipc_node_write_unlock`.

use super::contact::on_beacon;
use super::medium::{at_work, Outgoing};
use super::neighbour::{now, Neighbour};
use crate::proto::frame::{Frame, FrameList};
use crate::proto::link::Verdict;
use crate::proto::peer::{News, Peer, PeerOut};
use crate::proto::vocab::{BearerId, Instant, NodeAddr};
use crate::proto::wire::{Beacon, User};
use crate::stack::frame::{arrived, Packet, Packets};
use crate::stack::Net;
use crate::sys::skb::SkBuff;
use kernel::sync::Arc;

/// A buffer has come in by a bearer. Softirq, no lock held.
pub fn rx(net: &Arc<Net>, id: BearerId, skb: SkBuff) {
    if at_work(&net.cluster().bearers.lock(), id).is_none() {
        return;
    }
    let Ok(packet) = arrived(skb) else {
        return;
    };
    let header = packet.header();
    if header.user() == User::Discovery {
        let beacon = packet.data().and_then(|data| Beacon::read(header, data));
        if let Some(beacon) = beacon {
            on_beacon(net, id, &beacon);
        }
        return;
    }
    if header.is_non_sequenced() {
        // Broadcasts: that link is not built yet.
        return;
    }
    let Some(neighbour) = net.cluster().neighbour(header.previous_node()) else {
        return;
    };
    net.with(&neighbour, |peer, now, out| {
        ((), peer.rx(id, packet, now, out))
    });
}

impl Net {
    /// Calls the peer of a neighbour; what it lets go is sent, its news are acted on, its messages
    /// delivered. No lock held.
    pub(super) fn with<R>(
        &self,
        neighbour: &Neighbour,
        call: impl FnOnce(&mut Peer<Packet>, Instant, &mut PeerOut<'_, Packet>) -> (R, News),
    ) -> R {
        let mut wire = Outgoing::default();
        let mut spent = Packets::default();
        let (result, news, media, up) = {
            let mut guard = neighbour.state.lock();
            let state = &mut *guard;
            let mut out = PeerOut {
                wire: &mut wire,
                up: &mut state.inbox,
                spent: &mut spent,
            };
            let (result, news) = call(&mut state.peer, now(), &mut out);
            let media = Neighbour::media(&state.peer);
            (result, news, media, !state.inbox.is_empty())
        };
        for (id, (packets, to)) in BearerId::ALL.into_iter().zip(wire.iter_mut().zip(media)) {
            if packets.is_empty() {
                continue;
            }
            let medium = at_work(&self.cluster().bearers.lock(), id);
            while let Some(packet) = packets.pop_front() {
                if let (Some(medium), Some(to)) = (&medium, &to) {
                    medium.send(packet, to);
                }
            }
        }
        drop(spent);
        if news != News::NONE {
            self.act(neighbour, news);
        }
        if up {
            self.deliver_all(neighbour);
        }
        result
    }

    /// Does what news of a peer ask for.
    fn act(&self, neighbour: &Neighbour, news: News) {
        if let Some(discovery) = &mut *self.cluster().discovery.lock() {
            for id in BearerId::ALL {
                if news.has(News::link_down(id)) {
                    discovery.link_down(neighbour.address, id, now());
                }
                if news.has(News::link_up(id)) {
                    discovery.link_up(neighbour.address, id);
                }
            }
        }
        if news.has(News::LOST) {
            self.lost(neighbour);
        }
        if news.has(News::CONTACT) {
            self.begin_bulk(neighbour);
        }
        if news.has(News::ROOM) {
            self.wake_senders(neighbour);
            self.cluster().later.within(0);
        }
    }

    /// Contact is lost: so are its names and the connections with it.
    fn lost(&self, neighbour: &Neighbour) {
        self.withdraw_all_of(neighbour);
        if let Some(upward) = self.cluster().upward() {
            upward.lost(neighbour.address);
        }
    }

    fn wake_senders(&self, neighbour: &Neighbour) {
        let mut counts = neighbour.state.lock().peer.take_senders();
        let Some(upward) = self.cluster().upward() else {
            return;
        };
        for (level, count) in counts.iter_mut().enumerate() {
            while let Some(left) = count.checked_sub(1) {
                *count = left;
                let port = neighbour.state.lock().waiting.pop(level);
                match port {
                    Some(port) => upward.wake(port),
                    None => break,
                }
            }
        }
    }

    /// Delivers what is in the inbox, unless somebody does.
    fn deliver_all(&self, neighbour: &Neighbour) {
        let mut mine = false;
        loop {
            let mut packets = {
                let mut state = neighbour.state.lock();
                if state.delivering && !mine {
                    return;
                }
                mine = true;
                state.delivering = !state.inbox.is_empty();
                if !state.delivering {
                    return;
                }
                core::mem::take(&mut state.inbox)
            };
            while let Some(packet) = packets.pop_front() {
                self.deliver(neighbour, packet);
            }
        }
    }

    fn deliver(&self, neighbour: &Neighbour, packet: Packet) {
        match packet.header().user() {
            User::Names => self.on_names(neighbour, packet),
            User::Data(_) | User::Connection => {
                if let Some(upward) = self.cluster().upward() {
                    upward.deliver(packet);
                }
            }
            _ => {}
        }
    }

    /// The tick of a neighbour's links; in how many milliseconds to come again.
    pub(super) fn tick_neighbour(&self, neighbour: &Neighbour) -> u32 {
        self.with(neighbour, |peer, now, out| {
            ((), peer.tick(|_| Verdict::WATCH, now, out))
        });
        self.next_tick(neighbour)
    }

    fn next_tick(&self, neighbour: &Neighbour) -> u32 {
        let due = neighbour.state.lock().peer.next_tick();
        u32::try_from(due.since(now())).unwrap_or(u32::MAX).max(1)
    }

    /// Sets the clock of a neighbour's links.
    pub(super) fn arm_neighbour(&self, neighbour: &Neighbour) {
        neighbour.timer.start(self.next_tick(neighbour));
    }

    /// Nodes that are known, in order of their addresses: the next after `after`, and whether there
    /// is contact.
    pub fn node_after(&self, after: u32) -> Option<(NodeAddr, bool)> {
        let neighbour = self.cluster().neighbour_after(after)?;
        let up = neighbour.state.lock().peer.is_up();
        Some((neighbour.address, up))
    }
}
