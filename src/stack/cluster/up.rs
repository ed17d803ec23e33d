// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! The way up: from a bearer through the door and the peer to sockets and the name table.
//!
//! In: buffers from `bearer`, in softirq; out: messages, delivered in order by one CPU at a time.
//! Replaces C `node.c:tipc_rcv` and the notifications of C `node.c:tipc_node_write_unlock`.

use super::contact::{arm, on_beacon};
use super::neighbour::{now, Neighbour, State, Turn};
use super::waiting::Waiting;
use crate::proto::broadcast::Outcome;
use crate::proto::frame::{Frame, FrameList};
use crate::proto::link::Verdict;
use crate::proto::peer::{News, Peer, PeerOut};
use crate::proto::vocab::{BearerId, Instant, Level, NodeAddr, SeqNo};
use crate::proto::wire::{Beacon, User};
use crate::stack::frame::{arrived, Packet, Packets};
use crate::stack::Net;
use crate::sys::bottom::{self, Held};
use crate::sys::lock::{BhGuard, LockHeld};
use crate::sys::skb::{Queue, SkBuff};
use kernel::sync::Arc;

/// Messages delivered in one go.
const AT_ONCE: u32 = 512;

/// What is left to do when a peer was called.
pub(super) struct After {
    spent: Packets,
    shared: Option<Outcome>,
    news: News,
    up: Packets,
}

impl After {
    /// Nothing. Filled in and used where it is, as to hand it on costs a copy of it.
    #[inline]
    pub(super) fn new() -> Self {
        After {
            spent: Packets::default(),
            shared: None,
            news: News::NONE,
            up: Packets::default(),
        }
    }

    /// Whether only buffers are to be freed.
    pub(super) fn is_quiet(&self) -> bool {
        self.shared.is_none() && self.news == News::NONE && self.up.is_empty()
    }

    /// Frees them.
    pub(super) fn free(&mut self) {
        self.spent.free();
    }
}

/// A buffer has come in by a bearer. Softirq, no lock held.
pub fn rx(net: &Arc<Net>, id: BearerId, skb: SkBuff, held: &Held) {
    if !net.cluster().works(id) {
        return;
    }
    if let Ok(packet) = arrived(skb) {
        take_in::<false>(net, id, packet, &mut Packets::default(), held);
    }
}

/// Buffers have come in together. Softirq, no lock held.
#[inline(never)]
pub fn rx_all(net: &Arc<Net>, id: BearerId, mut buffers: Queue, held: &Held) {
    if !net.cluster().works(id) {
        return;
    }
    let mut packets = Packets::default();
    while let Some(skb) = buffers.pop_front() {
        if let Ok(packet) = arrived(skb) {
            packets.push_back(packet);
        }
    }
    while let Some(first) = packets.pop_front() {
        take_in::<true>(net, id, first, &mut packets, held);
    }
}

/// Takes a packet that has passed the door, and of those behind it the ones of the same link, with the lock
/// held once, until there is something to be done before the next. (`MORE`: there may be any; a packet that has
/// come alone, which most do, has a copy of this without the look.)
#[inline(always)]
fn take_in<const MORE: bool>(
    net: &Arc<Net>,
    id: BearerId,
    first: Packet,
    rest: &mut Packets,
    held: &Held,
) {
    if !is_of_link(&first) {
        return rx_other(net, id, first, held);
    }
    let from = first.header().previous_node();
    let Some(neighbour) = net.cluster().neighbour_at(from, held) else {
        return;
    };
    let follows = |next: &Packet| is_of_link(next) && next.header().previous_node() == from;
    let mut after = After::new();
    net.exchange(&neighbour, held, &mut after, |peer, _, now, out| {
        let mut news = News::NONE;
        let mut next = Some(first);
        while let Some(packet) = next {
            news = peer.rx(id, packet, now, out);
            let goes_on = MORE && news == News::NONE && rest.front().is_some_and(follows);
            next = goes_on.then(|| rest.pop_front()).flatten();
        }
        ((), news)
    });
    net.follow(&neighbour, &mut after, Some(held));
}

/// Whether it is a packet of a link, for which nothing but its peer is needed.
fn is_of_link(packet: &Packet) -> bool {
    let header = packet.header();
    header.user() != User::Discovery && !header.is_non_sequenced()
}

/// A beacon, or a packet of somebody's broadcast link. Softirq, no lock held.
#[inline(never)]
fn rx_other(net: &Arc<Net>, id: BearerId, packet: Packet, held: &Held) {
    let header = packet.header();
    if header.user() != User::Discovery {
        return rx_broadcast(net, id, packet, held);
    }
    let beacon = packet.data().and_then(|data| Beacon::read(header, data));
    if let Some(beacon) = beacon {
        on_beacon(net, id, &beacon);
    }
}

