// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! The state machine of one end of a link.
//!
//! In: a state and an event; out: what follows. Pure: who acts on it is `Link` and, for what
//! touches two links, `peer`. Replaces C `link.c:tipc_link_fsm_evt`.
//!
//! ```text
//!                  PeerReset              Establish
//!        Reset ---------------> Establishing -----> Established <---> Synching
//!         ^  \                  ^   |                 |   |   SynchBegin/End
//!   Reset |   \ FailoverBegin   |   | FailoverBegin   |   | PeerReset
//!         |    v          Reset |   v                 |   v
//!     Resetting  FailingOver    PeerReset <-----------+ Failure: Resetting
//! ```

/// Where one end of a link is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum State {
    /// It has failed, and its queues are still to be emptied.
    Resetting,
    /// It is empty and asks the peer to begin.
    Reset,
    /// The peer has begun anew, and this end's queues are still to be emptied.
    PeerReset,
    /// Another link carries what was on its way.
    FailingOver,
    /// The peer is ready, and so is this end.
    Establishing,
    /// It is up.
    Established,
    /// It is up, but what arrives waits for the other link.
    Synching,
}

/// What can happen to it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Event {
    /// The peer's end is up, or may be.
    Establish,
    /// The peer's end was reset.
    PeerReset,
    /// Silence, or a fault in the protocol.
    Failure,
    /// This end's queues were emptied.
    Reset,
    /// Another link takes over.
    FailoverBegin,
    /// It has delivered everything.
    FailoverEnd,
    /// What arrives must wait for the other link.
    SynchBegin,
    /// The other link has delivered what was sent before this one was up.
    SynchEnd,
}

/// What follows from an event.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Step {
    /// Nothing.
    Stay,
    /// It goes to another state.
    To(State),
    /// It goes to another state and is not up any more: `peer` must know.
    Down(State),
    /// It cannot happen there; nothing is done, but it is counted.
    Illegal,
}

impl State {
    /// Whether packets go over it.
    pub fn is_up(self) -> bool {
        matches!(self, State::Established | State::Synching)
    }

    /// Whether it sends and takes no protocol messages.
    pub fn is_blocked(self) -> bool {
        matches!(
            self,
            State::Resetting | State::PeerReset | State::FailingOver
        )
    }

    /// Whether its queues are empty and nothing is on its way.
    pub fn is_reset(self) -> bool {
        matches!(
            self,
            State::Reset | State::FailingOver | State::Establishing
        )
    }
}

/// What `event` means to an end in `state`.
// tidy: table
pub fn step(state: State, event: Event) -> Step {
    use State::{Established, Establishing, FailingOver, PeerReset, Reset, Resetting, Synching};
    match (state, event) {
        (Resetting, Event::PeerReset) => Step::To(PeerReset),
        (Resetting, Event::Reset) => Step::To(Reset),
        (
            Resetting,
            Event::Failure
            | Event::Establish
            | Event::FailoverBegin
            | Event::FailoverEnd
            | Event::SynchBegin
            | Event::SynchEnd,
        ) => Step::Illegal,

        (Reset, Event::PeerReset) => Step::To(Establishing),
        (Reset, Event::FailoverBegin) => Step::To(FailingOver),
        (Reset, Event::Failure | Event::Reset | Event::Establish | Event::FailoverEnd) => {
            Step::Stay
        }
        (Reset, Event::SynchBegin | Event::SynchEnd) => Step::Illegal,

        (PeerReset, Event::Reset) => Step::To(Establishing),
        (PeerReset, Event::PeerReset | Event::Establish | Event::Failure) => Step::Stay,
        (
            PeerReset,
            Event::SynchBegin | Event::SynchEnd | Event::FailoverBegin | Event::FailoverEnd,
        ) => Step::Illegal,

        (FailingOver, Event::FailoverEnd) => Step::To(Reset),
        (FailingOver, Event::PeerReset | Event::Reset | Event::Establish | Event::Failure) => {
            Step::Stay
        }
        (FailingOver, Event::FailoverBegin | Event::SynchBegin | Event::SynchEnd) => Step::Illegal,

        (Establishing, Event::Establish) => Step::To(Established),
        (Establishing, Event::FailoverBegin) => Step::To(FailingOver),
        (Establishing, Event::Reset) => Step::To(Reset),
        (
            Establishing,
            Event::Failure | Event::PeerReset | Event::SynchBegin | Event::FailoverEnd,
        ) => Step::Stay,
        (Establishing, Event::SynchEnd) => Step::Illegal,

        (Established | Synching, Event::PeerReset) => Step::Down(PeerReset),
        (Established | Synching, Event::Failure) => Step::Down(Resetting),
        (Established | Synching, Event::Reset) => Step::To(Reset),
        (Established | Synching, Event::FailoverBegin | Event::FailoverEnd) => Step::Illegal,
        (Established, Event::SynchBegin) => Step::To(Synching),
        (Established, Event::Establish | Event::SynchEnd) => Step::Stay,
        (Synching, Event::SynchEnd) => Step::To(Established),
        (Synching, Event::Establish | Event::SynchBegin) => Step::Stay,
    }
}
