// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! The sending end of the broadcast link and what it knows of each neighbour, against a naive one
//! and against the numbers of C `link.c` and `bcast.c`.

use proptest::prelude::*;
use std::collections::BTreeSet;
use tipc_proto::frame::{HostFrame, HostList};
use tipc_proto::proto::broadcast::{Acker, Arrived, Outcome, Sender, WINDOW};
use tipc_proto::proto::frame::{Frame, FrameList, Out};
use tipc_proto::proto::link::Sent;
use tipc_proto::proto::vocab::{
    Importance, Instant, Level, NodeAddr, PortId, SeqNo, ServiceRange, ServiceType, SocketAddr,
};
use tipc_proto::proto::wire::{DataHeader, Destination, Gap, Header};

const NETWORK: u32 = 4711;
const HEADER: usize = 44;
/// As long as a packet may be repeated, in ms.
const PATIENCE: u32 = 15_000;
/// C `link.h:TIPC_BC_RETR_LIM`, in ms.
const PAUSE: u64 = 10;

struct Bench {
    sender: Sender<HostFrame>,
    ackers: Vec<Acker>,
    wire: HostList,
    now: u64,
}

impl Bench {
    fn new(members: usize) -> Self {
        let mut bench = Bench {
            sender: Sender::new(),
            ackers: vec![Acker::new(); members],
            wire: HostList::default(),
            now: 1000,
        };
        for acker in &mut bench.ackers {
            bench.sender.join(acker, NETWORK);
            acker.open();
        }
        bench
    }

