# SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
"""unittest cases told in KTAP, each with a time limit; a skipped case has failed.

    if __name__ == "__main__":
        ktap.main()
"""

import os
import signal
import sys
import unittest

SLOW = int(os.environ.get("KTAP_SLOW") or 1)


class _Result(unittest.TestResult):
    """Says the result of each case as it comes."""

    def __init__(self, limit):
        super().__init__()
        self.limit, self.bad = limit, 0

    def startTest(self, test):
        super().startTest(test)
        self.why = None
        signal.alarm(self.limit)

    def stopTest(self, test):
        signal.alarm(0)
        super().stopTest(test)
        if self.why is not None:
            self.bad += 1
            for line in self.why.splitlines():
                print(f"# {line}")
        # The name as people call it: class and method.
        name = ".".join(test.id().split(".")[-2:])
        print(f"{'ok' if self.why is None else 'not ok'} {self.testsRun} {name}", flush=True)

    def addError(self, test, err):
        self.why = self._exc_info_to_string(err, test)

    addFailure = addError

    def addSubTest(self, test, subtest, err):
        if err:
            self.why = f"{subtest}: " + self._exc_info_to_string(err, test)

    def addSkip(self, test, reason):
        self.why = f"skipped, which no real program may: {reason}"

    def addUnexpectedSuccess(self, test):
        self.why = "passed, though it says it fails"


def _too_late(*_):
    raise TimeoutError("the case's time is up")


def main(suite=None, limit=30):
    """Run all cases of the main program, or of `suite`, and leave with the verdict.

    `limit` is the time of each case in seconds.
    """
    suite = suite or unittest.defaultTestLoader.loadTestsFromModule(sys.modules["__main__"])
    signal.signal(signal.SIGALRM, _too_late)
    print(f"KTAP version 1\n1..{suite.countTestCases()}", flush=True)
    result = _Result(limit * SLOW)
    suite.run(result)
    sys.stdout.flush()
    # Threads that a failed case left behind must not keep the program alive.
    os._exit(1 if result.bad or not result.testsRun else 0)
