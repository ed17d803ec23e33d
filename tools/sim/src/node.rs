// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! One whole node: discovery, peers with their links, and a name table, put together as `stack`
//! puts them together; and users who send numbered messages to sockets of other nodes.

use crate::flow::Flow;
use crate::random::Random;
use crate::shouts::{self, Shouts};
use std::collections::{BTreeMap, BTreeSet};
use tipc_proto::frame::{HostFrame, HostList};
use tipc_proto::mem::slab::Slab;
use tipc_proto::proto::discovery::neighbours::Refused;
use tipc_proto::proto::discovery::{Change, Contact, Discovery, Notice};
use tipc_proto::proto::frame::{Frame, FrameList};
use tipc_proto::proto::link::{Config, SendError, Sent, State, Verdict, Window};
use tipc_proto::proto::names::{
    bulk_header, items_per_message, BindError, Bulk, Intake, Memory, NameTable, PeerBindings,
    Publication, SocketBindings, Teller,
};
use tipc_proto::proto::peer::conns::{Connection, NeedRoom};
use tipc_proto::proto::peer::fsm::State as ContactState;
use tipc_proto::proto::peer::{LinkRoom, NewLink, News, Peer, PeerOut};
use tipc_proto::proto::vocab::{
    BearerId, Instant, Level, MediaAddr, NodeAddr, NodeId, PortId, Scope, ServiceRange,
    ServiceType, SessionNo, SocketAddr, MAX_BEARERS,
};
use tipc_proto::proto::wire::{Beacon, DataHeader, Distribution, NameItem, User};

/// The cluster.
const NETWORK: u32 = 4711;

/// Where a frame goes.
#[derive(Clone, Copy)]
pub enum To {
    /// To everybody on the wire.
    All,
    /// To the node with this address on it.
    One(MediaAddr),
}

/// A neighbour, and what is kept for it beside its links.
struct Neighbour {
    peer: Peer<HostFrame>,
    intake: Intake<HostFrame>,
    theirs: PeerBindings,
    bulk: Option<Bulk>,
    /// Flows to it that wait, oldest first.
    waiting: Vec<PortId>,
}

/// What a name table holds that all nodes should hold: type, lower, upper, node, port.
pub type Names = BTreeSet<(u32, u32, u32, u32, u32)>;

/// A node.
pub struct Node {
    /// Its place among the nodes; part of its media addresses.
    pub place: usize,
    pub now: u64,
    discovery: Discovery,
    peers: BTreeMap<u32, Neighbour>,
    table: NameTable,
    teller: Teller,
    sockets: [SocketBindings; 2],
    /// What its users send, by the sending port.
    pub flows: BTreeMap<u32, Flow>,
    /// What leaves it: bearer, where to, bytes.
    pub sent: Vec<(usize, To, Vec<u8>)>,
    /// Data that has come for its users: sending node, sending port, bytes.
    pub got: Vec<(NodeAddr, PortId, Vec<u8>)>,
    pub shouts: Shouts,
    /// Broadcasts that have come: sending node, its user, how often it was lost before, bytes.
    pub heard: Vec<(NodeAddr, usize, u32, Vec<u8>)>,
    /// How often each node was lost.
    lost: BTreeMap<u32, u32>,
    mtu: u32,
    random: u64,
    pub losses: u32,
    pub failovers: u32,
    pub synchs: u32,
    /// What has happened to contact and links.
    pub log: Vec<String>,
}

fn bearer(number: usize) -> BearerId {
    BearerId::new(number as u8).expect("a bearer")
}

/// The address of node `place` on wire `wire`.
pub fn media(wire: usize, place: usize) -> MediaAddr {
    MediaAddr::ethernet([2, 0, 0, wire as u8, (place >> 8) as u8, place as u8])
}

