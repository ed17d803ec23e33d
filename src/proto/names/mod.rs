// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! Room `names`: which service is bound by whom, whom a message to it goes to, and who is told.
//!
//! In: bindings, look-ups and subscriptions from `stack`; out: socket addresses and events. Replaces
//! C `name_table.c` and `subscr.c`. `table` is the whole: what is bound; `lookup` finds, `dump`
//! lists, `subscribe` serves subscribers with `subscription` and `queues`. `distribution`,
//! `bulk` and `intake` say what nodes tell each other and when it counts, `remote` applies it. Under them
//! `mem::slab` keeps records, `ring` puts them in circles, `order` in chains, `tree` in a tree that
//! `search` looks through; `binding` and `event` are what is kept, `room` is memory.

mod binding;
mod bulk;
mod distribution;
mod dump;
mod event;
mod intake;
mod lookup;
mod order;
mod queues;
mod remote;
mod ring;
mod room;
mod search;
mod subscribe;
mod subscription;
mod table;
mod tree;

use crate::mem::slab;

pub use binding::{Publication, SocketBindings};
pub use bulk::Bulk;
pub use distribution::{
    bulk_header, change_header, item, items_per_message, Order, Teller, Turn, MAX_WAITING,
};
pub use dump::{Cursor, Interrupted, Place};
pub use event::{Event, Filter, Happened, Subscription, REQUEST_SIZE};
pub use intake::{Intake, OutOfStep};
pub use lookup::Among;
pub use queues::{SubscriberId, MAX_PENDING};
pub use remote::{Applied, PeerBindings, MAX_OF_PEER, MAX_OF_PEERS};
pub use room::{Room, Spare, Want};
pub use subscription::{SubscribeError, SubscriptionWant, MAX_SUBSCRIPTIONS};
pub use table::{BindError, Memory, NameTable, MAX_BINDINGS};
