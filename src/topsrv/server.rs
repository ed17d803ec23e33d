// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! The server of one namespace: its listener, and what has to wait.
//!
//! In: connection requests; out: `Connection`s. Replaces C `topsrv.c:tipc_topsrv_start`,
//! `tipc_topsrv_accept` and `tipc_topsrv_stop`, and the timers of C `subscr.c`.

use super::connection::Connection;
use super::turn::Turn;
use crate::proto::vocab::{ServiceRange, ServiceType};
use crate::socket::kernel::{Handler, KernelSocket};
use crate::socket::Net;
use crate::stack::{Context, Refusal};
use crate::sys::clock::now_ms;
use crate::sys::later::{Job, Later};
use crate::sys::lock::{new_bh_spinlock, BhSpinLock};
use crate::sys::netns::{Namespace, PerNet, Slot};
use kernel::prelude::*;
use kernel::sync::Arc;

/// Connections accepted in a row, by one who only wanted to connect himself.
const ACCEPT_AT_ONCE: u32 = 64;

/// Milliseconds after which what failed for lack of memory is tried again.
pub const RETRY: u32 = 100;

/// The server, as the namespace keeps it.
#[pin_data]
pub struct Server {
    shared: Arc<Shared>,
}

static SLOT: Slot<Server> = Slot::new();

impl PerNet for Server {
    fn slot() -> &'static Slot<Self> {
        &SLOT
    }

    fn new(namespace: &Namespace) -> impl PinInit<Self, Error> {
        let started = Shared::start(namespace);
        try_pin_init!(Self { shared: started? })
    }

    fn stop(&self) {
        self.shared.stop();
    }
}

/// The server, as its connections see it.
#[pin_data]
pub struct Shared {
    listener: KernelSocket,
    #[pin]
    later: Later,
    #[pin]
    state: BhSpinLock<State>,
}

struct State {
    accepting: Turn,
    /// This server, while it runs.
    me: Option<Arc<Shared>>,
    /// Connections that have to go on later; a chain through their `next`.
    waiting: Option<Arc<Connection>>,
}

impl Shared {
    fn start(namespace: &Namespace) -> Result<Arc<Self>> {
        let listener = KernelSocket::new(namespace)?;
        let server = Arc::pin_init(
            try_pin_init!(Shared {
                listener,
                later <- Later::new(),
                state <- new_bh_spinlock!(
                    State { accepting: Turn::new(), me: None, waiting: None },
                    "tipc_topsrv"
                ),
            }),
            GFP_KERNEL,
        )?;
        server.state.lock().me = Some(server.clone());
        server.later.set_job(server.clone());
        let told = server.listener.set_handler(server.clone());
        let own = ServiceRange::single(ServiceType::TOPOLOGY, ServiceType::TOPOLOGY.0);
        if let Err(err) = told.and_then(|()| server.listener.listen(own)) {
            server.stop();
            return Err(err);
        }
        Ok(server)
    }

    /// The end of the server and all its connections.
    fn stop(&self) {
        let (me, waiting) = {
            let mut state = self.state.lock();
            (state.me.take(), state.waiting.take())
        };
        self.later.stop();
        let mut next = waiting;
        while let Some(connection) = next {
            next = connection.unchain();
        }
        self.listener.close();
        self.net().stop_readers();
        drop(me);
    }

    /// The namespace.
    pub fn net(&self) -> &Net {
        self.listener.net()
    }

    /// Sees to subscriptions that end in `ms` milliseconds.
    pub fn look_in(&self, ms: u32) {
        self.later.within(ms.saturating_add(1));
    }

    /// Lets a connection go on in `ms` milliseconds, in process context.
    pub fn put_off(&self, connection: &Connection, ms: u32) {
        {
            let mut state = self.state.lock();
            if state.me.is_none() {
                return;
            }
            connection.chain(&mut state.waiting);
        }
        self.later.within(ms);
    }

    fn accept_all(&self, context: Context) {
        if !self.state.lock().accepting.take() {
            return;
        }
        for _ in 0..ACCEPT_AT_ONCE {
            let go_on = match self.accept(context) {
                Ok(accepted) => accepted || !self.state.lock().accepting.give_back(),
                Err(why) => return self.accept_later(delay(why)),
            };
            if !go_on {
                return;
            }
        }
        self.accept_later(0);
    }

    fn accept_later(&self, ms: u32) {
        self.state.lock().accepting.leave();
        self.later.within(ms);
    }

    /// Accepts one connection; false if nobody asks for one, or the server has ended.
    fn accept(&self, context: Context) -> Result<bool, Refusal> {
        let me = self.state.lock().me.clone();
        let Some(me) = me.filter(|_| self.listener.has_request()) else {
            return Ok(false);
        };
        let id = self.net().add_subscriber(context)?;
        let connection = self
            .listener
            .beside()
            .map_err(|_| Refusal::NoMemory)
            .and_then(|socket| Connection::new(me, socket, id))
            .inspect_err(|_| self.net().remove_subscriber(id))?;
        connection.begin(&self.listener, context);
        Ok(true)
    }
}

/// Milliseconds to wait after a refusal.
pub fn delay(why: Refusal) -> u32 {
    match why {
        Refusal::NeedsSleep => 0,
        Refusal::NoMemory | Refusal::TooMany | Refusal::Gone | Refusal::Later => RETRY,
    }
}

impl Handler for Shared {
    fn ready(&self) {
        self.accept_all(Context::Any);
    }
}

impl Job for Shared {
    fn run(&self) {
        self.accept_all(Context::MaySleep);
        let mut next = self.state.lock().waiting.take();
        while let Some(connection) = next {
            next = connection.unchain();
            connection.go_on();
        }
        let now = now_ms();
        if let Some(time) = self.net().tick_subscriptions(now) {
            let ms = time.saturating_sub(now);
            self.look_in(u32::try_from(ms).unwrap_or(u32::MAX));
        }
    }
}
