# SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
"""Reads what a test program said in KTAP and says what passed.

A nested test appears as `parent/child`. A plan that is missing, or that
promises another number of results than came, is an error of the program.
"""

import re
from dataclasses import dataclass, field

PASS, FAIL, SKIP = "ok", "FAIL", "skip"

_VERSION = re.compile(r"^(\s*)(?:# )?K?TAP version \d+\s*$")
_PLAN = re.compile(r"^(\s*)(?:# )?1\.\.(\d+)\s*(?:#\s*SKIP\b\s*(.*))?$", re.I)
_RESULT = re.compile(r"^(\s*)(?:# )?(not ok|ok)\b\s*(\d*)\s*-?\s*(.*?)\s*$")
_SKIP = re.compile(r"\s*#\s*SKIP\b\s*(.*)$", re.I)
_UNMET = re.compile(r": got .*, want ")  # what selftests/lib/ktap.h says of an expectation
_SEED = re.compile(r"_SEED=\d+")


@dataclass
class Report:
    """The results in order, [(name, PASS|FAIL|SKIP, note)], and complaints."""

    results: list = field(default_factory=list)
    errors: list = field(default_factory=list)


@dataclass
class _Block:
    indent: int
    plan: int | None = None
    count: int = 0
    results: list = field(default_factory=list)


def _close(block, name, report):
    where = f" in {name}" if name else ""
    if block.plan is None:
        report.errors.append(f"no plan{where}")
    elif block.count != block.plan:
        report.errors.append(f"plan of {block.plan}, {block.count} results{where}")


def _prefixed(name, results):
    return [(f"{name}/{sub}", status, note) for sub, status, note in results]


def parse(text):
    """The Report for a program's whole output."""
    report = Report()
    stack = []
    diagnosis = []
    for line in text.splitlines():
        version, plan, result = _VERSION.match(line), _PLAN.match(line), _RESULT.match(line)
        if version:
            indent = len(version.group(1))
            if not stack or indent > stack[-1].indent:
                stack.append(_Block(indent))
            continue
        if plan or result:
            indent = len((plan or result).group(1))
            if not stack:
                stack.append(_Block(indent))
        if plan:
            if indent > stack[-1].indent:
                stack.append(_Block(indent))
            if stack[-1].plan is not None:
                report.errors.append("two plans in one block")
            stack[-1].plan = int(plan.group(2))
            if plan.group(3) is not None and stack[-1].plan == 0:
                stack[-1].results.append(("all", SKIP, plan.group(3)))
        elif result:
            _result(stack, indent, result, diagnosis, report)
            diagnosis = []
        elif line.strip().startswith("Bail out!"):
            report.errors.append(line.strip())
        elif line.strip():
            diagnosis.append(line.strip())
    if not stack:
        report.errors.append("no KTAP output")
    while stack:
        block = stack.pop()
        _close(block, "", report)
        if stack:
            report.errors.append("a nested test has no result line of its own")
            stack[-1].results += block.results
        else:
            report.results = _unique(block.results, report)
    return report


def _why(diagnosis):
    """Why a test failed, in its own words: its unmet expectations, or else its last lines. What it
    takes to make the same calls again goes first."""
    seeds = [line for line in diagnosis if _SEED.search(line)]
    unmet = [line for line in diagnosis if _UNMET.search(line)]
    return " | ".join(seeds[:1] + (unmet[:3] or [line for line in diagnosis[-3:] if line not in seeds]))


def _result(stack, indent, match, diagnosis, report):
    nested = []
    name = match.group(4)
    skip = _SKIP.search(name)
    if skip:
        name = name[:skip.start()].strip()
    number = match.group(3)
    name = name or f"test{number}"
    while len(stack) > 1 and stack[-1].indent > indent:
        block = stack.pop()
        _close(block, name, report)
        nested = block.results + nested
    block = stack[-1]
    block.count += 1
    if number and int(number) != block.count:
        report.errors.append(f"result {number} came where {block.count} was due")
    status = PASS if match.group(2) == "ok" else FAIL
    note = _why(diagnosis) if status == FAIL else ""
    if skip:
        # A skipped test that says 'not ok' is a failure, not a skip.
        status, note = (SKIP, skip.group(1)) if status == PASS else (FAIL, note)
    inner_failed = any(r[1] == FAIL for r in nested)
    if not nested:
        block.results.append((name, status, note))
        return
    block.results += _prefixed(name, nested)
    if status == FAIL and not inner_failed:
        block.results.append((name, FAIL, note))
    elif status == PASS and inner_failed:
        report.errors.append(f"{name} says ok over a failed subtest")


def _unique(results, report):
    seen, kept = set(), []
    for name, status, note in results:
        if name in seen:
            report.errors.append(f"two subtests are called '{name}'")
            name += f"#{len(kept) + 1}"
        seen.add(name)
        kept.append((name, status, note))
    return kept
