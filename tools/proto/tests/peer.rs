// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! Two nodes that are each other's peer, with one or two links. Expected values: the first frames
//! of two C nodes as captured between two virtual machines, net/tipc/node.c and
//! link.c:tipc_link_tnl_prepare, and the rows beside each test. The simulator (tools/sim) is for
//! bad wires; here is what must happen step by step.

mod pair;

use pair::{bearer, config, media, word, Pair};
use proptest::prelude::*;
use tipc_proto::frame::HostFrame;
use tipc_proto::mem;
use tipc_proto::proto::frame::Frame;
use tipc_proto::proto::link::{Config, SendError, State};
use tipc_proto::proto::peer::fsm::State as Contact;
use tipc_proto::proto::peer::{LinkRoom, NewLink, News};
use tipc_proto::proto::vocab::{Capabilities, Capability, SessionNo};
use tipc_proto::proto::wire::{Tunnel, TunnelKind, User};

/* rows 5.12, 5.13, 5.14, 6.4, 6.5, and the words of section 15.1 */
#[test]
fn first_contact_is_as_between_c_nodes() {
    // Captured, in order: 1 RESET, 2 RESET, 1 ACTIVATE, 2 STATE, 2 BCAST_PROTOCOL, (names), 1 STATE,
    // 1 BCAST_PROTOCOL, (names). With
    // word 1 (type, and in ACTIVATE the other's session) and word 5 (session, bit 14: no broadcast
    // acknowledgement yet, bit 12: in contact).
    let mut pair = Pair::new(1);
    pair.now = 375;
    pair.tick(0);
    pair.tick(1);
    pair.pump();
    pair.now += 375;
    pair.tick(0);
    pair.pump();
    let told: Vec<(usize, u32, u32)> = pair
        .seen
        .iter()
        .map(|(own, _, bytes)| (*own, word(bytes, 1), word(bytes, 5) & 0xffff_5000))
        .collect();
    assert_eq!(
        told,
        [
            (0, 0x2000_0000, 0x6ece_4000 + (1 << 16)),
            (1, 0x2000_0000, 0x6ecf_4000 + (1 << 16)),
            (0, 0x4001_6ed0, 0x6ecf_4000),
            (1, 0x0000_0000, 0x6ed0_4000),
            (1, 0x0000_0000, 0x0000_4000),
            (0, 0x0000_0000, 0x6ecf_4000),
            (0, 0x0000_0000, 0x0000_4000),
        ]
    );
    let up = News::CONTACT.or(News::link_up(bearer(0)));
    assert!(pair.news.iter().all(|news| *news == up));
    assert_eq!(pair.contacts(), [Contact::Up; 2]);
    pair.seen.clear();
    pair.run(2);
    assert_eq!(pair.contacts(), [Contact::Up; 2]);
    assert!(pair
        .seen
        .iter()
        .all(|(_, _, bytes)| word(bytes, 5) & 0x5000 == 0x1000));
}

/* rows 5.8, 5.19, 5.20 */
#[test]
fn two_links_share_by_the_sender_s_port() {
    let mut pair = Pair::new(2);
    pair.run(4);
    assert_eq!(pair.states(0), [Some(State::Established); 2]);
    pair.seen.clear();
    pair.send(0, 10, 1, 100).unwrap();
    pair.send(0, 11, 2, 100).unwrap();
    let wires: Vec<usize> = pair.seen.iter().map(|s| s.1).collect();
    assert_eq!(wires, [0, 1]);
    pair.pump();
    assert_eq!(pair.got[1], [1, 2]);
    let third = Config {
        bearer: 2,
        ..config(0, 1)
    };
    pair.call(0, |peer, now, out| {
        assert!(!peer.add_link(
            bearer(2),
            NewLink {
                room: LinkRoom::new().unwrap(),
                config: third,
                session: SessionNo(1),
                media: media(1, 2)
            },
            now,
            out
        ));
        News::NONE
    });
}

