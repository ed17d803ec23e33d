// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! The messages two ends of a link send each other about the link: built, and acted on.
//!
//! In: a checked message of the peer, or a wish to send one; out: messages for the bearer, and what
//! has to happen. Replaces C `link.c:tipc_link_build_proto_msg` and `tipc_link_proto_rcv`.

use super::release::Report as Acknowledged;
use super::stats::count;
use super::{Context, Event, Events, Link, State, MAX_PRIORITY};
use crate::proto::frame::{Frame, FrameList, Out};
use crate::proto::vocab::{Capability, SeqNo, SessionNo};
use crate::proto::wire::{
    Body, BroadcastProgress, End, GapWriter, Progress, Protocol, Report, Setup, Wish,
    INTERNAL_HEADER,
};

/// The oldest packet may be sent again for so many tolerances (C `link.c:link_retransmit_failure`).
pub const PATIENCE: u32 = 10;

/// What a state message is for.
#[derive(Clone, Copy, Default)]
pub(super) struct Purpose {
    /// To ask.
    pub probe: bool,
    /// To answer.
    pub reply: bool,
    /// To tell of so many missing packets.
    pub gap: u16,
    /// To tell what this end wants.
    pub wish: Wish,
}

impl<F: Frame> Link<F> {
    fn end(&self) -> End {
        End {
            node: self.config.own,
            session: self.supervisor.session,
            bearer: self.config.bearer,
            plane: self.supervisor.plane,
        }
    }

    fn message<'b>(&self, seqno: SeqNo, context: &Context<'_>, body: Body<'b>) -> Protocol<'b> {
        let broadcast = context.broadcast();
        Protocol {
            end: self.end(),
            to: self.config.peer,
            progress: Progress {
                seqno,
                ack: self.recv.next().previous(),
                next_sent: self.send.next(),
            },
            broadcast: BroadcastProgress {
                ack: broadcast.ack,
                ack_invalid: !broadcast.up,
                last_sent: broadcast.last_sent,
                node_up: broadcast.up,
            },
            wish: Wish::default(),
            body,
        }
    }

    /// Sends a state message, if the link is up.
    pub(super) fn send_state(
        &mut self,
        purpose: Purpose,
        context: &Context<'_>,
        out: &mut Out<'_, F>,
    ) {
        if !self.state.is_up() {
            return;
        }
        let keepalive = purpose.probe || purpose.reply;
        let gap = match keepalive && !self.recv.deferred.is_empty() {
            true => self.recv.gap(),
            false => purpose.gap,
        };
        let report = Report {
            probe: purpose.probe,
            keepalive,
            gap,
            broadcast_gap: context.broadcast().gap,
            ..Report::default()
        };
        let seqno = match self.config.capabilities.has(Capability::StateSeqNo) {
            true => self.supervisor.next_state,
            false => self.send.next().plus(u16::MAX / 2),
        };
        let mut message = self.message(seqno, context, Body::State(report));
        message.wish = purpose.wish;
        let mut gaps = GapWriter::new();
        let record = self.write_gaps(gap > 0, context, &mut gaps);
        let data = record.len().saturating_add(context.monitor.len());
        let header = message.write(data);
        let Some(frame) = F::new(&header, &[record, context.monitor], 0) else {
            return;
        };
        out.wire.push_back(frame);
        self.supervisor.next_state = self.supervisor.next_state.next();
        self.recv.unacked = 0;
        let sent = &mut self.stats.sent;
        count(&mut sent.states);
        if purpose.probe {
            count(&mut sent.probes);
        }
        if gap > 0 {
            count(&mut sent.nacks);
        }
    }

    /// Tells the peer where this end is, because of what was broadcast.
    pub fn tell_state(&mut self, context: &Context<'_>, out: &mut Out<'_, F>) {
        if self.state.is_up() {
            count(&mut self.stats.sent_acks);
            self.send_state(Purpose::default(), context, out);
        }
    }

