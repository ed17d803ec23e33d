// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! What comes from the peer, what goes to it, and time.
//!
//! In: packets of the links to the peer, messages for it, ticks; out: through the links. Replaces C
//! `node.c:tipc_rcv` after the look-up of the node, `tipc_node_check_state`, `tipc_node_xmit` and
//! `tipc_node_timeout`.

use super::fsm;
use super::gate::{self, Gate, Signs};
use super::{News, Peer, PeerOut, CHANGE_PATIENCE};
use crate::proto::frame::{Frame, FrameList};
use crate::proto::link::{Events, SendError, Sent, State, Verdict, Whole};
use crate::proto::vocab::{BearerId, Capability, Instant, Level, PortId, SeqNo};
use crate::proto::wire::{Header, Protocol, Tunnel, TunnelKind, User};

/// What a packet is, as far as a failover or a synchronisation goes.
#[derive(Clone, Copy)]
struct Seen {
    user: User,
    seqno: SeqNo,
    tunnel: Option<TunnelKind>,
}

impl Seen {
    fn of(header: Header<'_>) -> Self {
        Seen {
            user: header.user(),
            seqno: header.seqno(),
            tunnel: match header.user() {
                User::Tunnel => Tunnel::read(header).map(|tunnel| tunnel.kind),
                _ => None,
            },
        }
    }
}

impl<F: Frame> Peer<F> {
    /// A packet of the link on `bearer` has come in. It has passed the door, and is not a broadcast
    /// or a beacon. Packets of user `Link` are contiguous.
    #[inline(always)]
    pub fn rx(
        &mut self,
        bearer: BearerId,
        frame: F,
        now: Instant,
        out: &mut PeerOut<'_, F>,
    ) -> News {
        let header = frame.header();
        let ours = header.dest_node().is_none_or(|node| node == self.own);
        if !ours || header.previous_node() != self.address {
            out.spent.push_back(frame);
            return News::NONE;
        }
        let (news, events) = match header.user() {
            User::Link => self.rx_protocol(bearer, frame, now, out),
            _ => self.rx_packet(bearer, frame, now, out),
        };
        news.or(self.act(bearer, events, now, out))
    }

    /// Does what a link asks for.
    fn act(
        &mut self,
        bearer: BearerId,
        events: Events,
        now: Instant,
        out: &mut PeerOut<'_, F>,
    ) -> News {
        let mut news = News::NONE;
        if events.has(Events::ROOM) {
            news = News::ROOM;
        }
        if events.has(Events::UP) {
            news = news.or(self.on_link_up(bearer, now, out));
        }
        if events.has(Events::DOWN) {
            news = news.or(self.on_link_down(bearer, now, out));
        }
        news
    }

    #[inline(never)]
    fn rx_protocol(
        &mut self,
        bearer: BearerId,
        frame: F,
        now: Instant,
        out: &mut PeerOut<'_, F>,
    ) -> (News, Events) {
        let gap_acks = self.capabilities.has(Capability::GapAck);
        let mut result = (News::NONE, Events::NONE);
        let mut keep = false;
        let data = frame.data();
        let message = data.and_then(|data| Protocol::read(frame.header(), data, gap_acks));
        if let Some(message) = message {
            let signs = Signs {
                link_up: message.link_is_up(),
                node_up: message.node_is_up(),
            };
            // In contact the link looks itself.
            let valid = self.contact.state() == fsm::State::Up
                || self.link(bearer).is_some_and(|l| l.is_valid(&message));
            if valid {
                let knows_when = self.capabilities.has(Capability::BroadcastSynch);
                let (tell, more) = self.broadcast.on_protocol(&message, knows_when);
                keep = more;
                let (pass, news) = self.admit(bearer, &frame, signs, now, out);
                result.0 = news;
                let link = self.link_at(bearer, now).zip(out.of(bearer));
                if let Some(((link, context), mut out)) = link.filter(|_| pass) {
                    result.1 = link.rx_protocol(&message, &context, &mut out);
                    if tell.0 {
                        link.tell_state(&context, &mut out);
                    }
                }
            }
        }
        match keep {
            true => self.broadcast.keep(frame, gap_acks, bearer),
            false => out.spent.push_back(frame),
        }
        result
    }

