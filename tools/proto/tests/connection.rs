// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! The connection of a socket, and its flow control, against what the C module does.
//! Expected values: data/connection.txt; net/tipc/socket.c:tsk_inc, tsk_adv_blocks, tsk_conn_cong,
//! __tipc_sendstream and tipc_sk_push_backlog for the numbers.

use proptest::prelude::*;
use std::collections::VecDeque;
use tipc_proto::proto::port::{blocks, Connection, Hold, Reading, State, Step, Verdict};
use tipc_proto::proto::vocab::{
    ErrorCode, Importance, NodeAddr, PortId, Scope, ServiceRange, ServiceType, SocketAddr,
};
use tipc_proto::proto::wire::{DataHeader, Destination};

const OWN: NodeAddr = NodeAddr(0x0100_1001);
const PEER: SocketAddr = SocketAddr {
    port: PortId(7),
    node: OWN,
};
const STRANGER: SocketAddr = SocketAddr {
    port: PortId(8),
    node: OWN,
};

fn message(origin: SocketAddr, destination: Destination) -> DataHeader {
    DataHeader {
        importance: Importance::Low,
        src_droppable: false,
        dest_droppable: false,
        syn: false,
        error: None,
        origin,
        target: SocketAddr {
            port: PortId(1),
            node: OWN,
        },
        destination,
        rerouted: None,
    }
}

fn named(origin: SocketAddr) -> DataHeader {
    let destination = Destination::Named {
        service: ServiceType(1000),
        instance: 1,
        lookup: Scope::Cluster,
    };
    message(origin, destination)
}

fn on_connection(origin: SocketAddr) -> DataHeader {
    message(origin, Destination::Connected { short: true })
}

fn with_error(error: ErrorCode, header: DataHeader) -> DataHeader {
    DataHeader {
        error: Some(error),
        ..header
    }
}

fn with_syn(header: DataHeader) -> DataHeader {
    DataHeader {
        syn: true,
        ..header
    }
}

fn arrival(event: &str) -> Option<DataHeader> {
    let range = ServiceRange::new(ServiceType(1000), 1, 2).unwrap();
    Some(match event {
        "syn" => with_syn(named(STRANGER)),
        "syn-error" => with_error(ErrorCode::NoPort, with_syn(named(STRANGER))),
        "named-peer" => named(PEER),
        "named-stranger" => named(STRANGER),
        "overload-peer" => with_error(ErrorCode::Overload, named(PEER)),
        "error-peer" => with_error(ErrorCode::NoPort, named(PEER)),
        "error-stranger" => with_error(ErrorCode::NoPort, named(STRANGER)),
        "conn-peer" => on_connection(PEER),
        "conn-stranger" => on_connection(STRANGER),
        "conn-error-peer" => with_error(ErrorCode::ConnectionShutdown, on_connection(PEER)),
        "conn-error-stranger" => with_error(ErrorCode::ConnectionShutdown, on_connection(STRANGER)),
        "multicast" => message(PEER, Destination::Multicast { range }),
        _ => return None,
    })
}

fn in_state(name: &str) -> Connection {
    let mut conn = Connection::new();
    let done = match name {
        "OPEN" => true,
        "LISTEN" => conn.listen(),
        "CONNECTING" => conn.begin(PEER, None),
        "ESTABLISHED" => conn.establish(PEER, None),
        "DISCONNECTING" => conn.establish(PEER, None) && conn.shut().is_some(),
        _ => false,
    };
    assert!(done, "{name}");
    conn
}

fn name_of(state: State) -> &'static str {
    match state {
        State::Open => "OPEN",
        State::Listening => "LISTEN",
        State::Connecting => "CONNECTING",
        State::Established => "ESTABLISHED",
        State::Disconnecting => "DISCONNECTING",
    }
}

