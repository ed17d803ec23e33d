# SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
"""Runs all test programs against one module and collects one verdict per subtest.

All programs run in one boot. When a program brings the machine down, that
program has failed and the rest get a new machine. A test that is a folder
(`selftests/programs/<name>`) is a real program: its `run` is started in a machine
that has the userland too. One that is a script (`selftests/<room>/<name>.sh`) has
a subtest for each part of what it says, see `said`.
"""

import contextlib
import fcntl
import os
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from . import distress, ktap, paths, said, userland
from .vm import ATTEMPTS, Vm

# Seconds for a program; how many times as long its subtests may take as they say.
LIMITS = {"stock": 150, "debug": 900}
SLOW = {"stock": 1, "debug": 4}
KEEPS_OUT = {"perf", "demo", "lib", "lab", "examples", "interop"}
# They count up to limits of tens of thousands, which takes minutes on the debug kernel; others take the same
# ways there, in small numbers. Not run there unless asked for by `only`.
TO_THE_LIMIT = {"names/many", "socket/limits", "topsrv/limits"}
# On the debug kernel these rooms come first: memory and locks are what it is there for, and if time runs out it
# is the others that are not run.
FIRST = ["fault", "hostile", "nodes", "stress", "conn", "topsrv"]
NO_TIME = "not run: no time left"
LAST_BEGIN = 300  # seconds before the end of the time; what begins then may take LIMITS
MOST_BOOTS = 8
MOST_IDLE = 2  # of them in a row without any program begun, as on a host that is too busy
HOLDER = "/lab/hold"
PROGRAM = "(program)"
LOG = "(kernel log)"

GUEST = r"""
cd /tmp
run_test() {
	echo; echo "@@@ begin $1"
	if [ "$(sed 's/\..*//' /proc/uptime)" -ge "$LAB_UNTIL" ]; then
		echo "$LAB_NO_TIME"
		echo "@@@ end $1 4"
		return
	fi
	echo "<6>lab: begin $1" >/dev/kmsg
	run=/tests/$1
	[ -d $run ] && run=$run/run
	timeout -s KILL $LAB_LIMIT $run 2>&1
	code=$?
	kill -9 -1 2>/dev/null
	echo "<6>lab: end $1" >/dev/kmsg
	echo; echo "@@@ end $1 $code"
}
"""

# A socket is in use until its grace period has passed, and a namespace until it is taken down.
AWAY = r"""
away() {
	for try in $(seq 30); do
		[ -d /sys/module/tipc_diag ] && rmmod tipc_diag
		rmmod tipc && return 0
		sleep 1
	done
	return 1
}
"""

# A module with an open socket says busy and stays.
# rows 14.6, 14.8: lab/module:load, lab/module:busy
BUSY = r"""
echo; echo "@@@ begin lab/busy"
[ -d /sys/module/tipc_diag ] && rmmod tipc_diag
/lab/hold >/tmp/held &
for i in $(seq 100); do
	[ -s /tmp/held ] && break
	usleep 200000
done
bad=0
rmmod tipc 2>/tmp/said && bad=1
cat /tmp/said
grep -qiE "in use|busy|temporarily unavailable" /tmp/said || bad=1
[ -d /sys/module/tipc ] || bad=1
kill -9 $!
wait $! 2>/dev/null
echo; echo "@@@ end lab/busy $bad"
"""

# rows 14.8, 4.17: lab/module:unload
UNLOAD = r"""
echo; echo "@@@ begin lab/unload"
bad=0
away && [ ! -d /sys/module/tipc ] || bad=1
[ $bad = 0 ] || lsmod
echo "@@@ end lab/unload $bad"
"""

# Loaded and unloaded while namespaces, some with bound sockets, come and go.
# rows 14.8, 14.9: lab/module:namespaces
NAMESPACES = r"""
echo; echo "@@@ begin lab/namespaces"
rm -f /tmp/stop
for i in 1 2; do
	while [ ! -e /tmp/stop ]; do unshare -n true; done &
done
bad=0
for i in 1 2 3 4 5 6 7 8; do
	insmod /lab/modules/tipc.ko || bad=1
	unshare -n timeout -s KILL 1 /lab/hold
	away || bad=1
done
touch /tmp/stop
wait
echo; echo "@@@ end lab/namespaces $bad"
"""

