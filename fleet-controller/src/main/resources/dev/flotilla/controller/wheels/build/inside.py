"""Runs inside the sandbox, with CPython 3.8 or later and nothing but its standard library: unpacks an sdist and the wheels that its build
needs, calls the hooks of its build back end (PEP 517, PEP 518), and hands out the wheel. Nobody believes what it says: the sdist's code may speak in its place.
"""
import json
import os
import platform
import shutil
import stat
import subprocess
import sys
import sysconfig
import tarfile
import zipfile

BLOCK = 1 << 20
MOST_MEMBERS = 200000
LEGACY = {"requires": ["setuptools"], "build-backend": "setuptools.build_meta:__legacy__"}
FULL_BYTES = 64 << 10

# What a hook sees of us: this, and where to write what came of it.
HOOK = """
import importlib, json, os, sys
hook, backend, paths, arguments, answer = json.loads(sys.argv[1])
sys.argv = ["build"]
sys.path[0:1] = [os.path.abspath(path) for path in paths]
name, _, inner = backend.partition(":")
target = importlib.import_module(name)
for part in inner.split(".") if inner else ():
    target = getattr(target, part)
call = getattr(target, hook, None)
value = None if call is None else call(*arguments)
with open(answer, "w") as file:
    json.dump({"there": call is not None, "value": value}, file)
"""


class Refused(Exception):
    """What was given can't be built; the message says why."""


def parts_of(name):
    """The parts of a path inside a folder; what leads out of it is refused."""
    parts = [part for part in name.split("/") if part not in ("", ".")]
    if name.startswith("/") or "\\" in name or "\0" in name or ".." in parts:
        raise Refused("the archive has %r in it, which leads out of its folder" % name)
    return parts


class Tree:
    """A folder that an archive is unpacked to, with bounds; nothing is written through a link."""

    def __init__(self, root, most_bytes):
        self.root, self.left, self.members = os.path.realpath(root), most_bytes, 0
        self.most = most_bytes
        os.mkdir(root)

    def place(self, name):
        self.members += 1
        if self.members > MOST_MEMBERS:
            raise Refused("the archive has more than %d members" % MOST_MEMBERS)
        parts = parts_of(name)
        if not parts:
            return self.root
        folder = os.path.join(self.root, *parts[:-1])
        if os.path.realpath(folder) != folder:
            raise Refused("the archive writes %r through a link" % name)
        os.makedirs(folder, exist_ok=True)
        return os.path.join(folder, parts[-1])

    def folder(self, name):
        path = self.place(name)
        if os.path.islink(path):
            raise Refused("the archive writes %r through a link" % name)
        os.makedirs(path, exist_ok=True)

    def file(self, name, source, executable):
        path = self.place(name)
        if os.path.lexists(path):
            if os.path.isdir(path) and not os.path.islink(path):
                raise Refused("the archive has %r in it as a folder and as a file" % name)
            os.unlink(path)
        with open(path, "xb") as target:
            while True:
                block = source.read(BLOCK)
                if not block:
                    break
                self.left -= len(block)
                if self.left < 0:
                    raise Refused("the archive unpacks to more than %d bytes" % self.most)
                target.write(block)
        os.chmod(path, 0o755 if executable else 0o644)

    def link(self, name, target):
        """Up first and then down, so that no other link can change where it leads."""
        path = self.place(name)
        steps = [part for part in target.split("/") if part not in ("", ".")]
        down = [part for part in steps if part != ".."]
        if target.startswith("/") or steps[: len(steps) - len(down)].count("..") != len(steps) - len(down):
            raise Refused("the archive has a link %r in it, which leads to %r" % (name, target))
        inside = os.path.normpath(os.path.join(os.path.dirname(path), target))
        if inside != self.root and not inside.startswith(self.root + "/"):
            raise Refused("the archive has a link %r in it, which leads out of its folder to %r" % (name, target))
        if os.path.lexists(path):
            raise Refused("the archive has %r in it twice" % name)
        os.symlink(target, path)


