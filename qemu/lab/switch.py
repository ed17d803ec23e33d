# SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
"""A learning Ethernet switch in user space: segments with ports, faults, captures, orders.

QEMU connects with `-netdev stream` and sends each frame behind its length in four bytes.
Nothing ever leaves the machine. With a capture folder each segment is also written as
`segment<i>.pcap`. `faults` says what may happen to frames; machines give orders over a line
of their own, see `orders`.
"""

import heapq
import itertools
import random
import selectors
import socket
import struct
import threading
import time
from pathlib import Path

from . import faults, orders
from .capture import Capture

BACKLOG_LIMIT = 8 << 20


class _Listener:
    """Where QEMU connects: a port of a machine, or its line for orders."""

    def __init__(self, path, accepted):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.bind(path)
        self.sock.listen(64)
        self.sock.setblocking(False)
        self.accepted = accepted


class _Port:
    def __init__(self, sock, segment, name):
        self.sock, self.segment, self.name = sock, segment, name
        self.inbound, self.outbound = bytearray(), bytearray()
        self.due = 0.0  # no frame that keeps its place arrives before this


class _Segment:
    def __init__(self, index):
        self.index, self.ports, self.learned = index, [], {}
        self.faults = faults.Faults()
        self.of_port = {}  # {machine: Faults}

    def on_way(self, *ports):
        """The faults a frame between these ports meets."""
        return [self.faults, *(self.of_port[p.name] for p in ports if p.name in self.of_port)]


class Switch:
    """Segments 0..count-1, each reachable at `path(i)`, by machine `path(i, name)`.

    Captures are in the folder `capture`: of everything if `whole`, and those that are ordered.
    """

    def __init__(self, folder, count, capture=None, seed=1, machines=(), whole=True):
        self.folder, self.captures = Path(folder), capture and Path(capture)
        self.selector = selectors.DefaultSelector()
        self.segments = [_Segment(i) for i in range(count)]
        self.machines = tuple(machines)
        self.chance = random.Random(seed)
        self.late, self.order = [], itertools.count()
        self.dropped = 0
        self.files = [[] for _ in self.segments]  # open captures of each segment
        self.listeners = []
        self.orders = orders.Orders(self)
        for segment in self.segments:
            for name in (None, *self.machines):
                self._listen(self.path(segment.index, name),
                             lambda sock, s=segment, n=name: self._plug(sock, s, n))
            if capture and whole:
                self.files[segment.index].append(Capture(self.captures / f"segment{segment.index}.pcap"))
        for name in self.machines:
            self._listen(self.line(name), lambda sock, n=name: self.orders.connect(sock, n))
        self.running = True
        self.thread = threading.Thread(target=self._loop, daemon=True)
        self.thread.start()

    def path(self, index, name=None):
        return str(self.folder / (f"segment{index}" + (f"-{name}" if name else "")))

    def line(self, name):
        """Where a machine's line for orders is."""
        return str(self.folder / f"line-{name}")

    def stop(self):
        self.running = False
        self.thread.join(5)
        for key in list(self.selector.get_map().values()):
            key.fileobj.close()
        for file in itertools.chain(*self.files):
            file.close()
        self.selector.close()

    def _listen(self, path, accepted):
        listener = _Listener(path, accepted)
        self.selector.register(listener.sock, selectors.EVENT_READ, listener)

    def _loop(self):
        while self.running:
            wait = min(0.2, max(0.0, self.late[0][0] - time.monotonic())) if self.late else 0.2
            for key, events in self.selector.select(wait):
                if isinstance(key.data, _Listener):
                    sock, _ = key.fileobj.accept()
                    sock.setblocking(False)
                    key.data.accepted(sock)
                    continue
                if not isinstance(key.data, _Port):
                    self.orders.hear(key.data)
                    continue
                try:
                    if events & selectors.EVENT_WRITE:
                        self._flush(key.data)
                    if events & selectors.EVENT_READ:
                        self._receive(key.data)
                except OSError:
                    self._drop(key.data)
            self._arrivals()

    def _plug(self, sock, segment, name):
        port = _Port(sock, segment, name)
        segment.ports.append(port)
        self.selector.register(sock, selectors.EVENT_READ, port)

    def _drop(self, port):
        if port not in port.segment.ports:
            return
        port.segment.ports.remove(port)
        learned = port.segment.learned
        for address in [a for a, p in learned.items() if p is port]:
            del learned[address]
        self.selector.unregister(port.sock)
        port.sock.close()

    def _receive(self, port):
        try:
            data = port.sock.recv(1 << 18)
        except BlockingIOError:
            return
        if not data:
            self._drop(port)
            return
        port.inbound += data
        at = 0
        while len(port.inbound) - at >= 4:
            (size,) = struct.unpack_from(">I", port.inbound, at)
            if len(port.inbound) - at - 4 < size:
                break
            self._forward(port, bytes(port.inbound[at + 4:at + 4 + size]))
            at += 4 + size
        del port.inbound[:at]

    def _forward(self, source, frame):
        segment = source.segment
        for file in self.files[segment.index]:
            file.record(frame)
        segment.learned[frame[6:12]] = source
        target = None if frame[0] & 1 else segment.learned.get(frame[0:6])
        for port in [target] if target else list(segment.ports):
            if port is source:
                continue
            for wait, overtaken in faults.fate(self.chance, segment.on_way(source, port)):
                self._arrive(port, frame, wait, overtaken)

    def _arrive(self, port, frame, wait, overtaken):
        """Put a frame out of a port `wait` seconds from now, in its place unless it is overtaken."""
        now = time.monotonic()
        due = now + wait
        if not overtaken:
            due = port.due = max(port.due, due)
        if due <= now:
            self._put(port, frame)
        else:
            heapq.heappush(self.late, (due, next(self.order), port, frame))

    def _arrivals(self):
        now = time.monotonic()
        while self.late and self.late[0][0] <= now:
            *_, port, frame = heapq.heappop(self.late)
            # A wire that was cut meanwhile loses what was on it.
            if port in port.segment.ports and not any(f.cut for f in port.segment.on_way(port)):
                self._put(port, frame)

    def _put(self, port, frame):
        if len(port.outbound) > BACKLOG_LIMIT:
            self.dropped += 1
            return
        idle = not port.outbound
        port.outbound += struct.pack(">I", len(frame)) + frame
        if idle:
            try:
                self._flush(port)
            except OSError:
                self._drop(port)

    def _flush(self, port):
        try:
            sent = port.sock.send(port.outbound)
            del port.outbound[:sent]
        except BlockingIOError:
            pass
        wanted = selectors.EVENT_READ | (selectors.EVENT_WRITE if port.outbound else 0)
        self.selector.modify(port.sock, wanted, port)
