package dev.flotilla.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flotilla.testing.TestAuthority;
import dev.flotilla.vocabulary.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Real pip, cut off from every index but the mirror. */
class PipTest {
    @TempDir
    private Path folder;

    private MachinePip.Outcome pip(String... arguments) throws IOException, InterruptedException {
        return MachinePip.run(folder, arguments);
    }

    private MachinePip.Outcome install(RunningMirror mirror, Path target, String requirement)
            throws IOException, InterruptedException {
        return install(mirror, "", target, requirement);
    }

    private MachinePip.Outcome install(RunningMirror mirror, String view, Path target, String requirement)
            throws IOException, InterruptedException {
        return pip(
                "install",
                "--no-cache-dir",
                "--no-input",
                "--index-url",
                mirror.url(view + "/simple/").toString(),
                "--target",
                target.toString(),
                requirement);
    }

    private void installs(SampleUpstream upstream) throws IOException, InterruptedException {
        new SampleWheel("flotilla-test-leaf", "1.2", List.of()).offerOn(upstream);
        new SampleWheel("flotilla-test-root", "2.0", List.of("Flotilla.Test_Leaf>=1.0")).offerOn(upstream);
        try (var mirror = RunningMirror.start(upstream, folder.resolve("store"), new MovableClock(), "")) {
            Path first = folder.resolve("first");
            var cold = install(mirror, first, "Flotilla_Test.Root");
            assertThat(cold.code()).as(cold.output()).isZero();
            assertThat(first.resolve("flotilla_test_root.py")).hasContent("NAME = 'flotilla-test-root 2.0'");
            assertThat(first.resolve("flotilla_test_leaf.py")).hasContent("NAME = 'flotilla-test-leaf 1.2'");

            int asked = upstream.asked(anything -> true);
            var warm = install(mirror, folder.resolve("second"), "flotilla-test-root");
            assertThat(warm.code()).as(warm.output()).isZero();
            assertThat(upstream.asked(anything -> true))
                    .as("a second installation asks upstream nothing")
                    .isEqualTo(asked);

            upstream.close();
            var alone = install(mirror, folder.resolve("third"), "flotilla-test-root==2.0");
            assertThat(alone.code()).as(alone.output()).isZero();
            var unknown = install(mirror, folder.resolve("fourth"), "flotilla-test-never-seen");
            assertThat(unknown.code()).isNotZero();
        }
    }

    @Test
    void pipInstallsAPackageWithADependencyFromAJsonUpstream() throws Exception {
        try (var upstream = SampleUpstream.json()) {
            installs(upstream);
        }
    }

    @Test
    void pipInstallsAPackageWithADependencyFromAnHtmlUpstream() throws Exception {
        try (var upstream = SampleUpstream.htmlOnly()) {
            installs(upstream);
        }
    }

    @Test
    void pipDownloadsWhatALockFileNamesByItsHash() throws Exception {
        try (var upstream = SampleUpstream.json()) {
            var wheel = new SampleWheel("flotilla-test-leaf", "1.2", List.of());
            wheel.offerOn(upstream);
            new SampleWheel("flotilla-test-leaf", "1.3", List.of()).offerOn(upstream);
            try (var mirror = RunningMirror.start(upstream, folder.resolve("store"), new MovableClock(), "")) {
                Path requirements = folder.resolve("requirements.txt");
                Files.writeString(
                        requirements, "flotilla-test-leaf==1.2 --hash=sha256:" + Sha256.of(wheel.content()) + "\n");
                var download = pip(
                        "download",
                        "--no-cache-dir",
                        "--require-hashes",
                        "--index-url",
                        mirror.url("/simple/").toString(),
                        "--dest",
                        folder.resolve("downloads").toString(),
                        "-r",
                        requirements.toString());
                assertThat(download.code()).as(download.output()).isZero();
                assertThat(folder.resolve("downloads").resolve(wheel.filename()))
                        .hasBinaryContent(wheel.content());
            }
        }
    }

