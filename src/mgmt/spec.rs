// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! The family TIPCv2 in numbers: commands, attributes, and the rules for both.
//!
//! Generated from Documentation/netlink/tipc.yaml by tools/netlink/spec: change that. In: nothing;
//! out: constants for the rest of `mgmt`. Replaces the policies of C `netlink.c`.
#![allow(dead_code, missing_docs)]

use crate::sys::genl::{Command, DumpCheck};
use crate::sys::netlink::{Range, Rule};

/// Of 32 bits on the wire, 16 in use.
static U16_MAX: Range = Range::up_to(u16::MAX as u64);

pub const VERSION: u32 = 1;

pub const BEARER_DISABLE: Command = Command::new(2, DumpCheck::None).admin();
pub const BEARER_ENABLE: Command = Command::new(3, DumpCheck::None).admin();
pub const BEARER_GET: Command = Command::new(4, DumpCheck::None);
pub const BEARER_SET: Command = Command::new(5, DumpCheck::None).admin();
pub const SOCK_GET: Command = Command::new(6, DumpCheck::None);
pub const PUBL_GET: Command = Command::new(7, DumpCheck::Lenient);
pub const LINK_GET: Command = Command::new(8, DumpCheck::Strict);
pub const LINK_SET: Command = Command::new(9, DumpCheck::None).admin();
pub const LINK_RESET_STATS: Command = Command::new(10, DumpCheck::None).admin();
pub const MEDIA_GET: Command = Command::new(11, DumpCheck::None);
pub const MEDIA_SET: Command = Command::new(12, DumpCheck::None).admin();
pub const NODE_GET: Command = Command::new(13, DumpCheck::None);
pub const NET_GET: Command = Command::new(14, DumpCheck::None);
pub const NET_SET: Command = Command::new(15, DumpCheck::None).admin();
pub const NAME_TABLE_GET: Command = Command::new(16, DumpCheck::None);
pub const MON_SET: Command = Command::new(17, DumpCheck::None).admin();
pub const MON_GET: Command = Command::new(18, DumpCheck::None);
pub const MON_PEER_GET: Command = Command::new(19, DumpCheck::Lenient);
pub const PEER_REMOVE: Command = Command::new(20, DumpCheck::None).admin();
pub const BEARER_ADD: Command = Command::new(21, DumpCheck::None).admin();
pub const UDP_GET_REMOTEIP: Command = Command::new(22, DumpCheck::Lenient);
pub const KEY_SET: Command = Command::new(23, DumpCheck::None).admin();
pub const KEY_FLUSH: Command = Command::new(24, DumpCheck::None).admin();
pub const ADDR_LEGACY_GET: Command = Command::new(25, DumpCheck::None);

pub mod tipc {
    use super::*;

    pub const BEARER: u16 = 1;
    pub const SOCK: u16 = 2;
    pub const PUBL: u16 = 3;
    pub const LINK: u16 = 4;
    pub const MEDIA: u16 = 5;
    pub const NODE: u16 = 6;
    pub const NET: u16 = 7;
    pub const NAME_TABLE: u16 = 8;
    pub const MON: u16 = 9;
    pub const MON_PEER: u16 = 10;

    pub static RULES: [Rule; 11] = [
        Rule::ANY,
        Rule::NEST,
        Rule::NEST,
        Rule::NEST,
        Rule::NEST,
        Rule::NEST,
        Rule::NEST,
        Rule::NEST,
        Rule::NEST,
        Rule::NEST,
        Rule::NEST,
    ];
}

pub mod bearer {
    use super::*;

    pub const NAME: u16 = 1;
    pub const PROP: u16 = 2;
    pub const DOMAIN: u16 = 3;
    pub const UDP_OPTS: u16 = 4;

    pub static RULES: [Rule; 5] = [
        Rule::ANY,
        Rule::terminated(32),
        Rule::NEST,
        Rule::U32,
        Rule::NEST,
    ];
}

pub mod udp {
    use super::*;

    pub const LOCAL: u16 = 1;
    pub const REMOTE: u16 = 2;
    pub const MULTI_REMOTEIP: u16 = 3;

    pub static RULES: [Rule; 4] = [Rule::ANY, Rule::bytes(128), Rule::bytes(128), Rule::FLAG];
}

pub mod sock {
    use super::*;

    pub const ADDR: u16 = 1;
    pub const REF: u16 = 2;
    pub const CON: u16 = 3;
    pub const HAS_PUBL: u16 = 4;
    pub const STAT: u16 = 5;
    pub const TYPE: u16 = 6;
    pub const INO: u16 = 7;
    pub const UID: u16 = 8;
    pub const TIPC_STATE: u16 = 9;
    pub const COOKIE: u16 = 10;
    pub const PAD: u16 = 11;
    pub const GROUP: u16 = 12;

