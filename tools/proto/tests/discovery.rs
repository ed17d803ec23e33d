// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! Discovery. Expected values: net/tipc/discover.c (times), node.c:tipc_node_check_dest (the eight
//! cases), node.c:tipc_node_try_addr, addr.c:tipc_in_scope, and the rows of the C module's observed
//! behaviour that stand beside each test.

use proptest::prelude::*;
use tipc_proto::mem::slab::Slab;
use tipc_proto::proto::discovery::acceptance::{contains, decide, Decision, Match};
use tipc_proto::proto::discovery::neighbours::{Refused, FORGET, GRACE, MAX_NEIGHBOURS};
use tipc_proto::proto::discovery::{Change, Discovery, Notice, Reaction};
use tipc_proto::proto::vocab::{
    BearerId, Capabilities, Capability, Instant, MediaAddr, NodeAddr, NodeId,
};
use tipc_proto::proto::wire::{Beacon, BeaconKind, MediaInfo};

const NET: u32 = 4711;

fn bearer(number: u8) -> BearerId {
    BearerId::new(number).unwrap()
}

fn mac(number: u32) -> MediaAddr {
    let [a, b, c, d] = number.to_be_bytes();
    MediaAddr::ethernet([2, 0, a, b, c, d])
}

fn id(number: u64) -> NodeId {
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&number.to_be_bytes());
    NodeId(bytes)
}

/// A node that has settled on `address`.
fn settled(number: u64, media: u32) -> Discovery {
    let mut node = Discovery::new(NET, 0x1234_5678, 99, 0).unwrap();
    assert!(node.own().set_identity(id(number)));
    node.enable(bearer(0), mac(media), NodeAddr::NONE, Instant(0))
        .unwrap();
    assert!(node.tick(bearer(0), Instant(1000)).settled == Some(id(number).address()));
    node
}

fn request(from: u32, signature: u16) -> Beacon {
    Beacon {
        kind: BeaconKind::Request,
        from: NodeAddr(from),
        domain: NodeAddr::NONE,
        network: NET,
        capabilities: Capabilities::ALL,
        signature: signature | 0x8000,
        media: MediaInfo::of(&mac(from)),
        net_hash: 1,
        suggested: NodeAddr::NONE,
        id: id(u64::from(from)),
    }
}

/// Receives, making room as the stack does: after a refusal.
fn rx(node: &mut Discovery, by: u8, beacon: &Beacon, now: u64) -> Reaction {
    let reaction = node.rx(bearer(by), beacon, Instant(now));
    if reaction.notice != Some(Notice::Refused(Refused::NeedRoom)) {
        return reaction;
    }
    let block = Slab::allocate(node.neighbours().wanted().unwrap()).unwrap();
    drop(node.neighbours().grow(block));
    assert!(node.neighbours().wanted().is_none());
    let again = node.rx(bearer(by), beacon, Instant(now));
    Reaction {
        settled: reaction.settled,
        ..again
    }
}

/* rows 5.15 */
#[test]
fn the_eight_cases() {
    // (signature, media, up) -> (sign, accept, respond, duplicate)
    let table = [
        ((true, true, true), (false, false, false, false)),
        ((true, true, false), (false, false, true, false)),
        ((true, false, true), (false, false, false, true)),
        ((true, false, false), (false, true, true, false)),
        ((false, true, true), (true, false, false, false)),
        ((false, true, false), (true, false, true, false)),
        ((false, false, true), (false, false, false, true)),
        ((false, false, false), (true, true, true, false)),
    ];
    for ((signature, media, up), (sign, accept, respond, duplicate)) in table {
        let found = Match {
            signature,
            media,
            up,
        };
        assert_eq!(
            decide(found),
            Decision {
                sign,
                accept,
                respond,
                duplicate
            },
            "{found:?}"
        );
    }
}

/* rows 11.6 */
#[test]
fn domains() {
    let a = NodeAddr(0x0100_1002);
    let (cluster, zone) = (NodeAddr(0x0100_1000), NodeAddr(0x0100_0000));
    for old in [false, true] {
        assert!(contains(NodeAddr::NONE, a, old) && contains(a, a, old));
        assert!(!contains(NodeAddr(0x0100_1003), a, old));
        assert_eq!(
            (contains(cluster, a, old), contains(zone, a, old)),
            (old, old)
        );
        assert!(!contains(NodeAddr(0x0100_2000), a, old));
    }
}

