// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! Headers of TIPC's own messages against frames the C module sent (data/frames.txt says how they
//! were captured), and against any bytes at all.

use proptest::prelude::*;
use std::collections::BTreeMap;
use tipc_proto::proto::vocab::{
    Capabilities, Capability, Level, MediaAddr, Medium, NodeAddr, NodeId, PortId, SeqNo, SessionNo,
};
use tipc_proto::proto::wire::*;

const NODE_A: NodeAddr = NodeAddr(0x2f6f_6465);
const NODE_B: NodeAddr = NodeAddr(0x2c6f_6465);

/// Size of the message and its first bytes.
type Sample = (usize, Vec<u8>);

fn frames() -> BTreeMap<&'static str, Sample> {
    let lines = include_str!("data/frames.txt").lines();
    let mut out = BTreeMap::new();
    for line in lines.filter(|line| !line.starts_with('#')) {
        let mut words = line.split(' ');
        let name = words.next().unwrap();
        let size = words.next().unwrap().parse().unwrap();
        let hex = words.next().unwrap();
        let bytes = (0..hex.len() / 2)
            .map(|i| u8::from_str_radix(&hex[2 * i..2 * i + 2], 16).unwrap())
            .collect();
        assert!(out.insert(name, (size, bytes)).is_none());
    }
    assert_eq!(out.len(), 26);
    out
}

fn check(sample: &Sample) -> Header<'_> {
    let header = Header::check(&sample.1, sample.0).unwrap();
    assert_eq!(header.size(), sample.0);
    header
}

fn data(sample: &Sample) -> &[u8] {
    &sample.1[check(sample).len()..]
}

fn protocol(sample: &Sample) -> Protocol<'_> {
    Protocol::read(check(sample), data(sample), true).unwrap()
}

fn report(sample: &Sample) -> Report<'_> {
    match protocol(sample).body {
        Body::State(report) => report,
        _ => panic!("not a state message"),
    }
}

/// The header its reader's description is written as; none for user data.
fn rewritten(sample: &Sample) -> Option<Vec<u8>> {
    let header = check(sample);
    let len = header.data_len();
    Some(match header.user() {
        User::Link => protocol(sample).write(len).to_vec(),
        User::Discovery => Beacon::read(header, data(sample)).unwrap().write().to_vec(),
        User::Names => {
            let names = Distribution::read(header).unwrap();
            names.write(len / NAME_ITEM).to_vec()
        }
        User::Fragment => Fragment::read(header).unwrap().write(len).to_vec(),
        User::Bundle => Bundle::read(header).unwrap().write(len).to_vec(),
        User::Tunnel => Tunnel::read(header).unwrap().write(len).to_vec(),
        User::Broadcast => BroadcastState::read(header).unwrap().write().to_vec(),
        User::Data(_) => return None,
        _ => panic!("a message of another user"),
    })
}

#[test]
fn written_as_c_writes_it() {
    let mut seen = 0;
    for (name, sample) in frames() {
        let Some(mut bytes) = rewritten(&sample) else {
            continue;
        };
        if !matches!(check(&sample).user(), User::Link | User::Discovery) {
            Stamp::of(check(&sample)).write(&mut bytes);
        }
        assert_eq!(bytes, sample.1[..bytes.len()], "{name}");
        seen += 1;
    }
    assert_eq!(seen, 25);
}

