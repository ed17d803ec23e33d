// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! The link's state machine, all of it, against the C module's (data/link-fsm.txt).

use tipc_proto::proto::link::{step, Event, State, Step};

const STATES: [(&str, State); 7] = [
    ("LINK_RESETTING", State::Resetting),
    ("LINK_RESET", State::Reset),
    ("LINK_PEER_RESET", State::PeerReset),
    ("LINK_FAILINGOVER", State::FailingOver),
    ("LINK_ESTABLISHING", State::Establishing),
    ("LINK_ESTABLISHED", State::Established),
    ("LINK_SYNCHING", State::Synching),
];

const EVENTS: [(&str, Event); 8] = [
    ("LINK_ESTABLISH_EVT", Event::Establish),
    ("LINK_PEER_RESET_EVT", Event::PeerReset),
    ("LINK_FAILURE_EVT", Event::Failure),
    ("LINK_RESET_EVT", Event::Reset),
    ("LINK_FAILOVER_BEGIN_EVT", Event::FailoverBegin),
    ("LINK_FAILOVER_END_EVT", Event::FailoverEnd),
    ("LINK_SYNCH_BEGIN_EVT", Event::SynchBegin),
    ("LINK_SYNCH_END_EVT", Event::SynchEnd),
];

fn find<T: Copy>(table: &[(&str, T)], name: &str) -> T {
    let entry = table.iter().find(|entry| entry.0 == name);
    entry.unwrap_or_else(|| panic!("{name}")).1
}

/// Rows 6.1, 6.2.
#[test]
fn whole_matrix() {
    let mut seen = std::collections::BTreeSet::new();
    let table = include_str!("data/link-fsm.txt").lines();
    for line in table.filter(|line| !line.starts_with('#')) {
        let words: Vec<_> = line.split(' ').collect();
        let want = match words[2..] {
            ["stay"] => Step::Stay,
            ["illegal"] => Step::Illegal,
            [to] => Step::To(find(&STATES, to)),
            [to, "down"] => Step::Down(find(&STATES, to)),
            _ => panic!("{line}"),
        };
        let got = step(find(&STATES, words[0]), find(&EVENTS, words[1]));
        assert_eq!(got, want, "{line}");
        assert!(seen.insert((words[0], words[1])));
    }
    assert_eq!(seen.len(), STATES.len() * EVENTS.len());
}

/// Row 6.3, and C link.c:tipc_link_is_reset.
#[test]
fn groups_of_states() {
    let of = |test: fn(State) -> bool| -> Vec<State> {
        STATES.iter().map(|s| s.1).filter(|s| test(*s)).collect()
    };
    assert_eq!(of(State::is_up), [State::Established, State::Synching]);
    assert_eq!(
        of(State::is_blocked),
        [State::Resetting, State::PeerReset, State::FailingOver]
    );
    assert_eq!(
        of(State::is_reset),
        [State::Reset, State::FailingOver, State::Establishing]
    );
}
