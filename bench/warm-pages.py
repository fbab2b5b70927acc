#!/usr/bin/env python3
"""Warm project pages: the mirror beside nginx's proxy_cache, same bytes, same machine, in turn.

    bench/warm-pages.py [--rounds 5] [--seconds 5] [--connections 64] [--files 3600,40]

Needs wrk and nginx (Debian packages of these names) and the built mirror (mvn -DskipTests package). Prints requests a second as
medians with their spread, and the ratio of the medians, mirror to nginx. Everything stays on loopback and in a temporary folder.
"""

import argparse
import gzip
import json
import statistics
import sys

import bench


def load(port: int, path: str, connections: int, seconds: int) -> float:
    return bench.wrk(f"http://127.0.0.1:{port}{path}", {"Accept": bench.JSON, "Accept-Encoding": "gzip"}, connections, seconds)[0]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--files", default="3600,40")
    options = parser.parse_args()
    bench.need("wrk", "nginx")

    with bench.site() as site:
        bodies = {}
        upstream = site.upstream(bodies.get)
        mirror, _ = site.mirror(upstream)
        nginx = site.nginx(
            f"proxy_cache_path {site.folder}/cache levels=1:2 keys_zone=pages:10m max_size=1g inactive=1d use_temp_path=off;",
            f"location / {{ proxy_pass http://127.0.0.1:{upstream}; proxy_cache pages; proxy_cache_valid 200 1d; proxy_set_header Accept-Encoding gzip; }}")
        print("| files on the page | gzip bytes | mirror, requests/s | nginx, requests/s | ratio |\n|---|---|---|---|---|")
        for files in map(int, options.files.split(",")):
            project = f"bench-{files}"
            path = f"/simple/{project}/"
            bodies[path] = (bench.page(project, files), {"Content-Type": bench.JSON, "Cache-Control": "max-age=600"})
            served = bench.Client(mirror).get(path)
            # nginx gets exactly what the mirror serves
            bodies[path] = (served, {"Content-Type": bench.JSON, "Content-Encoding": "gzip", "Cache-Control": "max-age=600"})
            if bench.Client(nginx).get(path) != served or len(json.loads(gzip.decompress(served))["files"]) != files:
                sys.exit("the two serve different bytes")
            rates = {"mirror": [], "nginx": []}
            for port in (mirror, nginx):
                load(port, path, options.connections, 3)
            for _ in range(options.rounds):
                rates["mirror"].append(load(mirror, path, options.connections, options.seconds))
                rates["nginx"].append(load(nginx, path, options.connections, options.seconds))
            shown = {name: f"{statistics.median(rate):,.0f} ({min(rate):,.0f}–{max(rate):,.0f})" for name, rate in rates.items()}
            ratio = statistics.median(rates["mirror"]) / statistics.median(rates["nginx"])
            print(f"| {files} | {len(served):,} | {shown['mirror']} | {shown['nginx']} | {ratio:.2f} |", flush=True)


if __name__ == "__main__":
    main()
