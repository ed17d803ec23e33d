// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! One name table on several nodes: whatever overtakes what on the way, in the end both have the
//! same. Expected values: rows 3.6 to 3.14, net/tipc/name_distr.c, and the first messages of two C
//! nodes as captured between two virtual machines.

use proptest::prelude::*;
use std::collections::{BTreeSet, VecDeque};
use tipc_proto::frame::{HostFrame, HostList};
use tipc_proto::mem;
use tipc_proto::proto::frame::{Frame, FrameList};
use tipc_proto::proto::names::{
    bulk_header, items_per_message, Applied, BindError, Bulk, Intake, Memory, NameTable, Order,
    OutOfStep, PeerBindings, Publication, SocketBindings, Teller, Turn, MAX_OF_PEER, MAX_WAITING,
};
use tipc_proto::proto::vocab::{
    Capabilities, Capability, NodeAddr, PortId, Scope, SeqNo, ServiceRange, ServiceType, SocketAddr,
};
use tipc_proto::proto::wire::{Distribution, Header, NameItem, Saying};

const SPEAKER: NodeAddr = NodeAddr(0x0404_0404);
const LISTENER: NodeAddr = NodeAddr(0xcd3d_e02d);

fn range(service: u32, lower: u32, upper: u32) -> ServiceRange {
    ServiceRange::new(ServiceType(service), lower, upper).unwrap()
}

fn frame(header: &Distribution, items: &[NameItem]) -> HostFrame {
    let data: Vec<u8> = items.iter().flat_map(NameItem::write).collect();
    HostFrame::new(&header.write(items.len()), &[&data], 0).unwrap()
}

/// A node that binds and tells.
struct Speaker {
    table: NameTable,
    teller: Teller,
    sockets: Vec<SocketBindings>,
}

impl Speaker {
    fn new() -> Self {
        let mut table = NameTable::new(1);
        table.reinit(SPEAKER);
        Speaker {
            table,
            teller: Teller::new(),
            sockets: (0..3).map(|_| SocketBindings::new()).collect(),
        }
    }

    fn bind(&mut self, socket: usize, range: ServiceRange, scope: Scope) -> Option<HostFrame> {
        let of = &mut self.sockets[socket];
        while let Err(BindError::NeedRoom(want)) =
            self.table.bind(range, scope, PortId(socket as u32 + 1), of)
        {
            drop(self.table.grow(want.allocate().unwrap()));
        }
        let (newest, _) = self.table.next_binding_of(of, None).unwrap().unwrap();
        let change = self.teller.change(SPEAKER, &newest, false);
        change.map(|(header, item)| frame(&header, &[item]))
    }

    fn unbind(&mut self, socket: usize, range: ServiceRange, scope: Scope) -> Option<HostFrame> {
        let of = &mut self.sockets[socket];
        let mut after = None;
        let found = loop {
            let (next, place) = self.table.next_binding_of(of, after).unwrap()?;
            if next.range == range && next.scope == scope {
                break next;
            }
            after = Some(place);
        };
        assert!(self
            .table
            .unbind(range, scope, of, Memory::GoOn)
            .is_ok_and(|what| what.is_some()));
        let change = self.teller.change(SPEAKER, &found, true);
        change.map(|(header, item)| frame(&header, &[item]))
    }
}

/// One message of a bulk; none if this piece listed nothing and more come.
fn piece(table: &NameTable, bulk: &mut Bulk, most: usize) -> Option<HostFrame> {
    let mut items = Vec::new();
    table.next_of_bulk(bulk, most, |item| items.push(item));
    let last = bulk.is_complete().then(|| bulk.next());
    (last.is_some() || !items.is_empty())
        .then(|| frame(&bulk_header(SPEAKER, LISTENER, last), &items))
}

/// A node that listens.
struct Listener {
    table: NameTable,
    intake: Intake<HostFrame>,
    theirs: PeerBindings,
    strange: usize,
}

