// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! The name table against a naive one: lists that are searched from end to end, with the rules of
//! C `name_table.c` and `subscr.c` written down as plainly as they can be. Bindings, subscriptions,
//! events and their order, multicast look-ups and lists; with memory, and with memory refused at
//! every point.

use proptest::prelude::*;
use std::collections::VecDeque;
use tipc_proto::mem;
use tipc_proto::proto::names::{
    BindError, Event, Filter, Happened, Memory, NameTable, SocketBindings, SubscribeError,
    SubscriberId, Subscription, Want,
};
use tipc_proto::proto::vocab::{NodeAddr, PortId, Scope, ServiceRange, ServiceType};

const SOCKETS: usize = 5;
const SUBSCRIBERS: usize = 3;

#[derive(Clone, Copy, Debug, PartialEq)]
struct Range(u32, u32, u32);

impl Range {
    fn real(self) -> ServiceRange {
        ServiceRange::new(ServiceType(self.0), self.1, self.2).unwrap()
    }

    fn overlaps(self, other: Range) -> bool {
        self.0 == other.0 && self.1 <= other.2 && other.1 <= self.2
    }
}

#[derive(Clone, Debug)]
enum Step {
    Bind {
        socket: usize,
        range: Range,
        node: bool,
    },
    Unbind {
        socket: usize,
        range: Range,
        node: bool,
    },
    Close {
        socket: usize,
    },
    Subscribe {
        who: usize,
        range: Range,
        filter: u32,
        time: Option<u64>,
        handle: u8,
    },
    Cancel {
        who: usize,
        range: Range,
        filter: u32,
        time: Option<u64>,
        handle: u8,
    },
    Leave {
        who: usize,
    },
    Read {
        who: usize,
        most: usize,
    },
    Pass {
        time: u64,
    },
    Multicast {
        range: Range,
        stranger: bool,
    },
    Reinit,
}

fn range() -> impl Strategy<Value = Range> + Clone {
    // 1100 shares its low ten bits with 76.
    (
        prop_oneof![Just(76u32), Just(100), Just(1100)],
        0u32..10,
        0u32..6,
    )
        .prop_map(|(service, lower, width)| Range(service, lower, lower + width))
}

fn filter() -> impl Strategy<Value = u32> + Clone {
    (
        0u32..3,
        prop_oneof![4 => Just(0u32), 1 => Just(0x20), 1 => Just(0x40), 1 => Just(0x80)],
    )
        .prop_map(|(kind, more)| kind | more)
}

fn step() -> impl Strategy<Value = Step> {
    let subscription = (
        0..SUBSCRIBERS,
        range(),
        filter(),
        prop::option::weighted(0.3, 0u64..50),
        0u8..2,
    );
    prop_oneof![
        8 => (0..SOCKETS, range(), any::<bool>()).prop_map(|(socket, range, node)| Step::Bind { socket, range, node }),
        6 => (0..SOCKETS, range(), any::<bool>()).prop_map(|(socket, range, node)| Step::Unbind { socket, range, node }),
        2 => (0..SOCKETS).prop_map(|socket| Step::Close { socket }),
        5 => subscription.clone().prop_map(|(who, range, filter, time, handle)| Step::Subscribe { who, range, filter, time, handle }),
        2 => subscription.prop_map(|(who, range, filter, time, handle)| Step::Cancel { who, range, filter, time, handle }),
        1 => (0..SUBSCRIBERS).prop_map(|who| Step::Leave { who }),
        3 => (0..SUBSCRIBERS, 0usize..5).prop_map(|(who, most)| Step::Read { who, most }),
        2 => (0u64..10).prop_map(|time| Step::Pass { time }),
        3 => (range(), any::<bool>()).prop_map(|(range, stranger)| Step::Multicast { range, stranger }),
        1 => Just(Step::Reinit),
    ]
}

/// A binding of the naive table.
#[derive(Clone, Copy, PartialEq, Debug)]
struct Bound {
    range: Range,
    node: bool,
    socket: usize,
    key: u32,
}

/// A subscription of the naive table.
#[derive(Clone, Copy, PartialEq)]
struct Wish {
    who: usize,
    range: Range,
    filter: u32,
    time: Option<u64>,
    request: [u8; 28],
}

type Told = (Happened, u32, u32, u32, u32, [u8; 28]);

fn told(event: Event) -> Told {
    let (port, node) = (event.socket.port.0, event.socket.node.0);
    (
        event.happened,
        event.lower,
        event.upper,
        port,
        node,
        event.request,
    )
}

