#!/usr/bin/env python3
"""What pip really sends, recorded, and replayed at rising load until answers come late: the mirror beside nginx and Varnish.

    bench/client-mix.py record --wheels FOLDER [--python PYTHON ...] [--out bench/client-mix.json] 'flask requests' 'sphinx' ...
    bench/client-mix.py replay [--recording FILE] [--peers nginx,varnish] [--included] [--rounds 3] [--seconds 3] [--connections 256]
                               [--rates 1000,2000,...] [--warm-up 12] [--java-options ...] [--json FILE]

record: pip installs each of these sets of projects from the mirror through a proxy that writes down what pip asks for: without a cache,
with an empty one, with the one that this left, and with its fast-deps. FOLDER holds the wheels of all that they need, such as
`pip download` leaves; each page also names 20 to 2,000 older files that nobody asks for. What is kept of a request: when it came and on which
connection, its kind, of what, its header fields (without the host, and without what pip tells of the machine), status and bytes of its answer.

replay: pages, metadata and files of the recorded sizes, and the recorded requests but HEAD in their order, shared out among connections; each
connection waits for its answer and then for a random time, so that all together offer a rate. A tag that a request was made with is the one that the server
itself gives. Before anything is measured every server must answer every request with the recorded status and the same bytes. A rate is kept where 99 of 100 answers are complete in
less than 10 ms and none is an error; the highest one that was kept counts, and the next three that aren't end the search. Servers keep to the
first two cores, the load to the others; with --included all of it shares the first two.

Needs nginx, wrk and taskset (Debian: nginx-light wrk util-linux; varnish for it), and the built mirror (mvn -DskipTests package).
"""

import argparse
import collections
import datetime
import hashlib
import http.client
import http.server
import json
import os
import pathlib
import platform
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import zipfile

import bench

RECORDING = pathlib.Path(__file__).with_name("client-mix.json")
LATE_MS = 10
RATES = (1000, 2000, 3000, 4000, 5000, 6000, 7000, 8000, 10_000, 12_500, 15_000, 17_500, 20_000, 25_000, 30_000, 40_000, 50_000, 60_000, 80_000)
TAGS = {"If-None-Match": "ETag", "If-Modified-Since": "Last-Modified"}
# Of the connection, or of the machine that recorded
NOT_KEPT = {"host", "connection"}


def normalized(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def kind(path: str) -> str:
    return "page" if path.startswith("/simple/") else "metadata" if path.endswith(".metadata") else "file"


# Recording


class Wheels:
    """An index of the wheels in a folder."""

    def __init__(self, folder: pathlib.Path):
        self.bodies, self.pages, self.counts = {}, {}, {}
        by_project = collections.defaultdict(list)
        for wheel in sorted(folder.glob("*.whl")):
            by_project[normalized(wheel.name.split("-")[0])].append(wheel)
        by_project or sys.exit(f"no wheels in {folder}")
        self.by_project = by_project

    def answer(self, path: str):
        if path.startswith("/simple/"):
            project = path[8:-1]
            if project not in self.pages and project in self.by_project:
                self.pages[project] = self.page(project)
            return (self.pages[project], {"Content-Type": bench.JSON, "Cache-Control": "max-age=86400"}) if project in self.pages else None
        wheel = self.bodies.get(path.removesuffix(".metadata"))
        return wheel and (metadata(wheel) if path.endswith(".metadata") else wheel.read_bytes(), {"Cache-Control": "max-age=365000000"})

    def page(self, project: str) -> bytes:
        older = int(20 * 100 ** (hashlib.sha256(project.encode()).digest()[0] / 255))
        document = json.loads(bench.page(project, older, "0.0.0.0"))
        for wheel in self.by_project[project]:
            body = wheel.read_bytes()
            path = place(wheel.name, body)
            self.bodies[path] = wheel
            document["files"].append(entry(wheel.name, path, body, metadata(wheel)))
        self.counts[project] = len(document["files"])
        return json.dumps(document).encode()


def metadata(wheel: pathlib.Path) -> bytes:
    with zipfile.ZipFile(wheel) as archive:
        return archive.read(next(name for name in archive.namelist() if re.fullmatch(r"[^/]+\.dist-info/METADATA", name)))


def place(name: str, body: bytes) -> str:
    digest = hashlib.blake2b(body, digest_size=32).hexdigest()
    return f"/packages/{digest[:2]}/{digest[2:4]}/{digest[4:]}/{name}"


def entry(name: str, path: str, body: bytes, about: bytes) -> dict:
    digest = hashlib.sha256(about).hexdigest()
    return {"filename": name, "url": path, "hashes": {"sha256": hashlib.sha256(body).hexdigest()}, "size": len(body),
            "upload-time": "2026-01-01T00:00:00.000000Z", "yanked": False, "core-metadata": {"sha256": digest}}


class Proxy:
    """Hands everything on to a server, and writes down what came."""

    def __init__(self, port: int):
        self.asked, self.begun, self.connections = [], 0.0, 0
        log = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self):
                super().setup()
                log.connections += 1
                self.connection_number = log.connections

            def do_GET(self):
                at = time.perf_counter() - log.begun
                server = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
                server.request(self.command, self.path, headers=dict(self.headers))
                answer = server.getresponse()
                body = answer.read()
                server.close()
                log.asked.append((at, self.connection_number, self.path, self.command, dict(self.headers), answer.status, len(body)))
                self.send_response_only(answer.status)
                for name, value in answer.getheaders():
                    if name.lower() not in ("connection", "transfer-encoding"):
                        self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            do_HEAD = do_GET

            def log_message(self, *_):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.port = server.server_port

    def begin(self) -> None:
        self.asked, self.connections, self.begun = [], 0, time.perf_counter()