/* rows 5.19 */
#[test]
fn of_two_priorities_the_higher_carries_all() {
    let low = |own| Config {
        priority: 9,
        ..config(own, 0)
    };
    let links = [[low(0), low(1)], [config(0, 1), config(1, 1)]];
    let mut pair = Pair::with(&links, Capabilities::ALL);
    pair.run(4);
    pair.seen.clear();
    pair.send(0, 10, 1, 100).unwrap();
    pair.send(0, 11, 2, 100).unwrap();
    assert!(pair.seen.iter().all(|s| s.1 == 1));
    pair.call(0, |peer, now, out| peer.fail(bearer(1), now, out));
    pair.seen.clear();
    pair.send(0, 11, 3, 100).unwrap();
    assert!(pair.seen.iter().all(|s| s.1 == 0));
    pair.pump();
    pair.run(10);
    assert_eq!(pair.got[1], [1, 2, 3]);
}

/* rows 6.31, 6.32, 15.12 */
#[test]
fn a_lost_link_is_carried_by_the_other() {
    let mut pair = Pair::new(2);
    pair.run(4);
    // What goes by link 1 does not arrive.
    pair.cut[1] = true;
    for number in 0..5 {
        pair.send(0, 11, number, 1000).unwrap();
    }
    pair.seen.clear();
    pair.call(0, |peer, now, out| peer.fail(bearer(1), now, out));
    assert_eq!(pair.contacts()[0], Contact::FailingOver);
    assert_eq!(
        pair.states(0),
        [Some(State::Established), Some(State::FailingOver)]
    );
    let tunnels: Vec<Tunnel> = pair
        .seen
        .iter()
        .filter_map(|(_, wire, bytes)| {
            let frame = HostFrame::arrived(bytes).unwrap();
            assert_eq!(*wire, 0);
            (frame.header().user() == User::Tunnel).then(|| Tunnel::read(frame.header()).unwrap())
        })
        .collect();
    // Five packets and one to nobody; the bearer is the peer's of the lost link.
    assert_eq!(tunnels.len(), 6);
    assert!(tunnels
        .iter()
        .all(|t| t.kind == TunnelKind::Failover(6, None) && t.bearer == 1));
    // What is sent now comes after them.
    pair.send(0, 11, 5, 100).unwrap();
    pair.send(0, 10, 6, 100).unwrap();
    pair.pump();
    assert_eq!(pair.got[1], [0, 1, 2, 3, 4, 5, 6]);
    pair.cut[1] = false;
    pair.run(20);
    assert_eq!(pair.contacts(), [Contact::Up; 2]);
    assert_eq!(pair.states(1), [Some(State::Established); 2]);
    assert!(!pair.news[0].has(News::LOST) && !pair.news[1].has(News::LOST));
}

/* rows 6.31 */
#[test]
fn a_packet_too_large_for_the_tunnel_goes_in_parts() {
    let large = |own| Config {
        mtu: 9000,
        ..config(own, 1)
    };
    let links = [[config(0, 0), config(1, 0)], [large(0), large(1)]];
    for enhanced in [true, false] {
        let capabilities = match enhanced {
            true => Capabilities::ALL,
            false => Capabilities::ALL.without(Capability::Tunnel),
        };
        let mut pair = Pair::with(&links, capabilities);
        pair.run(5);
        pair.cut[1] = true;
        pair.send(0, 11, 1, 2920 - 32).unwrap(); // twice 1460, which is what fits
        pair.send(0, 11, 2, 8000).unwrap();
        pair.send(0, 11, 3, 10).unwrap();
        pair.call(0, |peer, now, out| peer.fail(bearer(1), now, out));
        pair.pump();
        if enhanced {
            assert_eq!(pair.got[1], [1, 2, 3]);
            assert!(!pair.news[0].has(News::LOST));
        } else {
            // An old peer cannot take them: the senders are told.
            assert!(pair.got[1].is_empty() && pair.news[0].has(News::LOST));
        }
    }
}

