# SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
"""Where the instructions of a row go: counts of blocks, folded to functions."""

import base64
import bisect
import gzip
import re
import statistics

from . import guest, plan


def show(row, modules, top):
    """Prints the functions of one row for each module, between two machines those of each; the exit code."""
    place, _, name = row.partition("/")
    known = name.startswith("events/") or any(name in plan.rows(p, "ours") for p in ("node", "link", "cpus", "vms"))
    if place not in ("node", "link", "cpus", "vms") or not known:
        raise guest.Failed(f"'{row}' is no row of TIPC messages ('tools/bench/table --list' tells them)")
    for module in modules:
        for end, instructions, counts, said in (_machines if place == "vms" else _machine)(place, module, name):
            if not counts:
                raise guest.Failed(f"{row} with {module}: no counts{end}")
            _print(f"{row}, module {module}{end}", instructions, fold(counts, said), top)
    return 0


def _machine(place, module, name):
    """(whose, instructions each, counts, symbols) of one machine."""
    said, counts, _ = guest.boot(module, plan.script(place, module, [name], name), ["table", "events"],
                                 profile=True, cpus=2 if place == "cpus" else 1)
    found, failed = guest.rows(said)
    if name not in found:
        raise guest.Failed(f"{place}/{name} with {module}: {failed.get(name, 'no result')}")
    return [("", found[name][0], counts, said)]


def _machines(place, module, name):
    """The same of two, which run the same kernel at the same addresses: the near one has said its symbols."""
    ends = guest.pair(module, plan.script(place, module, [name]), plan.far_script([name]), ["table"], profile=True)
    said = ends[0][0]
    found, failed = guest.rows(said)
    if name not in found:
        raise guest.Failed(f"{place}/{name} with {module}: {failed.get(name, 'no result')}")
    turns = plan.turns_of_lap(name)
    # What it waits is not counted: the middle of the laps is a machine's share of the row.
    return [(whose, round(statistics.median(laps[0]) / turns) if laps else 0, counts, said)
            for whose, (_, laps, counts) in zip((", sender", ", receiver"), ends)]


def _print(title, instructions, total, top):
    # The marks stand around all turns: what the clock says of one scales the counts.
    scale = instructions / (sum(total.values()) or 1)
    by_module = {}
    for (_, mod), n in total.items():
        by_module[mod or "kernel"] = by_module.get(mod or "kernel", 0) + n * scale
    print(f"== {title}: {instructions} instructions each")
    print("   " + ", ".join(f"{m} {n:.0f}" for m, n in sorted(by_module.items(), key=lambda x: -x[1])))
    for (function, mod), n in sorted(total.items(), key=lambda x: -x[1])[:top]:
        print(f"{n * scale:9.1f}  {readable(function)} {mod}", flush=True)


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
