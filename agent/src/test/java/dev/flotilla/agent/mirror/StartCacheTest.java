package dev.flotilla.agent.mirror;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.flotilla.vocabulary.ByteSize;
import dev.flotilla.vocabulary.Sha256;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StartCacheTest {
    private static final Duration LONG_ENOUGH = Duration.ofMinutes(1);
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    @TempDir
    Path folder;

    private StartCache cache;

    @BeforeEach
    void log() {
        cache = new StartCache(
                new MirrorLog(folder.resolve("mirror.log"), folder.resolve("mirror.log.1"), ByteSize.ofMiB(1)));
    }

    /** A program whose maker says with which priority it runs and which credentials it sees. */
    private MirrorProgram program(String name) throws IOException {
        return program(name, "echo \"made $(nice) ${AWS_SECRET_ACCESS_KEY:-}\"");
    }

    private MirrorProgram program(String name, String making) throws IOException {
        Path home = folder.resolve(name);
        Path maker = Files.createDirectories(home.resolve("bin")).resolve("make-start-cache");
        Files.writeString(maker, "#!/bin/sh\n" + making + "\n");
        Files.setPosixFilePermissions(maker, PosixFilePermissions.fromString("rwxr-xr-x"));
        return known(name, home);
    }

    private static MirrorProgram known(String name, Path home) {
        Sha256 digest = Sha256.of(name.getBytes(StandardCharsets.UTF_8));
        return new MirrorProgram(1, digest, digest, home, home.resolve("mirror.conf"));
    }

    private String made() throws IOException {
        return Files.readString(folder.resolve("mirror.log"));
    }

    @Test
    void isMadeOnceForEachProgramAndWithWhatOthersLeaveOfTheProcessors() throws Exception {
        for (String name : new String[] {"first", "second"}) {
            MirrorProgram program = program(name);
            Process making = cache.of(program, LONG_ENOUGH).orElseThrow();
            assertThat(making.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
            assertThat(cache.of(program, LONG_ENOUGH.multipliedBy(2))).isEmpty();
        }
        assertThat(made()).isEqualTo("made 19 \nmade 19 \n");
    }

    @Test
    void isNotMadeBeforeTheMirrorHasServedForAWhile() throws Exception {
        assertThat(cache.of(program("young"), LONG_ENOUGH.minusMillis(1))).isEmpty();
    }

    @Test
    void whatIsBeingMadeEndsWithTheAgent() throws Exception {
        cache.end();
        Process making = cache.of(
                        program("slow", "trap 'echo ended; exit 1' TERM; echo begun; sleep 1000 & wait; kill $!"),
                        LONG_ENOUGH)
                .orElseThrow();
        await().until(() -> made().equals("begun\n"));
        var children = making.descendants().toList();
        cache.end();
        assertThat(making.isAlive()).isFalse();
        assertThat(made()).isEqualTo("begun\nended\n");
        children.forEach(ProcessHandle::destroyForcibly);
    }

    @Test
    void aProgramThatKnowsNothingOfItIsLeftAlone() throws Exception {
        assertThat(cache.of(known("old", folder.resolve("old")), LONG_ENOUGH)).isEmpty();
    }
}
