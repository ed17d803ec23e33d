# SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
"""Tests of the lab's own judgement: python3 -m unittest discover qemu"""

import importlib.machinery
import importlib.util
import random
import socket
import struct
import subprocess
import tempfile
import time
import unittest
from pathlib import Path
from unittest import mock

from lab import distress, faults, judge, ktap, paths, said, topology, trial, vm
from lab.switch import Switch


def program(name):
    """A program of qemu/ as a module."""
    loader = importlib.machinery.SourceFileLoader(name, str(paths.TOP / "qemu" / name))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(name, loader))
    loader.exec_module(module)
    return module


def statuses(text):
    return [(n, s) for n, s, _ in ktap.parse(text).results]


class Said(unittest.TestCase):
    C = ("== a\nsocket 30\n  bound to {1,1,1}\nsocket 40\n  connected to 0:50 via {2,3}\n"
         "socket 50\n  connected to 0:40 via {2,3}\n== b\nhello\n"
         "900 1 2 node 30\n1000 1 2 node 40 n\n")
    OURS = ("== a\nsocket 7\n  connected to 0:6 via {2,3}\nsocket 6\n  connected to 0:7 via {2,3}\n"
            "socket 8\n  bound to {1,1,1}\n== b\nhello\n"
            "1000 1 2 node 6 n\n900 1 2 node 8\n")

    def verdict(self, ours):
        verdicts = {"ours": trial.Verdicts(), "c": trial.Verdicts()}
        trial.judge_script(verdicts["ours"], "t.sh", ours, 0, 1)
        trial.judge_script(verdicts["c"], "t.sh", self.C, 0, 1)
        said.compare(verdicts)
        return {k[1]: v[0] for k, v in verdicts["ours"].rows.items()}

    def test_the_same(self):
        self.assertEqual(self.verdict(self.OURS), {"a": "ok", "b": "ok"})

    def test_another_thing(self):
        self.assertEqual(self.verdict(self.OURS.replace("hello", "hallo")), {"a": "ok", "b": "FAIL"})
        self.assertEqual(self.verdict(self.OURS.replace("{2,3}", "{2,4}", 1)), {"a": "FAIL", "b": "ok"})
        self.assertEqual(self.verdict(self.OURS.replace("0:6", "0:8")), {"a": "FAIL", "b": "ok"})
        self.assertEqual(self.verdict(self.OURS.split("== b")[0]), {"a": "ok", "b": "FAIL"})

    def test_wrong_by_itself(self):
        for ours, c, wanted in (("right", "wrong: x", ("ok", "FAIL")), ("wrong: y", "wrong: x", ("FAIL", "FAIL")),
                                ("wrong: x", "right", ("FAIL", "ok")), ("right", "right", ("ok", "ok"))):
            verdicts = {"ours": trial.Verdicts(), "c": trial.Verdicts()}
            for module, text in (("ours", ours), ("c", c)):
                trial.judge_script(verdicts[module], "t.sh", f"== a\n{text}\n", 0, 1)
            said.compare(verdicts)
            got = tuple(verdicts[m].rows[("t.sh", "a")][0] for m in ("ours", "c"))
            self.assertEqual(got, wanted)

    def test_a_script_that_fails(self):
        verdicts = trial.Verdicts()
        trial.judge_script(verdicts, "t.sh", "", 0, 1)
        trial.judge_script(verdicts, "u.sh", "== a\n", 2, 1)
        self.assertEqual(verdicts.rows[("t.sh", trial.PROGRAM)][0], "FAIL")
        self.assertEqual(verdicts.rows[("u.sh", trial.PROGRAM)][0], "FAIL")