def unpack_sdist(path, root, most_bytes):
    """The one folder that an sdist has to have in it (PEP 517, "Source distributions")."""
    tree = Tree(root, most_bytes)
    try:
        if path.endswith(".zip"):
            with zipfile.ZipFile(path) as archive:
                for member in archive.infolist():
                    mode = member.external_attr >> 16
                    if stat.S_ISLNK(mode):
                        raise Refused("the archive has a link %r in it" % member.filename)
                    if member.is_dir():
                        tree.folder(member.filename)
                    else:
                        with archive.open(member) as source:
                            tree.file(member.filename, source, bool(mode & 0o100))
        else:
            with tarfile.open(path, "r:*") as archive:
                for member in archive:
                    if member.isreg():
                        tree.file(member.name, archive.extractfile(member), bool(member.mode & 0o100))
                    elif member.isdir():
                        tree.folder(member.name)
                    elif member.issym():
                        tree.link(member.name, member.linkname)
                    elif member.islnk():
                        original = os.path.join(tree.root, *parts_of(member.linkname))
                        if os.path.realpath(original) != original or not os.path.isfile(original):
                            raise Refused("the archive has a link %r in it to %r" % (member.name, member.linkname))
                        with open(original, "rb") as source:
                            tree.file(member.name, source, bool(member.mode & 0o100))
                    else:
                        raise Refused("the archive has %r in it, which is neither file nor folder" % member.name)
    except (tarfile.TarError, zipfile.BadZipFile, EOFError, NotImplementedError) as broken:
        raise Refused("it is no archive that can be read: %s" % broken)
    except OSError as failed:
        if failed.errno == 28:
            raise Refused("the archive unpacks to more than there is room for")
        raise
    inside = [name for name in os.listdir(root) if os.path.isdir(os.path.join(root, name)) and name != "pax_global_header"]
    if len(inside) != 1:
        raise Refused("an sdist has one folder in it, and this has %d" % len(inside))
    return os.path.join(root, inside[0])


def build_system(source):
    """PEP 518's table as far as building needs it; what stands for it where there is none."""
    path = os.path.join(source, "pyproject.toml")
    if not os.path.isfile(path):
        if not os.path.isfile(os.path.join(source, "setup.py")):
            raise Refused("it has neither pyproject.toml nor setup.py")
        return LEGACY
    with open(path, "rb") as file:
        content = file.read(BLOCK + 1)
    if len(content) > BLOCK:
        raise Refused("its pyproject.toml is larger than %d bytes" % BLOCK)
    try:
        table = read_table(content.decode("utf-8"))
    except ValueError as wrong:
        raise Refused("its pyproject.toml can't be read: %s" % wrong)
    if table is None:
        return LEGACY
    requires = table.get("requires")
    if not isinstance(requires, list) or not all(isinstance(one, str) for one in requires):
        raise Refused("its pyproject.toml has no list of strings build-system.requires")
    if not isinstance(table.get("build-backend", LEGACY["build-backend"]), str):
        raise Refused("its pyproject.toml has a build-backend that is no string")
    paths = table.get("backend-path", [])
    if not isinstance(paths, list) or not all(isinstance(one, str) for one in paths):
        raise Refused("its pyproject.toml has a backend-path that is no list of strings")
    for one in paths:
        parts_of(one)
        inside = os.path.realpath(os.path.join(source, one))
        if inside != source and not inside.startswith(source + "/"):
            raise Refused("its backend-path %r leads out of its folder" % one)
    return dict(LEGACY, **table)


def read_table(text):
    try:
        import tomllib
    except ImportError:
        return SmallToml(text).build_system()
    table = tomllib.loads(text).get("build-system")
    if table is not None and not isinstance(table, dict):
        raise ValueError("build-system is no table")
    return table


