# SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
"""What is measured, where, and what each row must come to.

A row is PLACE/TEST/PROTOCOL/SIZE, as selftests/perf/table.c names it after the place.
"""

SIZES = (64, 256, 1024, 4096, 16384, 65536)
TIPC = ("rdm", "seq", "stream")
# The judge of a TIPC protocol among AF_UNIX: what keeps messages apart as it does.
UNIX = {"rdm": "udgram", "seq": "useq", "stream": "ustream"}
PLACES = ("node", "link", "cpus")
MEMBERS = {"node": ("ours", "c", "none"), "link": ("ours", "c", "none"), "cpus": ("ours", "c", "none")}

# Two nodes in two namespaces. The C module finds out that its neighbour is of the same kernel by
# a hash in word 13 of the beacons, and then calls it directly: no frame is sent. The filter
# zeroes that word in what it sends, before and as long as the bearer is there. The same for all
# modules and for TCP, which pays for the filter as well.
LINK = """
# the shell has an ip and a tc of its own
ip() { /bin/ip "$@"; }
tc() { /bin/tc "$@"; }
for m in sch_ingress cls_u32 act_pedit veth; do modprobe $m; done
ip netns add a; ip netns add b
ip link add v1 netns a type veth peer name v1 netns b || exit 1
for n in a b; do
	ip -n $n link set lo up
	tc -n $n qdisc add dev v1 clsact || exit 1
	tc -n $n filter add dev v1 egress protocol 0x88ca u32 match u32 0x5a000000 0xfe000000 at 0 \\
		action pedit munge offset 52 u32 set 0 || exit 1
	ip -n $n link set v1 up
done
ip -n a addr add 10.9.0.1/24 dev v1; ip -n b addr add 10.9.0.2/24 dev v1
if [ "$TIPC_MODULE" != none ]; then
	for n in a b; do
		ip netns exec $n tipc node set identity node$n || exit 1
		ip netns exec $n tipc bearer enable media eth device v1 || exit 1
	done
fi
sleep 5
"""


def of_member(member, tests, sizes):
    """Rows of one boot: TIPC with a module, the others without."""
    protocols = ("tcp", "udgram", "useq", "ustream") if member == "none" else TIPC
    return [f"{t}/{p}/{s}" for t in tests for p in protocols for s in sizes]


def rows(place, member):
    """Rows of table.c for this place and member."""
    if place == "cpus":
        return of_member(member, ("many",), (64, 1024, 16384))
    if place == "link":
        found = of_member(member, ("rtt", "oneway"), SIZES) + of_member(member, ("conn",), (64,))
        if member != "none":
            found += ["bind/rdm/64"]
        return [r for r in found if "/u" not in r and r != "conn/rdm/64"]
    found = of_member(member, ("self", "rtt", "oneway"), SIZES)
    found += of_member(member, ("conn", "socket"), (64,))
    if member == "none":
        found += [f"{t}/{p}/{s}" for t in ("mcast1", "mcast8") for p in ("tcp", "useq") for s in SIZES]
        return [r for r in found if r != "conn/udgram/64"]
    found += [f"{t}/rdm/{s}" for t in ("mcast1", "mcast8") for s in SIZES]
    found += [f"bind/{p}/64" for p in TIPC] + [f"{t}/rdm/4000" for t in ("same", "unsame")]
    return [r for r in found if r != "conn/rdm/64"]


def script(place, member, names, mark=None):
    """What the guest runs for these rows."""
    marked = f"-m {mark} " if mark else ""
    rest = [n for n in names if not n.startswith("events/")]
    events = [n.split("/")[1] for n in names if n.startswith("events/")]
    # A row that fails says so itself; the others go on.
    lines = []
    if rest and place == "link":
        lines.append(LINK + f"ip netns exec a table -r /run/netns/b -a 10.9.0.2 {marked}{' '.join(rest)}")
    elif rest:
        lines.append(f"table {marked}{' '.join(rest)}")
    if events:
        m = "-m events " if mark and mark.startswith("events/") else ""
        lines.append(f"events {m}{' '.join(events)}")
    return "\n".join(lines) + "\n"


def target(name):
    """The most that ours/C may be by the decision of this project, None where there is only 1."""
    place, test, protocol, size = (name.split("/") + ["0"])[:4]
    size = int(size) if size.isdigit() else 0
    if test == "events":
        return 0.55
    if place == "cpus":
        return 1.00
    if place == "link" and test in ("rtt", "oneway"):
        return 0.90 if size <= 1024 else 0.60
    if place == "node" and test in ("self", "rtt", "oneway"):
        if size >= 16384:
            return 0.70
        if test == "rtt":
            return 0.97
        return {"self": 0.90, "oneway": 0.80}[test] if size <= 1024 else 1.00
    if test == "mcast8":
        return 0.80 if size == 1024 else 1.00
    return {"mcast1": 0.65, "bind": 0.95, "socket": 0.95, "same": 0.30, "unsame": 0.30,
            "conn": 0.80}.get(test, 1.00)
