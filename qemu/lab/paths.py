# SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
"""Where kernels, modules and results are, and a clear complaint when they are not."""

from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
BUILD = TOP / "build"
WORKBENCH = Path("/workbench")
SELFTESTS = BUILD / "selftests"
EXAMPLES = TOP / "selftests" / "examples"
SCRIPTS = TOP / "selftests"
PROGRAMS = TOP / "selftests" / "programs"
LOGS = BUILD / "logs"
IMAGES = BUILD / "images"
RESULTS = BUILD / "results"
DIFFERENCES = TOP / "Documentation" / "differences.md"

KERNELS = ("stock", "debug")
MODULES = ("ours", "c", "none")


class LabError(Exception):
    """Something the lab needs is missing or wrong; the text says what to do."""


def _need(path, hint):
    if not path.exists():
        raise LabError(f"{path} is missing: {hint}")
    return path


def kernel_dir(kernel):
    """The folder that holds `vmlinuz` for the named kernel."""
    if kernel == "stock":
        return _need(WORKBENCH / "kernel" / "current", "run 'make setup'")
    base = _need(WORKBENCH / "debug", "build the debug kernel first")
    abi_file = WORKBENCH / "kernel" / "current" / "abi"
    if abi_file.exists():
        same = base / abi_file.read_text().strip()
        if (same / "vmlinuz").exists():
            return same
    found = sorted(d for d in base.iterdir() if (d / "vmlinuz").exists())
    if not found:
        raise LabError(f"no vmlinuz below {base}: build the debug kernel first")
    return found[-1]


def vmlinuz(kernel):
    return _need(kernel_dir(kernel) / "vmlinuz", "the kernel's setup did not finish")


def module_tree(kernel):
    """The folder searched for the kernel's loadable modules."""
    if kernel == "debug":
        return kernel_dir(kernel) / "tipc-c"
    modules = kernel_dir(kernel) / "modules" / "lib" / "modules"
    found = sorted(modules.glob("*")) if modules.exists() else []
    if not found:
        raise LabError(f"no modules below {modules}: run 'make setup'")
    return found[-1]


def our_module(kernel):
    return _need(BUILD / kernel / "tipc.ko", "build the module first ('make')")
