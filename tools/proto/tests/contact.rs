// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! Contact with a peer: the machine and the gate against what the C module does.
//! Expected values: data/contact-fsm.txt, read off net/tipc/node.c:tipc_node_fsm_evt, and the
//! cases of node.c:tipc_node_check_state and __tipc_node_link_up/down.

use proptest::prelude::*;
use tipc_proto::proto::peer::fsm::{step, Contact, Event, State, Step};
use tipc_proto::proto::peer::gate::{check, Gate, Signs};
use tipc_proto::proto::peer::slots::{Role, Slots};
use tipc_proto::proto::vocab::{BearerId, PortId};

fn c_state(state: State) -> &'static str {
    match state {
        State::Down => "SELF_DOWN_PEER_DOWN",
        State::Up => "SELF_UP_PEER_UP",
        State::PeerLeaving => "SELF_DOWN_PEER_LEAVING",
        State::PeerComing => "SELF_UP_PEER_COMING",
        State::SelfComing => "SELF_COMING_PEER_UP",
        State::SelfLeaving => "SELF_LEAVING_PEER_DOWN",
        State::FailingOver => "NODE_FAILINGOVER",
        State::Synching => "NODE_SYNCHING",
    }
}

fn c_event(event: Event) -> &'static str {
    match event {
        Event::SelfUp => "SELF_ESTABL_CONTACT_EVT",
        Event::SelfLost => "SELF_LOST_CONTACT_EVT",
        Event::PeerUp => "PEER_ESTABL_CONTACT_EVT",
        Event::PeerLost => "PEER_LOST_CONTACT_EVT",
        Event::FailoverBegin => "NODE_FAILOVER_BEGIN_EVT",
        Event::FailoverEnd => "NODE_FAILOVER_END_EVT",
        Event::SynchBegin => "NODE_SYNCH_BEGIN_EVT",
        Event::SynchEnd => "NODE_SYNCH_END_EVT",
    }
}

/* rows 5.12, 5.13 */
#[test]
fn every_state_and_event_is_as_in_c() {
    let mut cells = 0;
    for line in include_str!("data/contact-fsm.txt")
        .lines()
        .filter(|l| !l.starts_with('#'))
    {
        let words: Vec<&str> = line.split(' ').collect();
        let state = State::ALL
            .into_iter()
            .find(|s| c_state(*s) == words[0])
            .unwrap();
        let event = Event::ALL
            .into_iter()
            .find(|e| c_event(*e) == words[1])
            .unwrap();
        let ours = match step(state, event) {
            Step::To(to) => c_state(to),
            Step::Stay => "stay",
            Step::Illegal => "illegal",
        };
        assert_eq!(ours, words[2], "{state:?} {event:?}");
        cells += 1;
    }
    assert_eq!(cells, 64);
}

#[test]
fn a_new_peer_is_leaving_and_illegal_events_are_counted() {
    let mut contact = Contact::new();
    assert_eq!(contact.state(), State::PeerLeaving);
    contact.on(Event::SynchBegin);
    assert_eq!(
        (contact.state(), contact.illegal()),
        (State::PeerLeaving, 1)
    );
    contact.on(Event::PeerLost);
    contact.on(Event::SelfUp);
    contact.on(Event::PeerUp);
    assert_eq!((contact.state(), contact.illegal()), (State::Up, 1));
    assert!(!contact.is_removable());
}

/// (link is up, node is up) of STATE and data, of RESET and ACTIVATE with and without the
/// redundant-link bit (msg.h:msg_peer_link_is_up, msg_peer_node_is_up).
const WORKS: Signs = Signs {
    link_up: true,
    node_up: true,
};
const OTHER: Signs = Signs {
    link_up: false,
    node_up: true,
};
const NOTHING: Signs = Signs {
    link_up: false,
    node_up: false,
};

