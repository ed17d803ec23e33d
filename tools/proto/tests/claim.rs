// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! Whose turn it is to empty a list (`src/sys/claim.rs`), by threads that fill it together: nothing is
//! left behind, nothing is taken twice or by two at once, and order is kept.

#[path = "../../../src/sys/claim.rs"]
mod claim;

use claim::Claim;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::Mutex;

const THREADS: u32 = 4;
const EACH: u32 = 50_000;

#[derive(Default)]
struct Shared {
    list: Mutex<Vec<(u32, u32)>>,
    emptied: Mutex<Vec<(u32, u32)>>,
    busy: AtomicBool,
}

/// Puts `item` into the list, and empties it if that is the caller's turn, `most` items at a time.
fn fill(shared: &Shared, claim: &Claim, item: (u32, u32), most: usize) {
    let mut list = shared.list.lock().unwrap();
    list.push(item);
    if !claim.take() {
        return;
    }
    loop {
        let count = list.len().min(most);
        let taken: Vec<_> = list.drain(..count).collect();
        claim.keep(!list.is_empty());
        drop(list);
        assert!(!shared.busy.swap(true, Ordering::SeqCst), "two at once");
        shared.emptied.lock().unwrap().extend(taken);
        shared.busy.store(false, Ordering::SeqCst);
        if claim.leave() {
            return;
        }
        list = shared.list.lock().unwrap();
    }
}

fn run(most: usize) {
    let (shared, claim) = (Shared::default(), Claim::new());
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            let (shared, claim) = (&shared, &claim);
            scope.spawn(move || (0..EACH).for_each(|n| fill(shared, claim, (thread, n), most)));
        }
    });
    assert!(shared.list.into_inner().unwrap().is_empty());
    let emptied = shared.emptied.into_inner().unwrap();
    for thread in 0..THREADS {
        let of_it = emptied.iter().filter(|item| item.0 == thread);
        assert!(of_it.map(|item| item.1).eq(0..EACH));
    }
}

#[test]
fn all_at_a_time() {
    run(usize::MAX);
}

#[test]
fn one_at_a_time() {
    run(1);
}

#[test]
fn given_up_with_something_left() {
    let (shared, claim) = (Shared::default(), Claim::new());
    shared.list.lock().unwrap().push((0, 0));
    assert!(claim.take());
    claim.drop();
    fill(&shared, &claim, (0, 1), usize::MAX);
    assert_eq!(*shared.emptied.lock().unwrap(), [(0, 0), (0, 1)]);
}
