"""What the benches share: an upstream, the packed mirror, its peers, clients, and the figures of a process. All on loopback."""

import contextlib
import hashlib
import http.client
import http.server
import json
import os
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
MIRROR = ROOT / "mirror/target/flotilla-mirror/flotilla-mirror/bin/mirror"
JSON = "application/vnd.pypi.simple.v1+json"
HTML = "application/vnd.pypi.simple.v1+html"
MIB = 1 << 20


def page(project: str, files: int, series: str = "1") -> bytes:
    """A page as PyPI's: every file with digest, size, time and metadata; of versions of that series."""
    entries = []
    for number in range(files):
        name = f"{project.replace('-', '_')}-{series}.{number}-py3-none-any.whl"
        digest = hashlib.sha256(name.encode()).hexdigest()
        path = hashlib.blake2b(name.encode(), digest_size=32).hexdigest()
        entries.append({
            "filename": name,
            "url": f"/packages/{path[:2]}/{path[2:4]}/{path[4:]}/{name}",
            "hashes": {"sha256": digest},
            "requires-python": ">=3.9",
            "size": 10_000 + number,
            "upload-time": "2026-01-01T00:00:00.000000Z",
            "yanked": False,
            "core-metadata": {"sha256": hashlib.sha256(digest.encode()).hexdigest()},
        })
    document = {"meta": {"api-version": "1.4"}, "name": project, "versions": [f"{series}.{n}" for n in range(files)], "files": entries}
    return json.dumps(document).encode()


class Upstream(http.server.BaseHTTPRequestHandler):
    """Hands out what ``answer`` makes of a path: a body and its header fields, or nothing."""
    protocol_version = "HTTP/1.1"
    answer = staticmethod(lambda path: None)

    def do_GET(self):
        body, headers = self.answer(self.path) or (b"", None)
        self.send_response(200 if headers else 404)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


# Where a tool isn't in the Debian package of its name
PACKAGES = {"nginx": "nginx-light", "varnishd": "varnish", "h2load": "nghttp2-client", "perf": "linux-perf", "taskset": "util-linux"}


def need(*tools: str) -> None:
    missing = [tool for tool in tools if not shutil.which(tool)]
    if missing:
        sys.exit(f"needs {', '.join(missing)}: apt-get install --no-install-recommends {' '.join(PACKAGES.get(tool, tool) for tool in missing)}")
    MIRROR.exists() or sys.exit("build first: mvn -DskipTests package")


class Certificate:
    """A certificate of 127.0.0.1 for a day, with its key, as servers want them."""

    def __init__(self, folder: pathlib.Path):
        need("openssl")
        self.certificate, self.key = folder / "certificate.pem", folder / "key.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1",
                        "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", self.key, "-out", self.certificate],
                       check=True, capture_output=True)


class LoadError(Exception):
    """A server that answered with errors while it was measured."""


def wrk(url: str, headers: dict, connections: int, seconds: float) -> tuple:
    """Requests a second and bytes a second of whole answers, none of them an error."""
    command = ["wrk", "-t", "2", "-c", str(connections), "-d", f"{seconds}s", "--timeout", "60s"]
    for name, value in headers.items():
        command += ["-H", f"{name}: {value}"]
    said = subprocess.run([*command, url], capture_output=True, text=True)
    rate = re.search(r"Requests/sec:\s+([0-9.]+)", said.stdout)
    volume = re.search(r"Transfer/sec:\s+([0-9.]+)([KMG]?)B", said.stdout)
    if said.returncode or "Non-2xx" in said.stdout or "Socket errors" in said.stdout or not rate or not volume or float(volume[1]) == 0:
        raise LoadError(f"wrk on {url}: {said.stdout}{said.stderr}")
    return float(rate[1]), float(volume[1]) * 1024 ** " KMG".index(volume[2] or " ")


class Client:
    """One connection that is kept open."""

    def __init__(self, port: int):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)

    def get(self, path: str, form: str = JSON, coding: str = "gzip") -> bytes:
        self.connection.request("GET", path, headers={"Accept": form, "Accept-Encoding": coding})
        answer = self.connection.getresponse()
        body = answer.read()
        if answer.status != 200:
            sys.exit(f"GET {path}: {answer.status} {body[:300]!r}")
        if (answer.getheader("Content-Encoding") or "identity") != coding:
            sys.exit(f"GET {path}: asked for {coding}, got {answer.getheader('Content-Encoding')}")
        return body

    def timed(self, path: str, form: str = JSON, coding: str = "gzip") -> float:
        """How many seconds until the answer is there, all of it."""
        begun = time.perf_counter()
        self.get(path, form, coding)
        return time.perf_counter() - begun


