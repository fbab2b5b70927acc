package dev.flotilla.mirror.files;

import dev.flotilla.mirror.simple.FilePath;
import dev.flotilla.mirror.store.BlobStore;
import dev.flotilla.mirror.store.Expected;
import dev.flotilla.mirror.store.Intake;
import dev.flotilla.mirror.store.StoredFile;
import dev.flotilla.mirror.store.Verdict;
import dev.flotilla.vocabulary.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.util.Enumeration;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/** Takes the metadata out of a wheel and puts it into the store as a file of its own (PEP 427, PEP 658). Blocks. */
final class WheelMetadata {
    /** The directory of an archive is held in memory while it is open: this is a hundred times that of a large wheel. */
    private static final long LARGEST_DIRECTORY = 32L << 20;

    private static final int END_RECORD = 22;
    private static final int LONGEST_COMMENT = 0xffff;
    private static final byte[] END_SIGNATURE = {'P', 'K', 5, 6};
    private static final Pattern WHEEL = Pattern.compile("([^-]+)-([^-]+)-.+\\.whl");
    private static final Pattern METADATA = Pattern.compile("([^/]+)-([^/-]+)\\.dist-info/METADATA");

    private final BlobStore store;
    private final long largest;

    /** @param largest how many bytes the metadata can have at most */
    WheelMetadata(BlobStore store, long largest) {
        this.store = store;
        this.largest = largest;
    }

    /**
     * Extracts it.
     *
     * @param path of the metadata
     * @param digest what the page says its digest is, where it says so
     */
    Arrival.End extract(FilePath path, StoredFile wheel, Optional<Sha256> digest) throws IOException {
        requireSmallDirectory(wheel);
        byte[] metadata;
        try (var archive = new ZipFile(wheel.path().toFile())) {
            Optional<ZipEntry> entry = find(archive, path.filename());
            if (entry.isEmpty()) {
                return new Arrival.End.Failed("the wheel has no metadata under its own name");
            }
            try (InputStream content = archive.getInputStream(entry.get())) {
                metadata = content.readNBytes(Math.toIntExact(largest) + 1);
            }
        }
        if (metadata.length > largest) {
            return new Arrival.End.Failed("the wheel's metadata has more than " + largest + " bytes");
        }
        return store(path, metadata, digest.orElseGet(() -> Sha256.of(metadata)));
    }

    private Arrival.End store(FilePath path, byte[] metadata, Sha256 digest) throws IOException {
        var expected = new Expected(OptionalLong.of(metadata.length), Optional.of(digest), Optional.empty());
        try (Intake intake = store.begin(expected)) {
            try {
                intake.write(metadata, 0, metadata.length);
                return switch (intake.commit()) {
                    case Verdict.Committed(StoredFile file) -> {
                        store.learn(path, file);
                        yield new Arrival.End.Whole(file);
                    }
                    case Verdict.Refused(String reason) ->
                        new Arrival.End.Failed("the wheel's metadata isn't what the page says: " + reason);
                };
            } finally {
                intake.discard();
            }
        }
    }

    private static Optional<ZipEntry> find(ZipFile archive, String filename) {
        Matcher wheel = WHEEL.matcher(filename);
        if (!wheel.matches()) {
            return Optional.empty();
        }
        for (Enumeration<? extends ZipEntry> entries = archive.entries(); entries.hasMoreElements(); ) {
            ZipEntry entry = entries.nextElement();
            Matcher inside = METADATA.matcher(entry.getName());
            if (inside.matches()
                    && normal(inside.group(1)).equals(normal(wheel.group(1)))
                    && normal(inside.group(2)).equals(normal(wheel.group(2)))) {
                return Optional.of(entry);
            }
        }
        return Optional.empty();
    }

    /** Names and versions are escaped differently by different tools. */
    private static String normal(String part) {
        return part.toLowerCase(Locale.ROOT).replaceAll("[-_.]+", "-");
    }

    private static void requireSmallDirectory(StoredFile wheel) throws IOException {
        try (var file = new RandomAccessFile(wheel.path().toFile(), "r")) {
            int length = (int) Math.min(file.length(), END_RECORD + LONGEST_COMMENT);
            var tail = new byte[length];
            file.seek(file.length() - length);
            file.readFully(tail);
            for (int at = length - END_RECORD; at >= 0; at--) {
                if (startsWith(tail, at)) {
                    long size = littleEndian(tail, at + 12);
                    if (size > LARGEST_DIRECTORY) {
                        throw new IOException("its directory has " + size + " bytes");
                    }
                    return;
                }
            }
            throw new IOException("it is no zip archive");
        }
    }

    private static boolean startsWith(byte[] bytes, int at) {
        for (int i = 0; i < END_SIGNATURE.length; i++) {
            if (bytes[at + i] != END_SIGNATURE[i]) {
                return false;
            }
        }
        return true;
    }

    private static long littleEndian(byte[] bytes, int at) {
        long value = 0;
        for (int i = 3; i >= 0; i--) {
            value = (value << 8) | (bytes[at + i] & 0xff);
        }
        return value;
    }
}
