package dev.flotilla.agent.steering;

import dev.flotilla.agent.disk.Disk;
import dev.flotilla.agent.json.JsonObject;
import dev.flotilla.agent.json.JsonReader;
import dev.flotilla.agent.json.JsonWriter;
import dev.flotilla.agent.json.MalformedJsonException;
import dev.flotilla.agent.state.StateFolder;
import dev.flotilla.vocabulary.ByteSize;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What steering keeps on disk. What is damaged is as good as not there: all of it is in the bucket, too, or can be done again. */
final class SteeringFiles {
    private static final Logger LOG = LoggerFactory.getLogger(SteeringFiles.class);

    /** A document of intents as text in another one, and ten thousand nodes. */
    private static final ByteSize LARGEST = ByteSize.ofMiB(4);

    private static final int TOKEN_BYTES = 32;

    private final StateFolder folder;

    SteeringFiles(StateFolder folder) {
        this.folder = folder;
    }

    Known known() throws IOException {
        return read(folder.intents(), Known::parse, Known.NOTHING);
    }

    void write(Known known) throws IOException {
        Disk.replace(folder.intents(), JsonWriter.bytes(known.toJson()));
    }

    Progress progress() throws IOException {
        return read(folder.purges(), Progress::parse, Progress.NONE);
    }

    void write(Progress progress) throws IOException {
        Disk.replace(folder.purges(), JsonWriter.bytes(progress.toJson()));
    }

    Optional<Absence> absence() throws IOException {
        return read(folder.absence(), written -> Optional.of(Absence.parse(written)), Optional.empty());
    }

    void write(Absence absence) throws IOException {
        Disk.replace(folder.absence(), JsonWriter.bytes(absence.toJson()));
    }

    /** Forgets the absence. */
    void returned() throws IOException {
        Disk.remove(folder.absence());
    }

    /** Whether the mirror is told that the fleet wants it drained. */
    boolean isDrained() {
        return Files.exists(folder.drainedByFleet());
    }

    void drain(boolean wanted) throws IOException {
        if (wanted) {
            Disk.replace(folder.drainedByFleet(), new byte[0]);
        } else {
            Files.deleteIfExists(folder.drainedByFleet());
        }
    }

    /** The token by which the mirror knows its agent; made once. */
    String token() throws IOException {
        Path file = folder.keeperToken();
        if (!Files.exists(file)) {
            byte[] random = new byte[TOKEN_BYTES];
            new SecureRandom().nextBytes(random);
            Path fresh = folder.keeper().resolve(Disk.PARTIAL + "token");
            Files.deleteIfExists(fresh);
            // Nobody else may read it, not for a moment.
            try (var channel = Files.newByteChannel(
                    fresh,
                    Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
                channel.write(
                        ByteBuffer.wrap((HexFormat.of().formatHex(random) + "\n").getBytes(StandardCharsets.US_ASCII)));
            }
            Disk.sync(fresh);
            Disk.move(fresh, file);
        }
        return Files.readString(file).strip();
    }

    private static <T> T read(Path file, Function<JsonObject, T> form, T nothing) throws IOException {
        try {
            return form.apply(new JsonReader(LARGEST).object(Files.readAllBytes(file)));
        } catch (NoSuchFileException none) {
            return nothing;
        } catch (MalformedJsonException damaged) {
            LOG.warn("{} is damaged and counts as not there: {}", file, damaged.getMessage());
            return nothing;
        }
    }
}
