# SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
"""One QEMU machine: start it, wait for it with limits, always end it."""

import os
import random
import re
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

from . import distress, image, paths

BOOT_LIMIT = {"stock": 240, "debug": 600}  # seconds; the debug kernel takes 80 of a processor's
STALL = 0.2, 1.0  # seconds; a link is lost after 1.9
STALL_CHANCE = 0.03  # at each look, which is ten times a second
ATTEMPTS = 3  # machines for what must not fail because one was unfit, see Vm.unfit
# On a busy host the kernel may take the clock of its processor for a much slower one ("PIT
# calibration deviates from HPET"): then all it waits for is over long before. Its log is younger than
# the machine, unless that is so.
FASTEST = 1.3
QEMU_FELL = "Assertion"  # QEMU itself, not what runs in it
PROBE_LIMIT = 20
QEMU = "qemu-system-x86_64"
# On a busy host, without no_timer_check one boot in some hundred stops with
# "IO-APIC + timer doesn't work".
APPEND = ("console=ttyS0 quiet loglevel=5 panic=-1 oops=panic printk.devkmsg=on"
          " no_timer_check")
# With five-level paging, an interrupt while the kernel identifies the processor
# makes KASAN take good addresses for wild ones.
APPEND_DEBUG = " no5lvl"


def accelerator():
    """'kvm' where a probe boot got through with it, else 'tcg' (remembered)."""
    if not os.access("/dev/kvm", os.R_OK | os.W_OK):
        return "tcg"
    memory = paths.BUILD / "kvm-probe"
    if memory.exists():
        return memory.read_text().strip()
    result = "tcg"
    with tempfile.TemporaryDirectory() as folder:
        probe = Vm("probe", folder, module="none", script="exit 0", accel="kvm")
        try:
            probe.start()
            if probe.wait(PROBE_LIMIT) and probe.exit_code() == 0:
                result = "kvm"
        finally:
            probe.stop()
    paths.BUILD.mkdir(parents=True, exist_ok=True)
    memory.write_text(result + "\n")
    return result