/// A packet of somebody's broadcast link has come in; in old messages of BCAST_PROTOCOL the word of
/// the network is another. Softirq, no lock held.
#[inline(never)]
fn rx_broadcast(net: &Net, id: BearerId, packet: Packet, held: &Held) {
    let header = packet.header();
    let asks = header.user() == User::Broadcast;
    if !asks && header.broadcast_network() != net.identity().network() {
        return;
    }
    let from = header.previous_node();
    let Some(neighbour) = net.cluster().neighbour_at(from, held) else {
        return;
    };
    let mut after = After::new();
    net.exchange(&neighbour, held, &mut after, |peer, _, now, out| {
        ((), peer.rx_broadcast(id, packet, now, out))
    });
    net.follow(&neighbour, &mut after, Some(held));
}

impl Net {
    /// Calls the peer of a neighbour; what it lets go is sent, its news are acted on, its messages
    /// delivered. No lock held.
    pub(super) fn with<R>(
        &self,
        neighbour: &Neighbour,
        call: impl FnOnce(&mut Peer<Packet>, Instant, &mut PeerOut<'_, Packet>) -> (R, News),
    ) -> R {
        self.with_waiting(neighbour, |peer, _, now, out| call(peer, now, out))
    }

    /// The same, with the sockets that wait for the neighbour's links.
    pub(super) fn with_waiting<R>(
        &self,
        neighbour: &Neighbour,
        call: impl FnOnce(
            &mut Peer<Packet>,
            &mut Waiting,
            Instant,
            &mut PeerOut<'_, Packet>,
        ) -> (R, News),
    ) -> R {
        let held = bottom::hold();
        let mut after = After::new();
        let result = self.exchange(neighbour, &held, &mut after, call);
        drop(held);
        self.follow(neighbour, &mut after, None);
        result
    }

    /// The first part of that: what the peer lets go is sent. A sender that was preempted between
    /// taking packets and sending them would hold up all, so bottom halves are held off. The rest is
    /// for `follow`.
    #[inline(always)]
    pub(super) fn exchange<R>(
        &self,
        neighbour: &Neighbour,
        held: &Held,
        after: &mut After,
        call: impl FnOnce(
            &mut Peer<Packet>,
            &mut Waiting,
            Instant,
            &mut PeerOut<'_, Packet>,
        ) -> (R, News),
    ) -> R {
        let last = SeqNo(self.cluster().last_broadcast.get() as u16);
        let mut state = neighbour.state.lock_held(held);
        let (peer, waiting, mut out) = state.parts(&mut after.spent);
        peer.broadcast().last_sent = last;
        let (result, mut news) = call(peer, waiting, now(), &mut out);
        if peer.has_for_sender(news) {
            let outcome;
            (news, outcome) = self.share(peer, news, &mut out);
            after.shared = Some(outcome);
        }
        if news != News::NONE {
            self.note(&mut state, news);
        }
        after.news = state.take_up(&neighbour.delivering, &mut after.up);
        if state.has_to_send() && neighbour.sending.take() {
            self.send_all(neighbour, state, held);
        }
        result
    }

    /// What is left to do after an exchange. With bottom halves `held` off only if they are off
    /// anyway: it may take a while.
    #[inline(always)]
    pub(super) fn follow(&self, neighbour: &Neighbour, after: &mut After, held: Option<&Held>) {
        after.free();
        if let Some(outcome) = &after.shared {
            self.shout();
            if outcome.room {
                self.wake_broadcasters();
            }
        }
        if after.news != News::NONE || !after.up.is_empty() {
            self.deliver_all(neighbour, &mut after.up, after.news, held);
        }
    }

    /// Something has become of contact or links: those who have it to act on are told after what has
    /// come before it. Connections of a new contact are told from those of the old at once.
    #[cold]
    #[inline(never)]
    fn note(&self, state: &mut State, news: News) {
        if news.has(News::LOST) {
            let mut losses = self.cluster().losses.lock();
            state.lost = Some(*losses);
            *losses = losses.wrapping_add(1);
        }
        state.note(news);
    }

    /// Sends what there is to be sent, and what others leave to be sent meanwhile: it is the
    /// caller's turn. Bottom halves are held off. The links' windows bound it.
    #[inline(never)]
    fn send_all<'a>(
        &self,
        neighbour: &'a Neighbour,
        mut state: BhGuard<'a, State>,
        held: &'a Held,
    ) {
        let mut turn = Turn::new();
        loop {
            neighbour.sending.keep(state.next_turn(&mut turn));
            drop(state);
            self.send_turn(&mut turn, held);
            if neighbour.sending.leave() {
                return;
            }
            state = neighbour.state.lock_held(held);
        }
    }

    /// Sends packets of one bearer.
    fn send_turn(&self, turn: &mut Turn, held: &Held) {
        let medium = self.cluster().medium(turn.bearer, held);
        let mut packets = core::mem::take(&mut turn.packets);
        let (Some(medium), Some(to)) = (medium, &turn.to) else {
            return;
        };
        if packets.len() > 1 {
            return medium.send_all(packets, to);
        }
        if let Some(packet) = packets.pop_front() {
            medium.send(packet, to);
        }
    }

