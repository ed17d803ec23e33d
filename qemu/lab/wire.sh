#!/bin/sh
# SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
# wire ORDER...: give the lab's switch an order and wait for its answer (see lab/orders.py).
# One at a time in a machine; exit code 1 if the answer is an error.
if [ $# = 0 ] || [ "$1" = --help ]; then
	echo "usage: wire cut|heal SEGMENT [MACHINE] | wire faults SEGMENT [MACHINE] [loss=P] [duplicate=P]"
	echo "       [reorder=P] [delay=MS] [jitter=MS] | wire capture [NAME] | wire dropped |"
	echo "       wire meet CASE/NAME [COUNT] | wire give-up CASE"
	exit 2
fi
exec 3<>/dev/ttyS2 || exit 1
stty raw -echo <&3
echo "$*" >&3
read -r word rest <&3
[ "$word" = ok ] && { [ -z "$rest" ] || echo "$rest"; exit 0; }
echo "wire: $rest" >&2
exit 1
