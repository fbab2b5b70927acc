package dev.flotilla.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the packed mirror starts faster from: that it is used, and that whatever is wrong with it costs time and nothing else. */
class StartCacheIT {
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    /** Java refuses to run where it can't use it. */
    private static final Map<String, String> INSIST = Map.of("FLOTILLA_JAVA_OPTIONS", "-XX:AOTMode=on");

    @TempDir
    private Path folder;

    /** The packed mirror somewhere else, with the times of its files. */
    private Path copy() {
        Path home = folder.resolve("mirror of another place");
        Command.run(List.of("cp", "-Rp", PackedMirror.home().toString(), home.toString()))
                .succeeded();
        return home;
    }

    private static Command version(Path home, Map<String, String> environment) {
        return Command.run(List.of(home.resolve("bin/mirror").toString(), "--version"), environment);
    }

    private static void startsAsEver(Path home) {
        assertThat(version(home, Map.of()).succeeded().output())
                .startsWith("flotilla mirror ")
                .hasLineCount(1);
        assertThat(version(home, INSIST).exitCode()).isNotZero();
    }

    private static Path cache(Path home) {
        return home.resolve("start.aot");
    }

    private static void overwrite(Path file, double place, int bytes) throws IOException {
        try (var channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.allocate(bytes), (long) (channel.size() * place));
        }
    }

    @Test
    void theMirrorAsTheBuildLeavesItServesFromTheCache() throws Exception {
        version(PackedMirror.home(), INSIST).succeeded();
        try (PackedMirror mirror = PackedMirror.start(folder, URI.create("http://127.0.0.1:1/simple/"), "")) {
            assertThat(Files.readString(Path.of("/proc/" + mirror.pid() + "/maps")))
                    .contains(cache(PackedMirror.home()).toString());
        }
    }

    @Test
    void aDamagedCacheIsPassedOver() throws Exception {
        Path home = copy();
        version(home, INSIST).succeeded();
        for (double place : new double[] {0, 0.2, 0.4, 0.6, 0.8}) {
            overwrite(cache(home), place, 1 << 18);
            startsAsEver(home);
            Files.copy(
                    cache(PackedMirror.home()),
                    cache(home),
                    StandardCopyOption.REPLACE_EXISTING,
                    StandardCopyOption.COPY_ATTRIBUTES);
        }
        try (var channel = FileChannel.open(cache(home), StandardOpenOption.WRITE)) {
            channel.truncate(channel.size() / 2);
        }
        startsAsEver(home);
        Files.writeString(cache(home), "");
        startsAsEver(home);
    }

    @Test
    void aCacheOfOtherFilesIsPassedOverUntilItIsMadeAnew() throws Exception {
        Path home = copy();
        try (Stream<Path> jars = Files.list(home.resolve("lib"))) {
            for (Path jar : jars.toList()) {
                Files.setLastModifiedTime(jar, FileTime.from(Instant.EPOCH));
            }
        }
        startsAsEver(home);
        Path maker = home.resolve("bin/make-start-cache");
        assertThat(Command.run(List.of(maker.toString())).succeeded().output()).isEmpty();
        version(home, INSIST).succeeded();
        FileTime made = Files.getLastModifiedTime(cache(home));
        Command.run(List.of(maker.toString())).succeeded();
        assertThat(Files.getLastModifiedTime(cache(home))).as("what fits stays").isEqualTo(made);
        assertThat(home).isDirectoryNotContaining("glob:**/.start-cache");
    }

    @Test
    void aJavaWithOtherSettingsPassesItOver() {
        var other = Map.of("FLOTILLA_JAVA_OPTIONS", "-XX:-UseCompactObjectHeaders");
        assertThat(version(PackedMirror.home(), other).succeeded().output()).hasLineCount(1);
    }

    @Test
    void anOperatorsOwnArchiveOfClassesGoesBefore() {
        var own = Map.of("FLOTILLA_JAVA_OPTIONS", "-Xshare:auto");
        assertThat(version(PackedMirror.home(), own).succeeded().output()).hasLineCount(1);
    }

    @Test
    void aMakingThatIsEndedLeavesNothing() throws Exception {
        Path home = copy();
        Files.delete(cache(home));
        Process making = new ProcessBuilder(home.resolve("bin/make-start-cache").toString()).start();
        await().atMost(PATIENCE).until(() -> Files.exists(home.resolve(".start-cache/store")));
        making.destroy();
        assertThat(making.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        assertThat(making.exitValue()).isEqualTo(1);
        await().atMost(PATIENCE).until(() -> Processes.naming(home.toString()).isEmpty());
        assertThat(home).isDirectoryNotContaining("glob:**/{start.aot,.start-cache}");
    }
}