/* rows 5.14 */
#[test]
fn the_gate_is_as_in_c() {
    use Event::{PeerLost, PeerUp};
    use Gate::{Drop, Look, Pass};
    for own_up in [false, true] {
        for signs in [WORKS, OTHER, NOTHING] {
            let at = |state| check(state, false, own_up, signs);
            assert_eq!(at(State::Up), (None, Pass));
            assert_eq!(check(State::Up, true, own_up, signs), (None, Look));
            assert_eq!(at(State::SelfLeaving), (None, Drop));
            for state in [
                State::Down,
                State::SelfComing,
                State::FailingOver,
                State::Synching,
            ] {
                assert_eq!(at(state), (None, Look));
            }
            let leaving = if signs == NOTHING {
                (Some(PeerLost), Pass)
            } else {
                (None, Drop)
            };
            assert_eq!(at(State::PeerLeaving), leaving);
            let coming = if own_up && signs == WORKS {
                (Some(PeerUp), Look)
            } else {
                (None, Pass)
            };
            assert_eq!(at(State::PeerComing), coming);
        }
    }
}

fn bearer(number: u8) -> BearerId {
    BearerId::new(number).unwrap()
}

/* rows 5.19, 5.20 */
#[test]
fn two_links_share_or_stand_by() {
    let mut slots = Slots::new();
    assert!(!slots.is_up() && slots.choose(PortId(0)).is_none());
    assert_eq!(slots.on_up(bearer(1), 10, None), Role::First);
    assert!(
        slots.choose(PortId(0)) == Some(bearer(1)) && slots.choose(PortId(1)) == Some(bearer(1))
    );
    assert_eq!(slots.on_up(bearer(0), 10, Some(10)), Role::Shares);
    assert!(
        slots.choose(PortId(2)) == Some(bearer(1)) && slots.choose(PortId(3)) == Some(bearer(0))
    );
    let mut slots = Slots::new();
    slots.on_up(bearer(0), 10, None);
    assert_eq!(slots.on_up(bearer(1), 9, Some(10)), Role::Standby);
    assert!(slots.choose(PortId(1)) == Some(bearer(0)) && !slots.is_active(bearer(1)));
    let mut slots = Slots::new();
    slots.on_up(bearer(0), 10, None);
    assert_eq!(slots.on_up(bearer(1), 11, Some(10)), Role::Takes);
    assert!(slots.choose(PortId(0)) == Some(bearer(1)) && !slots.is_active(bearer(0)));
}

/* rows 5.19 */
#[test]
fn survivors_are_chosen_by_priority() {
    let mut slots = Slots::new();
    slots.on_up(bearer(0), 10, None);
    slots.on_down([(bearer(1), 5), (bearer(2), 5)].into_iter());
    assert!(
        slots.choose(PortId(0)) == Some(bearer(1)) && slots.choose(PortId(1)) == Some(bearer(2))
    );
    slots.on_down([(bearer(1), 5), (bearer(2), 6)].into_iter());
    assert!(
        slots.choose(PortId(0)) == Some(bearer(2)) && slots.choose(PortId(1)) == Some(bearer(2))
    );
    // A link of priority 0 is as good as any if it is the last one; C leaves slot 0 empty then.
    slots.on_down([(bearer(1), 0)].into_iter());
    assert!(slots.choose(PortId(0)) == Some(bearer(1)));
    slots.on_down([].into_iter());
    assert!(!slots.is_up());
}

proptest! {
    /// Whatever happens: contact is never made from a state in which the loss of the last one has
    /// not been seen by both ends.
    #[test]
    fn both_ends_lose_contact_before_it_is_made_again(events in prop::collection::vec(0usize..8, 0..200)) {
        let mut contact = Contact::new();
        let (mut self_up, mut peer_up) = (false, true);
        for event in events.into_iter().map(|e| Event::ALL[e]) {
            let before = contact.state();
            contact.on(event);
            let after = contact.state();
            if before != after {
                match event {
                    Event::SelfUp => self_up = true,
                    Event::SelfLost => self_up = false,
                    Event::PeerUp => peer_up = true,
                    Event::PeerLost => peer_up = false,
                    Event::FailoverBegin | Event::FailoverEnd | Event::SynchBegin | Event::SynchEnd => {}
                }
                let expected = match after {
                    State::Down => (false, false),
                    State::Up | State::FailingOver | State::Synching => (true, true),
                    State::PeerLeaving | State::SelfComing => (false, true),
                    State::PeerComing | State::SelfLeaving => (true, false),
                };
                prop_assert_eq!((self_up, peer_up), expected);
            }
        }
    }
}
