// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! What one link carries for another, in tunnels, so that messages stay in order and none is lost:
//! the packets of a lost link (failover), and the word how far the older link is when a second one
//! comes up (synchronisation).
//!
//! In: links that come up and go down, and tunnels of the peer; out: tunnels. Replaces C
//! `link.c:tipc_link_tnl_prepare`, `tipc_link_create_dummy_tnl_msg` and
//! `node.c:tipc_node_link_failover`.

use super::fsm;
use super::{News, Peer, PeerOut};
use crate::proto::frame::{Frame, FrameList};
use crate::proto::link::{Event, Handover, State};
use crate::proto::vocab::{
    BearerId, Capability, ErrorCode, Importance, Instant, NodeAddr, PortId, SeqNo, SocketAddr,
};
use crate::proto::wire::{DataHeader, Destination, Stamp, Tunnel, TunnelKind, INTERNAL_HEADER};

/// Size of a message to nobody.
const DUMMY: usize = 32;

/// A sync point so far ahead that no packet is beyond it before the peer has told the real one
/// (C `node.c`: half of all numbers).
const FAR: u16 = u16::MAX / 2 - 1;

/// A message to no port, already on its way back: whoever gets it drops it.
fn dummy(from: NodeAddr, to: NodeAddr, seqno: SeqNo, ack: SeqNo) -> [u8; DUMMY] {
    let socket = |node| SocketAddr {
        port: PortId(0),
        node,
    };
    let header = DataHeader {
        importance: Importance::Low,
        src_droppable: false,
        dest_droppable: false,
        syn: false,
        error: Some(ErrorCode::NoPort),
        origin: socket(from),
        target: socket(to),
        destination: Destination::Direct,
        rerouted: None,
    };
    let mut bytes = [0; DUMMY];
    // It fits: a direct header has 32 bytes.
    let _ = header.write(0, &mut bytes);
    let stamp = Stamp {
        seqno,
        ack,
        broadcast_ack: SeqNo(0),
    };
    stamp.write(&mut bytes);
    bytes
}

/// Packets put into tunnels.
struct Packer {
    tunnel: Tunnel,
    /// Bytes that fit into a tunnel.
    most: usize,
    /// Tunnels in all.
    count: u16,
}

impl Packer {
    /// Tunnels a packet of `len` bytes takes: 1, or as many as it must be cut into.
    fn tunnels(&self, len: usize) -> usize {
        let before = len.saturating_sub(1).checked_div(self.most.max(1));
        before.unwrap_or(0).saturating_add(1)
    }

    /// Puts one packet in; false if there is no memory.
    fn put<F: Frame>(&self, packet: &F, into: &mut F::List) -> bool {
        let of = self.tunnels(packet.len());
        for number in 1..=of {
            let at = number.saturating_sub(1).saturating_mul(self.most);
            let len = packet.len().saturating_sub(at).min(self.most);
            let part = (of > 1).then_some((number as u16, of as u16));
            let tunnel = Tunnel {
                kind: TunnelKind::Failover(self.count, part),
                ..self.tunnel
            };
            let Some(frame) = packet.cut(&tunnel.write(len), at, len) else {
                return false;
            };
            into.push_back(frame);
        }
        true
    }
}

impl<F: Frame> Peer<F> {
    fn tunnel_header(&self, bearer: u8, kind: TunnelKind) -> Tunnel {
        Tunnel {
            from: self.own,
            to: self.address,
            bearer,
            kind,
        }
    }

    /// Sends tunnels by the link on `bearer`, all or none; false if that cannot be done.
    fn send_tunnels(
        &mut self,
        bearer: BearerId,
        tunnels: &mut F::List,
        now: Instant,
        out: &mut PeerOut<'_, F>,
    ) -> bool {
        let Some(((link, context), mut out)) = self.link_at(bearer, now).zip(out.of(bearer)) else {
            return false;
        };
        link.send(tunnels, &context, &mut out).is_ok()
    }