/// Bytes that stand for a request; what is in them is nothing to the table.
fn request(range: Range, filter: u32, time: Option<u64>, handle: u8) -> [u8; 28] {
    let mut bytes = [handle; 28];
    for (at, word) in [
        range.0,
        range.1,
        range.2,
        time.map_or(!0, |t| t as u32),
        filter,
    ]
    .into_iter()
    .enumerate()
    {
        bytes[at * 4..at * 4 + 4].copy_from_slice(&word.to_ne_bytes());
    }
    bytes
}

/// The real table and the naive one.
struct World {
    table: NameTable,
    sockets: Vec<SocketBindings>,
    ids: Vec<Option<SubscriberId>>,
    now: u64,
    own: u32,
    /// Oldest first.
    bound: Vec<Bound>,
    made: Vec<u32>,
    wishes: Vec<Wish>,
    queues: Vec<VecDeque<Told>>,
}

/// No memory: the call changed nothing.
struct Refused;

impl World {
    fn new() -> Self {
        World {
            table: NameTable::new(0x1234_5678_9abc_def0),
            sockets: (0..SOCKETS).map(|_| SocketBindings::new()).collect(),
            ids: vec![None; SUBSCRIBERS],
            now: 0,
            own: 0,
            bound: Vec::new(),
            made: vec![0; SOCKETS],
            wishes: Vec::new(),
            queues: vec![VecDeque::new(); SUBSCRIBERS],
        }
    }

    fn bring(&mut self, want: Want) -> Result<(), Refused> {
        let room = want.allocate().ok_or(Refused)?;
        drop(self.table.grow(room));
        Ok(())
    }

    fn tell(&mut self, happened: Happened, bound: Bound, edge: bool) {
        let port = port(bound.socket);
        for wish in self.wishes.iter().rev() {
            let wanted = wish.range.overlaps(bound.range)
                && (edge || wish.filter & 1 != 0)
                && !(wish.filter & 0x20 != 0 && bound.node)
                && (wish.filter & 0x40 == 0 || bound.node);
            if wanted {
                self.queues[wish.who].push_back((
                    happened,
                    bound.range.1,
                    bound.range.2,
                    port,
                    self.own,
                    wish.request,
                ));
            }
        }
    }

    fn bind(&mut self, socket: usize, range: Range, node: bool) -> Result<(), Refused> {
        let scope = if node { Scope::Node } else { Scope::Cluster };
        loop {
            let of = &mut self.sockets[socket];
            match self
                .table
                .bind(range.real(), scope, PortId(port(socket)), of)
            {
                Ok(_) => break,
                Err(BindError::NeedRoom(want)) => self.bring(want)?,
                Err(_) => panic!("refused for another reason"),
            }
        }
        self.made[socket] += 1;
        let key = port(socket) + self.made[socket];
        let bound = Bound {
            range,
            node,
            socket,
            key,
        };
        let first = !self.bound.iter().any(|b| b.range == range);
        self.bound.push(bound);
        self.tell(Happened::Published, bound, first);
        Ok(())
    }

    fn withdrawn(&mut self, at: usize) {
        let old = self.bound.remove(at);
        let last = !self.bound.iter().any(|b| b.range == old.range);
        self.tell(Happened::Withdrawn, old, last);
    }

    fn unbind(&mut self, socket: usize, range: Range, node: bool) {
        let scope = if node { Scope::Node } else { Scope::Cluster };
        let mut memory = Memory::Ask;
        let found = loop {
            let of = &mut self.sockets[socket];
            match self.table.unbind(range.real(), scope, of, memory) {
                Ok(what) => break what.is_some(),
                Err(want) if self.bring(want).is_err() => memory = Memory::GoOn,
                Err(_) => {}
            }
        };
        let at = self
            .bound
            .iter()
            .rposition(|b| (b.range, b.node, b.socket) == (range, node, socket));
        assert_eq!(found, at.is_some());
        if let Some(at) = at {
            self.withdrawn(at);
        }
    }

    fn close(&mut self, socket: usize) {
        let mut memory = Memory::Ask;
        loop {
            match self.table.unbind_some(&mut self.sockets[socket], 3, memory) {
                Ok(true) => {}
                Ok(false) => break,
                Err(want) if self.bring(want).is_err() => memory = Memory::GoOn,
                Err(_) => {}
            }
        }
        while let Some(at) = self.bound.iter().rposition(|b| b.socket == socket) {
            self.withdrawn(at);
        }
    }

