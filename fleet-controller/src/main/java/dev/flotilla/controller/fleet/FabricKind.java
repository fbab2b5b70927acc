package dev.flotilla.controller.fleet;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** Where a node's machine comes from. */
public enum FabricKind {
    /** It is there already, wherever it is, and is gone to by SSH. */
    STATIC,
    /** It is a folder of this computer, and its processes are this computer's. */
    LOCAL;

    static FabricKind parse(String text) {
        return Arrays.stream(values())
                .filter(kind -> kind.toString().equals(text))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("'" + text + "' is no fabric: write "
                        + Arrays.stream(values()).map(FabricKind::toString).collect(Collectors.joining(" or "))));
    }

    /** As it stands in {@code fleet.conf}. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
