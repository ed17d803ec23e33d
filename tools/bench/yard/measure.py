# SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
"""The boots of a table, and what came out of them."""

import statistics
from collections import namedtuple
from concurrent.futures import ThreadPoolExecutor

from . import guest, plan

NODES = guest.TOP / "selftests/bearer/mesh.sh"
IDLE = 8  # seconds that it lets them idle
# One row of the table; what was not measured is None. useq: AF_UNIX SEQPACKET doing the same.
Row = namedtuple("Row", "name ours c tcp unix useq")


def all_of(boots, jobs, say):
    """{place: {member: {row: number}}}, [what failed], {row of vms: spread} of (place, member, rows)."""
    guest.image.base_image("stock")
    work = plan.order(boots)
    table, failed, spreads = {}, [], {}
    pool = ThreadPoolExecutor(jobs)

    def one(item):
        found = _one(*item)
        say(f"{item[0]}, {item[1]}: {len(found[0])} of {len(item[2])} rows")
        return found

    try:
        for (place, member, _), (found, bad, spread) in zip(work, pool.map(one, work)):
            table.setdefault(place, {}).setdefault(member, {}).update(found)
            failed += [f"{place}/{row} {member}: {why}" for row, why in bad.items()]
            spreads |= {f"{place}/{row} {member}": s for row, s in spread.items()}
    except KeyboardInterrupt:
        pool.shutdown(wait=False, cancel_futures=True)
        guest.stop()
        raise
    return table, failed, spreads


def _one(place, member, names):
    """({row: number}, {row: why it failed}, {row: spread}) of one boot."""
    spread = {}
    try:
        if place == "vms":
            found, failed, spread = _machines(member, names)
        elif place == "idle":
            said, _, laps = guest.boot(member, plan.script(place, member, names), ["table"], laps=True)
            found, failed = guest.rows(said)
            found = {n: (sum(lap) // int(n.split("/")[2]), *v[1:]) for (n, v), lap in zip(found.items(), laps)}
        elif place == "mesh":
            count = int(names[0].partition("/")[2])
            found, failed = {f"{k}/{count}": (v, 0, 0) for k, v in mesh(member, count).items()}, {}
        else:
            programs = ["scale"] if place == "names" else ["table", "events", "memory"]
            said, _, _ = guest.boot(member, plan.script(place, member, names), programs,
                                    cpus=2 if place == "cpus" else 1)
            found, failed = guest.rows(said)
    except guest.Failed as error:
        found, failed = {}, {"(guest)": str(error)}
    for name in names:
        if name not in found:
            failed.setdefault(name, "no result")
    if place in ("link", "vms"):
        # As many bytes as the messages have: the counted traffic went over the link.
        failed |= {n: f"went past the link: {went} bytes of {had}"
                   for n, (_, went, had) in found.items() if went < had}
    return {n: v[0] for n, v in found.items() if n in names}, failed, spread


def mesh(module, count, memory=2048, limit=guest.LIMIT):
    """So many namespaces on one bridge, each a node: of these `missing` do not see all others; milliseconds to enable
    their bearers and until the end (`enabled`, `ms`), `kb` of memory a node, instructions of an `idle` second."""
    script = f"set -- {count} {IDLE}\n{NODES.read_text()}"
    said, _, laps = guest.boot(module, script, ["table"], laps=True, memory=memory, limit=limit)
    found = [line.split("\t")[3:] for line in said.splitlines() if line.startswith("row\tmesh\t")]
    if not found or not laps:
        raise guest.Failed(f"no figures in what it said:\n{said[-1500:]}")
    return {**dict(zip(("missing", "enabled", "ms", "kb"), map(int, found[0]))), "idle": sum(laps[0]) // IDLE}


def _machines(member, names):
    """The laps of two machines, added up; the median is the row."""
    (said, near, _), (served, far, _) = guest.pair(member, plan.script("vms", member, names),
                                                    plan.far_script(names), ["table"])
    found, failed = guest.rows(said)
    near = dict(zip(found, near))
    ended = [line.split("\t")[1] for line in served.splitlines() if line.startswith("served\t")]
    far = dict(zip(ended, far))
    numbers, spread = {}, {}
    for name, (_, *went) in found.items():
        if name not in far or len(far[name]) != len(near[name]):
            failed[name] = "the machines did not count the same laps"
            continue
        turns = plan.turns_of_lap(name)
        laps = [(a + b) / turns for a, b in zip(near[name], far[name])]
        middle = statistics.median(laps)
        numbers[name] = (round(middle), *went)
        low, _, high = statistics.quantiles(laps, n=4)
        spread[name] = round((high - low) / middle, 4)
    return numbers, failed, spread


def rows(table):
    """The Row for each row of TIPC."""
    for place, members in table.items():
        ours, c, other = (members.get(m, {}) for m in ("ours", "c", "none"))
        for name in list(dict.fromkeys([*ours, *c])) or list(other):
            test, protocol, size = (name.split("/") + ["", ""])[:3]
            twin = "useq" if test.startswith("mcast") else plan.UNIX.get(protocol, "")
            yield Row(f"{place}/{name}", ours.get(name), c.get(name), other.get(f"{test}/tcp/{size}"),
                      other.get(f"{test}/{twin}/{size}"), other.get(f"{test}/useq/{size}"))
