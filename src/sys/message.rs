// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! The message of a system call: the user's buffers, address and flags (`struct msghdr`).
//!
//! In: what sendmsg or recvmsg of `sockops` were given; out: bytes. Only in process context.

use super::ffi as b;
use core::marker::PhantomData;
use core::ptr::NonNull;
use kernel::prelude::*;

/// A flag of recvmsg, by its uAPI name.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum RecvFlag {
    /// Look without taking.
    Peek,
    /// The message was longer than the buffer.
    Trunc,
    /// In: keep what does not fit for the next call; out: this was the end of the message.
    Eor,
    /// Wait until the whole buffer is full.
    WaitAll,
}

impl RecvFlag {
    fn bit(self) -> u32 {
        match self {
            RecvFlag::Peek => b::MSG_PEEK,
            RecvFlag::Trunc => b::MSG_TRUNC,
            RecvFlag::Eor => b::MSG_EOR,
            RecvFlag::WaitAll => b::MSG_WAITALL,
        }
    }
}

/// Flags a caller of recvmsg passed.
#[derive(Clone, Copy)]
pub struct RecvFlags(u32);

impl RecvFlags {
    pub(super) fn new(flags: i32) -> Self {
        RecvFlags(flags as u32)
    }

    /// Whether `flag` is among them.
    pub fn has(self, flag: RecvFlag) -> bool {
        self.0 & flag.bit() != 0
    }

    /// Whether the call must not wait.
    pub fn dont_wait(self) -> bool {
        self.0 & b::MSG_DONTWAIT != 0
    }
}

/// One message on its way in or out.
///
/// # Invariants
///
/// The pointer is valid for 'a and nobody else uses the message meanwhile.
pub struct Msg<'a>(NonNull<b::msghdr>, PhantomData<&'a mut ()>);

impl<'a> Msg<'a> {
    /// # Safety
    ///
    /// `raw` must be valid, and for the caller alone, during 'a.
    pub(super) unsafe fn from_raw(raw: NonNull<b::msghdr>) -> Self {
        Msg(raw, PhantomData)
    }

    /// Whether sendmsg must not wait.
    pub fn dont_wait(&self) -> bool {
        // SAFETY: the message is ours alone.
        unsafe { (*self.0.as_ptr()).msg_flags & b::MSG_DONTWAIT != 0 }
    }

    /// The address the user gave, as many bytes as they said; none without one.
    pub fn name(&self) -> Option<&[u8]> {
        // SAFETY: the socket layer copied msg_namelen bytes (at most 128, not negative) to
        // msg_name.
        unsafe {
            let m = self.0.as_ptr();
            let name = NonNull::new((*m).msg_name.cast::<u8>())?;
            let len = usize::try_from((*m).msg_namelen)
                .unwrap_or(0)
                .min(ADDRESS_MAX);
            Some(core::slice::from_raw_parts(name.as_ptr(), len))
        }
    }

    /// Gives the user an address, if there is a place for it.
    pub fn set_name(&mut self, address: &[u8; 16]) {
        // SAFETY: msg_name, if there is one, has room for a sockaddr_storage (128 bytes).
        unsafe {
            let m = self.0.as_ptr();
            if let Some(name) = NonNull::new((*m).msg_name.cast::<[u8; 16]>()) {
                name.write_unaligned(*address);
                (*m).msg_namelen = 16;
            }
        }
    }

    /// Sets a flag the user sees after recvmsg.
    pub fn set_flag(&mut self, flag: RecvFlag) {
        // SAFETY: the message is ours alone.
        unsafe { (*self.0.as_ptr()).msg_flags |= flag.bit() }
    }

    /// Whether the user wants ancillary data.
    pub fn has_control(&self) -> bool {
        // SAFETY: the message is ours alone.
        unsafe { (*self.0.as_ptr()).msg_controllen != 0 }
    }