# Ours does not load beside another TIPC, says why, and leaves the other at work. As the
# kernel itself refuses a second module of the same name, ours also tries under another.
BESIDE = r"""
echo; echo "@@@ begin lab/beside"
bad=0
insmod /lab/ours/tipc.ko && bad=1
dmesg -c >/dev/null
insmod /lab/ours/tipx.ko && bad=1
dmesg
dmesg | grep -q "cannot register AF_TIPC" || bad=1
[ -d /sys/module/tipx ] && bad=1
/lab/hold once || bad=1
away || bad=1
insmod /lab/ours/tipc.ko && /lab/hold once && away || bad=1
echo; echo "@@@ end lab/beside $bad"
"""

# What namespaces leave behind is freed in its own time: only what stays is a leak.
LEAKS = r"""
echo; echo "@@@ begin lab/leaks"
k=/sys/kernel/debug/kmemleak
if [ -e $k ]; then
	sleep 6; echo scan >$k
	for wait in 6 10 10 10; do
		sleep $wait
		echo scan >$k && cat $k >/tmp/leaks || echo "kmemleak is off" >/tmp/leaks
		[ -s /tmp/leaks ] || break
	done
	cat /tmp/leaks
	cat /tmp/leaks >/dev/ttyS0
	[ ! -s /tmp/leaks ]
	echo "@@@ end lab/leaks $?"
else
	echo "no kmemleak"; echo "@@@ end lab/leaks 99"
fi
"""


def programs(kernel, only=None):
    """{room/name: path} of the test programs for a kernel; a real program's path is a folder."""
    found = {f"programs/{p.parent.name}": p.parent for p in sorted(paths.PROGRAMS.glob("*/run"))}
    for path in sorted(paths.SELFTESTS.glob("*/*")) if paths.SELFTESTS.exists() else []:
        room, name = path.parent.name, f"{path.parent.name}/{path.name}"
        if not path.is_file() or not path.stat().st_mode & 0o100 or "." in path.name:
            continue
        if room not in KEEPS_OUT and (room != "fault" or kernel == "debug"):
            found[name] = path
    found.update({f"{p.parent.name}/{p.name}": p for p in sorted(paths.SCRIPTS.glob("*/*.sh"))
                  if p.parent.name not in KEEPS_OUT})
    if kernel == "debug":
        found = dict(sorted(found.items(), key=lambda item: _rank(item[0])))
    if kernel == "debug" and not only:
        return {name: path for name, path in found.items() if name not in TO_THE_LIMIT}
    return {name: path for name, path in found.items() if not only or re.search(only, name)}


def _rank(name):
    room = name.split("/")[0]
    return FIRST.index(room) if room in FIRST else len(FIRST)


def guest_files(tests):
    """{path in the guest: path here} of what the tests need."""
    files = {f"/tests/{t}": p for t, p in tests.items() if not p.is_dir()}
    files.update({f"/lab/{p.name}": p for p in (paths.SELFTESTS / "lab").iterdir()})
    files.update({f"/tests/lib/{p.name}": p for p in paths.SCRIPTS.glob("lib/*.sh")})
    folders = [p for p in tests.values() if p.is_dir()]
    if folders:
        for path in [p for f in [*folders, paths.PROGRAMS / "lib"] for p in f.iterdir() if p.is_file()]:
            files[f"/tests/programs/{path.parent.name}/{path.name}"] = path
        files.update(userland.examples())
    return files


@dataclass
class Verdicts:
    """{(room/test, subtest): (status, note)} of one module."""

    rows: dict = field(default_factory=dict)
    same: dict = field(default_factory=dict)  # {room/test: what must be alike on all modules}
    excerpts: list = field(default_factory=list)
    said: dict = field(default_factory=dict)  # {room/script.sh: {subtest: lines}}

    def put(self, test, subtest, status, note=""):
        old = self.rows.get((test, subtest))
        if old is None or old[0] != ktap.FAIL:
            self.rows[(test, subtest)] = (status, note)


def sections(output):
    """{name: (text, exit code or None when it never ended)} from the markers."""
    found, name, lines = {}, None, []
    for line in output.splitlines():
        begin = re.match(r"@@@ begin (\S+)$", line)
        end = re.match(r"@@@ end (\S+) (\d+)$", line)
        if begin:
            name, lines = begin.group(1), []
            found[name] = ("", None)
        elif end and end.group(1) == name:
            found[name] = ("\n".join(lines), int(end.group(2)))
            name = None
        elif name:
            lines.append(line)
            found[name] = ("\n".join(lines), None)
    return found


