# SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
"""What real programs need in a machine: Python with CPython's own socket tests, ZeroMQ, socat."""

import re
import shutil
import stat
import subprocess
import sysconfig
from pathlib import Path

from . import paths
from .cpio import Tree

STDLIB = Path(sysconfig.get_path("stdlib"))
PACKAGES = Path("/usr/lib/python3/dist-packages")
# Of the standard library's tests only those about sockets, and what they lean on.
TESTS = re.compile(r"test/(__init__|test_socket|support/.*)\.py$|test/(support/)?__pycache__/"
                   r"(__init__|test_socket|\w+_helper)\.[^/]*\.pyc$")
LEFT_OUT = re.compile(r"(pydoc_data|idlelib|tkinter|ensurepip|venv|config-[^/]*)/|.*\.opt-\d\.pyc$|"
                      r"lib-dynload/_(dbm|sqlite3|curses|codecs|test(?!capi\.)|xx|interp)")


def _libraries(program):
    """The shared libraries a program needs, the loader among them."""
    said = subprocess.run(["ldd", program], capture_output=True, text=True, timeout=30)
    return re.findall(r"(/\S+) \(0x", said.stdout)


def add_program(tree, program, where=None):
    """Put a program (or a library) and the shared libraries it needs into a tree."""
    tree.file(where or str(program), Path(program).read_bytes())
    for library in _libraries(program):
        tree.file(library, Path(library).read_bytes())


def _add_module(tree, path):
    """Put a file of Python's in; its age decides whether the compiled file beside it is good."""
    if path.suffix == ".so":
        add_program(tree, path)
    else:
        status = path.stat()
        tree.file(str(path), path.read_bytes(), stat.S_IMODE(status.st_mode), int(status.st_mtime))


def tree():
    """All of it, as a tree."""
    found = Tree()
    for name, package in (("python3", "python3"), ("socat", "socat")):
        program = shutil.which(name)
        if not program:
            raise paths.LabError(f"{name} is missing in the toolbox: 'make setup' brings package {package}")
        add_program(found, program, f"/usr/bin/{name}")
    if not (STDLIB / "test" / "test_socket.py").exists() or not (PACKAGES / "zmq").exists():
        raise paths.LabError("CPython's tests or python3-zmq are missing in the toolbox: run 'make setup'")
    found.link("/usr/bin/env", "/bin/busybox")
    for path in sorted(STDLIB.rglob("*")):
        name = str(path.relative_to(STDLIB))
        wanted = TESTS.match(name) if name.startswith("test/") else not LEFT_OUT.match(name)
        if wanted and path.is_file():
            _add_module(found, path)
    for path in sorted((PACKAGES / "zmq").rglob("*")):
        if path.suffix in (".py", ".pyc", ".so"):
            _add_module(found, path)
    return found


def examples():
    """{path in the guest: path here} of the examples, in C and in Python."""
    found = [*paths.SELFTESTS.glob("examples/*"), *paths.EXAMPLES.glob("*.py")]
    return {f"/tests/examples/{p.name}": p for p in found}
