package dev.flotilla.agent.mirror;

import dev.flotilla.agent.disk.Disk;
import dev.flotilla.agent.json.Json;
import dev.flotilla.agent.json.JsonObject;
import dev.flotilla.agent.json.JsonReader;
import dev.flotilla.agent.json.JsonWriter;
import dev.flotilla.agent.json.MalformedJsonException;
import dev.flotilla.vocabulary.ByteSize;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The mirrors that were told to end and still answer those who are connected to them. It is written down before they are
 * told: an agent that is killed meanwhile must not take one for a mirror that serves. For one thread at a time.
 */
final class LeavingMirrors {
    private static final Logger LOG = LoggerFactory.getLogger(LeavingMirrors.class);
    private static final ByteSize LARGEST_RECORD = ByteSize.ofKiB(64);

    private final Path file;
    private final LinuxProcesses processes;
    private final Map<ProcessIdentity, Instant> since;
    private boolean someHaveLeft;

    LeavingMirrors(Path file, LinuxProcesses processes) {
        this.file = file;
        this.processes = processes;
        this.since = read(file);
    }

    boolean contains(ProcessIdentity process) {
        return since.containsKey(process);
    }

    /** Writes down that this one leaves. */
    void add(ProcessIdentity process, Instant now) throws IOException {
        since.putIfAbsent(process, now);
        write();
    }

    /** Those that live. The others are forgotten. */
    List<ProcessIdentity> living() {
        if (since.keySet().removeIf(process -> !processes.isAlive(process))) {
            someHaveLeft = true;
            try {
                write();
            } catch (IOException full) {
                LOG.warn("the record of mirrors that leave can't be written: {}", full.getMessage());
            }
        }
        return List.copyOf(since.keySet());
    }

    /** Whether some have ended since this was asked last. */
    boolean haveSomeLeft() {
        living();
        boolean left = someHaveLeft;
        someHaveLeft = false;
        return left;
    }

    /** Those that live though they began to leave longer ago than {@code limit}. */
    List<ProcessIdentity> late(Instant now, Duration limit) {
        return living().stream()
                .filter(process -> {
                    Instant began = since.get(process);
                    return began != null && began.plus(limit).isBefore(now);
                })
                .toList();
    }

    private void write() throws IOException {
        if (since.isEmpty()) {
            Files.deleteIfExists(file);
            return;
        }
        List<Json> written = new ArrayList<>();
        since.forEach((process, began) -> written.add(JsonObject.EMPTY
                .with("pid", process.pid())
                .with("ticks", process.startTicks())
                .with("boot", process.boot())
                .with("since", began)));
        Disk.replace(file, JsonWriter.bytes(JsonObject.EMPTY.with("leaving", new Json.Sequence(written))));
    }

    private static Map<ProcessIdentity, Instant> read(Path file) {
        var read = new LinkedHashMap<ProcessIdentity, Instant>();
        try {
            if (Files.exists(file)) {
                JsonObject record = new JsonReader(LARGEST_RECORD).object(Files.readAllBytes(file));
                for (Json element : record.sequence("leaving")) {
                    if (element instanceof JsonObject process) {
                        read.put(
                                new ProcessIdentity(process.whole("pid"), process.whole("ticks"), process.text("boot")),
                                process.instant("since"));
                    }
                }
            }
        } catch (IOException | MalformedJsonException damaged) {
            LOG.warn("the record of mirrors that leave is damaged and not believed: {}", damaged.getMessage());
        }
        return read;
    }
}