    fn subscribe(&mut self, wish: Wish) -> Result<(), Refused> {
        let id = match self.ids[wish.who] {
            Some(id) => id,
            None => loop {
                match self.table.add_subscriber(wish.who as u32) {
                    Ok(id) => {
                        self.ids[wish.who] = Some(id);
                        break id;
                    }
                    Err(SubscribeError::NeedRoom(want)) => self.bring(want.into())?,
                    Err(_) => panic!("refused for another reason"),
                }
            },
        };
        let what = Subscription {
            range: wish.range.real(),
            filter: Filter::from_number(wish.filter).unwrap(),
            deadline: wish.time.map(|after| self.now + after),
            request: wish.request,
        };
        loop {
            match self.table.subscribe(id, what) {
                Ok(_) => break,
                Err(SubscribeError::NeedRoom(want)) => self.bring(want.into())?,
                Err(_) => panic!("refused for another reason"),
            }
        }
        self.wishes.push(Wish {
            time: what.deadline,
            ..wish
        });
        if wish.filter & 0x80 != 0 {
            return Ok(());
        }
        for (at, bound) in self.bound.iter().enumerate() {
            let first = !self.bound[..at].iter().any(|b| b.range == bound.range);
            let hidden =
                (wish.filter & 0x20 != 0 && bound.node) || (wish.filter & 0x40 != 0 && !bound.node);
            if bound.range.overlaps(wish.range) && (wish.filter & 1 != 0 || first) && !hidden {
                let told = (
                    Happened::Published,
                    bound.range.1,
                    bound.range.2,
                    port(bound.socket),
                    self.own,
                    wish.request,
                );
                self.queues[wish.who].push_back(told);
            }
        }
        Ok(())
    }

    fn cancel(&mut self, wish: Wish) {
        let Some(id) = self.ids[wish.who] else { return };
        let found = self.table.cancel(id, wish.range.real(), &wish.request);
        let same = |w: &Wish| (w.who, w.request) == (wish.who, wish.request);
        // Which of several goes shows only in their times; leave just one to be told apart.
        let all: Vec<usize> = (0..self.wishes.len())
            .filter(|&i| same(&self.wishes[i]))
            .collect();
        assert_eq!(found, !all.is_empty());
        for _ in 1..all.len() {
            assert!(self.table.cancel(id, wish.range.real(), &wish.request));
        }
        assert!(!self.table.cancel(id, wish.range.real(), &wish.request));
        self.wishes.retain(|w| !same(w));
    }

    fn leave(&mut self, who: usize) {
        if let Some(id) = self.ids[who].take() {
            while self.table.remove_subscriber_some(id, 2) {}
            assert!(self.table.is_lost(id));
            self.wishes.retain(|w| w.who != who);
            self.queues[who].clear();
        }
    }

    /// Forgets the subscribers the table has lost, which may only be for lack of memory.
    fn bury(&mut self) {
        for who in 0..SUBSCRIBERS {
            if self.ids[who].is_some_and(|id| self.table.is_lost(id)) {
                self.leave(who);
            }
        }
    }

    fn read(&mut self, who: usize, most: usize) {
        let Some(id) = self.ids[who] else { return };
        for _ in 0..most {
            let first = self.table.first_event(id).map(told);
            let got = self.table.take_event(id).map(told);
            assert_eq!(first, got);
            assert_eq!(got, self.queues[who].pop_front());
        }
    }

    fn pass(&mut self, time: u64) {
        self.now += time;
        while self.table.tick(self.now, 1) {}
        let mut over: Vec<Wish> = self
            .wishes
            .iter()
            .filter(|w| w.time.is_some_and(|t| t <= self.now))
            .copied()
            .collect();
        self.wishes.retain(|w| w.time.is_none_or(|t| t > self.now));
        assert_eq!(
            self.table.next_deadline(),
            self.wishes.iter().filter_map(|w| w.time).min()
        );
        // Of one moment any order will do; bring the real one's over.
        over.sort_by_key(|w| w.time);
        let mut ended: Vec<Vec<Told>> = vec![Vec::new(); SUBSCRIBERS];
        for w in over {
            ended[w.who].push((Happened::Timeout, w.range.1, w.range.2, 0, 0, w.request));
        }
        for (who, mut ended) in ended.into_iter().enumerate() {
            let Some(id) = self.ids[who] else { continue };
            while let Some(old) = self.queues[who].pop_front() {
                assert_eq!(self.table.take_event(id).map(told), Some(old));
            }
            while let Some(event) = self.table.take_event(id).map(told) {
                let at = ended
                    .iter()
                    .position(|e| *e == event)
                    .expect("an event that was due");
                ended.remove(at);
            }
            assert!(ended.is_empty());
        }
    }