impl Node {
    /// `row` is larger than that of the same node before it started again.
    pub fn new(
        (place, id, row): (usize, NodeId, u64),
        wires: usize,
        now: u64,
        chance: &mut Random,
    ) -> Self {
        let (random, seed) = (chance.number(), chance.number());
        let mtu = [1500, 1500, 1400, 9000][chance.below(4) as usize];
        let mut discovery =
            Discovery::new(NETWORK, random as u32, seed, place as u32).expect("memory");
        assert!(discovery.own().set_identity(id));
        let mut node = Node {
            place,
            now,
            discovery,
            peers: BTreeMap::new(),
            table: NameTable::new(seed),
            teller: Teller::new(),
            sockets: [const { SocketBindings::new() }; 2],
            flows: BTreeMap::new(),
            sent: Vec::new(),
            got: Vec::new(),
            shouts: Shouts::new(wires, mtu, row),
            heard: Vec::new(),
            lost: BTreeMap::new(),
            mtu,
            random,
            losses: 0,
            failovers: 0,
            synchs: 0,
            log: Vec::new(),
        };
        for wire in 0..wires {
            let beacon = node.discovery.enable(
                bearer(wire),
                media(wire, place),
                NodeAddr::NONE,
                Instant(now),
            );
            let beacon = beacon.expect("a first beacon");
            node.sent.push((wire, To::All, beacon.write().to_vec()));
        }
        node
    }

    pub fn address(&mut self) -> NodeAddr {
        self.discovery.own().address()
    }

    fn chance(&mut self) -> u64 {
        let mut chance = Random::new(self.random);
        self.random = chance.number();
        chance.number()
    }

    /// When something is to be done without anything coming in.
    pub fn next(&self) -> u64 {
        let ticks = self.peers.values().map(|n| n.peer.next_tick().0);
        let own = self.discovery.next_deadline().map_or(u64::MAX, |due| due.0);
        let bulks = self.peers.values().any(|n| n.bulk.is_some());
        let soon = if bulks { self.now + 1 } else { u64::MAX };
        ticks.min().unwrap_or(u64::MAX).min(own).min(soon)
    }

    /// Does what is due.
    pub fn tick(&mut self, now: u64) {
        self.now = now;
        for wire in 0..MAX_BEARERS {
            if self
                .discovery
                .due(bearer(wire))
                .is_some_and(|due| due.0 <= now)
            {
                let due = self.discovery.tick(bearer(wire), Instant(now));
                if let Some(beacon) = due.beacon {
                    self.sent.push((wire, To::All, beacon.write().to_vec()));
                }
                if let Some(address) = due.settled {
                    self.settle(address);
                }
            }
        }
        while let Some(address) = self.discovery.take_forgotten(Instant(now)) {
            self.forget(address);
        }
        let due = self
            .peers
            .iter()
            .filter(|(_, n)| n.peer.next_tick().0 <= now);
        let due: Vec<u32> = due.map(|(address, _)| *address).collect();
        for address in due {
            self.with(address, |peer, now, out| {
                peer.tick(|_| Verdict::WATCH, now, out)
            });
        }
        let bulks = self.peers.iter().filter(|(_, n)| n.bulk.is_some());
        let bulks: Vec<u32> = bulks.map(|(address, _)| *address).collect();
        for address in bulks {
            self.tell_more(address);
        }
    }

    /// Its own address is known: it is published.
    fn settle(&mut self, address: NodeAddr) {
        let _refusing = tipc_proto::mem::pause();
        self.table.reinit(address);
        let range = ServiceRange::single(ServiceType(0), address.0);
        while let Err(BindError::NeedRoom(want)) =
            self.table
                .publish_own(range, Scope::Cluster, PortId(0), address.0)
        {
            drop(self.table.grow(want.allocate().expect("memory")));
        }
        let what = Publication {
            range,
            scope: Scope::Cluster,
            socket: SocketAddr {
                port: PortId(0),
                node: address,
            },
            key: address.0,
        };
        self.tell(&what, false);
    }

    fn forget(&mut self, address: NodeAddr) {
        if let Some(gone) = self.peers.remove(&address.0) {
            assert!(!gone.peer.is_up() && gone.theirs.len() == 0);
        }
    }