/// Runs a node alone until `end`: times and kinds of its beacons, and when it settles.
fn alone(node: &mut Discovery, end: u64) -> (Vec<(u64, BeaconKind)>, Vec<u64>) {
    let (mut sent, mut settled) = (Vec::new(), Vec::new());
    while let Some(now) = node.due(bearer(0)).filter(|due| due.0 <= end) {
        let due = node.tick(bearer(0), now);
        sent.extend(due.beacon.map(|b| (now.0, b.kind)));
        settled.extend(due.settled.map(|_| now.0));
    }
    (sent, settled)
}

/* rows 5.3, 5.4, 11.2, 11.3 */
#[test]
fn a_node_alone_tries_then_asks() {
    use BeaconKind::{Request, Trial};
    let mut node = Discovery::new(NET, 7, 7, 0).unwrap();
    assert!(node
        .enable(bearer(0), mac(1), NodeAddr::NONE, Instant(0))
        .is_none()); // nobody yet
    let mut name = [0; 16];
    name[..5].copy_from_slice(b"nodeA");
    node.own().set_identity(NodeId(name));
    let first = node
        .enable(bearer(0), mac(1), NodeAddr::NONE, Instant(0))
        .unwrap();
    assert!(first.kind == Trial && first.from == NodeAddr(0x2f6f_6465));
    let (sent, settled) = alone(&mut node, 4000);
    assert_eq!(settled, [1000]);
    let times: Vec<u64> = sent.iter().map(|s| s.0).collect();
    // 125 ms in the trial, one interval more as it ends, then twice as long each time up to 1 s.
    assert_eq!(
        times,
        [125, 250, 375, 500, 625, 750, 875, 1125, 1375, 1875, 2875, 3875]
    );
    assert!(sent
        .iter()
        .all(|(t, kind)| *kind == if *t < 1000 { Trial } else { Request }));
    assert!(node.own().address() == NodeAddr(0x2f6f_6465));
}

/* rows 5.6, 11.3 */
#[test]
fn an_old_address_needs_no_trial() {
    let mut node = Discovery::new(NET, 7, 7, 0).unwrap();
    assert!(node.own().set_address(NodeAddr(0x0100_1001)));
    assert!(!node.own().set_address(NodeAddr(0x0100_1002)));
    assert!(node.own().id() == NodeId::of_address(NodeAddr(0x0100_1001)));
    let first = node
        .enable(bearer(0), mac(1), NodeAddr::NONE, Instant(0))
        .unwrap();
    assert!(first.kind == BeaconKind::Request);
    let times: Vec<u64> = alone(&mut node, 4000).0.iter().map(|s| s.0).collect();
    assert_eq!(times, [125, 375, 875, 1875, 2875, 3875]);
}

/* rows 11.3 */
#[test]
fn with_links_it_asks_every_minute_and_again_quickly_when_the_last_is_lost() {
    let mut node = settled(1, 1);
    let _ = rx(&mut node, 0, &request(50, 1), 1010);
    node.link_up(NodeAddr(50), bearer(0));
    node.link_up(NodeAddr(50), bearer(0)); // counts once
    let (sent, _) = alone(&mut node, 200_000);
    let gaps: Vec<u64> = sent.windows(2).map(|w| w[1].0 - w[0].0).collect();
    assert_eq!(
        gaps,
        [250, 500, 1000, 2000, 4000, 8000, 16000, 32000, 60000, 60000]
    );
    node.link_down(NodeAddr(50), bearer(0), Instant(200_000));
    assert!(node.due(bearer(0)) == Some(Instant(200_125)));
    let times: Vec<u64> = alone(&mut node, 202_000)
        .0
        .iter()
        .map(|s| s.0 - 200_000)
        .collect();
    assert_eq!(times, [125, 375, 875, 1875]);
}

/* rows 11.4 */
#[test]
fn the_one_node_sought_ends_the_search_until_it_is_lost() {
    let mut node = Discovery::new(NET, 7, 7, 0).unwrap();
    node.own().set_address(NodeAddr(0x0100_1001));
    let peer = 0x0100_1002;
    node.enable(bearer(0), mac(1), NodeAddr(peer), Instant(0))
        .unwrap();
    assert!(rx(&mut node, 0, &request(peer + 1, 1), 10)
        .contact
        .is_none()); // not sought
    assert!(rx(&mut node, 0, &request(peer, 1), 10).contact.is_some());
    node.link_up(NodeAddr(peer), bearer(0));
    assert!(alone(&mut node, 100_000).0.is_empty());
    assert!(node.due(bearer(0)).is_none());
    node.link_down(NodeAddr(peer), bearer(0), Instant(100_000));
    assert!(node.due(bearer(0)) == Some(Instant(100_125)));
}