    fn multicast(&mut self, range: Range, stranger: bool) {
        let from = NodeAddr(if stranger { 77 } else { self.own });
        let mut want: Vec<u32> = self
            .bound
            .iter()
            .filter(|b| b.range.overlaps(range) && !(stranger && b.node))
            .map(|b| port(b.socket))
            .collect();
        want.sort();
        want.dedup();
        for room in [2, SOCKETS] {
            let mut out = vec![PortId(0); room];
            let count = self.table.multicast(range.real(), from, &mut out);
            assert_eq!(count, want.len());
            let mut got: Vec<u32> = out.iter().map(|p| p.0).take(count.min(room)).collect();
            got.sort();
            if count <= room {
                assert_eq!(got, want);
            } else {
                assert!(got.iter().all(|p| want.contains(p)));
            }
        }
    }

    /// Lists the table: each binding once, in the order of ranges.
    fn list(&self) {
        let mut cursor = None;
        let mut got: Vec<(u32, u32, u32, bool, u32, u32)> = Vec::new();
        while let Some((p, next)) = self.table.next_binding(cursor).expect("nothing changed") {
            let r = p.range;
            assert_eq!(p.socket.node.0, self.own);
            let node = p.scope == Scope::Node;
            got.push((
                r.service().0,
                r.lower(),
                r.upper(),
                node,
                p.socket.port.0,
                p.key,
            ));
            let words = next.to_words();
            cursor = tipc_proto::proto::names::Cursor::from_words(words);
            assert!(cursor == Some(next) && words != [0; 4]);
        }
        let order = |b: &(u32, u32, u32, bool, u32, u32)| (b.0 % 1024, b.0 / 1024, b.1, b.2);
        assert!(got.windows(2).all(|w| order(&w[0]) <= order(&w[1])));
        let mut want: Vec<_> = self
            .bound
            .iter()
            .map(|b| {
                (
                    b.range.0,
                    b.range.1,
                    b.range.2,
                    b.node,
                    port(b.socket),
                    b.key,
                )
            })
            .collect();
        got.sort();
        want.sort();
        assert_eq!(got, want);
        for (socket, of) in self.sockets.iter().enumerate() {
            let mut after = None;
            let mut keys = Vec::new();
            while let Some((p, place)) = self
                .table
                .next_binding_of(of, after)
                .expect("nothing changed")
            {
                keys.push(p.key);
                after = Some(place);
            }
            let want: Vec<u32> = self
                .bound
                .iter()
                .rev()
                .filter(|b| b.socket == socket)
                .map(|b| b.key)
                .collect();
            assert_eq!(keys, want);
            assert_eq!(of.is_empty(), want.is_empty());
        }
    }

    fn run(&mut self, step: Step) -> Result<(), Refused> {
        let wish = |who, range, filter, time, handle| Wish {
            who,
            range,
            filter,
            time,
            request: request(range, filter, time, handle),
        };
        match step {
            Step::Bind {
                socket,
                range,
                node,
            } => self.bind(socket, range, node)?,
            Step::Unbind {
                socket,
                range,
                node,
            } => self.unbind(socket, range, node),
            Step::Close { socket } => self.close(socket),
            Step::Subscribe {
                who,
                range,
                filter,
                time,
                handle,
            } => self.subscribe(wish(who, range, filter, time, handle))?,
            Step::Cancel {
                who,
                range,
                filter,
                time,
                handle,
            } => self.cancel(wish(who, range, filter, time, handle)),
            Step::Leave { who } => self.leave(who),
            Step::Read { who, most } => self.read(who, most),
            Step::Pass { time } => self.pass(time),
            Step::Multicast { range, stranger } => self.multicast(range, stranger),
            Step::Reinit => {
                self.own = 0x0100_1001;
                self.table.reinit(NodeAddr(self.own));
            }
        }
        assert_eq!(self.table.len() as usize, self.bound.len());
        assert_eq!(self.table.subscriptions() as usize, self.wishes.len());
        Ok(())
    }

