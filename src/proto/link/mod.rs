// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! Room `link`: one end of one link to one neighbour. Packets arrive once, in order, or the link
//! goes down and says so.
//!
//! In: messages from above (`send`), checked packets from below (`rx`, `rx_protocol`), time
//! (`tick`); out: packets, whole messages and what is to be freed in `Out`, and a set of `Events`
//! that `peer` must act on. Replaces C `link.c`, the broadcast link excepted.
//!
//! The caller holds the lock of whose content the link is a part. It sees to it that
//! - `tick` is called every `interval` ms,
//! - after `Events::UP` it calls `establish`, if it agrees, and after `Events::DOWN` it calls
//!   `reset` and then gives `Event::Reset`,
//! - after `Events::ROOM`, and after `reset`, it wakes as many senders as `take_senders` says,
//! - `Out::wire` is sent, `Out::up` is delivered in order and `Out::spent` is freed, all after the
//!   unlock.
#![deny(clippy::arithmetic_side_effects, clippy::indexing_slicing)]
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod bundle;
mod fragment;
mod fsm;
mod name;
mod queue;
mod recv;
mod release;
mod report;
mod rx;
mod send;
mod stats;
mod supervise;
mod takeover;
mod terms;
mod tick;
mod window;

use crate::proto::frame::{Frame, FrameList, Out};
use crate::proto::vocab::{Capabilities, Instant, Level, SeqNo, SessionNo};
use crate::proto::wire::{Wish, INTERNAL_HEADER};
use report::Purpose;
use stats::{add, count};
use supervise::Supervisor;

pub use fragment::{pieces, put_together, step_of, Piece, MAX_PARTS};
pub use fsm::{step, Event, State, Step};
pub use name::{LinkName, Named, BROADCAST_LINK, LINK_NAME};
pub use queue::{Deferred, Gaps, SortedQueue, MAX_DEFERRED_BYTES, MAX_STEPS};
pub use recv::{RecvHalf, Taken, MAX_WINDOW};
pub use release::{has_failed, repeat};
pub use report::PATIENCE;
pub use send::{Acks, Audience, SendHalf};
pub use stats::{add as add_to, count as count_one};
pub use stats::{Profile, Stats, Traffic};
pub use supervise::{
    interval, Peer, Verdict, DEFAULT_TOLERANCE, MAX_PRIORITY, MAX_TOLERANCE, MIN_TOLERANCE,
};
pub use takeover::Handover;
pub use terms::{BroadcastView, Broadcasts, Config, Context, Events, SendError, Sent, Whole};
pub use window::Window;

/// Bytes of a packet left free for an encryption header and tag (C `EMSG_OVERHEAD`).
const CRYPTO_RESERVE: u32 = 32;

/// One end of a link.
pub struct Link<F: Frame> {
    config: Config,
    state: State,
    supervisor: Supervisor,
    send: SendHalf<F>,
    recv: RecvHalf<F>,
    stats: Stats,
    /// The largest packet both ends take.
    mtu: u32,
}

impl<F: Frame> Link<F> {
    /// A link that is to be set up; `session` is random. It is in `State::Resetting`.
    pub fn new(config: Config, session: SessionNo) -> Self {
        let mut send = SendHalf::new(config.window);
        send.set_limits(config.mtu);
        Link {
            config,
            state: State::Resetting,
            supervisor: Supervisor::new(&config, session),
            send,
            recv: RecvHalf::new(),
            stats: Stats::default(),
            mtu: config.mtu,
        }
    }

    /// Where it is.
    pub fn state(&self) -> State {
        self.state
    }

    /// What it was made with.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// What the peer's end has told.
    pub fn peer(&self) -> &Peer {
        &self.supervisor.peer
    }

    /// What it has counted since the last reset.
    pub fn stats(&self) -> &Stats {
        &self.stats
    }

    /// Counts from 0 again.
    pub fn reset_stats(&mut self) {
        self.stats = Stats::default();
    }

    /// Silence that is tolerated, in ms.
    pub fn tolerance(&self) -> u32 {
        self.supervisor.tolerance
    }

    /// Priority among the links to that neighbour.
    pub fn priority(&self) -> u8 {
        self.supervisor.priority
    }

    /// The network plane, 0 to 7.
    pub fn plane(&self) -> u8 {
        self.supervisor.plane
    }

