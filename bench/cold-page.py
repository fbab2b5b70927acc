#!/usr/bin/env python3
"""A page that the mirror doesn't have yet: the complete answer through the mirror beside one from the same upstream directly.

    bench/cold-page.py [--rounds 40] [--warm-up 30] [--files 3600]

Promise: the median through the mirror is at most 1.3 times the direct one plus 50 ms. Each round asks for a project that nobody asked
for before, in turn directly and through the mirror; the first rounds (--warm-up) aren't counted, since the mirror's code is compiled
while it runs, but the first one is shown. Upstream is nginx with pages compressed beforehand where nginx is there, else Python's
server. The exit code says whether the promise holds for gzip and identity.
"""

import argparse
import statistics
import sys

import bench

FACTOR = 1.3
ALLOWANCE_SECONDS = 0.05


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--warm-up", type=int, default=30)
    parser.add_argument("--files", type=int, default=3600)
    parser.add_argument("--java-options", default="")
    options = parser.parse_args()
    bench.need()

    held = True
    codings = ("gzip", "identity")
    with bench.site() as site:
        projects = {(coding, number): f"bench-{coding}-{number}" for coding in codings for number in range(options.warm_up + options.rounds)}
        upstream = site.index({name: bench.page(name, options.files) for name in projects.values()})
        mirror, _ = site.mirror(upstream, java_options=options.java_options)
        through, direct = bench.Client(mirror), bench.Client(upstream)
        print(f"load before: {bench.load_average()}")
        print("| coding | direct, ms | through, ms | first through, ms | 1.3 × direct + 50 ms | |\n|---|---|---|---|---|---|")
        times = {(coding, way): [] for coding in codings for way in ("direct", "through")}
        for number in range(options.warm_up + options.rounds):
            for coding in codings:
                path = f"/simple/{projects[coding, number]}/"
                times[coding, "direct"].append(direct.timed(path, coding=coding) * 1000)
                times[coding, "through"].append(through.timed(path, coding=coding) * 1000)
        for coding in codings:
            counted = {way: times[coding, way][options.warm_up:] for way in ("direct", "through")}
            median = {way: statistics.median(values) for way, values in counted.items()}
            bound = FACTOR * median["direct"] + ALLOWANCE_SECONDS * 1000
            kept = median["through"] <= bound
            held = held and kept
            shown = {way: f"{median[way]:.1f} ({min(values):.1f}–{max(values):.1f})" for way, values in counted.items()}
            print(f"| {coding} | {shown['direct']} | {shown['through']} | {times[coding, 'through'][0]:.0f} | {bound:.1f} "
                  f"| {'kept' if kept else 'MISSED'} |")
        print(f"load after: {bench.load_average()}")
    sys.exit(0 if held else 1)


if __name__ == "__main__":
    main()