    /// A second link, on `newer`, has come up beside the one on `older`: the peer is told how far
    /// the older one is, so that it delivers what the newer carries after that.
    pub(super) fn begin_synch(
        &mut self,
        older: BearerId,
        newer: BearerId,
        now: Instant,
        out: &mut PeerOut<'_, F>,
    ) -> News {
        let Some(link) = self.link(older) else {
            return News::NONE;
        };
        let (point, bearer) = (link.last_queued(), link.peer().bearer);
        let enhanced = self.capabilities.has(Capability::Tunnel);
        let (point, inner) = if enhanced {
            (point, None)
        } else {
            // An old node computes the point of the packet in the tunnel and their count.
            (
                SeqNo(1),
                Some(dummy(self.own, self.address, point, SeqNo(0))),
            )
        };
        let inner = inner.as_ref().map_or(&[][..], |inner| inner);
        let header = self.tunnel_header(bearer, TunnelKind::Synch(point));
        let mut tunnels = F::List::default();
        let frame: Option<F> = F::new(&header.write(inner.len()), &[inner], 0);
        tunnels_push(&mut tunnels, frame);
        if !tunnels.is_empty() && self.send_tunnels(newer, &mut tunnels, now, out) {
            return News::NONE;
        }
        // Without it the peer would not keep the order: another time.
        self.fail(newer, now, out)
    }

    /// The link on `lost` has gone down, the one on `tunnel` works: it carries what was on its way,
    /// and goes on receiving where the lost one was. False if there is no memory; then nothing of
    /// the lost link has been carried.
    pub(super) fn begin_failover(
        &mut self,
        lost: BearerId,
        tunnel: BearerId,
        now: Instant,
        out: &mut PeerOut<'_, F>,
    ) -> bool {
        self.keep_order(tunnel);
        let Some(next) = self.link(tunnel).map(|link| link.next_expected()) else {
            return false;
        };
        self.change.point = next.plus(FAR);
        let Some(mut tunnels) = self.pack(lost, tunnel, out) else {
            return false;
        };
        if !self.send_tunnels(tunnel, &mut tunnels, now, out) {
            return false;
        }
        let Some(handover) = self.slot_mut(lost).map(|slot| slot.link.hand_over()) else {
            return false;
        };
        if let Some((slot, mut out)) = self.slot_mut(tunnel).zip(out.of(tunnel)) {
            slot.link.take_over(handover, &mut out);
        }
        self.reset_link(lost, out);
        self.event(lost, Event::FailoverBegin);
        self.contact.on(fsm::Event::FailoverBegin);
        true
    }

    /// Everything that is on its way on the lost link, in tunnels, with a message to nobody at the
    /// end so that there is at least one.
    fn pack(
        &mut self,
        lost: BearerId,
        tunnel: BearerId,
        out: &mut PeerOut<'_, F>,
    ) -> Option<F::List> {
        let most = self.link(tunnel)?.mtu() as usize;
        let enhanced = self.capabilities.has(Capability::Tunnel);
        let slot = self.slot_mut(lost)?;
        let mut packets = slot.link.take_unacknowledged()?;
        let last = slot.link.last_queued().next();
        let ack = slot.link.next_expected().previous();
        let bearer = slot.link.peer().bearer;
        let end = dummy(self.own, self.address, last, ack);
        let mut packer = Packer {
            tunnel: self.tunnel_header(bearer, TunnelKind::Failover(0, None)),
            most: most.saturating_sub(INTERNAL_HEADER),
            count: 0,
        };
        let lens = packets.iter().map(|packet| packet.len());
        let tunnels = lens.map(|len| packer.tunnels(len));
        let total = tunnels.fold(0, usize::saturating_add);
        // An old node takes no packets in parts.
        let fits = enhanced || total == packets.len();
        packer.count = u16::try_from(total.saturating_add(1)).ok()?;
        let mut tunnels = F::List::default();
        let mut packed = fits && packets.iter().all(|p| packer.put(p, &mut tunnels));
        packed = packed && F::new(&end, &[], 0).is_some_and(|end| packer.put(&end, &mut tunnels));
        out.spent.append(&mut packets);
        if packed {
            return Some(tunnels);
        }
        out.spent.append(&mut tunnels);
        None
    }

