# SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
"""Guests that count instructions: one boot, its programs, what they said.

The machine is the same for every row: a nanosecond of guest time is one instruction,
waiting costs nothing, addresses and random numbers are fixed. So a row depends on the
kernel, the module and the programs alone, not on this machine or its load. Two machines
on a wire are the exception: they wait for each other in real time.
"""

import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

TOP = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(TOP / "qemu"))
from lab import image, paths  # noqa: E402

BUILD = paths.BUILD / "bench"
LIMIT = 900
# ERMS, FSRM and FSRS off: with them the kernel copies and clears by "rep movsb" and
# "rep stosb", which count as one instruction for each byte.
QEMU = ["qemu-system-x86_64", "-accel", "tcg", "-cpu", "max,-erms,-fsrm,-fsrs",
        "-seed", "1", "-rtc", "base=2026-01-01,clock=vm",
        "-nodefaults", "-display", "none", "-no-reboot"]
APPEND = "console=ttyS0 quiet panic=-1 oops=panic nokaslr"
KALLSYMS = """
echo '@@@ symbols'
grep -i ' [tw] ' /proc/kallsyms | gzip -1 | base64
echo '@@@ symbols end'
"""
_running = set()
_lock = threading.Lock()


class Failed(Exception):
    """A guest that did not come to its end."""


def program(name):
    """One of the programs of selftests/perf, as `make selftests` leaves it."""
    file = paths.BUILD / "selftests/perf" / name
    if not file.exists():
        raise Failed(f"{file.relative_to(TOP)} is not there: run 'make selftests'")
    return file


def plugin():
    """The QEMU plugin that counts by translation block, compiled."""
    source, target = TOP / "tools/bench/plugin/tbprof.c", BUILD / "tbprof.so"
    with _lock:
        if not target.exists() or target.stat().st_mtime < source.stat().st_mtime:
            target.parent.mkdir(parents=True, exist_ok=True)
            part = target.with_suffix(f".part{os.getpid()}")
            subprocess.run(["gcc-14", "-O2", "-Wall", "-shared", "-fPIC", "-o", part, source], check=True)
            part.rename(target)
    return target


def stop():
    """End every guest that runs."""
    with _lock:
        for child in _running:
            child.kill()


class Guest:
    """One machine. What it says is in `out`, of its kernel in `log`, of the plugin in `prof` and `laps`."""

    def __init__(self, folder, module, script, names, clock, profile=False, cpus=1, memory=512, network=()):
        self.folder, self.module = Path(folder), module
        programs = {f"/bin/{name}": program(name) for name in names}
        initrd = image.write_image(self.folder / "initrd", "stock", module,
                                   script + (KALLSYMS if profile else ""), {"LAB_NAME": "bench"}, programs)
        self.command = [*QEMU, "-icount", f"shift=0,sleep={clock}", "-smp", str(cpus), "-m", str(memory),
                        "-kernel", str(paths.vmlinuz("stock")), "-initrd", str(initrd), "-append", APPEND,
                        "-serial", f"file:{folder}/log", "-serial", f"file:{folder}/out", *network]
        self.child = None

    def count(self):
        """Have the plugin count: blocks in `prof`, laps in `laps`."""
        self.command += ["-plugin", f"{plugin()},out={self.folder}/prof,laps={self.folder}/laps"]

    def start(self):
        self.child = subprocess.Popen(self.command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                      stderr=subprocess.STDOUT, text=True)
        with _lock:
            _running.add(self.child)

    def read(self, name):
        file = self.folder / name
        return file.read_text(errors="replace").replace("\r", "") if file.exists() else ""

    def end(self, limit=LIMIT):
        """Wait for it and for its script to have ended well."""
        try:
            complaint, _ = self.child.communicate(timeout=limit)
        except subprocess.TimeoutExpired:
            complaint = f"no end within {limit} s"
        if "@@@ exit 0" not in self.read("out"):
            raise Failed(f"the guest with module '{self.module}' failed: {complaint}\n"
                         f"{self.read('log')[-3000:]}\n{self.read('out')[-1500:]}")

    def leave(self):
        """Have it end as it is; what the plugin has counted is written then."""
        self.child.terminate()
        self.child.communicate(timeout=60)

    def stop(self):
        if self.child:
            self.child.kill()
            self.child.wait()
            with _lock:
                _running.discard(self.child)


def boot(module, script, names, profile=False, laps=False, cpus=1, memory=512, limit=LIMIT):
    """One boot of a script with these programs; (what it said, the plugin's counts, its laps)."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        guest = Guest(folder, module, script, names, "off", profile, cpus, memory)
        if profile or laps:
            guest.count()
        try:
            guest.start()
            guest.end(limit)
        finally:
            guest.stop()
        return guest.read("out"), guest.read("prof"), lap_lines(guest.read("laps"))


def pair(module, near, far, names, profile=False):
    """Two machines and a wire from virtio card to virtio card: ((said, laps, plugin's counts) of the near, of the
    far one). The near one has its symbols if they are to be profiled.

    They wait for each other in real time, so only the plugin can count. The far one runs until the near
    one has ended.
    """
    def card(number, server):
        return ["-netdev", f"stream,id=n0,server={server},addr.type=unix,addr.path={wire}", "-device",
                f"virtio-net-pci,netdev=n0,mac=52:54:00:00:00:{number:02x},romfile="]

    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        wire = Path(folder) / "wire"
        guests = []
        try:
            for number, (script, server) in enumerate([(far, "on"), (near, "off")], 1):
                place = Path(folder) / str(number)
                place.mkdir()
                guest = Guest(place, module, script, names, "on", profile and script is near, network=card(number, server))
                guests.append(guest)
                guest.count()
                guest.start()
                limit = time.monotonic() + 60
                while not wire.exists():
                    if time.monotonic() > limit or guest.child.poll() is not None:
                        raise Failed(f"no wire: {guest.child.communicate(timeout=5)[0]}")
                    time.sleep(0.05)
            guests[1].end()
            if profile:
                guests[0].leave()
        finally:
            for guest in guests:
                guest.stop()
        return tuple((g.read("out"), lap_lines(g.read("laps")), g.read("prof")) for g in reversed(guests))


def lap_lines(text):
    """A list of laps for each line; what came after the last lap is left out if there were laps."""
    lines = [list(map(int, line.split())) for line in text.splitlines()]
    return [line[:-1] or line for line in lines]


def rows(said):
    """{row: (number, bytes that went, bytes that had to)} of what a guest said, {row: why} of what failed."""
    found, failed = {}, {}
    for line in said.splitlines():
        field = line.split("\t")
        if field[0] == "row" and len(field) == 5 and field[2].lstrip("-").isdigit():
            found[field[1]] = tuple(map(int, field[2:]))
        elif field[0] == "row" and len(field) == 4 and field[3].isdigit():
            found[f"{field[1]}/{field[2]}"] = (int(field[3]), 0, 0)
        elif field[0] == "failed" and len(field) == 3:
            failed[field[1]] = f"status {field[2]}"
    return found, failed
