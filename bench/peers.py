#!/usr/bin/env python3
"""The mirror beside nginx, Varnish and Apache: same upstream, same bytes, same two cores, in turn, one class of requests after the other.

    bench/peers.py [--classes 'small-page,tls-*'] [--peers nginx,varnish,apache] [--rounds 5] [--seconds 4] [--warm-up 3]
                   [--warm-up-mirror 12] [--connections 64] [--markdown FILE] [--json FILE] [--picture FILE]

Needs nginx, varnish, apache2, wrk, h2load and openssl (Debian: nginx-light varnish apache2 wrk nghttp2-client openssl), and the built
mirror (mvn -DskipTests package). Servers keep to the first two cores, upstream and what makes the load to the other ones.
Before a class is measured every server must give the same bytes; an answer that is an error ends the bench. A round measures each
server once, and every other round goes the other way round. The table has medians with least and most, the ratio of the mirror to its
best peer as the median of the rounds' ratios, and the same by processor time that a request takes of the server, which other work on the machine moves less.
Open-source Varnish has no TLS. A peer can be mirror-by-java, too: the mirror with Java's TLS instead of OpenSSL's. The exit code is 0 where every class was measured, whether or not it keeps its promise.
Where a server answers with errors under load, what was measured before it is written all the same.
"""

import argparse
import concurrent.futures
import dataclasses
import datetime
import fnmatch
import gzip
import hashlib
import http.client
import json
import os
import pathlib
import platform
import re
import signal
import ssl
import subprocess
import sys
import time

import bench
import ratios

PEERS = ("nginx", "varnish", "apache")
BY_JAVA = "mirror-by-java"
TOOLS = {"nginx": "nginx", "varnish": "varnishd", "apache": "apache2"}
PAGES = {"small": 40, "big": 3600}
SIZES = {"10k": 10_000, "73k": 73_000, "500k": 500_000, "5m": 5_000_000, "100m": 100_000_000}
PAGE_FIELDS = {"Accept": bench.JSON, "Accept-Encoding": "gzip"}
FILE_FIELDS = {"Accept-Encoding": "identity"}
COLD_FILES, COLD_SIZE, COLD_CLIENTS = 16, 1_000_000, 4


@dataclasses.dataclass(frozen=True)
class Class:
    """What is asked for, how, and how many times the best peer's rate is promised, 0 for nothing."""
    name: str
    what: str
    headers: dict
    promise: float = 1.0
    tls: bool = False
    h2: bool = False
    unchanged: bool = False
    cold: bool = False


def classes() -> list:
    plain = [Class("small-page", "small", PAGE_FIELDS, 1.1), Class("big-page", "big", PAGE_FIELDS), Class("metadata", "metadata", FILE_FIELDS)]
    plain += [Class(f"wheel-{size}", size, FILE_FIELDS, 1.1 if size == "5m" else 1.0) for size in SIZES]
    plain += [Class("unchanged-page", "small", PAGE_FIELDS, unchanged=True), Class("unchanged-wheel", "73k", FILE_FIELDS, unchanged=True)]
    tls = [dataclasses.replace(each, name=f"tls-{each.name}", tls=True) for each in plain]
    h2 = [dataclasses.replace(each, name=f"h2-{each.name}", tls=True, h2=True) for each in plain if each.name in ("small-page", "wheel-73k")]
    return [*plain, *tls, *h2, Class("cold-file", "cold", FILE_FIELDS, 0.0, cold=True)]


@dataclasses.dataclass(frozen=True)
class Server:
    name: str
    port: int
    encrypted: int | None
    process: subprocess.Popen

    def url(self, asked: Class, path: str) -> str:
        return f"https://127.0.0.1:{self.encrypted}{path}" if asked.tls else f"http://127.0.0.1:{self.port}{path}"

    def get(self, asked: Class, path: str, more: dict | None = None) -> tuple:
        """Status, header fields, body, and by which cipher."""
        if asked.tls:
            context = ssl.create_default_context()
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            connection = http.client.HTTPSConnection("127.0.0.1", self.encrypted, timeout=120, context=context)
        else:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        try:
            connection.request("GET", path, headers={**asked.headers, **(more or {})})
            cipher = connection.sock.cipher()[0] if asked.tls else None
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read(), cipher
        finally:
            connection.close()


