# SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
"""Tests of the lab's own judgement: python3 -m unittest discover qemu"""

import socket
import struct
import tempfile
import time
import unittest

from lab import distress, ktap, said, trial
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

    def test_a_script_that_fails(self):
        verdicts = trial.Verdicts()
        trial.judge_script(verdicts, "t.sh", "", 0, 1)
        trial.judge_script(verdicts, "u.sh", "== a\n", 2, 1)
        self.assertEqual(verdicts.rows[("t.sh", trial.PROGRAM)][0], "FAIL")
        self.assertEqual(verdicts.rows[("u.sh", trial.PROGRAM)][0], "FAIL")


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

    def test_skip_that_failed(self):
        self.assertEqual(statuses("1..1\nnot ok 1 a # SKIP\n"), [("a", "FAIL")])


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