    /// Reads everything; those named ready are those who have something, each once.
    fn drain(&mut self) {
        let mut ready = Vec::new();
        while let Some(id) = self.table.take_ready() {
            ready.push(id.key() as usize);
        }
        assert!(!self.table.any_ready());
        for who in 0..SUBSCRIBERS {
            let waits = !self.queues[who].is_empty();
            assert!(!waits || ready.iter().filter(|w| **w == who).count() == 1);
            self.read(who, self.queues[who].len() + 1);
        }
    }
}

fn port(socket: usize) -> u32 {
    1000 * (socket as u32 + 1)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn same_as_naive(steps in prop::collection::vec(step(), 1..150)) {
        let mut world = World::new();
        for step in steps {
            prop_assert!(world.run(step).is_ok());
        }
        world.list();
        world.drain();
        for who in 0..SUBSCRIBERS {
            prop_assert!(!world.ids[who].is_some_and(|id| world.table.is_lost(id)));
            world.leave(who);
        }
        for socket in 0..SOCKETS {
            world.close(socket);
        }
        world.list();
        prop_assert_eq!(world.table.subscriptions(), 0);
        drop(world.table.shrink());
    }

    /// Memory refused from the n-th allocation on: what is refused changes nothing, withdrawals go
    /// on, and who is not lost has missed nothing.
    #[test]
    fn memory_refused(steps in prop::collection::vec(step(), 1..150), n in 0usize..14) {
        let mut world = World::new();
        mem::fail_after(n);
        for step in steps {
            let _ = world.run(step);
            world.bury();
        }
        mem::fail_never();
        world.list();
        world.drain();
    }
}

fn subscriber(table: &mut NameTable, key: u32) -> SubscriberId {
    loop {
        match table.add_subscriber(key) {
            Ok(id) => return id,
            Err(SubscribeError::NeedRoom(want)) => {
                drop(table.grow(Want::from(want).allocate().unwrap()))
            }
            Err(_) => panic!(),
        }
    }
}

fn subscribe(
    table: &mut NameTable,
    id: SubscriberId,
    what: Subscription,
) -> Result<(), SubscribeError> {
    loop {
        match table.subscribe(id, what) {
            Err(SubscribeError::NeedRoom(want)) => {
                drop(table.grow(Want::from(want).allocate().unwrap()))
            }
            other => return other,
        }
    }
}

fn all_of(service: u32, filter: u32) -> Subscription {
    Subscription {
        range: ServiceRange::new(ServiceType(service), 0, !0).unwrap(),
        filter: Filter::from_number(filter).unwrap(),
        deadline: None,
        request: [filter as u8; 28],
    }
}

fn bind(table: &mut NameTable, of: &mut SocketBindings, service: u32, instance: u32) {
    let range = ServiceRange::single(ServiceType(service), instance);
    while let Err(BindError::NeedRoom(want)) = table.bind(range, Scope::Cluster, PortId(9), of) {
        drop(table.grow(want.allocate().unwrap()));
    }
}

/// Row 4.14: a request for both kinds of events is illegal.
#[test]
fn both_filters() {
    assert!(Filter::from_number(3).is_none());
    assert!(Filter::from_number(0x83).is_none());
    assert!(Filter::from_number(0).is_some());
}

/// Row 4.13: 65535 subscriptions, and no more.
#[test]
fn most_subscriptions() {
    let mut table = NameTable::new(7);
    let id = subscriber(&mut table, 1);
    for _ in 0..65535 {
        assert!(subscribe(&mut table, id, all_of(100, 1)).is_ok());
    }
    assert!(subscribe(&mut table, id, all_of(100, 1)) == Err(SubscribeError::TooMany));
    assert!(table.cancel(id, all_of(100, 1).range, &[1; 28]));
    assert!(subscribe(&mut table, id, all_of(100, 1)).is_ok());
    while table.remove_subscriber_some(id, 64) {}
    assert_eq!(table.subscriptions(), 0);
}