    /// Does what news of a peer ask for. By one CPU at a time, whose turn it is to deliver.
    #[cold]
    #[inline(never)]
    fn act(&self, neighbour: &Neighbour, news: News) {
        let mut down = false;
        if let Some(discovery) = &mut *self.cluster().discovery.lock() {
            for id in BearerId::ALL {
                if news.has(News::link_down(id)) {
                    discovery.link_down(neighbour.address, id, now());
                    down = true;
                }
                if news.has(News::link_up(id)) {
                    discovery.link_up(neighbour.address, id);
                }
            }
        }
        if down {
            // A bearer that has lost its last link calls out at once.
            arm(self.cluster());
        }
        if news.has(News::LOST) {
            self.withdraw_all_of(neighbour);
        }
        // Each socket may have a connection that is lost, and this may be a softirq.
        if news.has(News::LOST) || news.touches(News::LINKS) {
            self.cluster().later.within(0);
        }
        if news.has(News::CONTACT) {
            self.begin_bulk(neighbour);
        }
        if news.has(News::ROOM) {
            self.wake_senders(neighbour);
            self.cluster().later.within(0);
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
                    Some(port) => upward.wake(port, neighbour.address),
                    None => break,
                }
            }
        }
    }

    /// A neighbour is no more: nobody waits for it.
    pub(super) fn wake_all(&self, neighbour: &Neighbour) {
        let Some(upward) = self.cluster().upward() else {
            return;
        };
        let next = |level| neighbour.state.lock().waiting.pop(level);
        for level in 0..Level::COUNT {
            while let Some(port) = next(level) {
                upward.wake(port, neighbour.address);
            }
        }
    }

    /// Delivers what was taken to be delivered, acts on the news after it, and goes on with what comes
    /// meanwhile: `AT_ONCE` messages at most, then the cluster's work goes on, as a packet must not cost
    /// its CPU what all the others bring.
    fn deliver_all(
        &self,
        neighbour: &Neighbour,
        packets: &mut Packets,
        mut news: News,
        held: Option<&Held>,
    ) {
        let mut left = AT_ONCE;
        loop {
            while let Some(packet) = packets.pop_front() {
                self.deliver(neighbour, packet, held);
                left = left.saturating_sub(1);
                if left == 0 {
                    neighbour
                        .state
                        .lock()
                        .put_back(&neighbour.delivering, packets, news);
                    return self.cluster().later.within(0);
                }
            }
            if news != News::NONE {
                self.act(neighbour, news);
            }
            if neighbour.delivering.leave() {
                return;
            }
            news = neighbour
                .state
                .lock()
                .next_up(&neighbour.delivering, packets);
        }
    }

    /// Goes on with what was left to be delivered. Process context.
    pub(super) fn go_on_delivering(&self) {
        let mut last = 0;
        while let Some(neighbour) = self.cluster().neighbour_after(last) {
            last = neighbour.address.0;
            let mut up = Packets::default();
            let claim = &neighbour.delivering;
            let news = neighbour.state.lock().take_up(claim, &mut up);
            if news != News::NONE || !up.is_empty() {
                self.deliver_all(&neighbour, &mut up, news, None);
            }
        }
    }

    /// Ends connections with nodes that contact was lost with since the last time. Process context.
    pub(super) fn end_connections(&self) {
        let losses = *self.cluster().losses.lock();
        let fresh = self.cluster().swept.get() != losses;
        self.cluster().swept.set(losses);
        if let Some(upward) = self.cluster().upward().filter(|_| fresh) {
            upward.lost();
        }
    }

    /// The number of times contact with anybody was lost, by which `is_over` tells connections of
    /// before from those after.
    pub fn losses(&self) -> u32 {
        *self.cluster().losses.lock()
    }

    /// Whether contact with another node was lost since there were `losses`.
    pub fn is_over(&self, node: NodeAddr, losses: u32) -> bool {
        let Some(neighbour) = self.cluster().neighbour(node) else {
            return true;
        };
        let lost = neighbour.state.lock().lost;
        lost.is_some_and(|lost| lost.wrapping_sub(losses) as i32 >= 0)
    }

    fn deliver(&self, neighbour: &Neighbour, packet: Packet, held: Option<&Held>) {
        match packet.header().user() {
            User::Names => match held {
                Some(held) => self.on_names(neighbour, packet, held),
                None => self.on_names(neighbour, packet, &bottom::hold()),
            },
            User::Data(_) | User::Connection if packet.header().is_honest(neighbour.address) => {
                // Where it may take longer than a read section should, the way up is counted.
                if let Some(held) = held {
                    if let Some(upward) = self.cluster().upward.get(held) {
                        upward.deliver(packet, Some(held));
                    }
                } else if let Some(upward) = self.cluster().upward() {
                    upward.deliver(packet, None);
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
