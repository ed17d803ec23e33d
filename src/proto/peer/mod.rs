// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! Room `peer`: one neighbour node, as this node sees it, with the links to it.
//!
//! In: messages from above (`send`), packets of its links from below (`rx`), time (`tick`), links
//! that `discovery` finds and `bearer` takes away; out: packets for each bearer, whole messages and
//! what is to be freed in `PeerOut`, and `News` that the caller acts on. Replaces the middle of C
//! `node.c`.
//!
//! `fsm` says whether there is contact, `gate` which packets count while that is changing, `slots`
//! which of two links a message takes, `traffic` is what comes and goes, `change` links that come
//! up and go down, `tunnel` what one link carries for another, `conns` who must be told when
//! contact is lost.
//!
//! The content of one lock. The caller sees to it that
//! - `tick` is called at `next_tick`,
//! - after `News::ROOM` as many senders are woken as `take_senders` says,
//! - after `News::LOST` the connections are told and the names withdrawn, after `News::CONTACT`
//!   the peer is told our names, all in the order in which it has happened,
//! - `PeerOut::wire` is sent, `PeerOut::up` is delivered in order and `PeerOut::spent` is freed,
//!   all after the unlock.
#![deny(clippy::arithmetic_side_effects, clippy::indexing_slicing)]
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod broadcasts;
mod change;
pub mod conns;
pub mod fsm;
pub mod gate;
pub mod pace;
mod settings;
pub mod slots;
mod traffic;
mod tunnel;

use crate::mem::{Owned, Room};
use crate::proto::broadcast::Exchange;
use crate::proto::frame::{Frame, Out};
use crate::proto::link::{Config, Context, Event, Link};
use crate::proto::vocab::{
    BearerId, Capabilities, Instant, Level, MediaAddr, NodeAddr, PortId, SeqNo, SessionNo,
    MAX_BEARERS,
};
use conns::Connections;
use fsm::Contact;
pub use settings::Wanted;
use slots::{Slots, MAX_LINKS};

/// Milliseconds between ticks of a peer without links: nothing is to be done but to notice that it
/// may be forgotten (C `node.c:tipc_node_create`).
pub const IDLE_INTERVAL: u32 = 10_000;

/// Milliseconds a failover or a synchronisation may go on without a packet that brings it further:
/// ten times the default tolerance, after which no honest peer has anything left to send. (C has no
/// bound.)
pub const CHANGE_PATIENCE: u32 = 15_000;

/// What leaves a peer in one call.
pub struct PeerOut<'a, F: Frame> {
    /// For each bearer: to be sent to the peer's address there (`media`).
    pub wire: &'a mut [F::List; MAX_BEARERS],
    /// For this node: whole messages, in order.
    pub up: &'a mut F::List,
    /// No longer wanted: to be freed.
    pub spent: &'a mut F::List,
}

impl<F: Frame> PeerOut<'_, F> {
    /// What leaves the link on `bearer`; none if there can be no such bearer.
    fn of(&mut self, bearer: BearerId) -> Option<Out<'_, F>> {
        Some(Out {
            wire: self.wire.get_mut(bearer.place())?,
            up: self.up,
            spent: self.spent,
        })
    }
}

/// What the caller has to act on.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
#[must_use]
pub struct News(u16);

impl News {
    /// Nothing.
    pub const NONE: News = News(0);
    /// There is contact: tell the peer our names. (C `TIPC_NOTIFY_NODE_UP`.)
    pub const CONTACT: News = News(1);
    /// Contact is lost: withdraw the peer's names, end the connections with it. (C
    /// `TIPC_NOTIFY_NODE_DOWN`.)
    pub const LOST: News = News(2);
    /// Senders may go on.
    pub const ROOM: News = News(4);

    /// The link on this bearer has come up. (C `TIPC_NOTIFY_LINK_UP`.)
    pub fn link_up(bearer: BearerId) -> News {
        News(8u16.wrapping_shl(u32::from(bearer.number())))
    }

    /// The link on this bearer has gone down. (C `TIPC_NOTIFY_LINK_DOWN`.)
    pub fn link_down(bearer: BearerId) -> News {
        News(64u16.wrapping_shl(u32::from(bearer.number())))
    }

