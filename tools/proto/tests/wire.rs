// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! Data headers against bytes written out by hand from the C module's msg.h (word and bit numbers
//! of msg_set_* functions) and the protocol draft, section 7.

use proptest::prelude::*;
use tipc_proto::proto::vocab::{
    ErrorCode, Importance, NodeAddr, PortId, Scope, ServiceType, SocketAddr,
};
use tipc_proto::proto::wire::{DataHeader, Destination};

fn header(destination: Destination) -> DataHeader {
    DataHeader {
        importance: Importance::Critical,
        src_droppable: false,
        dest_droppable: true,
        syn: false,
        error: None,
        origin: SocketAddr {
            port: PortId(0x1111_1111),
            node: NodeAddr(0x0100_1001),
        },
        target: SocketAddr {
            port: PortId(0x2222_2222),
            node: NodeAddr(0x0100_1002),
        },
        destination,
        rerouted: None,
    }
}

#[test]
fn named_bytes() {
    let named = Destination::Named {
        service: ServiceType(18888),
        instance: 17,
        lookup: Scope::Cluster,
    };
    let mut out = [0xaau8; 40];
    assert!(header(named).write(64, &mut out));
    let want: [u32; 10] = [
        // version 2 (31:29), user = importance 3 (28:25), header 10 words (24:21),
        // dest_droppable (19), size 104
        0x4000_0000 | (3 << 25) | (10 << 21) | (1 << 19) | 104,
        // type 2 named (31:29), lookup scope 2 cluster (20:19)
        (2 << 29) | (2 << 19),
        0,
        0x0100_1001,
        0x1111_1111,
        0x2222_2222,
        0x0100_1001,
        0x0100_1002,
        18888,
        17,
    ];
    let bytes: Vec<u8> = want.iter().flat_map(|w| w.to_be_bytes()).collect();
    assert_eq!(out.to_vec(), bytes);
}

#[test]
fn returned_once() {
    let back = header(Destination::Direct).returned(ErrorCode::NoPort, NodeAddr(5));
    assert!(back.is_none(), "a droppable message is not returned");
    let kept = DataHeader {
        dest_droppable: false,
        ..header(Destination::Direct)
    };
    let back = kept.returned(ErrorCode::NoPort, NodeAddr(5)).unwrap();
    assert!(back.target == kept.origin);
    assert!(
        back.origin
            == SocketAddr {
                port: kept.target.port,
                node: NodeAddr(5)
            }
    );
    assert!(back.returned(ErrorCode::NoPort, NodeAddr(5)).is_none());
    let mut out = [0u8; 32];
    assert!(back.write(0, &mut out));
    // errcode: word 1, bits 28:25 (msg.h:msg_errcode)
    assert_eq!(
        (u32::from_be_bytes([out[4], out[5], out[6], out[7]]) >> 25) & 0xf,
        2
    );
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Any bytes of any length are read without a panic, and what is read is written back the same.
    #[test]
    fn any_bytes(mut bytes in prop::collection::vec(any::<u8>(), 0..64), fix in any::<bool>(), named in any::<bool>()) {
        if fix && bytes.len() >= 8 {
            bytes[0] = 0x40 | (bytes[0] & 0x07);
            let words: u8 = if named { 10 } else { 8 };
            bytes[0] = (bytes[0] & 0xfe) | (words >> 3);
            bytes[1] = (bytes[1] & 0x1f) | (words << 5);
            bytes[4] = (bytes[4] & 0x1f) | if named { 0x40 } else { 0x60 };
        }
        if let Some(header) = DataHeader::read(&bytes) {
            let mut out = vec![0; header.len()];
            prop_assert!(header.write(0, &mut out));
            prop_assert!(DataHeader::read(&out) == Some(header));
        }
    }

    #[test]
    fn short_output(len in 0usize..40) {
        let named = Destination::Named { service: ServiceType(1), instance: 1, lookup: Scope::Node };
        prop_assert!(!header(named).write(0, &mut vec![0; len]));
    }
}
