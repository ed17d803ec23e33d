# SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
"""Frames in a pcap file."""

import struct
import time


class Capture:
    """A pcap file; microseconds."""

    def __init__(self, path):
        self.file = open(path, "wb")
        self.file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))

    def record(self, frame):
        now = time.time()
        self.file.write(struct.pack("<IIII", int(now), int(now % 1 * 1e6), len(frame), len(frame)) + frame)

    def close(self):
        self.file.close()