class Story(unittest.TestCase):
    """What a link sends once more under the same number is not told again; all else is."""
    NAMES = (("100", "1"), ("100", "2"))

    @staticmethod
    def told(*frames):
        return judge.story([judge.Frame("alfa", *frame) for frame in frames])["alfa"]

    def test_sent_once_more(self):
        frame = (True, judge.NAMES, "Publication", self.NAMES, "7 all")
        other = (False, 0, "Payload", (), "1 a")
        self.assertEqual(self.told(frame, other, frame), self.told(frame, other))

    def test_said_again(self):
        frame, other = (True, judge.NAMES, "Publication", self.NAMES), (False, 0, "Payload", (), "1 a")
        self.assertEqual(len(self.told((*frame, "7 all"), other, (*frame, "8 all"))), 3)

    def test_other_names_under_the_number(self):
        frame = (True, judge.NAMES, "Publication")
        self.assertEqual(len(self.told((*frame, self.NAMES, "7 all"), (*frame, self.NAMES[:1], "7 all"))), 2)

    def test_two_neighbours(self):
        frame = (False, judge.NAMES, "Bulk", self.NAMES)
        other = (False, 0, "Payload", (), "9 a")
        self.assertEqual(len(self.told((*frame, "1 a"), other, (*frame, "1 b"))), 3)

    def test_without_a_number(self):
        frame, other = (False, 0, "Payload", (), ""), (False, judge.NAMES, "Bulk", (), "1 a")
        self.assertEqual(len(self.told(frame, other, frame)), 3)


