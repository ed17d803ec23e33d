# SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
"""Tests of the plan of a table: python3 -m unittest discover tools/bench"""

import unittest

from yard import plan

WANTED = [(place, member, plan.rows(place, member)) for place in plan.PLACES for member in ("ours", "c", "none")]


class Order(unittest.TestCase):
    def test_both_modules_count_the_same_rows_of_two_machines_side_by_side(self):
        boots = [(member, {row.partition("/")[0] for row in rows})
                 for place, member, rows in plan.order(WANTED) if place == "vms"]
        tests = ({"rtt"}, {"oneway"})
        self.assertEqual(boots, [(member, test) for test in tests for member in ("ours", "c")] +
                         [("none", test) for test in tests])

    def test_each_row_is_counted_once(self):
        counted = [(place, member, row) for place, member, rows in plan.order(WANTED) for row in rows]
        wanted = [(place, member, row) for place, member, rows in WANTED for row in rows]
        self.assertEqual(sorted(counted), sorted(wanted))

    def test_the_longest_begin_first(self):
        self.assertEqual(plan.order(WANTED)[0], ("mesh", "ours", [f"{w}/128" for w in ("missing", "kb", "idle")]))


if __name__ == "__main__":
    unittest.main()
