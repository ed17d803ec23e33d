# SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
"""The terminal side of machines somebody types into."""

import sys
import termios

from . import paths, userland

# What a person types by its name alone.
PATH = "/tests/examples:/usr/sbin:/usr/bin:/sbin:/bin"
GREETING = """
AF_TIPC lab, module: {module}, kernel: {kernel}. Leave with 'exit' or Ctrl-D
(Ctrl-A x stops the machine at once). Kernel messages: dmesg.
"""


def files(module, kernel, tests=True):
    """Files an interactive machine gets: a greeting and the test programs."""
    text = GREETING.format(module=module, kernel=kernel)
    found = {}
    if tests and paths.SELFTESTS.exists():
        for path in sorted(paths.SELFTESTS.glob("*/*")):
            if path.is_file() and path.stat().st_mode & 0o100:
                found[f"/tests/{path.parent.name}/{path.name}"] = path
        found.update(userland.examples())
        if found:
            text += ("Test programs are below /tests; the examples are commands: serve, ask, stream,\n"
                     "subscribe, shout, tipc-pipe (--help tells more). tipc, ss, ip and strace are there.\n")
    found["/lab/greeting"] = text.encode()
    return found


class Terminal:
    """Keeps the terminal's settings and puts them back, whatever QEMU did to them."""

    def __enter__(self):
        self.saved = termios.tcgetattr(0) if sys.stdin.isatty() else None
        return self

    def __exit__(self, *_):
        if self.saved:
            termios.tcsetattr(0, termios.TCSADRAIN, self.saved)
            print()
