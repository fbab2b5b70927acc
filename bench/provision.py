#!/usr/bin/env python3
"""How long many bare machines take to become serving nodes, and what the controller takes for it.

    bench/provision.py [--nodes 50] [--parallel 10] [--alone 3]

Every machine is an OpenSSH server on a loopback address of its own with a folder of its own below which everything is installed
(`ssh.root`), Java included; the bucket is moto's. `flotilla provision` takes one machine after the other first (--alone), then
all others with --parallel at a time; each time counts until the node itself has reported that it serves. All of them share the
processors of this machine, mirrors and agents that run already included, which machines of their own wouldn't.

Promise: all of them take at most twice the slowest one, among them or alone, times the nodes divided by --parallel (rounded up), and the
controller has at most 256 MiB resident. What one takes alone is told, too: it doesn't share the processors with the others. The exit
code says whether the promise holds.
"""

import argparse
import math
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

import bench

CONTROLLER = bench.ROOT / "fleet-controller/target/flotilla-controller/flotilla-controller/bin/flotilla"
BOUND_MIB = 256
FACTOR = 2
PATIENCE_SECONDS = 1800
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "bench", "AWS_SECRET_ACCESS_KEY": "bench"}


def listen(site: bench.Site, folder: pathlib.Path, number: int) -> dict:
    """A machine with nothing on it but an SSH server."""
    address = f"127.9.{number // 250}.{number % 250 + 1}"
    (folder / "root").mkdir(parents=True)
    (folder / "home").mkdir()
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder / "host_key"], check=True)
    (folder / "sshd_config").write_text("\n".join([
        "Port 2222", f"ListenAddress {address}", f"HostKey {folder}/host_key", "PidFile none", f"AuthorizedKeysFile {folder.parent}/id.pub",
        "PermitRootLogin yes", "StrictModes no", "UsePAM no", "PasswordAuthentication no", "KbdInteractiveAuthentication no",
        f"SetEnv HOME={folder}/home", ""]))
    server = subprocess.Popen(["/usr/sbin/sshd", "-D", "-e", "-f", folder / "sshd_config"],
                              stderr=(folder / "sshd.log").open("w"), start_new_session=True)
    site.stack.callback(server.wait)
    site.stack.callback(server.terminate)
    return {"name": f"east-{number + 1:03}", "address": address, "root": folder / "root"}


def end_all_below(folder: pathlib.Path) -> None:
    """Ends agents and mirrors: whatever runs with a file of this folder in its command line."""
    for process in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            if int(process.name) != os.getpid() and str(folder).encode() in (process / "cmdline").read_bytes():
                os.kill(int(process.name), signal.SIGKILL)
        except OSError:
            pass


