#!/usr/bin/env python3
"""A file that the mirror doesn't have yet: fetched through the mirror beside fetched from the same upstream directly, in turn.

    bench/cold-file.py [--rounds 21] [--warm-up 200] [--mib 95] [--link-mbit 1000]

Promise: the median rate through the mirror is at least 0.9 of the direct one, and the median time to the first byte of the body at most
5 ms longer. Upstream is nginx, which sends as fast as a link of --link-mbit would take; 0 for no limit, where the digests (BLAKE2b
and SHA-256 of every byte) are measured beside a bare copy in memory, and the promise isn't made. Each round has a file of its
own with PyPI's kind of path; its page is known to the mirror. Before them come --warm-up small files through the mirror, since the
promise is that of a process that has served for a while: what the very first file takes is printed beside. The exit code says
whether the promise holds.
"""

import argparse
import hashlib
import json
import os
import socket
import statistics
import sys
import time

import bench

RATE_SHARE = 0.9
FIRST_BYTE_SECONDS = 0.005


def fetch(port: int, path: str, size: int) -> tuple:
    """Seconds to the first byte of the body, seconds to the last."""
    with socket.create_connection(("127.0.0.1", port), 60) as connection:
        begun = time.perf_counter()
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n".encode())
        head = b""
        while b"\r\n\r\n" not in head:
            head += connection.recv(4096)
        head, _, body = head.partition(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200"):
            sys.exit(f"GET {path}: {head[:200]!r}")
        part = bytearray(1 << 18)
        count = len(body) or connection.recv_into(part)
        first = time.perf_counter() - begun
        while count < size:
            read = connection.recv_into(part)
            if not read:
                sys.exit(f"GET {path}: ended after {count} of {size} bytes")
            count += read
        return first, time.perf_counter() - begun


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=21)
    parser.add_argument("--warm-up", type=int, default=200)
    parser.add_argument("--mib", type=int, default=95)
    parser.add_argument("--link-mbit", type=int, default=1000)
    options = parser.parse_args()
    bench.need("nginx")
    size = options.mib * bench.MIB

    with bench.site() as site:
        folder = site.folder / "upstream"
        paths, entries, common = [], [], bytearray(os.urandom(size))
        for number in range(options.warm_up + options.rounds):
            content = memoryview(common)[:bench.MIB if number < options.warm_up else size]
            content[:8] = number.to_bytes(8, "big")
            name = f"bench-1.{number}-py3-none-any.whl"
            blake2b = hashlib.blake2b(content, digest_size=32).hexdigest()
            paths.append(f"/packages/{blake2b[:2]}/{blake2b[2:4]}/{blake2b[4:]}/{name}")
            file = folder / paths[-1][1:]
            file.parent.mkdir(parents=True)
            file.write_bytes(content)
            entries.append({"filename": name, "url": paths[-1], "hashes": {"sha256": hashlib.sha256(content).hexdigest()}, "size": len(content)})
        page = folder / "simple/bench/index.json"
        page.parent.mkdir(parents=True)
        page.write_text(json.dumps({"meta": {"api-version": "1.1"}, "name": "bench", "versions": [], "files": entries}))
        limit = f"limit_rate {options.link_mbit * 1_000_000 // 8 // 1024}k;" if options.link_mbit else ""
        upstream = site.nginx("", f"""
    root {folder}; {limit}
    location /simple/ {{ index index.json; types {{ {bench.JSON} json; }} add_header Cache-Control max-age=600; }}""")
        mirror, _ = site.mirror(upstream)
        bench.Client(mirror).get("/simple/bench/")
        warming = [fetch(mirror, path, bench.MIB)[0] for path in paths[:options.warm_up]]

        print(f"load before: {bench.load_average()}")
        ways = {"direct": upstream, "through": mirror}
        times = {way: [] for way in ways}
        for path in paths[options.warm_up:]:
            for way, port in ways.items():
                times[way].append(fetch(port, path, size))
        print("| way | MB/s, median (least–most) | first byte, ms, median (least–most) |\n|---|---|---|")
        rate, first = {}, {}
        for way in ways:
            rates = [size / 1e6 / last for _, last in times[way]]
            firsts = [head * 1000 for head, _ in times[way]]
            rate[way], first[way] = statistics.median(rates), statistics.median(firsts)
            print(f"| {way} | {rate[way]:.0f} ({min(rates):.0f}–{max(rates):.0f}) | {first[way]:.1f} ({min(firsts):.1f}–{max(firsts):.1f}) |")
        share, later = rate["through"] / rate["direct"], first["through"] - first["direct"]
        print(f"share of the direct rate: {share:.2f}; first byte {later:.1f} ms later")
        if warming:
            print(f"first byte of the very first file, of 1 MiB: {warming[0] * 1000:.0f} ms")
        print(f"load after: {bench.load_average()}")
    sys.exit(0 if not options.link_mbit or (share >= RATE_SHARE and later <= FIRST_BYTE_SECONDS * 1000) else 1)


if __name__ == "__main__":
    main()