impl Listener {
    fn new() -> Self {
        let mut table = NameTable::new(2);
        table.reinit(LISTENER);
        Listener {
            table,
            intake: Intake::new(),
            theirs: PeerBindings::new(),
            strange: 0,
        }
    }

    fn rx(&mut self, frame: HostFrame) -> Result<(), OutOfStep> {
        let mut spent = HostList::default();
        self.intake.rx(frame, &mut spent)?;
        while let Some(frame) = self.intake.take() {
            let header = Distribution::read(frame.header()).unwrap();
            for item in NameItem::read_all(frame.data().unwrap()).flatten() {
                if self.apply(header.saying, &item) != Applied::Yes {
                    self.strange += 1;
                }
            }
        }
        Ok(())
    }

    fn apply(&mut self, saying: Saying, item: &NameItem) -> Applied {
        loop {
            let theirs = &mut self.theirs;
            let result = self
                .table
                .apply_remote(saying, SPEAKER, item, theirs, Memory::Ask);
            match result {
                Ok(applied) => return applied,
                Err(want) => drop(self.table.grow(want.allocate().unwrap())),
            }
        }
    }

    fn lost(&mut self) {
        self.intake.reset(&mut HostList::default());
        while self
            .table
            .purge_remote_some(&mut self.theirs, 2, Memory::GoOn)
            == Ok(true)
        {}
    }
}

/// What a table has of a node.
fn listed(table: &NameTable, node: NodeAddr) -> BTreeSet<(u32, u32, u32, u32, u32)> {
    let mut out = BTreeSet::new();
    let mut at = None;
    while let Some((p, next)) = table.next_binding(at).unwrap() {
        if p.scope == Scope::Cluster && p.socket.node == node {
            let (service, lower) = (p.range.service().0, p.range.lower());
            let new = (service, lower, p.range.upper(), p.socket.port.0, p.key);
            assert!(out.insert(new), "twice");
        }
        at = Some(next);
    }
    out
}

/* rows 3.7, 3.9 */
#[test]
fn the_first_messages_are_those_of_c() {
    // Captured: a node that has published its own state only sends, in the first contact, one
    // message with word 1 0x1c000000 (bulk, last, numbered) and number 1.
    let mut speaker = Speaker::new();
    let own = range(0, SPEAKER.0, SPEAKER.0);
    while let Err(BindError::NeedRoom(want)) =
        speaker
            .table
            .publish_own(own, Scope::Cluster, PortId(0), SPEAKER.0)
    {
        drop(speaker.table.grow(want.allocate().unwrap()));
    }
    let state = Publication {
        range: own,
        scope: Scope::Cluster,
        socket: SocketAddr {
            port: PortId(0),
            node: SPEAKER,
        },
        key: SPEAKER.0,
    };
    assert!(
        speaker
            .teller
            .change(SPEAKER, &state, false)
            .unwrap()
            .0
            .seqno
            == 0
    );
    let mut bulk = speaker.table.begin_bulk(speaker.teller.next());
    let first = piece(&speaker.table, &mut bulk, items_per_message(1428)).unwrap();
    let word = |n: usize| u32::from_be_bytes(first.bytes()[4 * n..4 * n + 4].try_into().unwrap());
    assert_eq!((word(1), word(4), word(5)), (0x1c00_0000, 1, 0x4000));
    assert_eq!(first.len(), 60);
    let item = NameItem::read_all(first.data().unwrap())
        .next()
        .unwrap()
        .unwrap();
    assert!(item.range == own && item.port == PortId(0) && item.key == SPEAKER.0);
    assert!(bulk.is_complete());
    // floor((mtu - 40) / 20) of them in a message, mtu being the link's 1428.
    assert_eq!(items_per_message(1428), 69);
    assert_eq!(items_per_message(4), 1);
}

