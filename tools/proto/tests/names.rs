// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! The name table against a naive one: a list of bindings in the order the C module would keep
//! them (name_table.c: lists with the newest first, the chosen one to the end).

use proptest::prelude::*;
use tipc_proto::mem;
use tipc_proto::proto::names::{Among, BindError, Memory, NameTable, SocketBindings};
use tipc_proto::proto::vocab::{PortId, Scope, ServiceRange, ServiceType};

#[derive(Clone, Debug)]
enum Step {
    Bind {
        socket: usize,
        service: u32,
        lower: u32,
        width: u32,
        node: bool,
    },
    Unbind {
        socket: usize,
        service: u32,
        lower: u32,
        width: u32,
        node: bool,
    },
    UnbindAll {
        socket: usize,
    },
    Send {
        service: u32,
        instance: u32,
    },
}

const SOCKETS: usize = 4;

fn step() -> impl Strategy<Value = Step> {
    let range = (0..SOCKETS, 100u32..103, 0u32..12, 0u32..6, any::<bool>());
    prop_oneof![
        5 => range.clone().prop_map(|(socket, service, lower, width, node)| {
            Step::Bind { socket, service, lower, width, node }
        }),
        3 => range.prop_map(|(socket, service, lower, width, node)| {
            Step::Unbind { socket, service, lower, width, node }
        }),
        1 => (0..SOCKETS).prop_map(|socket| Step::UnbindAll { socket }),
        5 => (100u32..103, 0u32..18).prop_map(|(service, instance)| Step::Send { service, instance }),
    ]
}

/// (type, lower, upper, ports in the order of service), newest last
type Naive = Vec<(u32, u32, u32, Vec<(usize, bool)>)>;

fn naive_send(naive: &mut Naive, service: u32, instance: u32) -> Option<usize> {
    naive.retain(|r| !r.3.is_empty());
    let mut order: Vec<usize> = (0..naive.len()).collect();
    order.sort_by_key(|&i| (naive[i].1, std::cmp::Reverse(i)));
    let range = order.into_iter().find(|&i| {
        let r = &naive[i];
        r.0 == service && r.1 <= instance && instance <= r.2
    })?;
    let range = &mut naive[range];
    let chosen = range.3.remove(0);
    range.3.push(chosen);
    Some(chosen.0)
}

fn bind(
    table: &mut NameTable,
    range: ServiceRange,
    scope: Scope,
    port: u32,
    of: &mut SocketBindings,
) {
    while let Err(BindError::NeedRoom(want)) = table.bind(range, scope, PortId(port), of) {
        let room = want.allocate().expect("memory");
        drop(table.grow(room));
    }
}

