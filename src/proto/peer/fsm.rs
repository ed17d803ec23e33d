// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! Contact with a peer, as a state machine. *Self* is this node, *peer* the other; each is up when
//! its end of some link works.
//!
//! ```text
//!                    Down
//!      self up  ↙          ↘  peer up
//!      PeerComing          SelfComing
//!       peer up ↘          ↙  self up
//!                     Up  ⇄  Synching, FailingOver
//!    self lost  ↙          ↘  peer lost
//!      PeerLeaving         SelfLeaving
//!       peer lost ↘        ↙  self lost
//!                    Down
//! ```
//!
//! After contact both ends must have lost it before it can be made again, so that neither goes on
//! with what the other has forgotten. In: events from `gate` and from link changes; out: the next
//! state. Replaces C `node.c:tipc_node_fsm_evt`.

/// State of contact; the C name behind each.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum State {
    /// Neither end is up (`SELF_DOWN_PEER_DOWN`).
    Down,
    /// Contact (`SELF_UP_PEER_UP`).
    Up,
    /// Our end is down, the peer's may still be up: its packets do not count until it has seen the
    /// loss. A new peer starts here (`SELF_DOWN_PEER_LEAVING`).
    PeerLeaving,
    /// Our end is up, the peer's not yet (`SELF_UP_PEER_COMING`).
    PeerComing,
    /// The peer's end is up, ours not yet (`SELF_COMING_PEER_UP`).
    SelfComing,
    /// The peer's end is down, ours may still be up (`SELF_LEAVING_PEER_DOWN`).
    SelfLeaving,
    /// Contact; the messages of a lost link arrive through another (`NODE_FAILINGOVER`).
    FailingOver,
    /// Contact; a second link waits for what the first still carries (`NODE_SYNCHING`).
    Synching,
}

/// What can happen to contact; the C name behind each.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Event {
    /// Our end of the first link has come up (`SELF_ESTABL_CONTACT_EVT`).
    SelfUp,
    /// Our end of the last link has gone down (`SELF_LOST_CONTACT_EVT`).
    SelfLost,
    /// The peer's end has come up (`PEER_ESTABL_CONTACT_EVT`).
    PeerUp,
    /// The peer's end has gone down (`PEER_LOST_CONTACT_EVT`).
    PeerLost,
    /// `NODE_FAILOVER_BEGIN_EVT`.
    FailoverBegin,
    /// `NODE_FAILOVER_END_EVT`.
    FailoverEnd,
    /// `NODE_SYNCH_BEGIN_EVT`.
    SynchBegin,
    /// `NODE_SYNCH_END_EVT`.
    SynchEnd,
}

/// What an event does in a state.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Step {
    /// It leads to this state.
    To(State),
    /// It is expected, and changes nothing.
    Stay,
    /// It cannot happen here (C logs "Illegal node fsm evt"): changes nothing, is counted.
    Illegal,
}

impl State {
    /// Every state.
    pub const ALL: [State; 8] = [
        State::Down,
        State::Up,
        State::PeerLeaving,
        State::PeerComing,
        State::SelfComing,
        State::SelfLeaving,
        State::FailingOver,
        State::Synching,
    ];
}

impl Event {
    /// Every event.
    pub const ALL: [Event; 8] = [
        Event::SelfUp,
        Event::SelfLost,
        Event::PeerUp,
        Event::PeerLost,
        Event::FailoverBegin,
        Event::FailoverEnd,
        Event::SynchBegin,
        Event::SynchEnd,
    ];
}