/* rows 3.6 */
#[test]
fn what_is_of_node_scope_is_nobody_else_s() {
    let mut speaker = Speaker::new();
    assert!(speaker.bind(0, range(100, 1, 1), Scope::Node).is_none());
    assert!(speaker.bind(0, range(100, 2, 2), Scope::Cluster).is_some());
    assert!(speaker.unbind(0, range(100, 1, 1), Scope::Node).is_none());
    let mut bulk = speaker.table.begin_bulk(speaker.teller.next());
    let mut listener = Listener::new();
    listener
        .rx(piece(&speaker.table, &mut bulk, 69).unwrap())
        .unwrap();
    assert_eq!(listed(&listener.table, SPEAKER).len(), 1);
    // A node without address tells nothing.
    let nobody = Publication {
        range: range(100, 1, 1),
        scope: Scope::Cluster,
        socket: SocketAddr::NONE,
        key: 1,
    };
    assert!(Teller::new()
        .change(NodeAddr::NONE, &nobody, false)
        .is_none());
}

/* rows 3.8 */
#[test]
fn one_old_peer_ends_the_broadcast_of_names() {
    let old = Capabilities::ALL.without(Capability::NameBroadcast);
    let mut teller = Teller::new();
    teller.peer_up(Capabilities::ALL);
    assert!(teller.by_broadcast());
    teller.peer_up(old);
    assert!(!teller.by_broadcast());
    teller.peer_down(Capabilities::ALL);
    teller.peer_down(old);
    assert!(teller.by_broadcast());
}

fn change(seqno: u16) -> Distribution {
    Distribution {
        from: SPEAKER,
        to: NodeAddr::NONE,
        saying: Saying::Made,
        bulk: false,
        last_bulk: false,
        numbered: true,
        seqno,
        broadcast_ack_invalid: false,
    }
}

/* rows 3.10, 3.11, 18.14 */
#[test]
fn whose_turn_it_is() {
    let mut order = Order::new();
    assert_eq!(order.turn(&change(0)), Turn::Later);
    let old = Distribution {
        numbered: false,
        ..change(9)
    };
    assert_eq!(order.turn(&old), Turn::Now);
    assert_eq!(order.turn(&bulk_header(SPEAKER, LISTENER, None)), Turn::Now);
    assert!(!order.is_open());
    let last = bulk_header(SPEAKER, LISTENER, Some(SeqNo(0xffff)));
    assert_eq!(order.turn(&last), Turn::Now);
    assert_eq!(order.turn(&change(0xfffe)), Turn::Past);
    assert_eq!(order.turn(&change(0)), Turn::Later);
    assert_eq!(order.turn(&change(0xffff)), Turn::Now);
    assert_eq!(order.turn(&change(0)), Turn::Now);
    assert_eq!(order.turn(&change(0xffff)), Turn::Past);
    // A message of a later day is read, and takes its turn as all do.
    let unknown = Distribution {
        saying: Saying::Unknown(2),
        ..change(1)
    };
    let bytes = unknown.write(0);
    let read = Distribution::read(Header::check(&bytes, bytes.len()).unwrap()).unwrap();
    assert!(read == unknown);
    assert_eq!(order.turn(&change(2)), Turn::Later);
    assert_eq!(order.turn(&read), Turn::Now);
    assert_eq!(order.turn(&change(2)), Turn::Now);
    // A new contact begins anew: what a peer that has started again says before its bulk is
    // complete waits, whatever its numbers were before.
    order = Order::new();
    assert_eq!(order.turn(&change(0)), Turn::Later);
}

