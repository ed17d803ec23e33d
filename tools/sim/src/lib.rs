// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! Simulator: the protocol that is in the kernel module, in virtual time, on wires that lose,
//! double, delay and reorder frames and are cut, with memory that is refused. Then the faults stop,
//! and what the protocol promises is owed. A seed repeats a run to the same step.

pub mod cluster;
pub mod end;
pub mod flow;
pub mod node;
pub mod random;
pub mod run;
pub mod shouts;
pub mod wire;
