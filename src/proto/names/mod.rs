// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! Room `names`: which service is bound by whom, and whom a message to it goes to.
//!
//! In: bindings and look-ups from `stack`; out: socket addresses. Replaces C `name_table.c`.
//! `mem::slab` keeps the records, `tree` finds ranges, `ring` shares the load among the bindings of one
//! range, `table` is the whole.

mod ring;
mod table;
mod tree;

use crate::mem::slab;

pub use table::{BindError, NameTable, SocketBindings};