class Content:
    """What upstream has: pages, files, metadata. Peers get pages as the mirror serves them."""

    def __init__(self, site: bench.Site, cold_rounds: int):
        self.site = site
        self.folder = site.folder / "content"
        self.paths = {kind: f"/simple/bench-{kind}/" for kind in PAGES}
        self.entries = []
        for kind, files in PAGES.items():
            self.write(f"raw/simple/bench-{kind}/page", bench.page(f"bench-{kind}", files))
        for size, count in SIZES.items():
            self.paths[size] = self.wheel(f"bench-1.{count}-py3-none-any.whl", os.urandom(count))
        # As long as those of well-known projects
        self.paths["metadata"] = self.paths["73k"] + ".metadata"
        self.cold = [[self.wheel(f"bench-2.{number}.{index}-py3-none-any.whl", os.urandom(COLD_SIZE)) for index in range(COLD_FILES)]
                     for number in range(cold_rounds)]
        page = {"meta": {"api-version": "1.1"}, "name": "bench", "versions": [], "files": self.entries}
        self.write("raw/simple/bench/page", json.dumps(page).encode())
        files = f"location /packages/ {{ root {self.folder}/files; add_header Cache-Control max-age=365000000; }}"
        page = f"rewrite ^(.*)/$ $1/page break; default_type {bench.JSON}; add_header Cache-Control max-age=600;"
        self.raw = site.nginx("", f"{files} location /simple/ {{ root {self.folder}/raw; {page} }}")
        self.served = site.nginx("", f"{files} location /simple/ {{ root {self.folder}/served; {page} add_header Content-Encoding gzip; }}")

    def write(self, name: str, body: bytes) -> None:
        file = self.folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(body)

    def wheel(self, name: str, body: bytes) -> str:
        blake2b = hashlib.blake2b(body, digest_size=32).hexdigest()
        path = f"/packages/{blake2b[:2]}/{blake2b[2:4]}/{blake2b[4:]}/{name}"
        metadata = b"Metadata-Version: 2.1\nName: bench\nVersion: 1.0\n\n" + b"What it is for, in many words.\n" * 150
        self.write("files" + path, body)
        self.write("files" + path + ".metadata", metadata)
        self.entries.append({"filename": name, "url": path, "hashes": {"sha256": hashlib.sha256(body).hexdigest()}, "size": len(body),
                             "core-metadata": {"sha256": hashlib.sha256(metadata).hexdigest()}})
        return path

    def take_over(self, mirror: Server) -> None:
        """What the mirror serves is what its peers' upstream has."""
        bench.Client(mirror.port).get("/simple/bench/")
        for kind, files in PAGES.items():
            body = bench.Client(mirror.port).get(self.paths[kind])
            if len(json.loads(gzip.decompress(body))["files"]) != files:
                sys.exit(f"the mirror's page doesn't have {files} files")
            self.write(f"served/simple/bench-{kind}/page", body)


def start(site: bench.Site, content: Content, name: str, certificate: bench.Certificate, cpus: str, java_options: str) -> Server:
    workers = len(cpus.split(","))
    if name.startswith("mirror"):
        engine = ", engine = jdk" if name == BY_JAVA else ""
        encrypted = bench.free_port()
        tls = f'tls {{ host = "127.0.0.1", port = {encrypted}, certificate = "{certificate.certificate}", key = "{certificate.key}"{engine} }}'
        # As nginx has it, whose connections end as late: h2load takes a connection that ends for an error
        tls += "\n  http { requests-per-connection = 1000000 }"
        port, process = site.mirror(content.raw, tls, java_options, cpus=cpus)
    elif name == "nginx":
        encrypted = bench.free_port()
        port, process = site.nginx_process(
            f"proxy_cache_path {site.folder}/nginx-cache levels=1:2 keys_zone=peers:10m max_size=10g inactive=1d use_temp_path=off; tcp_nodelay on;"
            " ssl_session_cache shared:sessions:10m;",
            f"""listen 127.0.0.1:{encrypted} ssl http2 reuseport;
    ssl_certificate {certificate.certificate}; ssl_certificate_key {certificate.key}; ssl_protocols TLSv1.2 TLSv1.3;
    location / {{
      proxy_pass http://127.0.0.1:{content.served}; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Accept-Encoding gzip;
      proxy_cache peers; proxy_cache_key $uri; proxy_cache_valid 200 1d; proxy_cache_lock on;
    }}""", str(workers), cpus)
    elif name == "varnish":
        encrypted = None
        port, process = site.varnish(content.served, cpus)
    else:
        port, encrypted, process = site.apache(content.served, certificate, cpus)
    return Server(name, port, encrypted, process)