class Attempts(unittest.TestCase):
    def machine(self, said, errors=""):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        machine = vm.Vm("a", folder.name)
        machine.out.write_text(said)
        machine.errors.write_text(errors)
        return machine

    def test_unfit(self):
        self.assertEqual(self.machine("@@@ up\n").unfit(), "")
        self.assertEqual(self.machine("@@@ up\n", "some warning").unfit(), "")
        self.assertIn("did not boot", self.machine("").unfit())
        self.assertIn("QEMU fell over", self.machine("@@@ up\n", "Assertion failed").unfit())

    def test_clock(self):
        self.assertEqual(vm.clock(""), 0.0)
        self.assertEqual(vm.clock("[    1.500000] a\n[   12.250000] b\nc [99.0]\n"), 12.25)
        machine = self.machine("@@@ up\n")
        machine.process = subprocess.Popen(["true"])
        machine.process.wait()
        machine.serial.write_text("[  12.250000] b\n")
        machine.began = time.monotonic() - 12.5
        self.assertEqual(machine.unfit(), "")
        machine.pace, machine.began = None, time.monotonic() - 0.5
        self.assertIn("too fast", machine.unfit())

    def test_up_within_the_time_of_the_run(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        with mock.patch("lab.paths.LOGS", Path(folder.name)), mock.patch("lab.vm.Vm.start"):
            with topology.Run(topology.Topology([topology.Machine("a")], timeout=5), "run") as run:
                self.assertEqual(run.vms["a"].boot_limit, 5)

    def attempts(self, whys):
        class Run:
            def __init__(self, why, _):
                self.why_unfit = why

            def __enter__(self):
                return self

            def __exit__(self, *_):
                pass

            def wait(self):
                return [self.why_unfit]

        whys, kept, said = iter(whys), topology.Run, []
        topology.Run = Run
        try:
            run, verdicts = topology.complete(lambda: next(whys), "name", "title", said.append)
        finally:
            topology.Run = kept
        self.assertEqual(verdicts, [run.why_unfit])
        return verdicts[0], len(said)

    def test_again_if_unfit_only(self):
        self.assertEqual(self.attempts(["", "x"]), ("", 0))
        self.assertEqual(self.attempts(["x", "", "x"]), ("", 1))
        self.assertEqual(self.attempts(["x", "y", "z", ""]), ("z", 2))


class Ktap(unittest.TestCase):
    def test_plain(self):
        text = "KTAP version 1\n1..3\nok 1 - a\nnot ok 2 b\nok 3 c # SKIP why\n"
        self.assertEqual(statuses(text), [("a", "ok"), ("b", "FAIL"), ("c", "skip")])
        self.assertEqual(ktap.parse(text).errors, [])

    def test_nested(self):
        text = ("KTAP version 1\n1..2\n  KTAP version 1\n  1..2\n  ok 1 x\n  ok 2 y\n"
                "ok 1 outer\nok 2 b\n")
        self.assertEqual(statuses(text), [("outer/x", "ok"), ("outer/y", "ok"), ("b", "ok")])
        self.assertEqual(ktap.parse(text).errors, [])

    def test_plan_at_the_end(self):
        self.assertEqual(ktap.parse("TAP version 13\nok 1 a\n1..1\n").errors, [])

    def test_complaints(self):
        for text in ("", "KTAP version 1\nok 1 a\n", "KTAP version 1\n1..2\nok 1 a\n",
                     "1..1\nok 1 a\nok 2 b\n", "1..2\nok 1 a\nok 2 a\n", "1..2\nok 2 a\nok 1 b\n",
                     "1..1\n  1..1\n  not ok 1 x\nok 1 a\n", "1..1\nok 1 a\nBail out! no\n",
                     "1..1\n  1..2\n  ok 1 x\nok 1 a\n"):
            self.assertTrue(ktap.parse(text).errors, text)

    def test_why(self):
        said = "# X_SEED=7\n# a.c:1: x: got 1, want == 2\n# one\n# two\n# three\n"
        for text, why in ((said, "# X_SEED=7 | # a.c:1: x: got 1, want == 2"),
                          ("# zero\n# one\n# two\n# three\n", "# one | # two | # three")):
            [(_, _, note)] = ktap.parse(f"1..1\n{text}not ok 1 a\n").results
            self.assertEqual(note, why)

    def test_skip_that_failed(self):
        self.assertEqual(statuses("1..1\nnot ok 1 a # SKIP\n"), [("a", "FAIL")])


class Programs(unittest.TestCase):
    @staticmethod
    def judged(text, code):
        verdicts = trial.Verdicts()
        trial.judge_program(verdicts, "room/name", text, code, 60)
        return {subtest: status for (_, subtest), (status, _) in verdicts.rows.items()}

    def test_all_skipped(self):
        text = "KTAP version 1\n1..2\nok 1 a # SKIP\nok 2 b # SKIP\n"
        self.assertEqual(self.judged(text, 4), {"a": ktap.SKIP, "b": ktap.SKIP})

    def test_a_code_without_a_reason(self):
        text = "KTAP version 1\n1..2\nok 1 a # SKIP\nok 2 b\n"
        for code in (1, 4):
            self.assertEqual(self.judged(text, code)[trial.PROGRAM], ktap.FAIL)


class Boots(unittest.TestCase):
    """What is judged of machines that end early, and what another one is for."""
    UP = "@@@ up\n@@@ loaded\n"
    ENDS = "".join(f"@@@ begin lab/{e}\n@@@ end lab/{e} 0\n" for e in ("busy", "unload", "namespaces"))
    TESTS = ("r/a", "r/b")
    MODULE = {("lab/module", subtest) for subtest in ("load", "busy", "unload", "namespaces")}
    BUG = "[ 9] BUG: x\n"

    @staticmethod
    def ran(name):
        return f"@@@ begin {name}\n1..1\nok 1 x\n@@@ end {name} 0\n"

    def run_on(self, machines, call):
        """call() with machines that have ended, each (output, log, QEMU's errors); those that began."""
        left, began = iter(machines), []

        class Machine(vm.Vm):
            def start(self):
                began.append(self)
                for path, text in zip((self.out, self.serial, self.errors), next(left)):
                    path.write_text(text)

            def wait(self, *_, **__):
                pass

        with tempfile.TemporaryDirectory() as folder:
            module = Path(folder) / "tipc.ko"
            module.write_bytes(b"")
            with mock.patch.multiple("lab.trial", Vm=Machine, guest_files=lambda _: {}), \
                    mock.patch.multiple("lab.paths", LOGS=Path(folder), our_module=lambda _: module):
                call()
        return began

    def verdicts(self, machines, until=None):
        """({(test, subtest): (status, note)} that are not ok, the machines that began)."""
        found = []
        began = self.run_on(machines, lambda: found.append(trial.run(
            "stock", "c", dict.fromkeys(self.TESTS, Path("/none")), say=lambda _: None, until=until)))
        return {k: v for k, v in found[0].rows.items() if v[0] != ktap.PASS}, began

    def good(self, *tests):
        return self.UP + "".join(map(self.ran, tests)) + self.ENDS, "", ""

    def stops_in_b(self, errors=""):
        return self.UP + self.ran("r/a") + "@@@ begin r/b\n", "[ 8] lab: begin r/b\n" + self.BUG, errors

    def test_the_machine_stops(self):
        bad, began = self.verdicts([self.stops_in_b()])
        self.assertEqual(set(bad) - self.MODULE, {("r/b", trial.PROGRAM), ("r/b", trial.LOG)})
        self.assertEqual(len(began), 1)

    def test_qemu_falls(self):
        bad, began = self.verdicts([self.stops_in_b("Assertion failed"), self.good("r/b")])
        self.assertEqual(bad, {})
        self.assertEqual(["run_test r/a" in m.script for m in began], [True, False])
        bad, began = self.verdicts([self.stops_in_b("Assertion failed")] * trial.MOST_BOOTS)
        self.assertEqual((bad["r/b", trial.PROGRAM][0], len(began)), (ktap.FAIL, trial.MOST_IDLE + 2))

    def test_qemu_falls_at_the_end(self):
        output = self.good(*self.TESTS)[0].replace("@@@ end lab/unload 0", "")
        bad, began = self.verdicts([(output, "", "Assertion failed"), self.good()])
        self.assertEqual((bad, len(began)), ({}, 2))

    def test_did_not_boot(self):
        bad, began = self.verdicts([("", self.BUG, ""), self.good(*self.TESTS)])
        self.assertEqual((bad, len(began)), ({}, 2))
        bad, began = self.verdicts([("", self.BUG, "")] * trial.MOST_BOOTS)
        self.assertEqual(set(bad), {(t, trial.PROGRAM) for t in self.TESTS} | self.MODULE)
        self.assertEqual(len(began), trial.MOST_IDLE + 1)

    def test_does_not_load(self):
        bad, _ = self.verdicts([("@@@ up\n", self.BUG, ""), self.good(*self.TESTS)])
        self.assertEqual(set(bad), {("lab/module", "load"), ("lab/log", "clean")})

    def test_no_time(self):
        until = time.time() + 1000
        _, [machine] = self.verdicts([self.good(*self.TESTS)], until)
        self.assertTrue(600 < machine.env["LAB_UNTIL"] <= 700)
        bad, began = self.verdicts([], time.time() - 1)
        self.assertEqual(began, [])
        self.assertEqual(set(bad.values()), {(ktap.SKIP, trial.NO_TIME)})

    def beside(self, *machines, until=None):
        verdicts = trial.Verdicts()
        with tempfile.TemporaryDirectory() as logs:
            began = self.run_on(machines, lambda: trial._beside(verdicts, trial.Terms("stock", "ours", logs, lambda _: None, until)))
        return verdicts.rows["lab/module", "beside_c"][0], len(began)

    def test_beside(self):
        good, unfit = ("@@@ up\n@@@ begin lab/beside\n@@@ end lab/beside 0\n", "", ""), ("", "", "")
        bad = (good[0].replace("beside 0", "beside 1"), "", "")
        self.assertEqual(self.beside(good), (ktap.PASS, 1))
        self.assertEqual(self.beside(bad, good), (ktap.FAIL, 1))
        self.assertEqual(self.beside(unfit, (good[0], "", "Assertion"), good), (ktap.PASS, 3))
        self.assertEqual(self.beside(unfit, unfit, unfit, good), (ktap.FAIL, 3))
        self.assertEqual(self.beside(until=1), (ktap.SKIP, 0))


class Guest(unittest.TestCase):
    """The scripts of the machine, with stand-ins for its commands."""

    def said(self, script):
        done = subprocess.run(["sh", "-c", "sleep() { echo sleep $1; }\n" + script], capture_output=True, text=True)
        return done.stdout

    def test_rmmod_tries(self):
        for tries, end in ((1, "gone"), (30, "gone"), (31, "stays")):
            rmmod = f"rmmod() {{ n=$((n + 1)); [ $n = {tries} ]; }}\n"
            said = self.said(rmmod + trial.AWAY + "away && echo gone || echo stays\n").splitlines()
            self.assertEqual((said[-1], said.count("sleep 1")), (end, tries - 1))

    def test_what_stays_is_a_leak(self):
        with tempfile.TemporaryDirectory() as folder:
            script = trial.LEAKS
            for path in ("/sys/kernel/debug/kmemleak", "/tmp/leaks", "/dev/ttyS0"):
                script = script.replace(path, f"{folder}/{Path(path).name}")
            (Path(folder) / "kmemleak").touch()
            for scans, code in ((0, 0), (3, 0), (4, 1)):
                cat = f"cat() {{ case $1 in */kmemleak) n=$((n + 1)); [ $n -gt {scans} ] || echo leak ;; esac; }}\n"
                said = self.said(cat + script)
                self.assertIn(f"@@@ end lab/leaks {code}\n", said)
                self.assertEqual(said.count("sleep 10"), min(scans, 3))


class Logs(unittest.TestCase):
    def test_one_run_at_a_time(self):
        with tempfile.TemporaryDirectory() as folder:
            logs = Path(folder) / "suite"
            with trial.own(logs):
                (logs / "boot1.serial").write_text("its")
                with self.assertRaises(paths.LabError), trial.own(logs):
                    pass
                self.assertTrue((logs / "boot1.serial").exists())
            with trial.own(logs):
                self.assertEqual(list(logs.iterdir()), [])


class SecondTry(unittest.TestCase):
    """What C gets wrong where ours is right counts if it does so twice."""
    suite = program("suite")

    def tried(self, verdicts, second, documented=None):
        """What was tried again; `verdicts` have what came of it."""
        keys = self.suite.fails_on_c(verdicts, documented or {})
        self.suite.second_try(verdicts, second, keys)
        return [":".join(k) for k in keys]

    def remarks(self, first, second, ours=None, documented=None):
        """{name: (status, remark)} of {name: status} of both tries of C and of ours; what was tried again."""
        made = []
        for results in (ours or dict.fromkeys(first, ktap.PASS), first, second):
            made.append(trial.Verdicts())
            for name, status in results.items():
                made[-1].put(*name.split(":"), status)
        verdicts = {"ours": made[0], "c": made[1]}
        tried = self.tried(verdicts, made[2], documented)
        table = self.suite.combine(verdicts)
        return {n: self.suite.verdict(n, columns, documented or {}) for n, columns in table.items()}, tried

    def test_once_and_twice(self):
        first = {"r/t:a": ktap.FAIL, "r/t:b": ktap.FAIL, "r/t:c": ktap.PASS, "r/t:d": ktap.FAIL,
                 "lab/log:clean": ktap.FAIL}
        second = {"r/t:a": ktap.PASS, "r/t:b": ktap.FAIL, "r/t:c": ktap.FAIL, "lab/log:clean": ktap.PASS}
        found, tried = self.remarks(first, second, documented={"r/t:d": "D1"})
        self.assertEqual(tried, ["r/t:a", "r/t:b"])
        self.assertEqual(found["r/t:a"], (ktap.PASS, self.suite.AGAIN))
        self.assertEqual(found["r/t:d"], (ktap.PASS, "D1"))
        self.assertEqual([n for n, (s, _) in found.items() if s == ktap.FAIL], ["r/t:b", "lab/log:clean"])

    def test_ours_has_none(self):
        found, tried = self.remarks({"r/t:a": ktap.FAIL}, {"r/t:a": ktap.PASS}, {"r/t:a": ktap.FAIL})
        self.assertEqual((found["r/t:a"][0], tried), (ktap.FAIL, []))

    def test_a_stall(self):
        stall = f"r/t:{trial.PROGRAM}"
        ours, first = {"r/t:a": ktap.PASS, "r/t:b": ktap.PASS}, {"r/t:a": ktap.PASS, stall: ktap.FAIL}
        found, tried = self.remarks(first, ours, ours)
        self.assertEqual(set(tried), {"r/t:b", stall})
        self.assertEqual({s for s, _ in found.values()}, {ktap.PASS})
        for second in (first, {stall: ktap.SKIP}, {stall: ktap.FAIL}):
            found, _ = self.remarks(first, second, ours)
            self.assertEqual({n for n, (s, _) in found.items() if s == ktap.FAIL}, {"r/t:b", stall})

    def test_a_log_of_what_did_not_run(self):
        log, ours = f"r/t:{trial.LOG}", {"r/t:a": ktap.PASS}
        for second, wanted in (({f"r/t:{trial.PROGRAM}": ktap.SKIP}, ktap.FAIL), (ours, ktap.PASS)):
            found, _ = self.remarks({**ours, log: ktap.FAIL}, second, ours)
            self.assertEqual(found[log][0], wanted)

    def test_a_script_says_it_again(self):
        for again, wanted in (("right", ktap.PASS), ("else", ktap.FAIL)):
            verdicts, second = {"ours": trial.Verdicts(), "c": trial.Verdicts()}, trial.Verdicts()
            trial.judge_script(verdicts["ours"], "r/t.sh", "== a\nright\n== b\nx\n", 0, 1)
            trial.judge_script(verdicts["c"], "r/t.sh", "== a\nwrong: y\n== b\nx\n", 0, 1)
            trial.judge_script(second, "r/t.sh", f"== a\n{again}\n== b\nz\n", 0, 1)
            self.assertEqual(self.tried(verdicts, second), ["r/t.sh:a"])
            said.compare(verdicts)
            rows = {k[1]: v[0] for k, v in verdicts["ours"].rows.items()}
            self.assertEqual(rows, {"a": wanted, "b": ktap.PASS})

    def test_alike_at_the_second_try(self):
        key = ("r/t", "a")
        ours, second = (trial.Verdicts({key: (ktap.PASS, "")}, {"r/t": ["1", "2"]}) for _ in range(2))
        c = trial.Verdicts({key: (ktap.FAIL, "")}, {"r/t": ["1"]})
        self.tried({"ours": ours, "c": c}, second)
        self.assertEqual(c.same, ours.same)


class Distress(unittest.TestCase):
    def test_names_the_test(self):
        log = ("[ 1] lab: begin r/t\n[ 2] WARNING: CPU: 0\n[ 3] lab: end r/t\n"
               "[ 4] BUG: sleeping\n[ 5] fine\n")
        self.assertEqual([t for t, _ in distress.find(log)], ["r/t", ""])

    def test_quiet(self):
        self.assertEqual(distress.find("[ 1] tipc: Started\n[ 2] oops=panic\n"), [])


class Sections(unittest.TestCase):
    def test_unfinished(self):
        found = trial.sections("@@@ begin a/b\nx\n@@@ end a/b 3\n@@@ begin a/c\ny")
        self.assertEqual(found, {"a/b": ("x", 3), "a/c": ("y", None)})


class Fate(unittest.TestCase):
    def fates(self, count=2000, **what):
        chance = random.Random(7)
        return [faults.fate(chance, [faults.Faults(**what)]) for _ in range(count)]

    def test_nothing_happens(self):
        self.assertEqual(self.fates(3), [[(0.0, False)]] * 3)

    def test_lost_doubled_overtaken_late(self):
        self.assertEqual(self.fates(3, cut=True), [[]] * 3)
        lost = sum(not f for f in self.fates(loss=0.1))
        self.assertTrue(100 < lost < 300, lost)
        self.assertEqual(self.fates(loss=0.1), self.fates(loss=0.1))
        twice = sum(len(f) == 2 for f in self.fates(duplicate=0.1))
        self.assertTrue(100 < twice < 300, twice)
        overtaken = sum(f[0][1] for f in self.fates(reorder=0.1))
        self.assertTrue(100 < overtaken < 300, overtaken)
        for [(wait, moved)] in self.fates(delay=5, jitter=2):
            self.assertTrue(0.005 <= wait <= 0.007 and not moved)

    def test_words(self):
        self.assertEqual(faults.read(["loss=0.5", "delay=3"]), faults.Faults(loss=0.5, delay=3))
        for bad in ("loss", "loss=2", "cut=1", "delay=-1", "delay=x"):
            with self.assertRaises(ValueError, msg=bad):
                faults.read([bad])


def plugged(switch, count):
    """Wait until the switch knows of all that are connected to its first segment."""
    limit = time.monotonic() + 10
    while len(switch.segments[0].ports) < count and time.monotonic() < limit:
        time.sleep(0.01)


class Ordered(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.switch = Switch(self.folder.name, 2, self.folder.name, machines=("a", "b"))
        self.socks = []
        self.a, self.b = self.plug(self.switch.line("a")), self.plug(self.switch.line("b"))

    def tearDown(self):
        for sock in self.socks:
            sock.close()
        self.switch.stop()
        self.folder.cleanup()

    def plug(self, path):
        sock = socket.socket(socket.AF_UNIX)
        sock.connect(path)
        sock.settimeout(5)
        self.socks.append(sock)
        return sock

    def order(self, line, text):
        line.sendall(text.encode() + b"\n")
        return line.recv(999).decode().strip()

    def test_bad_orders(self):
        for bad in ("jump", "cut", "cut 2", "cut 0 c", "faults 0 loss=7", "faults 0 a speed=1", "meet"):
            self.assertTrue(self.order(self.a, bad).startswith("error"), bad)

    def test_meet(self):
        self.a.sendall(b"meet c/x\n")
        self.assertEqual(self.order(self.b, "meet c/x"), "ok")
        self.assertEqual(self.a.recv(99), b"ok\n")
        self.a.sendall(b"meet c/y\n")
        self.assertEqual(self.order(self.b, "give-up c"), "ok")
        self.assertTrue(self.a.recv(99).startswith(b"error"))
        self.assertTrue(self.order(self.a, "meet c/z").startswith("error"))

    def test_cut_of_a_machine(self):
        one, two, other = (self.plug(self.switch.path(0, n)) for n in ("a", "b", None))
        plugged(self.switch, 3)
        frame = b"\xff" * 6 + b"\x02" * 6 + b"\x88\xca" + b"x" * 50
        frame = struct.pack(">I", len(frame)) + frame
        self.assertEqual(self.order(self.a, "capture x"), "ok")
        self.assertEqual(self.order(self.a, "cut 0 b"), "ok")
        one.sendall(frame)
        self.assertEqual(other.recv(999), frame)
        two.settimeout(0.3)
        with self.assertRaises(TimeoutError):
            two.recv(999)
        self.assertEqual(self.order(self.a, "heal 0 b"), "ok")
        one.sendall(frame)
        self.assertEqual(two.recv(999), frame)
        self.assertEqual(self.order(self.a, "capture"), "ok")
        size = (Path(self.folder.name) / "x.segment0.pcap").stat().st_size
        self.assertEqual(size, 24 + 2 * (16 + 64))


class Wire(unittest.TestCase):
    def test_floods_then_learns(self):
        def frame(target, source):
            data = bytes([2, 0, 0, 0, 0, target, 2, 0, 0, 0, 0, source]) + b"\x88\xca" + b"x" * 50
            return struct.pack(">I", len(data)) + data

        with tempfile.TemporaryDirectory() as folder:
            switch = Switch(folder, 1)
            ports = []
            for _ in range(3):
                port = socket.socket(socket.AF_UNIX)
                port.connect(switch.path(0))
                port.settimeout(5)
                ports.append(port)
            try:
                plugged(switch, 3)
                first = frame(2, 1)
                ports[0].sendall(first[:9])
                ports[0].sendall(first[9:])
                self.assertEqual(ports[1].recv(999), first)
                self.assertEqual(ports[2].recv(999), first)
                ports[1].sendall(frame(1, 2))
                self.assertEqual(ports[0].recv(999), frame(1, 2))
                ports[2].settimeout(0.3)
                with self.assertRaises(TimeoutError):
                    ports[2].recv(999)
            finally:
                for port in ports:
                    port.close()
                switch.stop()


if __name__ == "__main__":
    unittest.main()