    #[inline(always)]
    fn rx_packet(
        &mut self,
        bearer: BearerId,
        frame: F,
        now: Instant,
        out: &mut PeerOut<'_, F>,
    ) -> (News, Events) {
        let signs = Signs {
            link_up: true,
            node_up: true,
        };
        let (pass, news) = self.admit(bearer, &frame, signs, now, out);
        if !pass {
            out.spent.push_back(frame);
            return (news, Events::NONE);
        }
        if !frame.header().is_broadcast_ack_invalid() || frame.header().user() != User::Names {
            self.broadcast.on_ack(frame.header().broadcast_ack());
        }
        if !self.broadcast.receiver.is_up() {
            return (news, self.rx_first(bearer, frame, now, out));
        }
        match self.link_at(bearer, now).zip(out.of(bearer)) {
            Some(((link, context), mut out)) => (news, link.rx(frame, &context, &mut out)),
            None => {
                out.spent.push_back(frame);
                (news, Events::NONE)
            }
        }
    }

    /// Whether a packet counts, after it has told what it tells of contact. Nearly every one passes
    /// with two comparisons, which a call would cost more than.
    #[inline(always)]
    fn admit(
        &mut self,
        bearer: BearerId,
        frame: &F,
        signs: Signs,
        now: Instant,
        out: &mut PeerOut<'_, F>,
    ) -> (bool, News) {
        let Some(link) = self.link(bearer) else {
            return (false, News::NONE);
        };
        let (next, up) = (link.next_expected(), link.state().is_up());
        let (header, tunnel) = (frame.header(), frame.header().user() == User::Tunnel);
        let (event, verdict) = gate::check(self.contact.state(), tunnel, up, signs);
        if let Some(event) = event {
            self.contact.on(event);
        }
        match verdict {
            Gate::Pass => (true, News::NONE),
            Gate::Drop => (false, News::NONE),
            // The link knows a packet that it has had.
            Gate::Look if header.user() != User::Link && header.seqno().less(next) => {
                (true, News::NONE)
            }
            Gate::Look => self.look(bearer, Seen::of(header), next, now, out),
        }
    }

    /// Follows a failover or a synchronisation by a packet of the link on `bearer`, which expects
    /// packet `next`. Whether the packet goes on to the link.
    #[cold]
    #[inline(never)]
    fn look(
        &mut self,
        bearer: BearerId,
        seen: Seen,
        next: SeqNo,
        now: Instant,
        out: &mut PeerOut<'_, F>,
    ) -> (bool, News) {
        let parallel = self.parallel(bearer);
        let mut news = News::NONE;
        if let Some(TunnelKind::Failover(count, _)) = seen.tunnel {
            news = self.on_failover(bearer, parallel, seen.seqno, count, now, out);
        }
        // What has just lost contact cannot make it. (C's link may come up here, unnoticed.)
        if news.has(News::LOST) {
            return (false, news);
        }
        if self.contact.state() == fsm::State::FailingOver && self.is_link_up(bearer) {
            if next.more(self.change.point) {
                self.end_failover(bearer, parallel, out);
            }
            return (true, news);
        }
        let Some(parallel) = parallel else {
            self.end_synch(bearer);
            return (true, news);
        };
        if let (Some(TunnelKind::Synch(point)), SeqNo(1)) = (seen.tunnel, seen.seqno) {
            news = news.or(self.on_synch(bearer, parallel, point, now, out));
        }
        if self.contact.state() != fsm::State::Synching {
            return (true, news);
        }
        (self.wait_in_synch(bearer, parallel, seen), news)
    }

