// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//! sim: run seeds of the simulator and print what came of them.

use clap::Parser;
use tipc_sim::cluster::{self, Trouble};
use tipc_sim::run::{run, Profile};

/// Run the protocol in virtual time on bad wires, and check what it promises.
#[derive(Parser)]
struct Args {
    /// The first seed
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many seeds
    #[arg(long, default_value_t = 1)]
    count: u64,
    /// What goes wrong (default: each of them)
    #[arg(long)]
    profile: Option<Profile>,
    /// Run whole clusters instead of one link, and what happens to them
    #[arg(long)]
    cluster: Option<Trouble>,
    /// Print what happens to contact and links of the cluster
    #[arg(long, requires = "cluster")]
    trace: bool,
}

fn main() {
    let args = Args::parse();
    let seeds = args.seed..args.seed.saturating_add(args.count);
    if let Some(trouble) = args.cluster {
        for seed in seeds {
            let outcome = cluster::run(trouble, seed, args.trace);
            println!("{trouble:?} {seed}: {outcome:?}");
        }
        return;
    }
    let one;
    let profiles = match args.profile {
        Some(profile) => {
            one = [profile];
            &one[..]
        }
        None => &Profile::ALL[..],
    };
    for seed in seeds {
        for profile in profiles {
            println!("{profile:?} {seed}: {:?}", run(*profile, seed));
        }
    }
}
