package dev.flotilla.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.flotilla.agent.bucket.S3Server;
import dev.flotilla.vocabulary.PlatformSlug;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The whole way of a wheel: from a branch's requirements by plan, sandbox and publication to the bucket, by a node's agent to its mirror, and from
 * there into environments that could not have built it. With packed programs, real build back ends, a real compiler and a real pip.
 */
@Tag("real")
class WheelsIT {
    /** The one that sandboxes see. */
    private static final String PYTHON = "/usr/bin/python3";

    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final List<String> PINS = List.of("nugget==1.0", "pan==1.0", "hatch-ring==1.0", "flitring==1.0");
    private static final List<String> PUBLISHED = List.of(
            "MarkupSafe==2.1.2", "backoff==2.2.1", "netifaces==0.11.0", "py-ubjson==0.16.1", "sgmllib3k==1.0.0");
    private static final String NUGGET = """
            #include <Python.h>
            static PyObject *weight(PyObject *self, PyObject *number) { return PyLong_FromLong(3 * PyLong_AsLong(number)); }
            static PyMethodDef methods[] = {{"weight", weight, METH_O, ""}, {NULL, NULL, 0, NULL}};
            static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "nugget", NULL, -1, methods};
            PyMODINIT_FUNC PyInit_nugget(void) { return PyModule_Create(&module); }
            """;

    @TempDir
    Path folder;

    private S3Server bucket;
    private CountingIndex upstream;
    private PackedFile locked;
    private Path file;

    @BeforeEach
    void begin() throws Exception {
        Path objects = folder.resolve("objects");
        bucket = S3Server.startOpen(objects, "wheels/");
        List<PackageFile> files = new ArrayList<>(sources());
        files.addAll(published());
        Path tools = folder.resolve("tools");
        PythonEnvironment.create(folder, List.of(), PYTHON)
                .download(tools, "setuptools", "hatchling", "flit-core", "poetry-core", "wheel")
                .succeeded();
        try (Stream<Path> wheels = Files.list(tools)) {
            for (Path wheel : wheels.toList()) {
                files.add(PackedFile.wheel(wheel));
            }
        }
        upstream = CountingIndex.at(InetAddress.getLoopbackAddress(), files.toArray(PackageFile[]::new));
        configure();
    }

    private List<PackedFile> sources() throws IOException {
        Path sources = folder.resolve("sources");
        locked = PackedFile.sdist(
                sources,
                "flitring",
                "1.0",
                Map.of(
                        "pyproject.toml",
                        PackedFile.pyproject("flitring", "1.0", "flit_core >=3,<9", "flit_core.buildapi"),
                        "flitring.py",
                        "gold = 4\n"));
        return List.of(
                locked,
                PackedFile.sdist(
                        sources,
                        "hatch-ring",
                        "1.0",
                        Map.of(
                                "pyproject.toml",
                                PackedFile.pyproject("hatch-ring", "1.0", "hatchling", "hatchling.build"),
                                "hatch_ring.py",
                                "gold = 3\n")),
                PackedFile.sdist(
                        sources,
                        "pan",
                        "1.0",
                        Map.of(
                                "pyproject.toml",
                                PackedFile.pyproject("pan", "1.0", "setuptools>=61", "setuptools.build_meta"),
                                "pan.py",
                                "gold = 1\n")),
                PackedFile.sdist(
                        sources,
                        "nugget",
                        "1.0",
                        Map.of(
                                "pyproject.toml",
                                PackedFile.pyproject("nugget", "1.0", "setuptools>=61", "setuptools.build_meta"),
                                "setup.py",
                                "from setuptools import Extension, setup\nsetup(ext_modules=[Extension('nugget', ['nugget.c'])])\n",
                                "nugget.c",
                                NUGGET)));
    }

