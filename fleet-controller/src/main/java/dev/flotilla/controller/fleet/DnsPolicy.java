package dev.flotilla.controller.fleet;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** To which region the clients of the fleet's own name are led while all of them are healthy. */
public enum DnsPolicy {
    /** To the first one in the order of {@code fleet.conf}; the others wait for it to fail. */
    FAILOVER,
    /** To the one with the lowest latency to the client. */
    LATENCY,
    /** To all of them, in proportion to their weights. */
    WEIGHTED;

    static DnsPolicy parse(String text) {
        return Arrays.stream(values())
                .filter(policy -> policy.toString().equals(text))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("'" + text + "' is no policy. There are "
                        + Arrays.stream(values()).map(DnsPolicy::toString).collect(Collectors.joining(", "))));
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