    @Test
    void pipInstallsFromTheOverlayWhatNobodyElseHasBuilt() throws Exception {
        var built = new SampleWheel("flotilla-test-native", "1.0", List.of());
        var source = new SampleSdist("flotilla-test-native", "1.0");
        try (var upstream = SampleUpstream.json();
                var house = new SampleWheelhouse(folder.resolve("wheels"))
                        .with(built)
                        .publish()) {
            source.offerOn(upstream);
            new SampleWheel("flotilla-test-root", "2.0", List.of("flotilla-test-native")).offerOn(upstream);
            try (var mirror =
                    RunningMirror.start(upstream, folder.resolve("store"), new MovableClock(), house.configuration())) {
                String view = "/overlay/" + SampleWheelhouse.PLATFORM;
                Path target = folder.resolve("overlay");
                var installed = install(mirror, view, target, "flotilla-test-root");
                assertThat(installed.code()).as(installed.output()).isZero();
                assertThat(target.resolve("flotilla_test_native.py")).hasContent("NAME = 'flotilla-test-native 1.0'");

                Path fromSource = folder.resolve("from-source");
                var compiled = pip(
                        "install",
                        "--no-cache-dir",
                        "--no-binary",
                        "flotilla-test-native",
                        "--index-url",
                        mirror.url(view + "/simple/").toString(),
                        "--target",
                        fromSource.toString(),
                        "flotilla-test-native");
                assertThat(compiled.code()).as(compiled.output()).isZero();
                assertThat(fromSource.resolve("flotilla_test_native.py")).hasContent(source.said());

                Path locked = folder.resolve("locked.txt");
                Files.writeString(
                        locked, "flotilla-test-native==1.0 --hash=sha256:" + Sha256.of(source.content()) + "\n");
                Path byHash = folder.resolve("by-hash");
                var hashed = pip(
                        "install",
                        "--no-cache-dir",
                        "--require-hashes",
                        "--index-url",
                        mirror.url(view + "/simple/").toString(),
                        "--target",
                        byHash.toString(),
                        "-r",
                        locked.toString());
                assertThat(hashed.code()).as(hashed.output()).isZero();
                assertThat(byHash.resolve("flotilla_test_native.py")).hasContent(source.said());

                Path extra = folder.resolve("extra");
                var second = pip(
                        "install",
                        "--no-cache-dir",
                        "--index-url",
                        mirror.url("/simple/").toString(),
                        "--extra-index-url",
                        mirror.url("/wheel/" + SampleWheelhouse.PLATFORM + "/").toString(),
                        "--target",
                        extra.toString(),
                        "flotilla-test-native");
                assertThat(second.code()).as(second.output()).isZero();
                assertThat(extra.resolve("flotilla_test_native.py"))
                        .as("as OpenDev's jobs have it: the wheels as a second index")
                        .hasContent("NAME = 'flotilla-test-native 1.0'");
            }
        }
    }

    @Test
    void pipGetsNoWheelThatUpstreamDoesNotAllow() throws Exception {
        try (var refused = RefusedWheels.start(folder)) {
            for (var wanted : RefusedWheels.CASES) {
                Path target = folder.resolve("into " + wanted.requirement());
                var installed = install(refused.mirror(), RefusedWheels.VIEW, target, wanted.requirement());
                assertThat(installed.code() == 0)
                        .as(wanted.what() + ": " + installed.output())
                        .isEqualTo(wanted.said().isPresent());
                if (wanted.said().isPresent()) {
                    assertThat(target.resolve(wanted.module()))
                            .as(wanted.what())
                            .hasContent(wanted.said().get());
                }
            }
            assertThat(refused.house().bucket().asked(path -> true))
                    .as("what was asked of the place of wheels")
                    .isZero();
        }
    }

    @Test
    void pipInstallsWhatALockFileNamesByItsOldAddress() throws Exception {
        try (var upstream = SampleUpstream.json()) {
            var sdist = new SampleSdist("flotilla-test-leaf", "1.2");
            sdist.offerOn(upstream);
            var wheel = new SampleWheel("flotilla-test-root", "2.0", List.of());
            wheel.offerOn(upstream);
            try (var mirror = RunningMirror.start(upstream, folder.resolve("store"), new MovableClock(), "")) {
                String source = mirror.url("/packages/source/f/flotilla-test-leaf/" + sdist.filename())
                        .toString();
                var plain = install(mirror, folder.resolve("plain"), source + "#sha256=" + Sha256.of(sdist.content()));
                assertThat(plain.code()).as(plain.output()).isZero();
                assertThat(folder.resolve("plain/flotilla_test_leaf.py")).hasContent(sdist.said());

                Path locked = folder.resolve("locked.txt");
                Files.writeString(
                        locked,
                        source + " --hash=sha256:" + Sha256.of(sdist.content()) + "\n"
                                + mirror.url("/packages/py3/f/flotilla-test-root/" + wheel.filename())
                                + " --hash=sha256:" + Sha256.of(wheel.content()) + "\n");
                var hashed = installLocked(mirror, folder.resolve("hashed"), locked);
                assertThat(hashed.code()).as(hashed.output()).isZero();
                assertThat(folder.resolve("hashed/flotilla_test_leaf.py")).hasContent(sdist.said());
                assertThat(folder.resolve("hashed/flotilla_test_root.py")).exists();

                Files.writeString(locked, source + " --hash=sha256:" + "0".repeat(64) + "\n");
                var wrong = installLocked(mirror, folder.resolve("wrong"), locked);
                assertThat(wrong.code()).isNotZero();
                assertThat(wrong.output()).contains("DO NOT MATCH");
            }
        }
    }