    /// Links that have come up or gone down: any of them, by `touches`.
    pub const LINKS: News = News(0x1f8);

    /// Whether anything of `other` is in it.
    pub fn touches(self, other: News) -> bool {
        self.0 & other.0 != 0
    }

    /// Both.
    pub fn or(self, other: News) -> News {
        News(self.0 | other.0)
    }

    /// This, and what came later, for one who has acted on neither: links that have gone down and come
    /// up have done so in this order, and so has contact.
    pub fn then(self, later: News) -> News {
        // What a loss undoes stands below it: by three bits for links, by one for contact.
        let links = (later.0 & News::LINKS.0).wrapping_shr(3) & News::LINKS.0;
        let contact = (later.0 & News::LOST.0).wrapping_shr(1);
        News(self.0 & !links & !contact | later.0)
    }

    /// Whether all of `other` are in it.
    pub fn has(self, other: News) -> bool {
        self.0 & other.0 == other.0
    }
}

/// A link, and where the other end is.
struct Slot<F: Frame> {
    link: Link<F>,
    media: MediaAddr,
}

/// What a link is made of.
pub struct NewLink<F: Frame> {
    /// Its memory.
    pub room: LinkRoom<F>,
    /// Its terms.
    pub config: Config,
    /// A random number.
    pub session: SessionNo,
    /// Where the peer is on that bearer.
    pub media: MediaAddr,
}

/// Memory for a link to come.
pub struct LinkRoom<F: Frame>(Room<Slot<F>>);

impl<F: Frame> LinkRoom<F> {
    /// Allocates it; none if there is no memory. Any context.
    pub fn new() -> Option<Self> {
        Room::new().map(LinkRoom)
    }
}

/// A failover or a synchronisation.
#[derive(Clone, Copy, Default)]
struct ChangeOver {
    /// The number after which it is over.
    point: SeqNo,
    /// Where the links were when one of them last received something, and when that was.
    seen: [SeqNo; MAX_BEARERS],
    since: Instant,
}

/// One neighbour node.
pub struct Peer<F: Frame> {
    own: NodeAddr,
    address: NodeAddr,
    capabilities: Capabilities,
    contact: Contact,
    slots: Slots,
    /// The links, each at the place of its bearer; two at most.
    links: [Option<Owned<Slot<F>>>; MAX_BEARERS],
    change: ChangeOver,
    broadcast: Exchange<F>,
    connections: Connections,
    /// Senders to wake, of links that were reset.
    woken: [u32; Level::COUNT],
    /// How often contact was made.
    contacts: u32,
    next_tick: Instant,
}

impl<F: Frame> Peer<F> {
    /// A node that has just been heard of.
    pub fn new(own: NodeAddr, address: NodeAddr, capabilities: Capabilities, now: Instant) -> Self {
        Peer {
            own,
            address,
            capabilities,
            contact: Contact::new(),
            slots: Slots::new(),
            links: [const { None }; MAX_BEARERS],
            change: ChangeOver::default(),
            broadcast: Exchange::new(),
            connections: Connections::new(),
            woken: [0; Level::COUNT],
            contacts: 0,
            next_tick: now.after(IDLE_INTERVAL),
        }
    }

    /// Its address.
    pub fn address(&self) -> NodeAddr {
        self.address
    }

    /// What it can do.
    pub fn capabilities(&self) -> Capabilities {
        self.capabilities
    }

    /// It can do other things than before.
    pub fn set_capabilities(&mut self, capabilities: Capabilities) {
        self.capabilities = capabilities;
        for slot in self.links.iter_mut().flatten() {
            slot.link.set_capabilities(capabilities);
        }
    }

    /// The state of contact.
    pub fn contact(&self) -> &Contact {
        &self.contact
    }

    /// How often contact was made: what was to be said in one contact is told by it from what may be
    /// said in the next.
    pub fn contacts(&self) -> u32 {
        self.contacts
    }

    /// Whether some link works, so that messages can be sent.
    pub fn is_up(&self) -> bool {
        self.slots.is_up()
    }

    /// Which link carries what.
    pub fn slots(&self) -> &Slots {
        &self.slots
    }

    /// The connections with it.
    pub fn connections(&mut self) -> &mut Connections {
        &mut self.connections
    }

