# SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
"""A learning Ethernet switch in user space, one segment per listening socket.

QEMU connects with `-netdev stream` and sends each frame behind its length in
four bytes. Nothing ever leaves the machine. With a capture folder each segment
is also written as `segment<i>.pcap`.
"""

import selectors
import socket
import struct
import threading
import time
from pathlib import Path

BACKLOG_LIMIT = 8 << 20


class _Port:
    def __init__(self, sock, segment):
        self.sock, self.segment = sock, segment
        self.inbound, self.outbound = bytearray(), bytearray()


class _Segment:
    def __init__(self, listener, capture):
        self.listener, self.ports, self.learned = listener, [], {}
        self.capture = capture
        if capture:
            capture.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))

    def record(self, frame):
        if self.capture:
            now = time.time()
            head = struct.pack("<IIII", int(now), int(now % 1 * 1e6), len(frame), len(frame))
            self.capture.write(head + frame)


class Switch:
    """Segments 0..count-1, each reachable at `path(i)`."""

    def __init__(self, folder, count, capture=None):
        self.folder = Path(folder)
        self.selector = selectors.DefaultSelector()
        self.segments = []
        self.dropped = 0
        for index in range(count):
            listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            listener.bind(self.path(index))
            listener.listen(64)
            listener.setblocking(False)
            file = open(Path(capture) / f"segment{index}.pcap", "wb") if capture else None
            segment = _Segment(listener, file)
            self.segments.append(segment)
            self.selector.register(listener, selectors.EVENT_READ, segment)
        self.running = True
        self.thread = threading.Thread(target=self._loop, daemon=True)
        self.thread.start()

    def path(self, index):
        return str(self.folder / f"segment{index}")

    def stop(self):
        self.running = False
        self.thread.join(5)
        for segment in self.segments:
            segment.listener.close()
            for port in segment.ports:
                port.sock.close()
            if segment.capture:
                segment.capture.close()
        self.selector.close()

    def _loop(self):
        while self.running:
            for key, events in self.selector.select(0.2):
                if isinstance(key.data, _Segment):
                    self._accept(key.data)
                    continue
                try:
                    if events & selectors.EVENT_WRITE:
                        self._flush(key.data)
                    if events & selectors.EVENT_READ:
                        self._receive(key.data)
                except OSError:
                    self._drop(key.data)

    def _accept(self, segment):
        sock, _ = segment.listener.accept()
        sock.setblocking(False)
        port = _Port(sock, segment)
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
        segment.record(frame)
        segment.learned[frame[6:12]] = source
        target = None if frame[0] & 1 else segment.learned.get(frame[0:6])
        for port in [target] if target else list(segment.ports):
            if port is source:
                continue
            if len(port.outbound) > BACKLOG_LIMIT:
                self.dropped += 1
                continue
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
