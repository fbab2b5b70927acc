#!/usr/bin/env python3
"""Where the mirror's processor time goes, one class of requests of peers.py after the other, by perf.

    bench/profiles.py [--classes 'small-page,tls-*'] [--seconds 8] [--warm-up 12] [--connections 64] [--top 12] [--java-options OPTIONS] [--markdown FILE]

Needs perf, wrk, h2load, nginx and openssl (Debian: linux-perf wrk nghttp2-client nginx-light openssl), root or a kernel that lets processes be looked at
(kernel.perf_event_paranoid 1 or less), jcmd of the mirror's Java, and the built mirror (mvn -DskipTests package).
The mirror keeps to the first two cores, what makes the load to the other ones. A sample counts for the innermost function. The table has the share of the kernel, of
Java's compiled code by whose it is, and of the virtual machine; below it stand the functions that take most.
"""

import argparse
import collections
import os
import pathlib
import re
import subprocess
import sys
import threading

import bench
import peers

OWNERS = (("dev.flotilla.", "flotilla"), ("io.vertx.", "vertx"), ("io.netty.", "netty"), ("java.", "jdk"), ("jdk.", "jdk"), ("sun.", "jdk"))
KINDS = ("kernel", "flotilla", "vertx", "netty", "jdk", "stubs", "native", "collector", "compiler", "vm")


def kind(thread: str, library: str, symbol: str) -> str:
    """Whose a sample is."""
    if re.match(r"C[12] Compiler", thread):
        return "compiler"
    if library.startswith("[kernel"):
        return "kernel"
    if re.match(r"(VM Thread|GC |G1 )", thread):
        return "collector"
    if library.startswith("[JIT]"):
        return next((owner for prefix, owner in OWNERS if symbol.startswith(prefix)), "stubs")
    return "vm" if library == "libjvm.so" else "native"


def samples(recorded: pathlib.Path) -> list:
    """Thread, library, symbol and share of each, the largest first."""
    said = subprocess.run(["perf", "report", "-i", recorded, "--stdio", "--no-children", "-g", "none", "-s", "comm,dso,symbol", "-t", "|"],
                          capture_output=True, text=True)
    found = []
    for line in said.stdout.splitlines():
        fields = [field.strip() for field in line.split("|")]
        if len(fields) >= 4 and fields[0].endswith("%"):
            # Compiled methods are named with what they return and take
            symbol = re.sub(r"^\[[.k]\] (?:\S+ (?=\S+\())?|\(.*", "", fields[3])
            found.append((fields[1], fields[2], symbol, float(fields[0][:-1])))
    return found or sys.exit(f"perf report: {said.stderr}")


def profile(asked: peers.Class, server: peers.Server, content: peers.Content, options: argparse.Namespace) -> list:
    path = content.paths[asked.what]
    fields = peers.prepared(asked, [server], path)[server.name]
    load = peers.h2load if asked.h2 else bench.wrk
    load(server.url(asked, path), fields, options.connections, options.warm_up)
    recorded = content.site.folder / "perf.data"
    rate = []
    under = threading.Thread(target=lambda: rate.append(load(server.url(asked, path), fields, options.connections, options.seconds + 1)))
    under.start()
    subprocess.run(["perf", "record", "-q", "-F", "1999", "-p", str(server.process.pid), "-o", recorded, "--", "sleep", str(options.seconds)], check=True, capture_output=True)
    subprocess.run([bench.jcmd(), str(server.process.pid), "Compiler.perfmap"], check=True, stdout=subprocess.DEVNULL)
    under.join()
    if not rate:
        sys.exit(f"{asked.name}: the load failed")
    print(f"{asked.name}: {rate[0][0]:.0f} requests/s", file=sys.stderr, flush=True)
    return samples(recorded)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--classes", default="*", help="patterns of their names, by commas")
    parser.add_argument("--seconds", type=int, default=8)
    parser.add_argument("--warm-up", type=int, default=12, help="seconds before each class, while code is compiled")
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--top", type=int, default=12, help="how many functions of each class are named")
    parser.add_argument("--java-options", default="")
    parser.add_argument("--markdown", type=pathlib.Path, metavar="FILE")
    options = parser.parse_args()
    chosen = [each for each in peers.chosen_classes(options.classes) if not each.cold]
    bench.need("perf", "wrk", "openssl", "nginx", "taskset", *(["h2load"] if any(each.h2 for each in chosen) else []))
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 4:
        sys.exit(f"needs four cores, two for the mirror and the others for the load; there are {len(cores)}")
    os.sched_setaffinity(0, cores[2:])
    print(f"load before: {bench.load_average()}", flush=True)
    rows, functions = [], []
    with bench.site() as site:
        content = peers.Content(site, 0)
        server = peers.start(site, content, "mirror", bench.Certificate(site.folder), ",".join(map(str, cores[:2])), options.java_options)
        content.take_over(server)
        for asked in chosen:
            found = profile(asked, server, content, options)
            shares = collections.Counter()
            for thread, library, symbol, share in found:
                shares[kind(thread, library, symbol)] += share
            rows.append(f"| {asked.name} | " + " | ".join(f"{shares[each]:.0f}" for each in KINDS) + " |")
            functions.append(f"{asked.name}:\n" + "\n".join(f"  {share:5.2f}  {kind(thread, library, symbol):9}  {symbol}"
                                                           for thread, library, symbol, share in found[:options.top]))
    text = "\n".join([f"| class, % | {' | '.join(KINDS)} |", "|---" * (len(KINDS) + 1) + "|", *rows, "", *functions, ""])
    print(text)
    if options.markdown:
        options.markdown.write_text(text)


if __name__ == "__main__":
    main()