/* rows 3.2, 3.12, 3.13 */
#[test]
fn doubles_and_unknown_withdrawals_change_nothing() {
    let mut listener = Listener::new();
    let item = NameItem {
        range: range(100, 1, 5),
        port: PortId(7),
        key: 8,
    };
    assert_eq!(listener.apply(Saying::Withdrawn, &item), Applied::Known);
    assert_eq!(listener.apply(Saying::Made, &item), Applied::Yes);
    assert_eq!(listener.apply(Saying::Made, &item), Applied::Known);
    // Another range, port or key is another binding.
    let others = [
        NameItem {
            range: range(100, 1, 6),
            ..item
        },
        NameItem {
            port: PortId(9),
            ..item
        },
        NameItem { key: 9, ..item },
    ];
    for other in &others {
        assert_eq!(listener.apply(Saying::Withdrawn, other), Applied::Known);
        assert_eq!(listener.apply(Saying::Made, other), Applied::Yes);
    }
    assert_eq!(listed(&listener.table, SPEAKER).len(), 4);
    for item in [item, others[2], others[0], others[1]] {
        assert_eq!(listener.apply(Saying::Withdrawn, &item), Applied::Yes);
        assert_eq!(listener.apply(Saying::Withdrawn, &item), Applied::Known);
    }
    assert_eq!((listener.table.len(), listener.theirs.len()), (0, 0));
    // An inverted range is not even an item.
    let mut bytes = item.write();
    bytes[4..8].copy_from_slice(&9u32.to_be_bytes());
    assert!(NameItem::read_all(&bytes).next().unwrap().is_none());
}

#[test]
fn a_peer_can_make_us_keep_so_much_and_no_more() {
    let mut listener = Listener::new();
    for key in 0..MAX_OF_PEER {
        // All of one range: whoever seeks in it must not look at each.
        let item = NameItem {
            range: range(100, 1, 1),
            port: PortId(7),
            key,
        };
        assert_eq!(listener.apply(Saying::Made, &item), Applied::Yes);
    }
    let more = NameItem {
        range: range(100, 1, 1),
        port: PortId(7),
        key: MAX_OF_PEER,
    };
    assert_eq!(listener.apply(Saying::Made, &more), Applied::TooMany);
    assert_eq!(listener.theirs.len(), MAX_OF_PEER);
    // Our own users bind as ever.
    let mut own = SocketBindings::new();
    while let Err(BindError::NeedRoom(want)) =
        listener
            .table
            .bind(range(100, 1, 1), Scope::Cluster, PortId(1), &mut own)
    {
        drop(listener.table.grow(want.allocate().unwrap()));
    }
    listener.lost();
    assert_eq!((listener.table.len(), listener.theirs.len()), (1, 0));
    // Changes that never become due: bounded, and the peer has to begin anew.
    let mut spent = HostList::default();
    let mut intake = Intake::new();
    for n in 0..MAX_WAITING {
        intake
            .rx(frame(&change(n as u16), &[]), &mut spent)
            .unwrap();
    }
    let after = intake.rx(frame(&change(7), &[]), &mut spent);
    assert!(after == Err(OutOfStep) && spent.len() == 1);
}

#[test]
fn refused_memory_changes_nothing() {
    for n in 0..6 {
        let mut listener = Listener::new();
        let item = NameItem {
            range: range(100, 1, 5),
            port: PortId(7),
            key: 8,
        };
        mem::fail_after(n);
        let mut done = false;
        for _ in 0..8 {
            match listener
                .table
                .publish_remote(SPEAKER, &item, &mut listener.theirs)
            {
                Ok(applied) => {
                    assert_eq!(applied, Applied::Yes);
                    done = true;
                    break;
                }
                Err(want) => match want.allocate() {
                    Some(room) => drop(listener.table.grow(room)),
                    None => break,
                },
            }
        }
        mem::fail_never();
        assert_eq!(listener.table.len(), u32::from(done));
        assert_eq!(listener.theirs.len(), u32::from(done));
        listener.lost();
        assert_eq!(listener.table.len(), 0);
    }
}

#[derive(Clone, Debug)]
enum Step {
    Bind {
        socket: usize,
        lower: u32,
        width: u32,
        node: bool,
    },
    Unbind {
        socket: usize,
        lower: u32,
        width: u32,
        node: bool,
    },
    Send {
        lower: u32,
    },
    Contact,
    Piece {
        most: usize,
    },
    ByLink {
        messages: usize,
    },
    ByBroadcast {
        messages: usize,
    },
    Mixed,
    Lost,
}