/// The machine: what `event` does in `state`.
// tidy: table
pub fn step(state: State, event: Event) -> Step {
    use Event as E;
    use State as S;
    use Step::{Illegal, Stay, To};
    match (state, event) {
        (S::Down, E::SelfUp) => To(S::PeerComing),
        (S::Down, E::PeerUp) => To(S::SelfComing),
        (S::Down, E::SelfLost | E::PeerLost) => Stay,
        (S::Down, E::FailoverBegin | E::FailoverEnd) => Illegal,
        (S::Down, E::SynchBegin | E::SynchEnd) => Illegal,

        (S::Up, E::SelfLost) => To(S::PeerLeaving),
        (S::Up, E::PeerLost) => To(S::SelfLeaving),
        (S::Up, E::SynchBegin) => To(S::Synching),
        (S::Up, E::FailoverBegin) => To(S::FailingOver),
        (S::Up, E::SelfUp | E::PeerUp) => Stay,
        (S::Up, E::SynchEnd | E::FailoverEnd) => Stay,

        (S::PeerLeaving, E::PeerLost) => To(S::Down),
        (S::PeerLeaving, E::SelfUp | E::PeerUp | E::SelfLost) => Stay,
        (S::PeerLeaving, E::FailoverBegin | E::FailoverEnd) => Illegal,
        (S::PeerLeaving, E::SynchBegin | E::SynchEnd) => Illegal,

        (S::PeerComing, E::PeerUp) => To(S::Up),
        (S::PeerComing, E::SelfLost) => To(S::Down),
        (S::PeerComing, E::SelfUp | E::PeerLost) => Stay,
        (S::PeerComing, E::SynchEnd | E::FailoverBegin) => Stay,
        (S::PeerComing, E::SynchBegin | E::FailoverEnd) => Illegal,

        (S::SelfComing, E::SelfUp) => To(S::Up),
        (S::SelfComing, E::PeerLost) => To(S::Down),
        (S::SelfComing, E::SelfLost | E::PeerUp) => Stay,
        (S::SelfComing, E::FailoverBegin | E::FailoverEnd) => Illegal,
        (S::SelfComing, E::SynchBegin | E::SynchEnd) => Illegal,

        (S::SelfLeaving, E::SelfLost) => To(S::Down),
        (S::SelfLeaving, E::SelfUp | E::PeerUp | E::PeerLost) => Stay,
        (S::SelfLeaving, E::FailoverBegin | E::FailoverEnd) => Illegal,
        (S::SelfLeaving, E::SynchBegin | E::SynchEnd) => Illegal,

        (S::FailingOver, E::SelfLost) => To(S::PeerLeaving),
        (S::FailingOver, E::PeerLost) => To(S::SelfLeaving),
        (S::FailingOver, E::FailoverEnd) => To(S::Up),
        (S::FailingOver, E::SelfUp | E::PeerUp | E::FailoverBegin) => Stay,
        (S::FailingOver, E::SynchBegin | E::SynchEnd) => Illegal,

        (S::Synching, E::SelfLost) => To(S::PeerLeaving),
        (S::Synching, E::PeerLost) => To(S::SelfLeaving),
        (S::Synching, E::SynchEnd) => To(S::Up),
        (S::Synching, E::FailoverBegin) => To(S::FailingOver),
        (S::Synching, E::SelfUp | E::PeerUp | E::SynchBegin) => Stay,
        (S::Synching, E::FailoverEnd) => Illegal,
    }
}

/// The machine's state, with a count of what should not have happened.
#[derive(Clone, Copy)]
pub struct Contact {
    state: State,
    illegal: u32,
}

impl Contact {
    /// With a peer that has just been heard of: it may believe to be in contact with an earlier
    /// self, so nothing it says counts until it says otherwise (5.12).
    pub const fn new() -> Self {
        Contact {
            state: State::PeerLeaving,
            illegal: 0,
        }
    }

    /// The state.
    pub fn state(&self) -> State {
        self.state
    }

    /// Events that were illegal in their state.
    pub fn illegal(&self) -> u32 {
        self.illegal
    }

    /// An event has happened.
    pub fn on(&mut self, event: Event) {
        match step(self.state, event) {
            Step::To(state) => self.state = state,
            Step::Stay => {}
            Step::Illegal => self.illegal = self.illegal.saturating_add(1),
        }
    }

    /// Whether the peer may be removed by hand (5.23): nothing holds on to it.
    pub fn is_removable(&self) -> bool {
        matches!(self.state, State::Down | State::PeerLeaving)
    }
}
