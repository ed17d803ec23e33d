# SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
"""What is measured, where, and what each row must come to.

A row is PLACE/TEST/PROTOCOL/SIZE, as selftests/perf/table.c names it after the place.
"""

SIZES = (64, 256, 1024, 4096, 16384, 65536)
TIPC = ("rdm", "seq", "stream")
# The judge of a TIPC protocol among AF_UNIX: what keeps messages apart as it does.
UNIX = {"rdm": "udgram", "seq": "useq", "stream": "ustream"}
PLACES = ("node", "link", "vms", "cpus", "idle", "memory", "names", "mesh")
EVENTS = ["events/0", "events/1", "events/10"]
# What an idle thing is made of for the program and the scripts of `memory`; a boot each, as memory
# that an earlier one left behind is used again.
THINGS = ("socket/rdm", "socket/stream", "binding/one", "binding/each", "connection/stream", "namespace", "link")

# How many names and sockets there are when one more is counted. The C module takes minutes for 65000
# bindings of one name, as it looks through all of them for each.
COUNTS = (1, 1000, 10000, 65000)
MOST_OF_ONE_NAME = {"ours": 65000, "c": 10000}
# Namespaces that are nodes on one bridge. With 128 of the C module some never see all others, which takes
# minutes to see: `tools/bench/mesh 128` does.
MESHES = {"ours": (128, 64), "c": (64,)}

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


# A machine of two; the wire leads to the other one.
MACHINE = """
/bin/ip addr add 10.9.0.{number}/24 dev eth0 || exit 1
if [ "$TIPC_MODULE" != none ]; then
	tipc node set identity node{number} || exit 1
	tipc bearer enable media eth device eth0 || exit 1
fi
"""

# What 100 namespaces cost when the module comes to them and each becomes a node. Slabs alone: the module's
# own pages and those of so many commands would be the greater part of free memory.
NAMESPACE = """
ip() { /bin/ip "$@"; }
kb() { sed -n "s/^$1: *\\([0-9]*\\) kB/\\1/p" /proc/meminfo; }
rmmod tipc_diag 2>/dev/null
rmmod tipc || exit 1
insmod /lab/modules/tipc.ko && rmmod tipc || exit 1
for i in $(seq 100); do ip netns add n$i || exit 1; done
sleep 10
slab=$(kb Slab)
insmod /lab/modules/tipc.ko || exit 1
for i in $(seq 100); do ip netns exec n$i tipc node set identity n$i || exit 1; done
sleep 10
printf 'row\\tnamespace/slab\\t%d\\t0\\t0\\n' $((($(kb Slab) - slab) * 1024 / 100))
"""

# Nodes on one bridge, all of them neighbours, when there are 8, 28 and 48. A node more costs the
# same each time, so what the second twenty cost more than the first comes from their 800 more ends of links.
MESH = """
ip() { /bin/ip "$@"; }
kb() { sed -n "s/^$1: *\\([0-9]*\\) kB/\\1/p" /proc/meminfo; }
modprobe veth; modprobe bridge
ip link add br0 type bridge; ip link set br0 up
for i in $(seq 48); do
	ip netns add n$i
	ip link add v$i type veth peer name eth0 netns n$i || exit 1
	ip link set v$i master br0 up
	ip -n n$i link set eth0 up
	ip netns exec n$i tipc node set identity n$i
done
sleep 5
at=0
for most in 8 28 48; do
	for i in $(seq $((at + 1)) $most); do
		ip netns exec n$i tipc bearer enable media eth device eth0 || exit 1
	done
	sleep 60
	for i in 1 $most; do
		[ $(ip netns exec n$i tipc node list | grep -c ' up$') = $((most - 1)) ] || exit 1
	done
	sleep 5
	eval slab$most=$(kb Slab) free$most=$(kb MemFree)
	at=$most
done
printf 'row\\tlink/slab\\t%d\\t0\\t0\\nrow\\tlink/free\\t%d\\t0\\t0\\n' \\
	$(((slab48 - 2 * slab28 + slab8) * 1024 / 800)) $(((2 * free28 - free48 - free8) * 1024 / 800))
"""


