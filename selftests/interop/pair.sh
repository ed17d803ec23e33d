# SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
# Two nodes, a and b, with two wires between them. Both machines run this; they meet where one
# has to wait for the other. `other` is the other's number.
. /lib.sh
other=$((3 - LAB_INDEX))
me() { [ $LAB_NAME = $1 ]; }
ask() { traffic ask "$@" $TYPE $other; }

# contact FIRST ADDRESS: FIRST is there before the other comes; a has the ADDRESS low or high. They
# meet, tell names, talk, withdraw names and part. What is seen on the wire must be the story that
# two C nodes tell (qemu/lab/judge.py).
contact() {
	local identity=theirs	# the low address
	me a && [ $2 = high ] && identity=ours
	me b && [ $2 = low ] && identity=ours
	unload && load $identity || return 1
	meet loaded || return 1
	me a && wire capture contact-$1-$2
	meet captured || return 1
	if me $1; then
		join 0 && sleep 1.2
		serve
		sleep 0.2
		meet first_is_there || return 1
	else
		meet first_is_there || return 1
		join 0
	fi
	linked 1 || return 1
	me $1 || sleep 0.5
	me $1 || serve
	meet both_serve || return 1
	for one in a b; do
		if me $one; then
			ask -k rdm -s small -w 1 -n 3 || return 1
		fi
		meet $one-has-asked || return 1
	done
	if ! me $1; then
		killall traffic
		wait $server	# with its last socket it has withdrawn its names
		sleep 0.3
		leave 0
		sleep 0.2
	fi
	meet left || return 1
	me a && wire capture
	true
}

sizes() {
	meet sizes || return 1
	ask -k rdm,seq -s classes || return 1
	meet classes || return 1
	ask -k addr,stream -s some || return 1
	meet sizes_done
}

# Small sends of streams, in rows: the sender holds some of them back, and all come.
streams() {
	pour take 2000 $LAB_INDEX &
	local taker=$!
	meet streams || return 1
	ask -k stream -s small -w 60 || return 1
	meet small_sends || return 1
	for one in a b; do
		if me $one; then
			pour give 2000 $other || return 1
		fi
		meet $one-has-poured || return 1
	done
	kill $taker
}

# Every size from 1 to 66000, two gigabytes each way: one end sends the odd ones, the other the
# even ones, and both send back what they get.
every_size() {
	local half=even
	me a && half=odd
	meet every_size || return 1
	ask -k rdm -s $half -p 60 || return 1
	meet every_size_done
}

# goes WHO HOW...: WHO restarts while the other's traffic goes on, then all is well again, and that
# traffic has come back to life. (The link of the one that restarts is new; the other may not have
# noticed yet that its own is dead.)
goes() {
	local who=$1
	shift
	meet goes || return 1
	if me $who; then
		sleep 1
		"$@" && linked 1 || return 1
	else
		meanwhile ask -r -t 100 -p 4
	fi
	meet back || return 1
	linked 1 || return 1
	if ! me $who; then
		sleep 1
		killall -USR1 traffic
		result || return 1
	fi
	ask -s some -w 4 || return 1
	meet gone
}

rejoins() {
	leave 0 && sleep 0.5 && join 0
}

reloads() {
	unload && load $LAB_NAME && join 0 && serve
}

# as a machine that loses power and is back before the other knows
vanishes() {
	wire cut all $LAB_NAME
	unload
	wire heal all $LAB_NAME
	load $LAB_NAME && join 0 && serve
}

# Each of the two links is cut and heals while traffic goes on in both directions; multicasts are
# broadcast, and take the other wire.
cut() {
	tipc link set broadcast BROADCAST || return 1
	join 1
	linked 2 || return 1
	meet two_links || return 1
	# nothing was said on either when the second came and the first went
	if me a; then
		wire cut 0
		linked 1 || return 1
		ask -k mcast -m 2 -s some -w 4 -p 10 || return 1
		wire heal 0
		linked 2 || return 1
	fi
	meet quiet_cut || return 1
	meanwhile ask -k rdm,addr,seq,stream,mcast -m 2 -t 100 -p 30
	if me a; then
		for wire in 1 0; do
			sleep 1
			wire cut $wire
			linked 1 || return 1
			sleep 0.5
			wire heal $wire
			linked 2 || return 1
		done
		sleep 1
	fi
	meet healed || return 1
	killall -USR1 traffic
	result || return 1
	tipc link set broadcast AUTOSELECT
	meet cut_done
}

# Frames are lost, doubled and overtaken on both wires.
faults() {
	meet faults || return 1
	me a && wire faults all loss=0.01 duplicate=0.01 reorder=0.02 delay=1
	me a && wire capture faults	# which must not begin within a message
	meet faulty || return 1
	ask -k rdm,seq,stream -s some -w 4 -p 30 || return 1
	meet faults_done || return 1
	me a && wire heal all && wire capture
	true
}

for first in a b; do
	for address in low high; do
		check contact-$first-$address contact $first $address
	done
done
start() { unload && load $LAB_NAME && join 0 && serve && linked 1; }
check start start
check sizes sizes
check streams streams
check every-size every_size
check rejoin-b goes b rejoins
check rejoin-a goes a rejoins
check reload-b goes b reloads
check reload-a goes a reloads
check vanish-b goes b vanishes
check vanish-a goes a vanishes
check cut cut
check faults faults
stop() { leave 0; leave 1; unload; }
check unload stop
