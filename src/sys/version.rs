// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! The module's version, for `modinfo`. The kernel crate's `module!` has no field for it.

/// The version.
pub const VERSION: &str = "0.1.0";

// modinfo reads "key=value" strings from this section.
#[link_section = ".modinfo"]
#[used]
static MODINFO: [u8; 14] = *b"version=0.1.0\0";
