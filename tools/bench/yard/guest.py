# SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
"""Guests that count instructions: one boot, its programs, what they said.

The machine is the same for every row: a nanosecond of guest time is one instruction,
waiting costs nothing, addresses and random numbers are fixed. So a row depends on the
kernel, the module and the programs alone, not on this machine or its load.
"""

import os
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

TOP = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(TOP / "qemu"))
from lab import image, paths  # noqa: E402

BUILD = paths.BUILD / "bench"
LIMIT = 900
# ERMS, FSRM and FSRS off: with them the kernel copies and clears by "rep movsb" and
# "rep stosb", which count as one instruction for each byte.
QEMU = ["qemu-system-x86_64", "-accel", "tcg", "-cpu", "max,-erms,-fsrm,-fsrs",
        "-icount", "shift=0,sleep=off", "-seed", "1", "-rtc", "base=2026-01-01,clock=vm",
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


def compile_c(target, source, *flags):
    target.parent.mkdir(parents=True, exist_ok=True)
    newest = max(f.stat().st_mtime for f in [source, *source.parent.glob("*.h")])
    if not target.exists() or target.stat().st_mtime < newest:
        part = target.with_suffix(f".part{os.getpid()}-{threading.get_ident()}")
        subprocess.run(["gcc-14", "-O2", "-Wall", *flags, "-o", part, source], check=True)
        part.rename(target)
    return target


def program(name):
    """One of the programs of selftests/perf, compiled."""
    return compile_c(BUILD / name, TOP / f"selftests/perf/{name}.c", "-static", "-D_GNU_SOURCE")


def plugin():
    """The QEMU plugin that counts by translation block."""
    return compile_c(BUILD / "tbprof.so", TOP / "tools/bench/plugin/tbprof.c", "-shared", "-fPIC")


def stop():
    """End every guest that runs."""
    with _lock:
        for child in _running:
            child.kill()


def boot(module, script, names, profile=False, cpus=1, memory=512):
    """One boot of a script with these programs; (what it said, the plugin's counts)."""
    programs = {f"/bin/{name}": program(name) for name in names}
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        folder = Path(folder)
        initrd = image.write_image(folder / "initrd", "stock", module,
                                   script + (KALLSYMS if profile else ""), {"LAB_NAME": "bench"}, programs)
        command = [*QEMU, "-smp", str(cpus), "-m", str(memory),
                   "-kernel", str(paths.vmlinuz("stock")), "-initrd", str(initrd),
                   "-append", APPEND, "-serial", f"file:{folder}/log", "-serial", f"file:{folder}/out"]
        if profile:
            command += ["-plugin", f"{plugin()},out={folder}/prof"]
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                 stderr=subprocess.STDOUT, text=True)
        with _lock:
            _running.add(child)
        try:
            complaint, _ = child.communicate(timeout=LIMIT)
        except subprocess.TimeoutExpired:
            complaint = f"no end within {LIMIT} s"
        finally:
            child.kill()
            child.wait()
            with _lock:
                _running.discard(child)
        read = lambda name: (folder / name).read_text(errors="replace").replace("\r", "") \
            if (folder / name).exists() else ""
        said = read("out")
        if "@@@ exit 0" not in said:
            raise Failed(f"the guest with module '{module}' failed: {complaint}\n"
                         f"{read('log')[-3000:]}\n{said[-1500:]}")
        return said, read("prof")


def rows(said):
    """{row: (instructions, frames)} of what a guest said, {row: why} of what failed."""
    found, failed = {}, {}
    for line in said.splitlines():
        field = line.split("\t")
        if field[0] == "row" and len(field) == 4 and field[2].isdigit():
            name = field[1] if "/" in field[1] else f"{field[1]}/{field[2]}"
            found[name] = (int(field[2]), int(field[3])) if "/" in field[1] else (int(field[3]), 0)
        elif field[0] == "failed" and len(field) == 3:
            failed[field[1]] = f"status {field[2]}"
    return found, failed