def judge_script(verdicts, test, text, code, limit):
    """Enter what a script said: whether that is right it says itself, or `said.compare` does."""
    parts = verdicts.said[test] = said.parts(text)
    for subtest, lines in parts.items():
        wrong = [line for line in lines if line.startswith(said.WRONG)]
        verdicts.put(test, subtest, ktap.FAIL if wrong else ktap.PASS, "; ".join(wrong))
    if code:
        why = f"killed (limit {limit} s)" if code == 137 else f"exit code {code}"
        verdicts.put(test, PROGRAM, ktap.FAIL, why)
    if code is None or not parts:
        verdicts.put(test, PROGRAM, ktap.FAIL, "the machine stopped" if code is None else "it said nothing")


def judge_program(verdicts, test, text, code, limit):
    """Enter the results of one program."""
    if code == 4 and not re.search(r"^\s*(not )?ok\b", text, re.M):
        verdicts.put(test, PROGRAM, ktap.SKIP, (text.strip().splitlines() or [""])[-1])
        return
    report = ktap.parse(text)
    if same := re.findall(r"^# same: (.+)$", text, re.M):
        verdicts.same[test] = same
    for name, status, note in report.results:
        verdicts.put(test, name, status, note)
    complaints = list(report.errors)
    if code is None:
        complaints.insert(0, "the machine stopped during this test")
    elif code == 137:
        complaints.insert(0, f"killed (limit {limit} s)")
    elif code == 4 and all(s == ktap.SKIP for _, s, _ in report.results):
        pass  # what it needs is not there, subtest by subtest
    elif code and not any(s == ktap.FAIL for _, s, _ in report.results):
        complaints.insert(0, f"exit code {code} though no subtest failed")
    if complaints:
        verdicts.put(test, PROGRAM, ktap.FAIL, "; ".join(complaints))


@dataclass
class Terms:
    """What holds for all machines of a run."""
    kernel: str
    module: str
    logs: Path
    say: Callable = print
    until: float = None  # seconds since 1970
    stalls: bool = False  # whether they stand still now and then

    def late(self):
        """Whether there is no time for another machine."""
        return bool(self.until) and time.time() > self.until


def _beside(verdicts, terms):
    """lab/module:beside_c, in a machine of its own with C loaded."""
    ours = paths.our_module(terms.kernel).read_bytes()
    name = b"tipc".ljust(56, b"\0")  # as it stands in struct module
    files = {"/lab/ours/tipc.ko": ours,
             "/lab/ours/tipx.ko": ours.replace(name, name.replace(b"tipc", b"tipx")),
             HOLDER: paths.SELFTESTS / "lab" / "hold"}
    for attempt in range(1, ATTEMPTS + 1):
        if terms.late():
            verdicts.put("lab/module", "beside_c", ktap.SKIP, NO_TIME)
            return
        terms.say("    ours: beside C")
        vm = Vm(f"beside{attempt}", terms.logs, kernel=terms.kernel, module="c", script=AWAY + BESIDE, files=files)
        try:
            vm.start()
            vm.wait(vm.boot_limit + 300)
        finally:
            vm.stop()
        unfit = vm.unfit()
        if not unfit:
            break
        terms.say(f"    ours: {unfit}")
    text, code = sections(vm.output()).get("lab/beside", (vm.output(), None))
    found = vm.distress()
    why = unfit or (found[0][1] if found else " ".join(text.split())[-300:])
    good = code == 0 and not found and not unfit
    verdicts.put("lab/module", "beside_c", ktap.PASS if good else ktap.FAIL, "" if good else why)


@contextlib.contextmanager
def own(logs):
    """A folder for logs, emptied, that no other run may have meanwhile."""
    logs.mkdir(parents=True, exist_ok=True)
    fd = os.open(logs, os.O_RDONLY)
    try:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise paths.LabError(f"{logs} is another run's, which has not ended: wait, or use another checkout")
        for old in logs.iterdir():
            old.unlink()
        yield logs
    finally:
        os.close(fd)


def run(kernel, module, tests, say=print, only=None, until=None, again=False, stalls=False):
    """Run `tests` ({name: path}) against a module; the Verdicts. Nothing begins after `until` (seconds
    since 1970), and no program in the last minutes before. `again`: keep the logs of the run before.
    `stalls`: the machines stand still now and then."""
    with own(paths.LOGS / (f"suite-{kernel}-{module}" + ("-again" if again else ""))) as logs:
        return _run(Terms(kernel, module, logs, say, until, stalls), tests, only)