def prepared(asked: Class, servers: list, path: str) -> dict:
    """The header fields that each server is asked with, once all give the same bytes; two requests, so that the second is a hit."""
    fields, seen, ciphers = {}, {}, {}
    for server in servers:
        for _ in range(2):
            status, headers, body, cipher = server.get(asked, path)
        seen[server.name] = (status, headers["Content-Encoding"] or "identity", hashlib.sha256(body).hexdigest())
        ciphers[server.name] = cipher
        fields[server.name] = asked.headers
        if asked.unchanged:
            fields[server.name] = {**asked.headers, "If-None-Match": headers["ETag"]}
            if server.get(asked, path, fields[server.name])[0] != 304:
                sys.exit(f"{asked.name}: {server.name} doesn't answer 304 to the tag that it gave")
    if len(set(seen.values())) != 1 or next(iter(seen.values()))[0] != 200:
        sys.exit(f"{asked.name}: not the same answers: {seen}")
    if len(set(ciphers.values())) != 1:
        print(f"{asked.name}: different ciphers: {ciphers}", file=sys.stderr)
    return fields


def h2load(url: str, headers: dict, connections: int, seconds: float) -> tuple:
    command = ["h2load", "-t", "2", "-c", str(connections), "-m", "8", "-D", str(seconds)]
    for name, value in headers.items():
        command += ["-H", f"{name}: {value}"]
    said = subprocess.run([*command, url], capture_output=True, text=True)
    rate = re.search(r"finished in .*?, ([0-9.]+) req/s, ([0-9.]+)([KMG]?)B/s", said.stdout)
    bad = re.search(r"(\d+) failed, (\d+) errored, (\d+) timeout", said.stdout)
    status = re.search(r"status codes: .* (\d+) 4xx, (\d+) 5xx", said.stdout)
    if said.returncode or not (rate and bad and status) or any(map(int, (*bad.groups(), *status.groups()))) or float(rate[1]) == 0:
        raise bench.LoadError(f"h2load on {url}: {said.stdout}{said.stderr}")
    return float(rate[1]), float(rate[2]) * 1024 ** " KMG".index(rate[3] or " ")


def fetch_cold(server: Server, asked: Class, paths: list) -> tuple:
    """Several clients share what the server has never been asked for; files and bytes a second."""
    begun = time.perf_counter()
    with concurrent.futures.ThreadPoolExecutor(COLD_CLIENTS) as clients:
        answers = list(clients.map(lambda path: server.get(asked, path), paths))
    seconds = time.perf_counter() - begun
    for path, (status, _, body, _) in zip(paths, answers):
        if status != 200 or hashlib.blake2b(body, digest_size=32).hexdigest() != "".join(path.split("/")[2:5]):
            raise bench.LoadError(f"{server.name} answers {status} and {len(body)} other bytes for {path}")
    return len(paths) / seconds, sum(len(body) for _, _, body, _ in answers) / seconds


def compare(asked: Class, servers: list, content: Content, options: argparse.Namespace) -> tuple:
    """What all did in all rounds, and how many bytes an answer has."""
    servers = [server for server in servers if server.encrypted or not asked.tls]
    large = content.paths.get(asked.what, "") in (content.paths["5m"], content.paths["100m"])
    connections = 16 if large else options.connections
    if asked.cold:
        rounds = content.cold
    else:
        path = content.paths[asked.what]
        rounds = [path] * options.rounds
        fields = prepared(asked, servers, path)

    def measure(server: Server, paths, seconds: float) -> tuple:
        if asked.cold:
            return fetch_cold(server, asked, paths)
        try:
            return (h2load if asked.h2 else bench.wrk)(server.url(asked, paths), fields[server.name], connections, seconds)
        except bench.LoadError as broken:
            raise bench.LoadError(f"{server.name}, {asked.name}: {broken}") from broken

    rates, processor = {server.name: [] for server in servers}, {server.name: [] for server in servers}
    for server in servers:
        measure(server, rounds[0], options.warm_up_mirror if server.name.startswith("mirror") else options.warm_up)
    for number, paths in enumerate(rounds[1:] if asked.cold else rounds):
        for server in servers if number % 2 == 0 else reversed(servers):
            used, begun = bench.processor_seconds(server.process), time.perf_counter()
            count, volume = measure(server, paths, options.seconds)
            took = len(paths) / count if asked.cold else time.perf_counter() - begun
            # What is large is counted by bytes: few whole answers fit into a round
            rates[server.name].append(volume / 1e6 if large else count)
            requests = volume / SIZES[asked.what] if large else count
            processor[server.name].append((bench.processor_seconds(server.process) - used) / (requests * took))
    return ratios.Compared(asked.name, "MB" if large else "files" if asked.cold else "requests", asked.promise, rates, processor)


