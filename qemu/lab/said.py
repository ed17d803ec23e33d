# SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
"""Scripts whose output must be the same on both modules.

A script `selftests/<room>/<name>.sh` prints `== <subtest>` before each part. What a module
chooses by chance is taken out before the parts are compared: port numbers become P1, P2, ...
in the order in which they appear, after lists of sockets and of names, which come in any
order, are sorted. A part that prints a line `wrong: WHY` has failed on that module by itself.
"""

import difflib
import itertools
import re

from . import ktap

WRONG = "wrong: "
# Where the tools print a port number.
PORTS = (re.compile(r"^socket (\d+)$"),
         re.compile(r"^\d+ +\d+ +\d+ +(?:node|cluster) +([1-9]\d*)\b"),
         re.compile(r"connected to [^: ]*:(\d+)"))
# Lines that come in any order among their like.
UNORDERED = (re.compile(r"socket \d+$"), re.compile(r"\d+ +\d+ +\d+ +(node|cluster) "))


def parts(text):
    """{subtest: lines} of a script's output."""
    found, lines = {}, []
    for line in text.splitlines():
        if begin := re.match(r"== (\S+)$", line):
            lines = found.setdefault(begin.group(1), [])
        elif not found:
            lines = found.setdefault("(begin)", [line])
        else:
            lines.append(line.rstrip())
    return found


def _ports(line):
    return [(m.start(1), m.end(1)) for p in PORTS for m in p.finditer(line)]


def _without_ports(line):
    for start, end in sorted(_ports(line), reverse=True):
        line = line[:start] + "P" + line[end:]
    return line


def _kind(block):
    """Which of the unordered lists a block of lines belongs to; None of any other line."""
    return next((i for i, p in enumerate(UNORDERED) if p.match(block[0])), None)


def normal(lines):
    """The lines without what is left to chance."""
    blocks = []
    for line in lines:
        if line.startswith("  ") and blocks:
            blocks[-1].append(line)
        else:
            blocks.append([line])
    ordered = []
    for kind, group in itertools.groupby(blocks, _kind):
        group = list(group)
        if kind is not None:
            group.sort(key=lambda block: [_without_ports(line) for line in block])
        ordered += group
    names, out = {}, []
    for line in (line for block in ordered for line in block):
        for start, end in sorted(_ports(line), reverse=True):
            name = names.setdefault(line[start:end], f"P{len(names) + 1}")
            line = line[:start] + name + " " + line[end:].lstrip()
        out.append(line.rstrip())
    return out


def differences(ours, theirs):
    """{subtest: difference, "" if there is none} of the parts that two scripts said."""
    found = {}
    for subtest in dict.fromkeys([*theirs, *ours]):
        a, b = normal(ours.get(subtest, [])), normal(theirs.get(subtest, []))
        lines = difflib.unified_diff(b, a, "c", "ours", lineterm="", n=0)
        found[subtest] = " | ".join(x for x in lines if not x.startswith(("---", "+++", "@@")))
    return found


def compare(verdicts):
    """Enter a failure for ours wherever a script said another thing than on the C module, unless
    that was wrong."""
    if not {"ours", "c"} <= set(verdicts):
        return
    for test, theirs in verdicts["c"].said.items():
        for subtest, diff in differences(verdicts["ours"].said.get(test, {}), theirs).items():
            if diff and verdicts["c"].rows.get((test, subtest), ("",))[0] != ktap.FAIL:
                verdicts["ours"].put(test, subtest, ktap.FAIL, diff)
