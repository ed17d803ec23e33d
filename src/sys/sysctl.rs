// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! Settings of the whole machine: files below /proc/sys.
//!
//! In: what administrators write; out: numbers, read without a lock. Only the initial network
//! namespace shows them. A write that is refused leaves what was there before it: the kernel takes
//! the numbers of a line one by one.

use super::ffi as b;
use core::cell::UnsafeCell;
use core::ptr::NonNull;
use kernel::ffi::c_void;
use kernel::prelude::*;

/// `N` whole numbers, in a static.
pub struct Ints<const N: usize> {
    values: UnsafeCell<[i32; N]>,
    least: i32,
    most: i32,
}

// SAFETY: the numbers are plain integers, read and written one at a time by volatile accesses.
unsafe impl<const N: usize> Sync for Ints<N> {}

impl<const N: usize> Ints<N> {
    /// Numbers from `least` to `most`, both included; another is refused with EINVAL.
    pub const fn new(values: [i32; N], least: i32, most: i32) -> Self {
        Ints {
            values: UnsafeCell::new(values),
            least,
            most,
        }
    }

    /// Number `index` as it is now; none if there are not as many.
    pub fn get(&self, index: usize) -> Option<i32> {
        let first = self.values.get().cast::<i32>();
        // SAFETY: inside the array.
        (index < N).then(|| unsafe { first.add(index).read_volatile() })
    }

    /// A file of them.
    pub const fn file(&'static self, name: &'static CStr) -> File {
        File {
            name,
            data: self.values.get().cast(),
            size: size_of::<[i32; N]>(),
            handler: b::proc_dointvec_minmax,
            least: &raw const self.least,
            most: &raw const self.most,
        }
    }
}

/// `N` numbers of 64 bits without sign, in a static.
pub struct Longs<const N: usize>(UnsafeCell<[u64; N]>);

// SAFETY: as for `Ints`.
unsafe impl<const N: usize> Sync for Longs<N> {}

impl<const N: usize> Longs<N> {
    /// Any numbers.
    pub const fn new(values: [u64; N]) -> Self {
        Longs(UnsafeCell::new(values))
    }

    /// Number `index` as it is now; none if there are not as many.
    pub fn get(&self, index: usize) -> Option<u64> {
        let first = self.0.get().cast::<u64>();
        // SAFETY: inside the array.
        (index < N).then(|| unsafe { first.add(index).read_volatile() })
    }

    /// A file of them.
    pub const fn file(&'static self, name: &'static CStr) -> File {
        File {
            name,
            data: self.0.get().cast(),
            size: size_of::<[u64; N]>(),
            handler: b::proc_doulongvec_minmax,
            least: core::ptr::null(),
            most: core::ptr::null(),
        }
    }
}

type Handler =
    unsafe extern "C" fn(*const b::ctl_table, i32, *mut c_void, *mut usize, *mut b::loff_t) -> i32;

/// A file for everybody to read and for root to write.
///
/// # Invariants
///
/// `data` is a static array of `size` bytes, of what `handler` reads and writes, that allows changes
/// at any time; `least` and `most` are null or point to statics of the handler's type.
pub struct File {
    name: &'static CStr,
    data: *mut c_void,
    size: usize,
    handler: Handler,
    least: *const i32,
    most: *const i32,
}

impl File {
    fn entry(&self) -> b::ctl_table {
        b::ctl_table {
            procname: self.name.as_char_ptr(),
            data: self.data,
            maxlen: self.size as i32,
            mode: 0o644,
            proc_handler: Some(self.handler),
            extra1: self.least.cast_mut().cast(),
            extra2: self.most.cast_mut().cast(),
            ..Default::default()
        }
    }
}

/// Registered files; dropping it takes them away.
///
/// # Invariants
///
/// `header` was registered with `_entries`, which stay where they are until it is unregistered.
pub struct Registration<const N: usize> {
    header: NonNull<b::ctl_table_header>,
    _entries: KBox<[b::ctl_table; N]>,
}

// SAFETY: both are touched only when dropped, by whoever owns it.
unsafe impl<const N: usize> Send for Registration<N> {}
// SAFETY: nothing can be done with a shared one.
unsafe impl<const N: usize> Sync for Registration<N> {}

impl<const N: usize> Registration<N> {
    /// Shows files below /proc/sys/`path`. ENOMEM, also if there are files of that name. May sleep.
    pub fn new(path: &'static CStr, files: [File; N]) -> Result<Self> {
        let entries = KBox::new(files.map(|file| file.entry()), GFP_KERNEL)?;
        // SAFETY: the initial namespace lives for ever; by the invariant of `File` each entry leads
        // to statics, and the entries are freed only after the header is unregistered.
        let header = unsafe {
            b::register_net_sysctl_sz(
                &raw mut b::init_net,
                path.as_char_ptr(),
                entries.as_ptr(),
                N,
            )
        };
        Ok(Registration {
            header: NonNull::new(header).ok_or(ENOMEM)?,
            _entries: entries,
        })
    }
}

impl<const N: usize> Drop for Registration<N> {
    fn drop(&mut self) {
        // SAFETY: registered in `new`. Waits for readers and writers of the files.
        unsafe { b::unregister_net_sysctl_table(self.header.as_ptr()) }
    }
}
