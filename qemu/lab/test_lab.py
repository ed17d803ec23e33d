# SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
"""Tests of the lab's own judgement: python3 -m unittest discover qemu"""

import random
import socket
import struct
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

from lab import distress, faults, judge, ktap, said, topology, trial, vm
from lab.switch import Switch


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
        time.sleep(0.5)
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
                time.sleep(0.5)
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