def _run(terms, tests, only):
    verdicts, module = Verdicts(), terms.module
    left, idle = list(tests), 0
    never = (ktap.FAIL, "never ran")
    for boot in range(1, MOST_BOOTS + 1):
        if terms.late():
            never = (ktap.SKIP, NO_TIME)
            break
        done, unfit = _boot(verdicts, terms, {t: tests[t] for t in left}, boot)
        left = [t for t in left if t not in done]
        idle = 0 if done else idle + 1
        if unfit:
            terms.say(f"    {module}: {unfit}")
        if not (left or unfit) or idle > MOST_IDLE:
            break
        terms.say(f"    the machine stopped; {len(left)} programs go on in a new one, once more")
    for test in left:
        verdicts.put(test, PROGRAM, *never)
    if module == "ours" and (only is None or re.search(only, "lab/module")):
        _beside(verdicts, terms)
    ends = [("lab/module", e) for e in ("load", "busy", "unload", "namespaces")]
    if terms.kernel == "debug":
        ends.append(("lab/memory", "leaks"))
    for key in ends:
        if key not in verdicts.rows:
            verdicts.put(*key, *never)
    return verdicts


def _boot(verdicts, terms, tests, boot):
    """(what is done of `tests`, why the machine was unfit or "") of one machine."""
    kernel, limit = terms.kernel, LIMITS[terms.kernel]
    script = AWAY + GUEST + "".join(f"run_test {t}\n" for t in tests)
    script += BUSY + UNLOAD + NAMESPACES
    rest = max(0, int(terms.until - LAST_BEGIN - time.time())) if terms.until else 10 ** 6
    env = {"LAB_LIMIT": limit, "KTAP_SLOW": SLOW[kernel], "PYTHONPATH": "/tests/programs/lib",
           "LAB_UNTIL": rest, "LAB_NO_TIME": NO_TIME}
    if kernel == "debug":
        script += LEAKS
        env["LAB_LEAKS"] = "1"
    files = guest_files(tests)
    vm = Vm(f"boot{boot}", terms.logs, kernel=kernel, module=terms.module, script=script, env=env, files=files,
            userland=any(p.is_dir() for p in tests.values()))
    vm.stalls = terms.stalls

    def watch(piece):
        for name in re.findall(r"^@@@ begin (\S+)", piece.replace("\r", ""), re.M):
            terms.say(f"    {terms.module}: {name}")

    try:
        vm.start()
        vm.wait(vm.boot_limit + (len(tests) + 2) * (limit + 10), silence=limit + 90, watch=watch)
    finally:
        vm.stop()
    output, unfit = vm.output(), vm.unfit()
    # What stops a machine that is up, before the first program, is the module's doing, unless it is QEMU's.
    if unfit and (vm.rushes() or "@@@ begin" not in output):
        return set(), unfit
    done = sections(output)
    if unfit:  # QEMU fell over: not the fault of what it was at
        done = {name: section for name, section in done.items() if section[1] is not None}
    loaded = "@@@ loaded" in output
    verdicts.put("lab/module", "load", ktap.PASS if loaded else ktap.FAIL,
                 "" if loaded else " ".join(output.split()[-40:]))
    for test in tests:
        if test in done and done[test][0].strip() == NO_TIME:
            verdicts.put(test, PROGRAM, ktap.SKIP, NO_TIME)
        elif test in done:
            judge = judge_script if test.endswith(".sh") else judge_program
            judge(verdicts, test, *done[test], limit)
    _judge_end(verdicts, done, vm)
    return set(done) & set(tests), unfit


def _judge_end(verdicts, done, vm):
    for section, test, subtest in (("lab/busy", "lab/module", "busy"),
                                   ("lab/unload", "lab/module", "unload"),
                                   ("lab/namespaces", "lab/module", "namespaces"),
                                   ("lab/leaks", "lab/memory", "leaks")):
        if section in done:
            text, code = done[section]
            status = ktap.PASS if code == 0 else ktap.FAIL
            verdicts.put(test, subtest, status, "" if code == 0 else text.strip()[:200])
    log = vm.log()
    outside = ""
    for test, line in distress.find(log):
        if test in done:
            verdicts.put(test, LOG, ktap.FAIL, line)
        elif not test:
            outside = outside or line
    verdicts.put("lab/log", "clean", ktap.FAIL if outside else ktap.PASS, outside)
    if excerpt := distress.excerpt(log):
        verdicts.excerpts.append(excerpt)