def resident_mib(process: subprocess.Popen) -> float:
    try:
        return bench.resident(process)[1] / bench.MIB
    except (OSError, KeyError):
        return 0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nodes", type=int, default=50)
    parser.add_argument("--parallel", type=int, default=10)
    parser.add_argument("--alone", type=int, default=3)
    options = parser.parse_args()
    bench.need("moto_server", "ssh-keygen")
    if os.geteuid() != 0:
        sys.exit("needs root, as which everything is installed on the machines")
    pathlib.Path("/run/sshd").mkdir(exist_ok=True)

    with bench.site() as site:
        work = pathlib.Path(tempfile.mkdtemp(prefix="provision-", dir=site.folder))
        site.stack.callback(end_all_below, work)
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", work / "id"], check=True)
        machines = [listen(site, work / str(number), number) for number in range(options.alone + options.nodes)]
        store = bench.free_port()
        site.start(store, ["moto_server", "-H", "127.0.0.1", "-p", str(store)], work / "moto.log")
        urllib.request.urlopen(urllib.request.Request(f"http://127.0.0.1:{store}/bench", method="PUT")).close()
        upstream = site.index({"": b'{"meta": {"api-version": "1.1"}, "projects": []}'})

        fleet = work / "fleet"
        environment = {**os.environ, **CREDENTIALS}

        def flotilla(*words: str) -> tuple:
            """Seconds, the most that was resident, in MiB, and the seconds from the first to the last word of the slowest machine."""
            end = ["-C", str(fleet / "fleet.conf")] if words[0] != "init" else []
            begun = time.perf_counter()
            most, said = 0.0, []
            process = subprocess.Popen([CONTROLLER, *words, *end], env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            reading = threading.Thread(target=lambda: said.extend((time.perf_counter(), line) for line in process.stdout))
            reading.start()
            while process.poll() is None:
                most = max(most, resident_mib(process))
                if time.perf_counter() - begun > PATIENCE_SECONDS:
                    process.kill()
                time.sleep(0.02)
            whole = time.perf_counter() - begun
            reading.join()
            if process.returncode:
                sys.exit(f"flotilla {' '.join(words)} ended with {process.returncode}:\n" + "".join(line for _, line in said)[-4000:])
            first, last = {}, {}
            for at, line in said:
                for node in re.findall(r"east/east-[0-9]+(?=: )", line):
                    first.setdefault(node, at)
                    last[node] = at
            return whole, most, max((last[node] - first[node] for node in first), default=0)

        flotilla("init", "--name", "bench", str(fleet))
        (fleet / "agent.env").write_text("".join(f"{name}={value}\n" for name, value in CREDENTIALS.items()))
        nodes = "".join(f"""
      {one["name"]} {{ address = "{one["address"]}", ssh {{ port = 2222, root = "{one["root"]}" }}
        mirror {{ listen {{ host = "{one["address"]}" }}, operations {{ host = "{one["address"]}" }}, store {{ path = "{one["root"]}/var/lib/flotilla/mirror" }} }} }}"""
                        for one in machines)
        (fleet / "fleet.conf").write_text(f"""flotilla.fleet {{
  name = bench, bucket {{ name = bench, endpoint = "http://127.0.0.1:{store}", path-style = true }}
  ssh {{ user = root, identities = [ "../id" ] }}
  provision {{
    user = root, environment = "agent.env", serve-time-out = 10m
    agent {{ poll-interval = 5s, report-interval = 5s, proof {{ soak = 1s }} }}
  }}
  rollout {{ waves = [] }}
  mirror {{ upstreams = [ {{ name = index, index = "http://127.0.0.1:{upstream}/simple/" }} ], store {{ budget = 1 GiB }} }}
  regions {{ east {{ nodes {{ {nodes}
  }} }} }}
}}
""")
        flotilla("publish")
        flotilla("hostkey", "accept")
        print(f"load before: {bench.load_average()}", flush=True)
        alone = []
        for one in machines[:options.alone]:
            alone.append(flotilla("provision", "east/" + one["name"])[0])
            print(f"alone: {alone[-1]:.1f} s", flush=True)
        rest = ["east/" + one["name"] for one in machines[options.alone:]]
        all_of_them, most, slowest = flotilla("provision", "--parallel", str(options.parallel), *rest)
        again, most_again, _ = flotilla("provision", "--parallel", str(options.parallel), *rest)
        print(f"load after: {bench.load_average()}")
        bound = FACTOR * max(slowest, *alone) * math.ceil(options.nodes / options.parallel)
        print(f"| | |\n|---|---|\n| one machine alone, slowest of {options.alone} | {max(alone):.1f} s |")
        print(f"| the slowest among all of them, from its first to its last word | {slowest:.1f} s |")
        print(f"| {options.nodes} machines, {options.parallel} at a time | {all_of_them:.1f} s (bound {bound:.0f}) |")
        print(f"| the same again, which changes nothing | {again:.1f} s |")
        print(f"| the controller's resident memory, at most | {max(most, most_again):.0f} MiB (bound {BOUND_MIB}) |")
        kept = all_of_them <= bound and max(most, most_again) <= BOUND_MIB
        print("promise: " + ("kept" if kept else "MISSED"))
    sys.exit(0 if kept else 1)


if __name__ == "__main__":
    main()