/* rows 5.8, 5.15, 11.5 */
#[test]
fn a_request_makes_a_link_and_is_answered_a_response_is_not() {
    let mut node = settled(1, 1);
    node.enable(bearer(1), mac(2), NodeAddr::NONE, Instant(1000))
        .unwrap();
    node.enable(bearer(2), mac(3), NodeAddr::NONE, Instant(1000))
        .unwrap();
    let first = rx(&mut node, 0, &request(50, 1), 1010);
    let contact = first.contact.unwrap();
    assert!(contact.change == Change::New && contact.media == mac(50));
    let reply = first.reply.unwrap();
    assert!(reply.to == mac(50) && reply.beacon.kind == BeaconKind::Response);
    assert!(reply.beacon.domain == NodeAddr(50) && reply.beacon.from == id(1).address());
    let response = Beacon {
        kind: BeaconKind::Response,
        ..request(50, 1)
    };
    let second = rx(&mut node, 1, &response, 1010);
    assert!(second.reply.is_none() && second.contact.is_some());
    // Two links at most: a third bearer answers, and makes none.
    let third = rx(&mut node, 2, &request(50, 1), 1010);
    assert!(third.contact.is_none() && third.reply.is_some());
    // Another address of the medium, while the link is not up: taken over.
    let moved = Beacon {
        media: MediaInfo::of(&mac(51)),
        ..request(50, 1)
    };
    assert!(rx(&mut node, 0, &moved, 1020).contact.unwrap().change == Change::Moved);
    // While it is up: a duplicate.
    node.link_up(NodeAddr(50), bearer(0));
    let again = rx(&mut node, 0, &request(50, 1), 1030);
    assert!(again.notice == Some(Notice::Duplicate(NodeAddr(50), mac(50))));
    assert!(again.contact.is_none() && again.reply.is_none());
}

/* rows 11.6, 11.7, 11.8, 11.11, 5.28 */
#[test]
fn what_is_ignored() {
    let mut node = settled(1, 1);
    let nothing = |r: Reaction| {
        r.contact.is_none() && r.reply.is_none() && r.notice.is_none() && r.settled.is_none()
    };
    let good = request(50, 1);
    assert!(nothing(rx(
        &mut node,
        0,
        &Beacon { network: 1, ..good },
        1010
    )));
    assert!(nothing(rx(
        &mut node,
        0,
        &Beacon {
            media: MediaInfo::of(&mac(1)),
            ..good
        },
        1010
    )));
    assert!(nothing(rx(
        &mut node,
        0,
        &Beacon {
            domain: NodeAddr(51),
            ..good
        },
        1010
    )));
    assert!(nothing(node.rx(bearer(2), &good, Instant(1010)))); // no such bearer
    let all = MediaAddr::ethernet([0xff; 6]);
    let corrupt = rx(
        &mut node,
        0,
        &Beacon {
            media: MediaInfo::of(&all),
            ..good
        },
        1010,
    );
    assert!(corrupt.notice == Some(Notice::Corrupt));
    for from in [id(1).address(), NodeAddr::NONE] {
        let clash = rx(&mut node, 0, &Beacon { from, ..good }, 1010);
        assert!(clash.notice == Some(Notice::Duplicate(id(1).address(), mac(50))));
        assert!(clash.reply.is_none() && clash.contact.is_none());
    }
    assert_eq!(node.neighbours().len(), 0);
    // In its own trial a node takes no requests.
    let mut young = Discovery::new(NET, 3, 3, 0).unwrap();
    young.own().set_identity(id(9));
    young
        .enable(bearer(0), mac(9), NodeAddr::NONE, Instant(0))
        .unwrap();
    assert!(nothing(rx(&mut young, 0, &good, 999)));
    // A beacon after it settles the address.
    let late = rx(&mut young, 0, &good, 1000);
    assert!(late.settled == Some(id(9).address()) && late.contact.is_some());
}