def kept(fields: dict) -> dict:
    """Header fields without what is the connection's or the machine's; as long as they were."""
    said = {name: value for name, value in fields.items() if name.lower() not in NOT_KEPT}
    if "User-Agent" in said:
        pip, _, about = said["User-Agent"].partition(" ")
        said["User-Agent"] = f"{pip} {'.' * len(about)}"
    for name in TAGS:
        if name in said:
            said[name] = "{as given}"
    return said


def record(options: argparse.Namespace) -> None:
    bench.need()
    pythons = options.python or [sys.executable, *(["/usr/bin/python3"] if os.path.exists("/usr/bin/python3") else [])]
    wheels = Wheels(options.wheels)
    heads, sessions, files = [], [], {}
    with bench.site() as site:
        mirror, _ = site.mirror(site.upstream(wheels.answer))
        proxy = Proxy(mirror)
        pips = set()
        for number, python in enumerate(pythons):
            work = site.folder / f"work-{number}"
            work.mkdir()
            environment = {name: value for name, value in os.environ.items() if not name.startswith("PIP_") and not name.endswith("_proxy")}
            environment |= {"PIP_CONFIG_FILE": "/dev/null", "PIP_DISABLE_PIP_VERSION_CHECK": "1", "HOME": str(work)}
            version = subprocess.run([python, "-m", "pip", "--version"], env=environment, capture_output=True, text=True, check=True).stdout.split()[1]
            if version in pips:
                continue
            pips.add(version)
            for turn, projects in enumerate(options.projects):
                cache = ["--cache-dir", str(work / f"cache-{turn}")]
                # Few use the last one
                ways = [("none", ["--no-cache-dir"]), ("cold", cache), ("warm", cache), ("fast-deps", ["--no-cache-dir", "--use-feature=fast-deps"])]
                for name, more in ways[:3 if turn else 4]:
                    proxy.begin()
                    # By plain HTTP pip keeps a cache only of what is trusted
                    with tempfile.TemporaryDirectory(dir=work) as target:
                        run = subprocess.run([python, "-m", "pip", "install", "--no-compile", "--target", target, *more,
                                              "--trusted-host", "127.0.0.1", "--index-url", f"http://127.0.0.1:{proxy.port}/simple/", *projects.split()],
                                             env=environment, capture_output=True, text=True)
                    took = time.perf_counter() - proxy.begun
                    if run.returncode:
                        sys.exit(f"pip {version} could not install {projects}: {run.stdout[-2000:]}{run.stderr[-2000:]}")
                    requests = []
                    for at, connection, path, method, fields, status, count in proxy.asked:
                        of = path[8:-1] if path.startswith("/simple/") else path.rpartition("/")[2].removesuffix(".metadata")
                        part = fields.pop("Range", None)
                        head = {"method": method, **kept(fields)}
                        if head not in heads:
                            heads.append(head)
                        requests.append([round(at * 1000), connection, kind(path), of, heads.index(head), status, count, *([part] if part else [])])
                        if kind(path) != "page":
                            wheel = wheels.bodies[path.removesuffix(".metadata")]
                            files[of] = [wheel.stat().st_size, len(metadata(wheel))]
                    sessions.append({"pip": version, "cache": name, "asked": projects, "seconds": round(took, 2), "requests": requests})
                    print(f"pip {version}, {name}, {projects}: {len(requests)} requests in {took:.1f} s", flush=True)
    write(options.out, {"heads": heads, "pages": {name: wheels.counts[name] for name in sorted(wheels.counts)}, "files": dict(sorted(files.items())),
                        "sessions": sessions})


