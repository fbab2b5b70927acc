package dev.flotilla.clients;

import dev.flotilla.vocabulary.PlatformSlug;

/** Which of a mirror's indexes a client uses. */
public sealed interface Index {
    /** The path of its root, from slash to slash. */
    default String path() {
        return switch (this) {
            case Plain ignored -> "/simple/";
            case Overlay overlay -> "/overlay/" + overlay.platform() + "/simple/";
            case Cooldown cooldown -> "/cooldown/" + cooldown.days() + "d/simple/";
        };
    }

    /** Upstream's, as it is. */
    record Plain() implements Index {}

    /** Upstream's, with the wheels that were built for a platform. */
    record Overlay(PlatformSlug platform) implements Index {}

    /** Upstream's without files younger than {@code days}: 1 to {@value #MOST_DAYS}. */
    record Cooldown(int days) implements Index {
        public static final int MOST_DAYS = 3650;

        public Cooldown {
            if (days < 1 || days > MOST_DAYS) {
                throw new IllegalArgumentException("a cool-down has 1 to " + MOST_DAYS + " days, not " + days);
            }
        }
    }
}