class Site:
    """A temporary folder and the processes of one bench; all of it is gone at the end."""

    def __init__(self, stack: contextlib.ExitStack):
        self.stack = stack
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="flotilla-bench-"))
        self.folder.chmod(0o755)
        stack.callback(shutil.rmtree, self.folder, ignore_errors=True)

    def upstream(self, answer) -> int:
        """A server in this process; its port."""
        handler = type("Answering", (Upstream,), {"answer": staticmethod(answer)})
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.stack.callback(server.shutdown)
        return server.server_port

    def start(self, port: int, command: list, log: pathlib.Path, environment: dict | None = None, cpus: str = "") -> subprocess.Popen:
        """A process that listens on ``port`` when this returns; it keeps to ``cpus`` where they are named, as taskset takes them."""
        if cpus:
            command = ["taskset", "-c", cpus, *command]
        with log.open("w") as out:
            process = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT, env=environment)
        self.stack.callback(process.wait)
        self.stack.callback(process.terminate)
        for _ in range(600):
            if process.poll() is not None:
                sys.exit(f"{command[0]} ended with {process.returncode}: {log.read_text()}")
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                return process
            except OSError:
                time.sleep(0.1)
        sys.exit(f"{command[0]} does not listen on {port}")

    def mirror(self, upstream: int, more: str = "", java_options: str = "", budget: str = "20 GiB", cpus: str = "") -> tuple:
        """The packed program as its start script runs it; its port and its process, which is the JVM's own."""
        port, operations = free_port(), free_port()
        folder = pathlib.Path(tempfile.mkdtemp(prefix="mirror-", dir=self.folder))
        configuration = folder / "mirror.conf"
        configuration.write_text(f"""flotilla.mirror {{
  region = "bench", node = "bench-1"
  listen {{ host = "127.0.0.1", port = {port} }}
  operations {{ host = "127.0.0.1", port = {operations} }}
  upstreams = [ {{ name = "bench", index = "http://127.0.0.1:{upstream}/simple/" }} ]
  store {{ path = "{folder}/store", budget = {budget} }}
  {more}
}}
""")
        environment = {**os.environ, "FLOTILLA_JAVA_OPTIONS": java_options}
        return port, self.start(port, [MIRROR, "--config", configuration], folder / "mirror.log", environment, cpus)

    def nginx(self, http_block: str, server_block: str, workers: str = "auto") -> int:
        """nginx with these lines in its blocks ``http`` and ``server``; its port."""
        return self.nginx_process(http_block, server_block, workers)[0]

    def nginx_process(self, http_block: str, server_block: str, workers: str = "auto", cpus: str = "") -> tuple:
        """The same; its port and its process."""
        port = free_port()
        folder = pathlib.Path(tempfile.mkdtemp(prefix="nginx-", dir=self.folder))
        folder.chmod(0o755)
        configuration = folder / "nginx.conf"
        configuration.write_text(f"""daemon off; worker_processes {workers}; pid {folder}/nginx.pid; error_log {folder}/nginx.log;
events {{ worker_connections 4096; }}
http {{
  access_log off; sendfile on; keepalive_requests 1000000; open_file_cache max=1000;
  client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  {http_block}
  server {{
    listen 127.0.0.1:{port} reuseport;
    {server_block}
  }}
}}
""")
        command = ["nginx", "-e", folder / "nginx-start.log", "-c", configuration]
        return port, self.start(port, command, folder / "nginx.out", cpus=cpus)

    def varnish(self, upstream: int, cpus: str = "") -> tuple:
        """Varnish that keeps what it fetches in memory for a day; its port and its process."""
        port = free_port()
        folder = self.folder / "varnish"
        vcl = self.folder / "varnish.vcl"
        vcl.write_text(f"""vcl 4.1;
backend upstream {{ .host = "127.0.0.1"; .port = "{upstream}"; }}
sub vcl_backend_response {{ set beresp.ttl = 1d; }}
""")
        command = ["varnishd", "-F", "-n", folder, "-j", "none", "-a", f"127.0.0.1:{port}", "-f", vcl, "-T", "none", "-s", "malloc,2g",
                   "-p", "thread_pools=2", "-p", "thread_pool_min=100"]
        return port, self.start(port, command, self.folder / "varnish.log", cpus=cpus)

    def apache(self, upstream: int, certificate: Certificate, cpus: str = "") -> tuple:
        """Apache with mod_cache_disk and the settings that OpenDev has for it; its plain port, its encrypted one and its process."""
        port, encrypted = free_port(), free_port()
        folder = self.folder / "apache"
        (folder / "cache").mkdir(parents=True)
        for each in (folder, folder / "cache"):
            each.chmod(0o777)
        modules = ("mpm_event", "authz_core", "unixd", "proxy", "proxy_http", "cache", "cache_disk", "headers", "ssl", "socache_shmcb", "http2")
        lines = [f"LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so" for name in modules
                 if pathlib.Path(f"/usr/lib/apache2/modules/mod_{name}.so").exists()]
        configuration = folder / "apache.conf"
        configuration.write_text("\n".join(lines) + f"""
ServerName 127.0.0.1
ServerRoot {folder}
PidFile {folder}/pid
DefaultRuntimeDir {folder}
ErrorLog {folder}/error.log
User www-data
Group www-data
Listen 127.0.0.1:{port}
Listen 127.0.0.1:{encrypted}
KeepAlive On
MaxKeepAliveRequests 0
ServerLimit 4
StartServers 4
MinSpareThreads 64
MaxSpareThreads 512
ThreadsPerChild 64
MaxRequestWorkers 256
SSLSessionCache shmcb:{folder}/sessions(512000)
CacheRoot {folder}/cache
CacheDirLevels 5
CacheDirLength 3
CacheMaxFileSize 1073741824
CacheStoreExpired On
CacheDefaultExpire 86400
CacheEnable disk /
ProxyPass / http://127.0.0.1:{upstream}/
<VirtualHost 127.0.0.1:{encrypted}>
Protocols h2 http/1.1
SSLEngine on
SSLCertificateFile {certificate.certificate}
SSLCertificateKeyFile {certificate.key}
ProxyPass / http://127.0.0.1:{upstream}/
</VirtualHost>
""")
        command = ["apache2", "-f", configuration, "-DFOREGROUND"]
        return port, encrypted, self.start(port, command, folder / "apache.out", cpus=cpus)

    def index(self, bodies: dict) -> int:
        """An index that serves these pages by name ("" is the root list), from nginx and compressed beforehand where it is there."""
        if not shutil.which("nginx"):
            return self.upstream(lambda path: (bodies[path[8:-1]], {"Content-Type": JSON, "Cache-Control": "max-age=600"})
                                 if path[8:-1] in bodies else None)
        import gzip
        folder = self.folder / "index"
        for name, body in bodies.items():
            file = folder / name / "page"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(body)
            file.with_name("page.gz").write_bytes(gzip.compress(body, 6))
        return self.nginx("gzip_static on;", f"""
    default_type {JSON};
    add_header Cache-Control max-age=600;
    location ~ ^/simple/(|[a-z0-9-]+/)$ {{ root {folder}; rewrite ^/simple/(.*)$ /$1page break; }}""")


