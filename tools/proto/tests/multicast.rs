// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! Which way a multicast goes, by the numbers of C `bcast.c`, and that those who change their way
//! are heard in order whatever comes first.

use proptest::prelude::*;
use std::collections::VecDeque;
use tipc_proto::frame::{HostFrame, HostList};
use tipc_proto::proto::broadcast::{Carrier, Carriers, Choice, Method, Mode, Routes};
use tipc_proto::proto::frame::{Frame, FrameList};
use tipc_proto::proto::port::Twins;
use tipc_proto::proto::vocab::{
    BearerId, Capabilities, Capability, ErrorCode, Importance, Instant, NodeAddr, PortId,
    ServiceRange, ServiceType, SocketAddr,
};
use tipc_proto::proto::wire::{DataHeader, Destination};

const ODD: NodeAddr = NodeAddr(0x1001001);
const EVEN: NodeAddr = NodeAddr(0x1001002);
const HEADER: usize = 44;
const LIMIT: u64 = 1 << 20;

fn bearers(what: &[(u32, bool)]) -> Carriers {
    let mut out = Carriers::default();
    for (place, (mtu, broadcasts)) in out.iter_mut().zip(what) {
        *place = Some(Carrier {
            mtu: *mtu,
            broadcasts: *broadcasts,
        });
    }
    out
}

/// Routes with so many neighbours reached by each bearer.
fn reaching(counts: &[usize]) -> Routes {
    let mut routes = Routes::new();
    for (bearer, count) in BearerId::ALL.into_iter().zip(counts) {
        (0..*count).for_each(|_| routes.on_link(bearer, true));
    }
    routes
}

fn primary(routes: &Routes) -> Option<u8> {
    routes.primary().map(|bearer| bearer.number())
}

fn taken(routes: &Routes) -> Vec<u8> {
    let all = BearerId::ALL.into_iter().filter(|b| routes.takes(*b));
    all.map(|bearer| bearer.number()).collect()
}

/// C `bcast.c:tipc_bcbase_select_primary`.
/* rows 7.2, 7.4 */
#[test]
fn bearers_of_a_broadcast() {
    let ether = bearers(&[(1500, true), (1400, true), (9000, true)]);
    // Both lead to all: the node's address decides.
    let mut routes = reaching(&[3, 3]);
    assert_eq!(
        routes.select(ODD, 3, &ether),
        Some(1500),
        "the rest is not looked at"
    );
    assert_eq!((primary(&routes), taken(&routes)), (Some(0), vec![0]));
    assert_eq!(routes.select(EVEN, 3, &ether), Some(1400));
    assert_eq!((primary(&routes), taken(&routes)), (Some(1), vec![1]));
    // One only leads to all.
    let mut routes = reaching(&[2, 0, 3]);
    assert_eq!(routes.select(ODD, 3, &ether), Some(1500));
    assert_eq!((primary(&routes), taken(&routes)), (Some(2), vec![2]));
    // None does: all that lead somewhere.
    let mut routes = reaching(&[2, 0, 1]);
    assert_eq!(routes.select(ODD, 3, &ether), Some(1500));
    assert_eq!((primary(&routes), taken(&routes)), (None, vec![0, 2]));
    // A link goes down, and comes up again.
    let mut routes = reaching(&[1]);
    routes.on_link(BearerId::ALL[0], false);
    assert_eq!(routes.select(ODD, 0, &ether), None);
    assert!(taken(&routes).is_empty());
    routes.on_link(BearerId::ALL[0], false);
    routes.on_link(BearerId::ALL[0], true);
    assert_eq!(routes.select(ODD, 1, &ether), Some(1500));
    assert_eq!(taken(&routes), [0]);
}

fn copies(routes: &Routes, method: &mut Method, destinations: u32) -> bool {
    let choice = routes.choose(method, destinations, Capabilities::ALL, Instant(1000));
    choice.replicast
}

/// The same: copies are sent where a bearer knows no broadcast, unless it is not needed.
/* rows 7.11, 7.17, 7.18 */
#[test]
fn bearers_without_broadcast() {
    let mixed = bearers(&[(1500, false), (1500, true)]);
    let mut method = Method::NEW;
    let mut routes = reaching(&[1, 2]);
    routes.select(EVEN, 2, &mixed);
    assert!(!copies(&routes, &mut method, 2), "by the second");
    let mut routes = reaching(&[1, 1]);
    routes.select(EVEN, 2, &mixed);
    assert!(copies(&routes, &mut method, 2), "both are needed");
    assert!(!routes.set_mode(Mode::Broadcast, Capabilities::ALL));
    assert!(routes.set_mode(Mode::Replicast, Capabilities::ALL));
    assert!(!routes.set_ratio(50, 2, Capabilities::ALL));
}

