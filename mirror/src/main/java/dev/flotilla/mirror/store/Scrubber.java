package dev.flotilla.mirror.store;

import dev.flotilla.vocabulary.Sha256;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads everything in the store again and again, slowly, and drops what isn't any more what it was: disks forget. It goes
 * by the digests in their order and goes on after a restart where it was. One thread, one buffer; the process that keeps the
 * store does it.
 */
final class Scrubber {
    private static final Logger LOG = LoggerFactory.getLogger(Scrubber.class);
    private static final int BUFFER = 1 << 16;
    private static final int FOLDERS = 256;

    /** So long a pass takes at least: an empty store is soon read. */
    private static final Duration SHORTEST_PASS = Duration.ofSeconds(5);

    private static final Duration UNREADY_PAUSE = Duration.ofMillis(250);

    /** How much is read again after a kill, at most. */
    private static final Duration NOTING_INTERVAL = Duration.ofSeconds(10);

    /** Every file costs a block at least. */
    private static final int LEAST_COST = 4096;

    private static final String BEGINNING = "0".repeat(DigestKey.DIGITS);

    private final Layout layout;
    private final Keeper keeper;
    private final Unfinished unfinished;
    private final Stock stock;
    private final PageStore pages;
    private final Pace pace;
    private final Counter bytes;
    private final Counter damagedFiles;
    private final Counter damagedPages;
    private final Counter passes;
    private String reached = "";
    private long noted = System.nanoTime();
    private final CountDownLatch ended = new CountDownLatch(1);
    private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER);

    Scrubber(
            Layout layout,
            Keeper keeper,
            Unfinished unfinished,
            Stock stock,
            PageStore pages,
            Pace pace,
            MeterRegistry meters) {
        this.layout = layout;
        this.keeper = keeper;
        this.unfinished = unfinished;
        this.stock = stock;
        this.pages = pages;
        this.pace = pace;
        bytes = Counter.builder("flotilla.store.scrub.bytes")
                .description("Bytes that were read again to see whether they are still right")
                .register(meters);
        passes = Counter.builder("flotilla.store.scrub.passes")
                .description("How often all of the store was read again")
                .register(meters);
        damagedFiles = damaged("files", meters);
        damagedPages = damaged("pages", meters);
    }

    private static Counter damaged(String part, MeterRegistry meters) {
        return Counter.builder("flotilla.store.scrub.damaged")
                .tag("part", part)
                .description("Files or pages that were no longer right and were dropped")
                .register(meters);
    }

    /** How fast it reads, and when it ends. */
    static final class Pace {
        private final long bytesPerSecond;
        private final CountDownLatch end = new CountDownLatch(1);
        private long due = System.nanoTime();

        Pace(long bytesPerSecond) {
            this.bytesPerSecond = bytesPerSecond;
        }

        /** Waits for as long as reading {@code count} bytes may take; false once it is to end. */
        boolean spend(long count) throws InterruptedException {
            return pause(Duration.ofNanos((long) (count * 1e9 / bytesPerSecond)));
        }

        private boolean pause(Duration pause) throws InterruptedException {
            long now = System.nanoTime();
            due = Math.max(due, now) + pause.toNanos();
            return !end.await(due - now, TimeUnit.NANOSECONDS);
        }

        void end() {
            end.countDown();
        }
    }

    /** Goes on until its pace is ended. */
    void run() {
        try {
            boolean goesOn = true;
            while (goesOn) {
                boolean ready = keeper.isHere() && stock.room().isComplete();
                long start = System.nanoTime();
                goesOn = !ready || passed();
                goesOn &= pace.pause(ready ? SHORTEST_PASS.minusNanos(System.nanoTime() - start) : UNREADY_PAUSE);
            }
        } catch (InterruptedException over) {
            Thread.currentThread().interrupt();
        } finally {
            note();
            ended.countDown();
        }
    }

    /** Ends {@link #run} and waits until it has. */
    void end() {
        pace.end();
        Housekeeping.awaitEnd(ended);
    }

    /** Reads all that comes after the last position; false once it is to end. */
    private boolean passed() throws InterruptedException {
        String position = position();
        for (int i = 0; i < FOLDERS; i++) {
            String digits = "%02x".formatted(i);
            if (digits.compareTo(position.substring(0, 2)) >= 0) {
                try {
                    if (!passed(digits, position)) {
                        return false;
                    }
                } catch (IOException unreadable) {
                    LOG.warn("can't scrub {}: {}", layout.blobs(digits), unreadable.toString());
                }
            }
        }
        reached = BEGINNING;
        note();
        passes.increment();
        return true;
    }

    private boolean passed(String digits, String position) throws IOException, InterruptedException {
        List<String> names = Inventory.entries(layout.blobs(digits)).stream()
                .map(file -> digits + file.getFileName())
                .filter(name -> name.compareTo(position) > 0)
                .sorted()
                .toList();
        for (String name : names) {
            Optional<DigestKey> digest = DigestKey.ofName(name);
            if (!keeper.isHere() || (digest.isPresent() && !passed(digest.get()))) {
                return false;
            }
        }
        List<Path> pagesHere = digits.equals("00")
                ? Stream.concat(Stream.of(layout.page(new PageKey.RootList())), pages(digits))
                        .toList()
                : pages(digits).toList();
        for (Path page : pagesHere) {
            if (!passed(page)) {
                return false;
            }
        }
        return true;
    }

    private Stream<Path> pages(String digits) throws IOException {
        var found = new ArrayList<Path>();
        for (Path folder : layout.pages(digits)) {
            found.addAll(Inventory.entries(folder));
        }
        return found.stream();
    }

    private boolean passed(DigestKey digest) throws InterruptedException {
        try {
            Optional<Blob> blob = stock.seek(digest);
            // Looked at twice: another process may just have put a right one into the place of a wrong one.
            for (int look = 1; blob.isPresent() && look <= 2; look++) {
                Reading reading = read(layout.blob(digest), 0);
                if (!reading.goesOn()) {
                    return false;
                }
                if (reading.digest().equals(digest.sha256())) {
                    break;
                }
                if (look == 2) {
                    damagedFiles.increment();
                    stock.lose(blob.get(), "its bytes have changed on disk");
                }
            }
        } catch (NoSuchFileException evicted) {
            LOG.debug("{} has left while it was scrubbed", digest);
        } catch (IOException unreadable) {
            damagedFiles.increment();
            stock.use(digest).ifPresent(blob -> stock.lose(blob, "it can't be read: " + unreadable));
        }
        reached = digest.sha256().hex();
        if (System.nanoTime() - noted > NOTING_INTERVAL.toNanos()) {
            note();
        }
        return true;
    }

    private boolean passed(Path page) throws InterruptedException {
        try {
            for (int look = 1; look <= 2; look++) {
                Reading reading = read(page, PageFormat.DIGEST_BYTES);
                if (!reading.goesOn()) {
                    return false;
                }
                if (reading.isAsItSays()) {
                    break;
                }
                if (look == 2) {
                    damagedPages.increment();
                    pages.lose(page, "its bytes have changed on disk");
                }
            }
        } catch (NoSuchFileException left) {
            LOG.debug("{} has left while it was scrubbed", page);
        } catch (IOException unreadable) {
            damagedPages.increment();
            pages.lose(page, "it can't be read: " + unreadable);
        }
        return true;
    }

    /**
     * What a file turned out to be.
     *
     * @param digest of all but the last bytes
     * @param said the last bytes as hexadecimal digits
     * @param goesOn false where it was given up, since it is time to end
     */
    private record Reading(Sha256 digest, String said, boolean goesOn) {
        boolean isAsItSays() {
            return digest.hex().equals(said);
        }
    }

    /** Reads a file; its last {@code tail} bytes don't count, but are told. */
    private Reading read(Path file, int tail) throws IOException, InterruptedException {
        MessageDigest digester = Sha256.digester();
        try (var channel = FileChannel.open(file, StandardOpenOption.READ)) {
            long end = Math.max(0, channel.size() - tail);
            boolean goesOn = pace.spend(end < LEAST_COST ? LEAST_COST - end : 0);
            long at = 0;
            while (goesOn && at < end) {
                buffer.clear().limit((int) Math.min(BUFFER, end - at));
                int count = channel.read(buffer, at);
                if (count < 0) {
                    break;
                }
                digester.update(buffer.flip());
                at += count;
                bytes.increment(count);
                goesOn = pace.spend(count);
            }
            buffer.clear().limit(tail);
            channel.read(buffer, end);
            String said = HexFormat.of().formatHex(buffer.array(), 0, buffer.position());
            return new Reading(Sha256.finish(digester), said, goesOn);
        }
    }

    /** The digest that was read last; that of the beginning where nobody knows. */
    private String position() {
        try {
            String text = Files.readString(layout.scrubbed()).strip();
            if (DigestKey.isHex(text, DigestKey.DIGITS)) {
                return text;
            }
        } catch (IOException none) {
            LOG.debug("scrubbing begins at the beginning: {}", none.toString());
        }
        return BEGINNING;
    }

    /** Needn't survive a power cut: then some of it is read again. */
    private void note() {
        noted = System.nanoTime();
        if (reached.isEmpty()) {
            return;
        }
        try {
            Path temporary = unfinished.next();
            Files.writeString(temporary, reached + "\n");
            Files.move(temporary, layout.scrubbed(), StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException unwritable) {
            LOG.debug("can't note how far scrubbing has come: {}", unwritable.toString());
        }
    }
}
