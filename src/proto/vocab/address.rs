// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! Addresses: nodes, ports, services and their scopes.
//!
//! In: raw integers from `socket` (system calls) and `wire` (packets); out: newtypes that cannot be
//! mixed up. Replaces C `addr.h:tipc_uaddr` and friends.

/// Service types below this are TIPC's own and cannot be bound by users
/// (uAPI `TIPC_RESERVED_TYPES`).
pub const RESERVED_TYPES: u32 = 64;

/// The 32-bit address of a node; 0 while the node has none yet.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct NodeAddr(pub u32);

impl NodeAddr {
    /// The address of a node that has not been given one.
    pub const NONE: NodeAddr = NodeAddr(0);

    /// Its zone and cluster, in the old form of addresses.
    pub fn cluster_mask(self) -> u32 {
        self.0 & 0xffff_f000
    }

    /// Whether `self`, as a destination, is the node `own`: its address or none at all
    /// (C `addr.h:in_own_node`).
    pub fn is_own(self, own: NodeAddr) -> bool {
        self == own || self == NodeAddr::NONE
    }
}

/// The number of a port (socket) on its node, 1 to 2^32-1; 0 is no port.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct PortId(pub u32);

/// A socket address: one port on one node (uAPI `struct tipc_socket_addr`).
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct SocketAddr {
    /// Port on that node.
    pub port: PortId,
    /// The node; none means the own node.
    pub node: NodeAddr,
}

impl SocketAddr {
    /// No socket.
    pub const NONE: SocketAddr = SocketAddr {
        port: PortId(0),
        node: NodeAddr::NONE,
    };
}

/// A service type, the first half of a service's name.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct ServiceType(pub u32);

impl ServiceType {
    /// Nodes, by address (uAPI `TIPC_NODE_STATE`).
    pub const NODE_STATE: ServiceType = ServiceType(0);
    /// The topology server (uAPI `TIPC_TOP_SRV`).
    pub const TOPOLOGY: ServiceType = ServiceType(1);
    /// Links, by the address of the peer (uAPI `TIPC_LINK_STATE`).
    pub const LINK_STATE: ServiceType = ServiceType(2);

    /// Whether TIPC publishes it, without counting it among the bindings there may be (C
    /// `name_table.c:tipc_nametbl_publish`).
    pub fn is_published_by_tipc(self) -> bool {
        [Self::NODE_STATE, Self::TOPOLOGY, Self::LINK_STATE].contains(&self)
    }

    /// Whether only TIPC itself may bind it.
    pub fn is_reserved(self) -> bool {
        self.0 < RESERVED_TYPES
    }
}

/// A range of instances of one service type, never inverted.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct ServiceRange {
    service: ServiceType,
    lower: u32,
    upper: u32,
}

impl ServiceRange {
    /// A range from its parts; none if `upper` is below `lower`.
    pub fn new(service: ServiceType, lower: u32, upper: u32) -> Option<Self> {
        (lower <= upper).then_some(ServiceRange {
            service,
            lower,
            upper,
        })
    }

    /// The range of one single instance.
    pub fn single(service: ServiceType, instance: u32) -> Self {
        ServiceRange {
            service,
            lower: instance,
            upper: instance,
        }
    }

    /// The service type.
    pub fn service(self) -> ServiceType {
        self.service
    }

    /// The first instance.
    pub fn lower(self) -> u32 {
        self.lower
    }

    /// The last instance, included.
    pub fn upper(self) -> u32 {
        self.upper
    }
}

/// How far a binding is known (uAPI `TIPC_NODE_SCOPE`, `TIPC_CLUSTER_SCOPE`).
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub enum Scope {
    /// The whole cluster.
    #[default]
    Cluster,
    /// This node only.
    Node,
}

impl Scope {
    /// The scope a user's number means: 3 is node, everything else (0, the old zone scope 1, ...)
    /// is cluster (C `socket.c:__tipc_bind`).
    pub fn from_user(value: u8) -> Self {
        if value == 3 {
            Scope::Node
        } else {
            Scope::Cluster
        }
    }

    /// Its number, as users see it.
    pub fn number(self) -> u32 {
        match self {
            Scope::Cluster => 2,
            Scope::Node => 3,
        }
    }
}
