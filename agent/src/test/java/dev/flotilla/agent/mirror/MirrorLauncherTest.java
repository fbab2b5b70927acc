package dev.flotilla.agent.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flotilla.agent.state.StateFolder;
import dev.flotilla.vocabulary.ByteSize;
import dev.flotilla.vocabulary.Sha256;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.InstantSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MirrorLauncherTest {
    @TempDir
    private Path path;

    @Test
    void aMirrorWhoseStartCannotBeWrittenDownIsStillTheOneThatRuns() throws Exception {
        var folder = new StateFolder(path.toRealPath().resolve("state"));
        folder.create();
        Path inTheWay = Files.createDirectories(folder.mirror().resolve("in-the-way"));
        Path program = Files.createDirectories(path.resolve("program"));
        Path script = Files.createDirectory(program.resolve("bin")).resolve("mirror");
        Files.writeString(script, "#!/bin/sh\nexec sleep 60\n");
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
        var log = new MirrorLog(folder.mirrorLog(), folder.mirrorLogSetAside(), ByteSize.ofKiB(64));
        var launcher = new MirrorLauncher(folder, log, false, Duration.ofSeconds(5), InstantSource.system());
        var digest = Sha256.of(new byte[0]);

        MirrorProcess started =
                launcher.start(new MirrorProgram(1, digest, digest, program, program.resolve("mirror.conf")));
        try {
            assertThat(launcher.isAlive(started)).isTrue();
            assertThat(inTheWay).isDirectory();
        } finally {
            launcher.stop(started);
        }
        assertThat(launcher.find()).isEmpty();
    }
}