    pub static RULES: [Rule; 13] = [
        Rule::ANY,
        Rule::U32,
        Rule::U32,
        Rule::NEST,
        Rule::FLAG,
        Rule::NEST,
        Rule::U32,
        Rule::U32,
        Rule::U32,
        Rule::U32,
        Rule::U64,
        Rule::ANY,
        Rule::NEST,
    ];
}

pub mod link {
    use super::*;

    pub const NAME: u16 = 1;
    pub const DEST: u16 = 2;
    pub const MTU: u16 = 3;
    pub const BROADCAST: u16 = 4;
    pub const UP: u16 = 5;
    pub const ACTIVE: u16 = 6;
    pub const PROP: u16 = 7;
    pub const STATS: u16 = 8;
    pub const RX: u16 = 9;
    pub const TX: u16 = 10;

    pub static RULES: [Rule; 11] = [
        Rule::ANY,
        Rule::terminated(68),
        Rule::U32,
        Rule::U32,
        Rule::FLAG,
        Rule::FLAG,
        Rule::FLAG,
        Rule::NEST,
        Rule::NEST,
        Rule::U32,
        Rule::U32,
    ];
}

pub mod media {
    use super::*;

    pub const NAME: u16 = 1;
    pub const PROP: u16 = 2;

    pub static RULES: [Rule; 3] = [Rule::ANY, Rule::TEXT, Rule::NEST];
}

pub mod node {
    use super::*;

    pub const ADDR: u16 = 1;
    pub const UP: u16 = 2;
    pub const ID: u16 = 3;
    pub const KEY: u16 = 4;
    pub const KEY_MASTER: u16 = 5;
    pub const REKEYING: u16 = 6;

    pub static RULES: [Rule; 7] = [
        Rule::ANY,
        Rule::U32,
        Rule::FLAG,
        Rule::bytes(16),
        Rule::bytes(72),
        Rule::FLAG,
        Rule::U32,
    ];
}

pub mod net {
    use super::*;

    pub const ID: u16 = 1;
    pub const ADDR: u16 = 2;
    pub const NODEID: u16 = 3;
    pub const NODEID_W1: u16 = 4;
    pub const ADDR_LEGACY: u16 = 5;

    pub static RULES: [Rule; 6] = [
        Rule::ANY,
        Rule::U32,
        Rule::U32,
        Rule::U64,
        Rule::U64,
        Rule::FLAG,
    ];
}

pub mod name_table {
    use super::*;

    pub const PUBL: u16 = 1;

    pub static RULES: [Rule; 2] = [Rule::ANY, Rule::NEST];
}

pub mod mon {
    use super::*;

    pub const ACTIVATION_THRESHOLD: u16 = 1;
    pub const REF: u16 = 2;
    pub const ACTIVE: u16 = 3;
    pub const BEARER_NAME: u16 = 4;
    pub const PEERCNT: u16 = 5;
    pub const LISTGEN: u16 = 6;

    pub static RULES: [Rule; 7] = [
        Rule::ANY,
        Rule::U32,
        Rule::U32,
        Rule::FLAG,
        Rule::terminated(0),
        Rule::U32,
        Rule::U32,
    ];
}

pub mod publ {
    use super::*;

    pub const TYPE: u16 = 1;
    pub const LOWER: u16 = 2;
    pub const UPPER: u16 = 3;
    pub const SCOPE: u16 = 4;
    pub const NODE: u16 = 5;
    pub const REF: u16 = 6;
    pub const KEY: u16 = 7;

    pub static RULES: [Rule; 8] = [
        Rule::ANY,
        Rule::U32,
        Rule::U32,
        Rule::U32,
        Rule::U32,
        Rule::U32,
        Rule::U32,
        Rule::U32,
    ];
}

pub mod mon_peer {
    use super::*;

    pub const ADDR: u16 = 1;
    pub const DOMGEN: u16 = 2;
    pub const APPLIED: u16 = 3;
    pub const UPMAP: u16 = 4;
    pub const MEMBERS: u16 = 5;
    pub const UP: u16 = 6;
    pub const HEAD: u16 = 7;
    pub const LOCAL: u16 = 8;
    pub const PAD: u16 = 9;

    pub static RULES: [Rule; 10] = [
        Rule::ANY,
        Rule::U32,
        Rule::U32,
        Rule::U32,
        Rule::U64,
        Rule::bytes(0),
        Rule::FLAG,
        Rule::FLAG,
        Rule::FLAG,
        Rule::ANY,
    ];
}

pub mod sock_group {
    use super::*;

