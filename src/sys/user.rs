// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! Memory of the user that a call's argument points to.
//!
//! In: an address, good or bad; out: bytes, or EFAULT. Process context, no lock held.

use super::ffi as b;
use kernel::prelude::*;

/// The pointer of an ioctl().
#[derive(Clone, Copy)]
pub struct UserPointer(*mut u8);

impl UserPointer {
    pub(super) fn new(address: usize) -> Self {
        UserPointer(address as *mut u8)
    }

    /// Fills `out` from there. EFAULT if it cannot all be read.
    pub fn read(self, out: &mut [u8]) -> Result {
        // SAFETY: as many bytes as there is room for; the function checks the user's address.
        match unsafe { b::_copy_from_user(out.as_mut_ptr().cast(), self.0.cast(), out.len()) } {
            0 => Ok(()),
            _ => Err(EFAULT),
        }
    }

    /// Puts `data` there. EFAULT if it cannot all be written.
    pub fn write(self, data: &[u8]) -> Result {
        // SAFETY: the bytes are readable; the function checks the user's address.
        match unsafe { b::_copy_to_user(self.0.cast(), data.as_ptr().cast(), data.len()) } {
            0 => Ok(()),
            _ => Err(EFAULT),
        }
    }
}
