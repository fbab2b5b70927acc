package dev.flotilla.controller.publish;

import java.io.IOException;
import java.util.List;

/** A change had to stop where it had already done what lasts, such as deleting objects. For the audit trail, which gets what was done. */
public final class UnfinishedChangeException extends IOException {
    private static final long serialVersionUID = 1;

    private final transient Publishing why;
    private final transient List<String> done;

    /**
     * Nothing of it is signed.
     *
     * @param why such as {@link Publishing.Fenced} or {@link Publishing.Failed}
     * @param done what was done by then, one line each
     */
    public UnfinishedChangeException(Publishing why, List<String> done) {
        super(why.problem().orElseThrow());
        this.why = why;
        this.done = List.copyOf(done);
    }

    Publishing why() {
        return why;
    }

    List<String> done() {
        return done;
    }
}