    /// The send window.
    pub fn window(&self) -> &Window {
        &self.send.window
    }

    /// The largest packet, in bytes.
    pub fn mtu(&self) -> u32 {
        self.mtu
    }

    /// The largest packet users may make, in bytes: room is left for a tunnel's header and for
    /// encryption.
    pub fn mss(&self) -> u32 {
        self.mtu
            .saturating_sub(INTERNAL_HEADER as u32)
            .saturating_sub(CRYPTO_RESERVE)
    }

    /// The number of the packet expected next.
    pub fn next_expected(&self) -> SeqNo {
        self.recv.next()
    }

    /// The number of the last packet that is on its way or waits.
    pub fn last_queued(&self) -> SeqNo {
        let waiting = self.send.backlog() as u16;
        self.send.next().plus(waiting).previous()
    }

    /// Packets that are on their way or wait.
    pub fn queued(&self) -> usize {
        self.send.queued()
    }

    /// Whether no more of this level should be sent for now.
    pub fn is_full(&mut self, level: Level) -> bool {
        self.send.is_full(level)
    }

    /// Packets that came too early.
    pub fn deferred(&self) -> usize {
        self.recv.deferred.len()
    }

    /// Whether the peer will soon have been silent for too long.
    pub fn is_too_silent(&self) -> bool {
        self.supervisor.is_too_silent()
    }

    /// The neighbour's abilities have changed.
    pub fn set_capabilities(&mut self, capabilities: Capabilities) {
        self.config.capabilities = capabilities;
    }

    /// `tick` is called every `interval` ms from now on.
    pub fn set_interval(&mut self, interval: u32) {
        self.supervisor.set_interval(interval);
    }

    /// Sets the send window and the limits of the backlog that go with it.
    pub fn set_window(&mut self, min: u16, max: u16) {
        self.send.window = Window::new(min, max);
        self.send.set_limits(self.mtu);
    }

    /// Sets the tolerance, in ms, and tells the peer.
    pub fn set_tolerance(&mut self, ms: u32, context: &Context<'_>, out: &mut Out<'_, F>) {
        self.supervisor.tolerance = ms;
        let wish = Wish {
            priority: 0,
            tolerance: ms.min(u32::from(u16::MAX)) as u16,
        };
        self.tell(wish, context, out);
    }

    /// Sets the priority and tells the peer, which resets the link.
    pub fn set_priority(&mut self, priority: u8, context: &Context<'_>, out: &mut Out<'_, F>) {
        self.supervisor.priority = priority;
        let wish = Wish {
            priority,
            tolerance: 0,
        };
        self.tell(wish, context, out);
    }

    fn tell(&mut self, wish: Wish, context: &Context<'_>, out: &mut Out<'_, F>) {
        let purpose = Purpose {
            wish,
            ..Purpose::default()
        };
        self.send_state(purpose, context, out);
    }

    /// An event of the state machine.
    pub fn event(&mut self, event: Event) -> Events {
        match step(self.state, event) {
            Step::Stay => Events::NONE,
            Step::To(state) => {
                self.state = state;
                Events::NONE
            }
            Step::Down(state) => {
                self.state = state;
                Events::DOWN
            }
            Step::Illegal => {
                count(&mut self.stats.illegal_events);
                Events::NONE
            }
        }
    }

    /// Takes the link up and sends a state message, which must be the first the peer gets. Whether
    /// it is up now and was not.
    pub fn establish(&mut self, context: &Context<'_>, out: &mut Out<'_, F>) -> bool {
        if self.state.is_up() {
            return false;
        }
        let _ = self.event(Event::Establish);
        if !self.state.is_up() {
            return false;
        }
        count(&mut self.stats.sent_acks);
        self.send_state(Purpose::default(), context, out);
        true
    }

    /// Empties the link and begins a new session. Returns the senders to wake, by level. The state
    /// does not change: an `Event::Reset` must follow.
    pub fn reset(&mut self, out: &mut Out<'_, F>) -> [u32; Level::COUNT] {
        self.supervisor.reset();
        self.mtu = self.config.mtu;
        self.recv.reset(out.spent);
        let senders = self.send.reset(out.spent);
        self.stats = Stats::default();
        senders
    }

    /// How many senders of each level to wake.
    pub fn take_senders(&mut self) -> [u32; Level::COUNT] {
        self.send.take_senders()
    }

