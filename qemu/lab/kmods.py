# SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
"""Loadable modules: find them, unpack them, and write modprobe's two indexes."""

import gzip
import lzma
import re

from .paths import LabError

# What tests may want. Built-in ones are simply not found and left out.
WANTED = """
virtio_pci virtio_net virtio_rng udp_tunnel ip6_udp_tunnel veth bridge dummy tun ip_gre vxlan
macvlan 8021q sch_netem sch_tbf sch_prio sch_fq_codel sch_ingress cls_matchall
cls_u32 cls_flower act_mirred act_gact act_pedit gcm ghash-generic ctr ccm cbc aes_generic
aesni-intel seqiv authenc crypto_null netlink_diag unix_diag inet_diag af_packet
""".split()


def _plain(name):
    return name.replace("-", "_")


class Modules:
    """All modules below a folder, looked up by name."""

    def __init__(self, tree):
        self.tree = tree
        self.paths = {}
        for path in tree.rglob("*.ko*"):
            if re.search(r"\.ko(\.xz|\.gz)?$", path.name):
                self.paths[_plain(path.name.split(".ko")[0])] = path
        self.cache = {}

    def read(self, name):
        """The module's bytes, decompressed; None when there is no such module."""
        name = _plain(name)
        if name not in self.paths:
            return None
        if name not in self.cache:
            path = self.paths[name]
            data = path.read_bytes()
            if path.suffix == ".xz":
                data = lzma.decompress(data)
            elif path.suffix == ".gz":
                data = gzip.decompress(data)
            self.cache[name] = data
        return self.cache[name]

    def closure(self, names):
        """The named modules that exist and all they depend on."""
        result = {}
        queue = [_plain(n) for n in names]
        while queue:
            name = queue.pop(0)
            data = self.read(name)
            if name in result or data is None:
                continue
            result[name] = [_plain(d) for d in info(data, "depends")]
            queue += result[name]
        return result


def info(data, field):
    """The values of a field of the module's information section."""
    found = re.findall(rb"(?<=\0)" + field.encode() + rb"=([^\0]*)\0", data)
    values = [v.decode("latin-1") for v in found]
    if field == "depends":
        return [d for v in values for d in v.split(",") if d]
    return values


def add_modules(tree, modules, folder="/lib/modules/lab"):
    """Put the wanted modules into the image with modules.dep and modules.alias."""
    depends = modules.closure(WANTED)
    dep_lines, alias_lines = [], []
    for name, needs in sorted(depends.items()):
        data = modules.read(name)
        tree.file(f"{folder}/{name}.ko", data, 0o644)
        order, queue = [], list(needs)
        while queue:
            need = queue.pop(0)
            if need in depends and need not in order:
                order.append(need)
                queue += depends[need]
        dep_lines.append(f"{name}.ko: " + " ".join(f"{n}.ko" for n in order))
        alias_lines += [f"alias {a} {name}" for a in info(data, "alias")]
    tree.file(f"{folder}/modules.dep", ("\n".join(dep_lines) + "\n").encode(), 0o644)
    tree.file(f"{folder}/modules.alias", ("\n".join(alias_lines) + "\n").encode(), 0o644)


def c_modules(modules):
    """The kernel's own TIPC: {name: bytes}, `tipc` always, `tipc_diag` when it exists."""
    names = [n for n in ("tipc", "tipc_diag") if modules.read(n) is not None]
    if "tipc" not in names:
        raise LabError(f"no tipc.ko below {modules.tree}")
    return {n: modules.read(n) for n in names}
