#!/usr/bin/env python3
"""How long pip takes to install a package in C: from its sdist, which it compiles, beside the wheel that a platform's overlay has.

    bench/compiled-package.py [--rounds 7] [--functions 1 400]

Each round installs in turn from the mirror's plain index and from its overlay, of the same mirror, into a folder of its own, without pip's cache. One
round before them fills the mirror's store and isn't counted. The package is made here: one C file with so many small functions. It needs a
compiler, Python's headers and venv, and a pip that can get setuptools and wheel. Prints medians and their ratio; doesn't judge.
"""

import argparse
import hashlib
import io
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tarfile
import time
import zipfile

import bench

SLUG = "debian-12-" + platform.machine()
NAME = "bench-stone"
SETUP = """from setuptools import Extension, setup
setup(name="bench-stone", version="{version}", ext_modules=[Extension("bench_stone", ["bench_stone.c"])])
"""
FUNCTION = """
static PyObject *weigh_{n}(PyObject *self, PyObject *number) {{
    long sum = {n}, value = PyLong_AsLong(number);
    for (long step = 0; step < value; step++) {{ sum = sum * 31 + (step ^ {n}); if (sum % 7 == 3) {{ sum += value; }} }}
    return PyLong_FromLong(sum);
}}"""


def code(functions: int) -> str:
    methods = "".join(f'{{"weigh_{n}", weigh_{n}, METH_O, ""}}, ' for n in range(functions))
    return ("#include <Python.h>" + "".join(FUNCTION.format(n=n) for n in range(functions))
            + f"\nstatic PyMethodDef methods[] = {{{methods}{{NULL, NULL, 0, NULL}}}};\n"
            + 'static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "bench_stone", NULL, -1, methods};\n'
            + "PyMODINIT_FUNC PyInit_bench_stone(void) { return PyModule_Create(&module); }\n")


def sdist(version: str, functions: int) -> bytes:
    files = {
        "PKG-INFO": f"Metadata-Version: 2.1\nName: {NAME}\nVersion: {version}\n",
        "pyproject.toml": '[build-system]\nrequires = ["setuptools", "wheel"]\nbuild-backend = "setuptools.build_meta"\n',
        "setup.py": SETUP.format(version=version),
        "bench_stone.c": code(functions),
    }
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        for name, text in files.items():
            entry = tarfile.TarInfo(f"bench_stone-{version}/{name}")
            entry.size = len(text.encode())
            archive.addfile(entry, io.BytesIO(text.encode()))
    return out.getvalue()


def entry(filename: str, url: str, content: bytes) -> dict:
    said = {"filename": filename, "url": url, "hashes": {"sha256": hashlib.sha256(content).hexdigest()}, "size": len(content),
            "upload-time": "2026-01-01T00:00:00Z"}
    if filename.endswith(".whl"):
        with zipfile.ZipFile(io.BytesIO(content)) as wheel:
            metadata = next(name for name in wheel.namelist() if name.endswith(".dist-info/METADATA"))
            said["core-metadata"] = {"sha256": hashlib.sha256(wheel.read(metadata)).hexdigest()}
    return said


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--functions", type=int, nargs="+", default=[1, 400])
    options = parser.parse_args()
    bench.need("cc")
    versions = {f"{number}.0": functions for number, functions in enumerate(options.functions, 1)}

    with bench.site() as site:
        python = site.folder / "venv/bin/python"
        subprocess.run([sys.executable, "-m", "venv", site.folder / "venv"], check=True)
        tools = site.folder / "tools"
        subprocess.run([python, "-m", "pip", "download", "-q", "--retries", "1", "--only-binary", ":all:", "-d", tools, "setuptools", "wheel"],
                       check=True)
        alone = {name: value for name, value in os.environ.items() if not name.startswith("PIP_")}
        alone |= {"PIP_CONFIG_FILE": os.devnull, "PIP_DISABLE_PIP_VERSION_CHECK": "1"}

        files, wheels = {}, {}
        for tool in tools.iterdir():
            files[tool.name] = tool.read_bytes()
        for version, functions in versions.items():
            source = site.folder / f"bench_stone-{version}.tar.gz"
            source.write_bytes(sdist(version, functions))
            files[source.name] = source.read_bytes()
            made = site.folder / f"made-{version}"
            subprocess.run([python, "-m", "pip", "wheel", "-q", "--no-deps", "--no-index", "--find-links", tools, "-w", made, source],
                           check=True, env=alone)
            wheel, = made.iterdir()
            wheels[wheel.name] = wheel.read_bytes()

        def project(filename: str) -> str:
            return filename.split("-")[0].replace("_", "-").lower()

        def answer(path: str):
            name = path.rstrip("/").rsplit("/", 1)[-1]
            if path.startswith("/simple/"):
                offered = [entry(file, "/files/" + file, content) for file, content in files.items() if project(file) == name]
                document = {"meta": {"api-version": "1.1"}, "name": name, "versions": [], "files": offered}
                return (json.dumps(document).encode(), {"Content-Type": bench.JSON}) if offered else None
            content = {**files, **wheels}.get(name)
            return (content, {"Content-Type": "application/octet-stream"}) if content else None

        upstream = site.upstream(answer)
        indexes = site.folder / "indexes"
        (indexes / SLUG).mkdir(parents=True)
        (indexes / SLUG / "index.json").write_text(json.dumps({
            "format": 1, "platform": SLUG, "made": "2026-01-01T00:00:00Z", "library": "glibc",
            "library-version": platform.libc_ver()[1],
            "projects": {NAME: {"meta": {"api-version": "1.1"}, "name": NAME, "versions": list(versions),
                                "files": [entry(file, f"{NAME}/{file}", content) for file, content in wheels.items()]}}}))
        mirror, _ = site.mirror(upstream, f'wheels {{ path = "{indexes}", source = "http://127.0.0.1:{upstream}/wheels/" }}')

        def install(view: str, version: str) -> float:
            target = site.folder / "target"
            begun = time.perf_counter()
            done = subprocess.run([python, "-m", "pip", "install", "--no-cache-dir", "--no-deps", "--target", target, "--index-url",
                                   f"http://127.0.0.1:{mirror}{view}/simple/", f"{NAME}=={version}"],
                                  env=alone, capture_output=True, text=True)
            took = time.perf_counter() - begun
            compiled = "Building wheel" in done.stdout
            if done.returncode or compiled != (view == ""):
                sys.exit(f"pip from '{view}/simple/': {done.stdout}{done.stderr}")
            shutil.rmtree(target)
            return took

        print(f"load before: {bench.load_average()}")
        print("| functions in C | from the sdist, s | from the overlay, s | ratio |\n|---|---|---|---|")
        for version, functions in versions.items():
            times = {"": [], "/overlay/" + SLUG: []}
            for number in range(options.rounds + 1):
                for view, taken in times.items():
                    took = install(view, version)
                    if number:
                        taken.append(took)
            medians = [statistics.median(taken) for taken in times.values()]
            shown = [f"{median:.2f} ({min(taken):.2f}–{max(taken):.2f})" for median, taken in zip(medians, times.values())]
            print(f"| {functions} | {shown[0]} | {shown[1]} | {medians[0] / medians[1]:.1f} |")
        print(f"load after: {bench.load_average()}")


if __name__ == "__main__":
    main()