    fn room(&self) -> Events {
        match self.send.has_room() {
            true => Events::ROOM,
            false => Events::NONE,
        }
    }

    fn at(&self, context: &Context<'_>) -> (Instant, Acks) {
        let acks = Acks {
            packet: self.recv.next().previous(),
            broadcast: context.broadcast_ack,
        };
        (context.now, acks)
    }

    fn advance(&mut self, context: &Context<'_>, out: &mut Out<'_, F>) {
        let at = self.at(context);
        if self.send.advance(at, &mut self.stats, out) {
            self.recv.unacked = 0;
        }
    }

    /// Sends one message, in one packet or in fragments. What is not taken goes to `out.spent`, but
    /// what is too large stays where it is: it can be cut anew.
    pub fn send(
        &mut self,
        frames: &mut F::List,
        context: &Context<'_>,
        out: &mut Out<'_, F>,
    ) -> Result<Sent, SendError> {
        let Some(first) = frames.front() else {
            return Ok(Sent::Done);
        };
        let (len, level) = (first.len(), first.header().level());
        let refusal = if !self.state.is_up() {
            Some(SendError::Down)
        } else if len > self.mtu as usize {
            Some(SendError::TooLarge {
                most: self.mss() as usize,
            })
        } else if level == Level::System && self.send.is_full(level) {
            Some(SendError::Overflow)
        } else {
            None
        };
        if let Some(error) = refusal {
            if !matches!(error, SendError::TooLarge { .. }) {
                out.spent.append(frames);
            }
            return Err(error);
        }
        // One message more than there is room for: its sender learns to wait from it.
        let wait = self.send.is_full(level);
        if wait {
            self.send.add_sender(level);
            count(&mut self.stats.congested);
        }
        if frames.len() > 1 {
            count(&mut self.stats.sent.fragmented);
            add(&mut self.stats.sent.fragments, frames.len());
        }
        let (most, at) = (self.mss() as usize, self.at(context));
        let before = self.send.next();
        self.send
            .send(frames, most, self.config.peer, at, &mut self.stats, out);
        if self.send.next() != before {
            self.recv.unacked = 0;
        }
        Ok(if wait { Sent::Wait } else { Sent::Done })
    }

    /// Sends a message that is one packet, of `level`, if it fits and need not wait. If not, or if the
    /// link is down, it stays where it is.
    #[inline]
    pub fn send_whole(
        &mut self,
        whole: &mut Option<F>,
        level: Level,
        context: &Context<'_>,
        out: &mut Out<'_, F>,
    ) -> Whole {
        if !self.state.is_up() {
            return Whole::Made(Err(SendError::Down));
        }
        let (most, full) = (self.mss() as usize, self.send.is_full(level));
        let Some(frame) = whole.take_if(|frame| !full && frame.len() <= most) else {
            return Whole::Not { most, full };
        };
        let (at, before) = (self.at(context), self.send.next());
        self.send
            .send_one(frame, most, self.config.peer, at, &mut self.stats, out);
        if self.send.next() != before {
            self.recv.unacked = 0;
        }
        Whole::Made(Ok(Sent::Done))
    }

    /// Takes everything that is on its way or waits, numbered, for another link to carry in
    /// tunnels. None, and nothing is done, if memory is short.
    pub fn take_unacknowledged(&mut self) -> Option<F::List> {
        self.send.hand_over()
    }

    /// Takes what was received and not delivered, for the link that takes over.
    pub fn hand_over(&mut self) -> Handover<F> {
        Handover {
            next: self.recv.next(),
            deferred: self.recv.deferred.take_all(),
            reassembly: core::mem::replace(&mut self.recv.reassembly, fragment::Reassembly::new()),
        }
    }

    /// From now on holds messages back, but for those in tunnels: they were sent after what the
    /// tunnels bring.
    pub fn hold_back(&mut self) {
        self.recv.held = Some(recv::Held::new());
    }

    /// Delivers what was held back.
    pub fn let_go(&mut self, out: &mut Out<'_, F>) {
        if let Some(mut held) = self.recv.held.take() {
            out.up.append(&mut held.list);
        }
    }

    /// From now on delivers what comes in tunnels where the lost link was.
    pub fn take_over(&mut self, lost: Handover<F>, out: &mut Out<'_, F>) {
        self.recv.takeover.begin(lost, out.spent);
    }
}
