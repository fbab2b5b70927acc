package dev.flotilla.agent.cycle;

import dev.flotilla.agent.json.JsonObject;
import dev.flotilla.agent.json.JsonReader;
import dev.flotilla.agent.json.MalformedJsonException;
import dev.flotilla.agent.mirror.MirrorProgram;
import dev.flotilla.agent.state.StateFolder;
import dev.flotilla.agent.trust.Mark;
import dev.flotilla.vocabulary.ByteSize;
import dev.flotilla.vocabulary.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** A release whose folder is whole on disk: its configuration, and a link to its program. */
record StagedRelease(Mark mark, Sha256 configuration, Sha256 program) {
    static final String DESCRIPTION = "release.json";
    static final String CONFIGURATION = "mirror.conf";
    static final String PROGRAM = "mirror";
    private static final ByteSize LARGEST = ByteSize.ofKiB(64);

    MirrorProgram mirror(StateFolder folder) {
        return new MirrorProgram(
                mark.version(),
                program,
                configuration,
                folder.artifact(program),
                folder.release(mark.version()).resolve(CONFIGURATION));
    }

    boolean hasTheContentOf(StagedRelease other) {
        return configuration.equals(other.configuration) && program.equals(other.program);
    }

    JsonObject toJson() {
        return JsonObject.EMPTY
                .with("version", mark.version())
                .with("content", mark.content().hex())
                .with("configuration", configuration.hex())
                .with("program", program.hex());
    }

    /** The release that the current link points to, where it is whole. */
    static Optional<StagedRelease> current(StateFolder folder) {
        try {
            Path home = folder.current().toRealPath();
            StagedRelease release = parse(home);
            return Optional.of(read(folder, release.mark()));
        } catch (IOException | MalformedJsonException noneOrDamaged) {
            return Optional.empty();
        }
    }

    private static StagedRelease parse(Path home) throws IOException {
        JsonObject written = new JsonReader(LARGEST).object(Files.readAllBytes(home.resolve(DESCRIPTION)));
        return new StagedRelease(
                new Mark(written.whole("version"), written.parsed("content", Sha256::new)),
                written.parsed("configuration", Sha256::new),
                written.parsed("program", Sha256::new));
    }

    /** Reads the release of that version back; {@link IOException} where it is not whole, or is another one. */
    static StagedRelease read(StateFolder folder, Mark mark) throws IOException {
        Path home = folder.release(mark.version());
        try {
            StagedRelease release = parse(home);
            if (!release.mark().equals(mark)) {
                throw new IOException(home + " holds another release");
            }
            if (!Sha256.of(Files.readAllBytes(home.resolve(CONFIGURATION))).equals(release.configuration())) {
                throw new IOException(home.resolve(CONFIGURATION) + " was changed");
            }
            if (!Files.isDirectory(folder.artifact(release.program()))) {
                throw new IOException("the program " + release.program() + " is gone");
            }
            return release;
        } catch (MalformedJsonException damaged) {
            throw new IOException(home.resolve(DESCRIPTION) + " is damaged: " + damaged.getMessage(), damaged);
        }
    }
}
