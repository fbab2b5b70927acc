#!/usr/bin/env python3
"""Slow clients of a mirror: a third trickles heads, a third takes a large page by a kilobyte now and then, a third asks once and stays.

    bench/slow.py PORT COUNT PAGE LARGE

PAGE and LARGE are paths that the mirror answers. Says every half second how many connections stand, and ends with its input.
"""

import errno
import resource
import select
import socket
import sys
import threading
import time
import types

import bench

# Of each kind, 20 times a second: more would be a flood of connections.
OPENED_AT_ONCE = 30
OPENED_EVERY_SECONDS = 0.05
# Linux, include/uapi/linux/in.h
IP_BIND_ADDRESS_NO_PORT = 24


def clients(port: int, count: int, page: str, large: str, standing, over) -> None:
    """Keeps that many slow connections, opens another one for each that ends, and says how many stand, until it is over."""
    head = f"GET {large} HTTP/1.1\r\nHost: x\r\nAccept: {bench.JSON}\r\n".encode()
    requests = [head, head + b"\r\n", f"GET {page} HTTP/1.1\r\nHost: x\r\n\r\n".encode()]
    poll = select.epoll()
    open_ones, counts, turn, next_opening = {}, [0, 0, 0], None, 0.0

    def connect(kind: int) -> None:
        client = socket.socket()
        if kind == 1:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.setblocking(False)
        # Each address has ports of its own, and none is taken before it is known where to
        client.setsockopt(socket.IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1)
        client.bind((f"127.0.0.{2 + kind}", 0))
        if client.connect_ex(("127.0.0.1", port)) not in (0, errno.EINPROGRESS):
            client.close()
            return
        open_ones[client.fileno()] = (client, kind)
        counts[kind] += 1
        poll.register(client.fileno(), select.EPOLLOUT)

    def end(number: int) -> None:
        client, kind = open_ones.pop(number)
        counts[kind] -= 1
        client.close()

    while not over.is_set():
        opening = time.monotonic() >= next_opening
        if opening:
            next_opening = time.monotonic() + OPENED_EVERY_SECONDS
        for kind in range(3) if opening else ():
            for _ in range(min((count + kind) // 3 - counts[kind], OPENED_AT_ONCE)):
                connect(kind)
        for number, events in poll.poll(0.05, 1000):
            client, kind = open_ones[number]
            try:
                if events & select.EPOLLOUT:
                    client.send(requests[kind])
                    poll.modify(number, 0 if kind == 1 else select.EPOLLIN)
                elif kind == 1 or not client.recv(65536):
                    end(number)
            except OSError:
                end(number)
        standing.value = len(open_ones)
        # Each moves a little now and then: a tenth in each round of half a second.
        before, turn = turn, int(time.monotonic() * 2) % 10
        if turn == before:
            continue
        for number, (client, kind) in list(open_ones.items()):
            if number % 10 != turn or kind == 2:
                continue
            try:
                if kind == 0:
                    client.send(b"X: y\r\n")
                elif not client.recv(1024):
                    end(number)
            except BlockingIOError:
                pass
            except OSError:
                end(number)


def main() -> None:
    if len(sys.argv) != 5:
        sys.exit(__doc__)
    port, count, page, large = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4]
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    most >= count + 100 or sys.exit(f"{count} connections need {count + 100} open files, and there may be {most}: ulimit -n")
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    standing, over = types.SimpleNamespace(value=0), threading.Event()
    thread = threading.Thread(target=clients, args=(port, count, page, large, standing, over))
    thread.start()

    def say() -> None:
        while not over.wait(0.5):
            print(standing.value, flush=True)

    threading.Thread(target=say, daemon=True).start()
    sys.stdin.read()
    over.set()
    thread.join()


if __name__ == "__main__":
    main()
