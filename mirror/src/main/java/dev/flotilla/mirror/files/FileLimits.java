package dev.flotilla.mirror.files;

import dev.flotilla.vocabulary.ByteSize;
import java.time.Duration;

/**
 * Bounds of the downloads of files.
 *
 * @param concurrentDownloads how many files are downloaded at once from one upstream. 32: enough to fill a link, few enough for a disk
 * @param waitingDownloads how many more of it may wait for their turn; what comes on top is unavailable. 1,000
 * @param openDeadline how long a client waits until its file begins. 12 s: it gives up after 15 s
 * @param downloadDeadline how long one download may take in all. 30 min: the largest wheels over a slow link
 * @param attempts how often a download is tried in all, each time on another address where there is one. 3
 * @param largestFile the most bytes of a file. 20 GiB: PyPI allows far less
 * @param holdBack how many of a file's last bytes wait until all of it is verified. 64 KiB
 * @param chunk how many bytes are read for a client at once, the memory that one client takes. 64 KiB
 * @param intakeBuffer how many bytes a download gathers for one write, twice: one fills while the other is written. 256 KiB
 * @param followers how many clients may follow one download. 10,000
 * @param rememberedAttempts how many downloads that ended well are remembered by the tag under which clients got them while
 *     they ran. 10,000: whoever was cut off comes again within minutes, and each takes some 300 bytes
 * @param largestMetadata the most bytes of a wheel's metadata. 8 MiB: README files included, the largest known are below 2
 * @param hotMemory how many bytes of small files are held in memory, those included that are still being sent. 16 MiB: the metadata of
 *     thousands of wheels, or two hundred wheels of usual size; 0 for none
 * @param largestHotFile the most bytes of such a file. 128 KiB
 * @param mappedMemory how many bytes of larger files are mapped into memory, those included that are still being sent. 512 MiB:
 *     the system has them anyway; 0 for none
 * @param largestMappedFile the most bytes of such a file. 128 MiB: one is read through when it comes in, which takes a moment
 */
public record FileLimits(
        int concurrentDownloads,
        int waitingDownloads,
        Duration openDeadline,
        Duration downloadDeadline,
        int attempts,
        ByteSize largestFile,
        ByteSize holdBack,
        ByteSize chunk,
        ByteSize intakeBuffer,
        int followers,
        int rememberedAttempts,
        ByteSize largestMetadata,
        ByteSize hotMemory,
        ByteSize largestHotFile,
        ByteSize mappedMemory,
        ByteSize largestMappedFile) {
    private static final ByteSize LARGEST_BUFFER = ByteSize.ofMiB(64);

    /** Java counts the bytes of a buffer in an int. */
    private static final ByteSize LARGEST_MAPPING = ByteSize.ofGiB(1);

    public FileLimits {
        requirePositive(concurrentDownloads, "concurrent downloads");
        requirePositive(openDeadline.toMillis(), "open deadline in milliseconds");
        requirePositive(downloadDeadline.toMillis(), "download deadline in milliseconds");
        requirePositive(attempts, "attempts");
        requirePositive(largestFile.bytes(), "largest file");
        requirePositive(holdBack.bytes(), "bytes held back");
        requirePositive(followers, "followers");
        if (rememberedAttempts < 0) {
            throw new IllegalArgumentException("remembered attempts can't be negative: " + rememberedAttempts);
        }
        requireBuffer(chunk, "chunk");
        requireBuffer(intakeBuffer, "intake buffer");
        requireBuffer(largestMetadata, "largest metadata");
        requireBuffer(largestHotFile, "largest hot file");
        requireBetween(largestMappedFile, "largest mapped file", LARGEST_MAPPING);
        if (waitingDownloads < 0) {
            throw new IllegalArgumentException("waiting downloads can't be negative: " + waitingDownloads);
        }
    }

    public static FileLimits defaults() {
        return new FileLimits(
                32,
                1_000,
                Duration.ofSeconds(12),
                Duration.ofMinutes(30),
                3,
                ByteSize.ofGiB(20),
                ByteSize.ofKiB(64),
                ByteSize.ofKiB(64),
                ByteSize.ofKiB(256),
                10_000,
                10_000,
                ByteSize.ofMiB(8),
                ByteSize.ofMiB(16),
                ByteSize.ofKiB(128),
                ByteSize.ofMiB(512),
                ByteSize.ofMiB(128));
    }

    /** The same with files of {@code most} bytes at most. */
    public FileLimits atMost(ByteSize most) {
        return new FileLimits(
                concurrentDownloads,
                waitingDownloads,
                openDeadline,
                downloadDeadline,
                attempts,
                most.compareTo(largestFile) < 0 ? most : largestFile,
                holdBack,
                chunk,
                intakeBuffer,
                followers,
                rememberedAttempts,
                largestMetadata,
                hotMemory,
                largestHotFile,
                mappedMemory,
                largestMappedFile);
    }

    private static void requirePositive(long value, String what) {
        if (value < 1) {
            throw new IllegalArgumentException(what + ": at least 1, not " + value);
        }
    }

    private static void requireBuffer(ByteSize value, String what) {
        requireBetween(value, what, LARGEST_BUFFER);
    }

    private static void requireBetween(ByteSize value, String what, ByteSize most) {
        if (value.bytes() < 1024 || value.bytes() > most.bytes()) {
            throw new IllegalArgumentException(what + ": between 1 KiB and " + most + ", not " + value);
        }
    }
}