    /// Calls the sender.
    fn with<R>(
        &mut self,
        call: impl FnOnce(&mut Sender<HostFrame>, &mut [Acker], Instant, &mut Out<'_, HostFrame>) -> R,
    ) -> R {
        let (mut up, mut spent) = Default::default();
        let mut out = Out {
            wire: &mut self.wire,
            up: &mut up,
            spent: &mut spent,
        };
        call(
            &mut self.sender,
            &mut self.ackers,
            Instant(self.now),
            &mut out,
        )
    }

    fn send(&mut self, importance: Importance, size: usize) -> Sent {
        let header = DataHeader {
            importance,
            src_droppable: false,
            dest_droppable: false,
            syn: false,
            error: None,
            origin: SocketAddr {
                port: PortId(7),
                node: NodeAddr(0x1001001),
            },
            target: SocketAddr::NONE,
            destination: Destination::Multicast {
                range: ServiceRange::single(ServiceType(1000), 1),
            },
            rerouted: None,
        };
        let mut bytes = vec![0; HEADER + size];
        assert!(header.write(size, &mut bytes[..HEADER]));
        let mut list = HostList::default();
        list.push_back(HostFrame::new(&bytes, &[], 0).unwrap());
        let sent = self.with(|sender, _, now, out| sender.send(&mut list, now, out));
        sent.expect("taken")
    }

    /// Member `who` has everything up to `ack`, not the `gap` after it, and so on.
    fn heard(&mut self, who: usize, ack: u16, gap: u16, blocks: &[(u16, u16)]) -> Outcome {
        let blocks = blocks.iter().map(|(ack, gap)| Gap {
            ack: SeqNo(*ack),
            gap: *gap,
        });
        let arrived = Arrived {
            ack: SeqNo(ack),
            gap,
            blocks,
        };
        self.with(|sender, ackers, now, out| {
            sender.on_arrived(&mut ackers[who], arrived, (PATIENCE, None), now, out)
        })
    }

    fn leave(&mut self, who: usize) -> Outcome {
        self.with(|sender, ackers, now, out| sender.leave(&mut ackers[who], now, out))
    }

    /// Numbers of what has been sent since the last time.
    fn sent(&mut self) -> Vec<u16> {
        let mut out = vec![];
        while let Some(frame) = self.wire.pop_front() {
            out.push(Header::of(frame.bytes()).seqno().0);
        }
        out
    }
}

/// A packet is kept until the last member has it.
/* row 7.9 */
#[test]
fn the_slowest_decides() {
    let mut bench = Bench::new(3);
    for _ in 0..4 {
        assert!(bench.send(Importance::Low, 100) == Sent::Done);
    }
    assert_eq!(bench.sent(), [1, 2, 3, 4]);
    let _ = bench.heard(0, 4, 0, &[]);
    let _ = bench.heard(1, 3, 0, &[]);
    // The same again counts once.
    let _ = bench.heard(1, 3, 0, &[]);
    assert_eq!(bench.sender.queued(), 4);
    assert!(
        bench.sender.is_slowest(&bench.ackers[2]) && !bench.sender.is_slowest(&bench.ackers[1])
    );
    let _ = bench.heard(2, 2, 0, &[]);
    assert_eq!(bench.sender.queued(), 2);
    // It never says more: when it leaves nobody waits for it.
    let _ = bench.leave(2);
    assert_eq!((bench.sender.queued(), bench.sender.peers()), (1, 2));
    // One that joins is not waited for by what was sent before.
    let last = bench.with(|sender, ackers, _, _| sender.join(&mut ackers[2], NETWORK));
    assert_eq!(last, SeqNo(4));
    let _ = bench.heard(1, 4, 0, &[]);
    assert_eq!(bench.sender.queued(), 0);
}

/// C `link.c:tipc_link_advance_transmq`: what lies in the gap is sent again, and what the blocks say
/// is missing, but not within 10 ms of the last time; what they say has arrived is not.
/* rows 7.8, 7.9, 7.10 */
#[test]
fn gaps() {
    let mut bench = Bench::new(2);
    for _ in 0..12 {
        bench.send(Importance::Low, 100);
    }
    bench.sent();
    // 1, 2 have come, 3 and 4 not, 5 has, 6 to 8 not, 9 and 10 have; of the rest nothing is known.
    let blocks = [(5, 3), (10, 0)];
    let _ = bench.heard(0, 2, 2, &blocks);
    assert_eq!(bench.sent(), [] as [u16; 0]);
    bench.now += PAUSE + 1;
    let _ = bench.heard(0, 2, 2, &blocks);
    assert_eq!(bench.sent(), [3, 4, 6, 7, 8]);
    let _ = bench.heard(1, 3, 1, &[(12, 0)]);
    assert_eq!(bench.sent(), [] as [u16; 0], "4 was sent a moment ago");
    assert_eq!(
        bench.sender.queued(),
        12 - 2 - 3,
        "both have 1, 2, 5, 9 and 10"
    );
    bench.now += PAUSE + 1;
    let _ = bench.heard(1, 3, 1, &[(12, 0)]);
    assert_eq!(bench.sent(), [4]);
    // What came early is not counted a second time.
    let _ = bench.heard(0, 12, 0, &[]);
    assert_eq!(bench.sender.queued(), 1, "4 is missing at 1");
    let _ = bench.heard(1, 12, 0, &[]);
    assert_eq!(bench.sender.queued(), 0);
    assert_eq!(bench.sender.stats().repeated, 6);
}

/// Acknowledgements of old and of what was not sent change nothing.
#[test]
fn neither_past_nor_future() {
    let mut bench = Bench::new(1);
    for _ in 0..5 {
        bench.send(Importance::Low, 100);
    }
    let _ = bench.heard(0, 3, 0, &[]);
    for ack in [2, 0, 6, 40_000] {
        let _ = bench.heard(0, ack, 0, &[]);
        assert_eq!(bench.sender.queued(), 2, "{ack}");
    }
    // One that has not got our first packet does not know where we are.
    let mut stranger = Acker::new();
    bench.sender.join(&mut stranger, NETWORK);
    bench.ackers.push(stranger);
    let _ = bench.heard(1, 5, 0, &[]);
    assert_eq!(bench.ackers[1].acked(), SeqNo(5));
    bench.send(Importance::Low, 100);
    let _ = bench.heard(1, 6, 0, &[]);
    assert_eq!(bench.ackers[1].acked(), SeqNo(5));
}

/// C `bcast.c`: a window of 50; `link.c:tipc_link_set_queue_limits`: 100, 200, 300 and 400 packets
/// may wait; the next one is taken, and its sender waits. A member that never acknowledges holds up
/// all until it is given up.
/* rows 7.3, 6.16, 6.20 */
#[test]
fn congestion() {
    for (importance, limit) in [
        (Importance::Low, 100),
        (Importance::Medium, 200),
        (Importance::High, 300),
        (Importance::Critical, 400),
    ] {
        let mut bench = Bench::new(2);
        // Of a size that leaves no room for bundles.
        for _ in 0..50 + limit {
            assert!(bench.send(importance, 3000) == Sent::Done);
        }
        assert!(bench.send(importance, 3000) == Sent::Wait);
        assert_eq!(bench.sent(), Vec::from_iter(1..=WINDOW));
        assert_eq!(bench.sender.stats().congested, 1);
        let level = Level::from(importance);
        assert!(bench.sender.is_full(level) && !bench.sender.is_full(Level::System));
        assert!(!bench.heard(0, 50, 0, &[]).room, "the other has nothing");
        bench.now += u64::from(PATIENCE) + PAUSE;
        let acker = bench.ackers[1];
        assert!(!bench.with(|s, _, now, _| s.is_stuck(&acker, now, PATIENCE)));
        bench.now += u64::from(PATIENCE) * 2;
        // The first repeat begins the time.
        assert!(!bench.heard(1, 0, 1, &[]).failed);
        assert_eq!(bench.sent(), [1]);
        bench.now += u64::from(PATIENCE) + 1;
        assert!(bench.heard(1, 0, 1, &[]).failed);
        assert!(bench.leave(1).room);
        let mut woken = [0; Level::COUNT];
        woken[level.number() as usize] = 1;
        assert_eq!(bench.sender.take_senders(), woken);
        assert_eq!(bench.sent(), Vec::from_iter(51..=100));
    }
}

/// When all are gone nothing is kept, whoever waits goes on, and numbers do not begin again.
/* rows 7.6, 7.9 */
#[test]
fn all_leave() {
    let mut bench = Bench::new(1);
    while bench.send(Importance::Low, 3000) == Sent::Done {}
    let last = bench.sender.last_sent();
    assert!(bench.leave(0).room);
    assert_eq!(bench.sender.take_senders().iter().sum::<u32>(), 1);
    assert_eq!((bench.sender.queued(), bench.sender.peers()), (0, 0));
    bench.sent();
    assert!(bench.send(Importance::Low, 10) == Sent::Done);
    assert_eq!(bench.sent(), [] as [u16; 0], "for nobody");
    let begin = bench.with(|sender, ackers, _, _| sender.join(&mut ackers[0], NETWORK));
    assert_eq!(
        begin,
        last.next(),
        "none that one who still listens waits for"
    );
}

/// All numbers, and past the last one.
/* rows 7.5, 15.5 */
#[test]
fn numbers_begin_again() {
    let mut bench = Bench::new(2);
    let mut next = 1u16;
    for _ in 0..70_000 / 35 {
        for _ in 0..35 {
            bench.send(Importance::Low, 20);
        }
        let expected: Vec<u16> = (0..35).map(|i| next.wrapping_add(i)).collect();
        assert_eq!(bench.sent(), expected);
        let at = |i: u16| next.wrapping_add(i);
        // The fifth is lost on its way to the second, then everything from the 20th on.
        let _ = bench.heard(0, at(34), 0, &[]);
        bench.now += PAUSE + 1;
        let _ = bench.heard(1, at(3), 1, &[(at(18), 16)]);
        let mut again = vec![at(4)];
        again.extend((19..35).map(at));
        assert_eq!(bench.sent(), again);
        assert_eq!(bench.sender.queued(), 17);
        let _ = bench.heard(1, at(34), 0, &[]);
        assert_eq!(bench.sender.queued(), 0);
        next = at(35);
    }
    assert!(next < 10_000, "once around");
}

proptest! {
    /// Against sets of numbers: what is kept is what some member lacks, and what is sent again is
    /// what the member that speaks lacks.
    #[test]
    fn as_sets(
        start in 0u16..80,
        steps in prop::collection::vec((0usize..3, any::<u64>(), 1u16..20), 1..60),
    ) {
        let mut bench = Bench::new(3);
        let mut lacks = [const { BTreeSet::<u16>::new() }; 3];
        let mut last = 0;
        for _ in 0..start {
            bench.send(Importance::Low, 20);
            last += 1;
            for who in 0..3 {
                let _ = bench.heard(who, last, 0, &[]);
            }
        }
        for (who, mask, count) in steps {
            for _ in 0..count.min(WINDOW - bench.sender.queued() as u16) {
                bench.send(Importance::Low, 20);
                last += 1;
                lacks.iter_mut().for_each(|lacks| { lacks.insert(last); });
            }
            bench.sent();
            // Some of what it lacks comes.
            let comes: Vec<u16> = lacks[who].iter().enumerate()
                .filter(|(i, _)| (mask >> (i % 64)) & 1 != 0).map(|(_, n)| *n).collect();
            comes.iter().for_each(|n| { lacks[who].remove(n); });
            // It tells up to the last that has come.
            let top = (1..=last).rev().find(|n| !lacks[who].contains(n)).unwrap_or(0);
            let known: BTreeSet<u16> = lacks[who].range(..top).copied().collect();
            let mut parts = vec![];
            let mut at = 1;
            while at <= top {
                let has = (at..=top).take_while(|n| !known.contains(n)).count() as u16;
                let gap = (at + has..=top).take_while(|n| known.contains(n)).count() as u16;
                parts.push((at + has - 1, gap));
                at += has + gap;
            }
            let (ack, gap) = parts.first().copied().unwrap_or((0, 0));
            bench.now += PAUSE + 1;
            let _ = bench.heard(who, ack, gap, parts.get(1..).unwrap_or(&[]));
            prop_assert_eq!(bench.sent(), Vec::from_iter(known));
            let kept: BTreeSet<u16> = lacks.iter().flatten().copied().collect();
            prop_assert_eq!(bench.sender.queued(), kept.len());
        }
    }
}
