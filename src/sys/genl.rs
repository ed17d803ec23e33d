// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! Generic netlink families.
//!
//! In: a name and a version; out: a registration. Operations come with the first command.

use super::ffi as b;
use core::cell::UnsafeCell;
use kernel::prelude::*;

/// A family, in a static.
pub struct Family(UnsafeCell<b::genl_family>);

// SAFETY: only the kernel writes to it, under its own lock.
unsafe impl Sync for Family {}

impl Family {
    /// A family of this name (at most 15 characters) and version, in every namespace.
    pub const fn new(name: &CStr, version: u32) -> Self {
        // SAFETY: zero bytes are a value of this C struct.
        let mut family: b::genl_family = unsafe { core::mem::zeroed() };
        let bytes = name.to_bytes_with_nul();
        let mut i = 0;
        while i < bytes.len() && i < family.name.len() {
            family.name[i] = bytes[i];
            i += 1;
        }
        family.version = version;
        family.module = super::family::this_module();
        // SAFETY: a unit of bitfields is plain bytes. Of this one, bit 0 is netnsok (set) and bit 1
        // parallel_ops.
        let flags = unsafe { core::mem::transmute::<u8, b::__BindgenBitfieldUnit<[u8; 1]>>(1) };
        family._bitfield_1 = flags;
        Family(UnsafeCell::new(family))
    }
}

/// A registered family; dropping it unregisters.
pub struct Registration(&'static Family);

impl Registration {
    /// Registers. EEXIST if another module has the name. May sleep.
    pub fn new(family: &'static Family) -> Result<Self> {
        // SAFETY: a static, registered once.
        kernel::error::to_result(unsafe { b::genl_register_family(family.0.get()) })?;
        Ok(Registration(family))
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        // SAFETY: registered in `new`.
        unsafe { b::genl_unregister_family(self.0 .0.get()) };
    }
}
