# SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
"""What each row must come to, and whether it does.

A target is a share of what the C module costs in the same run, or of what TCP or AF_UNIX
SEQPACKET cost in the row of the same test and size, or a number by itself.
"""

import re

SHORT, MIDDLE, LONG = "(64|256|1024)$", "(4096|16384|65536)$", "(16384|65536)$"
# (what, at most, of what, rows)
TARGETS = [
    ("send + receive in one process, 64 to 1024 B", 0.90, "c", f"node/self/.*/{SHORT}"),
    ("the same, of AF_UNIX SEQPACKET", 1.00, "useq", f"node/self/.*/{SHORT}"),
    ("round trip on one node, 64 to 4096 B", 0.97, "c", "node/rtt/.*/(64|256|1024|4096)$"),
    ("one-way on one node, 64 to 1024 B", 0.80, "c", f"node/oneway/.*/{SHORT}"),
    ("16 kB and 64 kB on one node", 0.70, "c", f"node/(self|rtt|oneway)/.*/{LONG}"),
    ("multicast to 8 sockets, 1 kB", 0.80, "c", "node/mcast8/.*/1024$"),
    ("multicast to 1 socket", 0.65, "c", "node/mcast1/"),
    ("bind and unbind, socket() and close()", 0.95, "c", "node/(bind|socket)/"),
    ("bind and withdraw with 4000 sockets on one name", 0.30, "c", "node/(same|unsame)/"),
    ("connection set-up and close", 0.80, "c", "(node|link)/conn/"),
    ("topology: bind, event, unbind, event", 0.55, "c", "node/events/1$"),
    ("over a link, 64 to 1024 B", 0.90, "c", f"link/(rtt|oneway)/.*/{SHORT}"),
    ("over a link, 4 kB to 64 kB", 0.60, "c", f"link/(rtt|oneway)/.*/{MIDDLE}"),
    ("over a link, 64 kB, of TCP", 5.00, "tcp", "link/(rtt|oneway)/.*/65536$"),
    ("between two machines, 64 to 1024 B", 0.90, "c", f"vms/(rtt|oneway)/.*/{SHORT}"),
    ("between two machines, 4 kB to 64 kB", 0.60, "c", f"vms/(rtt|oneway)/.*/{MIDDLE}"),
    ("many senders and receivers on two processors", 1.00, "c", "cpus/"),
    ("memory of a socket, binding, link endpoint", 1.00, "c", "memory/(socket|binding|link)"),
    ("nodes in one machine that do not see all others", 0, "number", "mesh/missing/"),
    ("worst row of the whole table", 1.00, "c", ""),
]


def share(row, of):
    """Ours as a share of what the target is measured by; None where one of them is not there."""
    if of == "number":
        return row.ours
    judge = {"c": row.c, "tcp": row.tcp, "useq": row.useq}[of]
    return row.ours / judge if row.ours and judge else None


def of_row(row):
    """(the most that ours/C may be, "met", "missed: why" or "-")."""
    mine = [(most, of) for _, most, of, rows in TARGETS if re.match(rows, row.name)]
    most = min(m for m, of in mine if of == "c")
    found = [(share(row, of), m, of) for m, of in mine]
    if found[0][0] is None:
        return most, "-"
    over = [f"{value:.2f} of {of}" if of != "number" else f"{value}, not {m}"
            for value, m, of in found if of != "c" and value and round(value, 2) > m]
    if round(share(row, "c") or 0, 2) > most:
        over.insert(0, f"{share(row, 'c') / most:.2f} of the target")
    return most, "missed: " + ", ".join(over) if over else "met"


def of_targets(rows):
    """A line for each target: (what, at most, of what, rows, rows that meet it, worst, its row)."""
    for what, most, of, pattern in TARGETS:
        found = [(value, row.name) for row in rows
                 if re.match(pattern, row.name) and (value := share(row, of)) is not None]
        if found:
            met = sum(1 for value, _ in found if round(value, 2) <= most)
            yield what, most, of, len(found), met, *max(found)
