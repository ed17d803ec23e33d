// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! How a multicast goes to other nodes: once, by the broadcast link, or as a copy to each of them,
//! by their links; and by which bearers a broadcast leaves.
//!
//! In: which bearers lead to how many neighbours, what an administrator and a socket want; out: a
//! choice. Replaces C `bcast.c:tipc_bcbase_select_primary`, `tipc_bcbase_calc_bc_threshold` and
//! `tipc_bcast_select_xmit_method`.

use crate::proto::vocab::{BearerId, Capabilities, Capability, Instant, NodeAddr, MAX_BEARERS};

/// Milliseconds for which a choice stands in a cluster that cannot keep the order when it changes
/// (C `bcast.h:TIPC_METHOD_EXPIRE`).
const EXPIRY: u32 = 5000;

/// Destinations, in percent of the cluster, up to which copies are sent (C `bcast.c`: 10).
pub const DEFAULT_RATIO: u32 = 10;

/// What an administrator wants.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mode {
    /// Always the broadcast link.
    Broadcast,
    /// Always copies.
    Replicast,
    /// Whatever is cheaper.
    Auto,
}

/// What a bearer is, as far as broadcasts go.
#[derive(Clone, Copy)]
pub struct Carrier {
    /// The largest packet, in bytes.
    pub mtu: u32,
    /// Whether one packet reaches everybody on it.
    pub broadcasts: bool,
}

/// What all bearers are.
pub type Carriers = [Option<Carrier>; MAX_BEARERS];

/// One socket's way of multicast.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Method {
    /// Whether copies were sent last.
    pub replicast: bool,
    /// Whether anything was sent.
    pub used: bool,
    /// Whether the user wants copies, or a broadcast.
    pub wanted: Option<bool>,
    /// Until when it stands.
    pub until: Instant,
}

impl Method {
    /// That of a new socket.
    pub const NEW: Method = Method {
        replicast: false,
        used: false,
        wanted: None,
        until: Instant(0),
    };
}

/// How one message goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Choice {
    /// As copies.
    pub replicast: bool,
    /// The one before went the other way: receivers must be told.
    pub changed: bool,
}

/// Which bearers lead where, and how to choose.
#[derive(Clone, Copy)]
pub struct Routes {
    /// Neighbours with a link on each bearer.
    reached: [u16; MAX_BEARERS],
    primary: Option<BearerId>,
    broadcasts: bool,
    mode: Mode,
    ratio: u32,
    /// More destinations than this are broadcast to.
    threshold: u32,
}

impl Routes {
    /// Nobody is reached.
    pub const fn new() -> Self {
        Routes {
            reached: [0; MAX_BEARERS],
            primary: None,
            broadcasts: false,
            mode: Mode::Auto,
            ratio: DEFAULT_RATIO,
            threshold: 0,
        }
    }

    /// The bearer that leads to everybody, if there is one.
    pub fn primary(&self) -> Option<BearerId> {
        self.primary
    }

    /// Whether a broadcast leaves by `bearer`: the one that leads to everybody, or any that leads
    /// to somebody.
    pub fn takes(&self, bearer: BearerId) -> bool {
        match self.primary {
            Some(primary) => primary == bearer,
            None => self.count(bearer) > 0,
        }
    }

    fn count(&self, bearer: BearerId) -> u16 {
        self.reached.get(bearer.place()).copied().unwrap_or(0)
    }

    /// A link on `bearer` has come up, or gone down.
    pub fn on_link(&mut self, bearer: BearerId, up: bool) {
        if let Some(count) = self.reached.get_mut(bearer.place()) {
            *count = match up {
                true => count.saturating_add(1),
                false => count.saturating_sub(1),
            };
        }
    }