    private MachinePip.Outcome installLocked(RunningMirror mirror, Path target, Path requirements)
            throws IOException, InterruptedException {
        return pip(
                "install",
                "--no-cache-dir",
                "--require-hashes",
                "--index-url",
                mirror.url("/simple/").toString(),
                "--target",
                target.toString(),
                "-r",
                requirements.toString());
    }

    /** Of two versions a view shows the older one, to requirements, lock files and direct addresses alike. */
    @ParameterizedTest
    @ValueSource(strings = {"/cooldown/7d", "/asof/2026-02-22"})
    void pipInstallsTheOlderVersionThroughAView(String view) throws Exception {
        try (var upstream = SampleUpstream.json()) {
            var old = new SampleWheel("flotilla-test-leaf", "1.2", List.of());
            var young = new SampleWheel("flotilla-test-leaf", "1.3", List.of());
            for (var wheel : List.of(old, young)) {
                wheel.offerOn(upstream);
            }
            upstream.uploaded(old.filename(), "2026-02-22T11:00:00Z")
                    .uploaded(young.filename(), "2026-02-23T00:00:00Z");
            try (var mirror = RunningMirror.start(upstream, folder.resolve("store"), new MovableClock(), "")) {
                var plain = install(mirror, "", folder.resolve("plain"), "flotilla-test-leaf");
                assertThat(plain.code()).as(plain.output()).isZero();
                assertThat(folder.resolve("plain/flotilla_test_leaf.py")).hasContent("NAME = 'flotilla-test-leaf 1.3'");

                Path target = folder.resolve("viewed");
                var viewed = install(mirror, view, target, "flotilla-test-leaf");
                assertThat(viewed.code()).as(viewed.output()).isZero();
                assertThat(target.resolve("flotilla_test_leaf.py")).hasContent("NAME = 'flotilla-test-leaf 1.2'");
                var exact = install(mirror, view, folder.resolve("exact"), "flotilla-test-leaf==1.3");
                assertThat(exact.code()).as(exact.output()).isNotZero();

                assertThat(locked(mirror, view, old).code()).isZero();
                assertThat(locked(mirror, view, young).code()).isNotZero();
                assertThat(locked(mirror, "", young).code()).isZero();

                assertThat(direct(mirror, view, old).code()).isZero();
                assertThat(direct(mirror, view, young).code()).isNotZero();
                assertThat(direct(mirror, "", young).code()).isZero();
            }
        }
    }

    private MachinePip.Outcome locked(RunningMirror mirror, String view, SampleWheel wheel)
            throws IOException, InterruptedException {
        Path requirements = folder.resolve("locked.txt");
        Files.writeString(
                requirements,
                wheel.project() + "==" + wheel.version() + " --hash=sha256:" + Sha256.of(wheel.content()) + "\n");
        return pip(
                "download",
                "--no-cache-dir",
                "--require-hashes",
                "--index-url",
                mirror.url(view + "/simple/").toString(),
                "--dest",
                Files.createTempDirectory(folder, "locked").toString(),
                "-r",
                requirements.toString());
    }

    /** By the address of the file, as some lock files have it: no page is asked for. */
    private MachinePip.Outcome direct(RunningMirror mirror, String view, SampleWheel wheel)
            throws IOException, InterruptedException {
        String digest = Sha256.of(wheel.content()).hex();
        return pip(
                "download",
                "--no-cache-dir",
                "--no-index",
                "--dest",
                Files.createTempDirectory(folder, "direct").toString(),
                mirror.url(view + "/packages/sha256/" + digest + "/" + wheel.filename()) + "#sha256=" + digest);
    }

    @Test
    void pipInstallsByHttpsFromAMirrorWhoseAuthorityItKnows() throws Exception {
        var authority = TestAuthority.in(folder, "authority");
        Path certificate = folder.resolve("mirror.pem");
        Path key = folder.resolve("mirror.key");
        authority.writeServer(certificate, key);
        String tls = "tls { host = 127.0.0.1, port = 0, certificate = \"" + certificate + "\", key = \"" + key + "\" }";
        try (var upstream = SampleUpstream.json()) {
            var wheel = new SampleWheel("flotilla-test-leaf", "1.2", List.of());
            wheel.offerOn(upstream);
            try (var mirror = RunningMirror.start(upstream, folder.resolve("store"), new MovableClock(), tls)) {
                String index = mirror.encrypted("/simple/").toString();
                Path target = folder.resolve("target");
                var installed = pip(
                        "install",
                        "--no-cache-dir",
                        "--index-url",
                        index,
                        "--target",
                        target.toString(),
                        "--cert",
                        authority.certificate().toString(),
                        "flotilla-test-leaf");
                assertThat(installed.code()).as(installed.output()).isZero();
                assertThat(target.resolve("flotilla_test_leaf.py")).exists();
            }
        }
    }
}
