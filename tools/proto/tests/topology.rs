// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! Requests and events against bytes written out by hand from `struct tipc_subscr` and
//! `struct tipc_event` of the kernel's uapi/linux/tipc.h, and against what the C module answered to
//! them (feature rows 4.3 to 4.7, 4.11).

use proptest::prelude::*;
use tipc_proto::proto::vocab::{NodeAddr, PortId, ServiceType, SocketAddr};
use tipc_proto::proto::wire::{TopologyEvent, TopologyRequest, REQUEST_SIZE};

const HANDLE: [u8; 8] = *b"\x01handle\xff";

/// A request of a machine whose words these are.
fn request(words: [u32; 5], bytes: fn(u32) -> [u8; 4]) -> [u8; REQUEST_SIZE] {
    let mut all: Vec<u8> = words.into_iter().flat_map(bytes).collect();
    all.extend(HANDLE);
    all.try_into().unwrap()
}

fn swapped(word: u32) -> [u8; 4] {
    word.swap_bytes().to_ne_bytes()
}

#[test]
fn both_byte_orders() {
    let words = [18888, 0x0102_0304, 0x0506_0708, 2000, 0x81];
    for bytes in [u32::to_ne_bytes as fn(u32) -> [u8; 4], swapped] {
        let sent = request(words, bytes);
        let read = TopologyRequest::read(&sent).unwrap();
        assert_eq!(read.service.0, 18888);
        assert_eq!((read.lower, read.upper), (0x0102_0304, 0x0506_0708));
        assert_eq!(read.timeout, Some(2000));
        assert_eq!(read.filter, 0x81);
        assert!(!read.cancels);
        assert_eq!(read.bytes, sent);
    }
}

#[test]
fn wait_forever() {
    let sent = request([1, 0, u32::MAX, u32::MAX, 1], u32::to_ne_bytes);
    assert_eq!(TopologyRequest::read(&sent).unwrap().timeout, None);
}

/// A cancelling request is that of its subscription, with one bit more in its byte order.
#[test]
fn cancels_what_it_names() {
    for bytes in [u32::to_ne_bytes as fn(u32) -> [u8; 4], swapped] {
        for filter in [0, 1, 2, 3, 0x21, 0x80, 0x00ff_ff19] {
            let made = request([18888, 5, 6, 100, filter], bytes);
            let made = TopologyRequest::read(&made).unwrap();
            let cancel = request([18888, 5, 6, 100, filter | 4], bytes);
            let cancel = TopologyRequest::read(&cancel).unwrap();
            assert!(cancel.cancels);
            let without = TopologyRequest {
                cancels: false,
                ..cancel
            };
            assert!(without == made);
        }
    }
}

/// Filter 0 is taken for the other byte order's (row 4.6).
#[test]
fn filter_zero() {
    let sent = request([0x1122_3344, 1, 2, 3, 0], u32::to_ne_bytes);
    let read = TopologyRequest::read(&sent).unwrap();
    assert!(read.service == ServiceType(0x4433_2211));
    assert_eq!((read.lower, read.upper), (0x0100_0000, 0x0200_0000));
    assert_eq!(read.filter, 0);
}

#[test]
fn event_words() {
    let words = [2, 5, 6, 0xabcd_ef01, 0x0100_1001];
    for bytes in [u32::to_ne_bytes as fn(u32) -> [u8; 4], swapped] {
        let sent = request([18888, 5, 6, 100, 1], bytes);
        let event = TopologyEvent {
            event: words[0],
            lower: words[1],
            upper: words[2],
            socket: SocketAddr {
                port: PortId(words[3]),
                node: NodeAddr(words[4]),
            },
            request: sent,
        };
        let mut want: Vec<u8> = words.into_iter().flat_map(bytes).collect();
        want.extend(sent);
        assert_eq!(want.len(), 48);
        assert_eq!(event.bytes().to_vec(), want);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Any bytes are read without a panic; short ones are none, and only the cancel bit is changed.
    #[test]
    fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
        match TopologyRequest::read(&bytes) {
            None => prop_assert!(bytes.len() < REQUEST_SIZE),
            Some(read) => {
                prop_assert!(bytes.len() >= REQUEST_SIZE);
                let differ: u32 = read.bytes.iter().zip(&bytes).map(|(a, b)| (a ^ b).count_ones()).sum();
                prop_assert_eq!(differ, u32::from(read.cancels));
                if !read.cancels {
                    // What is kept reads as itself.
                    prop_assert!(TopologyRequest::read(&read.bytes) == Some(read));
                }
                let event = TopologyEvent {
                    event: 1, lower: 0, upper: 0, socket: SocketAddr::NONE, request: read.bytes,
                };
                let out = event.bytes();
                prop_assert_eq!(&out[20..], &read.bytes);
            }
        }
    }
}