    /// Broadcasts from and to it.
    pub fn broadcast(&mut self) -> &mut Exchange<F> {
        &mut self.broadcast
    }

    /// The same, to look at.
    pub fn broadcasts(&self) -> &Exchange<F> {
        &self.broadcast
    }

    /// The link on `bearer`.
    pub fn link(&self, bearer: BearerId) -> Option<&Link<F>> {
        Some(&self.slot(bearer)?.link)
    }

    /// The same, to change its settings.
    pub fn link_mut(&mut self, bearer: BearerId) -> Option<&mut Link<F>> {
        Some(&mut self.slot_mut(bearer)?.link)
    }

    /// Where it is on the medium of `bearer`.
    pub fn media(&self, bearer: BearerId) -> Option<MediaAddr> {
        Some(self.slot(bearer)?.media)
    }

    /// The largest packet a sender's messages may be cut into, in bytes; none without contact.
    pub fn mss(&self, sender: PortId) -> Option<u32> {
        Some(self.way(sender)?.1)
    }

    /// The same, and the bearer they go by.
    pub fn way(&self, sender: PortId) -> Option<(BearerId, u32)> {
        let bearer = self.slots.choose(sender)?;
        Some((bearer, self.link(bearer)?.mss()))
    }

    /// Whether the link for `sender` should get no more of this level for now, or there is none.
    pub fn is_full(&mut self, sender: PortId, level: Level) -> bool {
        let bearer = self.slots.choose(sender);
        let slot = bearer.and_then(|bearer| self.slot_mut(bearer));
        slot.is_none_or(|slot| slot.link.is_full(level))
    }

    /// How many senders of each level to wake. They do not wait any more.
    pub fn take_senders(&mut self) -> [u32; Level::COUNT] {
        let mut out = core::mem::replace(&mut self.woken, [0; Level::COUNT]);
        for slot in self.links.iter_mut().flatten() {
            for (to, more) in out.iter_mut().zip(slot.link.take_senders()) {
                *to = to.saturating_add(more);
            }
        }
        out
    }

    fn slot(&self, bearer: BearerId) -> Option<&Slot<F>> {
        self.links.get(bearer.place())?.as_deref()
    }

    fn slot_mut(&mut self, bearer: BearerId) -> Option<&mut Slot<F>> {
        self.links.get_mut(bearer.place())?.as_deref_mut()
    }

    /// The other bearer with a link, if there is one.
    fn parallel(&self, bearer: BearerId) -> Option<BearerId> {
        let others = BearerId::ALL.into_iter().filter(|b| *b != bearer);
        others.into_iter().find(|b| self.slot(*b).is_some())
    }

    /// The link on `bearer`, and what holds at the time of a call of it.
    fn link_at(&mut self, bearer: BearerId, now: Instant) -> Option<(&mut Link<F>, Context<'_>)> {
        let slot = self.links.get_mut(bearer.place())?.as_deref_mut()?;
        let context = Context {
            now,
            broadcast_ack: self.broadcast.receiver.last(),
            broadcasts: Some(&self.broadcast),
            monitor: &[],
        };
        Some((&mut slot.link, context))
    }

    /// `discovery` has found the peer on another bearer: a link is made. False if it has two links,
    /// or one on this bearer.
    pub fn add_link(
        &mut self,
        bearer: BearerId,
        new: NewLink<F>,
        now: Instant,
        out: &mut PeerOut<'_, F>,
    ) -> bool {
        let count = self.links.iter().flatten().count();
        if count >= MAX_LINKS || self.slot(bearer).is_some() {
            return false;
        }
        let (Some(place), Some(mut out)) = (self.links.get_mut(bearer.place()), out.of(bearer))
        else {
            return false;
        };
        let mut link = Link::new(new.config, new.session);
        let _ = link.reset(&mut out);
        let _ = link.event(Event::Reset);
        if self.contact.state() == fsm::State::FailingOver {
            let _ = link.event(Event::FailoverBegin);
        }
        let media = new.media;
        *place = Some(new.room.0.fill(Slot { link, media }));
        let interval = self.set_intervals();
        self.next_tick = self.next_tick.min(now.after(interval));
        true
    }
}