def turns_of_lap(name):
    """Turns of each lap of a row between two machines, as lap_of() of perf/table has it."""
    test, _, size = name.split("/")
    size = int(size)
    if size <= 1024:
        return 256 if test == "rtt" else 1024
    return 128 if size <= 4096 else 48 if size <= 16384 else 16


def of_member(member, tests, sizes):
    """Rows of one boot: TIPC with a module, the others without."""
    protocols = ("tcp", "udgram", "useq", "ustream") if member == "none" else TIPC
    return [f"{t}/{p}/{s}" for t in tests for p in protocols for s in sizes]


def of_many(most):
    """Rows of selftests/perf/scale.c, with up to `most` bindings of one name."""
    def each(tests, limit):
        return [f"{t}/{n}" for n in COUNTS if n <= limit for t in tests]
    return (each(("lookup", "bind"), COUNTS[-1]) + [f"close/{COUNTS[-1]}"] + each(("port", "socket"), 10000)
            + each(("multicast",), 1000) + each(("lookup-one", "bind-one"), most) + [f"close-one/{most}"])


def rows(place, member):
    """Rows for this place and member."""
    if place == "idle":
        return ["idle/tcp/100" if member == "none" else "idle/rdm/100"]
    if place == "memory":
        return [] if member == "none" else [f"{t}/{kind}" for t in THINGS for kind in ("slab", "free")
                                             if (t, kind) != ("namespace", "free")]
    if place in ("names", "mesh") and member == "none":
        return []
    if place == "names":
        return of_many(MOST_OF_ONE_NAME[member])
    if place == "mesh":
        return [f"{what}/{n}" for n in MESHES[member] for what in ("missing", "kb", "idle")]
    if place == "vms":
        return [r for r in of_member(member, ("rtt", "oneway"), SIZES) if "/u" not in r]
    if place == "cpus":
        # many send to sockets that they are not connected with, which pairs of udgram are
        return [r for r in of_member(member, ("many",), (64, 1024, 16384)) if "/udgram" not in r]
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
    found += EVENTS
    return [r for r in found if r != "conn/rdm/64"]


def boots(place, names):
    """The rows of each boot."""
    if place == "mesh":
        counts = dict.fromkeys(n.partition("/")[2] for n in names)
        return [[n for n in names if n.endswith(f"/{count}")] for count in counts]
    if place == "vms":
        # Two machines depend on what else this one does, so few rows at a time.
        tests = dict.fromkeys(n.partition("/")[0] for n in names)
        return [[n for n in names if n.startswith(f"{test}/")] for test in tests]
    if place != "memory":
        return [names] if names else []
    return [part for t in THINGS if (part := [n for n in names if n.rpartition("/")[0] == t])]


def order(wanted):
    """The boots (place, member, rows) in their order, of what is wanted of each place and member: of two machines
    the same rows of both modules one after the other, so that two guests at a time count them in the same minutes."""
    work = [(number, place, member, part) for place, member, names in wanted
            for number, part in enumerate(boots(place, names))]
    # The longest first, or the last would run alone.
    # None comes last: a third between them would put the modules' next rows apart.
    def rank(item):
        number, place, member, _ = item
        return place != "mesh", PLACES.index(place), *((member == "none", number) if place == "vms" else ())
    work.sort(key=rank)
    return [item[1:] for item in work]


def far_script(names):
    """What the machine at the other end of the wire runs for these rows."""
    return MACHINE.format(number=2) + f"table -s {' '.join(names)}\n"


def script(place, member, names, mark=None):
    """What the guest runs for these rows."""
    if place == "memory":
        thing = names[0].rpartition("/")[0]
        return {"namespace": NAMESPACE, "link": MESH}.get(thing, f"memory {thing}\n")
    if place == "names":
        return f"scale -o {MOST_OF_ONE_NAME[member]} {' '.join(map(str, COUNTS))}\n"
    if place == "vms":
        return MACHINE.format(number=1) + f"table -o -a 10.9.0.2 -m all {' '.join(names)}\n"
    if place == "idle":
        return LINK + f"ip netns exec a table -m all {' '.join(names)}\n"
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
