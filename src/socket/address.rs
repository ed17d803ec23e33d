// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! `struct sockaddr_tipc`: bytes of users to typed addresses and back.
//!
//! In: bytes that a user passed to bind, connect or sendto; out: `Address`, or EINVAL. 16 bytes in
//! host byte order: family (u16), address type (u8), scope (i8), then 12 bytes by type (uAPI
//! `linux/tipc.h`). Replaces C `addr.h:tipc_uaddr_valid`.

use super::AF_TIPC;
use crate::proto::vocab::{NodeAddr, PortId, ServiceRange, ServiceType, SocketAddr};
use kernel::prelude::*;

/// Size of the address in bytes.
pub const SIZE: usize = 16;

const RANGE: u8 = 1;
const SERVICE: u8 = 2;
const SOCKET: u8 = 3;

/// What an address names.
#[derive(Clone, Copy)]
pub enum Target {
    /// All instances in a range.
    Range(ServiceRange),
    /// One instance, looked up on a node (none: anywhere).
    Service {
        /// The service type.
        service: ServiceType,
        /// The instance.
        instance: u32,
        /// The node to look on.
        domain: NodeAddr,
    },
    /// One socket.
    Socket(SocketAddr),
}

/// An address a user passed.
#[derive(Clone, Copy)]
pub struct Address {
    /// What it names.
    pub target: Target,
    /// Scope of a binding; negative to unbind.
    pub scope: i8,
}

/// Whether the address says "no family" (connect() with it forgets the default destination).
pub fn is_unspecified(bytes: &[u8]) -> bool {
    bytes.first_chunk::<2>() == Some(&[0, 0])
}

/// Reads an address; EINVAL if it is short, of another family, of unknown type or inverted.
pub fn parse(bytes: &[u8]) -> Result<Address> {
    let [f0, f1, kind, scope, a0, a1, a2, a3, b0, b1, b2, b3, c0, c1, c2, c3] =
        *bytes.first_chunk::<SIZE>().ok_or(EINVAL)?;
    if u32::from(u16::from_ne_bytes([f0, f1])) != AF_TIPC {
        return Err(EINVAL);
    }
    let first = u32::from_ne_bytes([a0, a1, a2, a3]);
    let second = u32::from_ne_bytes([b0, b1, b2, b3]);
    let third = u32::from_ne_bytes([c0, c1, c2, c3]);
    let target = match kind {
        RANGE => Target::Range(ServiceRange::new(ServiceType(first), second, third).ok_or(EINVAL)?),
        SERVICE => Target::Service {
            service: ServiceType(first),
            instance: second,
            domain: NodeAddr(third),
        },
        SOCKET => Target::Socket(SocketAddr {
            port: PortId(first),
            node: NodeAddr(second),
        }),
        _ => return Err(EINVAL),
    };
    Ok(Address {
        target,
        scope: scope as i8,
    })
}

/// The address of a socket, as users get it from recvfrom and getsockname.
pub fn socket_name(addr: SocketAddr) -> [u8; SIZE] {
    let [f0, f1] = (AF_TIPC as u16).to_ne_bytes();
    let [p0, p1, p2, p3] = addr.port.0.to_ne_bytes();
    let [n0, n1, n2, n3] = addr.node.0.to_ne_bytes();
    [
        f0, f1, SOCKET, 0, p0, p1, p2, p3, n0, n1, n2, n3, 0, 0, 0, 0,
    ]
}
