#!/bin/sh
# SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
# The tipc tool in the hands of users without privileges.
# rows 13.15: mgmt/users.sh:nobody, mgmt/users.sh:own, mgmt/users.sh:others
[ "$1" = in ] || exec unshare -n "$0" in

look='tipc node get netid; tipc node get identity; tipc nametable show; tipc node list'
change='
	for what in "node set netid 5" "node set identity me" "node set addr 1.1.1" \
		"link monitor set threshold 5" "peer remove address 1.1.5" "node flush key" \
		"bearer disable media eth device eth0"; do
		echo "$what"; tipc $what; echo "exit code $?"
	done'

echo "== nobody"
su nobody -c "$look; $change; $look"
echo "== others"
export look change
su nobody -c 'unshare -Ur sh -c "$change; $look"'
echo "== own"
su nobody -c 'unshare -Urn sh -c "$change; $look"'
true
