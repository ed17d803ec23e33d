// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! Sockets as diagnosis tools see them (`ss`): the sock_diag handler of a family.
//!
//! In: requests of users to dump a family's sockets; out: calls of `Diag`, whose answers go back page
//! after page. Process context, no lock held; several dumps may be under way at once.

use super::family::SocketOps;
use super::ffi as b;
use super::netlink::Writer;
use super::netns::state_of;
use super::sock::Sock;
use core::marker::PhantomData;
use core::ptr::NonNull;
use kernel::error::{from_result, to_result};
use kernel::prelude::*;

/// The diagnosis of a family.
pub trait Diag: SocketOps {
    /// Where a dump has got to between two pages; begins with the default. It is kept in 48 bytes and
    /// forgotten, not dropped.
    type Cursor: Copy + Default + Send + 'static;

    /// The statics.
    fn handler() -> &'static Handler<Self>;
    /// Writes as many messages as there is room for. A page without any ends the dump; EMSGSIZE says
    /// that there was no room for the next one.
    fn page(request: &Request<'_, Self>, cursor: &mut Self::Cursor, page: &mut Page<'_>) -> Result;
}

/// A request in bytes: family, protocol, two bytes for nothing, and a word of states.
const REQUEST: usize = 8;

/// Head of a netlink message.
const HEAD: u32 = size_of::<b::nlmsghdr>() as u32;

/// What the kernel is given, in a static.
#[repr(transparent)]
pub struct Handler<T: Diag>(b::sock_diag_handler, PhantomData<T>);

// SAFETY: never changed.
unsafe impl<T: Diag> Sync for Handler<T> {}

impl<T: Diag> Handler<T> {
    /// For family `number`.
    pub const fn new(number: u8) -> Self {
        // SAFETY: zero bytes are a value of this C struct.
        let mut handler: b::sock_diag_handler = unsafe { core::mem::zeroed() };
        handler.owner = super::family::this_module();
        handler.family = number;
        handler.dump = Some(dump::<T>);
        assert!(size_of::<T::Cursor>() <= size_of::<b::netlink_callback__bindgen_ty_1>());
        assert!(align_of::<T::Cursor>() <= align_of::<b::netlink_callback__bindgen_ty_1>());
        Handler(handler, PhantomData)
    }
}

/// A registered handler; dropping it unregisters.
pub struct Registration<T: Diag>(PhantomData<T>);

impl<T: Diag> Registration<T> {
    /// Registers. EBUSY if another module has the family. The namespaces' states must be there for
    /// as long. May sleep.
    pub fn new() -> Result<Self> {
        // SAFETY: a static, registered once.
        to_result(unsafe { b::sock_diag_register(&T::handler().0) })?;
        Ok(Registration(PhantomData))
    }
}

impl<T: Diag> Drop for Registration<T> {
    fn drop(&mut self) {
        // SAFETY: registered in `new`. Whoever found it before counts on the module, which is then
        // not unloaded.
        unsafe { b::sock_diag_unregister(&T::handler().0) }
    }
}

/// A request to dump.
///
/// # Invariants
///
/// `callback` is the kernel's record of a dump of this handler, alive for 'a; it leads to a request
/// of at least `REQUEST` bytes.
pub struct Request<'a, T: Diag> {
    callback: NonNull<b::netlink_callback>,
    _kind: PhantomData<(&'a (), T)>,
}

/// What the kernel keeps of a socket.
pub struct Facts {
    /// SOCK_STREAM and so on.
    pub kind: u32,
    /// Of its file; 0 without one.
    pub inode: u32,
    /// Of its owner, as the reader's user namespace knows it.
    pub uid: u32,
    /// A number that no other socket has or had.
    pub cookie: u64,
    /// Messages that were refused.
    pub drops: u32,
}

impl<'a, T: Diag> Request<'a, T> {
    /// The state of the namespace it came from.
    pub fn net(&self) -> &'a T::Net {
        // SAFETY: a netlink socket holds its namespace while it makes a request.
        unsafe {
            let sk = (*(*self.callback.as_ptr()).skb).sk;
            state_of((*sk.cast::<b::sock>()).__sk_common.skc_net.net)
        }
    }

    /// The states that are asked for, a bit for each number.
    pub fn states(&self) -> u32 {
        // SAFETY: by the invariant; the word follows the head and four bytes.
        unsafe {
            let head = (*self.callback.as_ptr()).nlh.cast::<u8>();
            let word = head.add(HEAD as usize).add(4);
            word.cast::<u32>().read_unaligned()
        }
    }

    /// What the kernel keeps of `sock`.
    pub fn facts(&self, sock: &Sock<T>) -> Facts {
        let mut cookie = [0u32; 2];
        let sk = sock.raw();
        // SAFETY: a live socket, of which plain integers are read; there is room for the cookie.
        // Whoever asks is in a call of their netlink socket, which has a file, and so credentials.
        unsafe {
            b::sock_diag_save_cookie(sk.cast(), cookie.as_mut_ptr());
            let asks = &raw const (*(*self.callback.as_ptr()).skb).cb;
            let user = b::sk_user_ns((*asks.cast::<b::netlink_skb_parms>()).sk.cast());
            Facts {
                kind: (&raw const (*sk).sk_type).read_volatile().into(),
                inode: b::sock_i_ino(sk) as u32,
                uid: b::from_kuid_munged(user, b::sk_uid(sk)),
                cookie: cookie
                    .iter()
                    .rev()
                    .fold(0, |all, half| all << 32 | u64::from(*half)),
                drops: b::sk_drops_read(sk) as u32,
            }
        }
    }
}

