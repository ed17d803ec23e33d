// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! The cage of the generated bindings: what bindgen made of include/tipc_bindings.h, over what the
//! kernel crate already has. Only `sys` may use it.
#![allow(
    warnings,
    clippy::all,
    missing_docs,
    unsafe_op_in_unsafe_fn,
    unreachable_pub
)]

pub use kernel::bindings::*;
use kernel::ffi;
use pin_init::{MaybeZeroable, Zeroable};

type __kernel_size_t = usize;
type __kernel_ssize_t = isize;
type __kernel_ptrdiff_t = isize;

include!(concat!(env!("TIPC_OBJ"), "/bindings_generated.rs"));

extern "C" {
    /// This module's own record: C's THIS_MODULE.
    pub static mut __this_module: module;
}
