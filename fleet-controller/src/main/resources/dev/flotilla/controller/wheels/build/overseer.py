"""Runs one job in a sandbox on this machine, with CPython 3.8 or later and nothing but its standard library.

The first line of standard input is the job, as JSON. Each line after it only says that whoever wants the job is still there: silence, or the end
of the input, ends the job with all that it has started. Standard output has lines of a word and what belongs to it: "log" and "wheel" with
Base64, "end" with JSON, which is the last. What the job says and makes is bounded here, and believed nowhere.
"""
import base64
import ctypes
import errno
import fcntl
import hashlib
import json
import os
import resource
import select
import shutil
import signal
import sys
import time

BLOCK = 32 << 10
SILENCE_SECONDS = 60
LAST_WORDS_SECONDS = 10
# Where whoever comes in is root, builds are users of their own: numbers that no distribution gives to anybody.
FIRST_USER = 1900000000
MOST_SLOTS = 256
GROUP_PREFIX = "flotilla-wheels-"
GROUP_FIRST = 16
HEADER_MOST = 1 << 20
PR_SET_PDEATHSIG = 1
# Of the machine the sandbox sees programs, libraries, headers and what chooses among them; nothing of any user, and no configuration.
SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
CHOICES = ("/etc/alternatives", "/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d")


def say(word, content):
    sys.stdout.buffer.write(word.encode() + b" " + content + b"\n")


def end(**result):
    say("end", json.dumps(result).encode())
    sys.stdout.flush()


class Refused(Exception):
    """The job can't be begun."""


def opened(folder, file):
    """A descriptor of a file that was brought here, once its content is known to be what its name says."""
    path = os.path.join(folder, "files", file["sha256"])
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    digest = hashlib.sha256()
    while True:
        block = os.read(descriptor, 1 << 20)
        if not block:
            break
        digest.update(block)
    if digest.hexdigest() != file["sha256"]:
        raise Refused(file["name"] + " on this machine has another digest than it should have")
    os.lseek(descriptor, 0, os.SEEK_SET)
    return descriptor