@contextlib.contextmanager
def site():
    with contextlib.ExitStack() as stack:
        yield Site(stack)


def resident(process: subprocess.Popen) -> tuple:
    """The resident memory of a process, in bytes: now, and the most that it ever was."""
    status = dict(line.split(":", 1) for line in pathlib.Path(f"/proc/{process.pid}/status").read_text().splitlines())
    return tuple(int(status[key].split()[0]) * 1024 for key in ("VmRSS", "VmHWM"))


def jcmd() -> str:
    """The one of the mirror's JDK."""
    return shutil.which("jcmd") or str(pathlib.Path(os.environ.get("JAVA_HOME", "/usr")) / "bin" / "jcmd")


def live_heap(pid: int) -> int:
    """How many bytes of a JVM's heap are in use once garbage is collected."""
    subprocess.run([jcmd(), str(pid), "GC.run"], check=True, stdout=subprocess.DEVNULL)
    text = subprocess.run([jcmd(), str(pid), "GC.class_histogram"], check=True, capture_output=True, text=True).stdout
    return int(text.strip().splitlines()[-1].split()[2])


def processor_seconds(process: subprocess.Popen) -> float:
    """What a process and all that it has started have used of processors."""
    ticks, children = {}, {}
    for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        number = int(stat.parent.name)
        children.setdefault(int(fields[1]), []).append(number)
        ticks[number] = int(fields[11]) + int(fields[12])
    family, total = [process.pid], 0
    while family:
        number = family.pop()
        total += ticks.get(number, 0)
        family += children.get(number, [])
    return total / os.sysconf("SC_CLK_TCK")


def load_average() -> str:
    return pathlib.Path("/proc/loadavg").read_text().split()[0]
