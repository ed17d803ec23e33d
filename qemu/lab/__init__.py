# SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
"""The virtual-machine lab: images, machines, wires, and judgement of their logs."""