    /// Chooses anew, for `peers` neighbours of node `own`. The largest packet that all bearers in
    /// use take, if there are any.
    pub fn select(&mut self, own: NodeAddr, peers: u16, carriers: &Carriers) -> Option<u32> {
        self.set_threshold(peers);
        self.primary = None;
        self.broadcasts = true;
        if peers == 0 {
            return None;
        }
        let mut least = None;
        for (bearer, carrier) in BearerId::ALL.into_iter().zip(carriers) {
            let reached = self.count(bearer);
            if reached == 0 {
                continue;
            }
            let mtu = carrier.map_or(u32::MAX, |carrier| carrier.mtu);
            least = Some(least.unwrap_or(u32::MAX).min(mtu));
            self.broadcasts &= carrier.is_some_and(|carrier| carrier.broadcasts);
            if reached < peers {
                continue;
            }
            self.primary = Some(bearer);
            // So that not all nodes choose the same.
            if (u32::from(bearer.number()) ^ own.0) & 1 != 0 {
                break;
            }
        }
        if let Some(primary) = self.primary {
            let carrier = carriers.get(primary.place()).copied().flatten();
            self.broadcasts = carrier.is_some_and(|carrier| carrier.broadcasts);
        }
        least
    }

    fn set_threshold(&mut self, peers: u16) {
        let share = u32::from(peers).saturating_mul(self.ratio) / 100;
        self.threshold = share.saturating_add(1);
    }

    /// How a message for `destinations` other nodes goes. `cluster` is what all known nodes can do.
    /// A socket that has sent nothing yet and wants one way has not changed it. (C knows no change
    /// of what a user wants, and loses the order then.)
    pub fn choose(
        &self,
        method: &mut Method,
        destinations: u32,
        cluster: Capabilities,
        now: Instant,
    ) -> Choice {
        let replicast = self.way(method, destinations, cluster, now);
        let fresh = !method.used && method.wanted == Some(replicast);
        let changed = replicast != method.replicast && !fresh;
        method.replicast = replicast;
        method.used = true;
        Choice {
            replicast,
            changed: changed && cluster.has(Capability::MulticastControl),
        }
    }

    fn way(
        &self,
        method: &mut Method,
        destinations: u32,
        cluster: Capabilities,
        now: Instant,
    ) -> bool {
        if !self.broadcasts {
            return true;
        }
        if !cluster.has(Capability::Replicast) {
            return false;
        }
        let stands = now < method.until;
        method.until = now.after(EXPIRY);
        if let Some(wanted) = method.wanted {
            return wanted;
        }
        if stands && !cluster.has(Capability::MulticastControl) {
            return method.replicast;
        }
        match self.mode {
            Mode::Broadcast => false,
            Mode::Replicast => true,
            Mode::Auto => destinations <= self.threshold,
        }
    }

    /// What an administrator has set; none if broadcast or replicast cannot be.
    pub fn mode(&self, cluster: Capabilities) -> Option<Mode> {
        let both = self.broadcasts && cluster.has(Capability::Replicast);
        match self.mode {
            Mode::Auto => both.then_some(Mode::Auto),
            mode => Some(mode),
        }
    }

    /// Sets it; false if the cluster cannot do it.
    pub fn set_mode(&mut self, mode: Mode, cluster: Capabilities) -> bool {
        let replicast = cluster.has(Capability::Replicast);
        let can = match mode {
            Mode::Broadcast => self.broadcasts,
            Mode::Replicast => replicast,
            Mode::Auto => self.broadcasts && replicast,
        };
        if can {
            self.mode = mode;
        }
        can
    }

    /// The share of the cluster up to which copies are sent, in percent.
    pub fn ratio(&self) -> u32 {
        self.ratio
    }

    /// Sets it, 1 to 100, for `peers` neighbours; false if the cluster can do only one of both.
    pub fn set_ratio(&mut self, ratio: u32, peers: u16, cluster: Capabilities) -> bool {
        let can = self.broadcasts && cluster.has(Capability::Replicast);
        if can {
            self.ratio = ratio;
            self.set_threshold(peers);
        }
        can
    }

    /// Whether changes of names go by broadcast (C `node.c:tipc_node_broadcast`).
    pub fn tells_names(&self) -> bool {
        self.mode != Mode::Replicast
    }
}
