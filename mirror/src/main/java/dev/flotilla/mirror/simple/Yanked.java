package dev.flotilla.mirror.simple;

import java.util.Optional;

/** Whether a file was yanked: installers leave it out unless it is pinned exactly (PEP 592). Immutable. */
public sealed interface Yanked {
    /** Offered as usual. */
    record No() implements Yanked {
        private static final No OF_MOST_FILES = new No();
    }

    /** Yanked, with the publisher's words where there are any; the reason is never empty text. */
    record Yes(Optional<String> reason) implements Yanked {
        public Yes {
            reason.ifPresent(text -> {
                if (text.isEmpty() || !Texts.isProse(text)) {
                    throw new IllegalArgumentException("no reason for a yanked file: '" + text + "'");
                }
            });
        }
    }

    /** The state of a file about which nothing is said. */
    static Yanked no() {
        return No.OF_MOST_FILES;
    }

    /** Yanked, for {@code reason} unless that is empty. */
    static Yanked because(String reason) {
        return new Yes(reason.isEmpty() ? Optional.empty() : Optional.of(reason));
    }
}
