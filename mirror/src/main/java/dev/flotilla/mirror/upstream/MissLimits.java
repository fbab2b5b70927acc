package dev.flotilla.mirror.upstream;

import java.time.Duration;

/**
 * How long and how many misses are borne: requests for what isn't here.
 *
 * @param patience how long one waits for its turn before its client is told to come again. 5 s: upstream takes some seconds more,
 *     and clients give up after 15 s
 * @param perNetwork how many misses of one network of clients may be in flight; 0 for as many as there are turns. 0: whole CI
 *     providers sit behind one address
 * @param prefix4 how many bits of an IPv4 address are its network. 24
 * @param prefix6 the same for IPv6. 64: a single customer has as many addresses
 */
public record MissLimits(Duration patience, int perNetwork, int prefix4, int prefix6) {
    public MissLimits {
        if (patience.toMillis() < 1) {
            throw new IllegalArgumentException(
                    "a miss must be allowed to wait for at least one millisecond: " + patience);
        }
        if (perNetwork < 0) {
            throw new IllegalArgumentException("misses of one network can't be fewer than none: " + perNetwork);
        }
        requireBits(prefix4, 32);
        requireBits(prefix6, 128);
    }

    private static void requireBits(int bits, int most) {
        if (bits < 1 || bits > most) {
            throw new IllegalArgumentException("a network has between 1 and " + most + " bits: " + bits);
        }
    }

    public static MissLimits defaults() {
        return new MissLimits(Duration.ofSeconds(5), 0, 24, 64);
    }

    /** Whether it matters who asks. */
    public boolean countNetworks() {
        return perNetwork > 0;
    }
}
