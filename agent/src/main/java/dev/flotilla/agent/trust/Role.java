package dev.flotilla.agent.trust;

import java.util.Arrays;
import java.util.Locale;

/** The top-level roles (TUF 1.0, section 2.1). */
public enum Role {
    ROOT,
    TIMESTAMP,
    SNAPSHOT,
    TARGETS;

    /** The role's name in metadata. */
    public String metadataName() {
        return name().toLowerCase(Locale.ROOT);
    }

    static boolean isTopLevel(String name) {
        return Arrays.stream(values()).anyMatch(role -> role.metadataName().equals(name));
    }
}