/* rows 5.9, 11.1, 11.2, 15.6 */
#[test]
fn beacons() {
    let frames = frames();
    let beacon = |name| Beacon::read(check(&frames[name]), data(&frames[name])).unwrap();
    let trial = beacon("trial");
    assert!(trial.kind == BeaconKind::Trial && check(&frames["trial"]).is_non_sequenced());
    assert!(trial.from == NODE_A && trial.domain == NodeAddr(0));
    assert_eq!((trial.network, trial.signature), (4711, 0xe3c1));
    assert!(trial.capabilities == Capabilities::ALL);
    assert!(trial.capabilities.has(Capability::NameBroadcast));
    assert!(trial.id == NodeId(*b"nodeA\0\0\0\0\0\0\0\0\0\0\0"));
    let mac = MediaAddr::ethernet([0x52, 0x54, 0, 0, 0, 1]);
    assert!(trial.media.addr(Medium::Ethernet) == mac && !mac.broadcast);
    assert!(MediaInfo::of(&mac) == trial.media);
    assert!(beacon("request").kind == BeaconKind::Request);
    let response = beacon("response");
    assert!(response.kind == BeaconKind::Response);
    assert!(response.from == NODE_B && response.domain == NODE_A);
    assert_eq!(response.signature, 0xd516);
}

/* row 15.6 */
#[test]
fn udp_media() {
    // struct udp_media_addr of C udp_media.c: protocol and port big-endian, then the address.
    let mut info = MediaInfo([0; 32]);
    info.0[3] = 3;
    info.0[4..12].copy_from_slice(&[0x08, 0x00, 0x17, 0xe6, 192, 168, 1, 2]);
    let addr = info.addr(Medium::Udp);
    assert_eq!(addr.value[..8], info.0[4..12]);
    assert!(!addr.broadcast && MediaInfo::of(&addr) == info);
    info.0[8] = 228;
    assert!(info.addr(Medium::Udp).broadcast);
    let all = MediaInfo::of(&MediaAddr::ethernet([0xff; 6]));
    assert!(all.addr(Medium::Ethernet).broadcast);
}

/* row 6.5 */
#[test]
fn set_up() {
    let frames = frames();
    let reset = protocol(&frames["reset"]);
    assert!(reset.end.node == NODE_B && reset.to == NODE_A);
    assert!(reset.end.session == SessionNo(0xa75a) && reset.end.bearer == 0);
    assert!(reset.progress.seqno == SeqNo(0x8000) && reset.progress.next_sent == SeqNo(1));
    assert!(reset.wish == Wish::default() && !reset.node_is_up());
    let Body::Reset(setup) = reset.body else {
        panic!("not a RESET")
    };
    assert_eq!((setup.max_packet, setup.stopping), (1500, false));
    assert_eq!(&setup.interface, b"eth0\0\0\0\0\0\0\0\0\0\0\0\0");
    let activate = protocol(&frames["plane-b-activate"]);
    assert_eq!((activate.end.bearer, activate.end.plane), (1, 1));
    assert!(matches!(
        activate.body,
        Body::Activate(_, Some(SessionNo(0x65c7)))
    ));
    // The bearer was disabled while the other link was up.
    let last = protocol(&frames["reset-other-link-up"]);
    assert!(last.node_is_up() && !last.link_is_up());
    assert!(matches!(last.body, Body::Reset(setup) if setup.stopping));
}

/* rows 6.11, 6.12, 15.13 */
#[test]
fn state() {
    let frames = frames();
    let first = protocol(&frames["first-state"]);
    assert!(first.broadcast.ack_invalid && !first.broadcast.node_up);
    let after = protocol(&frames["state-after-names"]);
    assert!(!after.broadcast.ack_invalid && after.broadcast.node_up);
    assert!(after.progress.ack == SeqNo(2) && after.progress.next_sent == SeqNo(4));
    assert!(protocol(&frames["priority-12"]).wish.priority == 12);
    let gaps = |name: &str| {
        let report = report(&frames[name]);
        assert_eq!(report.gaps.broadcast().count(), 0);
        assert!(report.rest.is_empty());
        let list = report.gaps.unicast().map(|gap| (gap.ack.0, gap.gap));
        (report.gap, list.collect::<Vec<_>>())
    };
    assert_eq!(gaps("state-after-names"), (0, vec![]));
    assert_eq!(gaps("nack-without-blocks"), (1, vec![(11, 0)]));
    assert_eq!(
        gaps("nack-three-blocks"),
        (1, vec![(28, 2), (44, 2), (47, 0)])
    );
    assert_eq!(gaps("nack-gap-two"), (2, vec![(44, 2), (67, 0)]));
}

