package dev.flotilla.agent.slots;

import dev.flotilla.agent.disk.Disk;
import dev.flotilla.agent.json.Json;
import dev.flotilla.agent.json.JsonObject;
import dev.flotilla.agent.json.JsonReader;
import dev.flotilla.agent.json.JsonWriter;
import dev.flotilla.agent.json.MalformedJsonException;
import dev.flotilla.vocabulary.ByteSize;
import dev.flotilla.vocabulary.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Agents that are not tried again, the oldest first. Immutable. */
record Refusals(List<Refused> refused) {
    private static final ByteSize LARGEST = ByteSize.ofMiB(4);
    private static final long FORMAT = 1;

    record Refused(Sha256 program, String reason, Instant at) {}

    Refusals {
        refused = List.copyOf(refused);
    }

    /** What is remembered in the file; {@link IOException} with a message for people where that is damaged. */
    static Refusals read(Path file) throws IOException {
        byte[] content;
        try {
            content = Files.readAllBytes(file);
        } catch (NoSuchFileException none) {
            return new Refusals(List.of());
        }
        try {
            return parse(new JsonReader(LARGEST).object(content));
        } catch (MalformedJsonException damaged) {
            throw new IOException(file + " is damaged (" + damaged.getMessage()
                    + "). Remove it: agents that were refused" + " are then tried once more");
        }
    }

    private static Refusals parse(JsonObject written) {
        if (written.whole("format") != FORMAT) {
            throw new MalformedJsonException("it has format " + written.whole("format") + ", not " + FORMAT);
        }
        List<Refused> refused = new ArrayList<>();
        for (Json element : written.sequence("refused")) {
            if (!(element instanceof JsonObject entry)) {
                throw new MalformedJsonException("'refused' holds something else than objects");
            }
            refused.add(new Refused(entry.parsed("program", Sha256::new), entry.text("reason"), entry.instant("at")));
        }
        return new Refusals(refused);
    }

    Optional<String> reason(Sha256 program) {
        return refused.stream()
                .filter(entry -> entry.program().equals(program))
                .map(Refused::reason)
                .findFirst();
    }

    Refusals with(Sha256 program, String reason, Instant now, int most) {
        List<Refused> longer = new ArrayList<>(refused);
        longer.removeIf(entry -> entry.program().equals(program));
        longer.add(new Refused(program, reason, now));
        return new Refusals(longer.subList(Math.max(0, longer.size() - most), longer.size()));
    }

    void write(Path file) throws IOException {
        List<Json> entries = new ArrayList<>();
        for (Refused entry : refused) {
            entries.add(JsonObject.EMPTY
                    .with("program", entry.program().hex())
                    .with("reason", entry.reason())
                    .with("at", entry.at()));
        }
        Disk.replace(
                file,
                JsonWriter.bytes(JsonObject.EMPTY.with("format", FORMAT).with("refused", new Json.Sequence(entries))));
    }
}