/* rows 5.5 */
#[test]
fn objections_to_an_address() {
    let mut node = settled(1, 1);
    let _ = rx(&mut node, 0, &request(50, 1), 1010);
    let trial = |from: u32, who: u64| Beacon {
        kind: BeaconKind::Trial,
        id: id(who),
        media: MediaInfo::of(&mac(70)),
        ..request(from, 1)
    };
    let suggested = |r: Reaction| r.reply.map(|reply| reply.beacon.suggested);
    assert!(suggested(rx(&mut node, 0, &trial(50, 50), 1020)).is_none()); // its own
    assert!(suggested(rx(&mut node, 0, &trial(60, 60), 1020)).is_none()); // nobody's
                                                                          // Known under another address.
    assert!(suggested(rx(&mut node, 0, &trial(60, 50), 1020)) == Some(NodeAddr(50)));
    // Somebody else's: its address ^ our random number.
    let other = rx(&mut node, 0, &trial(50, 61), 1020);
    assert!(suggested(other) == Some(NodeAddr(50 ^ 0x1234_5678)));
    let reply = other.reply.unwrap().beacon;
    assert!(reply.kind == BeaconKind::TrialFail && reply.domain == NodeAddr(50));
    // ... or the next that is free.
    let _ = rx(&mut node, 0, &request(50 ^ 0x1234_5678, 1), 1030);
    let next = rx(&mut node, 0, &trial(50, 61), 1040);
    assert!(suggested(next) == Some(NodeAddr((50 ^ 0x1234_5678) + 1)));
    // Ours.
    let ours = id(1).address().0;
    assert!(
        suggested(rx(&mut node, 0, &trial(ours, 62), 1050)) == Some(NodeAddr(ours ^ 0x1234_5678))
    );
}

/* rows 5.5 */
#[test]
fn the_loser_takes_the_suggestion_and_tries_again() {
    let mut node = Discovery::new(NET, 3, 3, 0).unwrap();
    node.own().set_identity(id(9));
    node.enable(bearer(0), mac(9), NodeAddr::NONE, Instant(0))
        .unwrap();
    let fail = |tried: NodeAddr, suggested: u32| Beacon {
        kind: BeaconKind::TrialFail,
        domain: tried,
        suggested: NodeAddr(suggested),
        ..request(50, 1)
    };
    let first = id(9).address();
    let _ = rx(&mut node, 0, &fail(NodeAddr(1), 77), 500); // of another trial
    assert!(node.own().tried() == first);
    let _ = rx(&mut node, 0, &fail(first, 0), 500); // no address
    assert!(node.own().tried() == first);
    let _ = rx(&mut node, 0, &fail(first, 77), 600);
    let _ = rx(&mut node, 0, &fail(first, 78), 610); // somebody was faster
    assert!(node.own().tried() == NodeAddr(77));
    let (sent, settled) = alone(&mut node, 1700);
    assert_eq!(settled, [1625]); // 1000 ms after 600, at the next tick
    assert!(sent.iter().all(|s| s.1 == BeaconKind::Trial));
    let _ = rx(&mut node, 0, &fail(NodeAddr(77), 79), 1700); // too late
    assert!(node.own().address() == NodeAddr(77));
    // Nobody can keep a node in its trial for ever.
    let mut node = Discovery::new(NET, 3, 3, 0).unwrap();
    node.own().set_identity(id(9));
    node.enable(bearer(0), mac(9), NodeAddr::NONE, Instant(0))
        .unwrap();
    let mut now = 0;
    while node.own().address() == NodeAddr::NONE {
        let tried = node.own().tried();
        let _ = rx(&mut node, 0, &fail(tried, tried.0 + 1), now);
        let _ = node.tick(bearer(0), Instant(now));
        now += 500;
        assert!(now < 100_000);
    }
}

#[test]
fn two_bearers_on_one_wire_do_not_frighten_their_own_node() {
    // The C module takes its own trial, come back by its other bearer, for a rival's, and suggests
    // itself another address (node.c:tipc_node_try_addr).
    let mut node = Discovery::new(NET, 3, 3, 0).unwrap();
    node.own().set_identity(id(9));
    let a = node
        .enable(bearer(0), mac(1), NodeAddr::NONE, Instant(0))
        .unwrap();
    let b = node
        .enable(bearer(1), mac(2), NodeAddr::NONE, Instant(0))
        .unwrap();
    assert!(rx(&mut node, 1, &a, 1).reply.is_none() && rx(&mut node, 0, &b, 1).reply.is_none());
    let _ = alone(&mut node, 1000);
    assert!(node.own().address() == id(9).address());
}

