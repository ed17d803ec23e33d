#!/bin/sh
# SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
# Who the node is, set and shown by the tipc tool, and what the kernel log says of it.
# rows 5.1, 5.28, 13.14, 13.15, 14.7: mgmt/node.sh:fresh, mgmt/node.sh:identity
# rows 5.6, 13.15, 13.26: mgmt/node.sh:legacy
# rows 14.7: mgmt/node.sh:log
# rows 13.13: mgmt/node.sh:list
[ "$1" = in ] || { echo "<6>lab: mark $$" >/dev/kmsg; exec unshare -n "$0" in $$; }

all() {
	tipc node get netid
	tipc node get clusterid
	tipc node get identity
	tipc node get address
	tipc node list
}
said() { "$@"; echo "exit code $?"; }

echo "== fresh"
all
echo "== identity"
said tipc node set netid 0
said tipc node set netid 10000
said tipc node set netid 1234
said tipc node set clusterid 55
said tipc node set identity node-one.@home_1
said tipc node set identity other
said tipc node set netid 56
all
echo "== hex"
unshare -n sh -c 'tipc node set identity 0102030405060708090a0b0c0d0e0f10; tipc node get identity'
unshare -n sh -c 'tipc node set identity "a b"; tipc node get identity'
unshare -n sh -c 'tipc node set identity 0123456789abcdefg; tipc node get identity'
echo "== legacy"
unshare -n sh -c '
	tipc node set addr 1.1.1
	tipc node get addr; tipc node get identity; tipc node get netid; tipc node list
	tipc node set addr 1.1.2; echo "exit code $?"
	tipc node set netid 5; echo "exit code $?"
	tipc node set identity me; echo "exit code $?"
	tipc node get addr'
echo "== late"
unshare -n sh -c '
	tipc node set identity me; tipc node set addr 1.1.1
	tipc node get addr; tipc node get identity; tipc nametable show'
echo "== list"
unshare -n sh -c 'tipc node set addr 1.1.7; tipc node list; tipc link list >/dev/null; echo "exit code $?"'
echo "== others"
said tipc peer remove address 1.1.2
said tipc peer remove identity nobody
said tipc link get priority link a:b-c:d
said tipc link set priority 5 link a:b-c:d
said tipc link stat show link a:b-c:d
said tipc bearer get priority media eth device none
said tipc bearer disable media eth device none
said tipc bearer list
said tipc link monitor get threshold
said tipc link monitor set threshold 4096
said tipc link monitor set threshold 7
said tipc link monitor get threshold
said tipc link monitor summary
said tipc node flush key
echo "== log"
since() { dmesg | sed -n "/lab: mark $1\$/,\$p" | sed -n 's|^\(\[[^]]*\] \)\{0,1\}tipc: ||p'; }
# namespaces end when the kernel gets round to it, those of tests before, too: what they
# say of their bearers and links then is none of this test's, which has neither
for i in $(seq 150); do
	[ "$(since $2 | grep -c '^Left')" -ge 4 ] && break
	usleep 200000
done
since $2 | grep -v -e '^Left' -e 'bearer <' -e '^Lost'
[ "$(since $2 | grep -c '^Left')" -ge 4 ] && echo "they have left"
