package dev.flotilla.mirror.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * The other processes that have this store open, and what they tell this one: a note is a file in the folder of the one who is told,
 * and is deleted by him once he has acted on it. They come while one mirror takes over from another. For any thread; it blocks.
 */
public final class Neighbours {
    private static final String NOTES = "notes";
    private static final String UNFINISHED = ".part";

    /** A purge of the longest prefix takes a quarter of this. */
    private static final int LONGEST_NOTE = 1024;

    /** Between two looks whether a note is gone: a part of what its reader takes to see it. */
    private static final Duration GLANCE = Duration.ofMillis(20);

    private final Unfinished unfinished;

    Neighbours(Unfinished unfinished) {
        this.unfinished = unfinished;
    }

    /** What another process wants this one to know. */
    public record Note(Path file, String text) {
        /** Says that it has been acted on. */
        public void done() throws IOException {
            Files.deleteIfExists(file);
        }
    }

    /** Makes this process one that can be told. Nothing happens where it is, or where the disk has no place for it. */
    public void listen() throws IOException {
        Optional<Path> own = unfinished.folder();
        if (own.isPresent()) {
            Files.createDirectories(own.get().resolve(NOTES));
        }
    }

    /** What this process was told and has not acted on yet, in no order. */
    public List<Note> heard() throws IOException {
        var heard = new ArrayList<Note>();
        Optional<Path> notes =
                unfinished.folder().map(own -> own.resolve(NOTES)).filter(Files::isDirectory);
        for (Path note : notes.isPresent() ? Inventory.entries(notes.get()) : List.<Path>of()) {
            if (!note.toString().endsWith(UNFINISHED)) {
                heard.add(new Note(note, Files.size(note) > LONGEST_NOTE ? "" : Files.readString(note)));
            }
        }
        return heard;
    }

    /**
     * Tells all others, and waits until they have acted on it or ended.
     *
     * @param patience how long at most
     * @return how many of them live and have not: one that is stuck, or of a version that can't be told
     */
    public int tell(String text, Duration patience) throws IOException, InterruptedException {
        Map<Path, Optional<Path>> told = new HashMap<>();
        unfinished.neighbours().forEach(other -> told.put(other, Optional.empty()));
        long deadline = System.nanoTime() + patience.toNanos();
        while (true) {
            told.keySet().retainAll(unfinished.neighbours());
            for (Path other : List.copyOf(told.keySet())) {
                Optional<Path> note = told.getOrDefault(other, Optional.empty());
                if (note.filter(file -> !Files.exists(file)).isPresent()) {
                    told.remove(other);
                } else if (note.isEmpty()) {
                    told.put(other, left(other, text));
                }
            }
            if (told.isEmpty() || System.nanoTime() - deadline > 0) {
                return told.size();
            }
            Thread.sleep(GLANCE);
        }
    }

    /** Absent where the other one can't be told, or not yet. */
    private static Optional<Path> left(Path other, String text) throws IOException {
        Path notes = other.resolve(NOTES);
        String name = UUID.randomUUID().toString();
        Path unfinished = notes.resolve(name + UNFINISHED);
        try {
            Files.writeString(unfinished, text);
            return Optional.of(Files.move(unfinished, notes.resolve(name), StandardCopyOption.ATOMIC_MOVE));
        } catch (NoSuchFileException gone) {
            return Optional.empty();
        }
    }
}
