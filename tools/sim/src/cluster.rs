// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! One run of a cluster: nodes with one or two bearers, faults for a while, then none.

use crate::flow::{Flow, Reader};
use crate::node::{Names, Node, To};
use crate::random::Random;
use crate::shouts::USERS;
use crate::wire::{Faults, Wire};
use std::collections::BTreeMap;
use tipc_proto::mem;
use tipc_proto::proto::vocab::{Importance, NodeAddr, NodeId};

/// What goes wrong.
#[derive(Clone, Copy, PartialEq, Eq, Debug, clap::ValueEnum)]
pub enum Trouble {
    /// Nothing.
    Calm,
    /// Frames are lost, doubled, delayed and reordered.
    Lossy,
    /// Frames are lost, and memory is refused.
    Memory,
    /// Frames are lost, and wires are cut for shorter or longer than a link tolerates; they keep
    /// the order, because an old packet that comes after a reset cannot be told from a new one.
    Cuts,
    /// That, and nodes start again.
    Restarts,
}

impl Trouble {
    pub const ALL: [Trouble; 5] = [
        Trouble::Calm,
        Trouble::Lossy,
        Trouble::Memory,
        Trouble::Cuts,
        Trouble::Restarts,
    ];
}

/// How long faults and traffic last, in ms: long enough for each wire to be cut several times.
const TROUBLE: u64 = 20_000;
/// By then all must be well: two beacons at the slowest pace.
const PATIENCE: u64 = 200_000;

/// What came of a run.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Outcome {
    pub nodes: usize,
    pub wires: usize,
    pub sent: u64,
    pub read: u64,
    /// Broadcasts that were sent, that were heard, and how often packets of them were repeated.
    pub broadcast: u64,
    pub heard: u64,
    pub repeated: u64,
    pub names: usize,
    pub frames_lost: u64,
    pub failovers: u32,
    pub synchs: u32,
    pub losses: u32,
    pub restarts: u32,
    /// When all was well again, in ms.
    pub settled: u64,
}

struct World {
    trouble: Trouble,
    nodes: Vec<Node>,
    ids: Vec<NodeId>,
    wires: Vec<Wire>,
    faults: Faults,
    chance: Random,
    /// By reading node, sending node and port.
    readers: BTreeMap<(usize, usize, u32), Reader>,
    /// By hearing node, sending node and user: how often contact was lost before.
    hearers: BTreeMap<(usize, usize, usize), (u32, Reader)>,
    /// Who has, or had, an address.
    holders: BTreeMap<u32, usize>,
    all: Outcome,
    trace: bool,
}

fn faults(trouble: Trouble, chance: &mut Random) -> Faults {
    let calm = Faults {
        delay: 1,
        ..Faults::default()
    };
    match trouble {
        Trouble::Calm => calm,
        Trouble::Lossy => Faults {
            loss: chance.below(100) as u32,
            double: chance.below(100) as u32,
            delay: chance.below(5),
            jitter: chance.below(20),
        },
        Trouble::Memory | Trouble::Cuts | Trouble::Restarts => Faults {
            loss: chance.below(50) as u32,
            delay: chance.below(5),
            ..calm
        },
    }
}

/// The identity of a node. Where all can hear each other from the beginning, two in three have one
/// whose hash another one has too; a trial that is not heard ends with one address for two.
fn identity(place: usize, heard: bool) -> NodeId {
    let mut words = [0u8; 16];
    words[3] = place as u8 + 1;
    words[7] = if heard && place % 3 != 0 {
        place as u8 + 1
    } else {
        0
    };
    words[12] = 0x7e;
    NodeId(words)
}

impl World {
    fn new(trouble: Trouble, seed: u64) -> Self {
        let mut chance = Random::new(seed);
        let count = [2, 2, 3, 5, 8][chance.below(5) as usize];
        let wires = 1 + chance.below(2) as usize;
        let ids: Vec<NodeId> = (0..count)
            .map(|place| identity(place, matches!(trouble, Trouble::Calm | Trouble::Lossy)))
            .collect();
        // Not all are there from the beginning.
        let nodes = ids.iter().enumerate().map(|(place, id)| {
            let born = chance.below(3) * 100;
            Node::new((place, *id, 1), wires, born, &mut chance)
        });
        World {
            trouble,
            nodes: nodes.collect(),
            ids,
            wires: (0..wires).map(|_| Wire::default()).collect(),
            faults: faults(trouble, &mut chance),
            chance,
            readers: BTreeMap::new(),
            hearers: BTreeMap::new(),
            holders: BTreeMap::new(),
            all: Outcome {
                nodes: count,
                wires,
                ..Outcome::default()
            },
            trace: false,
        }
    }

