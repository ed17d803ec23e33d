// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! Ethernet: ethertype 0x88CA, and nothing between its header and TIPC's. As in C the device need not
//! be one of Ethernet: any that carries packets of an ethertype does, as tunnels do.
//!
//! In: packets of `stack`, frames of `sys::packet`; out: the same the other way. Replaces C
//! `eth_media.c` and `bearer.c:tipc_l2_send_msg`, `tipc_l2_rcv_msg`.

use super::mac_of;
use crate::proto::vocab::{BearerId, MediaAddr};
use crate::proto::wire::Header;
use crate::stack::cluster::Medium;
use crate::stack::{Net, Packet, Packets};
use crate::sys::bottom::Held;
use crate::sys::lock::{new_bh_spinlock, BhSpinLock};
use crate::sys::netdev::Device;
use crate::sys::packet::{Receiver, Tap};
use crate::sys::skb::{Queue, SkBuff};
use crate::sys::train;
use kernel::prelude::*;
use kernel::sync::Arc;

/// ETH_P_TIPC.
const ETHERTYPE: u16 = 0x88ca;

/// Packets for one node may go together from here on: they are taken apart where they must be. ENOMEM. May
/// sleep.
pub fn register() -> Result<Pin<KBox<train::Registration>>> {
    train::Registration::new::<Sizes>(ETHERTYPE)
}

/// Packets say how long they are.
struct Sizes;

impl train::Lengths for Sizes {
    fn of(start: &[u8; train::START]) -> usize {
        Header::of(start).size()
    }
}

/// An Ethernet device in use.
#[pin_data]
pub struct Ethernet {
    device: Device,
    #[pin]
    tap: BhSpinLock<Option<Pin<KBox<Tap>>>>,
}

/// Where its packets go.
struct Way {
    net: Arc<Net>,
    id: BearerId,
}

impl Ethernet {
    /// Takes a device into use. ENOMEM. May sleep.
    pub fn open(net: Arc<Net>, id: BearerId, device: Device) -> Result<Arc<dyn Medium>> {
        let way = Arc::new(Way { net, id }, GFP_KERNEL)?;
        let tap = Tap::new::<Sizes>(ETHERTYPE, device.clone(), way)?;
        let ethernet = Arc::pin_init(
            try_pin_init!(Ethernet {
                device,
                tap <- new_bh_spinlock!(Some(tap), "tipc_tap"),
            }),
            GFP_KERNEL,
        )?;
        Ok(ethernet)
    }
}

impl Medium for Ethernet {
    fn send(&self, packet: Packet, to: &MediaAddr) {
        self.device
            .send(packet.into_inner(), &mac_of(to), ETHERTYPE);
    }

    fn send_all(&self, packets: Packets, to: &MediaAddr) {
        let (packets, to) = (packets.into_inner(), mac_of(to));
        self.device.send_all(packets, &to, ETHERTYPE);
    }

    fn address(&self) -> MediaAddr {
        MediaAddr::ethernet(self.device.address())
    }

    fn everybody(&self) -> MediaAddr {
        MediaAddr::ethernet(self.device.broadcast())
    }

    fn close(&self) {
        let tap = self.tap.lock().take();
        drop(tap);
    }

    fn device(&self) -> Option<i32> {
        Some(self.device.index())
    }

    fn is_up(&self) -> bool {
        self.device.is_up()
    }

    fn broadcasts(&self) -> bool {
        true
    }

    fn gathers(&self) -> bool {
        self.device.gathers()
    }

    fn mtu(&self) -> u32 {
        self.device.mtu()
    }
}

impl Receiver for Way {
    fn receive(&self, skb: SkBuff, held: &Held) {
        Net::rx(&self.net, self.id, skb, held);
    }

    fn receive_all(&self, packets: Queue, held: &Held) {
        Net::rx_all(&self.net, self.id, packets, held);
    }
}