/* rows 3.7, 3.9 */
#[test]
fn names() {
    let frames = frames();
    let bulk = Distribution::read(check(&frames["bulk-names"])).unwrap();
    assert!(bulk.bulk && !bulk.last_bulk && bulk.numbered && bulk.saying == Saying::Made);
    assert!(bulk.from == NODE_B && bulk.broadcast_ack_invalid);
    let last = Distribution::read(check(&frames["last-bulk-names"])).unwrap();
    assert!(last.bulk && last.last_bulk);
    assert_eq!(last.seqno, 101, "100 names were bound before");
    let items = NameItem::read_all(data(&frames["bulk-names"]));
    for (index, item) in items.enumerate() {
        let item = item.unwrap();
        assert_eq!(item.range.service().0, 18888);
        assert_eq!(item.range.lower(), index as u32 + 1);
        assert_eq!(item.range.upper(), index as u32 + 1);
        assert!(item.port == PortId(0xdb89_9e76));
        let at = index * NAME_ITEM;
        assert_eq!(
            item.write(),
            data(&frames["bulk-names"])[at..at + NAME_ITEM]
        );
    }
    // So many of the 69 are in what is kept of the message.
    assert_eq!(NameItem::read_all(data(&frames["bulk-names"])).count(), 28);
}

/* rows 6.23, 6.24, 15.10, 15.11, 15.12 */
#[test]
fn carriers() {
    let frames = frames();
    let fragment = |name| Fragment::read(check(&frames[name])).unwrap();
    for (name, part, number) in [
        ("first-fragment", Part::First, 1),
        ("middle-fragment", Part::Middle, 2),
        ("last-fragment", Part::Last, 4),
    ] {
        assert_eq!((fragment(name).part, fragment(name).number), (part, number));
        assert!(fragment(name).level == Level::Low);
    }
    let inner = data(&frames["first-fragment"]);
    assert_eq!(Bundle::inner_size(inner), 5000 + 40);
    let bundle = Bundle::read(check(&frames["bundle-of-two"])).unwrap();
    assert_eq!(bundle.count, 2);
    let inner = data(&frames["bundle-of-two"]);
    assert_eq!(Bundle::inner_size(inner), 130);
    assert_eq!(Bundle::inner_size(&inner[132..]), 130, "aligned to 4");
    let tunnel = |name| Tunnel::read(check(&frames[name])).unwrap();
    assert!(tunnel("synch").kind == TunnelKind::Synch(SeqNo(3)));
    let failover = tunnel("failover");
    assert!(failover.kind == TunnelKind::Failover(1, None) && failover.bearer == 0);
    let synch = BroadcastState::read(check(&frames["broadcast-synch"])).unwrap();
    assert!(synch.ack_invalid && synch.last_sent == SeqNo(0) && synch.gap.is_none());
    assert!(check(&frames["named-data"]).level() == Level::Low);
    // The dummy in the tunnel is on its way back, with error 2.
    let dummy = Header::check(data(&frames["failover"]), 32).unwrap();
    assert!(dummy.level() == Level::System && dummy.seqno() == SeqNo(0x15e));
}

