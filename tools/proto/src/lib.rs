// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! Host build of `src/proto`: the source that is in the kernel module, under cargo.
