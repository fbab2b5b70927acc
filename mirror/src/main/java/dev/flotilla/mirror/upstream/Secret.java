package dev.flotilla.mirror.upstream;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;

/** What nobody may read in a log, a message or a plan: its text leaves it only within this package. Immutable. */
public final class Secret {
    private final String text;

    public Secret(String text) {
        this.text = text;
    }

    String reveal() {
        return text;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Secret secret
                && MessageDigest.isEqual(
                        text.getBytes(StandardCharsets.UTF_8), secret.text.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public int hashCode() {
        return Secret.class.hashCode();
    }

    @Override
    public String toString() {
        return "[redacted]";
    }
}