/* rows 11.8 */
#[test]
fn an_old_node_is_who_its_address_says() {
    let old = Beacon {
        capabilities: Capabilities::ALL.without(Capability::Identity),
        id: NodeId::of_address(NodeAddr(50)),
        ..request(50, 1)
    };
    let mut node = settled(1, 1);
    let contact = rx(&mut node, 0, &old, 1010).contact.unwrap();
    assert!(contact.id == NodeId::of_address(NodeAddr(50)));
    assert!(!contact.capabilities.has(Capability::Identity));
}

#[test]
fn a_node_that_comes_back_under_another_address_is_taken_at_once() {
    // The C module keeps the old record for five minutes and finds no node for its packets.
    let mut node = settled(1, 1);
    let _ = rx(&mut node, 0, &request(50, 1), 1010);
    let moved = Beacon {
        id: id(50),
        ..request(51, 2)
    };
    let reaction = rx(&mut node, 0, &moved, 1020);
    assert!(reaction.forgotten == [Some(NodeAddr(50)), None]);
    assert!(reaction.contact.unwrap().address == NodeAddr(51));
    assert_eq!(node.neighbours().len(), 1);
    // Not while it has a link that works.
    node.link_up(NodeAddr(51), bearer(0));
    let clone = Beacon {
        id: id(50),
        ..request(52, 3)
    };
    let reaction = rx(&mut node, 0, &clone, 1030);
    assert!(matches!(reaction.notice, Some(Notice::Duplicate(..))));
    assert!(reaction.forgotten == [None, None] && reaction.contact.is_none());
}

/* rows 5.18 */
#[test]
fn without_a_link_a_node_is_forgotten_after_five_minutes() {
    let mut node = settled(1, 1);
    let _ = rx(&mut node, 0, &request(50, 1), 2000);
    let _ = rx(&mut node, 0, &request(51, 1), 3000);
    node.link_up(NodeAddr(50), bearer(0));
    assert!(node.take_forgotten(Instant(302_999)).is_none());
    assert!(node.take_forgotten(Instant(303_000)) == Some(NodeAddr(51)));
    assert!(node.take_forgotten(Instant(10_000_000)).is_none()); // a link works
    node.link_down(NodeAddr(50), bearer(0), Instant(400_000));
    assert!(node.take_forgotten(Instant(699_999)).is_none());
    assert!(node.take_forgotten(Instant(700_000)) == Some(NodeAddr(50)));
    assert_eq!(u64::from(FORGET), 300_000);
}

#[test]
fn a_storm_of_identities_takes_bounded_memory_and_nobody_s_link() {
    let mut node = settled(1, 1);
    let mut now = 1000;
    for peer in 100..150 {
        let _ = rx(&mut node, 0, &request(peer, 1), now);
        node.link_up(NodeAddr(peer), bearer(0));
    }
    let (mut accepted, mut refused) = (0u32, 0u32);
    for forged in 0..40_000u32 {
        now += u64::from(forged % 4 == 0); // 4000 a second
        let reaction = rx(&mut node, 0, &request(1_000_000 + forged, 1), now);
        match reaction.notice {
            Some(Notice::Refused(why)) => {
                assert_eq!(why, Refused::Full);
                refused += 1;
            }
            _ => accepted += 1,
        }
        for gone in reaction.forgotten.into_iter().flatten() {
            assert!(gone.0 >= 1_000_000);
        }
        assert!(node.neighbours().len() <= MAX_NEIGHBOURS);
    }
    assert!(accepted > MAX_NEIGHBOURS && refused > 0);
    for peer in 100..150 {
        assert!(node.neighbours().find(NodeAddr(peer)).is_some());
    }
    // Somebody who is there gets in when the youngest of the forged has had its time.
    let honest = rx(&mut node, 0, &request(77, 1), now + u64::from(GRACE));
    assert!(honest.contact.is_some() && honest.reply.is_some());
}

