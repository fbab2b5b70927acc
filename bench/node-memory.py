#!/usr/bin/env python3
"""Resident memory of a mirror that serves at full speed, with ordinary pages prepared and many files known.

    bench/node-memory.py [--known 10000] [--pages 2000] [--files 40] [--seconds 20] [--bound MIB]

Promise: 256 MiB with 10,000 files known, 450 with a million (--known 1000000 --bound 450). The mirror runs as its start script runs it, on a store that
has so many files before. All pages are asked for, then one page, a small wheel and one of 500 kB at once, by as many connections as wrk has, while it is looked at ten times a second.
What is mapped of files counts, and is told on its own. The exit code says whether the promise holds.
"""

import argparse
import concurrent.futures
import importlib
import pathlib
import sys
import tempfile
import threading
import time
import urllib.request

import bench
import peers

large_store = importlib.import_module("large-store")


def mapped(process) -> float:
    """MiB of files that are resident, programs and libraries included."""
    status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
    return int(status.split("RssFile:")[1].split()[0]) / 1024


def await_kept(url: str) -> None:
    """Waits until a file is in the store: as long as a full one doesn't know yet what it holds, files go past it."""
    for _ in range(600):
        with urllib.request.urlopen(url, timeout=30) as answer:
            answer.read()
            if answer.headers["X-Cache"] == "hit":
                return
        time.sleep(0.5)
    sys.exit(f"{url} is not kept")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--known", type=int, default=10_000)
    parser.add_argument("--pages", type=int, default=2000)
    parser.add_argument("--files", type=int, default=40)
    parser.add_argument("--seconds", type=int, default=20)
    parser.add_argument("--bound", type=int, default=256)
    parser.add_argument("--java-options", default="")
    options = parser.parse_args()
    bench.need("wrk", "nginx")

    with bench.site() as site:
        store = pathlib.Path(tempfile.mkdtemp(prefix="store-", dir=site.folder))
        large_store.make(store, options.known)
        content = peers.Content(site, 0)
        for number in range(options.pages):
            content.write(f"raw/simple/ordinary-{number}/page", bench.page(f"ordinary-{number}", options.files))
        mirror, process = site.mirror(content.raw, f'store {{ path = "{store}" }}', options.java_options)
        print(f"load before: {bench.load_average()}")
        samples = [("at the start", bench.resident(process)[0] / bench.MIB, mapped(process))]
        local = threading.local()

        def warm(number: int) -> int:
            if not hasattr(local, "client"):
                local.client = bench.Client(mirror)
            return len(local.client.get(f"/simple/ordinary-{number}/"))

        with concurrent.futures.ThreadPoolExecutor(8) as clients:
            list(clients.map(warm, range(options.pages)))
        samples.append((f"{options.pages} pages prepared", bench.resident(process)[0] / bench.MIB, mapped(process)))
        bench.Client(mirror).get("/simple/bench/")
        for kind in ("73k", "500k"):
            await_kept(f"http://127.0.0.1:{mirror}{content.paths[kind]}")
        most, most_mapped, rates = 0.0, 0.0, {}

        def load(kind: str, fields: dict) -> None:
            path = "/simple/ordinary-7/" if kind == "page" else content.paths[kind]
            rates[kind] = bench.wrk(f"http://127.0.0.1:{mirror}{path}", fields, 64, options.seconds)[0]

        loads = [threading.Thread(target=load, args=each) for each in (("page", peers.PAGE_FIELDS), ("73k", peers.FILE_FIELDS), ("500k", peers.FILE_FIELDS))]
        for each in loads:
            each.start()
        while any(each.is_alive() for each in loads):
            resident = bench.resident(process)[0] / bench.MIB
            if resident > most:
                most, most_mapped = resident, mapped(process)
            time.sleep(0.1)
        samples.append(("at full speed, at most", most, most_mapped))
        print(f"load after: {bench.load_average()}; requests a second at once: " + ", ".join(f"{kind} {rate:,.0f}" for kind, rate in rates.items()))
        print("| | resident, MiB | of these, files, MiB |\n|---|---|---|")
        for what, resident, files in samples:
            print(f"| {what} | {resident:.0f} | {files:.0f} |")
        kept = most <= options.bound
        print(f"promise of {options.bound} MiB with {options.known:,} files known: {'kept' if kept else 'MISSED'}")
    sys.exit(0 if kept else 1)


if __name__ == "__main__":
    main()
