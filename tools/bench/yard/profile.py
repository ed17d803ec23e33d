# SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
"""Where the instructions of a row go: counts of blocks, folded to functions."""

import base64
import bisect
import gzip
import re
import statistics

from . import guest, plan


def show(row, modules, top):
    """Prints the functions of one row for each module, between two machines those of the sender's; the exit code."""
    place, _, name = row.partition("/")
    known = name.startswith("events/") or any(name in plan.rows(p, "ours") for p in ("node", "link", "cpus", "vms"))
    if place not in ("node", "link", "cpus", "vms") or not known:
        raise guest.Failed(f"'{row}' is no row of TIPC messages ('tools/bench/table --list' tells them)")
    for module in modules:
        if place == "vms":
            (said, laps, counts), _ = guest.pair(module, plan.script(place, module, [name]), plan.far_script([name]),
                                                 ["table"], profile=True)
            found, failed = guest.rows(said)
            # What it waits is not counted: the middle of the laps is its share of the row.
            if name in found and laps:
                middle = statistics.median(laps[0]) / plan.turns_of_lap(int(name.split("/")[2]))
                found[name] = (round(middle), *found[name][1:])
        else:
            said, counts, _ = guest.boot(module, plan.script(place, module, [name], name), ["table", "events"],
                                         profile=True, cpus=2 if place == "cpus" else 1)
            found, failed = guest.rows(said)
        if name not in found or not counts:
            raise guest.Failed(f"{row} with {module}: {failed.get(name, 'no counts')}")
        total = fold(counts, said)
        # The marks stand around all turns: what the clock says of one scales the counts.
        scale = found[name][0] / (sum(total.values()) or 1)
        by_module = {}
        for (_, mod), n in total.items():
            by_module[mod or "kernel"] = by_module.get(mod or "kernel", 0) + n * scale
        print(f"== {row}, module {module}: {found[name][0]} instructions each")
        print("   " + ", ".join(f"{m} {n:.0f}" for m, n in sorted(by_module.items(), key=lambda x: -x[1])))
        for (function, mod), n in sorted(total.items(), key=lambda x: -x[1])[:top]:
            print(f"{n * scale:9.1f}  {readable(function)} {mod}", flush=True)
    return 0


def symbols(said):
    """Sorted addresses and (name, module) from the guest's kallsyms."""
    packed = said.split("@@@ symbols\n")[1].split("@@@ symbols end")[0]
    text = gzip.decompress(base64.b64decode(packed)).decode(errors="replace")
    table = {}
    for line in text.splitlines():
        address, _, name, *module = line.split()
        table.setdefault(int(address, 16), (name, module[0] if module else ""))
    addresses = sorted(table)
    return addresses, [table[a] for a in addresses]


def fold(profile, said):
    """Instructions by (function, module)."""
    addresses, names = symbols(said)
    total = {}
    for line in profile.splitlines():
        address, count = line.split()
        address = int(address, 16)
        at = bisect.bisect_right(addresses, address) - 1
        key = ("(user)", "") if address < 1 << 63 else names[at] if at >= 0 else ("?", "")
        total[key] = total.get(key, 0) + int(count)
    return total


def readable(name):
    """The words of a mangled Rust name, without crate hashes and generic structure."""
    if not name.startswith("_R"):
        return name
    words, i = [], 2
    while i < len(name):
        skip = re.match(r"[sB][0-9A-Za-z]*_", name[i:])  # a disambiguator, a back reference
        if skip:
            i += skip.end()
        elif name[i].isdigit() and name[i] != "0":
            length = re.match(r"\d+", name[i:]).group()
            i += len(length)
            i += name[i] == "_"
            words.append(name[i:i + int(length)])
            i += int(length)
        else:
            i += 1
    return "::".join(words)[:70]