#[test]
fn a_bearer_that_goes_takes_its_links_with_it() {
    let mut node = settled(1, 1);
    node.enable(bearer(1), mac(2), NodeAddr::NONE, Instant(1000))
        .unwrap();
    let _ = rx(&mut node, 0, &request(50, 1), 1010);
    let _ = rx(&mut node, 1, &request(50, 1), 1010);
    node.link_up(NodeAddr(50), bearer(0));
    node.link_up(NodeAddr(50), bearer(1));
    node.disable(bearer(0), Instant(2000));
    let at = node.neighbours().find(NodeAddr(50)).unwrap();
    let record = *node.neighbours().get(at).unwrap();
    assert!(record.links() == 1 && record.is_up() && !record.is_up_on(bearer(0)));
    assert!(node.due(bearer(0)).is_none() && node.due(bearer(1)).is_some());
    // It comes back.
    assert!(node
        .enable(bearer(0), mac(1), NodeAddr::NONE, Instant(3000))
        .is_some());
    assert!(node
        .enable(bearer(0), mac(1), NodeAddr::NONE, Instant(3000))
        .is_none());
    assert!(
        rx(&mut node, 0, &request(50, 1), 3010)
            .contact
            .unwrap()
            .change
            == Change::New
    );
}

/// Nodes on one wire without loss: each beacon reaches the others at once.
fn run_wire(nodes: &mut [Discovery], end: u64) {
    let mut now = 0;
    while now <= end {
        let mut wire = Vec::new(); // (sender, to, beacon)
        for (who, node) in nodes.iter_mut().enumerate() {
            while node.due(bearer(0)).is_some_and(|due| due.0 <= now) {
                let due = node.tick(bearer(0), Instant(now));
                wire.extend(due.beacon.map(|b| (who, None, b)));
            }
        }
        while let Some((from, to, beacon)) = wire.pop() {
            for (who, node) in nodes.iter_mut().enumerate() {
                if who != from && to.is_none_or(|to| to == mac(who as u32)) {
                    let reaction = rx(node, 0, &beacon, now);
                    wire.extend(reaction.reply.map(|r| (who, Some(r.to), r.beacon)));
                }
            }
        }
        now = nodes
            .iter()
            .filter_map(Discovery::next_deadline)
            .map(|d| d.0)
            .min()
            .unwrap();
    }
}

/* rows 5.4, 5.5, 11.3 */
#[test]
fn nodes_whose_identities_have_one_hash_get_different_addresses() {
    let mut nodes: Vec<Discovery> = (0..20u32)
        .map(|who| {
            let mut node = Discovery::new(NET, who.wrapping_mul(0x9e37_79b9), 5, 0).unwrap();
            let mut words = [0u8; 16]; // who, who, 0, 7: the hash is 7
            words[3] = who as u8 + 1;
            words[7] = who as u8 + 1;
            words[15] = 7;
            node.own().set_identity(NodeId(words));
            node.enable(bearer(0), mac(who), NodeAddr::NONE, Instant(0))
                .unwrap();
            node
        })
        .collect();
    run_wire(&mut nodes, 60_000);
    let mut addresses: Vec<u32> = nodes.iter_mut().map(|n| n.own().address().0).collect();
    assert!(addresses.iter().all(|a| *a != 0));
    addresses.sort_unstable();
    addresses.dedup();
    assert_eq!(addresses.len(), 20);
    for node in &mut nodes {
        assert_eq!(node.neighbours().len(), 19);
    }
}

#[derive(Clone, Debug)]
enum Step {
    Rx {
        by: u8,
        kind: u8,
        from: u32,
        who: u64,
        media: u32,
        signature: u16,
        sugg: u32,
        dom: u32,
    },
    Up {
        who: u32,
        by: u8,
    },
    Down {
        who: u32,
        by: u8,
    },
    Disable {
        by: u8,
    },
    Enable {
        by: u8,
    },
    Restart {
        by: u8,
    },
    Tick {
        by: u8,
    },
    Forget,
}

fn step() -> impl Strategy<Value = (u64, Step)> {
    let any = (
        0u8..3,
        0u8..4,
        0u32..12,
        0u64..12,
        0u32..8,
        0u16..3,
        0u32..12,
        0u32..12,
    );
    let what = prop_oneof![
        10 => any.prop_map(|(by, kind, from, who, media, signature, sugg, dom)| {
            let dom = if dom < 9 { 0 } else { dom };
            Step::Rx { by, kind, from, who, media, signature, sugg, dom }
        }),
        3 => (0u32..12, 0u8..3).prop_map(|(who, by)| Step::Up { who, by }),
        2 => (0u32..12, 0u8..3).prop_map(|(who, by)| Step::Down { who, by }),
        1 => (0u8..3).prop_map(|by| Step::Disable { by }),
        3 => (0u8..3).prop_map(|by| Step::Enable { by }),
        1 => (0u8..3).prop_map(|by| Step::Restart { by }),
        3 => (0u8..3).prop_map(|by| Step::Tick { by }),
        1 => Just(Step::Forget),
    ];
    (prop_oneof![5 => 0u64..50, 1 => 0u64..200_000], what)
}