fn step() -> impl Strategy<Value = Step> {
    let what = (0usize..3, 0u32..5, 0u32..2, prop::bool::weighted(0.2));
    prop_oneof![
        6 => what.clone().prop_map(|(socket, lower, width, node)| Step::Bind { socket, lower, width, node }),
        5 => what.prop_map(|(socket, lower, width, node)| Step::Unbind { socket, lower, width, node }),
        2 => (0u32..5).prop_map(|lower| Step::Send { lower }),
        2 => Just(Step::Contact),
        6 => (1usize..4).prop_map(|most| Step::Piece { most }),
        4 => (1usize..4).prop_map(|messages| Step::ByLink { messages }),
        4 => (1usize..4).prop_map(|messages| Step::ByBroadcast { messages }),
        1 => Just(Step::Mixed),
        1 => Just(Step::Lost),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    /// A speaker binds and withdraws while contact is made and lost and its bulk is on the way; the
    /// link and the broadcast overtake each other as they like. In the end the listener has what
    /// the speaker has, once each.
    #[test]
    fn both_have_the_same_in_the_end(steps in prop::collection::vec(step(), 1..150)) {
        let mut speaker = Speaker::new();
        let mut listener = Listener::new();
        let (mut link, mut broadcast) = (VecDeque::new(), VecDeque::new());
        let mut bulk: Option<Bulk> = None;
        let mut contact = false;
        let end = [Step::Contact, Step::Piece { most: 1000 }, Step::ByLink { messages: 1000 }, Step::ByBroadcast { messages: 1000 }];
        for step in steps.into_iter().chain(end) {
            let mut told = None;
            match step {
                Step::Bind { socket, lower, width, node } => {
                    let scope = if node { Scope::Node } else { Scope::Cluster };
                    told = speaker.bind(socket, range(100, lower, lower + width), scope);
                }
                Step::Unbind { socket, lower, width, node } => {
                    let scope = if node { Scope::Node } else { Scope::Cluster };
                    told = speaker.unbind(socket, range(100, lower, lower + width), scope);
                }
                Step::Send { lower } => {
                    // Turns the circles the bulk walks along.
                    let among = tipc_proto::proto::names::Among::All;
                    let _ = speaker.table.anycast(ServiceType(100), lower, among);
                }
                Step::Contact if !contact => {
                    contact = true;
                    bulk = Some(speaker.table.begin_bulk(speaker.teller.next()));
                }
                Step::Contact => {}
                Step::Piece { most } => {
                    if let Some(b) = &mut bulk {
                        link.extend(piece(&speaker.table, b, most));
                        if b.is_complete() {
                            bulk = None;
                        }
                    }
                }
                Step::ByLink { messages } => {
                    for frame in link.drain(..messages.min(link.len())) {
                        listener.rx(frame).unwrap();
                    }
                }
                Step::ByBroadcast { messages } => {
                    for frame in broadcast.drain(..messages.min(broadcast.len())) {
                        listener.rx(frame).unwrap();
                    }
                }
                Step::Mixed => {
                    // The speaker has changed from broadcast to the link and back: two overtake.
                    if broadcast.len() > 1 {
                        broadcast.swap(0, 1);
                    }
                }
                Step::Lost => {
                    (link, broadcast, bulk, contact) = Default::default();
                    listener.lost();
                    prop_assert_eq!(listener.table.len(), 0);
                }
            }
            if contact {
                broadcast.extend(told);
            }
        }
        prop_assert!(listener.intake.is_open() && listener.intake.is_empty());
        prop_assert_eq!(listed(&listener.table, SPEAKER), listed(&speaker.table, SPEAKER));
        listener.lost();
        prop_assert_eq!(listener.table.len(), 0);
    }
}
