package dev.flotilla.mirror.files;

import dev.flotilla.mirror.upstream.Deferral;
import java.util.Optional;

/** Whether a file is shown in a view of the index. */
public sealed interface Visibility {
    /** It is. */
    record Shown() implements Visibility {}

    /** It isn't: for clients of the view it doesn't exist. */
    record Hidden(String reason) implements Visibility {}

    /** Its project isn't served here. */
    record Forbidden(String reason) implements Visibility {}

    /**
     * The page that would say so couldn't be had: the file isn't given out, and isn't said to be absent.
     *
     * @param deferral where nobody was asked for it: why, and when somebody will be
     */
    record Unknowable(String reason, Optional<Deferral> deferral) implements Visibility {
        /** Somebody was asked. */
        public Unknowable(String reason) {
            this(reason, Optional.empty());
        }
    }
}