    /// Whether the user has named a place for ancillary data, even one without room.
    pub fn has_control_place(&self) -> bool {
        // SAFETY: the message is ours alone; both fields of the union are the same pointer.
        unsafe { !(*self.0.as_ptr()).__bindgen_anon_1.msg_control.is_null() }
    }

    /// Gives the user a piece of ancillary data; MSG_CTRUNC is set if there is no room for it.
    /// EFAULT if it cannot be written.
    pub fn put_control(&mut self, level: i32, kind: i32, data: &[u8]) -> Result {
        let len = i32::try_from(data.len()).map_err(|_| EINVAL)?;
        // SAFETY: the function reads `len` bytes of `data`.
        let err = unsafe {
            b::put_cmsg(
                self.0.as_ptr(),
                level,
                kind,
                len,
                data.as_ptr().cast_mut().cast(),
            )
        };
        kernel::error::to_result(err)
    }

    /// Writes bytes of the kernel's to the user, all of them or none that count; whether it did (C
    /// `copy_to_iter`). Process context.
    pub(super) fn write(&mut self, bytes: &[u8]) -> bool {
        check(bytes.as_ptr(), bytes.len(), true);
        // SAFETY: the iterator is ours alone, `bytes` are valid; what was written is taken back.
        unsafe {
            let copied = b::_copy_to_iter(bytes.as_ptr().cast(), bytes.len(), self.iter());
            let all = copied == bytes.len();
            if !all {
                b::iov_iter_revert(self.iter(), copied);
            }
            all
        }
    }

    /// Fills `place` with the user's next bytes; whether there were enough that could be read (C
    /// `copy_from_iter`). Process context.
    pub(super) fn read(&mut self, place: &mut [u8]) -> bool {
        check(place.as_ptr(), place.len(), false);
        // SAFETY: the iterator is ours alone, `place` is valid to be written.
        let copied =
            unsafe { b::_copy_from_iter(place.as_mut_ptr().cast(), place.len(), self.iter()) };
        copied == place.len()
    }

    /// The same without sleeping, also with a lock held: false, and nothing was read, if some of the
    /// bytes are not in memory now. Process context.
    pub(super) fn read_now(&mut self, place: &mut [u8]) -> bool {
        check(place.as_ptr(), place.len(), false);
        // SAFETY: the counter is the calling thread's own, and as before at the end; the iterator is
        // ours alone, `place` is valid to be written. What was read is taken back.
        unsafe {
            let faults = &raw mut (*b::get_current()).pagefault_disabled;
            faults.write_volatile(faults.read_volatile().wrapping_add(1));
            let copied = b::_copy_from_iter(place.as_mut_ptr().cast(), place.len(), self.iter());
            faults.write_volatile(faults.read_volatile().wrapping_sub(1));
            let all = copied == place.len();
            if !all {
                b::iov_iter_revert(self.iter(), copied);
            }
            all
        }
    }

    /// Has the last `len` bytes that were read be read again.
    pub fn unread(&mut self, len: usize) {
        // SAFETY: the iterator is ours alone; the function warns of more than was read.
        unsafe { b::iov_iter_revert(self.iter(), len) }
    }

    pub(super) fn iter(&mut self) -> *mut b::iov_iter {
        // SAFETY: valid by the invariant.
        unsafe { &raw mut (*self.0.as_ptr()).msg_iter }
    }
}

/// Has the kernel look whether these bytes lie within one object, as it does in its own copies to and
/// from users.
fn check(start: *const u8, len: usize, to_user: bool) {
    // SAFETY: the function only looks at what kind of memory this is.
    #[cfg(CONFIG_HARDENED_USERCOPY)]
    unsafe {
        b::__check_object_size(start.cast(), len, to_user)
    };
    #[cfg(not(CONFIG_HARDENED_USERCOPY))]
    let _ = (start, len, to_user);
}

/// Size of a sockaddr_storage, the most a user's address can have.
pub(super) const ADDRESS_MAX: usize = 128;