def slot(folder):
    """A number that no other job of this machine has meanwhile."""
    slots = os.path.join(folder, "slots")
    os.makedirs(slots, mode=0o700, exist_ok=True)
    for number in range(MOST_SLOTS):
        descriptor = os.open(os.path.join(slots, str(number)), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return number, descriptor
        except OSError:
            os.close(descriptor)
    raise Refused("more than %d jobs run on this machine" % MOST_SLOTS)


def text_of(path):
    with open(path) as file:
        return file.read()


def write(path, value):
    with open(path, "w") as file:
        file.write(str(value))


class ControlGroups:
    """What counts memory and processes of a job together, as far as this machine lets us (version 1 or 2)."""

    def __init__(self, name, limits):
        self.folders = []
        self.memory = None
        self.pids = None
        for controller, base in self.places().items():
            folder = os.path.join(base, name)
            try:
                if folder not in self.folders:
                    self.forget(base)
                    os.mkdir(folder)
                    self.folders.append(folder)
                if controller == "memory":
                    self.limit_memory(folder, limits["memory"])
                else:
                    write(os.path.join(folder, "pids.max"), limits["processes"])
                    self.pids = folder
            except OSError:
                continue

    @staticmethod
    def places():
        places = {}
        try:
            mine = [line.split(":", 2) for line in text_of("/proc/self/cgroup").splitlines()]
        except OSError:
            return places
        for _, controllers, path in mine:
            for controller in controllers.split(","):
                if controller in ("memory", "pids"):
                    places[controller] = "/sys/fs/cgroup/" + controller + path
        try:
            # Processes and groups can't be in one place in version 2: only the root may have both.
            for controller in text_of("/sys/fs/cgroup/cgroup.subtree_control").split():
                if controller in ("memory", "pids"):
                    places.setdefault(controller, "/sys/fs/cgroup")
        except OSError:
            pass
        return places

    @staticmethod
    def forget(base):
        """Removes what jobs have left that were killed together with whoever watched them. One whose watcher lives may be empty yet, and is its own."""
        for name in os.listdir(base):
            if name.startswith(GROUP_PREFIX) and not os.path.exists("/proc/" + name.rpartition("-")[2]):
                try:
                    os.rmdir(os.path.join(base, name))
                except OSError:
                    pass

    def limit_memory(self, folder, most):
        for name in ("memory.max", "memory.limit_in_bytes"):
            if os.path.exists(os.path.join(folder, name)):
                write(os.path.join(folder, name), most)
                self.memory = folder
        for name, value in (("memory.swap.max", 0), ("memory.memsw.limit_in_bytes", most), ("memory.oom.group", 1)):
            try:
                if os.path.exists(os.path.join(folder, name)):
                    write(os.path.join(folder, name), value)
            except OSError:
                pass

    def enter(self):
        for folder in self.folders:
            write(os.path.join(folder, "cgroup.procs"), os.getpid())

    @staticmethod
    def count(folder, files, word):
        for name in files if folder else ():
            try:
                for line in text_of(os.path.join(folder, name)).splitlines():
                    parts = line.split()
                    if parts[0] == word:
                        return int(parts[1])
            except (OSError, IndexError, ValueError):
                pass
        return 0

    def killed_for_memory(self):
        return self.count(self.memory, ("memory.events", "memory.oom_control"), "oom_kill")

    def refused_processes(self):
        return self.count(self.pids, ("pids.events",), "max")

    def remove(self):
        """With what is still in there, should anything be."""
        for folder in self.folders:
            for _ in range(100):
                try:
                    for process in text_of(os.path.join(folder, "cgroup.procs")).split():
                        os.kill(int(process), signal.SIGKILL)
                except OSError:
                    pass
                try:
                    os.rmdir(folder)
                    break
                except OSError as busy:
                    if busy.errno != errno.EBUSY:
                        break
                    time.sleep(0.02)


def sandbox(job, files, result, python_root):
    """The command line of bubblewrap. Every place that can be written has a size."""
    place = job["place"]
    command = ["bwrap", "--unshare-all", "--unshare-user", "--disable-userns", "--die-with-parent", "--new-session"]
    command += ["--uid", "1000", "--gid", "1000", "--hostname", job["hostname"], "--clearenv"]
    for folder in SYSTEM:
        if os.path.islink(folder):
            command += ["--symlink", os.readlink(folder), folder]
        elif os.path.isdir(folder):
            command += ["--ro-bind", folder, folder]
    for path in CHOICES:
        command += ["--ro-bind-try", path, path]
    if python_root:
        command += ["--ro-bind", python_root, python_root]
    command += ["--proc", "/proc", "--dev", "/dev", "--size", str(64 << 20), "--perms", "1777", "--tmpfs", "/dev/shm"]
    command += ["--size", str(job["limits"]["disk"]), "--perms", "0700", "--tmpfs", place]
    command += ["--dir", place + "/tmp", "--dir", place + "/in", "--dir", place + "/home"]
    command += ["--symlink", place + "/tmp", "/tmp", "--dir", "/var", "--symlink", place + "/tmp", "/var/tmp"]
    for name, descriptor in files:
        command += ["--file", str(descriptor), name]
    command += ["--remount-ro", "/dev", "--remount-ro", "/", "--chdir", place]
    for name, value in (
        ("PATH", "/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin"),
        ("HOME", place + "/home"),
        ("TMPDIR", place + "/tmp"),
        ("LANG", "C.UTF-8"),
        ("TZ", "UTC"),
    ):
        command += ["--setenv", name, value]
    return command + ["--", job["python"], "-I", "-B", place + "/in/inside.py", str(result)]


def memory_file(content):
    """A descriptor from which this can be read."""
    descriptor = os.memfd_create("job", os.MFD_CLOEXEC)
    with os.fdopen(os.dup(descriptor), "wb") as file:
        file.write(content)
    os.lseek(descriptor, 0, os.SEEK_SET)
    return descriptor


def start(command, keep, groups, limits, user, log):
    """Forks; what is started has nothing of us but these descriptors, and no rights that it doesn't need."""
    parent = os.getpid()
    child = os.fork()
    if child:
        return child
    try:
        os.setsid()
        nothing = os.open("/dev/null", os.O_RDONLY)
        os.dup2(nothing, 0)
        os.dup2(log, 1)
        os.dup2(log, 2)
        groups.enter()
        for descriptor in keep:
            os.set_inheritable(descriptor, True)
        for kind, most in (
            # Where they are counted as a group that comes first, and is told.
            (resource.RLIMIT_NPROC, limits["processes"] + (GROUP_FIRST if groups.pids else 0)),
            (resource.RLIMIT_FSIZE, limits["disk"]),
            (resource.RLIMIT_CORE, 0),
            (resource.RLIMIT_NOFILE, 4096),
            (resource.RLIMIT_AS, resource.RLIM_INFINITY if groups.memory else limits["memory"]),
        ):
            hard = resource.getrlimit(kind)[1]
            most = most if hard == resource.RLIM_INFINITY else hard if most == resource.RLIM_INFINITY else min(most, hard)
            resource.setrlimit(kind, (most, most))
        if user is not None:
            os.setgroups([])
            os.setresgid(user, user, user)
            os.setresuid(user, user, user)
        os.umask(0o022)
        # After the change of user, which would undo it.
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(126)
        os.execvpe(command[0], command, {"PATH": os.environ.get("PATH", "/usr/bin:/bin")})
    except BaseException as failed:  # Nothing may go on as a copy of us.
        os.write(2, ("the sandbox can't be begun: %s\n" % failed).encode())
    finally:
        os._exit(126)


class Watch:
    """Takes what the job says until it has ended, and ends it when it has to."""

    def __init__(self, job, child, log, result, begun):
        self.limits = job["limits"]
        self.child = child
        self.log, self.result, self.lifeline = log, result, sys.stdin.fileno()
        self.deadline = begun + self.limits["seconds"]
        self.heard = time.monotonic()
        self.logged = self.unlogged = 0
        self.header = b""
        self.head = None
        self.size = 0
        self.digest = hashlib.sha256()
        self.why = None
        self.status = None

    def kill(self, why):
        self.why = self.why or why
        if self.status is None:
            os.kill(self.child, signal.SIGKILL)

    def run(self):
        open_ends = {self.log, self.result}
        ended = None
        while open_ends or self.status is None:
            now = time.monotonic()
            if ended and now > ended + LAST_WORDS_SECONDS:
                break
            if now > self.deadline:
                self.kill("time")
            if now > self.heard + SILENCE_SECONDS:
                self.kill("left")
            ready, _, _ = select.select(list(open_ends) + ([self.lifeline] if self.why != "left" else []), [], [], 0.05)
            for descriptor in ready:
                block = os.read(descriptor, BLOCK)
                if descriptor == self.lifeline:
                    self.heard = now
                    if not block:
                        self.kill("left")
                elif not block:
                    open_ends.discard(descriptor)
                elif descriptor == self.log:
                    self.take_log(block)
                else:
                    self.take_result(block)
            if self.status is None:
                pid, status = os.waitpid(self.child, os.WNOHANG)
                if pid:
                    self.status = status
                    ended = time.monotonic()

    def take_log(self, block):
        part = block[: max(self.limits["output"] - self.logged, 0)]
        self.logged += len(part)
        self.unlogged += len(block) - len(part)
        if part:
            say("log", base64.b64encode(part))
            sys.stdout.flush()

    def take_result(self, block):
        if self.head is None:
            self.header += block
            if b"\n" not in self.header:
                if len(self.header) > HEADER_MOST:
                    self.kill("result")
                return
            first, block = self.header.split(b"\n", 1)
            try:
                self.head = json.loads(first.decode())
                if not isinstance(self.head, dict):
                    raise ValueError
            except ValueError:
                self.head = {}
                self.kill("result")
        self.size += len(block)
        if self.size > self.limits["disk"]:
            self.kill("result")
        elif block:
            self.digest.update(block)
            for i in range(0, len(block), BLOCK):
                say("wheel", base64.b64encode(block[i : i + BLOCK]))


def run(job):
    folder = job["folder"]
    begun = time.monotonic()
    shell = shutil.which("bwrap")
    if not shell:
        raise Refused("there is no bwrap")
    number, lock = slot(folder)
    user = FIRST_USER + number if os.geteuid() == 0 else None
    place = job["place"]
    inside = {key: job[key] for key in ("task", "place", "epoch", "satisfied", "limits", "auditwheel")}
    inside["sdist"] = job["sdist"]["name"] if job["sdist"] else None
    inside["wheels"] = [wheel["name"] for wheel in job["wheels"]]
    people = "build:x:1000:1000::%s/home:/bin/sh\n" % place
    files = [
        ("/etc/passwd", memory_file(people.encode())),
        ("/etc/group", memory_file(b"build:x:1000:\n")),
        (place + "/in/inside.py", opened(folder, job["inside"])),
        (place + "/in/job.json", memory_file(json.dumps(inside).encode())),
    ]
    for file in ([job["sdist"]] if job["sdist"] else []) + job["wheels"]:
        files.append((place + "/in/" + os.path.basename(file["name"]), opened(folder, file)))
    python_root = job["pythonRoot"]
    log, log_end = os.pipe()
    result, result_end = os.pipe()
    groups = ControlGroups("%s%d-%d" % (GROUP_PREFIX, number, os.getpid()), job["limits"])
    try:
        command = sandbox(job, files, result_end, python_root)
        keep = [descriptor for _, descriptor in files] + [result_end]
        child = start(command, keep, groups, job["limits"], user, log_end)
        for descriptor in [log_end] + keep:
            os.close(descriptor)
        watch = Watch(job, child, log, result, begun)
        watch.run()
        end(
            exit=os.WEXITSTATUS(watch.status) if os.WIFEXITED(watch.status) else 128 + os.WTERMSIG(watch.status),
            why=watch.why,
            leftOut=watch.unlogged,
            killedForMemory=groups.killed_for_memory(),
            refusedProcesses=groups.refused_processes(),
            memoryTogether=bool(groups.memory),
            processesTogether=bool(groups.pids),
            head=watch.head,
            size=watch.size,
            sha256=watch.digest.hexdigest(),
        )
    finally:
        groups.remove()
        os.close(lock)


def first_line():
    """Read by hand: what comes behind it is heard by descriptor."""
    line = b""
    while not line.endswith(b"\n"):
        block = os.read(sys.stdin.fileno(), 1)
        if not block:
            raise Refused("nobody has said what to do")
        line += block
    return line


if __name__ == "__main__":
    try:
        run(json.loads(first_line().decode()))
    except (Refused, OSError) as failed:
        end(exit=126, why="refused", problem=str(failed))