def write(out: pathlib.Path, recording: dict) -> None:
    """As JSON with a line for each request."""
    lines = ",\n".join("  " + json.dumps({**{name: value for name, value in session.items() if name != "requests"}})[:-1] + ', "requests": [\n   '
                       + ",\n   ".join(map(json.dumps, session["requests"])) + "]}" for session in recording["sessions"])
    heads = ",\n  ".join(map(json.dumps, recording["heads"]))
    out.write_text(f'{{"heads": [\n  {heads}],\n "pages": {json.dumps(recording["pages"])},\n "files": {json.dumps(recording["files"])},\n'
                   f' "sessions": [\n{lines}]}}\n')


# Replaying


class Content:
    """Pages, files and metadata of the recorded sizes. Peers get pages as the mirror serves them."""

    def __init__(self, site: bench.Site, recording: dict):
        self.folder = site.folder / "content"
        self.paths = {}
        by_project = collections.defaultdict(list)
        for name, (size, about) in recording["files"].items():
            body, text = os.urandom(size), (b"Metadata-Version: 2.1\nName: x\nVersion: 1.0\n\n" + b"What it is for, in many words.\n" * (about // 31 + 1))[:about]
            path = place(name, body)
            self.paths["file", name], self.paths["metadata", name] = path, path + ".metadata"
            self.write("files" + path, body)
            self.write("files" + path + ".metadata", text)
            by_project[normalized(name.split("-")[0])].append(entry(name, path, body, text))
        for project, count in recording["pages"].items():
            document = json.loads(bench.page(project, max(0, count - len(by_project[project])), "0.0.0.0"))
            document["files"] += by_project[project]
            self.paths["page", project] = f"/simple/{project}/"
            self.write(f"raw/simple/{project}/page", json.dumps(document).encode())
        files = f"location /packages/ {{ root {self.folder}/files; add_header Cache-Control max-age=365000000; }}"
        page = f"rewrite ^(.*)/$ $1/page break; default_type {bench.JSON}; add_header Cache-Control max-age=86400;"
        self.raw = site.nginx("", f"{files} location /simple/ {{ root {self.folder}/raw; {page} }}")
        self.served = site.nginx("", f"{files} location /simple/ {{ root {self.folder}/served; {page} add_header Content-Encoding gzip; }}")

    def write(self, name: str, body: bytes) -> None:
        file = self.folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(body)


class Server:
    """A server and what it is to be asked, byte for byte."""

    def __init__(self, name: str, port: int):
        self.name, self.port, self.requests = name, port, []

    def get(self, method: str, path: str, fields: dict) -> tuple:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        try:
            connection.putrequest(method, path, skip_accept_encoding=True)
            for name, value in fields.items():
                connection.putheader(name, value)
            connection.endheaders()
            answer = connection.getresponse()
            return answer.status, answer.headers, hashlib.sha256(answer.read()).hexdigest()
        finally:
            connection.close()

    def prepare(self, recording: dict, content: Content) -> dict:
        """Makes its requests, after it has answered each as it was answered when it was recorded; the digests of its answers."""
        known, digests, self.requests = {}, {}, []
        for session in recording["sessions"]:
            for _, _, what, of, head, status, _, *part in session["requests"]:
                fields = dict(recording["heads"][head])
                method = fields.pop("method")
                # wrk would wait for a body
                if method == "HEAD":
                    continue
                asked = (what, of, head, *part)
                if asked not in known:
                    path = content.paths[what, of]
                    fields |= {"Range": each for each in part}
                    given = {name: self.get(method, path, {each: value for each, value in fields.items() if each not in TAGS})[1][tag]
                             for name, tag in TAGS.items() if name in fields}
                    fields = {name: given.get(name, value) for name, value in fields.items() if given.get(name, value) is not None}
                    answered, _, digest = self.get(method, path, fields)
                    if answered != status:
                        sys.exit(f"{self.name} answers {answered} to {method} {path} with {fields}, and pip got {status}")
                    digests[asked] = answered, digest
                    lines = [f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{self.port}", *(f"{name}: {value}" for name, value in fields.items())]
                    known[asked] = "\r\n".join(lines) + "\r\n\r\n"
                self.requests.append(known[asked])
        return digests


LUA = """
local mean, requests = {mean}, {{{requests}}}
local sequence = {{{sequence}}}
local threads, at = 0, 0
function setup(thread) thread:set("number", threads); threads = threads + 1 end
function init() math.randomseed(number + 1); at = math.floor(#sequence * number / 2) end
function request() at = at % #sequence + 1; return requests[sequence[at]] end
function delay() return math.floor(math.random() * 2 * mean + math.random()) end
function done(summary, latency, requests)
  local errors = summary.errors
  print(string.format("FIGURES %d %d %d %d %d %d %d", summary.duration, summary.requests, summary.bytes,
        errors.connect + errors.read + errors.write + errors.timeout, errors.status, latency:percentile(50), latency:percentile(99)))
end
"""


def offer(site: bench.Site, server: Server, rate: int, seconds: int, options: argparse.Namespace, cpus: str) -> dict:
    """What becomes of that many requests a second."""
    distinct = sorted(set(server.requests))
    places = {request: number + 1 for number, request in enumerate(distinct)}
    script = site.folder / "mix.lua"
    quoted = ",\n".join('"' + request.replace("\\", "\\\\").replace('"', '\\"').replace("\r", "\\r").replace("\n", "\\n") + '"' for request in distinct)
    script.write_text(LUA.format(mean=1000 * options.connections / rate, requests=quoted, sequence=",".join(str(places[each]) for each in server.requests)))
    said = subprocess.run(["taskset", "-c", cpus, "wrk", "-t", "2", "-c", str(options.connections), "-d", f"{seconds}s", "--timeout", "20s", "-s", script,
                           f"http://127.0.0.1:{server.port}/"], capture_output=True, text=True)
    figures = re.search(r"^FIGURES (.*)$", said.stdout, re.MULTILINE)
    if said.returncode or not figures:
        sys.exit(f"wrk on {server.name}: {said.stdout}{said.stderr}")
    took, count, volume, broken, errors, median, late = map(int, figures[1].split())
    return {"offered": rate, "answered": count * 1e6 / took, "megabytes": volume / took, "broken": broken, "errors": errors,
            "p50_ms": median / 1000, "p99_ms": late / 1000}


def highest(site: bench.Site, server: Server, options: argparse.Namespace, cpus: str) -> tuple:
    """The most requests a second that come in time, and all that was tried."""
    tried, late = [], 0
    for rate in options.rates:
        tried.append(offer(site, server, rate, options.seconds, options, cpus))
        last = tried[-1]
        last["kept"] = last["p99_ms"] < LATE_MS and not last["broken"] and not last["errors"]
        print(f"  {server.name}: {last['answered']:,.0f}/s of {rate:,}, {last['megabytes']:,.0f} MB/s, p50 {last['p50_ms']:.1f} ms, p99 {last['p99_ms']:.1f} ms,"
              f" {last['broken']} broken, {last['errors']} errors", file=sys.stderr, flush=True)
        late = 0 if last["kept"] else late + 1
        # What isn't kept once may be the machine's doing.
        if late == 3 or last["answered"] < rate / 2:
            break
    return max((each["answered"] for each in tried if each["kept"]), default=0.0), tried


def spread(values: list) -> str:
    return f"{statistics.median(values):,.0f} ({min(values):,.0f}–{max(values):,.0f})"


def replay(options: argparse.Namespace) -> None:
    names = [name for name in options.peers.split(",") if name]
    set(names) <= {"nginx", "varnish"} or sys.exit(f"--peers: of nginx and varnish, not {options.peers}")
    bench.need("wrk", "nginx", "taskset", *(["varnishd"] if "varnish" in names else []))
    cores = sorted(os.sched_getaffinity(0))
    len(cores) >= 4 or sys.exit(f"needs four cores, two for the server and the others for what isn't measured; there are {len(cores)}")
    servers_cpus = ",".join(map(str, cores[:2]))
    load_cpus = servers_cpus if options.included else ",".join(map(str, cores[2:]))
    os.sched_setaffinity(0, cores[2:])
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))
    recording = json.loads(options.recording.read_text())
    about = {"began": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"), "load before": bench.load_average(),
             "kernel": platform.release(), "included": options.included, "connections": options.connections}
    print(f"load before: {about['load before']}", flush=True)
    with bench.site() as site:
        content = Content(site, recording)
        mirror = Server("mirror", site.mirror(content.raw, java_options=options.java_options, cpus=servers_cpus)[0])
        for project in recording["pages"]:
            body = bench.Client(mirror.port).get(f"/simple/{project}/")
            content.write(f"served/simple/{project}/page", body)
        servers = [mirror]
        for name in names:
            servers.append(Server(name, site.varnish(content.served, servers_cpus)[0] if name == "varnish" else site.nginx_process(
                f"proxy_cache_path {site.folder}/nginx-cache levels=1:2 keys_zone=mix:10m max_size=10g inactive=1d use_temp_path=off; tcp_nodelay on;",
                f"""location / {{
      proxy_pass http://127.0.0.1:{content.served}; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Accept-Encoding gzip;
      proxy_cache mix; proxy_cache_key $uri; proxy_cache_valid 200 1d; proxy_cache_lock on;
    }}""", "2", servers_cpus)[0]))
        answers = {server.name: server.prepare(recording, content) for server in servers}
        for name in names:
            different = [asked for asked, answer in answers[name].items() if answer != answers["mirror"][asked]]
            different and sys.exit(f"{name} and the mirror answer {different[0]} with other bytes")
        for server in servers:
            offer(site, server, max(options.rates), options.warm_up if server is mirror else 2, options, load_cpus)
            offer(site, server, min(options.rates), 2, options, load_cpus)
        best, tried = {server.name: [] for server in servers}, []
        for number in range(options.rounds):
            for server in servers if number % 2 == 0 else reversed(servers):
                most, steps = highest(site, server, options, load_cpus)
                best[server.name].append(most)
                tried.append({"round": number, "server": server.name, "steps": steps})
    about["load after"] = bench.load_average()
    sessions = recording["sessions"]
    requests = sum(len(session["requests"]) for session in sessions)
    a_worker = requests / sum(session["seconds"] for session in sessions)
    mean = sum(request[6] for session in sessions for request in session["requests"]) / requests
    kinds = collections.Counter((request[2], request[5]) for session in sessions for request in session["requests"])
    print("Requests: " + ", ".join(f"{count} {what} {status}" for (what, status), count in sorted(kinds.items()))
          + f"; {mean / 1000:,.0f} kB each; a pip asked {a_worker:.1f} times a second when it was recorded")
    print(f"\n| server | requests/s, p99 < {LATE_MS} ms | MB/s | pips at once per core | ratio of the mirror to it |\n|---|---|---|---|---|")
    for name, rates in best.items():
        against = [ours / theirs for ours, theirs in zip(best["mirror"], rates) if theirs]
        ratio = f"{statistics.median(against):.2f} ({min(against):.2f}–{max(against):.2f})" if against and name != "mirror" else "–"
        print(f"| {name} | {spread(rates)} | {statistics.median(rates) * mean / 1e6:,.0f} | {statistics.median(rates) / a_worker / 2:,.0f} | {ratio} |")
    wrong = [f"{one['server']} at {step['offered']}" for one in tried for step in one["steps"] if step["errors"] or step["broken"]]
    print(f"\nErrors or broken connections: {', '.join(wrong) or 'none'}; load after: {about['load after']}")
    if options.json:
        options.json.write_text(json.dumps({**about, "requests a pip asks a second": a_worker, "bytes an answer": mean, "kept": best, "tried": tried}, indent=1) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    actions = parser.add_subparsers(required=True)
    recorder = actions.add_parser("record")
    recorder.add_argument("--wheels", type=pathlib.Path, required=True)
    recorder.add_argument("--python", action="append", help="whose pips; this one and Debian's")
    recorder.add_argument("--out", type=pathlib.Path, default=RECORDING)
    recorder.add_argument("projects", nargs="+", help="one set that is installed together, by spaces")
    recorder.set_defaults(run=record)
    replayer = actions.add_parser("replay")
    replayer.add_argument("--recording", type=pathlib.Path, default=RECORDING)
    replayer.add_argument("--peers", default="nginx")
    replayer.add_argument("--included", action="store_true", help="the load shares the servers' two cores")
    replayer.add_argument("--rounds", type=int, default=3)
    replayer.add_argument("--seconds", type=int, default=3)
    replayer.add_argument("--connections", type=int, default=256)
    replayer.add_argument("--rates", type=lambda said: tuple(map(int, said.split(","))), default=RATES)
    replayer.add_argument("--warm-up", type=int, default=12, help="seconds for the mirror")
    replayer.add_argument("--java-options", default="")
    replayer.add_argument("--json", type=pathlib.Path)
    replayer.set_defaults(run=replay)
    options = parser.parse_args()
    options.run(options)


if __name__ == "__main__":
    main()
