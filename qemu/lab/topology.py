# SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
"""Topologies: which machines, on which wires, running what.

    [lab]
    timeout = 120           # seconds for the whole run
    capture = false         # true: write build/logs/<run>/segment<i>.pcap; "named": by order only
    same = [["a", "b"]]     # what machine a says, part by part ("== PART"), is what b says
    seed = 1                # of the wires' faults
    cases = ["a", "b"]      # what each machine's script reports: `ok - a`, `not ok - b # why`

    mixes, reference, stories, judged, long    # see qemu/interop and selftests/interop/pair.toml

    [[fault]]               # from the start; `wire` in a machine changes it (lab/orders.py)
    segment = 0
    machine = "NAME"        # only frames from and to it; without this, all
    loss = 0.01             # also duplicate, reorder (probabilities), delay, jitter (ms), cut

    [vm.NAME]
    kernel = "stock"        # or "debug"
    module = "ours"         # or "c", "none"
    nics = 1                # network card i is on segment i
    memory = 512
    cpus = 2
    background = false      # true: stopped when the others have ended
    userland = false        # true: with Python, ZeroMQ and socat
    files = { "/guest/path" = "path/in/checkout" }
    script = "shell text"
"""

import functools
import re
import tempfile
import time
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

from . import faults, ktap, paths
from .switch import Switch
from .vm import ATTEMPTS, Vm


CASE = re.compile(r"(not )?ok - (\S+)(?: # (.*))?$")


@dataclass
class Machine:
    name: str
    kernel: str = "stock"
    module: str = "ours"
    nics: int = 1
    memory: int = 512
    cpus: int = 2
    background: bool = False
    userland: bool = False
    files: dict = field(default_factory=dict)
    env: dict = field(default_factory=dict)
    script: str = ""
    interactive: bool = False


@dataclass
class Topology:
    machines: list
    timeout: float = 180
    capture: object = False
    seed: int = 1
    cases: list = field(default_factory=list)
    mixes: dict = field(default_factory=dict)  # {name: module of each machine}
    reference: str = ""  # cases that C alone runs
    stories: list = field(default_factory=list)  # captures whose story is compared
    judged: list = field(default_factory=list)  # captures that tshark judges
    long: list = field(default_factory=list)  # the cases of a soak
    same: list = field(default_factory=list)
    faults: list = field(default_factory=list)  # [(segment, machine or None, Faults)]


def load(path):
    """Read and check a topology file."""
    with open(path, "rb") as file:
        try:
            data = tomllib.load(file)
        except tomllib.TOMLDecodeError as error:
            raise paths.LabError(f"{path}: {error}") from error
    machines = []
    for name, entry in data.get("vm", {}).items():
        try:
            machine = Machine(name=name, **entry)
        except TypeError as error:
            raise paths.LabError(f"{path}: [vm.{name}]: {error}") from error
        if machine.kernel not in paths.KERNELS or machine.module not in paths.MODULES:
            raise paths.LabError(f"{path}: [vm.{name}]: unknown kernel or module")
        machine.files = {g: paths.TOP / h for g, h in machine.files.items()}
        machines.append(machine)
    if not machines:
        raise paths.LabError(f"{path}: no [vm.NAME] in it")
    try:
        found = [_fault(entry, machines) for entry in data.get("fault", [])]
        return Topology(machines, faults=found, **data.get("lab", {}))
    except (TypeError, ValueError) as error:
        raise paths.LabError(f"{path}: [lab] or [[fault]]: {error}") from error


def _fault(entry, machines):
    segment, name = entry.pop("segment", 0), entry.pop("machine", None)
    if name and name not in [m.name for m in machines]:
        raise ValueError(f"no machine {name}")
    if segment not in range(max(m.nics for m in machines)):
        raise ValueError(f"no segment {segment}")
    return segment, name, faults.Faults(**entry)


