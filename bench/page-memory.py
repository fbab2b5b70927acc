#!/usr/bin/env python3
"""Resident memory of a mirror that was asked for more big pages than its memory holds.

    bench/page-memory.py [--pages 2000] [--files 3600] [--clients 8] [--bound MIB] [--rest SECONDS]

Promise: the process never has more resident than pages.memory plus 150 MiB. The mirror runs as its start script runs it, heap and direct
memory included; only where --bound asks for more than the program's own direct memory that is raised, too. Half of the clients
ask for gzip, the others for zstd, and some for HTML. Afterwards nobody asks for anything for a while, and what is resident then is told, too. The
exit code says whether the promise holds.
"""

import argparse
import concurrent.futures
import sys
import threading
import time

import bench

ALLOWANCE_MIB = 150
BOUND_MIB = 96
TEMPLATE = "template-project"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=2000)
    parser.add_argument("--files", type=int, default=3600)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--bound", type=int, default=BOUND_MIB, help="pages.memory in MiB; its default is %(default)s")
    parser.add_argument("--rest", type=float, default=150, help="seconds without requests before the last look; default %(default)s")
    parser.add_argument("--java-options", default="")
    options = parser.parse_args()
    bench.need()

    template = bench.page(TEMPLATE, options.files)
    underscored = TEMPLATE.replace("-", "_")

    def answer(path: str):
        name = path.split("/")[2]
        # as long as the template's name, so that all pages are of one size
        body = template.replace(TEMPLATE.encode(), name.encode()).replace(underscored.encode(), name.replace("-", "_").encode())
        return body, {"Content-Type": bench.JSON, "Cache-Control": "max-age=600"}

    java_options = options.java_options
    if options.bound > BOUND_MIB:
        java_options += f" -XX:MaxDirectMemorySize={options.bound + 288}m"
    with bench.site() as site:
        upstream = site.upstream(answer)
        mirror, process = site.mirror(upstream, f"pages {{ memory = {options.bound} MiB }}", java_options)
        at_start, _ = bench.resident(process)
        local = threading.local()

        def warm(number: int) -> int:
            if not hasattr(local, "client"):
                local.client = bench.Client(mirror)
            form = bench.HTML if number % 5 == 4 else bench.JSON
            return len(local.client.get(f"/simple/big-{number:0{len(TEMPLATE) - 4}}/", form, ("gzip", "zstd")[number % 2]))

        samples = []
        print(f"load before: {bench.load_average()}")
        with concurrent.futures.ThreadPoolExecutor(options.clients) as clients:
            for count, _ in enumerate(clients.map(warm, range(options.pages)), 1):
                samples.append(bench.resident(process)[0])
                if count % max(1, options.pages // 10) == 0:
                    print(f"after {count} pages: {samples[-1] / bench.MIB:.0f} MiB resident", flush=True)
        now, most = bench.resident(process)
        bound = options.bound * bench.MIB
        time.sleep(options.rest)
        rested, _ = bench.resident(process)
        print(f"load after: {bench.load_average()}")
        print("| | MiB |\n|---|---|")
        for what, size in (("at the start", at_start), ("pages.memory", bound), ("at the end", now), ("most ever", most),
                           ("most ever beyond pages.memory", most - bound), ("after a rest, beyond pages.memory", rested - bound)):
            print(f"| {what} | {size / bench.MIB:.0f} |")
        kept = most - bound <= ALLOWANCE_MIB * bench.MIB
        print(f"promise of {ALLOWANCE_MIB} MiB beyond pages.memory: {'kept' if kept else 'MISSED'}")
    sys.exit(0 if kept else 1)


if __name__ == "__main__":
    main()