/// What the door refuses, as C msg.c:tipc_msg_validate does.
/* row 15.4 */
#[test]
fn door() {
    let (_, good) = frames()["state-after-names"].clone();
    let with = |at: usize, bits: u8, value: u8| {
        let mut bytes = good.clone();
        bytes[at] = bytes[at] & !bits | value;
        Header::check(&bytes, bytes.len()).err()
    };
    assert_eq!(with(0, 0, 0), None);
    assert_eq!(Header::check(&good[..23], 44).err(), Some(Fault::Short));
    assert_eq!(Header::check(&good[..39], 44).err(), Some(Fault::Short));
    assert_eq!(Header::check(&good, 43).err(), Some(Fault::Size));
    assert_eq!(with(0, 0xe0, 0x20), Some(Fault::Version));
    assert_eq!(with(0, 0xe0, 0xe0), Some(Fault::Version));
    // Headers of 13, 9 and 2 words, and a size below the header's or beyond the frame.
    assert_eq!(with(1, 0xe0, 0xa0), Some(Fault::Short));
    assert_eq!(with(1, 0xe0, 0x20), Some(Fault::Header));
    assert_eq!(with(0, 1, 0), Some(Fault::Header));
    assert_eq!(with(3, 0xff, 39), Some(Fault::Size));
    assert_eq!(with(1, 1, 1), Some(Fault::Size));
    // Padding at the end is not a fault.
    assert!(Header::check(&good, 60).is_ok());
}

fn every_reader(bytes: &[u8], len: usize) {
    let Ok(header) = Header::check(bytes, len) else {
        return;
    };
    let data = &bytes[header.len()..];
    let whole = data.get(..header.data_len()).is_some();
    let mut out = vec![];
    // Whatever user the header says, its bits are read as any of them.
    for gap_acks in [true, false] {
        if let Some(read) = Protocol::read(header, data, gap_acks) {
            assert!(whole);
            out = read.write(header.data_len()).to_vec();
            if let Body::State(report) = read.body {
                assert!(report.gaps.unicast().count() <= 255);
                assert!(report.gaps.broadcast().count() <= 255);
            }
        }
    }
    let user = header.user();
    if user == User::Link && !out.is_empty() {
        let again = Protocol::read(Header::of(&out), data, false).map(|p| p.write(data.len()));
        assert_eq!(again.map(|a| a[4..].to_vec()), Some(out[4..].to_vec()));
    }
    if let Some(beacon) = Beacon::read(header, data) {
        let bytes = beacon.write();
        if user == User::Discovery {
            let again = Beacon::read(Header::check(&bytes, BEACON).unwrap(), &bytes[60..]);
            assert!(again == Some(beacon));
        }
    }
    if let (Some(names), User::Names) = (Distribution::read(header), user) {
        assert!(Distribution::read(Header::of(&names.write(0))) == Some(names));
    }
    if let (Some(fragment), User::Fragment) = (Fragment::read(header), user) {
        let again = Fragment::read(Header::of(&fragment.write(0)));
        assert!(again == Some(fragment));
    }
    if let (Some(bundle), User::Bundle) = (Bundle::read(header), user) {
        assert!(Bundle::read(Header::of(&bundle.write(0))) == Some(bundle));
    }
    if let (Some(tunnel), User::Tunnel) = (Tunnel::read(header), user) {
        assert!(Tunnel::read(Header::of(&tunnel.write(0))) == Some(tunnel));
    }
    if let (Some(state), User::Broadcast) = (BroadcastState::read(header), user) {
        assert!(BroadcastState::read(Header::of(&state.write())) == Some(state));
    }
    if let (Some(control), User::Connection) = (ConnectionControl::read(header), user) {
        assert!(ConnectionControl::read(Header::of(&control.write())) == Some(control));
    }
    for item in NameItem::read_all(data).flatten() {
        assert!(NameItem::read_all(&item.write()).next() == Some(Some(item)));
    }
}

