# SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
# Where things lie. Sourced by the other scripts of this folder; runs on the host.
set -euo pipefail
TOP=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# A cache folder outside the checkout is used if one is there, so that a fresh
# clone need not download and build everything again.
if [ -n "${TIPC_CACHE:-}" ]; then WORKBENCH=$TIPC_CACHE
elif [ -d "${XDG_CACHE_HOME:-$HOME/.cache}/tipc-rust" ]; then WORKBENCH=${XDG_CACHE_HOME:-$HOME/.cache}/tipc-rust
else WORKBENCH=$TOP/.workbench; fi
TOOLBOX=$WORKBENCH/toolbox
say() { printf '%s [%4ds] %s\n' "==>" "$SECONDS" "$*" >&2; }
die() { printf 'error: %s\n' "$*" >&2; exit 1; }
need_root() {
	[ "$(id -u)" = 0 ] && return
	command -v sudo >/dev/null || die "this needs root: run it as root, or install sudo"
	exec sudo TIPC_CACHE="$WORKBENCH" KERNEL="${KERNEL:-}" "$0" "$@"
}
need_space() { # need_space MEGABYTES FOR-WHAT
	mkdir -p "$WORKBENCH"
	local free
	free=$(df -Pm "$WORKBENCH" | awk 'NR==2 {print $4}')
	[ "$free" -ge "$1" ] || die "$2 needs $1 MB of disk below $WORKBENCH, $free MB are free"
}