class Vm:
    """A machine whose console is kept as `<name>.serial`, its programs' output as `<name>.out`."""

    def __init__(self, name, logs, kernel="stock", module="none", script="", env=None,
                 files=None, memory=None, cpus=2, netdevs=(), index=1,
                 interactive=False, accel=None, userland=False, line=None):
        self.name, self.kernel, self.module = name, kernel, module
        self.script, self.files = script, files
        self.env = {"LAB_NAME": name, **(env or {})}
        if interactive:
            self.env["LAB_INTERACTIVE"] = "1"
        self.memory = max(memory or 512, 1024 if kernel == "debug" or userland else 0)
        self.cpus, self.netdevs, self.index = cpus, netdevs, index
        self.interactive, self.accel, self.userland = interactive, accel, userland
        self.line = line  # the switch's socket for orders
        logs = Path(logs)
        logs.mkdir(parents=True, exist_ok=True)
        self.logs = logs
        self.serial, self.out = logs / f"{name}.serial", logs / f"{name}.out"
        self.errors = logs / f"{name}.qemu"
        self.process = self.scratch = None
        self.timed_out, self.began = False, 0.0
        self.boot_limit = BOOT_LIMIT[kernel]
        self.pace = None  # how fast its clock runs, once it is up
        self.stalls = False  # whether it stands still now and then, once it is up

    def start(self):
        if not shutil.which(QEMU):
            raise paths.LabError(f"{QEMU} is missing: run inside the toolbox")
        accel = self.accel or accelerator()
        self.scratch = tempfile.TemporaryDirectory(prefix="lab-")
        initrd = image.write_image(Path(self.scratch.name) / "initrd", self.kernel,
                                   self.module, self.script, self.env, self.files,
                                   self.userland)
        command = [
            QEMU, "-accel", accel, "-cpu", "max" if accel == "tcg" else "host",
            "-m", str(self.memory), "-smp", str(self.cpus), "-no-reboot", "-nodefaults",
            "-display", "none", "-kernel", str(paths.vmlinuz(self.kernel)),
            "-initrd", str(initrd), "-serial", f"file:{self.serial}",
            "-append", APPEND + (APPEND_DEBUG if self.kernel == "debug" else "")]
        if self.interactive:
            command += ["-chardev", "stdio,id=tty,mux=on,signal=off",
                        "-serial", "chardev:tty", "-mon", "chardev=tty"]
        else:
            command += ["-serial", f"file:{self.out}"]
        if self.line:
            command += ["-chardev", f"socket,id=line,path={self.line}", "-serial", "chardev:line"]
        for number, path in enumerate(self.netdevs):
            mac = f"52:54:00:00:{number:02x}:{self.index:02x}"
            command += ["-netdev", f"stream,id=n{number},server=off,addr.type=unix,addr.path={path}",
                        "-device", f"virtio-net-pci,netdev=n{number},mac={mac},romfile="]
        quiet = None if self.interactive else subprocess.DEVNULL
        self.began = time.monotonic()
        with open(self.errors, "wb") as errors:
            self.process = subprocess.Popen(
                command, stdin=quiet, stdout=quiet,
                stderr=None if self.interactive else errors)

    def running(self):
        return self.process is not None and self.process.poll() is None

    def rushes(self):
        """What is wrong with the clock of a machine that is up; "" if nothing is."""
        if self.pace is None and self.process and self.out.exists() and self.out.stat().st_size:
            self.pace = clock(self.log()) / (time.monotonic() - self.began)
        return f"its clock runs {self.pace:.0f} times too fast" if (self.pace or 0) > FASTEST else ""

    def unfit(self):
        """Why nothing can be said of what ought to have run: its clock rushes, QEMU itself fell over,
        or the kernel did not get as far as the first program; "" if none. Also while it runs."""
        if why := self.rushes():
            return why
        if self.running() and time.monotonic() - self.began < self.boot_limit:
            return ""
        fell = "" if self.running() else _text(self.errors)
        if QEMU_FELL in fell:
            return f"QEMU fell over ({fell.strip()[:100]})"
        return "" if self.output() else "did not boot: " + " ".join(self.log().split()[-20:])

    def wait(self, limit, silence=None, watch=None, ended=None):
        """Wait for the machine to end by itself; False when it had to be ended.

        `silence` is how long it may say nothing once it is up; `watch` gets each new piece of output;
        once `ended()` is true there is nothing more to wait for.
        """
        began = changed = time.monotonic()
        seen = 0
        while True:
            over = not self.running()
            size = self.out.stat().st_size if self.out.exists() else 0
            now = time.monotonic()
            if size and not seen and self.rushes():
                self.stop()
                return False
            if size > seen:
                if watch:
                    with open(self.out, "rb") as file:
                        file.seek(seen)
                        watch(file.read(size - seen).decode(errors="replace"))
                seen, changed = size, now
            if over:
                return True
            if ended and ended():
                return False
            boot_late = not seen and now - began > self.boot_limit
            silent = silence and seen and now - changed > silence
            if now - began > limit or boot_late or silent:
                self.timed_out = True
                self.stop()
                return False
            if seen and self.stalls and random.random() < STALL_CHANCE:
                self.stall()
            time.sleep(0.1)

    def stall(self):
        """Let it stand still for a moment, as on a host that is too busy. Its clock goes on."""
        self.process.send_signal(signal.SIGSTOP)
        time.sleep(random.uniform(*STALL))
        self.process.send_signal(signal.SIGCONT)

    def stop(self):
        if self.running():
            self.process.terminate()
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(5)
        if self.scratch:
            self.scratch.cleanup()
            self.scratch = None

    def log(self):
        return _text(self.serial)

    def output(self):
        return _text(self.out)

    def exit_code(self):
        """The script's exit code, None when the machine never said it."""
        for line in reversed(self.output().splitlines()):
            if line.startswith("@@@ exit "):
                return int(line.split()[2])
        return None

    def distress(self):
        return distress.find(self.log())


def clock(log):
    """Seconds since its start that the last line of a kernel log tells; 0 of none."""
    stamps = re.findall(r"^\[ *(\d+\.\d+)\]", log, re.M)
    return float(stamps[-1]) if stamps else 0.0


def _text(path):
    if not path.exists():
        return ""
    return path.read_bytes().decode(errors="replace").replace("\r", "")