class SmallToml:
    """Of TOML 1.0 what people write below [build-system]: strings and lists of them. For Pythons before 3.11, which have no reader."""

    ESCAPES = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r", '"': '"', "\\": "\\"}

    def __init__(self, text):
        self.text, self.at = text, 0

    def build_system(self):
        lines, inside, found = self.text.replace("\r\n", "\n").split("\n"), False, False
        kept = []
        for line in lines:
            bare = line.strip()
            header = bare.split("#")[0].strip()
            if header.startswith("[") and header.endswith("]") and (not inside or self.whole(kept)):
                inside = header.strip("[] ") in ("build-system", '"build-system"') and not header.startswith("[[")
                found = found or inside
            elif inside:
                kept.append(line)
        return self.pairs("\n".join(kept)) if found else None

    def whole(self, lines):
        """Whether no list is open, so that a bracket begins a table."""
        try:
            self.pairs("\n".join(lines))
            return True
        except ValueError:
            return False

    def pairs(self, text):
        self.text, self.at, found = text, 0, {}
        while self.blank() < len(self.text):
            begin = self.at
            while self.at < len(self.text) and (self.text[self.at].isalnum() or self.text[self.at] in "-_\"'"):
                self.at += 1
            key = self.text[begin : self.at].strip("\"'")
            if not key or self.blank(False) >= len(self.text) or self.text[self.at] != "=":
                raise ValueError("a key and = are wanted: %r" % self.text[begin : begin + 40])
            self.at += 1
            self.blank(False)
            found[key] = self.value()
        return found

    def blank(self, lines=True):
        while self.at < len(self.text):
            if self.text[self.at] == "#":
                while self.at < len(self.text) and self.text[self.at] != "\n":
                    self.at += 1
            elif self.text[self.at] in (" \t\n" if lines else " \t"):
                self.at += 1
            else:
                break
        return self.at

    def value(self):
        first = self.text[self.at : self.at + 1]
        if first == "[":
            return self.sequence()
        if first in ('"', "'") and first:
            return self.string(first)
        begin = self.at
        while self.at < len(self.text) and self.text[self.at] not in "\n,#]":
            self.at += 1
        return {"true": True, "false": False}.get(self.text[begin : self.at].strip())

    def sequence(self):
        self.at += 1
        found = []
        while True:
            if self.blank() >= len(self.text):
                raise ValueError("a list has no end")
            if self.text[self.at] == "]":
                self.at += 1
                return found
            found.append(self.value())
            if self.blank() < len(self.text) and self.text[self.at] == ",":
                self.at += 1
            elif self.text[self.at : self.at + 1] != "]":
                raise ValueError("a comma or ] is wanted in a list")

    def string(self, quote):
        if self.text.startswith(quote * 3, self.at):
            raise ValueError("a string of several lines")
        self.at += 1
        found = []
        while True:
            one = self.text[self.at : self.at + 1]
            if one in ("", "\n"):
                raise ValueError("a string has no end")
            self.at += 1
            if one == quote:
                return "".join(found)
            if one == "\\" and quote == '"':
                escape = self.text[self.at : self.at + 1]
                size = {"u": 4, "U": 8}.get(escape, 0)
                digits = self.text[self.at + 1 : self.at + 1 + size]
                if not size and escape not in self.ESCAPES:
                    raise ValueError("an escape that TOML doesn't know")
                found.append(chr(int(digits, 16)) if size else self.ESCAPES[escape])
                self.at += 1 + size
            else:
                found.append(one)


