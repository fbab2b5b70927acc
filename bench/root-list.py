#!/usr/bin/env python3
"""The list of all projects at PyPI's size: what it costs a mirror, cold and with many clients at once.

    bench/root-list.py [--names 700000] [--rounds 5] [--clients 20]

The mirror runs as its start script runs it, heap and direct memory included. Each round starts a fresh mirror and measures the first
complete answer for every form and coding beside one from the same upstream directly (gzip, as mirrors ask), then a burst of clients
that want all of them at once, then the same from disk after a restart with upstream gone. Every answer is unpacked (zstd, which Python
can't unpack, is taken as it is) and its names are counted; a wrong count, an answer other than 200 or a mirror that died ends the bench
with exit code 1.
"""

import argparse
import collections
import concurrent.futures
import gzip
import json
import re
import statistics
import sys
import time

import bench

FORMS = (bench.JSON, bench.HTML)
CODINGS = ("gzip", "identity", "zstd")


def root_list(names: int) -> bytes:
    """As PyPI's: a serial with each name; names of words, as long as usual."""
    words = ("py", "lib", "data", "flow", "net", "auto", "core", "micro", "web", "tool", "kit", "fast", "json", "test", "graph", "log")
    projects = []
    for number in range(names):
        digits = [words[number >> shift & 15] for shift in (0, 4, 8)]
        projects.append({"_last-serial": 10_000_000 + 31 * number, "name": f"{digits[0]}{digits[1]}-{digits[2]}{number:x}"})
    return json.dumps({"meta": {"_last-serial": 40_000_000, "api-version": "1.4"}, "projects": projects}).encode()


def count(body: bytes, form: str, coding: str) -> int | None:
    if coding == "zstd":
        return None
    text = gzip.decompress(body) if coding == "gzip" else body
    return text.count(b'{"name":') if form == bench.JSON else len(re.findall(rb"<a href=", text))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--names", type=int, default=700_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--clients", type=int, default=20)
    parser.add_argument("--java-options", default="")
    options = parser.parse_args()
    bench.need()

    body = root_list(options.names)
    times = collections.defaultdict(list)
    sizes = {}
    most = []
    print(f"load before: {bench.load_average()}; upstream's list has {len(body):,} bytes")
    with bench.site() as site:
        upstream = site.index({"": body})

        def right(answer: bytes, form: str, coding: str) -> None:
            found = count(answer, form, coding)
            if found not in (None, options.names):
                sys.exit(f"{form} in {coding} has {found} names")
            if sizes.setdefault((form, coding), answer) != answer:
                sys.exit(f"{form} in {coding} came in two versions")

        for _ in range(options.rounds):
            times["direct"].append(bench.Client(upstream).timed("/simple/"))
            mirror, process = site.mirror(upstream, java_options=options.java_options)
            for form in FORMS:
                for coding in CODINGS:
                    begun = time.perf_counter()
                    answer = bench.Client(mirror).get("/simple/", form, coding)
                    times[form, coding].append(time.perf_counter() - begun)
                    right(answer, form, coding)
            process.terminate()
            process.wait()
            most_here = 0
            mirror, process = site.mirror(upstream, java_options=options.java_options)
            begun = time.perf_counter()
            with concurrent.futures.ThreadPoolExecutor(options.clients) as clients:
                wishes = [(form, coding) for form in FORMS for coding in CODINGS] * -(-options.clients // 6)
                for wish, answer in zip(wishes, clients.map(lambda wish: bench.Client(mirror).get("/simple/", *wish), wishes)):
                    right(answer, *wish)
            times["burst"].append(time.perf_counter() - begun)
            most.append(bench.resident(process)[1])
            if process.poll() is not None:
                sys.exit("the mirror died")
            process.terminate()
            process.wait()
        print("| form | coding | bytes | cold, s |\n|---|---|---|---|")
        print(f"| upstream, directly | gzip | | {statistics.median(times['direct']):.2f} |")
        for form in FORMS:
            for coding in CODINGS:
                print(f"| {form} | {coding} | {len(sizes[form, coding]):,} | {statistics.median(times[form, coding]):.2f} |")
        print(f"burst of {options.clients} clients in all forms and codings: {statistics.median(times['burst']):.2f} s")
        print(f"most resident: {max(most) / bench.MIB:.0f} MiB; load after: {bench.load_average()}")


if __name__ == "__main__":
    main()
