// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! Room `mem`: records of one kind in blocks that double in size, addressed by a stable number.
//!
//! In: records from the rooms of proto; out: references to them. No pointers, so that trees and
//! rings of records need no `unsafe`; no allocation on insertion, so that it can be done with a
//! lock held: room is made beforehand (`wanted`, `grow`).

use crate::mem::Block;

/// Number of a block.
pub type BlockNumber = u8;

/// Number of a record; `NIL` is none.
pub type Index = u32;

/// No record.
pub const NIL: Index = u32::MAX;

/// Slots of the first block; each further block has twice as many as the one before.
const FIRST: u32 = 16;
const FIRST_LOG2: u32 = 4;

/// Records an empty slab may keep memory for, so that coming and going in turn does not allocate
/// each time.
const KEEP_WHEN_EMPTY: u32 = 1008;

/// Blocks at most: 16 * (2^13 - 1) = 131 056 records, twice what the bindings of one node need.
const BLOCKS: usize = 13;

/// One slot: a record, or the next free slot.
#[derive(Clone, Copy)]
enum Slot<T> {
    Free(Index),
    Used(T),
}

/// A block on its way into a slab.
pub struct Growth<T>(Block<Slot<T>>, BlockNumber);

/// The records.
pub struct Slab<T> {
    blocks: [Option<Block<Slot<T>>>; BLOCKS],
    free: Index,
    used: u32,
    capacity: u32,
}

/// Block and place in it of record `index`: block k begins at FIRST * (2^k - 1).
fn place(index: Index) -> Option<(usize, usize)> {
    let shifted = index.checked_add(FIRST)?;
    let log2 = shifted.checked_ilog2()?;
    let block = log2.checked_sub(FIRST_LOG2)?;
    Some((block as usize, (shifted ^ (1 << log2)) as usize))
}

impl<T: Copy> Slab<T> {
    /// An empty slab without a block.
    pub fn new() -> Self {
        Slab {
            blocks: [const { None }; BLOCKS],
            free: NIL,
            used: 0,
            capacity: 0,
        }
    }

    /// Records in it.
    pub fn len(&self) -> u32 {
        self.used
    }

    /// Records there is memory for.
    pub fn capacity(&self) -> u32 {
        self.capacity
    }

    /// The number of the block that must be added before the next insertion, if there is no room.
    pub fn wanted(&self) -> Option<BlockNumber> {
        self.wanted_for(1)
    }

    /// The number of the block that must be added before the next `count` insertions, if there is
    /// no room for them; none also when there can be no more blocks.
    pub fn wanted_for(&self, count: u32) -> Option<BlockNumber> {
        if self.capacity.saturating_sub(self.used) >= count {
            return None;
        }
        self.next_block()
    }

    fn next_block(&self) -> Option<BlockNumber> {
        let next = self.blocks.iter().position(Option::is_none)?;
        BlockNumber::try_from(next).ok()
    }

    /// Whether nothing can be inserted.
    pub fn is_full(&self) -> bool {
        self.used >= self.capacity
    }

    /// Takes the memory out of a slab that is empty after it was large, to be freed without the
    /// lock.
    pub fn shrink(&mut self) -> Option<Slab<T>> {
        if self.used == 0 && self.capacity > KEEP_WHEN_EMPTY {
            Some(core::mem::replace(self, Slab::new()))
        } else {
            None
        }
    }

    /// Allocates block `number`. May sleep; called with no lock held.
    pub fn allocate(number: BlockNumber) -> Option<Growth<T>> {
        if usize::from(number) >= BLOCKS {
            return None;
        }
        let slots = FIRST.checked_shl(number.into())?;
        let start = slots.checked_sub(FIRST)?;
        let mut block = Block::filled(Slot::Free(NIL), slots as usize)?;
        for i in 0..slots.saturating_sub(1) {
            if let Some(slot) = block.get_mut(i as usize) {
                *slot = Slot::Free(start.wrapping_add(i).wrapping_add(1));
            }
        }
        Some(Growth(block, number))
    }

    /// Allocates block `number`, if there is one to allocate; none if there is no memory. May sleep.
    pub fn allocate_if(number: Option<BlockNumber>) -> Option<Option<Growth<T>>> {
        match number {
            Some(number) => Self::allocate(number).map(Some),
            None => Some(None),
        }
    }

    /// Adds a block; gives it back if it is not the next one.
    pub fn grow(&mut self, growth: Growth<T>) -> Option<Growth<T>> {
        if self.next_block() != Some(growth.1) {
            return Some(growth);
        }
        let slots = FIRST.wrapping_shl(growth.1.into());
        let last = self.capacity.wrapping_add(slots).wrapping_sub(1);
        if let Some(entry) = self.blocks.get_mut(usize::from(growth.1)) {
            *entry = Some(growth.0);
        }
        // What was free before comes after the new slots.
        let free = self.free;
        if let Some(slot) = self.slot_mut(last) {
            *slot = Slot::Free(free);
        }
        self.free = slots.wrapping_sub(FIRST);
        self.capacity = self.capacity.wrapping_add(slots);
        None
    }

    fn slot_mut(&mut self, index: Index) -> Option<&mut Slot<T>> {
        let (block, at) = place(index)?;
        self.blocks.get_mut(block)?.as_mut()?.get_mut(at)
    }

    /// Puts a record in; none if there is no room (see `wanted`).
    pub fn insert(&mut self, record: T) -> Option<Index> {
        let index = self.free;
        let slot = self.slot_mut(index)?;
        let Slot::Free(next) = *slot else { return None };
        *slot = Slot::Used(record);
        self.free = next;
        self.used = self.used.wrapping_add(1);
        Some(index)
    }

    /// Takes a record out.
    pub fn remove(&mut self, index: Index) -> Option<T> {
        let next = self.free;
        let slot = self.slot_mut(index)?;
        let Slot::Used(record) = *slot else {
            return None;
        };
        *slot = Slot::Free(next);
        self.free = index;
        self.used = self.used.wrapping_sub(1);
        Some(record)
    }

    /// Record `index`.
    pub fn get(&self, index: Index) -> Option<&T> {
        let (block, at) = place(index)?;
        match self.blocks.get(block)?.as_ref()?.get(at)? {
            Slot::Used(record) => Some(record),
            Slot::Free(_) => None,
        }
    }

    /// Record `index`, to change.
    pub fn get_mut(&mut self, index: Index) -> Option<&mut T> {
        match self.slot_mut(index)? {
            Slot::Used(record) => Some(record),
            Slot::Free(_) => None,
        }
    }
}