    fn flush(&mut self, now: u64, place: usize) {
        let address = self.nodes[place].address();
        if address != NodeAddr::NONE {
            self.holders.insert(address.0, place);
        }
        for line in self.nodes[place].log.drain(..) {
            if self.trace {
                println!("{line}");
            }
        }
        for (wire, to, bytes) in std::mem::take(&mut self.nodes[place].sent) {
            for other in (0..self.nodes.len()).filter(|other| *other != place) {
                let meant = match to {
                    To::All => true,
                    To::One(media) => media == crate::node::media(wire, other),
                };
                if meant {
                    let wire = &mut self.wires[wire];
                    wire.send(now, other, &bytes, self.faults, &mut self.chance);
                }
            }
        }
        for (from, port, data) in std::mem::take(&mut self.nodes[place].got) {
            let from = *self.holders.get(&from.0).expect("a sender");
            let reader = self.readers.entry((place, from, port.0)).or_default();
            let before = *reader;
            if let Err(why) = reader.read(&data) {
                panic!(
                    "at {now} ms, {from} to {place}, port {}: {why} after {before:?}",
                    port.0
                );
            }
            self.all.read += 1;
        }
        self.hear(now, place);
    }

    /// Broadcasts that have come to a node.
    fn hear(&mut self, now: u64, place: usize) {
        let own = self.nodes[place].address();
        for (from, user, lost, data) in std::mem::take(&mut self.nodes[place].heard) {
            let from = *self.holders.get(&from.0).expect("a sender");
            let shouts = &self.nodes[from].shouts;
            // What a node has sent before it started again has joined nobody now.
            let before = |row| {
                let same = row == shouts.flows[user].row;
                shouts
                    .sent_before(own)
                    .filter(|_| same)
                    .map(|sent| sent[user])
            };
            let (seen, reader) = self.hearers.entry((place, from, user)).or_default();
            if *seen != lost || reader.read == 0 {
                *seen = lost;
                reader.restart();
            }
            let had = *reader;
            if let Err(why) = reader.hear(&data, before) {
                panic!(
                    "at {now} ms, broadcast of {from} to {place}, user {user}: {why} after {had:?}"
                );
            }
            self.all.heard += 1;
        }
    }

    /// Somebody sends something to everybody.
    fn broadcast_some(&mut self) {
        let place = self.chance.below(self.nodes.len() as u64) as usize;
        if self.nodes[place].address() == NodeAddr::NONE {
            return;
        }
        let user = self.chance.below(USERS as u64) as usize;
        let burst = if self.chance.below(20) == 0 { 200 } else { 3 };
        for _ in 0..burst {
            let size = match self.chance.below(60) {
                0 => self.chance.below(66_001),
                1..20 => self.chance.below(4000),
                _ => self.chance.below(200),
            };
            self.nodes[place].broadcast(user, size as usize);
            self.all.broadcast += 1;
        }
    }

    /// Everything that happens at `now`.
    fn step(&mut self, now: u64) {
        for place in 0..self.nodes.len() {
            if self.nodes[place].next() <= now {
                self.nodes[place].tick(now);
            }
            self.nodes[place].now = now;
            self.flush(now, place);
        }
        for wire in 0..self.wires.len() {
            while let Some((to, bytes)) = self.wires[wire].arrived(now) {
                self.nodes[to].rx(wire, &bytes);
                self.flush(now, to);
            }
        }
    }

    fn next(&self) -> u64 {
        let nodes = self.nodes.iter().map(Node::next);
        let wires = self.wires.iter().filter_map(Wire::next);
        nodes.chain(wires).min().unwrap_or(u64::MAX)
    }

    /// Somebody sends something to somebody.
    fn send_some(&mut self) {
        let count = self.nodes.len() as u64;
        let (place, to) = (
            self.chance.below(count) as usize,
            self.chance.below(count) as usize,
        );
        let address = self.nodes[to].address();
        if place == to || address == NodeAddr::NONE {
            return;
        }
        let port = 1000 + 2 * to as u32 + self.chance.below(2) as u32;
        let importance = match port % 3 {
            0 => Importance::Low,
            1 => Importance::Medium,
            _ => Importance::Critical,
        };
        let node = &mut self.nodes[place];
        let flow = node
            .flows
            .entry(port)
            .or_insert_with(|| Flow::new(address, importance, 1));
        if flow.to != address {
            flow.told();
            flow.to = address;
        }
        let burst = if self.chance.below(20) == 0 { 150 } else { 3 };
        for _ in 0..burst {
            let size = match self.chance.below(60) {
                0 => self.chance.below(66_001),
                1..20 => self.chance.below(4000),
                _ => self.chance.below(200),
            };
            self.nodes[place].send(port, size as usize);
            self.all.sent += 1;
        }
    }

    fn bind_some(&mut self) {
        if self.chance.below(30) == 0 {
            let place = self.chance.below(self.nodes.len() as u64) as usize;
            if self.nodes[place].address() != NodeAddr::NONE {
                let socket = self.chance.below(2) as usize;
                self.nodes[place].toggle(socket, self.chance.below(40) as u32);
            }
        }
    }

    fn cut_some(&mut self, now: u64) {
        if self.chance.below(700) == 0 {
            let until = now + 100 + self.chance.below(5000);
            let wire = self.chance.below(self.wires.len() as u64) as usize;
            let place = self.chance.below(self.nodes.len() as u64) as usize;
            let whole = self.chance.below(2) == 0;
            for to in 0..self.nodes.len() {
                if whole || to == place {
                    self.wires[wire].cut(to, until);
                }
            }
        }
    }

