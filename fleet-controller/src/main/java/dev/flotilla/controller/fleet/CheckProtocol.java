package dev.flotilla.controller.fleet;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** How health checkers ask nodes. */
public enum CheckProtocol {
    /** At the port for clients by plain HTTP. */
    HTTP,
    /** At the port of {@code tls}, by the region's name; the certificate isn't judged. */
    HTTPS;

    static CheckProtocol parse(String text) {
        return Arrays.stream(values())
                .filter(protocol -> protocol.toString().equals(text))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("'" + text + "' is no way to check. There are "
                        + Arrays.stream(values()).map(CheckProtocol::toString).collect(Collectors.joining(", "))));
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
