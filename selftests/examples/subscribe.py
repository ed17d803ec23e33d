#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
"""Prints a line whenever a socket binds or withdraws instances of a service.

    subscribe.py 18888 &
    echo.py serve rdm 18888 17
"""

import argparse
import socket
import struct

# struct tipc_subscr: type, lower, upper, timeout, filter, 8 bytes of the user's own.
SUBSCRIPTION = struct.Struct("=5I8s")
# struct tipc_event: event, found lower and upper, socket, node, and the subscription.
EVENT = struct.Struct(f"=5I{SUBSCRIPTION.size}s")
WORDS = {socket.TIPC_PUBLISHED: "up", socket.TIPC_WITHDRAWN: "down"}


def subscribe(service, lower, upper, milliseconds=0xffffffff):
    """Yield (up or down, lower, upper, socket, node) until the time is over."""
    with socket.socket(socket.AF_TIPC, socket.SOCK_SEQPACKET) as server:
        server.connect((socket.TIPC_ADDR_NAME, socket.TIPC_TOP_SRV, socket.TIPC_TOP_SRV, 0))
        server.sendall(SUBSCRIPTION.pack(service, lower, upper, milliseconds,
                                         socket.TIPC_SUB_PORTS, b""))
        while True:
            event, *what, _ = EVENT.unpack(server.recv(EVENT.size))
            if event == socket.TIPC_SUBSCR_TIMEOUT:
                return
            yield WORDS[event], *what


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("type", type=int)
    parser.add_argument("lower", type=int, nargs="?", default=0)
    parser.add_argument("upper", type=int, nargs="?", default=0xffffffff)
    parser.add_argument("--milliseconds", type=int, default=0xffffffff, help="leave after this time")
    args = parser.parse_args()
    for word, low, high, ref, node in subscribe(args.type, args.lower, args.upper, args.milliseconds):
        print(f"{word:4} {{{args.type},{low}..{high}}} socket {ref} on node {node:x}", flush=True)


if __name__ == "__main__":
    main()
