# SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
# Three nodes on one wire; each machine runs this. `others` are the numbers of the other two.
. /lib.sh
others=$(seq 3 | grep -v "^$LAB_INDEX\$" | tr '\n' ' ')
me() { [ $LAB_NAME = $1 ]; }
ask() { traffic ask "$@" $TYPE $others; }

mesh() {
	tipc node set identity $LAB_NAME && join 0 || return 1
	serve
	linked 2 && meet meshed
}

talk() {
	meet talk || return 1
	ask -s some -w 4 || return 1
	meet talked
}

# Each node sends to all three, itself too, in turn and all at the same time.
multicast() {
	for one in a b c all; do
		meet multicast-$one || return 1
		me $one || [ $one = all ] || continue
		ask -k mcast -m 3 -s some -w 4 || return 1
	done
	meet multicast_done
}

# leaves WHO: one goes and comes back; the others do not notice in what they tell each other
leaves() {
	meet leaves || return 1
	if me $1; then
		sleep 1
		unload && sleep 1 && load $LAB_NAME && join 0 && serve
	else
		local third=$(for n in $others; do [ $n != $2 ] && echo $n; done)
		traffic ask -t 6 -w 4 $TYPE $third || return 1
	fi
	linked 2 || return 1
	meet back || return 1
	ask -k rdm,seq -s some -w 2 || return 1
	meet left
}

# For a soak: everybody talks to everybody, multicast too, for MINUTES; each flow rests for PAUSE
# milliseconds after a message.
soak() {
	grep -E "^(Slab|MemFree)" /proc/meminfo
	meet soak || return 1
	ask -k ${KINDS:-rdm,addr,seq,stream,mcast} -m 3 -w 4 -g ${PAUSE:-10} -p 60 -t $((MINUTES * 60)) || return 1
	meet soaked || return 1
	grep -E "^(Slab|MemFree)" /proc/meminfo
	tipc link list
	linked 2
}

check mesh mesh
if [ "$MINUTES" ]; then
	check soak soak
else
	check talk talk
	check multicast multicast
	check leaves-a leaves a 1
	check leaves-c leaves c 3
fi
stop() { leave 0; unload; }
check unload stop
