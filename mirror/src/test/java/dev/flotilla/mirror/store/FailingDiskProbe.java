package dev.flotilla.mirror.store;

import dev.flotilla.vocabulary.ByteSize;
import dev.flotilla.vocabulary.Sha256;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A program that uses a store on a disk that fails. It ends with 0 when it met failures, nothing wrong was given out
 * meanwhile, and files were kept again afterwards. Arguments: folder, and {@code filling}, {@code failing} or, where a file
 * that failed must not be there, {@code discarding}; {@code keeping} on a disk that doesn't fail, and after that
 * {@code read-only} or {@code full} on one that does so at the start; {@code full-before} on one that never had a store.
 */
final class FailingDiskProbe {
    static final StoreLimits LIMITS = new StoreLimits(ByteSize.ofMiB(64), ByteSize.ofMiB(1));
    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final int SIZE = 50_000;

    private final Store store;
    private final List<Integer> kept = new ArrayList<>();
    private int next;
    private int failures;
    private boolean discards;

    private FailingDiskProbe(Store store) {
        this.store = store;
    }

    public static void main(String[] arguments) throws Exception {
        Path folder = Path.of(arguments[0]);
        Path ballast = folder.resolve("ballast");
        if (arguments[1].startsWith("full")) {
            fill(ballast);
        }
        try (var store = Store.open(folder, LIMITS, new SimpleMeterRegistry())) {
            var probe = new FailingDiskProbe(store);
            switch (arguments[1]) {
                case "filling" -> probe.filling(ballast);
                case "keeping" -> require(probe.keep(), "the first file was not kept");
                case "read-only" -> {
                    probe.kept.add(probe.next++);
                    probe.begunInVain(() -> run("mount", "-o", "remount,rw", arguments[0]));
                }
                case "full" -> {
                    probe.kept.add(probe.next++);
                    probe.begunInVain(() -> Files.delete(ballast));
                }
                case "full-before" -> probe.begunInVain(() -> Files.delete(ballast));
                case "failing" -> probe.failing();
                case "discarding" -> {
                    probe.discards = true;
                    probe.failing();
                }
                default -> throw new IllegalArgumentException(arguments[1]);
            }
            probe.requireAllRight();
            System.out.println(probe.kept.size() + " kept, " + probe.failures + " failures");
        }
    }

    /** What ends the trouble. */
    private interface Remedy {
        void run() throws Exception;
    }

    /** The disk doesn't take anything from the start on. */
    private void begunInVain(Remedy remedy) throws Exception {
        requireAllRight();
        require(!keep(), "a file was kept on a disk that takes nothing");
        require(store.trouble().isPresent(), "no trouble is told of");
        requireAllRight();
        remedy.run();
        recover();
        long start = System.nanoTime();
        while (!keep()) { // A store that is new takes nothing in before its folders are read.
            require(
                    System.nanoTime() - start < PATIENCE.toNanos(),
                    "nothing is kept though the disk takes files again");
        }
    }

    private static void run(String... command) throws Exception {
        Process process = new ProcessBuilder(command).inheritIO().start();
        require(process.waitFor() == 0, String.join(" ", command) + " failed");
    }

    private void filling(Path ballast) throws Exception {
        require(keep(), "the first file was not kept");
        fill(ballast);
        require(!keep(), "a full disk took a file");
        require(store.trouble().isPresent(), "no trouble is told of a full disk");
        requireAllRight();
        Files.delete(ballast);
        recover();
        require(keep(), "nothing is kept though the disk has room again");
    }

    private static void fill(Path ballast) {
        try (OutputStream out = Files.newOutputStream(ballast)) {
            while (true) {
                out.write(new byte[4096]);
            }
        } catch (IOException full) {
            System.out.println("filled: " + full);
        }
    }

    /** Goes on until failures have come and gone. */
    private void failing() throws Exception {
        int inARow = 0;
        while (failures == 0 || inARow < 10) {
            require(next < 500, "no failure came in 500 files");
            if (keep()) {
                inARow++;
            } else {
                inARow = 0;
                requireAllRight();
                recover();
            }
        }
    }

    private void recover() throws Exception {
        long start = System.nanoTime();
        while (store.trouble().isPresent()) {
            require(System.nanoTime() - start < PATIENCE.toNanos(), "it doesn't recover: " + store.trouble());
            Thread.sleep(20);
        }
    }

    private boolean keep() {
        int seed = next++;
        try {
            Fixture.keep(store, "harbour", SIZE, seed);
            kept.add(seed);
            return true;
        } catch (IOException failed) {
            System.out.println(seed + ": " + failed);
            failures++;
            Sha256 digest = Sha256.of(BlobStoreTest.content(SIZE, seed));
            if (store.blobs().seek(digest).isPresent()) {
                require(!discards, "a file is there that was not synchronised: " + seed);
                kept.add(seed); // It had come in before its path couldn't be noted: then it has to be right.
            }
            return false;
        }
    }

    private void requireAllRight() throws IOException {
        for (int seed : kept) {
            Sha256 digest = Sha256.of(BlobStoreTest.content(SIZE, seed));
            try (StoredFile file = store.blobs().seek(digest).orElseThrow()) {
                require(
                        Arrays.equals(Files.readAllBytes(file.path()), BlobStoreTest.content(SIZE, seed)),
                        "a wrong file: " + seed);
            }
        }
    }

    private static void require(boolean right, String problem) {
        if (!right) {
            System.out.println(problem);
            System.out.flush();
            Runtime.getRuntime().halt(1);
        }
    }
}