/// A full table is told to one subscriber whole, oldest first; a second request waits until it has
/// read; one who does not read is lost, and nobody else.
#[test]
fn slow_reader() {
    let mut table = NameTable::new(7);
    let mut of = SocketBindings::new();
    for i in 0..65534 {
        bind(&mut table, &mut of, 100, 65534 - i);
    }
    let (slow, quick) = (subscriber(&mut table, 1), subscriber(&mut table, 2));
    assert!(subscribe(&mut table, slow, all_of(100, 1)).is_ok());
    assert!(subscribe(&mut table, slow, all_of(100, 1)) == Err(SubscribeError::Later));
    for i in 0..100 {
        assert_eq!(table.take_event(slow).unwrap().lower, 65534 - i);
    }
    assert!(subscribe(&mut table, quick, all_of(100, 2)).is_ok());
    let mut told = 0;
    while table.take_event(quick).is_some() {
        told += 1;
    }
    assert_eq!(told, 65534);
    // Come and go until too much waits for the slow one.
    let mut turns = 0;
    while !table.is_lost(slow) {
        assert!(table.unbind_some(&mut of, 1, Memory::GoOn) == Ok(true));
        bind(&mut table, &mut of, 100, 1);
        while table.take_event(quick).is_some() {}
        turns += 1;
        assert!(turns < 70_000);
    }
    assert!(!table.is_lost(quick));
    assert!(table.first_event(slow).is_none());
    let named: Vec<u32> = std::iter::from_fn(|| table.take_ready())
        .map(|id| id.key())
        .collect();
    assert!(named.contains(&1));
    while table.remove_subscriber_some(slow, 64) {}
    assert!(table.unbind_some(&mut of, 1, Memory::GoOn) == Ok(true));
    while table.take_event(quick).is_some() {}
    bind(&mut table, &mut of, 100, 70_000);
    assert_eq!(table.take_event(quick).unwrap().lower, 70_000);
}

/// When all records are taken, who has the most waiting is lost, one at a time.
#[test]
fn all_records_taken() {
    let mut table = NameTable::new(7);
    let mut of = SocketBindings::new();
    let ids: Vec<_> = (0..5).map(|key| subscriber(&mut table, key)).collect();
    for (at, id) in ids.iter().enumerate() {
        // The first asks twice: twice as much waits for it.
        for _ in 0..if at == 0 { 2 } else { 1 } {
            assert!(subscribe(&mut table, *id, all_of(100, 1)).is_ok());
        }
    }
    let mut n = 0;
    while !ids.iter().any(|id| table.is_lost(*id)) {
        bind(&mut table, &mut of, 100, n);
        n += 1;
        assert!(n < 65_000);
    }
    assert!(table.is_lost(ids[0]));
    assert!(n > 131_056 / 6 - 1);
    assert!(ids[1..].iter().all(|id| !table.is_lost(*id)));
    // The others have missed nothing.
    for id in &ids[1..] {
        for i in 0..n {
            assert_eq!(table.take_event(*id).unwrap().lower, i);
        }
        assert!(table.take_event(*id).is_none());
    }
}

/// A list that goes on where its binding has gone says so.
#[test]
fn list_interrupted() {
    let mut table = NameTable::new(7);
    let (mut one, mut two) = (SocketBindings::new(), SocketBindings::new());
    bind(&mut table, &mut one, 100, 1);
    bind(&mut table, &mut two, 100, 2);
    bind(&mut table, &mut two, 100, 3);
    let (_, cursor) = table.next_binding(None).unwrap().unwrap();
    let (_, second) = table.next_binding(Some(cursor)).unwrap().unwrap();
    let (_, mine) = table.next_binding_of(&one, None).unwrap().unwrap();
    let (_, theirs) = table.next_binding_of(&two, None).unwrap().unwrap();
    assert!(table.next_binding_of(&two, Some(mine)).is_err());
    assert!(table.next_binding_of(&one, Some(mine)) == Ok(None));
    assert!(table.unbind_some(&mut one, 1, Memory::Ask) == Ok(false));
    assert!(table.next_binding(Some(cursor)).is_err());
    assert!(table.next_binding(Some(second)).unwrap().is_some());
    assert!(table.next_binding_of(&one, Some(mine)).is_err());
    assert!(table.next_binding_of(&one, Some(theirs)).is_err());
    assert!(table.next_binding_of(&two, Some(theirs)).is_ok());
    // TIPC's own are listed, too, and have no socket to send to.
    let node = ServiceRange::single(ServiceType(0), 5);
    while let Err(BindError::NeedRoom(want)) = table.publish_own(node, Scope::Cluster, PortId(0), 5)
    {
        drop(table.grow(want.allocate().unwrap()));
    }
    let (first, _) = table.next_binding(None).unwrap().unwrap();
    assert!((first.key, first.range) == (5, node));
    assert!(table.withdraw_own(node, PortId(0), 5, Memory::Ask) == Ok(true));
    assert!(table.withdraw_own(node, PortId(0), 5, Memory::Ask) == Ok(false));
}