    /// In a synchronisation: whether a packet of the link on `bearer` goes on. Those of the older
    /// link do; those of the newer wait until the older has delivered what was before them, and
    /// are sent again.
    fn wait_in_synch(&mut self, bearer: BearerId, parallel: BearerId, seen: Seen) -> bool {
        let newer = if self.state(bearer) == Some(State::Synching) {
            bearer
        } else {
            parallel
        };
        let older = if newer == bearer { parallel } else { bearer };
        let delivered = self.link(older).map(|link| link.next_expected());
        if delivered.is_some_and(|next| next.more(self.change.point)) {
            self.end_synch(newer);
            return true;
        }
        let synch = matches!(seen.tunnel, Some(TunnelKind::Synch(_)));
        older == bearer || synch || seen.user == User::Link
    }

    /// Sends one message, in one packet or in fragments, by the link for `sender`. What is not
    /// taken goes to `out.spent`, but what is too large stays where it is.
    pub fn send(
        &mut self,
        frames: &mut F::List,
        sender: PortId,
        now: Instant,
        out: &mut PeerOut<'_, F>,
    ) -> (Result<Sent, SendError>, News) {
        let Some(bearer) = self.slots.choose(sender) else {
            out.spent.append(frames);
            return (Err(SendError::Down), News::NONE);
        };
        let Some(((link, context), mut link_out)) = self.link_at(bearer, now).zip(out.of(bearer))
        else {
            out.spent.append(frames);
            return (Err(SendError::Down), News::NONE);
        };
        let sent = link.send(frames, &context, &mut link_out);
        let news = match sent {
            // What TIPC itself has to say must not be lost: contact begins anew.
            Err(SendError::Overflow) => self.fail(bearer, now, out),
            Ok(_) | Err(SendError::TooLarge { .. } | SendError::Down) => News::NONE,
        };
        (sent, news)
    }

    /// Sends a message that is one packet, of `level`, by the link for `sender`, if it fits and need not
    /// wait. If not, or without contact, it stays where it is.
    #[inline]
    pub fn send_whole(
        &mut self,
        whole: &mut Option<F>,
        level: Level,
        sender: PortId,
        now: Instant,
        out: &mut PeerOut<'_, F>,
    ) -> Whole {
        let bearer = self.slots.choose(sender);
        let link = bearer.and_then(|bearer| self.link_at(bearer, now).zip(out.of(bearer)));
        let Some(((link, context), mut out)) = link else {
            return Whole::Made(Err(SendError::Down));
        };
        link.send_whole(whole, level, &context, &mut out)
    }

    /// When to call `tick`.
    pub fn next_tick(&self) -> Instant {
        self.next_tick
    }

    /// The time for a tick has come. `verdict` is the monitor's on each link.
    pub fn tick(
        &mut self,
        verdict: impl Fn(BearerId) -> Verdict,
        now: Instant,
        out: &mut PeerOut<'_, F>,
    ) -> News {
        let interval = self.set_intervals();
        self.next_tick = now.after(interval);
        let mut news = News::NONE;
        let (own, [first, ..]) = (self.own, BearerId::ALL);
        if let Some(mut out) = out.of(first) {
            // What memory was refused for the last time.
            let _ = self.broadcast.receiver.take_deferred(own, &mut out);
        }
        for bearer in BearerId::ALL {
            let verdict = verdict(bearer);
            let Some(((link, context), mut link_out)) =
                self.link_at(bearer, now).zip(out.of(bearer))
            else {
                continue;
            };
            let events = link.tick(verdict, &context, &mut link_out);
            news = news.or(self.act(bearer, events, now, out));
        }
        self.broadcast.tick();
        if self.is_change_stuck(now) {
            news = news.or(self.fail_all(now, out));
        }
        news
    }

    /// Whether a failover or a synchronisation has not got any further for too long.
    fn is_change_stuck(&mut self, now: Instant) -> bool {
        let next = |b| self.link(b).map_or(SeqNo(0), |link| link.next_expected());
        let seen = BearerId::ALL.map(next);
        let changing = matches!(
            self.contact.state(),
            fsm::State::FailingOver | fsm::State::Synching
        );
        if !changing || seen != self.change.seen {
            self.change.seen = seen;
            self.change.since = now;
        }
        now.since(self.change.since) > u64::from(CHANGE_PATIENCE)
    }
}
