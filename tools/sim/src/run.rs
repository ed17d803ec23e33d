// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! One run: two nodes, one link, faults for a while, then none.

use crate::end::{ethernet, End};
use crate::random::Random;
use crate::wire::{Faults, Wire};
use tipc_proto::mem;
use tipc_proto::proto::frame::FrameList;
use tipc_proto::proto::vocab::{Importance, NodeAddr, SessionNo};

/// What goes wrong.
#[derive(Clone, Copy, PartialEq, Eq, Debug, clap::ValueEnum)]
pub enum Profile {
    /// Nothing.
    Calm,
    /// Frames are lost, doubled, delayed and reordered.
    Lossy,
    /// That, and memory is refused.
    Memory,
    /// Frames are lost, and wires are cut for longer than a link tolerates; they keep the order,
    /// because an old packet that comes after a reset cannot be told from a new one.
    Cuts,
}

impl Profile {
    pub const ALL: [Profile; 4] = [
        Profile::Calm,
        Profile::Lossy,
        Profile::Memory,
        Profile::Cuts,
    ];
}

/// How long faults and traffic last, in ms: cuts must be longer than a link's tolerance.
fn trouble(profile: Profile) -> u64 {
    match profile {
        Profile::Cuts => 12_000,
        _ => 4_000,
    }
}
/// By then everything must have arrived.
const PATIENCE: u64 = 60_000;

/// What came of a run.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Outcome {
    pub sent: u64,
    pub missed: u64,
    pub frames_lost: u64,
    pub repeated: u32,
    pub bundles: u32,
    pub fragments: u32,
    pub congested: u32,
    pub refused: u32,
    pub downs: u32,
    /// When all was well again, in ms.
    pub settled: u64,
}

struct World {
    ends: [End; 2],
    ticks: [u64; 2],
    wire: Wire,
    faults: Faults,
    chance: Random,
    /// Messages an end sends in a hundred ms, and how large most are.
    pace: u64,
    usual_size: u64,
}

fn faults(profile: Profile, chance: &mut Random) -> Faults {
    match profile {
        Profile::Calm => Faults::default(),
        Profile::Lossy | Profile::Memory => Faults {
            loss: chance.below(150) as u32,
            double: chance.below(100) as u32,
            delay: chance.below(5),
            jitter: chance.below(20),
        },
        Profile::Cuts => Faults {
            loss: chance.below(50) as u32,
            delay: chance.below(5),
            ..Faults::default()
        },
    }
}

impl World {
    fn new(profile: Profile, seed: u64) -> Self {
        let mut chance = Random::new(seed);
        let nodes = [NodeAddr(0x2c6f_6465), NodeAddr(0x2f6f_6465)];
        let mut end = |own: usize| {
            let mut config = ethernet(nodes[own], nodes[1 - own]);
            config.mtu = [1500, 1500, 9000, 1400][chance.below(4) as usize];
            End::new(config, SessionNo(chance.number() as u16))
        };
        let ends = [end(0), end(1)];
        World {
            ends,
            ticks: [chance.below(375), chance.below(375)],
            wire: Wire::default(),
            faults: faults(profile, &mut chance),
            pace: [5, 50, 300][chance.below(3) as usize],
            usual_size: [40, 1000, 4000][chance.below(3) as usize],
            chance,
        }
    }

    /// What the ends have let go goes over the wire.
    fn flush(&mut self, now: u64, own: usize) {
        while let Some(frame) = self.ends[own].parts.wire.pop_front() {
            self.wire
                .send(now, 1 - own, frame.bytes(), self.faults, &mut self.chance);
        }
    }

    /// Everything that happens at `now`.
    fn step(&mut self, now: u64) {
        for own in 0..2 {
            self.ends[own].now = now;
            if self.ticks[own] <= now {
                self.ticks[own] = self.ends[own].tick();
            }
            self.flush(now, own);
        }
        while let Some((to, bytes)) = self.wire.arrived(now) {
            self.ends[to].rx(&bytes);
            self.flush(now, to);
        }
    }