/// C `bcast.c:tipc_bcbase_calc_bc_threshold`: copies for 1 + peers * ratio / 100 nodes at most.
/* row 7.11 */
#[test]
fn threshold() {
    let ether = bearers(&[(1500, true)]);
    for (peers, ratio, most) in [
        (1, 10, 1),
        (9, 10, 1),
        (10, 10, 2),
        (63, 10, 7),
        (10, 100, 11),
    ] {
        let mut routes = reaching(&[peers as usize]);
        routes.select(ODD, peers, &ether);
        assert!(routes.set_ratio(ratio, peers, Capabilities::ALL));
        for destinations in 1..=u32::from(peers) {
            let mut method = Method::NEW;
            let choice = copies(&routes, &mut method, destinations);
            assert_eq!(choice, destinations <= most, "{destinations} of {peers}");
        }
    }
}

/// C `bcast.c:tipc_bcast_select_xmit_method`: what the user wants goes before what an administrator
/// has set, and both before the threshold. Receivers are told of each change.
/* rows 7.11, 7.13 */
#[test]
fn who_chooses() {
    let ether = bearers(&[(1500, true)]);
    let mut routes = reaching(&[4]);
    routes.select(ODD, 4, &ether);
    let mut method = Method::NEW;
    let mut next = |routes: &Routes, wanted, destinations| {
        method.wanted = wanted;
        routes.choose(&mut method, destinations, Capabilities::ALL, Instant(0))
    };
    let is = |replicast, changed| Choice { replicast, changed };
    assert_eq!(next(&routes, None, 4), is(false, false));
    assert_eq!(next(&routes, None, 1), is(true, true));
    assert_eq!(next(&routes, None, 1), is(true, false));
    assert_eq!(next(&routes, Some(false), 1), is(false, true));
    assert!(routes.set_mode(Mode::Replicast, Capabilities::ALL));
    assert_eq!(next(&routes, Some(false), 1), is(false, false));
    assert_eq!(next(&routes, None, 4), is(true, true));
    assert!(routes.set_mode(Mode::Broadcast, Capabilities::ALL));
    assert_eq!(next(&routes, None, 1), is(false, true));
    assert_eq!(next(&routes, Some(true), 4), is(true, true));
}

/// The same, with nodes that know less: without MCAST_RBCTL a choice stands for 5 s
/// (`bcast.h:TIPC_METHOD_EXPIRE`) and nobody is told; without BCAST_RCAST there are no copies.
/* rows 5.10, 7.12, 7.17 */
#[test]
fn old_nodes() {
    let without = |bit: Capability| {
        let one = (0..16).map(|n| Capabilities(1 << n));
        let bit = one.into_iter().find(|c| c.has(bit)).expect("a bit");
        Capabilities(Capabilities::ALL.0 & !bit.0)
    };
    let ether = bearers(&[(1500, true)]);
    let mut routes = reaching(&[4]);
    routes.select(ODD, 4, &ether);
    let mut method = Method::NEW;
    let can = without(Capability::MulticastControl);
    let mut at = |now, destinations| {
        let choice = routes.choose(&mut method, destinations, can, Instant(now));
        assert!(!choice.changed);
        choice.replicast
    };
    assert!(!at(10_000, 4) && !at(10_001, 1) && !at(15_000, 1));
    assert!(at(20_000, 1) && at(20_001, 4));
    let can = without(Capability::Replicast);
    let mut method = Method::NEW;
    assert!(!routes.choose(&mut method, 1, can, Instant(0)).replicast);
    assert!(!routes.set_mode(Mode::Auto, can) && routes.mode(can).is_none());
}

/// One multicast.
fn message(port: u32, number: u32, replicast: bool, syn: bool, empty: bool) -> HostFrame {
    let header = DataHeader {
        importance: Importance::Low,
        src_droppable: replicast,
        dest_droppable: false,
        syn,
        error: empty.then_some(ErrorCode::NoPort),
        origin: SocketAddr {
            port: PortId(port),
            node: ODD,
        },
        target: SocketAddr::NONE,
        destination: Destination::Multicast {
            range: ServiceRange::single(ServiceType(1000), 1),
        },
        rerouted: None,
    };
    let size = if empty { 0 } else { 4 };
    let mut bytes = vec![0; HEADER];
    assert!(header.write(size, &mut bytes));
    if !empty {
        bytes.extend(number.to_be_bytes());
    }
    HostFrame::new(&bytes, &[], 0).unwrap()
}

/// What may be read after `frame` has come; none if it is refused.
fn rx(twins: &mut Twins<HostFrame>, frame: HostFrame, limit: u64, now: u64) -> Option<Vec<u32>> {
    let (mut out, mut spent) = <(HostList, HostList)>::default();
    let done = twins.rx(frame, limit, Instant(now), &mut out, &mut spent);
    let mut numbers = vec![];
    while let Some(frame) = out.pop_front() {
        let bytes = frame.bytes();
        numbers.push(u32::from_be_bytes(bytes[HEADER..].try_into().unwrap()));
    }
    done.ok().map(|()| numbers)
}