    pub const ID: u16 = 0;
    pub const OPEN: u16 = 1;
    pub const NODE_SCOPE: u16 = 2;
    pub const CLUSTER_SCOPE: u16 = 3;
    pub const INSTANCE: u16 = 4;
    pub const BC_SEND_NEXT: u16 = 5;

    pub static RULES: [Rule; 6] = [
        Rule::U32,
        Rule::FLAG,
        Rule::FLAG,
        Rule::FLAG,
        Rule::U32,
        Rule::U32,
    ];
}

pub mod con {
    use super::*;

    pub const FLAG: u16 = 1;
    pub const NODE: u16 = 2;
    pub const SOCK: u16 = 3;
    pub const TYPE: u16 = 4;
    pub const INST: u16 = 5;

    pub static RULES: [Rule; 6] = [
        Rule::ANY,
        Rule::FLAG,
        Rule::U32,
        Rule::U32,
        Rule::U32,
        Rule::U32,
    ];
}

pub mod sock_stat {
    use super::*;

    pub const RCVQ: u16 = 0;
    pub const SENDQ: u16 = 1;
    pub const LINK_CONG: u16 = 2;
    pub const CONN_CONG: u16 = 3;
    pub const DROP: u16 = 4;

    pub static RULES: [Rule; 5] = [Rule::U32, Rule::U32, Rule::FLAG, Rule::FLAG, Rule::U32];
}

pub mod prop {
    use super::*;

    pub const PRIO: u16 = 1;
    pub const TOL: u16 = 2;
    pub const WIN: u16 = 3;
    pub const MTU: u16 = 4;
    pub const BROADCAST: u16 = 5;
    pub const BROADCAST_RATIO: u16 = 6;

    pub static RULES: [Rule; 7] = [
        Rule::ANY,
        Rule::U32,
        Rule::U32,
        Rule::U32,
        Rule::u32_in(&U16_MAX),
        Rule::U32,
        Rule::U32,
    ];
}

pub mod stats {
    use super::*;

    pub const RX_INFO: u16 = 1;
    pub const RX_FRAGMENTS: u16 = 2;
    pub const RX_FRAGMENTED: u16 = 3;
    pub const RX_BUNDLES: u16 = 4;
    pub const RX_BUNDLED: u16 = 5;
    pub const TX_INFO: u16 = 6;
    pub const TX_FRAGMENTS: u16 = 7;
    pub const TX_FRAGMENTED: u16 = 8;
    pub const TX_BUNDLES: u16 = 9;
    pub const TX_BUNDLED: u16 = 10;
    pub const MSG_PROF_TOT: u16 = 11;
    pub const MSG_LEN_CNT: u16 = 12;
    pub const MSG_LEN_TOT: u16 = 13;
    pub const MSG_LEN_P0: u16 = 14;
    pub const MSG_LEN_P1: u16 = 15;
    pub const MSG_LEN_P2: u16 = 16;
    pub const MSG_LEN_P3: u16 = 17;
    pub const MSG_LEN_P4: u16 = 18;
    pub const MSG_LEN_P5: u16 = 19;
    pub const MSG_LEN_P6: u16 = 20;
    pub const RX_STATES: u16 = 21;
    pub const RX_PROBES: u16 = 22;
    pub const RX_NACKS: u16 = 23;
    pub const RX_DEFERRED: u16 = 24;
    pub const TX_STATES: u16 = 25;
    pub const TX_PROBES: u16 = 26;
    pub const TX_NACKS: u16 = 27;
    pub const TX_ACKS: u16 = 28;
    pub const RETRANSMITTED: u16 = 29;
    pub const DUPLICATES: u16 = 30;
    pub const LINK_CONGS: u16 = 31;
    pub const MAX_QUEUE: u16 = 32;
    pub const AVG_QUEUE: u16 = 33;

    pub static RULES: [Rule; 34] = [
        Rule::ANY,
        Rule::U32,
        Rule::U32,
        Rule::U32,
        Rule::U32,
        Rule::U32,
        Rule::U32,
        Rule::U32,
        Rule::U32,
        Rule::U32,
        Rule::U32,
        Rule::U32,
        Rule::U32,
        Rule::U32,
        Rule::U32,
        Rule::U32,
        Rule::U32,
        Rule::U32,
        Rule::U32,
        Rule::U32,
        Rule::U32,
        Rule::U32,
        Rule::U32,
        Rule::U32,
        Rule::U32,
        Rule::U32,
        Rule::U32,
        Rule::U32,
        Rule::U32,
        Rule::U32,
        Rule::U32,
        Rule::U32,
        Rule::U32,
        Rule::U32,
    ];
}
