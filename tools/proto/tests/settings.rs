// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! What users set of the links to a peer, and see of them. Expected: net/tipc/node.c:
//! tipc_nl_node_set_link and tipc_nl_peer_rm, link.c:tipc_link_set_tolerance, tipc_link_set_prio,
//! tipc_link_id, and what link.c:tipc_link_proto_rcv does with a STATE that tells other values.

mod pair;

use pair::{bearer, word, Pair};
use tipc_proto::proto::link::State;
use tipc_proto::proto::peer::fsm::State as Contact;
use tipc_proto::proto::peer::{News, Wanted};

/// Sets properties on node 0; whether there is such a link.
fn set(pair: &mut Pair, wire: usize, wanted: Wanted) -> bool {
    let mut found = false;
    pair.seen.clear();
    pair.call(0, |peer, now, out| {
        found = peer.set_link(bearer(wire), &wanted, now, out);
        News::NONE
    });
    found
}

/// Tolerance, priority and window of a link.
fn shown(pair: &Pair, own: usize, wire: usize) -> (u32, u8, u16) {
    let link = pair.peers[own].link(bearer(wire)).unwrap();
    (link.tolerance(), link.priority(), link.window().max())
}

fn tolerance(ms: u32) -> Wanted {
    Wanted {
        tolerance: Some(ms),
        ..Wanted::default()
    }
}

fn priority(priority: u8) -> Wanted {
    Wanted {
        priority: Some(priority),
        ..Wanted::default()
    }
}

/* rows 13.9 */
#[test]
fn a_tolerance_is_told_and_taken() {
    let mut pair = Pair::new(2);
    pair.run(4);
    assert!(set(&mut pair, 1, tolerance(30_000)));
    // One STATE by that link: word 1 bits 29 to 31 type 0, word 9 its lower half.
    let told: Vec<(usize, usize, u32, u32)> = pair
        .seen
        .iter()
        .map(|(own, wire, bytes)| (*own, *wire, word(bytes, 1) >> 29, word(bytes, 9) & 0xffff))
        .collect();
    assert_eq!(told, [(0, 1, 0, 30_000)]);
    pair.pump();
    for own in 0..2 {
        assert_eq!(shown(&pair, own, 1), (30_000, 10, 8191));
        assert_eq!(shown(&pair, own, 0), (1500, 10, 8191));
    }
    // Nothing was reset by it, and it stays.
    pair.run(4);
    assert!(!pair.news[0].has(News::LOST) && !pair.news[1].has(News::LOST));
    assert_eq!(pair.states(1), [Some(State::Established); 2]);
    assert_eq!(shown(&pair, 1, 1).0, 30_000);
}

/* rows 13.9, 5.19 */
#[test]
fn the_peer_resets_the_link_for_another_priority() {
    let mut pair = Pair::new(1);
    pair.run(4);
    pair.news = [News::NONE; 2];
    assert!(set(&mut pair, 0, priority(31)));
    assert_eq!(pair.states(0)[0], Some(State::Established));
    pair.pump();
    assert!(pair.news[1].has(News::LOST));
    pair.run(10);
    assert_eq!(pair.contacts(), [Contact::Up; 2]);
    for own in 0..2 {
        assert_eq!(shown(&pair, own, 0), (1500, 31, 8191));
    }
    // The same once more is nothing new.
    pair.news = [News::NONE; 2];
    assert!(set(&mut pair, 0, priority(31)));
    pair.pump();
    pair.run(2);
    assert_eq!(pair.news, [News::NONE; 2]);
}

/* rows 13.9 */
#[test]
fn priority_0_cannot_be_told() {
    // 0 in a STATE says nothing: the peer keeps what it has.
    let mut pair = Pair::new(1);
    pair.run(4);
    pair.news = [News::NONE; 2];
    assert!(set(&mut pair, 0, priority(0)));
    pair.pump();
    pair.run(2);
    assert_eq!(shown(&pair, 0, 0).1, 0);
    assert_eq!(shown(&pair, 1, 0).1, 10);
    assert_eq!(pair.news, [News::NONE; 2]);
}

/* rows 13.9 */
#[test]
fn a_window_is_one_s_own_matter() {
    let mut pair = Pair::new(1);
    pair.run(4);
    let window = Wanted {
        window: Some(77),
        ..Wanted::default()
    };
    assert!(set(&mut pair, 0, window));
    assert!(pair.seen.is_empty());
    assert_eq!(shown(&pair, 0, 0), (1500, 10, 77));
    assert_eq!(pair.peers[0].link(bearer(0)).unwrap().window().min(), 50);
    pair.run(2);
    assert_eq!(shown(&pair, 1, 0).2, 8191);
}

/* rows 13.9 */
#[test]
fn what_is_set_of_a_link_that_is_down_is_not_told() {
    // Neither RESET nor ACTIVATE says it: link.c:tipc_link_build_proto_msg is called with zeros.
    let mut pair = Pair::new(1);
    let all = Wanted {
        tolerance: Some(700),
        priority: Some(20),
        window: Some(60),
    };
    assert!(set(&mut pair, 0, all));
    assert!(pair.seen.is_empty());
    pair.run(6);
    assert_eq!(pair.contacts(), [Contact::Up; 2]);
    assert_eq!(shown(&pair, 0, 0), (700, 20, 60));
    assert_eq!(shown(&pair, 1, 0), (1500, 10, 8191));
}

/* rows 13.9, 13.8 */
#[test]
fn there_is_no_link_there() {
    let mut pair = Pair::new(1);
    pair.run(4);
    assert!(!set(&mut pair, 1, priority(5)));
    assert!(pair.seen.is_empty());
    assert_eq!(pair.peers[0].link_id(bearer(1)), None);
}

/* rows 5.22 */
#[test]
fn the_number_of_a_link_is_that_of_both_bearers() {
    // The peer's above; only while the link works.
    let mut pair = Pair::new(2);
    assert_eq!(pair.peers[0].link_id(bearer(1)), None);
    pair.run(4);
    assert_eq!(pair.peers[0].link_id(bearer(0)), Some(0));
    assert_eq!(pair.peers[0].link_id(bearer(1)), Some(0x1_0001));
    pair.cut = [true; 2];
    pair.call(0, |peer, now, out| peer.fail_all(now, out));
    assert_eq!(pair.peers[0].link_id(bearer(1)), None);
}

/* rows 13.21 */
#[test]
fn a_peer_is_removed_only_without_contact() {
    let mut pair = Pair::new(2);
    pair.run(4);
    let clear = |pair: &mut Pair| {
        let mut done = false;
        pair.call(0, |peer, now, out| {
            let (idle, news) = peer.clear(now, out);
            done = idle;
            news
        });
        done
    };
    assert!(!clear(&mut pair));
    assert_eq!(pair.states(0), [Some(State::Established); 2]);
    // The peer has not said yet that it knows of the end: it may be removed all the same.
    pair.cut = [true; 2];
    pair.call(0, |peer, now, out| peer.fail_all(now, out));
    assert_eq!(pair.contacts()[0], Contact::PeerLeaving);
    assert!(clear(&mut pair));
    assert_eq!(pair.states(0), [None; 2]);
}
