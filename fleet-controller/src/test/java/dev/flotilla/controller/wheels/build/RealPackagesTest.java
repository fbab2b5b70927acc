package dev.flotilla.controller.wheels.build;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.flotilla.controller.Main;
import dev.flotilla.controller.ssh.OpenSshServer;
import dev.flotilla.controller.wheels.BuiltWheel;
import dev.flotilla.controller.wheels.FailedBuild;
import dev.flotilla.controller.wheels.WantedWheel;
import dev.flotilla.vocabulary.Interpreter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Sdists of tests with real build back ends, a real compiler, a real sandbox and a real pip. */
@Tag("real")
class RealPackagesTest {
    private static final String LIMITS =
            "time = 4m, memory = 1024 MiB, processes = 256, disk = 512 MiB, output = 4 MiB";
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    @TempDir
    private Path folder;

    /** A pip of its own, whose surroundings are the machine's where it is to find packages there. */
    private String pip(boolean configured, String... words) throws IOException {
        Path venv = folder.resolve("venv");
        if (!Files.exists(venv)) {
            Workshop.said("/usr/bin/python3", "-m", "venv", venv.toString());
        }
        List<String> command =
                new ArrayList<>(List.of(venv.resolve("bin/python").toString(), "-m", "pip", "-q"));
        command.addAll(List.of(words));
        var builder = new ProcessBuilder(command).redirectErrorStream(true);
        if (!configured) {
            builder.environment().keySet().removeIf(name -> name.startsWith("PIP_"));
            builder.environment().put("PIP_CONFIG_FILE", "/dev/null");
        }
        Process process = builder.start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.onExit().join().exitValue()).as(said).isZero();
        return said;
    }

    private static void until(String what, Callable<Boolean> condition) {
        await(what).atMost(PATIENCE).until(condition);
    }

    private static String project(String name) {
        return "[project]\nname = \"" + name + "\"\nversion = \"1.0\"\nrequires-python = \">=3.8\"\n";
    }

    private static String system(String requires, String backend) {
        return "[build-system]\nrequires = [" + requires + "]\nbuild-backend = \"" + backend + "\"\n";
    }

    @Test
    void packagesOfTheUsualBackEndsAndOneInCAreBuiltCheckedAndInstalled() throws Exception {
        try (var shop = new Workshop(folder)) {
            pip(
                    true,
                    "download",
                    "--retries",
                    "1",
                    "--only-binary",
                    ":all:",
                    "-d",
                    folder.resolve("tools").toString(),
                    "setuptools",
                    "hatchling",
                    "flit-core");
            try (Stream<Path> tools = Files.list(folder.resolve("tools"))) {
                for (Path tool : tools.toList()) {
                    shop.offer(tool.getFileName().toString(), Files.readAllBytes(tool));
                }
            }
            shop.offer(
                    "pan-1.0.tar.gz",
                    TestSdists.of(
                            "pan",
                            "1.0",
                            Map.of(
                                    "pyproject.toml",
                                    system("\"setuptools>=40\"", "setuptools.build_meta") + project("pan"),
                                    "pan.py",
                                    "gold = 1\n")));
            shop.offer(
                    "sieve-1.0.tar.gz",
                    TestSdists.of(
                            "sieve",
                            "1.0",
                            Map.of(
                                    "setup.py",
                                    "from setuptools import setup\nsetup(name='sieve', version='1.0', py_modules=['sieve'])\n",
                                    "sieve.py",
                                    "gold = 2\n")));
            shop.offer(
                    "hatch-ring-1.0.tar.gz",
                    TestSdists.of(
                            "hatch-ring",
                            "1.0",
                            Map.of(
                                    "pyproject.toml",
                                    system("\"hatchling\"", "hatchling.build") + project("hatch-ring"),
                                    "hatch_ring/__init__.py",
                                    "gold = 3\n")));
            shop.offer(
                    "flitring-1.0.tar.gz",
                    TestSdists.of(
                            "flitring",
                            "1.0",
                            Map.of(
                                    "pyproject.toml",
                                    system("\"flit_core >=3,<9\"", "flit_core.buildapi")
                                            + project("flitring")
                                                    .replace(
                                                            "requires-python",
                                                            "description = \"a ring\"\nrequires-python"),
                                    "flitring.py",
                                    "gold = 4\n")));
            shop.offer(
                    "nugget-1.0.tar.gz",
                    TestSdists.of(
                            "nugget",
                            "1.0",
                            Map.of(
                                    "pyproject.toml",
                                            system("\"setuptools\"", "setuptools.build_meta") + project("nugget"),
                                    "setup.py",
                                            "from setuptools import Extension, setup\nsetup(ext_modules=[Extension('nugget', ['nugget.c'], libraries=['m'])])\n",
                                    "nugget.c", """
                            #include <Python.h>
                            #include <math.h>
                            static PyObject *weight(PyObject *self, PyObject *number) { return PyFloat_FromDouble(sqrt(PyFloat_AsDouble(number))); }
                            static PyMethodDef methods[] = {{"weight", weight, METH_O, ""}, {NULL, NULL, 0, NULL}};
                            static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "nugget", NULL, -1, methods};
                            PyMODINIT_FUNC PyInit_nugget(void) { return PyModule_Create(&module); }
                            """)));
            // A back end that nobody has built needs another that nobody has built.
            shop.offer("ore-1.0.tar.gz", TestSdists.of("ore", "1.0", TestSdists.own("""
                    def build_wheel(folder, *_):
                        return wheel(folder, 'ore', '1.0', [('ore.py', 'purity = 24')])
                    """, "")));
            shop.offer("coin-1.0.tar.gz", TestSdists.of("coin", "1.0", TestSdists.own("""
                    def get_requires_for_build_wheel(*_):
                        return ['ore>=1; python_version>"3"', 'ore<2']
                    def build_wheel(folder, *_):
                        import ore
                        return wheel(folder, 'coin', '1.0', [('coin.py', 'purity = %d' % ore.purity)])
                    """, "")));
            shop.offer("clock-1.0.tar.gz", TestSdists.with("clock", "1.0", """
                    def build_wheel(folder, *_):
                        import uuid
                        return wheel(folder, 'clock', '1.0', [('clock.py', str(uuid.uuid4())), ('same.py', '')])
                    """));
            List<String> names = List.of("pan", "sieve", "hatch-ring", "flitring", "nugget", "coin", "clock");
            var wanted = names.stream()
                    .map(name -> {
                        try {
                            return shop.wanted(name, "1.0");
                        } catch (IOException unreadable) {
                            throw new UncheckedIOException(unreadable);
                        }
                    })
                    .toList();
            WheelBuilds.Summary summary = shop.build(LIMITS, true, wanted);
            assertThat(summary.failed().stream().map(FailedBuild::reason))
                    .as(String.join("\n", shop.heard))
                    .isEmpty();
            assertThat(summary.unready()).isEmpty();
            assertThat(summary.built()).hasSize(names.size());
            for (BuiltWheel wheel : summary.built()) {
                String log = Files.readString(wheel.log());
                boolean clock = wheel.project().normal().equals("clock");
                assertThat(wheel.provenance().reproducible()).as(log).isEqualTo(Optional.of(!clock));
                if (clock) {
                    assertThat(log).contains("other bytes: clock-1.0.dist-info/RECORD, clock.py\n");
                }
            }
            BuiltWheel nugget = summary.built().stream()
                    .filter(wheel -> wheel.project().normal().equals("nugget"))
                    .findFirst()
                    .orElseThrow();
            assertThat(nugget.filename())
                    .contains("-cp3")
                    .endsWith("linux_" + shop.wanted("nugget", "1.0").platform().architecture() + ".whl");
            assertThat(nugget.requiresPython()).contains(">=3.8");
            assertThat(nugget.provenance().tools()).containsKeys("setuptools", "python", "bubblewrap", "compiler");
            assertThat(Files.readString(nugget.log()))
                    .containsPattern("linked to .*libm\\.so\\.6; it is as it was built");

            pip(
                    false,
                    "install",
                    "--no-index",
                    "--find-links",
                    shop.out().path().resolve(nugget.platform().toString()).toString(),
                    "pan",
                    "sieve",
                    "hatch-ring",
                    "flitring",
                    "nugget",
                    "coin");
            assertThat(
                            Workshop.said(
                                    folder.resolve("venv/bin/python").toString(),
                                    "-c",
                                    "import pan, sieve, hatch_ring, flitring, nugget, coin; print(nugget.weight(9), coin.purity)"))
                    .isEqualTo("3.0 24");

            // What is there isn't built again; what isn't there any more is.
            Files.writeString(nugget.file(), "damaged");
            WheelBuilds.Summary next = shop.build(LIMITS, false, wanted);
            assertThat(next.already()).hasSize(names.size() - 1);
            assertThat(next.built()).singleElement().satisfies(wheel -> {
                assertThat(wheel.filename()).isEqualTo(nugget.filename());
                assertThat(wheel.digest()).isEqualTo(nugget.digest());
            });
            assertThat(shop.out().read().built()).hasSize(names.size());
            assertThat(shop.left()).isEmpty();
        }
    }

    @Test
    void aControllerThatIsKilledLeavesNothingRunningAndTheNextGoesOn() throws Exception {
        String mark = "killed-" + UUID.randomUUID();
        Path open = folder.resolve("open");
        try (var shop = new Workshop(folder)) {
            shop.offer(
                    "quick-1.0.tar.gz",
                    TestSdists.with(
                            "quick",
                            "1.0",
                            "def build_wheel(folder, *_):\n    return wheel(folder, 'quick', '1.0')\n"));
            shop.offer("slow-1.0.tar.gz", TestSdists.with("slow", "1.0", """
                    def build_wheel(folder, *_):
                        import subprocess
                        subprocess.call([sys.executable, "-c", "import time; time.sleep(1000)", "%s"])
                    """.formatted(mark)));
            Path plan = shop.plan(List.of(shop.wanted("quick", "1.0"), shop.wanted("slow", "1.0")));
            List<String> command = List.of(
                    ProcessHandle.current().info().command().orElseThrow(),
                    "-cp",
                    System.getProperty("java.class.path"),
                    Main.class.getName(),
                    "wheels",
                    "build",
                    "--config",
                    shop.fleet(LIMITS).toString(),
                    "--plan",
                    plan.toString(),
                    "--out",
                    shop.out().path().toString(),
                    "--once");
            Process controller = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(open.toFile())
                    .start();
            try {
                until("the build runs", () -> !running(mark).isEmpty() || !controller.isAlive());
                until("the quick one is built", () -> built(shop) == 1 || !controller.isAlive());
                assertThat(controller.isAlive()).as(Files.readString(open)).isTrue();
            } finally {
                controller.destroyForcibly().waitFor(1, TimeUnit.MINUTES);
            }
            until("nothing runs any more", () -> running(mark).isEmpty());
            until(
                    "nobody watches over it any more",
                    () -> running(shop.builder().toString()).isEmpty());
            WheelBuilds.Summary next = shop.build(LIMITS, false, List.of(shop.wanted("quick", "1.0")));
            assertThat(next.already()).hasSize(1);
            assertThat(next.built()).isEmpty();
            assertThat(shop.left()).isEmpty();
        }
    }

    @Test
    void aBuilderIsComeToBySshAndABuildEndsWithItsConnection() throws Exception {
        String mark = "cut-" + UUID.randomUUID();
        Path key = OpenSshServer.key(folder.resolve("id"));
        try (var shop = new Workshop(folder);
                var server = OpenSshServer.start(folder.resolve("sshd"), key)) {
            shop.bySsh(server, key);
            shop.offer(
                    "quick-1.0.tar.gz",
                    TestSdists.with(
                            "quick",
                            "1.0",
                            "def build_wheel(folder, *_):\n    return wheel(folder, 'quick', '1.0', [('quick.bin', 'x' * 300000)])\n"));
            shop.offer("slow-1.0.tar.gz", TestSdists.with("slow", "1.0", """
                    def build_wheel(folder, *_):
                        import subprocess
                        subprocess.call([sys.executable, "-c", "import time; time.sleep(1000)", "%s"])
                    """.formatted(mark)));
            assertThat(shop.build(LIMITS, false, List.of(shop.wanted("quick", "1.0")))
                            .built())
                    .hasSize(1);
            var slow = List.of(shop.wanted("slow", "1.0"));
            var cut = Thread.startVirtualThread(() -> {
                until("the build runs", () -> !running(mark).isEmpty());
                String overseer = running(Script.OVERSEER.digest().hex() + "\0").stream()
                        .filter(line -> line.contains("python"))
                        .findFirst()
                        .orElseThrow();
                // The shell's parent is the server's process for this connection.
                ProcessHandle.of(Long.parseLong(overseer.substring(0, overseer.indexOf(' '))))
                        .flatMap(ProcessHandle::parent)
                        .flatMap(ProcessHandle::parent)
                        .orElseThrow()
                        .destroyForcibly();
            });
            WheelBuilds.Summary summary = shop.build(LIMITS, false, slow);
            cut.join();
            assertThat(summary.failed()).hasSize(1);
            until("nothing runs any more", () -> running(mark).isEmpty());
        }
    }

    private static int built(Workshop shop) {
        try {
            return shop.out().read().built().size();
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    private static List<String> running(String words) {
        try {
            return Workshop.running(words);
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    @Test
    void aMachineThatIsNotThePlatformIsToldAllThatItLacks() throws Exception {
        try (var shop = new Workshop(folder)) {
            shop.offer("quick-1.0.tar.gz", TestSdists.with("quick", "1.0", ""));
            var wanted = shop.wanted("quick", "1.0");
            Path fleet = shop.fleet(LIMITS);
            String text = Files.readString(fleet)
                    .replaceFirst("pythons = \\[ \"[^\"]+\"", "pythons = [ \"3.19\", \"3.20\"")
                    .replaceFirst("library = \"[^\"]+\"", "library = \"glibc 9.9\"");
            Path out = folder.resolve("said");
            Files.writeString(fleet, text);
            Path plan = shop.plan(List.of(
                    new WantedWheel(wanted.platform(), new Interpreter(19, false), wanted.sdist(), "", List.of())));
            Process controller = new ProcessBuilder(
                            ProcessHandle.current().info().command().orElseThrow(),
                            "-cp",
                            System.getProperty("java.class.path"),
                            Main.class.getName(),
                            "wheels",
                            "build",
                            "--config",
                            fleet.toString(),
                            "--plan",
                            plan.toString(),
                            "--out",
                            shop.out().path().toString())
                    .redirectErrorStream(true)
                    .redirectOutput(out.toFile())
                    .start();
            assertThat(controller.onExit().join().exitValue()).isEqualTo(1);
            assertThat(Files.readString(out))
                    .contains(
                            "its C library is not the platform's",
                            "python3.19 is missing",
                            "python3.20 is missing",
                            "nothing built on [here]");
        }
    }
}
