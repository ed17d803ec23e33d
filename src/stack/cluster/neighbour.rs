// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! A neighbour node, and what is kept for it beside its links.
//!
//! In: packets and messages of `mod`; out: packets for the bearers, messages for this node. The lock
//! of the peer is never held while something is sent or delivered; what goes out and what goes up is
//! put into lists under it, and each list is emptied by one CPU at a time, so that order is kept. What
//! has become of contact and links goes up with the messages, and in order, too: the loss of a contact
//! must not take the names of the next.

use super::links::LinkNews;
use super::medium::Outgoing;
use super::waiting::Waiting;
use crate::proto::frame::FrameList;
use crate::proto::names::{Bulk, Intake, PeerBindings};
use crate::proto::peer::{pace, News, Peer, PeerOut};
use crate::proto::vocab::{BearerId, Capabilities, Instant, MediaAddr, NodeAddr};
use crate::stack::frame::{Packet, Packets};
use crate::stack::Net;
use crate::sys::atomic::Word;
use crate::sys::claim::Claim;
use crate::sys::clock;
use crate::sys::lock::{new_bh_spinlock, BhSpinLock};
use crate::sys::table::{Link, Linked};
use crate::sys::timer::{new_timer, Tick, Timer};
use kernel::prelude::*;
use kernel::sync::Arc;

/// The time, as the protocol wants it: to the jiffy, as its timers are, and as C's is.
pub fn now() -> Instant {
    Instant(clock::coarse_ms())
}

/// A neighbour.
#[pin_data]
pub struct Neighbour {
    /// Its address.
    pub address: NodeAddr,
    /// To be found by it.
    link: Link<Neighbour>,
    /// The links.
    #[pin]
    pub state: BhSpinLock<State>,
    /// Who sends what there is to be sent, in order.
    pub sending: Claim,
    /// Who delivers what has come, in order.
    pub delivering: Claim,
    /// Its names.
    #[pin]
    pub names: BhSpinLock<Names>,
    /// For the links' ticks.
    #[pin]
    pub timer: Timer,
}

/// What the lock of the links guards.
pub struct State {
    /// The links.
    pub peer: Peer<Packet>,
    /// Packets to be sent, in order.
    outgoing: Outgoing,
    /// Messages that have come and are to be delivered, in order.
    inbox: Packets,
    /// What nobody has acted on yet, and must before the inbox is delivered,
    news: News,
    /// and messages that came before contact was lost.
    before: Packets,
    /// Sockets that wait to send on.
    pub waiting: Waiting,
    /// Which loss of contact in this namespace was the last with it, if there was one.
    pub lost: Option<u32>,
    /// What has been told of its links.
    pub links: LinkNews,
}

/// Packets that one CPU sends before any other may.
pub struct Turn {
    /// Those of one bearer.
    pub packets: Packets,
    /// Which.
    pub bearer: BearerId,
    /// Where the neighbour is on it, if it still is.
    pub to: Option<MediaAddr>,
}

impl Turn {
    /// Nothing.
    pub fn new() -> Self {
        let [first, ..] = BearerId::ALL;
        Turn {
            packets: Packets::default(),
            bearer: first,
            to: None,
        }
    }
}

impl State {
    /// What is here, with the lists that the peer fills.
    pub fn parts<'a>(
        &'a mut self,
        spent: &'a mut Packets,
    ) -> (&'a mut Peer<Packet>, &'a mut Waiting, PeerOut<'a, Packet>) {
        let out = PeerOut {
            wire: &mut self.outgoing,
            up: &mut self.inbox,
            spent,
        };
        (&mut self.peer, &mut self.waiting, out)
    }

    /// Whether there is anything to send.
    #[inline]
    pub fn has_to_send(&self) -> bool {
        self.outgoing.iter().any(|packets| !packets.is_empty())
    }

    /// Puts into an empty `turn` what there is to send by one bearer; whether there is more by
    /// another. (Not handed back, as that copies it.)
    #[inline]
    pub fn next_turn(&mut self, turn: &mut Turn) -> bool {
        let mut all = self.outgoing.iter_mut().zip(BearerId::ALL);
        if let Some((packets, bearer)) = all.find(|(packets, _)| !packets.is_empty()) {
            turn.packets.append(packets);
            turn.bearer = bearer;
            turn.to = self.peer.media(bearer);
        }
        self.has_to_send()
    }

    /// Something has become of contact or links, that is to be acted on.
    #[cold]
    pub fn note(&mut self, news: News) {
        if news.has(News::LOST) {
            self.before.append(&mut self.inbox);
        }
        self.links.note(news);
        self.news = self.news.then(news);
    }

    /// Puts into `up` what there is to deliver, unless somebody is at it, who goes on then; what is to
    /// be acted on when that was delivered.
    #[inline]
    pub fn take_up(&mut self, claim: &Claim, up: &mut Packets) -> News {
        if (!self.inbox.is_empty() || self.news != News::NONE) && claim.take() {
            return self.next_up(claim, up);
        }
        News::NONE
    }

    /// The same for whoever delivers.
    #[inline]
    pub fn next_up(&mut self, claim: &Claim, up: &mut Packets) -> News {
        if self.news != News::NONE {
            return self.next_news(claim, up);
        }
        up.append(&mut self.inbox);
        claim.keep(false);
        News::NONE
    }

    #[cold]
    #[inline(never)]
    fn next_news(&mut self, claim: &Claim, up: &mut Packets) -> News {
        up.append(&mut self.before);
        claim.keep(!self.inbox.is_empty());
        core::mem::replace(&mut self.news, News::NONE)
    }

    /// Hands back what has not been delivered yet, and what is to be acted on after it: others may go
    /// on.
    pub fn put_back(&mut self, claim: &Claim, packets: &mut Packets, news: News) {
        self.news = news.then(self.news);
        let place = match self.news {
            News::NONE => &mut self.inbox,
            _ => &mut self.before,
        };
        packets.append(place);
        place.append(packets);
        claim.drop();
    }
}