class Environment:
    """What PEP 405 calls a virtual environment: this Python without the packages of its machine, and with those of the wheels."""

    def __init__(self, root):
        self.root = root
        self.site = os.path.join(root, "lib", "python%d.%d" % sys.version_info[:2], "site-packages")
        self.bin = os.path.join(root, "bin")
        self.python = os.path.join(self.bin, "python")
        os.makedirs(self.site)
        os.makedirs(self.bin)
        for name in ("python", "python3", "python%d.%d" % sys.version_info[:2]):
            os.symlink(sys.executable, os.path.join(self.bin, name))
        with open(os.path.join(root, "pyvenv.cfg"), "w") as file:
            file.write("home = %s\ninclude-system-site-packages = false\nversion = %s\n" % (
                os.path.dirname(os.path.realpath(sys.executable)), platform.python_version()))

    def add(self, wheel):
        """Unpacks a wheel as PEP 427 says ("Installing a wheel"), and makes its console scripts."""
        with zipfile.ZipFile(wheel) as archive:
            for member in archive.infolist():
                parts = parts_of(member.filename)
                if not parts or member.is_dir():
                    continue
                target = os.path.join(self.folder(parts), *(parts[2:] if parts[0].endswith(".data") and len(parts) > 2 else parts))
                os.makedirs(os.path.dirname(target), exist_ok=True)
                content = archive.read(member)
                is_script = parts[0].endswith(".data") and parts[1] == "scripts"
                if is_script and content.startswith(b"#!python"):
                    content = b"#!" + self.python.encode() + b"\n" + content.partition(b"\n")[2]
                with open(target, "wb") as file:
                    file.write(content)
                if is_script or (member.external_attr >> 16) & 0o100:
                    os.chmod(target, 0o755)
                if len(parts) == 2 and parts[1] == "entry_points.txt" and parts[0].endswith(".dist-info"):
                    self.add_scripts(content.decode("utf-8"))

    def folder(self, parts):
        if not parts[0].endswith(".data") or len(parts) < 3:
            return self.site
        return {
            "purelib": self.site,
            "platlib": self.site,
            "scripts": self.bin,
            "headers": os.path.join(self.root, "include", parts[0].split("-")[0]),
            "data": self.root,
        }.get(parts[1], self.site)

    def add_scripts(self, text):
        section = ""
        for line in text.splitlines():
            line = line.strip()
            if line.startswith("["):
                section = line.strip("[] ")
            elif section == "console_scripts" and "=" in line and line[:1] not in "#;":
                name, _, target = (part.strip() for part in line.partition("="))
                module, _, function = target.split("[")[0].strip().partition(":")
                if parts_of(name) == [name] and function:
                    path = os.path.join(self.bin, name)
                    with open(path, "w") as file:
                        file.write("#!%s\nimport sys\nfrom %s import %s\nsys.exit(%s())\n" % (
                            self.python, module, function.split(".")[0], function))
                    os.chmod(path, 0o755)


class Backend:
    """The hooks of a build back end, each called in a process of its own."""

    def __init__(self, job, source, system, environment):
        self.job, self.source, self.system, self.environment = job, source, system, environment
        self.count = 0

    def call(self, hook, *arguments):
        """What the hook returned, and whether there is such a hook."""
        self.count += 1
        answer = os.path.join(self.job["place"], "answer-%d" % self.count)
        print("== %s" % hook, flush=True)
        paths = [os.path.join(self.source, path) for path in self.system.get("backend-path", [])]
        words = json.dumps([hook, self.system["build-backend"], paths, arguments, answer])
        variables = dict(os.environ)
        variables.update(
            PATH=self.environment.bin + ":" + os.environ["PATH"],
            VIRTUAL_ENV=self.environment.root,
            SOURCE_DATE_EPOCH=str(self.job["epoch"]),
            PYTHONHASHSEED="0",
            PYTHONNOUSERSITE="1",
            PYTHONUNBUFFERED="1",
        )
        code = subprocess.call([self.environment.python, "-c", HOOK, words], cwd=self.source, env=variables, stdin=subprocess.DEVNULL)
        if code:
            raise Refused("%s of %s failed: %s" % (
                hook, self.system["build-backend"], "it was killed by signal %d" % -code if code < 0 else "exit code %d" % code))
        try:
            with open(answer) as file:
                said = json.load(file)
            return said["value"], said["there"]
        except (OSError, ValueError, KeyError, TypeError):
            raise Refused("%s of %s ended without an answer" % (hook, self.system["build-backend"]))


def needs(job, requirements):
    """Those of the requirements that nobody has brought yet."""
    if not isinstance(requirements, list) or not all(isinstance(one, str) for one in requirements):
        raise Refused("get_requires_for_build_wheel has to return a list of strings")
    return [one for one in requirements if one not in job["satisfied"]]


