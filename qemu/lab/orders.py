# SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
"""Orders that machines give to the switch, one line each; in a machine: `wire ORDER`.

    cut SEGMENT [MACHINE]           no frame passes (of that machine); SEGMENT may be `all`
    heal SEGMENT [MACHINE]          frames pass again, and no other faults are left
    faults SEGMENT [MACHINE] [loss=P] [duplicate=P] [reorder=P] [delay=MS] [jitter=MS]
    capture [NAME]                  from now on write NAME.segment<i>.pcap; without NAME: no more
    meet CASE/NAME [COUNT]          answered once COUNT machines (default: all) have said it,
    give-up CASE                    or with an error once one of them has given up the case
    dropped                         how many frames found a machine's queue full

Each is answered with a line that starts with `ok` or `error`.
"""

import selectors

from . import faults
from .capture import Capture


class _Line:
    def __init__(self, sock, machine):
        self.sock, self.machine, self.text = sock, machine, b""

    def answer(self, text):
        try:
            self.sock.send((text + "\n").encode())
        except OSError:
            pass  # the machine has gone


class Orders:
    """The lines, who waits where, and the captures begun by order."""

    def __init__(self, switch):
        self.switch = switch
        self.waiting = {}  # {meeting: [line]}
        self.given_up = set()
        self.captures = []

    def connect(self, sock, machine):
        self.switch.selector.register(sock, selectors.EVENT_READ, _Line(sock, machine))

    def hear(self, line):
        try:
            data = line.sock.recv(4096)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self.switch.selector.unregister(line.sock)
            line.sock.close()
            return
        *orders, line.text = (line.text + data).split(b"\n")
        for order in orders:
            words = order.decode(errors="replace").split()
            if words:
                self._obey(line, words)

    def _obey(self, line, words):
        known = {"cut": self._cut, "heal": self._heal, "faults": self._faults,
                 "capture": self._capture, "give-up": self._give_up, "dropped": self._dropped}
        try:
            if words[0] == "meet":
                self._meet(line, *words[1:])
            elif words[0] in known:
                line.answer(f"ok {known[words[0]](*words[1:]) or ''}".strip())
            else:
                raise ValueError(f"no such order; there are meet, {', '.join(known)}")
        except (ValueError, TypeError, OSError) as error:
            line.answer(f"error {' '.join(words)}: {error}")

    def _segments(self, which):
        if which == "all":
            return self.switch.segments
        if not which.isdigit() or int(which) >= len(self.switch.segments):
            raise ValueError(f"no segment {which}")
        return [self.switch.segments[int(which)]]

    def _set(self, which, machine, value):
        if machine and machine not in self.switch.machines:
            raise ValueError(f"no machine {machine}")
        for segment in self._segments(which):
            if machine:
                segment.of_port[machine] = value
            else:
                segment.faults = value

    def _cut(self, which, machine=None):
        self._set(which, machine, faults.Faults(cut=True))

    def _heal(self, which, machine=None):
        self._set(which, machine, faults.Faults())

    def _faults(self, which, *words):
        machine = words[0] if words and "=" not in words[0] else None
        self._set(which, machine, faults.read(words[1:] if machine else words))

    def _capture(self, name=None):
        for index, file in self.captures:
            self.switch.files[index].remove(file)
            file.close()
        self.captures = []
        if name and not self.switch.captures:
            raise ValueError("this run captures nothing")
        for index, files in enumerate(self.switch.files) if name else ():
            file = Capture(self.switch.captures / f"{name}.segment{index}.pcap")
            files.append(file)
            self.captures.append((index, file))

    def _dropped(self):
        return str(self.switch.dropped)

    def _give_up(self, case):
        self.given_up.add(case)
        for name in [n for n in self.waiting if n.partition("/")[0] == case]:
            for line in self.waiting.pop(name):
                line.answer(f"error {name}: another machine has given up")

    def _meet(self, line, name, count=None):
        if name.partition("/")[0] in self.given_up:
            raise ValueError("another machine has given up")
        here = self.waiting.setdefault(name, [])
        here.append(line)
        if len(here) >= int(count or len(self.switch.machines)):
            del self.waiting[name]
            for other in here:
                other.answer("ok")