    /// The peer carries packets of its lost link over the link on `bearer`: packet `seqno` is one
    /// of `count`.
    pub(super) fn on_failover(
        &mut self,
        bearer: BearerId,
        parallel: Option<BearerId>,
        seqno: SeqNo,
        count: u16,
        now: Instant,
        out: &mut PeerOut<'_, F>,
    ) -> News {
        let mut news = News::NONE;
        // The other link is lost here too, though nobody has noticed.
        if let Some(other) = parallel {
            let state = self.state(other);
            if state.is_some_and(|state| !state.is_reset()) {
                self.event(other, Event::Failure);
                news = self.on_link_down(other, now, out);
            }
        }
        if self.contact.state() != fsm::State::FailingOver {
            self.begin_half_failover(bearer, parallel, now, out);
        }
        let point = seqno.plus(count).previous();
        if point.less(self.change.point) {
            self.change.point = point;
        }
        news
    }

    /// The peer has lost a link of which our end was never up: a failover all the same, with
    /// nothing to carry, so that the peer's ends.
    fn begin_half_failover(
        &mut self,
        bearer: BearerId,
        parallel: Option<BearerId>,
        now: Instant,
        out: &mut PeerOut<'_, F>,
    ) {
        if !self.is_link_up(bearer) {
            return;
        }
        self.keep_order(bearer);
        let Some(link) = self.link(bearer) else {
            return;
        };
        let kind = TunnelKind::Failover(1, None);
        let header = self.tunnel_header(link.peer().bearer, kind);
        self.change.point = link.next_expected().plus(FAR);
        let inner = dummy(self.own, self.address, SeqNo(0), SeqNo(0));
        let mut tunnels = F::List::default();
        let frame: Option<F> = F::new(&header.write(DUMMY), &[&inner], 0);
        tunnels_push(&mut tunnels, frame);
        let _ = self.send_tunnels(bearer, &mut tunnels, now, out);
        if let Some((slot, mut out)) = self.slot_mut(bearer).zip(out.of(bearer)) {
            slot.link.take_over(Handover::of_unborn(), &mut out);
        }
        if let Some(other) = parallel {
            // A new session: with the one it may have begun it would take no RESET afterwards, and
            // if the peer's end did the same, both would wait for ever, as C's do.
            self.reset_link(other, out);
            self.event(other, Event::FailoverBegin);
        }
        self.contact.on(fsm::Event::FailoverBegin);
    }

    /// The link on `bearer` takes over. If it waited for the lost one, it waits for the tunnels now:
    /// what it has for us was sent after what is in them. (C delivers it before them.)
    fn keep_order(&mut self, bearer: BearerId) {
        if self.state(bearer) == Some(State::Synching) {
            if let Some(slot) = self.slot_mut(bearer) {
                slot.link.hold_back();
            }
        }
        self.end_synch(bearer);
    }

    /// Everything the lost link carried has been delivered by the one on `bearer`: it may come up
    /// again.
    pub(super) fn end_failover(
        &mut self,
        bearer: BearerId,
        parallel: Option<BearerId>,
        out: &mut PeerOut<'_, F>,
    ) {
        if let Some((slot, mut out)) = self.slot_mut(bearer).zip(out.of(bearer)) {
            slot.link.let_go(&mut out);
        }
        self.contact.on(fsm::Event::FailoverEnd);
        if let Some(other) = parallel {
            if self.state(other) == Some(State::FailingOver) {
                self.event(other, Event::FailoverEnd);
            }
        }
    }

    /// The peer tells on a new link how far the older one is. That may be up on its side only: then
    /// what it carries is still to come, by itself or in tunnels. (C does not wait for it.)
    pub(super) fn on_synch(
        &mut self,
        bearer: BearerId,
        older: BearerId,
        point: SeqNo,
        now: Instant,
        out: &mut PeerOut<'_, F>,
    ) -> News {
        let mut news = News::NONE;
        if !self.is_link_up(bearer) {
            news = self.on_link_up(bearer, now, out);
        }
        let comes = |state: State| state != State::FailingOver;
        let waits = self.state(older).is_some_and(comes);
        if waits && self.contact.state() == fsm::State::Up && self.is_link_up(bearer) {
            self.change.point = point;
            self.event(bearer, Event::SynchBegin);
            self.contact.on(fsm::Event::SynchBegin);
        }
        news
    }
}

fn tunnels_push<F: Frame, L: FrameList<F>>(list: &mut L, frame: Option<F>) {
    if let Some(frame) = frame {
        list.push_back(frame);
    }
}
