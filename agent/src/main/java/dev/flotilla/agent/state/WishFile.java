package dev.flotilla.agent.state;

import dev.flotilla.agent.disk.Disk;
import dev.flotilla.agent.intent.LocalWish;
import dev.flotilla.agent.json.MalformedJsonException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;

/** A file that is there as long as somebody on the node wants something. Needs no agent. */
public record WishFile(Path path) {
    /** The wish; one that can't be read is there all the same, and has no end. */
    public Optional<LocalWish> read() throws IOException {
        try {
            return Optional.of(LocalWish.parse(Files.readAllBytes(path)));
        } catch (NoSuchFileException none) {
            return Optional.empty();
        } catch (MalformedJsonException damaged) {
            return Optional.of(new LocalWish(
                    Optional.empty(), "the file " + path.getFileName() + " is damaged", "somebody", Instant.EPOCH));
        }
    }

    /** The wish that counts at that time: one that is over is removed. */
    public Optional<LocalWish> standing(Instant now) throws IOException {
        Optional<LocalWish> wish = read();
        if (wish.filter(found -> found.isOver(now)).isPresent()) {
            remove();
            return Optional.empty();
        }
        return wish;
    }

    public void write(LocalWish wish) throws IOException {
        Disk.replace(path, wish.toBytes());
    }

    /** Answers whether there was one. */
    public boolean remove() throws IOException {
        return Files.deleteIfExists(path);
    }
}