fn happen(conn: &mut Connection, event: &str) -> &'static str {
    if let Some(header) = arrival(event) {
        return match conn.rx(&header, OWN) {
            Verdict::Refuse => "refuse",
            Verdict::Queue => "queue",
            Verdict::Connected => "connected",
            Verdict::Retry => "retry",
            Verdict::Refused => "refused",
            Verdict::Ended => "ended",
        };
    }
    let yes = match event {
        "listen()" => conn.listen(),
        "connect()" => conn.begin(PEER, None),
        "accepted" => conn.establish(PEER, None),
        "answer" => conn.on_answer(PEER),
        "end-peer" => conn.on_end(PEER, OWN, ErrorCode::NoPort),
        "end-stranger" => conn.on_end(STRANGER, OWN, ErrorCode::NoPort),
        "shutdown()" if conn.shut().is_some() => return "tells",
        "probe" if conn.probe() == Some(true) => return "asks",
        "shutdown()" | "probe" => false,
        _ => panic!("{event}"),
    };
    if yes {
        "yes"
    } else {
        "no"
    }
}

/* rows 1.1.9, 1.3.1, 1.3.3, 1.4.5, 1.4.9, 1.4.10, 1.14.5 */
#[test]
fn every_state_and_event_is_as_in_c() {
    let mut cells = 0;
    for line in include_str!("data/connection.txt")
        .lines()
        .filter(|l| !l.starts_with('#'))
    {
        let words: Vec<&str> = line.split(' ').collect();
        let mut conn = in_state(words[0]);
        assert_eq!(happen(&mut conn, words[1]), words[2], "{line}");
        assert_eq!(name_of(conn.state()), words[3], "{line}");
        cells += 1;
    }
    assert_eq!(cells, 5 * 20);
}

/* row 1.1.8 */
#[test]
fn numbers_of_states() {
    // TCP_CLOSE, TCP_LISTEN, TCP_SYN_SENT, TCP_ESTABLISHED, TCP_CLOSE_WAIT of net/tcp_states.h
    for (state, number) in [
        (State::Open, 7),
        (State::Listening, 10),
        (State::Connecting, 2),
        (State::Established, 1),
        (State::Disconnecting, 8),
    ] {
        assert_eq!(state.number(), number);
    }
}

/* row 1.1.12 */
#[test]
fn no_node_is_the_own_node() {
    let nobody = SocketAddr {
        node: NodeAddr::NONE,
        ..PEER
    };
    let elsewhere = SocketAddr {
        node: NodeAddr(0x0100_1002),
        ..PEER
    };
    for (peer, from, same) in [
        (PEER, nobody, true),
        (nobody, PEER, true),
        (PEER, elsewhere, false),
        (nobody, elsewhere, false),
    ] {
        let mut conn = Connection::new();
        assert!(conn.establish(peer, None));
        let verdict = conn.rx(&on_connection(from), OWN);
        assert_eq!(verdict == Verdict::Queue, same);
    }
}

/* row 1.4.10 */
#[test]
fn locks_on_to_whoever_answers() {
    for signalled in [true, false] {
        let mut conn = in_state("CONNECTING");
        if signalled {
            assert!(conn.on_answer(STRANGER));
        } else {
            assert_eq!(conn.rx(&on_connection(STRANGER), OWN), Verdict::Connected);
        }
        assert!(conn.peer() == STRANGER);
        assert_eq!(conn.rx(&on_connection(PEER), OWN), Verdict::Refuse);
        assert_eq!(conn.rx(&on_connection(STRANGER), OWN), Verdict::Queue);
    }
}

/* row 1.8.8 */
#[test]
fn a_peer_that_does_not_answer_a_probe_is_gone() {
    let mut conn = in_state("ESTABLISHED");
    for _ in 0..3 {
        assert_eq!(conn.probe(), Some(true));
        assert!(conn.is_alive(PEER, OWN));
    }
    assert_eq!(conn.probe(), Some(true));
    // neither a stranger's answer nor the peer's data counts (C clears it for CONN_MANAGER only)
    assert!(!conn.is_alive(STRANGER, OWN));
    assert_eq!(conn.rx(&on_connection(PEER), OWN), Verdict::Queue);
    assert_eq!(conn.probe(), Some(false));
    assert_eq!(conn.state(), State::Disconnecting);
    assert_eq!(conn.probe(), None);
}

