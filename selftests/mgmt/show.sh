#!/bin/sh
# SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
# Sockets and bindings, as the tipc tool shows them.
# rows 13.16, 3.5, 4.18: mgmt/show.sh:nametable, mgmt/show.sh:renumbered
# rows 13.6, 13.7: mgmt/show.sh:sockets, mgmt/show.sh:renumbered
[ "$1" = in ] || exec unshare -n "$0" in

various() {
	/lab/various >/tmp/various &
	for i in $(seq 100); do
		grep -q ready /tmp/various && break
		usleep 100000
	done
	cat /tmp/various
}

echo "== empty"
tipc nametable show
tipc socket list
various
echo "== nametable"
tipc nametable show
echo "== sockets"
tipc socket list
echo "== renumbered"
tipc node set addr 1.1.9
tipc nametable show
tipc socket list
echo "== closed"
kill $!
wait $! 2>/dev/null
tipc nametable show
tipc socket list
echo "== identity"
unshare -n sh -c 'tipc node set identity nodeA; tipc nametable show'
