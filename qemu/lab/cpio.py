# SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
"""A tree of files held in memory, written out as a compressed 'newc' archive."""

import gzip
import hashlib
import stat


class Tree:
    """Files, folders, links and device nodes by their path in the guest."""

    def __init__(self):
        self.entries = {}

    def folder(self, path):
        path = path.strip("/")
        while path:
            self.entries.setdefault(path, (stat.S_IFDIR | 0o755, b"", 0, 0, 0))
            path = path.rpartition("/")[0]

    def file(self, path, data, mode=0o755, mtime=0):
        path = path.strip("/")
        self.folder(path.rpartition("/")[0])
        self.entries[path] = (stat.S_IFREG | mode, data, 0, 0, mtime)

    def link(self, path, target):
        path = path.strip("/")
        self.folder(path.rpartition("/")[0])
        self.entries.setdefault(path, (stat.S_IFLNK | 0o777, target.encode(), 0, 0, 0))

    def device(self, path, major, minor):
        path = path.strip("/")
        self.folder(path.rpartition("/")[0])
        self.entries[path] = (stat.S_IFCHR | 0o600, b"", major, minor, 0)

    def key(self):
        """A name that changes when any content changes."""
        digest = hashlib.sha256()
        for path, (mode, data, *rest) in sorted(self.entries.items()):
            digest.update(f"{path}\0{mode}\0{rest}\0{len(data)}\0".encode())
            digest.update(data)
        return digest.hexdigest()[:24]

    def pack(self):
        """The gzip-compressed archive."""
        parts = []
        inode = 1
        for path, entry in sorted(self.entries.items()):
            parts.append(_record(inode, path, *entry))
            inode += 1
        parts.append(_record(0, "TRAILER!!!", 0, b"", 0, 0, 0))
        raw = b"".join(parts)
        raw += b"\0" * (-len(raw) % 512)
        return gzip.compress(raw, compresslevel=1, mtime=0)


def _record(inode, path, mode, data, major, minor, mtime):
    name = path.encode() + b"\0"
    fields = (inode, mode, 0, 0, 1, mtime, len(data), 0, 0, major, minor, len(name), 0)
    head = b"070701" + b"".join(b"%08x" % f for f in fields) + name
    head += b"\0" * (-len(head) % 4)
    return head + data + b"\0" * (-len(data) % 4)