/* row 1.8.8 */
#[test]
fn an_acknowledgement_answers_a_probe() {
    let mut conn = in_state("ESTABLISHED");
    assert_eq!(conn.probe(), Some(true));
    conn.on_ack(PEER, OWN, 0, 128);
    assert_eq!(conn.probe(), Some(true));
}

/* rows 1.6.8, 1.6.11 */
#[test]
fn own_shutdown_hides_the_peers() {
    let mut conn = in_state("ESTABLISHED");
    assert!(conn.on_end(PEER, OWN, ErrorCode::ConnectionShutdown));
    assert!(conn.end() == Some(ErrorCode::ConnectionShutdown));
    assert!(conn.shut().is_none());
    assert!(conn.end().is_none());
    assert!(conn.peer() == PEER);
}

/* row 1.8.4: C socket.c:__tipc_shutdown, which lets nothing in before the peer is told */
#[test]
fn nothing_of_the_peer_is_refused_before_it_is_told() {
    let mut conn = in_state("ESTABLISHED");
    assert!(!conn.is_ending(PEER, OWN));
    assert!(conn.shut().is_some());
    assert!(conn.is_ending(PEER, OWN));
    assert!(!conn.is_ending(STRANGER, OWN));
    conn.told();
    assert!(!conn.is_ending(PEER, OWN));
    // whoever answers a request that is given up has to learn of it
    let mut conn = in_state("CONNECTING");
    assert!(conn.shut().is_some());
    assert!(!conn.is_ending(PEER, OWN));
    // the peer has ended it itself
    let mut conn = in_state("ESTABLISHED");
    assert!(conn.on_end(PEER, OWN, ErrorCode::NoPort));
    assert!(conn.shut().is_none());
    assert!(!conn.is_ending(PEER, OWN));
}

/* row 1.12.1 */
#[test]
fn blocks_of_a_message() {
    for (size, want) in [
        (24, 1),
        (1023, 1),
        (1024, 2),
        (2047, 2),
        (2048, 3),
        (66024, 65),
    ] {
        assert_eq!(blocks(size), want, "{size}");
    }
}

/* rows 1.12.1, 1.12.2, 1.12.7 */
#[test]
fn window_numbers() {
    let mut sender = in_state("ESTABLISHED").window;
    let mut sent = 0;
    while sender.is_open() {
        sender.on_send(2);
        sent += 1;
    }
    assert_eq!(sent, 65);
    assert!(!sender.on_ack(131, 512), "more than was sent");
    assert!(!sender.is_open());
    assert!(sender.on_ack(2, 512));
    let reader = Reading::new();
    for _ in 0..31 {
        assert!(!reader.on_read(1));
    }
    assert!(reader.on_read(1));
    assert_eq!(reader.take_ack(2_097_152), (32, 512));
    for _ in 0..127 {
        assert!(!reader.on_read(1));
    }
    assert!(reader.on_read(1));
}

/* rows 1.13.2, 1.13.4 */
#[test]
fn small_sends_in_a_row() {
    let mut nagle = in_state("ESTABLISHED").nagle;
    let mut asked = Vec::new();
    for i in 1..2100 {
        if nagle.on_send() && nagle.asks_here(100) {
            asked.push(i);
        }
    }
    // after 4, then after 8, 16 ... of them, and never more than 1024
    assert_eq!(asked, [5, 14, 31, 64, 129, 258, 515, 1028, 2053]);
    let mut nagle = in_state("ESTABLISHED").nagle;
    for _ in 0..100 {
        assert!(!(nagle.on_send() && nagle.asks_here(1501)));
    }
    assert!(nagle.on_send() && nagle.asks_here(1500));
    let mut nagle = in_state("ESTABLISHED").nagle;
    for _ in 0..100 {
        assert!(!nagle.on_send());
        nagle.on_receive();
    }
}