    fn restart_some(&mut self, now: u64) {
        if self.chance.below(6000) != 0 {
            return;
        }
        let place = self.chance.below(self.nodes.len() as u64) as usize;
        let (id, wires) = (self.ids[place], self.wires.len());
        let row = self.nodes[place].shouts.flows[0].row + 1;
        let new = Node::new((place, id, row), wires, now, &mut self.chance);
        let old = std::mem::replace(&mut self.nodes[place], new);
        for (port, flow) in old.flows {
            let new = Flow::new(flow.to, flow.importance, flow.row + 1);
            self.nodes[place].flows.insert(port, new);
        }
        let readers = self.readers.iter_mut().filter(|(key, _)| key.0 == place);
        readers.for_each(|(_, reader)| reader.restart());
        self.hearers.retain(|key, _| key.0 != place);
        self.all.restarts += 1;
        self.all.losses += old.losses;
    }

    /// Why all is not well yet; none if it is.
    fn unrest(&mut self) -> Option<String> {
        let addresses: Vec<NodeAddr> = self.nodes.iter_mut().map(Node::address).collect();
        for place in 0..self.nodes.len() {
            let mut others = addresses.clone();
            others.remove(place);
            if let Some(why) = self.nodes[place].unrest(&others, self.wires.len()) {
                return Some(format!("node {place} {:x}: {why}", addresses[place].0));
            }
        }
        let names: Vec<Names> = self.nodes.iter().map(Node::names).collect();
        if names.iter().any(|n| *n != names[0]) {
            return Some("name tables differ".into());
        }
        for place in 0..self.nodes.len() {
            for (port, flow) in &self.nodes[place].flows {
                let to = addresses.iter().position(|a| *a == flow.to);
                let Some(to) = to.filter(|_| flow.sent > 0) else {
                    continue;
                };
                let reader = self.readers.get(&(to, place, *port));
                let reader = reader.copied().unwrap_or_default();
                if (reader.row, reader.read) != (flow.row, flow.sent) {
                    let (row, sent) = (flow.row, flow.sent);
                    return Some(format!(
                        "{place} to {to}, port {port}: sent {sent} of row {row}, read {} of {}",
                        reader.read, reader.row
                    ));
                }
            }
        }
        self.unheard(&addresses)
    }

    /// Which broadcast has not come to whom yet; none if all have.
    fn unheard(&self, addresses: &[NodeAddr]) -> Option<String> {
        for (from, node) in self.nodes.iter().enumerate() {
            for (to, address) in addresses.iter().enumerate().filter(|(to, _)| *to != from) {
                let Some(before) = node.shouts.sent_before(*address) else {
                    return Some(format!("{to} has not joined {from}"));
                };
                for (user, flow) in node.shouts.flows.iter().enumerate() {
                    let heard = self.hearers.get(&(to, from, user));
                    let heard = heard.filter(|(_, reader)| reader.row == flow.row);
                    let heard = heard.map_or(0, |(_, reader)| reader.read);
                    if heard.max(before[user]) != flow.sent {
                        return Some(format!(
                            "broadcasts of {from}, user {user}: {} sent, {} before {to} joined, {heard} heard",
                            flow.sent, before[user]
                        ));
                    }
                }
            }
        }
        None
    }

    fn outcome(&mut self, now: u64) -> Outcome {
        let mut all = self.all;
        all.settled = now;
        all.names = self.nodes[0].names().len();
        all.frames_lost = self.wires.iter().map(|w| w.lost).sum();
        for node in &self.nodes {
            all.failovers += node.failovers;
            all.synchs += node.synchs;
            all.losses += node.losses;
            all.repeated += u64::from(node.shouts.sender.stats().repeated);
        }
        all
    }
}

/// Runs `seed`; panics, with the reason, if a promise is broken.
pub fn run(trouble: Trouble, seed: u64, trace: bool) -> Outcome {
    let mut world = World::new(trouble, seed);
    world.trace = trace;
    if trouble == Trouble::Memory {
        mem::fail_some(1 + world.chance.below(50) as u32, seed);
    }
    for now in 0..TROUBLE {
        match trouble {
            Trouble::Cuts => world.cut_some(now),
            Trouble::Restarts => {
                world.cut_some(now);
                world.restart_some(now);
            }
            Trouble::Calm | Trouble::Lossy | Trouble::Memory => {}
        }
        world.step(now);
        if now % 8 == 0 {
            world.send_some();
            world.broadcast_some();
            world.bind_some();
        }
    }
    mem::fail_never();
    for wire in &mut world.wires {
        wire.heal();
    }
    world.faults = faults(Trouble::Calm, &mut world.chance);
    let mut now = TROUBLE;
    while let Some(why) = world.unrest() {
        assert!(now < PATIENCE, "not well: {why}; {:?}", world.outcome(now));
        world.step(now);
        now = world.next().max(now + 1);
    }
    if world.trouble == Trouble::Calm {
        let outcome = world.outcome(now);
        assert_eq!(
            (outcome.losses, outcome.failovers),
            (0, 0),
            "without a reason"
        );
    }
    world.outcome(now)
}