    /** What others have published, in the folder that {@code .ci/sdists} filled: three in C, and back ends and times of many kinds. */
    private static List<PackedFile> published() throws IOException {
        String there = System.getenv("FLOTILLA_SDISTS");
        if (there == null) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(Path.of(there))) {
            return files.map(PackedFile::published).toList();
        }
    }

    private static String said(String... line) {
        return Command.run(List.of(line)).succeeded().output().strip();
    }

    private static PlatformSlug platform() {
        return PlatformSlug.of(
                said("sh", "-c", ". /etc/os-release; echo $ID"),
                said("sh", "-c", ". /etc/os-release; echo $VERSION_ID"),
                said("uname", "-m"));
    }

    private void configure() throws IOException {
        Path fleet = folder.resolve("fleet");
        Command.run(Command.flotilla("init", "--name", "acme", fleet.toString()))
                .succeeded();
        file = fleet.resolve("fleet.conf");
        Files.writeString(fleet.resolve("agent.env"), """
                AWS_ACCESS_KEY_ID=%s
                AWS_SECRET_ACCESS_KEY=%s
                """.formatted(S3Server.KEY, S3Server.SECRET));
        Files.write(fleet.resolve("constraints.txt"), PINS);
        Files.writeString(file, """
                flotilla.fleet {
                  name = acme, bucket { name = %s, endpoint = "%s", path-style = true }
                  fabric = local
                  provision {
                    environment = "agent.env", serve-time-out = 90s
                    agent { poll-interval = 1s, report-interval = 1s, report-gap = 200ms, proof { soak = 1s } }
                  }
                  rollout { waves = [] }
                  mirror { upstreams = [ { name = index, index = "%s" } ], store { budget = 1 GiB } }
                  regions { east { nodes { east-1 { address = "%s" } } } }
                  wheels {
                    branches { main { requirements = [ constraints.txt ] } }
                    platforms { "%s" { library = "%s", pythons = [ "%s" ], builder = here } }
                    builders { here { fabric = local, folder = "%s", parallel = 4 } }
                    limits { time = 4m, memory = 1024 MiB, disk = 512 MiB }
                  }
                }
                """.formatted(
                        S3Server.NAME,
                        bucket.endpoint(),
                        upstream.uri(),
                        LoopbackAddress.ofThisProcess(1),
                        platform(),
                        said("getconf", "GNU_LIBC_VERSION"),
                        said(PYTHON, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"),
                        folder.resolve("builder")));
    }

    @AfterEach
    void end() {
        try {
            flotilla(List.of("destroy"), "--fleet-name", "acme", "--with-stores")
                    .succeeded();
            assertThat(Processes.naming(folder.toString())).isEmpty();
        } finally {
            upstream.close();
            bucket.close();
        }
    }

    private Command flotilla(List<String> verb, String... arguments) {
        List<String> line = new ArrayList<>(Command.flotilla(verb.toArray(String[]::new)));
        line.addAll(List.of("-C", file.toString()));
        line.addAll(List.of(arguments));
        return Command.run(line, MachineFleet.CREDENTIALS);
    }

    private Command wheels(String verb, String... arguments) {
        return flotilla(List.of("wheels", verb), arguments);
    }

    private URI index(String view) {
        return URI.create("http://" + LoopbackAddress.ofThisProcess(1) + ":8080" + view + "/simple/");
    }

    @Test
    @Tag("sdists")
    void packagesThatOthersPublishedAreBuiltAndInstalledWhereNothingCouldBuildThem() throws IOException {
        assertThat(published())
                .as("FLOTILLA_SDISTS names a folder that .ci/sdists has filled")
                .hasSize(PUBLISHED.size());
        Files.write(folder.resolve("fleet/constraints.txt"), PUBLISHED);
        flotilla(List.of("apply"), "--yes").succeeded();
        String wanted = folder.resolve("wanted.json").toString();
        String built = folder.resolve("built").toString();
        assertThat(wheels("plan", "--out", wanted).output()).contains("5 needed, 0 upstream, 0 built, 5 to build");
        assertThat(wheels("build", "--plan", wanted, "--out", built, "--once")
                        .succeeded()
                        .output())
                .contains("5 built, 0 there already, 0 failed");
        wheels("publish", "--plan", wanted, built).succeeded();
        await().atMost(PATIENCE).until(() -> wheels("plan").exitCode() == 0);
        PythonEnvironment job = withoutCompiler();
        job.install(index("/overlay/" + platform()), PUBLISHED.toArray(String[]::new))
                .succeeded();
        assertThat(job.python("from markupsafe import _speedups; import backoff, netifaces, sgmllib, ubjson;"
                        + " print('lo' in netifaces.interfaces(), ubjson.EXTENSION_ENABLED)"))
                .isEqualTo("True True");
        assertThat(job.install(
                                index("/overlay/" + platform()),
                                "--no-binary",
                                "sgmllib3k",
                                "--no-deps",
                                "--target",
                                folder.resolve("source").toString(),
                                "sgmllib3k==1.0.0")
                        .succeeded()
                        .output())
                .contains("sgmllib3k-1.0.0.tar.gz", "Successfully installed sgmllib3k-1.0.0");
    }

    @Test
    void whatABranchPinsIsBuiltPublishedAndInstalledWhereNothingCouldBuildIt() throws IOException {
        flotilla(List.of("apply"), "--yes").succeeded();
        String wanted = folder.resolve("wanted.json").toString();
        String built = folder.resolve("built").toString();
        Command plan = wheels("plan", "--out", wanted);
        assertThat(plan.exitCode()).as(plan.output()).isEqualTo(2);
        assertThat(plan.output()).contains("4 needed, 0 upstream, 0 built, 4 to build");
        assertThat(wheels("build", "--plan", wanted, "--out", built, "--once")
                        .succeeded()
                        .output())
                .contains("4 built, 0 there already, 0 failed");
        assertThat(wheels("publish", "--plan", wanted, built).succeeded().output())
                .contains("Published");
        await().atMost(PATIENCE).until(() -> wheels("status").exitCode() == 0);
        assertThat(wheels("status").output())
                .contains(platform() + "\n  4 wheels of 4 projects, 0 builds failed", "east/east-1: current");
        JsonNode status = new ObjectMapper()
                .readTree(wheels("status", "--json").succeeded().output());
        assertThat(status.at("/platforms/" + platform() + "/wheels").asInt()).isEqualTo(4);
        await("the mirror to have taken the index up")
                .atMost(PATIENCE)
                .until(() -> wheels("plan").exitCode() == 0);
        assertThat(wheels("plan").output()).contains("4 needed, 0 upstream, 4 built, 0 to build");

        URI overlay = index("/overlay/" + platform());
        jobsWithoutACompilerInstall(overlay);
        jobsThatWantTheSourceGetTheSource(overlay);
        nodesServeWhatTheyHaveWithoutUpstream(overlay);
    }

    private PythonEnvironment withoutCompiler() {
        return PythonEnvironment.create(folder, List.of("/usr/bin/env", "PATH=" + folder.resolve("empty")), PYTHON);
    }

    private static void allAreThere(PythonEnvironment environment) {
        assertThat(
                        environment.python(
                                "import flitring, hatch_ring, nugget, pan; print(flitring.gold, hatch_ring.gold, nugget.weight(8), pan.gold)"))
                .isEqualTo("4 3 24 1");
    }

    private void jobsWithoutACompilerInstall(URI overlay) {
        PythonEnvironment job = withoutCompiler();
        Command without = job.install(index(""), "nugget==1.0");
        assertThat(without.exitCode()).as("there is a compiler").isNotZero();
        Command install = job.install(overlay, PINS.toArray(String[]::new)).succeeded();
        assertThat(install.output()).doesNotContain(".tar.gz", "Building wheel");
        allAreThere(job);
    }

    private void jobsThatWantTheSourceGetTheSource(URI overlay) throws IOException {
        PythonEnvironment job = PythonEnvironment.create(folder, List.of(), PYTHON);
        assertThat(job.install(overlay, "--no-binary", "nugget", "nugget==1.0")
                        .succeeded()
                        .output())
                .contains("nugget-1.0.tar.gz", "Building wheel for nugget");
        Path lock =
                Files.writeString(folder.resolve("lock.txt"), "flitring==1.0 --hash=sha256:" + locked.digest() + "\n");
        assertThat(job.install(overlay, "--require-hashes", "--requirement", lock.toString())
                        .succeeded()
                        .output())
                .contains("flitring-1.0.tar.gz", "Building wheel for flitring");
    }

    private void nodesServeWhatTheyHaveWithoutUpstream(URI overlay) {
        upstream.stop();
        try {
            PythonEnvironment job = withoutCompiler();
            job.install(overlay, PINS.toArray(String[]::new)).succeeded();
            allAreThere(job);
        } finally {
            upstream.resume();
        }
    }
}
