package dev.flotilla.controller.ssh;

import com.google.common.base.Splitter;
import dev.flotilla.agent.disk.Disk;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The host keys of a fleet's machines, one for each, in a file to be kept under version control: lines of a machine's name
 * and its key in Base64, sorted by name. Safe for many threads of one process.
 */
public final class HostKeyBook {
    private static final String HEAD = """
            # The host keys of the fleet's machines: flotilla hostkey changes them. A machine that shows another key is refused.
            """;

    private final Path file;
    private final Map<String, PublicHostKey> keys = new TreeMap<>();
    private final Map<String, PublicHostKey> given = new HashMap<>();

    private HostKeyBook(Path file) {
        this.file = file;
    }

    /** Reads the book; one that isn't there is empty. {@link IOException} says which line is wrong. */
    public static HostKeyBook open(Path file) throws IOException {
        var book = new HostKeyBook(file);
        List<String> lines;
        try {
            lines = Files.readAllLines(file);
        } catch (NoSuchFileException none) {
            return book;
        }
        for (int i = 0; i < lines.size(); i++) {
            if (!lines.get(i).isBlank() && !lines.get(i).startsWith("#")) {
                book.read(lines.get(i), file + ":" + (i + 1));
            }
        }
        return book;
    }

    private void read(String line, String place) throws IOException {
        List<String> words = Splitter.on(' ').splitToList(line);
        try {
            if (words.size() != 2) {
                throw new IllegalArgumentException("a line is a machine's name, a space and its key");
            }
            if (keys.put(words.getFirst(), new PublicHostKey(words.getLast())) != null) {
                throw new IllegalArgumentException(words.getFirst() + " has a key already");
            }
        } catch (IllegalArgumentException wrong) {
            throw new IOException(place + ": " + wrong.getMessage(), wrong);
        }
    }

    public Path file() {
        return file;
    }

    /** The key that {@code machine} has to show; empty where none is pinned. */
    public synchronized Optional<PublicHostKey> pinned(String machine) {
        return Optional.ofNullable(given.get(machine)).or(() -> Optional.ofNullable(keys.get(machine)));
    }

    /** Whoever made {@code machine} says that it has this key. That counts before what is pinned, and isn't written down. */
    public synchronized void give(String machine, PublicHostKey key) {
        given.put(machine, key);
    }

    /** Pins a key in place of what was pinned, and writes that down: on disk it is when this returns, all or nothing. */
    public synchronized void pin(String machine, PublicHostKey key) throws IOException {
        PublicHostKey told = given.get(machine);
        if (told != null && !told.equals(key)) {
            throw new IOException("fleet.conf says that " + machine + " has the host key " + told.fingerprint()
                    + ", and that isn't " + key.fingerprint() + ": change it there");
        }
        var text = new StringBuilder(HEAD);
        var next = new TreeMap<>(keys);
        next.put(machine, key);
        next.forEach((name, pinned) ->
                text.append(name).append(' ').append(pinned.base64()).append('\n'));
        Disk.replace(file, text.toString().getBytes(StandardCharsets.UTF_8));
        keys.put(machine, key);
    }
}