/* rows 6.33 */
#[test]
fn a_failover_of_a_link_that_was_never_up_here_ends() {
    let mut pair = Pair::new(2);
    pair.cut[1] = true;
    pair.run(3);
    // Node 0's end of link 1 comes up by itself: node 1 hears nothing of it.
    pair.cut[1] = false;
    pair.now += 375;
    pair.tick(0);
    pair.tick(1);
    let mut to_zero: Vec<_> = pair.wires[0].drain(..).collect();
    pair.pump();
    for (wire, bytes) in to_zero.drain(..) {
        pair.rx(0, wire, &bytes);
    }
    pair.pump();
    pair.run(3);
    assert_eq!(pair.states(0)[1], Some(State::Established));
    pair.cut[1] = true;
    pair.call(0, |peer, now, out| peer.fail(bearer(1), now, out));
    pair.send(0, 11, 9, 100).unwrap();
    pair.pump();
    assert_eq!(pair.got[1], [9]);
    pair.cut[1] = false;
    pair.run(25);
    assert_eq!(pair.contacts(), [Contact::Up; 2]);
    assert_eq!(pair.states(0), [Some(State::Established); 2]);
}

/* rows 5.21, 6.34 */
#[test]
fn when_the_last_link_goes_everybody_is_told() {
    let mut pair = Pair::new(2);
    pair.run(4);
    pair.news = [News::NONE; 2];
    pair.call(0, |peer, now, out| peer.fail_all(now, out));
    assert!(pair.news[0].has(News::LOST));
    let down = News::link_down(bearer(0)).or(News::link_down(bearer(1)));
    assert!(pair.news[0].has(down) && !pair.peers[0].is_up());
    assert_eq!(pair.send(0, 10, 1, 10), Err(SendError::Down));
    // Its peer hears of it at once, not after the tolerance.
    pair.pump();
    assert!(pair.news[1].has(News::LOST) && pair.now == 4 * 375);
    pair.run(10);
    assert_eq!(pair.contacts(), [Contact::Up; 2]);
    pair.send(0, 10, 2, 10).unwrap();
    pair.pump();
    assert_eq!(pair.got[1], [2]);
}

/* rows 5.15, 5.16 */
#[test]
fn a_bearer_that_goes_or_a_peer_that_moves() {
    let mut pair = Pair::new(2);
    pair.run(4);
    pair.call(0, |peer, now, out| peer.remove_link(bearer(1), now, out));
    assert_eq!(pair.states(0), [Some(State::Established), None]);
    assert!(pair.peers[0].media(bearer(1)).is_none());
    pair.pump();
    pair.run(4);
    pair.send(0, 11, 1, 10).unwrap();
    pair.pump();
    assert_eq!(pair.got[1], [1]);
    assert!(!pair.news[0].has(News::LOST) && !pair.news[1].has(News::LOST));
    pair.call(0, |peer, now, out| {
        peer.move_link(bearer(0), media(7, 7), now, out)
    });
    assert!(pair.peers[0].media(bearer(0)) == Some(media(7, 7)));
    assert!(pair.news[0].has(News::LOST));
    pair.pump();
    pair.run(20);
    assert_eq!(pair.contacts()[0], Contact::Up);
}

#[test]
fn what_is_not_for_us_or_not_from_the_peer_is_dropped() {
    let mut pair = Pair::new(1);
    pair.run(3);
    pair.send(0, 10, 1, 10).unwrap();
    let (wire, good) = pair.wires[1].pop_front().unwrap();
    for (n, value) in [(3, 7u32), (7, 9)] {
        let mut bad = good.clone();
        bad[4 * n..4 * n + 4].copy_from_slice(&value.to_be_bytes());
        pair.rx(1, wire, &bad);
    }
    pair.rx(1, 2, &good); // no link there
    assert!(pair.got[1].is_empty());
    pair.rx(1, wire, &good);
    assert_eq!(pair.got[1], [1]);
}

