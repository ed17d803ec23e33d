// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! Host build of `src/proto`: the source that is in the kernel module, under cargo.
//! `mem` is the host's twin of `src/mem.rs`.

pub mod frame;
pub mod mem;

#[forbid(unsafe_code)]
#[path = "../../../src/proto/mod.rs"]
pub mod proto;