def build(job):
    place = job["place"]
    sdist = os.path.join(place, "in", job["sdist"])
    source = os.path.realpath(unpack_sdist(sdist, os.path.join(place, "source"), job["limits"]["disk"]))
    system = build_system(source)
    missing = needs(job, system["requires"])
    if missing:
        return {"needs": missing}, None
    environment = Environment(os.path.join(place, "environment"))
    for wheel in job["wheels"]:
        environment.add(os.path.join(place, "in", wheel))
    backend = Backend(job, source, system, environment)
    more, _ = backend.call("get_requires_for_build_wheel")
    missing = needs(job, more or [])
    if missing:
        return {"needs": missing}, None
    metadata, wheels = os.path.join(place, "metadata"), os.path.join(place, "wheels")
    os.mkdir(metadata)
    os.mkdir(wheels)
    name, there = backend.call("prepare_metadata_for_build_wheel", metadata)
    prepared = os.path.join(metadata, name) if there and isinstance(name, str) and parts_of(name) == [name] else None
    name, there = backend.call("build_wheel", wheels, None, prepared)
    if not there:
        raise Refused("%s has no build_wheel" % system["build-backend"])
    if not isinstance(name, str) or parts_of(name) != [name] or not name.endswith(".whl"):
        raise Refused("build_wheel returned %r, which is no wheel's name" % (name,))
    wheel = os.path.join(wheels, name)
    if os.path.islink(wheel) or not os.path.isfile(wheel):
        raise Refused("build_wheel says that it made %s, and it isn't there" % name)
    repaired = repair(job, wheel) if job["auditwheel"] else None
    wheel = repaired or wheel
    return {"wheel": os.path.basename(wheel), "repaired": bool(repaired)}, wheel


def repair(job, wheel):
    """What auditwheel makes of a wheel with native code; nothing where there is none, or where it can't."""
    with zipfile.ZipFile(wheel) as archive:
        if not any(name.endswith(".so") or ".so." in name for name in archive.namelist()):
            return None
    folder = os.path.join(job["place"], "repaired")
    print("== auditwheel repair", flush=True)
    code = subprocess.call([job["auditwheel"], "repair", "--wheel-dir", folder, wheel], stdin=subprocess.DEVNULL)
    made = os.listdir(folder) if os.path.isdir(folder) else []
    if code or len(made) != 1:
        print("auditwheel gave no wheel (exit code %d): the one that was built stays as it is" % code, flush=True)
        return None
    return os.path.join(folder, made[0])


def facts():
    """What this sandbox has to build with."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    include = sysconfig.get_paths()["include"]
    return {
        "python": platform.python_version(),
        "implementation": sys.implementation.name,
        "freeThreaded": bool(sysconfig.get_config_var("Py_GIL_DISABLED")),
        "headers": os.path.isfile(os.path.join(include, "Python.h")),
        "compiler": first_line([compiler, "--version"]) if compiler else None,
        "auditwheel": shutil.which("auditwheel"),
    }


def first_line(command):
    try:
        said = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        return said.stdout.decode("utf-8", "replace").partition("\n")[0][:200]
    except OSError:
        return None


def hand_out(descriptor, head, path):
    with os.fdopen(descriptor, "wb") as out:
        out.write(json.dumps(head).encode() + b"\n")
        if path:
            with open(path, "rb") as file:
                shutil.copyfileobj(file, out, BLOCK)


def full(place):
    try:
        return os.statvfs(place).f_bavail * os.statvfs(place).f_frsize < FULL_BYTES
    except OSError:
        return False


def main():
    result = int(sys.argv[1])
    os.set_inheritable(result, False)
    place = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    with open(os.path.join(place, "in", "job.json")) as file:
        job = json.load(file)
    try:
        head, wheel = (facts(), None) if job["task"] == "look" else build(job)
    except Refused as refused:
        head, wheel = {"refused": str(refused), "full": full(place)}, None
    except OSError as failed:
        head, wheel = {"refused": str(failed), "full": failed.errno == 28 or full(place)}, None
    hand_out(result, head, wheel)


if __name__ == "__main__":
    main()
