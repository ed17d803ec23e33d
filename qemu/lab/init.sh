#!/bin/sh
# SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
# First process of every lab machine. Kernel messages go to the first serial
# port, everything said by programs to the second.
export PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/tmp TERM=${TERM:-linux}
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev 2>/dev/null
mount -t tmpfs tmp /tmp
mkdir -p /dev/pts /run /var/run
mount -t devpts pts /dev/pts 2>/dev/null
mount -t debugfs debug /sys/kernel/debug 2>/dev/null
mount -t tracefs trace /sys/kernel/tracing 2>/dev/null
dmesg -n 7
ln -sfn lab "/lib/modules/$(uname -r)"
exec </dev/null >/dev/ttyS1 2>&1
stty -F /dev/ttyS1 raw -echo 2>/dev/null
echo "@@@ up"
. /lab/env
hostname "$LAB_NAME"

# finish CODE: say how it ended, let the port drain, stop the machine.
finish() {
	echo
	echo "@@@ exit $1"
	stty -F /dev/ttyS1 >/dev/null 2>&1
	sleep 0.3
	sync
	reboot -f
}

for m in virtio_pci virtio_net udp_tunnel ip6_udp_tunnel; do
	modprobe $m 2>/dev/null
done
ip link set lo up
# An injected fault is not distress: keep its stack dump out of the log.
for f in /sys/kernel/debug/fail*/verbose; do
	[ -e "$f" ] && echo 0 >"$f"
done
for d in /sys/class/net/eth*; do
	[ -e "$d" ] && ip link set "${d##*/}" up
done
if [ "$LAB_LEAKS" ]; then
	# What boot itself left behind is not the module's doing.
	echo scan >/sys/kernel/debug/kmemleak
	echo clear >/sys/kernel/debug/kmemleak
fi
if [ "$TIPC_MODULE" != none ]; then
	if insmod /lab/modules/tipc.ko; then
		[ -e /lab/modules/tipc_diag.ko ] && insmod /lab/modules/tipc_diag.ko
		echo "@@@ loaded"
	else
		echo "@@@ load-failed"
		dmesg | tail -n 5
		finish 125
	fi
fi
if [ "$LAB_INTERACTIVE" ]; then
	stty -F /dev/ttyS1 sane echo
	cat /lab/greeting 2>/dev/null
	[ -s /lab/script ] && (. /lab/script)
	setsid -c sh -i </dev/ttyS1 >/dev/ttyS1 2>&1
	finish 0
fi
sh /lab/script
finish $?