fn numbered(gaps: &[(u16, u16)], broadcast: usize) -> GapWriter {
    let mut writer = GapWriter::new();
    for (index, (ack, gap)) in gaps.iter().enumerate() {
        let gap = Gap {
            ack: SeqNo(*ack),
            gap: *gap,
        };
        let done = if index < broadcast {
            writer.push_broadcast(gap)
        } else {
            writer.push_unicast(gap)
        };
        assert!(done);
    }
    writer
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Any bytes are read without a panic, whatever they claim, and read the same when written.
    #[test]
    fn any_bytes(mut bytes in prop::collection::vec(any::<u8>(), 24..140), user in 0u8..16,
                 words in 6u8..16, kind in 0u8..4, size in 0usize..140, extra in 0usize..2) {
        bytes[0] = 0x40 | (user << 1) | (words >> 3);
        bytes[1] = (bytes[1] & 0x1e) | (words << 5);
        [bytes[2], bytes[3]] = (size as u16).to_be_bytes();
        bytes[4] = (bytes[4] & 0x1f) | (kind << 5);
        let len = bytes.len() + extra * 1000;
        every_reader(&bytes, len);
        bytes[0] ^= extra as u8;
        every_reader(&bytes, len);
    }

    /// Flipped bits in frames of C are read without a panic.
    #[test]
    fn flipped_bits(pick in any::<prop::sample::Index>(),
                    flips in prop::collection::vec((0usize..60, 0u32..8), 1..4)) {
        let frames = frames();
        let (_, (size, mut bytes)) = frames.into_iter().nth(pick.index(26)).unwrap();
        for (at, bit) in flips {
            let at = at % bytes.len();
            bytes[at] ^= 1 << bit;
        }
        every_reader(&bytes, size);
    }

    /// A gap/ack record reads as it was written, and cut anywhere it is refused.
    /* rows 6.12, 15.13 */
    #[test]
    fn gap_record(gaps in prop::collection::vec(any::<(u16, u16)>(), 0..=64), some in any::<prop::sample::Index>(), cut in any::<prop::sample::Index>()) {
        let broadcast = some.index(gaps.len() + 1);
        let mut writer = numbered(&gaps, broadcast);
        let bytes = writer.finish();
        let (record, len) = GapRecord::read(bytes).unwrap();
        prop_assert_eq!(len, bytes.len());
        let read: Vec<_> = record.broadcast().chain(record.unicast()).map(|g| (g.ack.0, g.gap)).collect();
        prop_assert_eq!(record.broadcast().count(), broadcast);
        prop_assert_eq!(read, gaps);
        let short = &bytes[..cut.index(bytes.len())];
        prop_assert!(GapRecord::read(short).is_none() || short.len() < 4);
    }

    /// Row 15.5: less or equal means fewer than 32 768 steps ahead, modulo 65 536.
    #[test]
    fn sequence(left in any::<u16>(), steps in any::<u16>()) {
        let (a, b) = (SeqNo(left), SeqNo(left).plus(steps));
        prop_assert_eq!(a.less_eq(b), steps < 32768);
        prop_assert_eq!(a.less(b), steps != 0 && steps < 32768);
        prop_assert_eq!(a.more(b), steps >= 32768);
        prop_assert_eq!(b.since(a), steps);
        prop_assert!(a.next().previous() == a && a.next() == a.plus(1));
        prop_assert_eq!(SessionNo(left).less(SessionNo(b.0)), a.less(b));
        prop_assert_eq!(SessionNo(left).more(SessionNo(b.0)), a.more(b));
    }
}

/* rows 6.12, 15.13 */
#[test]
fn full_record() {
    let many = vec![(7, 1); 128];
    let mut writer = numbered(&many[..127], 64);
    let gap = Gap::default();
    assert!(!writer.push_broadcast(gap), "the unicast ones have begun");
    assert!(writer.push_unicast(gap) && !writer.push_unicast(gap));
    assert_eq!(writer.finish().len(), MAX_GAP_RECORD);
    // One whose length is not its blocks' has none, but counts; an old peer's has unicast only.
    let odd = [0, 8, 3, 0, 0, 0, 0, 0, 9];
    let (record, len) = GapRecord::read(&odd).unwrap();
    assert_eq!((record.unicast().count(), len), (0, 8));
    let old = [0, 8, 1, 9, 0, 5, 0, 0];
    let (record, _) = GapRecord::read(&old).unwrap();
    assert_eq!(
        record.unicast().collect::<Vec<_>>(),
        [Gap {
            ack: SeqNo(5),
            gap: 0
        }]
    );
    assert_eq!(record.broadcast().count(), 0);
}
