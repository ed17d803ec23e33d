# SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
"""Signs of trouble in a kernel log, and which test was running at the time."""

import re

PATTERNS = (
    "BUG:", "WARNING:", "RIP:", "Call Trace:", "Oops", "rust_kernel: panicked",
    "unreferenced object", "ref_tracker:", "possible recursive locking",
    "possible circular locking", "inconsistent lock state", "suspicious RCU usage",
    "sleeping function called", "hung task", "blocked for more than", "soft lockup",
    "Kernel panic", "possible irq lock inversion", "bad unlock balance",
    "held lock freed", "waiting for lo to become free", "unregister_netdevice: waiting",
)
# What the kernel says when fault/alloc lets the allocation of its reference tracker fail: the
# references are counted all the same.
PROVOKED = "memory allocation failure, unreliable refcount tracker"
_DISTRESS = re.compile("|".join(re.escape(p) for p in PATTERNS))
_MARK = re.compile(r"lab: (begin|end) (\S+)")


def find(log):
    """[(test or '', line)] for each line that shows distress."""
    found, test = [], ""
    for line in log.splitlines():
        mark = _MARK.search(line)
        if mark:
            test = mark.group(2) if mark.group(1) == "begin" else ""
        elif _DISTRESS.search(line) and PROVOKED not in line:
            found.append((test, line.strip()))
    return found


def excerpt(log, before=2, after=25):
    """The neighbourhood of the first sign of distress, for people to read."""
    lines = log.splitlines()
    for number, line in enumerate(lines):
        if _DISTRESS.search(line) and not _MARK.search(line) and PROVOKED not in line:
            return "\n".join(lines[max(0, number - before):number + after])
    return ""