proptest! {
    /// Any beacons, in any order: whoever has a link that works stays; addresses and identities are
    /// each in the table once and lead to their record; beacons and deadlines make sense.
    #[test]
    fn anything_may_be_on_the_wire(steps in prop::collection::vec(step(), 1..300)) {
        let mut node = Discovery::new(NET, 0xabcd, 5, 0).unwrap();
        node.own().set_identity(id(3));
        let mut now = 0;
        let mut up: Vec<(NodeAddr, u8)> = Vec::new();
        for (later, step) in steps {
            now += later;
            match step {
                Step::Rx { by, kind, from, who, media, signature, sugg, dom } => {
                    let kind = [BeaconKind::Request, BeaconKind::Response, BeaconKind::Trial, BeaconKind::TrialFail][usize::from(kind)];
                    let beacon = Beacon {
                        kind,
                        media: MediaInfo::of(&mac(media)),
                        id: id(who),
                        suggested: NodeAddr(sugg),
                        domain: NodeAddr(dom),
                        ..request(from, signature)
                    };
                    let reaction = rx(&mut node, by, &beacon, now);
                    for gone in reaction.forgotten.into_iter().flatten() {
                        prop_assert!(!up.iter().any(|u| u.0 == gone));
                    }
                    if let Some(contact) = reaction.contact {
                        prop_assert!(contact.address == NodeAddr(from) && contact.id == id(who));
                        prop_assert!(contact.address != node.own().address());
                    }
                    if let Some(reply) = reaction.reply {
                        prop_assert!(reply.to == mac(media));
                        prop_assert!(reply.beacon.kind != BeaconKind::TrialFail || reply.beacon.suggested != NodeAddr::NONE);
                    }
                }
                Step::Up { who, by } => {
                    let address = NodeAddr(who);
                    let at = node.neighbours().find(address);
                    if at.is_some_and(|at| node.neighbours().get(at).unwrap().media_on(bearer(by)).is_some()) {
                        node.link_up(address, bearer(by));
                        if !up.contains(&(address, by)) {
                            up.push((address, by));
                        }
                    }
                }
                Step::Down { who, by } => {
                    node.link_down(NodeAddr(who), bearer(by), Instant(now));
                    up.retain(|u| *u != (NodeAddr(who), by));
                }
                Step::Disable { by } => {
                    node.disable(bearer(by), Instant(now));
                    up.retain(|u| u.1 != by);
                }
                Step::Enable { by } => {
                    let _ = node.enable(bearer(by), mac(100 + u32::from(by)), NodeAddr::NONE, Instant(now));
                }
                Step::Restart { by } => {
                    let _ = node.restart(bearer(by), mac(100 + u32::from(by)), Instant(now));
                }
                Step::Tick { by } => {
                    if let Some(beacon) = node.tick(bearer(by), Instant(now)).beacon {
                        let trial = node.own().address() == NodeAddr::NONE;
                        prop_assert_eq!(beacon.kind == BeaconKind::Trial, trial);
                        prop_assert!(node.due(bearer(by)).is_some_and(|due| due.0 > now));
                    }
                }
                Step::Forget => {
                    while let Some(gone) = node.take_forgotten(Instant(now)) {
                        prop_assert!(!up.iter().any(|u| u.0 == gone));
                    }
                }
            }
            let table = node.neighbours();
            let mut count = 0;
            for at in table.places() {
                if let Some(record) = table.get(at) {
                    count += 1;
                    prop_assert!(table.find(record.address) == Some(at));
                    prop_assert!(table.find_id(record.id) == Some(at));
                    prop_assert!(record.links() <= 2);
                    let works: Vec<u8> = up.iter().filter(|u| u.0 == record.address).map(|u| u.1).collect();
                    for by in 0..3 {
                        prop_assert_eq!(record.is_up_on(bearer(by)), works.contains(&by));
                    }
                }
            }
            prop_assert_eq!(table.len(), count);
        }
    }
}