#[test]
fn with_any_allocation_refused_a_failover_loses_nothing_unnoticed() {
    let mut carried = 0;
    for n in (0..200).step_by(3) {
        let mut pair = Pair::new(2);
        pair.run(4);
        pair.cut[1] = true;
        for number in 0..60 {
            pair.send(0, 11, number, 1000).unwrap();
        }
        mem::fail_only(n);
        pair.call(0, |peer, now, out| peer.fail(bearer(1), now, out));
        pair.pump();
        let unused = mem::fail_never();
        pair.cut[1] = false;
        pair.run(30);
        if pair.news[0].has(News::LOST) {
            assert!(!unused);
            let got = &pair.got[1];
            assert!(got.iter().copied().eq(0..got.len() as u32));
        } else {
            assert!(
                pair.got[1].iter().copied().eq(0..60),
                "{n}: {:?}",
                pair.got[1]
            );
            carried += 1;
        }
        assert_eq!(pair.contacts(), [Contact::Up; 2]);
    }
    assert!(carried > 0);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    /// Frames of a real contact with any words changed, doubled, left out or in another order: no
    /// panic, and when that ends the two are in contact by both links and nobody waits for ever.
    #[test]
    fn changed_frames_do_no_lasting_harm(
        steps in prop::collection::vec((0usize..2, 0usize..12, any::<u32>(), 0u8..8, 0usize..60), 1..120)
    ) {
        let mut pair = Pair::new(2);
        pair.run(2);
        for (to, n, value, what, size) in steps {
            pair.now += 50;
            if pair.peers[1 - to].next_tick().0 <= pair.now {
                pair.tick(1 - to);
            }
            if size < 20 {
                let _ = pair.send(1 - to, size as u32, 0, 20 * size + 4);
            }
            let Some((wire, mut bytes)) = pair.wires[to].pop_front() else {
                continue;
            };
            match what {
                0 => {
                    let at = (4 * n).min(bytes.len() - 4);
                    bytes[at..at + 4].copy_from_slice(&value.to_be_bytes());
                }
                1 => {
                    let at = value as usize % bytes.len();
                    bytes[at] ^= 1 << (n % 8);
                }
                2 => bytes.truncate(n * 4),
                3 => pair.wires[to].push_back((wire, bytes.clone())),
                4 => pair.rx(to, 1 - wire, &bytes.clone()),
                5 => continue,
                6 => {
                    // Another number, session or acknowledgement, and everything else as it was.
                    bytes[8 + n % 4] ^= value as u8;
                }
                _ => {}
            }
            pair.rx(to, wire, &bytes);
        }
        for wires in &mut pair.wires {
            wires.clear();
        }
        // Ten minutes at most.
        for _ in 0..1600 {
            pair.run(1);
            if pair.is_well() {
                break;
            }
        }
        let states = [pair.states(0), pair.states(1)].concat();
        prop_assert!(pair.is_well(), "{:?} {states:?}", pair.contacts());
    }
}

/* rows 5.14, 3.9: what nobody has acted on yet is acted on as if it had just happened, and once: losses
 * before gains, and no gain that was lost again */
#[test]
fn news_that_wait_tell_how_it_ended() {
    let [first, second] = [0, 1].map(bearer);
    let (up, down) = (News::link_up(first), News::link_down(first));
    let gone = down.or(News::LOST).or(News::ROOM);
    let back = up.or(News::CONTACT);
    assert_eq!(back.then(gone), gone);
    assert_eq!(gone.then(back), gone.or(back));
    assert_eq!(back.then(gone).then(back), gone.or(back));
    assert_eq!(gone.then(back).then(gone), gone);
    // One link says nothing of the other, nor of contact.
    let other = News::link_up(second);
    assert_eq!(other.or(back).then(down), other.or(down).or(News::CONTACT));
    assert_eq!(News::NONE.then(back).then(News::NONE), back);
}
