// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! Generic netlink families and their commands.
//!
//! In: requests of users, checked by the kernel against the family's rules and the command's
//! permission; out: calls of `Do` and `Dump`, whose answers go back. The kernel calls one command of
//! a family at a time, in process context with no spin lock held.

use super::ffi as b;
use super::netdev::Device;
use super::netlink::{Attr, Reasons, Rule, Writer};
use super::netns::{state_of, PerNet};
use core::cell::UnsafeCell;
use core::marker::PhantomData;
use core::ptr::NonNull;
use kernel::error::{from_result, to_result};
use kernel::prelude::*;

/// A command that changes something, or answers with one message.
pub trait Do: 'static {
    /// Does it. What it returns, and what it said to `Request::reasons`, the user is told.
    fn run(request: &Request<'_>) -> Result;
}

/// A command that answers with any number of messages, page after page as the user reads them.
pub trait Dump: 'static {
    /// Where it has got to between two pages; begins with the default. It is kept in 48 bytes and
    /// forgotten, not dropped.
    type Cursor: Copy + Default + Send + 'static;
    /// Writes as many messages as there is room for. A page without any ends the dump; EMSGSIZE
    /// says that there was no room for the next one. Other errors end it too, and are told.
    fn page(request: &Request<'_>, cursor: &mut Self::Cursor, page: &mut Page<'_>) -> Result;
}

/// How the attributes of a request to dump are looked at.
#[derive(Clone, Copy)]
pub enum DumpCheck {
    /// Not at all: the command gets none.
    None,
    /// Like those of other old commands.
    Lenient,
    /// Strictly.
    Strict,
}

/// A command of a family.
#[repr(transparent)]
pub struct Command(b::genl_ops);

// SAFETY: never changed, and it points only at functions.
unsafe impl Sync for Command {}

impl Command {
    /// Command `number`, for everybody, with lenient checks; does nothing yet.
    pub const fn new(number: u8, dumps: DumpCheck) -> Self {
        // SAFETY: zero bytes are a value of this C struct.
        let mut ops: b::genl_ops = unsafe { core::mem::zeroed() };
        ops.cmd = number;
        let dumps = match dumps {
            DumpCheck::None => b::genl_validate_flags_GENL_DONT_VALIDATE_DUMP,
            DumpCheck::Lenient => b::genl_validate_flags_GENL_DONT_VALIDATE_DUMP_STRICT,
            DumpCheck::Strict => 0,
        };
        ops.validate = (b::genl_validate_flags_GENL_DONT_VALIDATE_STRICT | dumps) as u8;
        Command(ops)
    }

    /// Only for those with CAP_NET_ADMIN in the user namespace that owns the network namespace;
    /// others get EPERM.
    pub const fn admin(mut self) -> Self {
        self.0.flags = b::GENL_UNS_ADMIN_PERM as u8;
        self
    }

    /// What it does.
    pub const fn doing<D: Do>(mut self) -> Self {
        self.0.doit = Some(doit::<D>);
        self
    }

    /// What it answers to a dump.
    pub const fn dumping<D: Dump>(mut self) -> Self {
        assert!(size_of::<D::Cursor>() <= size_of::<b::netlink_callback__bindgen_ty_1>());
        assert!(align_of::<D::Cursor>() <= align_of::<b::netlink_callback__bindgen_ty_1>());
        self.0.start = Some(start::<D>);
        self.0.dumpit = Some(dumpit::<D>);
        self
    }
}

/// A family, in a static.
pub struct Family(UnsafeCell<b::genl_family>);

// SAFETY: only the kernel writes to it, under its own lock.
unsafe impl Sync for Family {}

