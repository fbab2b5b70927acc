package dev.flotilla.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flotilla.vocabulary.Sha256;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every pip of this machine against the mirror: those of the interpreters on the path, and of pyenv where it is there. */
class RealPipsTest {
    private static final SampleSdist SOURCE = new SampleSdist("flotilla-test-source", "1.2");
    private static final SampleWheel YANKED = new SampleWheel("flotilla-test-yanked", "2.0", List.of());

    @TempDir
    private Path folder;

    /** One interpreter with the pip that came with it. */
    private record Pip(Path python, String version) {
        int major() {
            return Integer.parseInt(version.substring(0, version.indexOf('.')));
        }
    }

    private record Outcome(int code, String output) {}

    /** What the commands are to work with. */
    private record Bench(Path work, String index, SampleWheel wheel) {}

    private Outcome run(Path work, List<String> command) throws IOException, InterruptedException {
        Path output = work.resolve("output");
        var builder = new ProcessBuilder(command)
                .directory(work.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        builder.environment().keySet().removeIf(name -> name.startsWith("PIP_") || name.endsWith("_proxy"));
        builder.environment().put("PIP_CONFIG_FILE", "/dev/null");
        builder.environment().put("PIP_DISABLE_PIP_VERSION_CHECK", "1");
        builder.environment().put("HOME", work.toString());
        var process = builder.start();
        if (!process.waitFor(2, TimeUnit.MINUTES)) {
            process.destroyForcibly().waitFor();
        }
        return new Outcome(process.exitValue(), Files.readString(output, StandardCharsets.UTF_8));
    }

    private Optional<Pip> pip(Path python) throws IOException, InterruptedException {
        var said = run(folder, List.of(python.toString(), "-m", "pip", "--version"));
        var words = said.output().strip().split(" ", 3);
        return said.code() == 0 && words.length > 1 && words[1].matches("[0-9]+\\..*")
                ? Optional.of(new Pip(python, words[1]))
                : Optional.empty();
    }

    /** The interpreters of version 3 on the path and in pyenv's folder. */
    private static List<Path> interpreters() throws IOException {
        var folders = new ArrayList<Path>();
        for (String entry : System.getenv().getOrDefault("PATH", "").split(":", -1)) {
            if (!entry.endsWith("/shims")) {
                folders.add(Path.of(entry));
            }
        }
        String pyenv = System.getenv().getOrDefault("PYENV_ROOT", System.getProperty("user.home") + "/.pyenv");
        if (Files.isDirectory(Path.of(pyenv, "versions"))) {
            try (Stream<Path> versions = Files.list(Path.of(pyenv, "versions"))) {
                versions.sorted().map(version -> version.resolve("bin")).forEach(folders::add);
            }
        }
        var found = new ArrayList<Path>();
        for (Path place : folders) {
            if (Files.isDirectory(place)) {
                try (Stream<Path> files = Files.list(place)) {
                    files.filter(file -> String.valueOf(file.getFileName()).matches("python3(\\.[0-9]+)?"))
                            .filter(Files::isExecutable)
                            .sorted()
                            .forEach(found::add);
                }
            }
        }
        var distinct = new ArrayList<Path>();
        var real = new ArrayList<Path>();
        for (Path python : found) {
            if (!real.contains(python.toRealPath())) {
                real.add(python.toRealPath());
                distinct.add(python);
            }
        }
        return distinct;
    }

    private Bench bench(RunningMirror mirror, Path work, SampleWheel wheel) throws IOException {
        Files.createDirectories(work);
        Files.writeString(
                work.resolve("hashed.txt"),
                wheel.project() + "==1.2 --hash=sha256:" + Sha256.of(wheel.content()) + "\n");
        Files.writeString(work.resolve("wrong.txt"), wheel.project() + "==1.2 --hash=sha256:" + "0".repeat(64) + "\n");
        return new Bench(work, mirror.url("/simple/").toString(), wheel);
    }

    private Outcome pip(Pip pip, Bench bench, String command, String... arguments)
            throws IOException, InterruptedException {
        var whole = new ArrayList<>(List.of(pip.python().toString(), "-m", "pip", command, "--no-cache-dir"));
        whole.addAll(List.of("--index-url", bench.index()));
        whole.addAll(List.of(arguments));
        return run(bench.work(), whole);
    }

    private static void succeeded(Pip pip, Outcome outcome) {
        assertThat(outcome.code())
                .as("pip %s said: %s", pip.version(), outcome.output())
                .isZero();
    }

    private static void failed(Pip pip, Outcome outcome) {
        assertThat(outcome.code())
                .as("pip %s said: %s", pip.version(), outcome.output())
                .isNotZero();
    }

    private void everythingWorks(Pip pip, Bench bench) throws IOException, InterruptedException {
        succeeded(pip, pip(pip, bench, "install", "--target", "plain", "Flotilla.Test_Root"));
        assertThat(bench.work().resolve("plain/flotilla_test_leaf.py")).hasContent("NAME = 'flotilla-test-leaf 1.2'");
        succeeded(pip, pip(pip, bench, "install", "--target", "hashed", "--require-hashes", "-r", "hashed.txt"));
        failed(pip, pip(pip, bench, "install", "--target", "wrong", "--require-hashes", "-r", "wrong.txt"));
        succeeded(
                pip, pip(pip, bench, "install", "--target", "wheels", "--only-binary", ":all:", "flotilla-test-leaf"));
        failed(pip, pip(pip, bench, "install", "--target", "sources", "--no-binary", ":all:", "flotilla-test-leaf"));
        succeeded(pip, pip(pip, bench, "download", "--dest", "downloads", "--no-deps", "flotilla-test-leaf==1.2"));
        assertThat(bench.work().resolve("downloads").resolve(bench.wheel().filename()))
                .hasBinaryContent(bench.wheel().content());
        if (pip.major() >= 22) {
            var versions = pip(pip, bench, "index", "versions", "flotilla-test-leaf");
            succeeded(pip, versions);
            assertThat(versions.output()).contains("1.2");
        }
        failed(pip, pip(pip, bench, "download", "--dest", "nothing", "flotilla-test-never-seen"));
        sourcesWork(pip, bench);
        yankedReleasesAreChosenByVersionAlone(pip, bench);
    }

    /** Where a wheel is offered, too: the sdist only if it is asked for. */
    private void sourcesWork(Pip pip, Bench bench) throws IOException, InterruptedException {
        String project = SOURCE.project();
        Path module = Path.of("flotilla_test_source.py");
        succeeded(pip, source(pip, bench, "install", "--target", "either", project));
        assertThat(bench.work().resolve("either").resolve(module)).hasContent("NAME = 'flotilla-test-source 1.2'");
        succeeded(pip, source(pip, bench, "install", "--target", "built", "--no-binary", ":all:", project));
        assertThat(bench.work().resolve("built").resolve(module)).hasContent(SOURCE.said());
        Files.writeString(
                bench.work().resolve("source.txt"),
                project + "==1.2 --hash=sha256:" + Sha256.of(SOURCE.content()) + "\n");
        succeeded(
                pip,
                source(
                        pip,
                        bench,
                        "install",
                        "--target",
                        "built-hashed",
                        "--require-hashes",
                        "--no-binary",
                        project,
                        "-r",
                        "source.txt"));
        assertThat(bench.work().resolve("built-hashed").resolve(module)).hasContent(SOURCE.said());
        succeeded(
                pip, source(pip, bench, "download", "--dest", "sdists", "--no-deps", "--no-binary", ":all:", project));
        assertThat(bench.work().resolve("sdists").resolve(SOURCE.filename())).hasBinaryContent(SOURCE.content());
    }

    /** Pips before 20 don't look for a backend in the sdist itself: they build with the setuptools beside them. */
    private Outcome source(Pip pip, Bench bench, String command, String... arguments)
            throws IOException, InterruptedException {
        var all = new ArrayList<>(List.of(arguments));
        if (pip.major() < 20) {
            all.addFirst("--no-build-isolation");
        }
        return pip(pip, bench, command, all.toArray(String[]::new));
    }

    /** PEP 592, which pips know from 19.2 on. */
    private void yankedReleasesAreChosenByVersionAlone(Pip pip, Bench bench) throws IOException, InterruptedException {
        Path module = Path.of("flotilla_test_yanked.py");
        String project = YANKED.project();
        if (pip.major() >= 20) {
            succeeded(pip, pip(pip, bench, "install", "--target", "newest", project));
            assertThat(bench.work().resolve("newest").resolve(module)).hasContent("NAME = 'flotilla-test-yanked 1.0'");
            failed(pip, pip(pip, bench, "download", "--dest", "none", project + ">1.0"));
        }
        var exact = pip(pip, bench, "install", "--target", "exact", project + "==2.0");
        succeeded(pip, exact);
        assertThat(bench.work().resolve("exact").resolve(module)).hasContent("NAME = 'flotilla-test-yanked 2.0'");
        if (pip.major() >= 20) {
            assertThat(exact.output()).contains("it eats homework");
        }
    }

    private void everythingWorks(List<Path> pythons) throws IOException, InterruptedException {
        var ran = new ArrayList<String>();
        try (var upstream = SampleUpstream.json();
                var mirror = RunningMirror.start(upstream, folder.resolve("store"), new MovableClock(), "")) {
            var leaf = new SampleWheel("flotilla-test-leaf", "1.2", List.of());
            leaf.offerOn(upstream);
            new SampleWheel("flotilla-test-root", "2.0", List.of("Flotilla.Test_Leaf>=1.0")).offerOn(upstream);
            SOURCE.offerOn(upstream);
            new SampleWheel(SOURCE.project(), SOURCE.version(), List.of()).offerOn(upstream);
            new SampleWheel(YANKED.project(), "1.0", List.of()).offerOn(upstream);
            YANKED.offerOn(upstream);
            upstream.yank(YANKED.filename(), "it eats homework");
            for (Path python : pythons) {
                var found = pip(python);
                if (found.isPresent()) {
                    everythingWorks(found.get(), bench(mirror, folder.resolve("work-" + ran.size()), leaf));
                    ran.add(found.get().version());
                }
            }
        }
        System.out.println("pips that ran: " + ran);
        assertThat(ran).as("python3 with pip has to be there").isNotEmpty();
    }

    @Test
    void thePipOfThisMachineDoesEverythingThatItCan() throws Exception {
        everythingWorks(List.of(MachinePython.executable()));
    }

    @Test
    @Tag("real")
    void everyPipOfThisMachineDoesEverythingThatItCan() throws Exception {
        everythingWorks(interpreters());
    }
}