class Run:
    """A topology with its machines started; a context manager that ends all of it."""

    def __init__(self, topology, name):
        self.topology = topology
        self.logs = paths.LOGS / name
        self.vms, self.switch, self.scratch = {}, None, None
        self.why_unfit = ""

    def __enter__(self):
        self.logs.mkdir(parents=True, exist_ok=True)
        for old in self.logs.iterdir():
            old.unlink()
        self.scratch = tempfile.TemporaryDirectory(prefix="wire-")
        count = max(m.nics for m in self.topology.machines)
        capture = self.logs if self.topology.capture else None
        self.switch = Switch(self.scratch.name, count, capture, self.topology.seed,
                             [m.name for m in self.topology.machines], self.topology.capture is True)
        for segment, machine, value in self.topology.faults:
            if machine:
                self.switch.segments[segment].of_port[machine] = value
            else:
                self.switch.segments[segment].faults = value
        try:
            for index, m in enumerate(self.topology.machines, 1):
                vm = Vm(m.name, self.logs, kernel=m.kernel, module=m.module, script=m.script,
                        env={"LAB_INDEX": index, "LAB_COUNT": len(self.topology.machines), **m.env},
                        files=m.files, memory=m.memory, cpus=m.cpus, index=index,
                        netdevs=[self.switch.path(i, m.name) for i in range(m.nics)],
                        line=self.switch.line(m.name), interactive=m.interactive, userland=m.userland)
                # One that is not up when the time is over did not boot.
                vm.boot_limit = min(vm.boot_limit, self.topology.timeout)
                self.vms[m.name] = vm
                vm.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for vm in self.vms.values():
            vm.stop()
        if self.switch:
            self.switch.stop()
        if self.scratch:
            self.scratch.cleanup()

    def wait(self):
        """Wait for all machines that are not in the background; [(name, verdict, notes)]."""
        limit = time.monotonic() + self.topology.timeout
        for m in self.topology.machines:
            if not m.background:
                self.vms[m.name].wait(max(0.1, limit - time.monotonic()),
                                      ended=lambda: self.crashed() or self.unfit())
        self.why_unfit = self.unfit()
        for vm in self.vms.values():
            vm.stop()
        return [self._verdict(m) for m in self.topology.machines]

    def unfit(self):
        """Why the run says nothing of the modules, see `Vm.unfit`; else ""."""
        return next((f"{n} {why}" for n, vm in self.vms.items() if (why := vm.unfit())), "")

    def crashed(self):
        """The first machine that is gone without having said how it ended; else None."""
        gone = (vm for vm in self.vms.values() if not vm.running() and vm.exit_code() is None)
        return next(gone, None)

    def cases(self):
        """{case: (PASS or FAIL, why)}: a case has passed if every machine in the foreground says so."""
        said = {m.name: {} for m in self.topology.machines if not m.background}
        for name, results in said.items():
            for line in self.vms[name].output().splitlines():
                if match := CASE.match(line):
                    results[match[2]] = (not match[1], match[3] or "")
        names = dict.fromkeys([*self.topology.cases, *(c for r in said.values() for c in r)])
        return {case: self._case(case, said) for case in names}

    def _case(self, case, said):
        bad = [f"{name}: {results[case][1]}" if case in results else f"{name} did not say"
               for name, results in said.items() if not results.get(case, (False,))[0]]
        if case not in self.topology.cases:
            bad.append("not among the topology's cases")
        return (ktap.FAIL, "; ".join(bad)) if bad else (ktap.PASS, "")

    def _verdict(self, machine):
        vm = self.vms[machine.name]
        notes = [f"kernel log: {line}" for _, line in vm.distress()[:5]]
        code = vm.exit_code()
        if not machine.background or code is not None:
            if vm.timed_out:
                notes.append("did not end in time")
            elif code is None:
                notes.append("stopped without a result (crashed?) " + _text(vm.errors))
            elif code:
                notes.append(f"script ended with {code}")
        elif "@@@ up" not in vm.output():
            notes.append("never came up")
        return machine.name, not notes, notes


def complete(make, name, title, say=functools.partial(print, flush=True)):
    """Run the topology that `make()` gives to its end; (Run, verdicts). Again if a machine did not
    even boot, as on a host that is too busy."""
    for left in reversed(range(ATTEMPTS)):
        with Run(make(), name) as run:
            verdicts = run.wait()
        if not run.why_unfit or not left:
            return run, verdicts
        say(f"    {title}: {run.why_unfit}, once more")


def _text(path):
    return Path(path).read_text(errors="replace").strip()[:300] if Path(path).exists() else ""
