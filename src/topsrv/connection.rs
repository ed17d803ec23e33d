// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! One subscriber's connection.
//!
//! In: requests in its socket's inbox, events of the name table; out: subscriptions, and events sent
//! to the subscriber. Replaces C `topsrv.c:tipc_conn_rcv_from_sock`, `tipc_conn_rcv_sub`,
//! `tipc_conn_send_to_sock` and `tipc_conn_close`.
//!
//! One CPU at a time serves a connection, so that events keep their order; it is never served with a
//! lock held. What waits is bounded: the name table keeps `MAX_PENDING` events, the connection one
//! event and one request, the socket what its window lets through.

use super::server::{delay, Shared, RETRY};
use super::turn::Turn;
use crate::proto::names::{Event, Filter, Happened, SubscriberId, Subscription};
use crate::proto::vocab::ServiceRange;
use crate::proto::wire::{TopologyEvent, TopologyRequest, REQUEST_SIZE};
use crate::socket::kernel::{Handler, KernelSocket, Receipt, Unsent};
use crate::stack::{Context, NextEvent, Reader, Refusal};
use crate::sys::clock::now_ms;
use crate::sys::lock::{new_bh_spinlock, BhSpinLock};
use kernel::prelude::*;
use kernel::sync::Arc;

/// Events and requests handled in a row by one who only wanted to bind a name or to send a request;
/// a work item does what is left.
const AT_ONCE: u32 = 256;

/// A subscriber.
#[pin_data]
pub struct Connection {
    server: Arc<Shared>,
    socket: KernelSocket,
    id: SubscriberId,
    #[pin]
    work: BhSpinLock<Work>,
}

struct Work {
    turn: Turn,
    /// This connection, until its end.
    me: Option<Arc<Connection>>,
    changed: Changed,
    left: Left,
    /// Whether it waits to go on later, and who does after it.
    waits: bool,
    next: Option<Arc<Connection>>,
}

/// What was begun and could not be done yet.
#[derive(Clone, Copy, Default)]
struct Left {
    event: Option<Event>,
    request: Option<TopologyRequest>,
}

/// What has changed since the connection was served last.
#[derive(Clone, Copy, Default)]
struct Changed {
    /// There may be events, or room to send them.
    events: bool,
    /// There may be requests.
    requests: bool,
    /// It is to be ended.
    over: bool,
}

/// Whatever may have changed.
const ALL: Changed = Changed {
    events: true,
    requests: true,
    over: false,
};

/// How far it came.
enum Done {
    /// There is nothing to do before something changes.
    All,
    /// The rest must wait so many milliseconds, or with 0 for a place where it may sleep.
    Later(u32),
    /// The connection is over.
    Over,
}

/// The connection is over.
struct Ended;

impl Connection {
    /// A connection that is not accepted yet. NoMemory.
    pub fn new(
        server: Arc<Shared>,
        socket: KernelSocket,
        id: SubscriberId,
    ) -> Result<Arc<Self>, Refusal> {
        let connection = Arc::pin_init(
            try_pin_init!(Connection {
                server,
                socket,
                id,
                work <- new_bh_spinlock!(Work::new(), "tipc_topsrv_connection"),
            }),
            GFP_ATOMIC,
        );
        let connection = connection.map_err(|_| Refusal::NoMemory)?;
        let net = connection.server.net();
        net.set_reader(id, connection.clone())?;
        connection.work.lock().me = Some(connection.clone());
        Ok(connection)
    }

    /// Accepts the request that waits at `listener`, and serves what came with it.
    pub fn begin(&self, listener: &KernelSocket, context: Context) {
        let me = self.work.lock().me.clone();
        let Some(me) = me else {
            return;
        };
        let begun = self.socket.set_handler(me);
        let begun = begun.and_then(|()| listener.accept(&self.socket));
        let over = !matches!(begun, Ok(true));
        self.serve_after(Changed { over, ..ALL }, context);
    }

    /// Goes on with what had to wait.
    pub fn go_on(&self) {
        self.serve_after(ALL, Context::MaySleep);
    }

    /// Does what there is to do after a change, or leaves it to the CPU that is at it.
    fn serve_after(&self, changed: Changed, context: Context) {
        let mut work = self.work.lock();
        work.changed.events |= changed.events;
        work.changed.requests |= changed.requests;
        work.changed.over |= changed.over;
        if !work.turn.take() {
            return;
        }
        let mut budget = AT_ONCE;
        loop {
            let changed = core::mem::take(&mut work.changed);
            let mut left = work.left;
            drop(work);
            let done = self.serve(changed, &mut left, &mut budget, context);
            work = self.work.lock();
            work.left = left;
            match done {
                Done::Over => {
                    drop(work);
                    return self.end();
                }
                Done::All if work.turn.give_back() => return,
                Done::All if budget != 0 => {}
                Done::All | Done::Later(_) => {
                    work.turn.leave();
                    drop(work);
                    let ms = if let Done::Later(ms) = done { ms } else { 0 };
                    return self.server.put_off(self, ms);
                }
            }
        }
    }

