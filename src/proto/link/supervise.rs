// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! Supervision of a link: silence, sessions, and what the two ends agree on.
//!
//! In: ticks and protocol messages; out: whether to send one, to believe one, or to give up.
//! Replaces the session and supervision fields of C `struct tipc_link`, `link.c:tipc_link_timeout`
//! and `tipc_link_validate_msg`.

use crate::proto::vocab::{Capability, SeqNo, SessionNo};
use crate::proto::wire::{Body, Protocol, INTERFACE_NAME};

use super::{Config, State};

/// Tolerances a link may have, in ms (uAPI `TIPC_MIN_LINK_TOL`, `TIPC_MAX_LINK_TOL`).
pub const MIN_TOLERANCE: u32 = 50;
/// See `MIN_TOLERANCE`.
pub const MAX_TOLERANCE: u32 = 30_000;
/// The tolerance links have if nobody says otherwise, in ms (uAPI `TIPC_DEF_LINK_TOL`).
pub const DEFAULT_TOLERANCE: u32 = 1500;
/// The highest priority of a link (uAPI `TIPC_MAX_LINK_PRI`).
pub const MAX_PRIORITY: u8 = 31;

/// A tick comes at least so often, in ms (C `node.c:tipc_node_calculate_timer`).
const MAX_INTERVAL: u32 = 500;
/// Ticks in which a reset end sends RESET each time; afterwards at each `RARE_RESETS`th.
const FREQUENT_RESETS: u16 = 5;
const RARE_RESETS: u16 = 16;

/// Milliseconds between ticks for links of which the least tolerant tolerates `tolerance` ms.
pub fn interval(tolerance: u32) -> u32 {
    (tolerance / 4).clamp(1, MAX_INTERVAL)
}

/// Ticks of `interval` ms in `tolerance` ms.
fn ticks(tolerance: u32, interval: u32) -> u32 {
    tolerance.checked_div(interval).unwrap_or(0)
}

/// What the supervision of the cluster (the monitor) wants of a link.
#[derive(Clone, Copy, Default)]
pub struct Verdict {
    /// The peer is known to be lost.
    pub lost: bool,
    /// Ask the peer.
    pub probe: bool,
    /// This node watches the peer itself, so that its silence counts.
    pub watch: bool,
}

impl Verdict {
    /// What holds in small clusters and without a monitor: everybody watches everybody.
    pub const WATCH: Verdict = Verdict {
        lost: false,
        probe: false,
        watch: true,
    };
}

/// The peer's end, as far as it has told.
#[derive(Clone, Copy, Default)]
pub struct Peer {
    pub(super) session: SessionNo,
    /// Whether that session is known.
    pub(super) in_session: bool,
    /// The number of its next state message at least.
    pub(super) next_state: SeqNo,
    /// The number of its bearer.
    pub bearer: u8,
    /// The name of its interface; zero bytes before it was told.
    pub interface: [u8; INTERFACE_NAME],
}

impl Peer {
    /// Its session, if it has told.
    pub fn session(&self) -> SessionNo {
        self.session
    }
}

/// The supervising part of a link.
pub(super) struct Supervisor {
    pub session: SessionNo,
    pub peer: Peer,
    pub tolerance: u32,
    pub priority: u8,
    pub plane: u8,
    /// The number of the next state message.
    pub next_state: SeqNo,
    /// Ticks since something was heard.
    silent: u32,
    /// So many may pass.
    limit: u32,
    /// Ticks since the reset.
    resets: u16,
    /// The number of the next packet at the last tick.
    checkpoint: SeqNo,
}

impl Supervisor {
    pub fn new(config: &Config, session: SessionNo) -> Self {
        Supervisor {
            session,
            peer: Peer::default(),
            tolerance: config.tolerance,
            priority: config.priority,
            plane: config.plane,
            next_state: SeqNo(1),
            silent: 0,
            limit: ticks(config.tolerance, interval(config.tolerance)),
            resets: 0,
            checkpoint: SeqNo(0),
        }
    }

    /// A new session; the peer's must be told anew.
    pub fn reset(&mut self) {
        self.peer.in_session = false;
        self.peer.session = self.peer.session.previous();
        self.session = self.session.next();
        self.next_state = SeqNo(1);
        self.peer.next_state = SeqNo(1);
        self.silent = 0;
        self.resets = 0;
    }

    /// The peer was heard.
    pub fn on_heard(&mut self) {
        self.silent = 0;
    }

    /// Ticks come every `interval` ms from now on.
    pub fn set_interval(&mut self, interval: u32) {
        self.limit = ticks(self.tolerance, interval);
    }

    /// Whether the peer was silent for too long.
    pub fn has_failed(&self) -> bool {
        self.silent > self.limit
    }

    /// Whether it will be at the next tick or the one after it.
    pub fn is_too_silent(&self) -> bool {
        self.silent.saturating_add(2) > self.limit
    }

    /// A tick of a link that is up; whether to ask the peer, as far as silence and the monitor go.
    pub fn tick(&mut self, verdict: Verdict) -> bool {
        let probe = verdict.probe || self.silent > 0;
        if probe || verdict.watch {
            self.silent = self.silent.saturating_add(1);
        }
        probe
    }

    /// Whether nothing was sent since the last call.
    pub fn is_resting(&mut self, next: SeqNo) -> bool {
        core::mem::replace(&mut self.checkpoint, next) == next
    }

    /// A tick of a link that was reset; whether to send RESET.
    pub fn is_reset_due(&mut self) -> bool {
        let early = self.resets < FREQUENT_RESETS;
        self.resets = self.resets.wrapping_add(1);
        early || self.resets % RARE_RESETS == 0
    }

    /// Whether a message of the peer may be believed: of the right session, and not an old one.
    pub fn is_valid(&self, message: &Protocol<'_>, state: State, config: &Config) -> bool {
        let (session, current) = (message.end.session, self.peer.session);
        match message.body {
            Body::Reset(_) => !self.peer.in_session || session.more(current),
            Body::Activate(..) => !self.peer.in_session || !session.less(current),
            Body::State(_) => {
                let numbered = config.capabilities.has(Capability::StateSeqNo);
                let seqno = message.progress.seqno;
                self.peer.in_session
                    && session == current
                    && (state.is_up() || message.progress.ack == SeqNo(0))
                    && !(numbered && seqno.less(self.peer.next_state))
            }
        }
    }

    /// Takes the tolerance the peer wishes, if it may be had.
    pub fn on_tolerance(&mut self, tolerance: u16) {
        let tolerance = u32::from(tolerance);
        if (MIN_TOLERANCE..=MAX_TOLERANCE).contains(&tolerance) {
            self.tolerance = tolerance;
        }
    }
}
