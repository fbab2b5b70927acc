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
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The uv of this machine against the mirror, where there is one: Debian has none, so that its absence is said and no failure. */
@Tag("real")
class RealUvTest {
    @TempDir
    private Path folder;

    private Path uv = Path.of("uv");

    private record Outcome(int code, String output) {}

    @BeforeEach
    void find() {
        Optional<Path> found = List.of(System.getenv().getOrDefault("PATH", "").split(":", -1)).stream()
                .map(entry -> Path.of(entry, "uv"))
                .filter(Files::isExecutable)
                .findFirst();
        if (found.isEmpty()) {
            System.out.println("no uv on the path: nothing was tested with it");
        }
        Assumptions.assumeTrue(found.isPresent(), "no uv on the path");
        uv = found.orElseThrow();
    }

    private Outcome install(RunningMirror mirror, String target, String... what)
            throws IOException, InterruptedException {
        return installFrom(mirror, "", target, what);
    }

    private Outcome installFrom(RunningMirror mirror, String view, String target, String... what)
            throws IOException, InterruptedException {
        var command = new ArrayList<>(List.of(uv.toString(), "pip", "install", "--no-config", "--cache-dir"));
        command.addAll(List.of(folder.resolve("cache").toString(), "--python", "python3", "--target"));
        command.addAll(List.of(
                folder.resolve(target).toString(),
                "--index-url",
                mirror.url(view + "/simple/").toString()));
        command.addAll(List.of(what));
        Path output = folder.resolve("output");
        var builder = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
        builder.environment().keySet().removeIf(name -> name.startsWith("UV_") || name.endsWith("_proxy"));
        builder.environment().put("HOME", folder.toString());
        var process = builder.start();
        if (!process.waitFor(2, TimeUnit.MINUTES)) {
            process.destroyForcibly().waitFor();
        }
        return new Outcome(process.exitValue(), Files.readString(output, StandardCharsets.UTF_8));
    }

    @Test
    void uvInstallsPlainlyAndByHash() throws Exception {
        try (var upstream = SampleUpstream.json();
                var mirror = RunningMirror.start(upstream, folder.resolve("store"), new MovableClock(), "")) {
            var leaf = new SampleWheel("flotilla-test-leaf", "1.2", List.of());
            leaf.offerOn(upstream);
            new SampleWheel("flotilla-test-root", "2.0", List.of("Flotilla.Test_Leaf>=1.0")).offerOn(upstream);
            var plain = install(mirror, "plain", "Flotilla.Test_Root");
            assertThat(plain.code()).as(plain.output()).isZero();
            assertThat(folder.resolve("plain/flotilla_test_leaf.py")).hasContent("NAME = 'flotilla-test-leaf 1.2'");

            Path locked = folder.resolve("locked.txt");
            Files.writeString(locked, "flotilla-test-leaf==1.2 --hash=sha256:" + Sha256.of(leaf.content()) + "\n");
            var hashed = install(mirror, "hashed", "--require-hashes", "-r", locked.toString());
            assertThat(hashed.code()).as(hashed.output()).isZero();
            Files.writeString(locked, "flotilla-test-leaf==1.2 --hash=sha256:" + "0".repeat(64) + "\n");
            var wrong = install(mirror, "wrong", "--require-hashes", "-r", locked.toString());
            assertThat(wrong.code()).isNotZero();
        }
    }

    @Test
    void uvGetsNoWheelThatUpstreamDoesNotAllow() throws Exception {
        try (var refused = RefusedWheels.start(folder)) {
            for (var wanted : RefusedWheels.CASES) {
                String target = "into " + wanted.requirement();
                var installed = installFrom(refused.mirror(), RefusedWheels.VIEW, target, wanted.requirement());
                assertThat(installed.code() == 0)
                        .as(wanted.what() + ": " + installed.output())
                        .isEqualTo(wanted.said().isPresent());
                if (wanted.said().isPresent()) {
                    assertThat(folder.resolve(target).resolve(wanted.module()))
                            .as(wanted.what())
                            .hasContent(wanted.said().get());
                }
            }
        }
    }
}