    /// Sends events and handles requests, in turn, until there are none.
    fn serve(
        &self,
        mut changed: Changed,
        left: &mut Left,
        budget: &mut u32,
        context: Context,
    ) -> Done {
        if changed.over {
            return Done::Over;
        }
        loop {
            let mut full = false;
            if changed.events || left.event.is_some() {
                match self.send_events(left, budget) {
                    Ok(()) => {}
                    Err(Unsent::Full) if !self.server.net().is_lost(self.id) => full = true,
                    Err(Unsent::Full | Unsent::Gone) => return Done::Over,
                    Err(Unsent::NoMemory) => return Done::Later(RETRY),
                }
            }
            if *budget == 0 {
                return Done::Later(0);
            }
            *budget = budget.saturating_sub(1);
            if !changed.requests && left.request.is_none() {
                return Done::All;
            }
            match self.next_request(left) {
                Ok(Some(request)) => match self.handle(&request, context) {
                    Ok(()) => changed.events = true,
                    Err(Refusal::TooMany | Refusal::Gone) => return Done::Over,
                    Err(why) => {
                        left.request = Some(request);
                        match why {
                            Refusal::Later if full => return Done::All,
                            Refusal::Later => changed.events = true,
                            why => return Done::Later(delay(why)),
                        }
                    }
                },
                Ok(None) => return Done::All,
                Err(Ended) => return Done::Over,
            }
        }
    }

    /// Sends events until there are none, as far as the budget goes.
    fn send_events(&self, left: &mut Left, budget: &mut u32) -> Result<(), Unsent> {
        let mut more = true;
        while *budget != 0 {
            let event = match left.event.take() {
                Some(event) => event,
                None if !more => break,
                None => match self.server.net().next_event(self.id) {
                    NextEvent::Event(event, behind) => {
                        more = behind;
                        event
                    }
                    NextEvent::Nothing => break,
                    NextEvent::Lost => return Err(Unsent::Gone),
                },
            };
            self.socket
                .send(&written(&event).bytes())
                .inspect_err(|_| left.event = Some(event))?;
            *budget = budget.saturating_sub(1);
        }
        Ok(())
    }

    /// The next request, if there is one. A short one is the end.
    fn next_request(&self, left: &mut Left) -> Result<Option<TopologyRequest>, Ended> {
        if let Some(request) = left.request.take() {
            return Ok(Some(request));
        }
        let mut bytes = [0; REQUEST_SIZE];
        match self.socket.receive(&mut bytes) {
            Receipt::Nothing => Ok(None),
            Receipt::End => Err(Ended),
            Receipt::Message(len) => bytes
                .get(..len)
                .and_then(TopologyRequest::read)
                .map(Some)
                .ok_or(Ended),
        }
    }

    /// Does what a request asks for. One that is illegal ends the connection, as in C.
    fn handle(&self, request: &TopologyRequest, context: Context) -> Result<(), Refusal> {
        let net = self.server.net();
        let range = ServiceRange::new(request.service, request.lower, request.upper);
        if request.cancels {
            // One that there is not is ignored.
            if let Some(range) = range {
                net.cancel(self.id, range, &request.bytes);
            }
            return Ok(());
        }
        let filter = Filter::from_number(request.filter);
        let (Some(range), Some(filter)) = (range, filter) else {
            return Err(Refusal::Gone);
        };
        let deadline = request
            .timeout
            .map(|ms| now_ms().saturating_add(u64::from(ms)).saturating_add(1));
        let what = Subscription {
            range,
            filter,
            deadline,
            request: request.bytes,
        };
        net.subscribe(self.id, what, context)?;
        if let Some(ms) = request.timeout {
            self.server.look_in(ms);
        }
        Ok(())
    }

    /// The end. The turn is kept for good, so that nobody serves it any more.
    fn end(&self) {
        let me = self.work.lock().me.take();
        self.server.net().remove_subscriber(self.id);
        self.socket.close();
        drop(me);
    }

    /// Puts itself at the head of a chain, unless it is in it already or at its end.
    pub fn chain(&self, head: &mut Option<Arc<Connection>>) {
        let mut work = self.work.lock();
        if work.waits {
            return;
        }
        if let Some(me) = work.me.clone() {
            work.waits = true;
            work.next = head.replace(me);
        }
    }

    /// Leaves the chain whose head it was; who comes next.
    pub fn unchain(&self) -> Option<Arc<Connection>> {
        let mut work = self.work.lock();
        work.waits = false;
        work.next.take()
    }
}

impl Work {
    fn new() -> Self {
        Work {
            turn: Turn::new(),
            me: None,
            changed: Changed::default(),
            left: Left::default(),
            waits: false,
            next: None,
        }
    }
}

/// An event as its subscriber reads it.
fn written(event: &Event) -> TopologyEvent {
    TopologyEvent {
        event: match event.happened {
            Happened::Published => 1,
            Happened::Withdrawn => 2,
            Happened::Timeout => 3,
        },
        lower: event.lower,
        upper: event.upper,
        socket: event.socket,
        request: event.request,
    }
}

impl Handler for Connection {
    fn ready(&self) {
        self.serve_after(ALL, Context::Any);
    }
}

impl Reader for Connection {
    fn ready(&self) {
        let changed = Changed {
            events: true,
            ..Changed::default()
        };
        self.serve_after(changed, Context::Any);
    }

    fn stop(&self) {
        self.serve_after(Changed { over: true, ..ALL }, Context::MaySleep);
    }
}