    /// The gap/ack record: of broadcasts always, of this link's packets only if some are missing.
    fn write_gaps<'w>(
        &self,
        unicast: bool,
        context: &Context<'_>,
        writer: &'w mut GapWriter,
    ) -> &'w [u8] {
        if !self.config.capabilities.has(Capability::GapAck) {
            return &[];
        }
        if let Some(gaps) = context.broadcast().gaps {
            gaps.for_each(&mut |gap| writer.push_broadcast(gap));
        }
        if unicast {
            self.recv
                .deferred
                .for_each_gap(|gap| writer.push_unicast(gap));
        }
        writer.finish()
    }

    /// Sends RESET, or ACTIVATE if the peer's RESET has been seen. `stopping` says that this end
    /// goes down and the peer has to set up the whole link again.
    pub fn send_setup(&mut self, stopping: bool, context: &Context<'_>, out: &mut Out<'_, F>) {
        if self.state.is_blocked() || self.state.is_up() {
            return;
        }
        let setup = Setup {
            max_packet: self.config.mtu,
            interface: self.config.interface,
            stopping: stopping && self.state == State::Reset,
        };
        let body = match self.state == State::Establishing {
            true => Body::Activate(setup, Some(self.supervisor.peer.session)),
            false => Body::Reset(setup),
        };
        let seqno = self.send.next().plus(u16::MAX / 2);
        let message = self.message(seqno, context, body);
        let header: [u8; INTERNAL_HEADER] = message.write(setup.interface.len());
        if let Some(frame) = F::new(&header, &[&setup.interface], 0) {
            out.wire.push_back(frame);
        }
    }

    /// Whether a message of the peer's is of its session and not an old one. `rx_protocol` asks
    /// itself; `peer` asks before it acts on one.
    pub fn is_valid(&self, message: &Protocol<'_>) -> bool {
        self.supervisor.is_valid(message, self.state, &self.config)
    }

    /// Acts on a message of the peer's.
    pub fn rx_protocol(
        &mut self,
        message: &Protocol<'_>,
        context: &Context<'_>,
        out: &mut Out<'_, F>,
    ) -> Events {
        if self.state.is_blocked() {
            return Events::NONE;
        }
        // The lower node names the plane, whatever the message says.
        if self.config.own.0 > message.end.node.0 {
            self.supervisor.plane = message.end.plane;
        }
        if !self.is_valid(message) {
            return Events::NONE;
        }
        match &message.body {
            Body::Reset(setup) => self.on_setup(message, setup, None),
            Body::Activate(setup, session) => {
                // An old peer's says nothing about our session.
                let known = session.unwrap_or(self.supervisor.session);
                self.on_setup(message, setup, Some(known))
            }
            Body::State(report) => self.on_state(message, report, context, out),
        }
    }

    /// RESET, or ACTIVATE with the session the peer believes this end to be in.
    fn on_setup(
        &mut self,
        message: &Protocol<'_>,
        setup: &Setup,
        activate: Option<SessionNo>,
    ) -> Events {
        if setup.max_packet < self.config.min_mtu {
            return Events::NONE;
        }
        let supervisor = &mut self.supervisor;
        supervisor.peer.interface = setup.interface;
        supervisor.on_tolerance(message.wish.tolerance);
        if (supervisor.priority.saturating_add(1)..=MAX_PRIORITY).contains(&message.wish.priority) {
            supervisor.priority = message.wish.priority;
        }
        if setup.stopping {
            return self.event(Event::Failure);
        }
        if let Some(session) = activate {
            if session != supervisor.session {
                // This end was made anew while the peer was establishing: go beyond what it knows.
                if supervisor.session.less(session) {
                    supervisor.session = session.next();
                }
                // Both ends are ready, each for a session of the other that is over: this end
                // answers the one that is. (C's ends wait for each other for ever.)
                let peer = &mut supervisor.peer;
                let newer = !peer.in_session || message.end.session.more(peer.session);
                if self.state == State::Establishing && newer {
                    peer.session = message.end.session;
                    peer.in_session = true;
                    peer.bearer = message.end.bearer;
                }
                return Events::NONE;
            }
        }
        let mut events = Events::NONE;
        if activate.is_none() || !self.state.is_up() {
            events = self.event(Event::PeerReset);
        }
        if activate.is_some() && self.state == State::Establishing {
            events = Events::UP;
        }
        let peer = &mut self.supervisor.peer;
        peer.session = message.end.session;
        peer.in_session = true;
        peer.bearer = message.end.bearer;
        self.mtu = self.mtu.min(setup.max_packet);
        events
    }

    fn on_state(
        &mut self,
        message: &Protocol<'_>,
        report: &Report<'_>,
        context: &Context<'_>,
        out: &mut Out<'_, F>,
    ) -> Events {
        let supervisor = &mut self.supervisor;
        supervisor.peer.next_state = message.progress.seqno.next();
        supervisor.on_tolerance(message.wish.tolerance);
        supervisor.on_heard();
        count(&mut self.stats.received.states);
        if report.probe {
            count(&mut self.stats.received.probes);
        }
        let mut events = Events::NONE;
        let priority = message.wish.priority;
        if priority != supervisor.priority && (1..=MAX_PRIORITY).contains(&priority) {
            supervisor.priority = priority;
            events = self.event(Event::Failure);
        }
        if !self.state.is_up() {
            return match self.state {
                State::Establishing => Events::UP,
                _ => events,
            };
        }
        self.answer(message, report, context, out);
        events.or(self.on_acked(message, report, context, out))
    }

    /// Answers a probe, and tells of what is missing if the peer has sent more than has come.
    fn answer(
        &mut self,
        message: &Protocol<'_>,
        report: &Report<'_>,
        context: &Context<'_>,
        out: &mut Out<'_, F>,
    ) {
        let (next, sent) = (self.recv.next(), message.progress.next_sent);
        let asks = report.probe || report.keepalive;
        let missing = asks
            && sent.more(next)
            && self.state != State::Synching
            && self.recv.deferred.is_empty();
        let gap = if missing { sent.since(next) } else { 0 };
        if gap > 0 || report.probe {
            let purpose = Purpose {
                reply: report.probe,
                gap,
                ..Purpose::default()
            };
            self.send_state(purpose, context, out);
        }
    }

    /// Lets go what has arrived, sends again what has not.
    fn on_acked(
        &mut self,
        message: &Protocol<'_>,
        report: &Report<'_>,
        context: &Context<'_>,
        out: &mut Out<'_, F>,
    ) -> Events {
        let at = self.at(context);
        let patience = self.supervisor.tolerance.saturating_mul(PATIENCE);
        let acknowledged = Acknowledged {
            ack: message.progress.ack,
            gap: report.gap,
            blocks: report.gaps.unicast(),
        };
        let acked = self
            .send
            .on_report(acknowledged, patience, at, &mut self.stats, out);
        if report.gap > 0 {
            count(&mut self.stats.received.nacks);
        }
        if acked.repeated > 0 {
            self.send.window.on_repeat();
        } else if acked.released > 0 {
            self.send.grow(acked.released);
        }
        let mut events = Events::NONE;
        if acked.failed {
            events = self.event(Event::Failure);
        }
        if self.state.is_up() && acked.released > 0 {
            self.advance(context, out);
        }
        events.or(self.room())
    }
}