    /// Calls a peer, sends what it lets go, and does what its news say.
    fn with(
        &mut self,
        address: u32,
        call: impl FnOnce(&mut Peer<HostFrame>, Instant, &mut PeerOut<'_, HostFrame>) -> News,
    ) {
        let Some(neighbour) = self.peers.get_mut(&address) else {
            return;
        };
        let mut wire: [HostList; MAX_BEARERS] = Default::default();
        let (mut up, mut spent) = (HostList::default(), HostList::default());
        let mut out = PeerOut {
            wire: &mut wire,
            up: &mut up,
            spent: &mut spent,
        };
        let peer = &mut neighbour.peer;
        let before = peer.contact().state();
        let lost = self.lost.get(&address).copied().unwrap_or(0);
        peer.broadcast().last_sent = self.shouts.sender.last_sent();
        let now = Instant(self.now);
        let mut news = call(peer, now, &mut out);
        if peer.has_for_sender(news) {
            let at = (self.discovery.own().address(), NETWORK);
            news = self.shouts.share(at, peer, news, now, &mut out);
        }
        match (before, peer.contact().state()) {
            (ContactState::FailingOver | ContactState::Synching, _) => {}
            (_, ContactState::FailingOver) => self.failovers += 1,
            (_, ContactState::Synching) => self.synchs += 1,
            _ => {}
        }
        for (number, list) in wire.iter_mut().enumerate() {
            let to = peer.media(bearer(number));
            while let Some(frame) = list.pop_front() {
                // The link may be gone with its bearer.
                if let Some(to) = to {
                    self.sent
                        .push((number, To::One(to), frame.bytes().to_vec()));
                }
            }
        }
        if news != News::NONE || before != peer.contact().state() {
            let state = |b| peer.link(b).map(|link| link.state());
            let links: Vec<State> = BearerId::ALL.into_iter().filter_map(state).collect();
            self.log.push(format!(
                "{} ms: node {} about {address:x}: {before:?} -> {:?}, {news:?}, links {links:?}",
                self.now,
                self.place,
                peer.contact().state()
            ));
        }
        self.shout();
        self.act(address, news);
        self.deliver(address, lost, up);
    }

    /// Sends what is to be broadcast.
    fn shout(&mut self) {
        for (number, bytes) in self.shouts.take() {
            self.sent.push((number, To::All, bytes));
        }
    }

    fn act(&mut self, address: u32, news: News) {
        let Some(neighbour) = self.peers.get_mut(&address) else {
            return;
        };
        let node = NodeAddr(address);
        for b in BearerId::ALL {
            let up = neighbour.peer.link(b).is_some_and(|l| l.state().is_up());
            if news.has(News::link_up(b)) && up {
                self.discovery.link_up(node, b);
            } else if news.has(News::link_down(b)) {
                self.discovery.link_down(node, b, Instant(self.now));
            }
        }
        if news.has(News::LOST) {
            self.losses += 1;
            *self.lost.entry(address).or_default() += 1;
            self.teller.peer_down(neighbour.peer.capabilities());
            neighbour.bulk = None;
            neighbour.waiting.clear();
            neighbour.intake.reset(&mut HostList::default());
            while self
                .table
                .purge_remote_some(&mut neighbour.theirs, 64, Memory::GoOn)
                == Ok(true)
            {}
            // Every sender to it is told.
            while let Some(lost) = neighbour.peer.connections().take_lost() {
                if let Some(flow) = self.flows.get_mut(&lost.own.0) {
                    flow.told();
                }
            }
        }
        if news.has(News::CONTACT) {
            self.teller.peer_up(neighbour.peer.capabilities());
            neighbour.bulk = Some(self.table.begin_bulk(self.teller.next()));
        }
        if news.has(News::ROOM) {
            let woken = neighbour.peer.take_senders();
            for (level, mut count) in woken.into_iter().enumerate() {
                let flows = &mut self.flows;
                neighbour.waiting.retain(|port| {
                    let Some(flow) = flows.get_mut(&port.0) else {
                        return false;
                    };
                    let wakes =
                        count > 0 && Level::from(flow.importance).number() as usize == level;
                    if wakes {
                        count -= 1;
                        flow.waits = false;
                    }
                    !wakes
                });
            }
        }
    }

    /// Whole messages from a peer.
    fn deliver(&mut self, address: u32, lost: u32, mut up: HostList) {
        while let Some(frame) = up.pop_front() {
            match frame.header().user() {
                User::Names => self.on_names(address, frame),
                User::Data(_) => {
                    let header = DataHeader::read(frame.bytes());
                    let header = header.expect("a message");
                    if let Some(user) = shouts::user(header.origin.port) {
                        let bytes = frame.bytes()[header.len()..].to_vec();
                        self.heard.push((NodeAddr(address), user, lost, bytes));
                    } else if header.target.port != PortId(0) {
                        let bytes = frame.bytes()[header.len()..].to_vec();
                        self.got
                            .push((NodeAddr(address), header.origin.port, bytes));
                    }
                }
                _ => panic!("what is this for a node?"),
            }
        }
    }

    fn on_names(&mut self, address: u32, frame: HostFrame) {
        let Some(neighbour) = self.peers.get_mut(&address) else {
            return;
        };
        // Links can deliver what they had before contact was lost, but nothing after.
        let step = neighbour.intake.rx(frame, &mut HostList::default());
        assert!(step.is_ok(), "out of step");
        while let Some(frame) = neighbour.intake.take() {
            let header = Distribution::read(frame.header()).expect("names");
            assert!(header.from == NodeAddr(address));
            for item in NameItem::read_all(frame.data().expect("data")).flatten() {
                let (table, theirs) = (&mut self.table, &mut neighbour.theirs);
                let node = NodeAddr(address);
                loop {
                    let result =
                        table.apply_remote(header.saying, node, &item, theirs, Memory::Ask);
                    let Err(want) = result else { break };
                    // A work item that waits for memory.
                    let refusing = tipc_proto::mem::pause();
                    drop(table.grow(want.allocate().expect("memory")));
                    drop(refusing);
                }
            }
        }
    }

    /// The next message of the bulk for a peer.
    fn tell_more(&mut self, address: u32) {
        let own = self.address();
        let Some(neighbour) = self.peers.get_mut(&address) else {
            return;
        };
        let (Some(bulk), Some(mss)) = (&mut neighbour.bulk, neighbour.peer.mss(PortId(0))) else {
            return;
        };
        let (mut next, mut items) = (*bulk, Vec::new());
        let most = items_per_message(mss as usize).min(3);
        self.table
            .next_of_bulk(&mut next, most, |item| items.extend(item.write()));
        let last = next.is_complete().then(|| next.next());
        let header = bulk_header(own, NodeAddr(address), last);
        let header = header.write(items.len() / 20);
        // Without memory it is said another time.
        let Some(frame) = HostFrame::new(&header, &[&items], 0) else {
            return;
        };
        *bulk = next;
        if last.is_some() {
            neighbour.bulk = None;
        }
        self.send_names(address, frame);
    }

    fn send_names(&mut self, address: u32, frame: HostFrame) {
        let mut list = HostList::default();
        list.push_back(frame);
        self.with(address, |peer, now, out| {
            peer.send(&mut list, PortId(0), now, out).1
        });
    }

    /// Tells all peers of a change.
    fn tell(&mut self, what: &Publication, withdrawal: bool) {
        let own = self.address();
        let Some((header, item)) = self.teller.change(own, what, withdrawal) else {
            return;
        };
        if self.teller.by_broadcast() {
            let frame = HostFrame::new(&header.write(1), &[&item.write()], 0);
            let mut frames = HostList::default();
            let told = frame.is_some_and(|frame| {
                frames.push_back(frame);
                self.shouts
                    .broadcast(&mut frames, Instant(self.now))
                    .is_ok()
            });
            self.shout();
            if !told {
                let all: Vec<u32> = self.peers.keys().copied().collect();
                for address in all {
                    self.with(address, |peer, now, out| peer.fail_all(now, out));
                }
            }
            return;
        }
        let up = self.peers.iter().filter(|(_, n)| n.peer.is_up());
        let up: Vec<u32> = up.map(|(address, _)| *address).collect();
        for address in up {
            let refusing = tipc_proto::mem::pause();
            let header = Distribution {
                to: NodeAddr(address),
                ..header
            };
            let frame = HostFrame::new(&header.write(1), &[&item.write()], 0).expect("memory");
            drop(refusing);
            self.send_names(address, frame);
        }
    }

    /// One of its users binds a name, or withdraws it if it was bound.
    pub fn toggle(&mut self, socket: usize, lower: u32) {
        let range = ServiceRange::new(ServiceType(1000), lower, lower + 3).expect("a range");
        let port = PortId(100 + socket as u32);
        let mut after = None;
        let of = &mut self.sockets[socket];
        while let Ok(Some((binding, place))) = self.table.next_binding_of(of, after) {
            if binding.range == range {
                let done = self.table.unbind(range, Scope::Cluster, of, Memory::GoOn);
                assert!(done.is_ok_and(|what| what == Some(binding)));
                return self.tell(&binding, true);
            }
            after = Some(place);
        }
        while let Err(BindError::NeedRoom(want)) = self.table.bind(range, Scope::Cluster, port, of)
        {
            let refusing = tipc_proto::mem::pause();
            drop(self.table.grow(want.allocate().expect("memory")));
            drop(refusing);
        }
        let newest = self.table.next_binding_of(of, None);
        if let Ok(Some((newest, _))) = newest {
            self.tell(&newest, false);
        }
    }

    /// All names of cluster scope it knows.
    pub fn names(&self) -> Names {
        let (mut out, mut at) = (Names::new(), None);
        while let Ok(Some((p, next))) = self.table.next_binding(at) {
            let range = (p.range.service().0, p.range.lower(), p.range.upper());
            let new = (range.0, range.1, range.2, p.socket.node.0, p.socket.port.0);
            assert!(out.insert(new), "a name twice");
            at = Some(next);
        }
        out
    }

    /// A frame has come in on a wire.
    pub fn rx(&mut self, wire: usize, bytes: &[u8]) {
        let Some(frame) = HostFrame::arrived(bytes) else {
            return;
        };
        let header = frame.header();
        if header.user() == User::Discovery {
            let beacon = frame.data().and_then(|data| Beacon::read(header, data));
            if let Some(beacon) = beacon {
                self.on_beacon(wire, &beacon);
            }
            return;
        }
        let address = header.previous_node().0;
        if header.is_non_sequenced() {
            if header.broadcast_network() == NETWORK {
                self.with(address, |peer, now, out| {
                    peer.rx_broadcast(bearer(wire), frame, now, out)
                });
            }
            return;
        }
        self.with(address, |peer, now, out| {
            peer.rx(bearer(wire), frame, now, out)
        });
    }

    fn on_beacon(&mut self, wire: usize, beacon: &Beacon) {
        let by = bearer(wire);
        let mut reaction = self.discovery.rx(by, beacon, Instant(self.now));
        if let Some(address) = reaction.settled {
            self.settle(address);
        }
        if reaction.notice == Some(Notice::Refused(Refused::NeedRoom)) {
            let refusing = tipc_proto::mem::pause();
            let wanted = self
                .discovery
                .neighbours()
                .wanted()
                .expect("room is wanted");
            let room = Slab::allocate(wanted).expect("memory");
            drop(self.discovery.neighbours().grow(room));
            drop(refusing);
            reaction = self.discovery.rx(by, beacon, Instant(self.now));
        }
        for gone in reaction.forgotten.into_iter().flatten() {
            self.forget(gone);
        }
        if let Some(contact) = reaction.contact {
            self.on_contact(by, &contact);
        }
        if let Some(reply) = reaction.reply {
            let bytes = reply.beacon.write().to_vec();
            self.sent.push((wire, To::One(reply.to), bytes));
        }
    }

    fn on_contact(&mut self, by: BearerId, contact: &Contact) {
        let own = self.address();
        let session = SessionNo(self.chance() as u16);
        let config = Config {
            own,
            peer: contact.address,
            bearer: by.number(),
            plane: by.number(),
            interface: *b"eth\0\0\0\0\0\0\0\0\0\0\0\0\0",
            mtu: self.mtu,
            min_mtu: 100,
            tolerance: 1500,
            priority: 10,
            window: Window::new(50, 8191),
            capabilities: contact.capabilities,
        };
        let now = Instant(self.now);
        let Some(room) = LinkRoom::new() else {
            self.discovery.unheard(contact.address, by);
            return;
        };
        let neighbour = self
            .peers
            .entry(contact.address.0)
            .or_insert_with(|| Neighbour {
                peer: Peer::new(own, contact.address, contact.capabilities, now),
                intake: Intake::new(),
                theirs: PeerBindings::new(),
                bulk: None,
                waiting: Vec::new(),
            });
        neighbour.peer.set_capabilities(contact.capabilities);
        let media = contact.media;
        let new = NewLink {
            room,
            config,
            session,
            media,
        };
        self.with(contact.address.0, |peer, now, out| match contact.change {
            Change::New => {
                assert!(peer.add_link(by, new, now, out));
                News::NONE
            }
            Change::Moved => peer.move_link(by, media, now, out),
            Change::Capabilities => News::NONE,
        });
    }

    /// The flow from `port` sends a message of about `size` bytes, if it may and there is contact.
    pub fn send(&mut self, port: u32, size: usize) {
        let own = self.address();
        let Some(flow) = self.flows.get_mut(&port) else {
            return;
        };
        let address = flow.to;
        let Some(neighbour) = self.peers.get_mut(&address.0) else {
            return;
        };
        let Some(mss) = neighbour.peer.mss(PortId(port)).filter(|_| !flow.waits) else {
            return;
        };
        let Some(mut frames) = flow.message(own, PortId(port), size, mss as usize) else {
            return;
        };
        if !flow.registered {
            let connection = Connection {
                own: PortId(port),
                peer: PortId(1),
            };
            while neighbour.peer.connections().add(connection) == Err(NeedRoom) {
                let wanted = neighbour
                    .peer
                    .connections()
                    .wanted()
                    .expect("room is wanted");
                let refusing = tipc_proto::mem::pause();
                let room = Slab::allocate(wanted).expect("memory");
                drop(neighbour.peer.connections().grow(room));
                drop(refusing);
            }
            flow.registered = true;
        }
        flow.sent += 1;
        let result = loop {
            let mut result = Ok(Sent::Done);
            self.with(address.0, |peer, now, out| {
                let (sent, news) = peer.send(&mut frames, PortId(port), now, out);
                result = sent;
                news
            });
            let Err(SendError::TooLarge { most }) = result else {
                break result;
            };
            let flow = self.flows.get_mut(&port).expect("it is sending");
            match flow.cut_anew(own, &mut frames, most) {
                Some(again) => frames = again,
                None => {
                    // No memory: its sender is told.
                    flow.sent -= 1;
                    return;
                }
            }
        };
        match result {
            Ok(Sent::Done) => {}
            Ok(Sent::Wait) => {
                if let Some(flow) = self.flows.get_mut(&port) {
                    flow.waits = true;
                }
                if let Some(neighbour) = self.peers.get_mut(&address.0) {
                    neighbour.waiting.push(PortId(port));
                }
            }
            Err(error) => panic!("refused: {error:?}"),
        }
    }

    /// One of its users broadcasts a message of about `size` bytes, if it may.
    pub fn broadcast(&mut self, user: usize, size: usize) {
        let own = self.address();
        self.shouts.send(own, user, size, Instant(self.now));
        self.shout();
    }

    /// Why it is not at rest with everybody in contact by all wires; none if it is.
    pub fn unrest(&mut self, others: &[NodeAddr], wires: usize) -> Option<String> {
        for other in others {
            let Some(neighbour) = self.peers.get(&other.0) else {
                return Some(format!("{:x} is not known", other.0));
            };
            let peer = &neighbour.peer;
            if peer.contact().state() != ContactState::Up {
                return Some(format!(
                    "contact with {:x}: {:?}",
                    other.0,
                    peer.contact().state()
                ));
            }
            for wire in 0..wires {
                let Some(link) = peer.link(bearer(wire)) else {
                    return Some(format!("no link to {:x} on {wire}", other.0));
                };
                let queues = (link.queued(), link.deferred());
                if link.state() != State::Established || queues != (0, 0) {
                    let state = link.state();
                    return Some(format!(
                        "link to {:x} on {wire}: {state:?} {queues:?}",
                        other.0
                    ));
                }
            }
            let (receiver, acker) = (&peer.broadcasts().receiver, &peer.broadcasts().acker);
            let behind = self.shouts.sender.last_sent().since(acker.acked());
            if !receiver.is_up() || receiver.deferred() != 0 || behind != 0 {
                let up = receiver.is_up();
                let early = receiver.deferred();
                return Some(format!(
                    "broadcasts of {:x}: up {up}, {early} too early; {behind} behind",
                    other.0
                ));
            }
            if neighbour.bulk.is_some() || !neighbour.intake.is_open() {
                return Some(format!("names of {:x} are not complete", other.0));
            }
            if !neighbour.intake.is_empty() || !neighbour.waiting.is_empty() {
                return Some(format!("something waits for {:x}", other.0));
            }
        }
        if let Some(why) = self.shouts.unrest(others.len()) {
            return Some(why);
        }
        let waits = self.flows.iter().find(|(_, flow)| flow.waits);
        waits.map(|(port, _)| format!("the sender at port {port} waits for ever"))
    }

    /// Events that cannot happen, of all machines.
    pub fn illegal_events(&self) -> u32 {
        let contacts = self.peers.values().map(|n| n.peer.contact().illegal());
        let links = self.peers.values().flat_map(|n| {
            let links = BearerId::ALL.into_iter().filter_map(|b| n.peer.link(b));
            links
                .map(|link| link.stats().illegal_events)
                .collect::<Vec<_>>()
        });
        contacts.chain(links).sum()
    }
}
