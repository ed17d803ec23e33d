# SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
"""Initramfs images: a cached base per kernel, and a small overlay per machine.

The kernel accepts archives one after another, so an image is the base
(tools and modules, cached by its content), where it is wanted the userland
(Python and more, cached too), and what one machine needs.
"""

import os
import shutil
import stat
import subprocess
import threading
from pathlib import Path

from . import kmods, paths, userland
from .cpio import Tree

_PACKING = threading.Lock()
TOOLS = ("ip", "tc", "ss", "bridge", "tipc", "strace")


def _add_tools(tree):
    busybox = shutil.which("busybox")
    if not busybox:
        raise paths.LabError("busybox is missing: run inside the toolbox")
    tree.file("/bin/busybox", Path(busybox).read_bytes())
    for name in TOOLS:
        program = shutil.which(name)
        if not program:
            continue
        userland.add_program(tree, program, f"/bin/{name}")
    listed = subprocess.run([busybox, "--list"], capture_output=True, text=True, timeout=30)
    for applet in listed.stdout.split():
        if applet not in TOOLS:
            tree.link(f"/bin/{applet}", "busybox")
    tree.link("/sbin/modprobe", "/bin/busybox")


def base_image(kernel):
    """The packed base for a kernel, built once for each content."""
    tree = Tree()
    for folder in ("proc", "sys", "dev", "tmp", "run", "root", "etc", "var", "lab", "mnt"):
        tree.folder(folder)
    tree.link("/var/run", "/run")
    tree.device("/dev/console", 5, 1)
    tree.device("/dev/null", 1, 3)
    tree.device("/dev/ttyS0", 4, 64)
    tree.device("/dev/ttyS1", 4, 65)
    tree.file("/etc/passwd", b"root:x:0:0:root:/tmp:/bin/sh\nnobody:x:65534:65534::/:/bin/sh\n", 0o644)
    tree.file("/etc/group", b"root:x:0:\nnogroup:x:65534:\n", 0o644)
    _add_tools(tree)
    tree.file("/init", (Path(__file__).parent / "init.sh").read_bytes())
    tree.file("/bin/wire", (Path(__file__).parent / "wire.sh").read_bytes())
    kmods.add_modules(tree, kmods.Modules(paths.module_tree(kernel)))
    return _packed(tree, f"base-{kernel}")


def _packed(tree, name):
    """The archive of a tree, made anew only when its content has changed."""
    target = paths.IMAGES / f"{name}-{tree.key()}.cpio.gz"
    with _PACKING:  # machines of several topologies start at the same time
        _pack(tree, name, target)
    return target


def _pack(tree, name, target):
    if not target.exists():
        paths.IMAGES.mkdir(parents=True, exist_ok=True)
        part = target.with_suffix(f".part{os.getpid()}")
        part.write_bytes(tree.pack())
        for old in paths.IMAGES.glob(f"{name}-*.cpio.gz"):
            old.unlink(missing_ok=True)
        part.rename(target)


def _shell_quote(text):
    return "'" + str(text).replace("'", "'\\''") + "'"


def overlay(kernel, module, script, env=None, files=None):
    """What one machine adds: environment, script, the module under test, files.

    `files` maps a path in the guest to a host path or to bytes.
    """
    tree = Tree()
    tree.folder("/lab/modules")
    if module == "ours":
        ours = paths.our_module(kernel)
        tree.file("/lab/modules/tipc.ko", ours.read_bytes(), 0o644)
        if (diag := ours.with_name("tipc_diag.ko")).exists():
            tree.file("/lab/modules/tipc_diag.ko", diag.read_bytes(), 0o644)
    elif module == "c":
        for name, data in kmods.c_modules(kmods.Modules(paths.module_tree(kernel))).items():
            tree.file(f"/lab/modules/{name}.ko", data, 0o644)
    lines = [f"export {k}={_shell_quote(v)}\n" for k, v in {**(env or {}), "TIPC_MODULE": module}.items()]
    tree.file("/lab/env", "".join(lines).encode())
    tree.file("/lab/script", script.encode())
    for guest, host in (files or {}).items():
        if isinstance(host, bytes):
            tree.file(guest, host)
        else:
            host = Path(host)
            tree.file(guest, host.read_bytes(), stat.S_IMODE(host.stat().st_mode))
    return tree.pack()


def write_image(target, kernel, module, script, env=None, files=None, with_userland=False):
    """Write a complete image for one machine to `target`."""
    parts = [base_image(kernel)]
    if with_userland:
        parts.append(_packed(userland.tree(), "userland"))
    with open(target, "wb") as image:
        for part in parts:
            data = part.read_bytes()
            image.write(data + b"\0" * (-len(data) % 4))
        image.write(overlay(kernel, module, script, env, files))
    return target
