package dev.flotilla.mirror.files;

import dev.flotilla.mirror.store.Expected;
import dev.flotilla.mirror.store.Intake;
import io.vertx.core.Future;
import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Where one download goes: its temporary file is made while upstream is asked, which both take their time for. Only where the
 * size is known and room for it is free: before upstream has answered, nothing leaves the store for a file that may not come. For one
 * context.
 */
final class Landing {
    private final Workshop workshop;
    private @Nullable Future<Optional<Intake>> prepared;

    Landing(Workshop workshop) {
        this.workshop = workshop;
    }

    /** Makes one ready, unless that is done or can't be yet. */
    void prepare(Expected expected) {
        if (prepared == null && expected.size().isPresent()) {
            prepared = workshop.shortWork()
                    .executeBlocking(() -> workshop.store().prepare(expected), false)
                    .<Optional<Intake>>map(made -> made)
                    .recover(unable -> Future.succeededFuture(Optional.empty())); // Whoever needs it hears why.
        }
    }

    /** The one that is ready, or a new one, for which others leave if {@code evicting}; fails where the store can't take it. */
    Future<Intake> begin(Expected expected, boolean evicting) {
        Future<Optional<Intake>> ready = prepared == null ? Future.succeededFuture(Optional.empty()) : prepared;
        prepared = null;
        return ready.compose(found -> found.map(Future::succeededFuture)
                .orElseGet(() -> workshop.shortWork()
                        .executeBlocking(
                                () -> evicting ? workshop.store().begin(expected) : inFreeRoom(expected), false)));
    }

    private Intake inFreeRoom(Expected expected) throws IOException {
        return workshop.store()
                .prepare(expected)
                .orElseThrow(
                        () -> new IOException("no room is free, and nothing leaves for what nobody has asked for"));
    }

    /** Nobody needs it any more. */
    void abandon() {
        if (prepared != null) {
            prepared.onSuccess(found -> found.ifPresent(workshop::discard));
            prepared = null;
        }
    }
}