def versions(names: list) -> dict:
    said = {}
    for name, command in {"nginx": ["nginx", "-v"], "varnish": ["varnishd", "-V"], "apache": ["apache2", "-v"]}.items():
        if name in names:
            run = subprocess.run(command, capture_output=True, text=True)
            said[name] = (run.stdout + run.stderr).splitlines()[0]
    return said


def chosen_classes(names: str) -> list:
    """Those whose names fit one of some patterns."""
    patterns = names.split(",")
    unknown = [pattern for pattern in patterns if not any(fnmatch.fnmatchcase(each.name, pattern) for each in classes())]
    if unknown:
        sys.exit(f"no class {', '.join(unknown)}: there are {', '.join(each.name for each in classes())}")
    return [each for each in classes() if any(fnmatch.fnmatchcase(each.name, pattern) for pattern in patterns)]


def wanted(options: argparse.Namespace) -> tuple:
    chosen = chosen_classes(options.classes)
    names = options.peers.split(",")
    if not names or set(names) - {*PEERS, BY_JAVA}:
        sys.exit(f"--peers: of {', '.join((*PEERS, BY_JAVA))}, not {options.peers}")
    if any(each.tls for each in chosen) and names == ["varnish"]:
        sys.exit("Varnish has no TLS: name another peer, or classes without it (--classes)")
    if min(options.rounds, options.seconds, options.warm_up, options.warm_up_mirror, options.connections) < 1:
        sys.exit("rounds, seconds and connections have to be 1 or more")
    return chosen, names


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--classes", default="*", help="patterns of their names, by commas")
    parser.add_argument("--peers", default=",".join(PEERS))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=4)
    parser.add_argument("--warm-up", type=int, default=3, help="seconds for each peer before a class")
    parser.add_argument("--warm-up-mirror", type=int, default=12, help="seconds for the mirror, whose code is compiled while it runs")
    parser.add_argument("--connections", type=int, default=64, help="at once; 16 where the file has 5 MB or more")
    parser.add_argument("--java-options", default="")
    for form in ("markdown", "json", "picture"):
        parser.add_argument(f"--{form}", type=pathlib.Path, metavar="FILE")
    options = parser.parse_args()
    chosen, names = wanted(options)
    bench.need("wrk", "openssl", "nginx", "taskset", *(TOOLS[name] for name in names if name in TOOLS), *(["h2load"] if any(each.h2 for each in chosen) else []))
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 4:
        sys.exit(f"needs four cores, two for the server and the others for the load; there are {len(cores)}")
    # A shell that isn't interactive has its background jobs ignore the first, and the second would leave servers behind
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))
    os.sched_setaffinity(0, cores[2:])

    compared, trouble = [], None
    about = {"began": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"), "load before": bench.load_average(),
             "rounds": options.rounds, "seconds": options.seconds, "kernel": platform.release(), "versions": versions(names)}
    print(f"load before: {about['load before']}", flush=True)
    try:
        with bench.site() as site:
            certificate = bench.Certificate(site.folder)
            content = Content(site, options.rounds + 1 if any(each.cold for each in chosen) else 0)
            cpus = ",".join(map(str, cores[:2]))
            servers = [start(site, content, name, certificate, cpus, options.java_options) for name in ("mirror", *names)]
            content.take_over(servers[0])
            for asked in chosen:
                compared.append(compare(asked, servers, content, options))
                last = compared[-1]
                print(f"{last.name}: " + ", ".join(f"{name} {ratios.spread(rates)}" for name, rates in last.rates.items())
                      + f"; ratio {last.ratio:.2f}", file=sys.stderr, flush=True)
    except bench.LoadError as broken:
        trouble = f"a server answered with errors under load, and what follows wasn't measured: {broken}"
    except KeyboardInterrupt:
        sys.exit("stopped")
    about["load after"] = bench.load_average()
    if not compared:
        sys.exit(trouble)
    table = ratios.markdown(compared, ["mirror", *names])
    print(f"{table}load after: {about['load after']}")
    if options.markdown:
        options.markdown.write_text(table)
    if options.json:
        figures = [{"class": each.name, "unit": f"{each.unit}/s", "rates": each.rates, "processor seconds a request": each.processor,
                    "best peer": each.best, "ratios": each.ratios, "ratio": each.ratio, "promise": each.promise} for each in compared]
        options.json.write_text(json.dumps({**about, "classes": figures}, indent=2) + "\n")
    if options.picture:
        options.picture.write_text(ratios.picture(compared, f"Requests answered on two cores, {about['began'][:10]}"))
    if trouble:
        sys.exit(trouble)


if __name__ == "__main__":
    main()
