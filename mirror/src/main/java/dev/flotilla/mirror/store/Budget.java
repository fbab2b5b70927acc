package dev.flotilla.mirror.store;

import dev.flotilla.vocabulary.ByteSize;

/**
 * The bytes that one part of the store takes, counted in whole disk blocks: those of committed entries and those that are
 * promised to unfinished ones. Safe for use from any thread.
 */
final class Budget {
    private static final long BLOCK = 4096;

    private final long limit;
    private long taken;

    Budget(ByteSize limit) {
        this.limit = limit.bytes();
    }

    /** How many bytes of disk {@code size} bytes take. */
    static long onDisk(long size) {
        return Math.max(1, Math.ceilDiv(size, BLOCK)) * BLOCK;
    }

    /** The weight of an entry of {@code size} bytes: its blocks on disk in KiB. */
    static int weight(long size) {
        return Math.toIntExact(Math.min(onDisk(size) >> 10, Integer.MAX_VALUE));
    }

    /** The most that the weights of all entries together can be. */
    long weightLimit() {
        return Math.max(1, limit >> 10);
    }

    long limit() {
        return limit;
    }

    synchronized long taken() {
        return taken;
    }

    /** Takes {@code bytes} if they fit. */
    synchronized boolean tryTake(long bytes) {
        if (bytes > limit - taken) {
            return false;
        }
        taken += bytes;
        return true;
    }

    /** Takes {@code bytes} that are on disk already, whether they fit or not. */
    synchronized void take(long bytes) {
        taken += bytes;
    }

    synchronized void giveBack(long bytes) {
        taken -= bytes;
        if (taken < 0) {
            throw new IllegalStateException("more given back than taken: " + taken);
        }
    }
}