fn scope(node: bool) -> Scope {
    if node {
        Scope::Node
    } else {
        Scope::Cluster
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn same_as_naive(steps in prop::collection::vec(step(), 1..200)) {
        let mut table = NameTable::new(1);
        let mut sockets: Vec<_> = (0..SOCKETS).map(|_| SocketBindings::new()).collect();
        let mut naive: Naive = Vec::new();
        for step in steps {
            match step {
                Step::Bind { socket, service, lower, width, node } => {
                    let upper = lower + width;
                    let range = ServiceRange::new(ServiceType(service), lower, upper).unwrap();
                    bind(&mut table, range, scope(node), socket as u32 + 1, &mut sockets[socket]);
                    naive.retain(|r| !r.3.is_empty());
                    match naive.iter_mut().find(|r| (r.0, r.1, r.2) == (service, lower, upper)) {
                        Some(r) => r.3.insert(0, (socket, node)),
                        None => naive.push((service, lower, upper, vec![(socket, node)])),
                    }
                }
                Step::Unbind { socket, service, lower, width, node } => {
                    let upper = lower + width;
                    let range = ServiceRange::new(ServiceType(service), lower, upper).unwrap();
                    let found = naive
                        .iter()
                        .filter(|r| (r.0, r.1, r.2) == (service, lower, upper))
                        .any(|r| r.3.contains(&(socket, node)));
                    // Several equal bindings of one socket are not told apart by the naive table.
                    let twice = naive
                        .iter()
                        .filter(|r| (r.0, r.1, r.2) == (service, lower, upper))
                        .any(|r| r.3.iter().filter(|b| b.0 == socket).count() > 1);
                    if twice {
                        continue;
                    }
                    let of = &mut sockets[socket];
                    prop_assert!(table.unbind(range, scope(node), of, Memory::Ask).map(|what| what.is_some()) == Ok(found));
                    for r in naive.iter_mut().filter(|r| (r.0, r.1, r.2) == (service, lower, upper)) {
                        r.3.retain(|b| *b != (socket, node));
                    }
                }
                Step::UnbindAll { socket } => {
                    while table.unbind_some(&mut sockets[socket], 3, Memory::Ask) == Ok(true) {}
                    prop_assert!(sockets[socket].is_empty());
                    for r in &mut naive {
                        r.3.retain(|b| b.0 != socket);
                    }
                }
                Step::Send { service, instance } => {
                    let got = table.anycast(ServiceType(service), instance, Among::All);
                    let want = naive_send(&mut naive, service, instance);
                    prop_assert_eq!(got.map(|s| s.port.0), want.map(|s| s as u32 + 1));
                }
            }
            let total: usize = naive.iter().map(|r| r.3.len()).sum();
            prop_assert_eq!(table.len() as usize, total);
        }
    }
}

/// Row 1.2.9: 65534 bindings, and no more; all of them found, and gone again.
#[test]
fn full() {
    for one_name in [true, false] {
        let mut table = NameTable::new(1);
        let mut of = SocketBindings::new();
        let name = |i: u32| if one_name { 7 } else { i };
        for i in 0..65534 {
            bind(
                &mut table,
                ServiceRange::single(ServiceType(1000), name(i)),
                Scope::Node,
                i + 1,
                &mut of,
            );
        }
        let range = ServiceRange::single(ServiceType(2000), 0);
        assert!(table.bind(range, Scope::Node, PortId(1), &mut of) == Err(BindError::TooMany));
        for i in (0..65534).rev() {
            let got = table.anycast(ServiceType(1000), name(i), Among::Own);
            assert_eq!(got.map(|s| s.port.0), Some(i + 1));
        }
        while table.unbind_some(&mut of, 1000, Memory::Ask) == Ok(true) {}
        drop(table.shrink());
        assert_eq!(table.len(), 0);
        assert!(table.anycast(ServiceType(1000), 7, Among::All).is_none());
    }
}

/// Memory refused at each allocation in turn leaves the table as it was.
#[test]
fn refused() {
    for n in 0..8 {
        let mut table = NameTable::new(1);
        let mut of = SocketBindings::new();
        mem::fail_after(n);
        let mut bound = 0;
        'all: for i in 0..200 {
            let range = ServiceRange::single(ServiceType(1000), i);
            loop {
                match table.bind(range, Scope::Cluster, PortId(1), &mut of) {
                    Ok(_) => break,
                    Err(BindError::NeedRoom(want)) => match want.allocate() {
                        Some(room) => drop(table.grow(room)),
                        None => break 'all,
                    },
                    Err(_) => panic!("refused for another reason"),
                }
            }
            bound += 1;
        }
        mem::fail_never();
        assert_eq!(table.len(), bound);
        for i in 0..200 {
            let got = table.anycast(ServiceType(1000), i, Among::All);
            assert_eq!(got.is_some(), i < bound);
        }
        while table.unbind_some(&mut of, 7, Memory::Ask) == Ok(true) {}
        assert_eq!(table.len(), 0);
    }
}

/// Thousands of ranges of all kinds come and go, many of them beginning together; the right one is
/// found throughout.
#[test]
fn thousands() {
    let mut seed = 1u64;
    let mut random = |most: u32| {
        seed = seed
            .wrapping_mul(6364136223846793005)
            .wrapping_add(1442695040888963407);
        ((seed >> 33) as u32) % most
    };
    let mut table = NameTable::new(1);
    let mut of = SocketBindings::new();
    // (lower, upper), newest last
    let mut naive: Vec<(u32, u32)> = Vec::new();
    for step in 0..12_000u32 {
        let grow = if step < 4000 { 9 } else { 4 };
        if random(10) < grow || naive.is_empty() {
            let lower = random(3000);
            let most = if random(50) == 0 { 2000 } else { 20 };
            let upper = lower + random(most);
            if naive.contains(&(lower, upper)) {
                continue;
            }
            let range = ServiceRange::new(ServiceType(1000), lower, upper).unwrap();
            bind(&mut table, range, Scope::Node, 1 + step, &mut of);
            naive.push((lower, upper));
        } else {
            let (lower, upper) = naive.remove(random(naive.len() as u32) as usize);
            let range = ServiceRange::new(ServiceType(1000), lower, upper).unwrap();
            assert!(table
                .unbind(range, Scope::Node, &mut of, Memory::Ask)
                .is_ok_and(|what| what.is_some()));
        }
        let instance = random(5000);
        let want = naive
            .iter()
            .enumerate()
            .filter(|(_, r)| r.0 <= instance && instance <= r.1)
            .min_by_key(|(i, r)| (r.0, std::cmp::Reverse(*i)))
            .map(|(_, r)| *r);
        let got = table.anycast(ServiceType(1000), instance, Among::All);
        assert_eq!(got.is_some(), want.is_some());
        let mut out = [PortId(0); 1];
        let single = ServiceRange::single(ServiceType(1000), instance);
        let many = table.multicast(single, Default::default(), &mut out);
        assert_eq!(many, usize::from(want.is_some()));
        if let (Some(got), Some(want)) = (got, want) {
            let mut cursor = None;
            // Every now and then, whose port was it?
            while let (true, Some((p, next))) =
                (step % 64 == 0, table.next_binding(cursor).unwrap())
            {
                if p.socket.port == got.port {
                    assert_eq!((p.range.lower(), p.range.upper()), want);
                }
                cursor = Some(next);
            }
        }
    }
}