impl Family {
    /// A family of this name (at most 15 characters) and version, in every namespace. `rules` are
    /// those of its outermost attributes.
    pub const fn new(
        name: &CStr,
        version: u32,
        commands: &'static [Command],
        rules: &'static [Rule],
    ) -> Self {
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
        family.ops = commands.as_ptr().cast();
        assert!(commands.len() < 256);
        family.n_ops = commands.len() as u8;
        family.policy = Rule::raw(rules);
        family.maxattr = rules.len() as u32 - 1;
        // Up to the last of them, commands may be lenient.
        let mut i = 0;
        while i < commands.len() {
            if commands[i].0.cmd >= family.resv_start_op {
                family.resv_start_op = commands[i].0.cmd + 1;
            }
            i += 1;
        }
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
        to_result(unsafe { b::genl_register_family(family.0.get()) })?;
        Ok(Registration(family))
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        // SAFETY: registered in `new`.
        unsafe { b::genl_unregister_family(self.0 .0.get()) };
    }
}

/// A request.
///
/// # Invariants
///
/// `info` is the kernel's record of a request to a family of ours, alive for 'a.
pub struct Request<'a> {
    info: NonNull<b::genl_info>,
    _info: PhantomData<&'a ()>,
}

impl<'a> Request<'a> {
    /// The state of the namespace it came from. The family must be registered only while the
    /// namespaces' states are there.
    pub fn net<N: PerNet>(&self) -> &'a N {
        // SAFETY: a netlink socket holds its namespace while it makes a request.
        unsafe { state_of((*self.info.as_ptr())._net.net) }
    }

    /// The network device of that name, in the namespace it came from.
    pub fn device(&self, name: &CStr) -> Option<Device> {
        // SAFETY: by the invariant, the namespace is held for the request.
        unsafe { Device::in_namespace((*self.info.as_ptr())._net.net, name) }
    }

    /// Outermost attribute `number`, if it came.
    pub fn attr(&self, number: u16) -> Option<Attr<'a>> {
        // SAFETY: by the invariant; if there are attributes, there is a place for each number up
        // to the family's `maxattr`.
        unsafe {
            let info = self.info.as_ptr();
            let most = (*(*info).family).maxattr;
            if (*info).attrs.is_null() || u32::from(number) > most {
                return None;
            }
            Attr::from_raw(*(*info).attrs.add(number.into()))
        }
    }

    /// Where to say why it is refused.
    pub fn reasons(&self) -> Reasons<'_> {
        // SAFETY: by the invariant; the request has its context for itself.
        unsafe { Reasons::from_raw((*self.info.as_ptr()).extack) }
    }

    /// Answers with one message of the same command. ENOMEM, EMSGSIZE.
    pub fn reply(&self, fill: impl FnOnce(&mut Writer<'_>) -> Result) -> Result {
        self.reply_flagged(0, fill)
    }

    /// The same, marked as one of many messages.
    pub fn reply_of_many(&self, fill: impl FnOnce(&mut Writer<'_>) -> Result) -> Result {
        self.reply_flagged(b::NLM_F_MULTI as i32, fill)
    }

    fn reply_flagged(&self, flags: i32, fill: impl FnOnce(&mut Writer<'_>) -> Result) -> Result {
        // SAFETY: no pointers involved; the caller may sleep. Room for one page's worth, as the
        // kernel's NLMSG_GOODSIZE means it.
        let raw = unsafe { b::__alloc_skb(REPLY_SIZE, b::GFP_KERNEL, 0, b::NUMA_NO_NODE) };
        let skb = NonNull::new(raw).ok_or(ENOMEM)?;
        // SAFETY: the buffer is new; it goes to the kernel or is freed.
        unsafe {
            if let Err(err) = message(self, skb, flags, fill) {
                b::consume_skb(skb.as_ptr());
                return Err(err);
            }
            to_result(b::genlmsg_reply(skb.as_ptr(), self.info.as_ptr()))
        }
    }
}

/// Bytes of the buffer of a reply.
const REPLY_SIZE: u32 = 3584;

/// One page of a dump.
pub struct Page<'a> {
    request: &'a Request<'a>,
    skb: NonNull<b::sk_buff>,
    callback: NonNull<b::netlink_callback>,
}

impl Page<'_> {
    /// Writes a message. EMSGSIZE if there is no room: the page is then as before.
    pub fn message(&mut self, fill: impl FnOnce(&mut Writer<'_>) -> Result) -> Result {
        // SAFETY: the buffer is the dump's own until its callback returns.
        unsafe { message(self.request, self.skb, b::NLM_F_MULTI as i32, fill) }
    }

    /// Says that what is shown has changed since the last page: the user will see NLM_F_DUMP_INTR.
    pub fn inconsistent(&mut self) {
        // SAFETY: the callback's record is its own. Its `seq` stays 0, and the kernel takes a
        // `prev_seq` that is neither 0 nor that as the sign.
        unsafe { (*self.callback.as_ptr()).prev_seq = 1 }
    }
}

/// Writes a message of the request's command at the end of a buffer, whole or not at all.
///
/// # Safety
///
/// `skb` must be linear and the caller's own.
unsafe fn message(
    request: &Request<'_>,
    skb: NonNull<b::sk_buff>,
    flags: i32,
    fill: impl FnOnce(&mut Writer<'_>) -> Result,
) -> Result {
    let info = request.info.as_ptr();
    // SAFETY: by the contract and the invariant of `Request`; genlmsg_put checks for room, and the
    // message's head stays where it is while attributes are put behind it.
    unsafe {
        let start = (*skb.as_ptr()).len;
        let body = b::genlmsg_put(
            skb.as_ptr(),
            (*info).snd_portid,
            (*info).snd_seq,
            (*info).family,
            flags,
            (*(*info).genlhdr).cmd,
        );
        if body.is_null() {
            return Err(EMSGSIZE);
        }
        if let Err(err) = fill(&mut Writer::from_raw(skb)) {
            b::skb_trim(skb.as_ptr(), start);
            return Err(err);
        }
        let head = (*skb.as_ptr()).data.add(start as usize);
        (*head.cast::<b::nlmsghdr>()).nlmsg_len = (*skb.as_ptr()).len.wrapping_sub(start);
    }
    Ok(())
}

/// # Safety
///
/// Called only by the kernel's generic netlink code, with what it passes to this callback.
unsafe extern "C" fn doit<D: Do>(_skb: *mut b::sk_buff, info: *mut b::genl_info) -> i32 {
    from_result(|| {
        let info = NonNull::new(info).ok_or(EINVAL)?;
        D::run(&Request {
            info,
            _info: PhantomData,
        })?;
        Ok(0)
    })
}

/// # Safety
///
/// As for `doit`.
unsafe extern "C" fn start<D: Dump>(callback: *mut b::netlink_callback) -> i32 {
    // SAFETY: the record has 48 bytes for us, enough for a cursor (`Command::dumping`).
    unsafe {
        let place = (&raw mut (*callback).__bindgen_anon_1).cast::<D::Cursor>();
        place.write(D::Cursor::default());
    }
    0
}

/// # Safety
///
/// As for `doit`.
unsafe extern "C" fn dumpit<D: Dump>(
    skb: *mut b::sk_buff,
    callback: *mut b::netlink_callback,
) -> i32 {
    from_result(|| {
        let callback = NonNull::new(callback).ok_or(EINVAL)?;
        let skb = NonNull::new(skb).ok_or(EINVAL)?;
        // SAFETY: of a dump to a family's command, `data` is this record. `start` has written the
        // cursor.
        let (info, cursor) = unsafe {
            let info = (*callback.as_ptr()).data.cast::<b::genl_dumpit_info>();
            (
                NonNull::new(&raw mut (*info).info).ok_or(EINVAL)?,
                &mut *(&raw mut (*callback.as_ptr()).__bindgen_anon_1).cast::<D::Cursor>(),
            )
        };
        let request = Request {
            info,
            _info: PhantomData,
        };
        let mut page = Page {
            request: &request,
            skb,
            callback,
        };
        let result = D::page(&request, cursor, &mut page);
        // SAFETY: the buffer is the dump's own.
        let len = unsafe { (*skb.as_ptr()).len };
        match result {
            Err(err) if err != EMSGSIZE || len == 0 => Err(err),
            _ => Ok(len as i32),
        }
    })
}