/* rows 1.13.2, 1.13.3; C socket.c:__tipc_sendstream */
#[test]
fn small_sends_wait_while_an_answer_is_expected() {
    let mut nagle = in_state("ESTABLISHED").nagle;
    let in_row: Vec<bool> = (0..7).map(|_| nagle.on_send()).collect();
    // NAGLE_START_INIT is 4, and the row goes on
    assert_eq!(in_row, [false, false, false, false, true, true, true]);
    let mut hold = Hold::new();
    assert_eq!(hold.on_add(1, 1), Step::Ask);
    assert_eq!(hold.on_add(1, 1), Step::Keep);
    assert_eq!(hold.on_add(64, 32), Step::Keep);
    assert_eq!(hold.on_add(65, 33), Step::Send, "64 blocks may wait");
    // the answer has not come
    assert_eq!(hold.on_add(1, 1), Step::Keep);
    hold.on_release(1);
    assert_eq!(hold.on_add(1, 1), Step::Keep);
}

/* row 1.13.4; C socket.c:tipc_sk_push_backlog */
#[test]
fn holding_back_goes_on_while_it_is_worthwhile() {
    let mut nagle = in_state("ESTABLISHED").nagle;
    // (messages, packets that wait): two in each is enough
    for (messages, packets, asks) in [(2, 1, true), (4, 2, true), (3, 2, false), (0, 0, false)] {
        let mut hold = Hold::new();
        assert_eq!(hold.on_add(1, 1), Step::Ask);
        for _ in 0..messages {
            assert_eq!(hold.on_add(1, 1), Step::Keep);
        }
        assert_eq!(hold.on_answer(packets, &mut nagle), asks, "{messages}");
        let next = hold.on_add(1, 1);
        assert_eq!(next == Step::Keep, asks, "{messages}");
    }
    // two in vain: after 16 of them
    assert_eq!((0..100).position(|_| nagle.on_send()), Some(16));
    // and one with gain, of which nothing waits any more: after 4, and whoever is next asks
    let mut hold = Hold::new();
    assert_eq!(hold.on_add(1, 1), Step::Ask);
    hold.on_add(1, 1);
    hold.on_add(1, 1);
    hold.on_release(1);
    assert!(!hold.on_answer(0, &mut nagle));
    assert_eq!(hold.on_add(1, 1), Step::Ask);
    nagle.on_receive();
    assert_eq!((0..100).position(|_| nagle.on_send()), Some(4));
}

/* row 1.13.4; C NAGLE_START_MAX */
#[test]
fn no_row_has_to_be_longer_than_1024() {
    let mut nagle = in_state("ESTABLISHED").nagle;
    for _ in 0..20 {
        assert!(!Hold::new().on_answer(0, &mut nagle));
    }
    assert_eq!((0..2000).position(|_| nagle.on_send()), Some(1024));
}

#[derive(Clone, Debug)]
enum Act {
    Send(usize),
    Read,
    Buffer(u32),
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        3 => (1usize..66_000).prop_map(Act::Send),
        1 => (1usize..50).prop_map(Act::Send),
        4 => Just(Act::Read),
        1 => (2304u32..400_000_000).prop_map(Act::Buffer),
    ]
}

proptest! {
    /// Whatever is sent and read and however the receive buffer changes: the sender never has more
    /// out than its window and one message, and when all is read it may always send again.
    #[test]
    fn window_never_sticks(acts in proptest::collection::vec(act(), 1..150)) {
        let mut sender = in_state("ESTABLISHED").window;
        let reader = Reading::new();
        let mut wire: VecDeque<u32> = VecDeque::new();
        let mut buffer = 2_097_152u32;
        let mut limit = 128;
        for act in acts {
            match act {
                Act::Send(len) if sender.is_open() => {
                    sender.on_send(blocks(len + 24));
                    wire.push_back(blocks(len + 24));
                }
                Act::Send(_) => {}
                Act::Read => {
                    if let Some(cost) = wire.pop_front() {
                        if reader.on_read(cost) {
                            let (read, now) = reader.take_ack(buffer);
                            sender.on_ack(read, now);
                            limit = now;
                        }
                    }
                }
                Act::Buffer(bytes) => buffer = bytes,
            }
            let out: u32 = wire.iter().sum();
            prop_assert!(out <= 65_535 + 65 || out <= limit + 65);
        }
        while let Some(cost) = wire.pop_front() {
            if reader.on_read(cost) {
                let (read, now) = reader.take_ack(buffer);
                sender.on_ack(read, now);
            }
        }
        prop_assert!(sender.is_open());
    }
}