/// One page of a dump.
pub struct Page<'a> {
    skb: NonNull<b::sk_buff>,
    callback: NonNull<b::netlink_callback>,
    _page: PhantomData<&'a ()>,
}

impl Page<'_> {
    /// Writes a message, whole or not at all: EMSGSIZE if there is no room.
    pub fn message(&mut self, fill: impl FnOnce(&mut Writer<'_>) -> Result) -> Result {
        let skb = self.skb.as_ptr();
        // SAFETY: the buffer is the dump's own until its callback returns, and linear;
        // nlmsg_put_answer checks for room, and the head stays where it is while attributes are put
        // behind it.
        unsafe {
            let start = (*skb).len;
            let kind = b::SOCK_DIAG_BY_FAMILY as i32;
            let multi = b::NLM_F_MULTI as i32;
            let head = b::nlmsg_put_answer(skb, self.callback.as_ptr(), kind, 0, multi);
            if head.is_null() {
                return Err(EMSGSIZE);
            }
            if let Err(err) = fill(&mut Writer::from_raw(self.skb)) {
                b::skb_trim(skb, start);
                return Err(err);
            }
            (*head).nlmsg_len = (*skb).len.wrapping_sub(start);
        }
        Ok(())
    }
}

/// # Safety
///
/// Called only by the kernel's sock_diag code, with what it passes to this callback.
unsafe extern "C" fn dump<T: Diag>(skb: *mut b::sk_buff, head: *mut b::nlmsghdr) -> i32 {
    from_result(|| {
        // SAFETY: a whole message of a user's netlink socket, which holds its namespace; the control
        // is read before the function returns.
        let err = unsafe {
            if (*head).nlmsg_len < HEAD.wrapping_add(REQUEST as u32) {
                return Err(EINVAL);
            }
            if u32::from((*head).nlmsg_flags) & b::NLM_F_DUMP == 0 {
                return Err(EOPNOTSUPP);
            }
            let mut control: b::netlink_dump_control = core::mem::zeroed();
            control.start = Some(start::<T>);
            control.dump = Some(page::<T>);
            control.module = super::family::this_module();
            let sk = (*skb).sk.cast::<b::sock>();
            let socket = (*(*sk).__sk_common.skc_net.net).diag_nlsk;
            b::__netlink_dump_start(socket.cast(), skb, head, &mut control)
        };
        match to_result(err) {
            // How a dump that has begun says that no acknowledgement is due; C gives one to those
            // who ask for it.
            Err(err) if err != EINTR => Err(err),
            _ => Ok(0),
        }
    })
}

/// # Safety
///
/// As for `dump`.
unsafe extern "C" fn start<T: Diag>(callback: *mut b::netlink_callback) -> i32 {
    // SAFETY: the record has 48 bytes for us, enough for a cursor (`Handler::new`).
    unsafe {
        let place = (&raw mut (*callback).__bindgen_anon_1).cast::<T::Cursor>();
        place.write(T::Cursor::default());
    }
    0
}

/// # Safety
///
/// As for `dump`.
unsafe extern "C" fn page<T: Diag>(
    skb: *mut b::sk_buff,
    callback: *mut b::netlink_callback,
) -> i32 {
    from_result(|| {
        let callback = NonNull::new(callback).ok_or(EINVAL)?;
        let skb = NonNull::new(skb).ok_or(EINVAL)?;
        // SAFETY: `start` has written the cursor, and nobody else uses it.
        let cursor =
            unsafe { &mut *(&raw mut (*callback.as_ptr()).__bindgen_anon_1).cast::<T::Cursor>() };
        let request = Request {
            callback,
            _kind: PhantomData,
        };
        let mut page = Page {
            skb,
            callback,
            _page: PhantomData,
        };
        let result = T::page(&request, cursor, &mut page);
        // SAFETY: the buffer is the dump's own.
        let len = unsafe { (*skb.as_ptr()).len };
        match result {
            Err(err) if err != EMSGSIZE || len == 0 => Err(err),
            _ => Ok(len as i32),
        }
    })
}
