# SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
"""Commands under test: started, talked to, always ended."""

import subprocess
import time
import unittest

from ktap import SLOW

EXAMPLES = "/tests/examples"


class Commands(unittest.TestCase):
    """A case that runs commands; what it started ends with it."""

    def start(self, *command, until=None, **options):
        """Start a command and return it; with `until`, once it has said that."""
        process = subprocess.Popen(command, text=True, stdout=options.pop("stdout", subprocess.PIPE),
                                   stdin=options.pop("stdin", subprocess.DEVNULL), **options)
        self.addCleanup(self._end, process)
        process.said = []
        if until:
            self.hear(process, until)
        return process

    @staticmethod
    def _end(process):
        process.kill()
        process.wait()
        for pipe in (process.stdout, process.stderr):
            if pipe:
                pipe.close()

    def hear(self, process, text):
        """Wait until a command has said a line with a text, and return the line.

        Its errors are listened to where they are a pipe, else its output.
        """
        for line in process.stderr or process.stdout:
            process.said.append(line)
            if text in line:
                return line
        self.fail(f"it never said {text!r}: {process.said}, exit code {process.wait()}")

    def finish(self, process, code=0):
        """Wait for a started command's end, want its exit code, return the rest of its output."""
        said, errors = process.communicate()
        self.assertEqual(process.returncode, code, (said or "") + (errors or ""))
        return said or ""

    def say(self, *command, code=0, **options):
        """Run a command, want its exit code, return its output, errors included."""
        done = subprocess.run(command, text=True, capture_output=True, check=False, **options)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done.stdout + done.stderr

    def soon(self, attempt):
        """Call `attempt` until it does not fail any more; a server may need a moment to bind."""
        end = time.monotonic() + 10 * SLOW
        while True:
            try:
                return attempt()
            except AssertionError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.05)