/// What it has told, and what it is told.
pub struct Names {
    /// Messages about its bindings, in order.
    pub intake: Intake<Packet>,
    /// The message being applied, and how many of its items have been.
    begun: Option<(Packet, usize)>,
    /// Its bindings.
    pub theirs: PeerBindings,
    /// How far it has been told ours.
    pub bulk: Option<Bulk>,
    /// In which contact, as `Peer::contacts` counts.
    pub contact: u32,
    /// What it can do, as long as it counts among those who are told of changes.
    pub counts: Option<Capabilities>,
    /// How many are withdrawing its bindings: meanwhile none is added, so that they take none of a
    /// new contact's.
    pub purging: u32,
}

impl Names {
    /// The next message to apply, and how many of its items have been.
    pub fn take(&mut self) -> Option<(Packet, usize)> {
        if self.purging > 0 {
            return None;
        }
        let begun = self.begun.take();
        begun.or_else(|| Some((self.intake.take()?, 0)))
    }

    /// Hands back a message of which `done` items have been applied: it is the next one.
    pub fn put_back(&mut self, packet: Packet, done: usize) {
        self.begun = Some((packet, done));
    }

    /// Whether there is a message to apply.
    pub fn has_more(&self) -> bool {
        self.begun.is_some() || self.intake.any_ready()
    }

    /// Contact is lost: nothing it has told counts.
    pub fn begin_purge(&mut self, spent: &mut Packets) {
        self.intake.reset(spent);
        if let Some((packet, _)) = self.begun.take() {
            spent.push_back(packet);
        }
        self.bulk = None;
        self.purging = self.purging.saturating_add(1);
    }
}

impl Linked for Neighbour {
    fn link(&self) -> &Link<Self> {
        &self.link
    }
}

impl Neighbour {
    /// A node that has just been heard of. Any context.
    pub fn new(peer: Peer<Packet>) -> Result<Arc<Self>> {
        Arc::pin_init(
            try_pin_init!(Neighbour {
                address: peer.address(),
                link: Link::new(peer.address().0),
                state <- new_bh_spinlock!(
                    State {
                        peer,
                        outgoing: Outgoing::default(),
                        inbox: Packets::default(),
                        news: News::NONE,
                        before: Packets::default(),
                        waiting: Waiting::new(),
                        lost: None,
                        links: LinkNews::new(),
                    },
                    "tipc_peer"
                ),
                sending: Claim::new(),
                delivering: Claim::new(),
                names <- new_bh_spinlock!(
                    Names {
                        intake: Intake::new(),
                        begun: None,
                        theirs: PeerBindings::new(),
                        bulk: None,
                        contact: 0,
                        counts: None,
                        purging: 0,
                    },
                    "tipc_peer_names"
                ),
                timer <- new_timer!(c"tipc_links"),
            }),
            GFP_ATOMIC,
        )
    }
}

/// The clock of one neighbour.
pub struct Clock {
    /// The namespace.
    pub net: Arc<Net>,
    /// The neighbour.
    pub neighbour: Arc<Neighbour>,
}

/// The ticks of this jiffy, for all namespaces of the machine. Two processors may count two as one:
/// that is near enough.
static TICKS: Word = Word::new(0);

impl Tick for Clock {
    fn tick(&self) -> Option<u32> {
        let later = self.put_off();
        Some(later.unwrap_or_else(|| self.net.tick_neighbour(&self.neighbour)))
    }
}

impl Clock {
    fn put_off(&self) -> Option<u32> {
        let now = now();
        let (counted, before) = pace::count(TICKS.get(), now);
        TICKS.set(counted);
        if before < pace::AT_ONCE {
            return None;
        }
        let due = self.neighbour.state.lock().peer.next_tick();
        pace::put_off(before, now.since(due))
    }
}
