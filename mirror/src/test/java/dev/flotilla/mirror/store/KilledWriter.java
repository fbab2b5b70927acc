package dev.flotilla.mirror.store;

import dev.flotilla.vocabulary.ByteSize;
import dev.flotilla.vocabulary.Sha256;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;

/** A program that dies between the last byte of a file and its commit, as if it had been killed. */
final class KilledWriter {
    static final int EXIT = 77;

    private KilledWriter() {}

    public static void main(String[] arguments) throws IOException {
        var store = Store.open(
                Path.of(arguments[0]),
                new StoreLimits(ByteSize.ofMiB(1), ByteSize.ofMiB(1)),
                new SimpleMeterRegistry());
        byte[] content = BlobStoreTest.content(5_000, 1);
        var intake = store.blobs()
                .begin(new Expected(OptionalLong.of(5_000), Optional.of(Sha256.of(content)), Optional.empty()));
        intake.write(content, 0, content.length);
        Runtime.getRuntime().halt(EXIT);
    }
}
