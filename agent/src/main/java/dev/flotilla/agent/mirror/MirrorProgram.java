package dev.flotilla.agent.mirror;

import dev.flotilla.vocabulary.Sha256;
import java.nio.file.Path;
import java.util.List;

/**
 * One version of the mirror with one configuration, staged on disk.
 *
 * @param release the version of the release that brought it
 * @param program the digest of the program's archive
 * @param configuration the digest of the configuration
 * @param folder the unpacked program, with {@code bin/mirror} in it
 */
public record MirrorProgram(long release, Sha256 program, Sha256 configuration, Path folder, Path configurationFile) {
    Path executable() {
        return folder.resolve("bin").resolve("mirror");
    }

    /** The command by which the mirror judges its configuration. */
    public List<String> check() {
        return List.of(executable().toString(), "check", configurationFile.toString());
    }

    /** Whether both run the same: a new release may bring the very program and configuration of the one before. */
    boolean runsTheSameAs(MirrorProgram other) {
        return program.equals(other.program) && configuration.equals(other.configuration);
    }
}