/// C `bcast.c:tipc_mcast_filter_msg`: either of the two may come first; until the other is there
/// what comes the new way waits, and what comes the old way does not.
/* row 7.13 */
#[test]
fn either_comes_first() {
    for twin_first in [false, true] {
        let mut twins = Twins::new();
        let mut come = |frame| rx(&mut twins, frame, LIMIT, 0).unwrap();
        assert_eq!(come(message(1, 0, false, false, false)), [0]);
        // It goes over to copies with number 2.
        if twin_first {
            assert_eq!(come(message(1, 1, false, false, false)), [1]);
            assert!(come(message(1, 2, false, true, true)).is_empty());
            assert_eq!(come(message(2, 9, true, false, false)), [9], "of another");
            assert_eq!(come(message(1, 2, true, true, false)), [2]);
            assert_eq!(come(message(1, 3, true, false, false)), [3]);
        } else {
            assert!(come(message(1, 2, true, true, false)).is_empty());
            assert!(come(message(1, 3, true, false, false)).is_empty());
            assert_eq!(come(message(2, 9, true, false, false)), [9], "of another");
            assert_eq!(come(message(1, 1, false, false, false)), [1]);
            assert_eq!(come(message(1, 2, false, true, true)), [2, 3]);
        }
        assert!(twins.is_empty());
    }
}

/// What waits is bounded in number and in bytes, and a minute is enough for any twin. (C bounds
/// nothing: `Documentation/architecture.md`.)
#[test]
fn bounds() {
    let mut twins = Twins::new();
    assert_eq!(
        rx(&mut twins, message(1, 0, true, true, false), LIMIT, 0),
        Some(vec![])
    );
    for number in 1..1024 {
        let waits = rx(&mut twins, message(1, number, true, false, false), LIMIT, 0);
        assert_eq!(waits, Some(vec![]));
    }
    assert_eq!(
        rx(&mut twins, message(1, 1024, true, false, false), LIMIT, 0),
        None
    );
    // Those of others go on.
    assert_eq!(
        rx(&mut twins, message(2, 7, true, false, false), LIMIT, 0),
        Some(vec![7])
    );
    assert_eq!(
        rx(&mut twins, message(3, 7, true, true, false), LIMIT, 0),
        None
    );
    // The twin comes after all.
    let all = rx(&mut twins, message(1, 0, false, true, true), LIMIT, 60_000).unwrap();
    assert_eq!(all, Vec::from_iter(0..1024));
    assert!(twins.is_empty());
    // In bytes: two of 48.
    for (number, fits) in [(0, true), (1, true), (2, false)] {
        let frame = message(1, number, true, number == 0, false);
        assert_eq!(rx(&mut twins, frame, 2 * 48, 0).is_some(), fits);
    }
    // After a minute, with whatever comes next.
    let other = message(2, 7, true, false, false);
    assert_eq!(rx(&mut twins, other, LIMIT, 60_000), Some(vec![7]));
    let other = message(2, 8, true, false, false);
    assert_eq!(rx(&mut twins, other, LIMIT, 60_001), Some(vec![0, 1, 8]));
    assert!(twins.is_empty());
}

proptest! {
    /// Three senders change their way as they like; each way keeps the order, but one may be far
    /// behind the other.
    #[test]
    fn in_order(
        plan in prop::collection::vec((0u32..3, any::<bool>()), 1..200),
        take in prop::collection::vec((0usize..3, any::<bool>()), 1..200),
    ) {
        let mut ways = [const { [const { VecDeque::new() }; 2] }; 3];
        let (mut now, mut count) = ([false; 3], [0u32; 3]);
        for (sender, replicast) in plan {
            let who = sender as usize;
            let changed = replicast != now[who];
            now[who] = replicast;
            let number = (sender << 16) | count[who];
            count[who] += 1;
            if changed {
                let twin = message(sender, number, !replicast, true, true);
                ways[who][usize::from(!replicast)].push_back(twin);
            }
            let data = message(sender, number, replicast, changed, false);
            ways[who][usize::from(replicast)].push_back(data);
        }
        let mut twins = Twins::new();
        let mut next = [0u32; 3];
        let mut turns = take.into_iter().cycle();
        while ways.iter().flatten().any(|way| !way.is_empty()) {
            let (who, way) = turns.next().unwrap();
            let frame = ways[who][usize::from(way)].pop_front();
            let frame = frame.or_else(|| ways.iter_mut().flatten().find_map(VecDeque::pop_front));
            for number in rx(&mut twins, frame.unwrap(), LIMIT, 0).unwrap() {
                let who = (number >> 16) as usize;
                prop_assert_eq!(number & 0xffff, next[who]);
                next[who] += 1;
            }
        }
        prop_assert_eq!(next, count);
        prop_assert!(twins.is_empty());
    }
}
