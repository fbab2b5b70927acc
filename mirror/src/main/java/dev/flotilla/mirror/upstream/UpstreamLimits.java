package dev.flotilla.mirror.upstream;

import dev.flotilla.vocabulary.ByteSize;
import java.time.Duration;

/**
 * Bounds of everything that goes to an upstream.
 *
 * @param connectTimeout how long a connection may take to open. 5 s: clients give up after 10 to 15 s, and a second
 *     address must have its turn before that
 * @param idleTimeout how long an open exchange may go without a byte. 10 s: below the 15 s after which pip gives up
 * @param pageDeadline how long a project page may take in all, retries and redirects included. 12 s: a client that waits
 *     for it gives up after 15 s
 * @param rootListDeadline the same for the list of all projects. 60 s: it has tens of megabytes
 * @param largestPage the most bytes of a page, decoded. 32 MiB: the largest known have some 30 MB; parsed, it
 *     takes three times that of the heap
 * @param largestRootList the same for the list of all projects. 64 MiB: it has some 40 MB, and more would not fit the
 *     heap of a small node
 * @param largestProvenance the same for the provenance object of a file. 1 MiB: attestations have tens of KiB
 * @param connectionsPerHost connections to one address, for pages and for files each. 32: a CI wave asks for dozens of
 *     packages at once, and upstreams dislike more
 * @param waitingRequests requests that may wait for a connection; what comes on top fails. 2,000: a burst of cold pages
 * @param redirects redirects followed for one request. 5: the usual bound
 * @param retries further attempts after a failed one, each on a fresh connection and on another address where there is
 *     one. 2
 * @param care how upstreams in trouble are treated
 */
public record UpstreamLimits(
        Duration connectTimeout,
        Duration idleTimeout,
        Duration pageDeadline,
        Duration rootListDeadline,
        ByteSize largestPage,
        ByteSize largestRootList,
        ByteSize largestProvenance,
        int connectionsPerHost,
        int waitingRequests,
        int redirects,
        int retries,
        UpstreamCare care) {

    public UpstreamLimits {
        requirePositive(connectTimeout, "connect time-out");
        requirePositive(idleTimeout, "idle time-out");
        requirePositive(pageDeadline, "page deadline");
        requirePositive(rootListDeadline, "root list deadline");
        requireArraySize(largestPage, "largest page");
        requireArraySize(largestRootList, "largest root list");
        requireArraySize(largestProvenance, "largest provenance object");
        requireAtLeast(1, connectionsPerHost, "connections per host");
        requireAtLeast(1, waitingRequests, "waiting requests");
        requireAtLeast(0, redirects, "redirects");
        requireAtLeast(0, retries, "retries");
    }

    public static UpstreamLimits defaults() {
        return new UpstreamLimits(
                Duration.ofSeconds(5),
                Duration.ofSeconds(10),
                Duration.ofSeconds(12),
                Duration.ofSeconds(60),
                ByteSize.ofMiB(32),
                ByteSize.ofMiB(64),
                ByteSize.ofMiB(1),
                32,
                2_000,
                5,
                2,
                UpstreamCare.defaults());
    }

    private static void requirePositive(Duration value, String what) {
        if (value.toMillis() <= 0) {
            throw new IllegalArgumentException(what + " must be at least one millisecond: " + value);
        }
    }

    private static void requireArraySize(ByteSize value, String what) {
        if (value.bytes() < 1 || value.bytes() > ByteSize.ofGiB(1).bytes()) {
            throw new IllegalArgumentException(what + " must be between 1 B and 1 GiB: " + value);
        }
    }

    private static void requireAtLeast(int least, int value, String what) {
        if (value < least) {
            throw new IllegalArgumentException(what + " must be at least " + least + ": " + value);
        }
    }
}
