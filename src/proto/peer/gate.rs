// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! Which packets count while contact is being made or lost.
//!
//! In: the state of contact and what a packet says of its sender; out: whether it goes on, and the
//! event it is. Replaces the first half of C `node.c:tipc_node_check_state`.

use super::fsm::{Event, State};

/// What a packet says of the node that sent it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Signs {
    /// The sender's end of this link is up: everything but RESET and ACTIVATE.
    pub link_up: bool,
    /// Some link of the sender to us is up: so it says in RESET and ACTIVATE, or this one is.
    pub node_up: bool,
}

/// What becomes of a packet.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Gate {
    /// To the link.
    Pass,
    /// Dropped.
    Drop,
    /// It may be part of a failover or a synchronisation: look at it, then to the link.
    Look,
}

/// Whether a packet passes in `state`, and the event it is for the machine of contact.
/// `own_up` says whether our end of the packet's link is up, `tunnel` whether it is a tunnel packet.
pub fn check(state: State, tunnel: bool, own_up: bool, signs: Signs) -> (Option<Event>, Gate) {
    // Nearly every packet: asked before all else.
    if state == State::Up && !tunnel {
        return (None, Gate::Pass);
    }
    match state {
        State::PeerComing if own_up && signs.link_up => (Some(Event::PeerUp), Gate::Look),
        State::PeerComing => (None, Gate::Pass),
        State::PeerLeaving if signs.node_up => (None, Gate::Drop),
        State::PeerLeaving => (Some(Event::PeerLost), Gate::Pass),
        State::SelfLeaving => (None, Gate::Drop),
        State::Up | State::Down | State::SelfComing | State::FailingOver | State::Synching => {
            (None, Gate::Look)
        }
    }
}
