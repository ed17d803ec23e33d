#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
"""A server that sends back what it gets, and a client, over any kind of TIPC socket.

    echo.py serve rdm 18888 17 &
    echo.py ask rdm 18888 17 hello
"""

import argparse
import socket

KINDS = {"rdm": socket.SOCK_RDM, "seqpacket": socket.SOCK_SEQPACKET, "stream": socket.SOCK_STREAM}


def serve(kind, service, instance, count):
    """Serve `count` messages (rdm) or connections, for ever when it is 0."""
    with socket.socket(socket.AF_TIPC, KINDS[kind]) as server:
        # In Python, a service address is (kind of address, type, lower, upper, scope).
        server.bind((socket.TIPC_ADDR_NAMESEQ, service, instance, instance,
                     socket.TIPC_CLUSTER_SCOPE))
        if kind != "rdm":
            server.listen()
        print(f"serving {{{service},{instance}}}", flush=True)
        served = 0
        while not count or served < count:
            if kind == "rdm":
                message, sender = server.recvfrom(66000)
                server.sendto(message, sender)
            else:
                connection, _ = server.accept()
                with connection:
                    while message := connection.recv(66000):
                        connection.sendall(message)
            served += 1


def ask(kind, service, instance, text):
    """Send a text, return what comes back."""
    message = text.encode()
    # (kind of address, type, instance, domain): domain 0 is any node.
    address = (socket.TIPC_ADDR_NAME, service, instance, 0)
    with socket.socket(socket.AF_TIPC, KINDS[kind]) as client:
        client.settimeout(10)
        if kind == "rdm":
            client.sendto(message, address)
            return client.recv(66000).decode()
        client.connect(address)
        client.sendall(message)
        answer = client.recv(66000)
        while len(answer) < len(message):
            answer += client.recv(66000)
        client.shutdown(socket.SHUT_RDWR)
        return answer.decode()


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("role", choices=("serve", "ask"))
    parser.add_argument("kind", choices=KINDS)
    parser.add_argument("type", type=int)
    parser.add_argument("instance", type=int)
    parser.add_argument("text", nargs="?", default="hello", help="what to ask (hello)")
    parser.add_argument("--count", type=int, default=0, help="serve so many messages or connections")
    args = parser.parse_args()
    if args.role == "serve":
        serve(args.kind, args.type, args.instance, args.count)
    else:
        print(ask(args.kind, args.type, args.instance, args.text))


if __name__ == "__main__":
    main()
