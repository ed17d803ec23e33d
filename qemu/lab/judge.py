# SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
"""tshark's judgement of captures, and whether two captures tell the same story.

A story is what each machine sends from the first beacon to the good-bye, in order, without what
only timing decides: how often something is repeated, what a link sends once more under the same number,
which side's timer fires first while a link is set up, probes, and beacons once there is a link.
"""

import re
import shutil
import subprocess
from dataclasses import dataclass

from . import paths

LIMIT = 120
FIELDS = ("eth.src", "eth.dst", "tipc.usr", "_ws.col.info", "tipc.name_dist_type", "tipc.name_dist_lower",
          "tipcv2.link_level_seq_no")
# Users of a TIPC header, as the field tipc.usr has them.
BROADCAST, BUNDLE, LINK, MANAGER, NAMES, FRAGMENT, DISCOVERY = 5, 6, 7, 8, 11, 12, 13
SETUP = ("Reset", "Activate")


def _tshark(capture, *options):
    if not shutil.which("tshark"):
        raise paths.LabError("tshark is missing: run inside the toolbox")
    ran = subprocess.run(["tshark", "-n", "-r", str(capture), *options],
                         capture_output=True, text=True, timeout=LIMIT)
    if ran.returncode:
        raise paths.LabError(f"tshark: {capture}: {ran.stderr.strip()[-300:]}")
    return ran.stdout.splitlines()


def complaints(capture):
    """{kind of complaint} of tshark about a capture: expert information and malformed frames."""
    lines = _tshark(capture, "-Y", "_ws.expert or _ws.malformed or _ws.unreassembled",
                    "-T", "fields", "-e", "_ws.expert.severity", "-e", "_ws.expert.message",
                    "-e", "_ws.malformed")
    return {re.sub(r"\d+", "N", line).strip() or "a malformed frame" for line in lines}


@dataclass
class Frame:
    """What is told of a frame."""

    sender: str
    to_all: bool
    user: int
    what: str
    names: tuple
    number: str = ""  # of the link, and to whom; "" of what is not counted


def frames(capture, machines):
    """The TIPC frames of a capture; `machines` are the names by number of network address."""
    options = [o for f in FIELDS for o in ("-e", f)]
    found = []
    for line in _tshark(capture, "-Y", "tipc", "-T", "fields", *options):
        source, target, user, info, kinds, lowers, number = (line.split("\t") + [""] * 7)[:7]
        machine = int(source.split(":")[-1], 16)
        sender = machines[machine - 1] if 0 < machine <= len(machines) else source
        names = tuple(sorted(zip(kinds.split(","), lowers.split(",")))) if kinds else ()
        what = re.sub(r" (type|inst):.*", "", re.sub(r"^(?:\[.*?\] )?", "", info))
        found.append(Frame(sender, target.startswith("ff:"), int(user.split(",")[0] or 0),
                           " ".join(what.split()), names, number and f"{number} {target}"))
    return found


def story(found):
    """{machine: [what it said]} and, under "contact", what only one side need have said."""
    told, linked = {}, set()
    contact, sent = set(), set()
    for f in found:
        lines = told.setdefault(f.sender, [])
        word = f.what.split()[-1] if f.what else ""
        if f.user == DISCOVERY:
            if word == "Response":
                contact.add("Response")
            elif f.sender not in linked:
                _say(lines, f"beacon {word}")
        elif f.user == LINK and word in SETUP:
            if f.sender in linked:
                _say(lines, f"link {word}")
            else:
                contact.add(f"link {word}")
        elif f.user == LINK:
            # the first tells the peer that the link works, others are probes and their answers
            if f.sender not in linked:
                lines.append("link works")
            linked.add(f.sender)
        elif (key := (f.sender, f.to_all, f.number, f.names)) not in sent or not f.number:
            sent.add(key)
            linked.add(f.sender)
            to = " to all" if f.to_all else ""
            names = "".join(f" {kind}:{lower}" for kind, lower in f.names)
            _say(lines, f"{f.what}{to}{names}")
    told["contact"] = sorted(contact)
    return told


def _say(lines, text):
    if not lines or lines[-1] != text:
        lines.append(text)


def compare(ours, theirs):
    """What is different between two stories, as one line; empty if nothing is."""
    notes = []
    for who in dict.fromkeys([*theirs, *ours]):
        a, b = ours.get(who, []), theirs.get(who, [])
        if a != b:
            at = next((i for i, (x, y) in enumerate(zip(a, b)) if x != y), min(len(a), len(b)))
            notes.append(f"{who}, step {at + 1}: {' | '.join(a[at:at + 3]) or 'nothing'}"
                         f" instead of {' | '.join(b[at:at + 3]) or 'nothing'}")
    return "; ".join(notes)