    fn send_some(&mut self, now: u64) {
        for own in 0..2 {
            // One in so many steps brings a burst, so that windows and backlogs are filled.
            let burst = self.chance.below(16) == 0;
            let count = self.pace * if burst { 16 } else { 0 };
            let count = count / 100 + u64::from(self.chance.below(100) < count % 100);
            for _ in 0..count {
                let size = match self.chance.below(100) {
                    0 => self.chance.below(66_001),
                    _ => self.chance.below(self.usual_size),
                };
                let importance = match self.chance.below(8) {
                    0 => Importance::Medium,
                    1 => Importance::High,
                    2 => Importance::Critical,
                    _ => Importance::Low,
                };
                self.ends[own].send(importance, size as usize);
            }
            self.flush(now, own);
        }
    }

    fn cut_some(&mut self, now: u64) {
        if self.chance.happens(1) {
            let until = now + 200 + self.chance.below(3500);
            let both = self.chance.below(3);
            for to in [0, 1] {
                if both == 2 || both == to {
                    self.wire.cut(to as usize, until);
                }
            }
        }
    }

    /// The next time at which anything happens by itself.
    fn next(&self) -> u64 {
        let tick = self.ticks[0].min(self.ticks[1]);
        self.wire.next().map_or(tick, |at| at.min(tick))
    }

    fn is_settled(&self) -> bool {
        self.ends.iter().all(|end| {
            end.link.state().is_up()
                && end.link.queued() == 0
                && end.link.deferred() == 0
                && end.waiting == [0; 5]
        })
    }

    fn outcome(&self, now: u64) -> Outcome {
        let mut all = Outcome {
            frames_lost: self.wire.lost,
            settled: now,
            ..Outcome::default()
        };
        for end in &self.ends {
            let stats = end.link.stats();
            assert_eq!(stats.illegal_events, 0);
            assert_eq!(stats.unwanted, 0);
            all.sent += end.next_sent - 1;
            all.missed += end.missed;
            all.repeated += stats.repeated;
            all.bundles += stats.sent.bundles;
            all.fragments += stats.sent.fragments;
            all.congested += stats.congested;
            all.refused += stats.refused;
            all.downs += end.downs;
        }
        all
    }
}

/// Runs `seed`; panics, with the reason, if a promise is broken.
pub fn run(profile: Profile, seed: u64) -> Outcome {
    let mut world = World::new(profile, seed);
    if profile == Profile::Memory {
        mem::fail_some(1 + world.chance.below(80) as u32, seed);
    }
    for now in 0..trouble(profile) {
        if profile == Profile::Cuts {
            world.cut_some(now);
        }
        world.step(now);
        world.send_some(now);
    }
    mem::fail_never();
    world.wire.heal();
    world.faults = Faults {
        delay: 1,
        ..Faults::default()
    };
    let mut now = trouble(profile);
    while !world.is_settled() || world.wire.in_flight() > 0 {
        assert!(now < PATIENCE, "not settled: {:?}", world.outcome(now));
        world.step(now);
        now = world.next().max(now + 1);
    }
    owed(profile, &world);
    world.outcome(now)
}

/// What must hold when all is quiet: what was sent since the link was last taken up has arrived,
/// and if it never went down, everything has, once and in order.
fn owed(profile: Profile, world: &World) {
    for own in 0..2 {
        let (from, to) = (&world.ends[own], &world.ends[1 - own]);
        let last = from.next_sent - 1;
        assert!(
            from.first_of_session > last || to.last_read == last,
            "{last} was sent, {} was read last",
            to.last_read
        );
        if profile != Profile::Cuts {
            assert_eq!(from.downs, 0, "the link went down");
            assert_eq!(to.missed, 0);
            assert_eq!(to.last_read, last);
        }
    }
}
