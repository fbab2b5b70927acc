package dev.flotilla.mirror.pages;

import dev.flotilla.mirror.store.Neighbours;
import io.vertx.core.Future;
import io.vertx.core.WorkerExecutor;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Purges for all mirrors that have one store open: the one that is asked carries a purge out, in its memory and on disk, and then has the
 * others forget what they have in memory. For any thread.
 */
public final class SharedPurges {
    private static final Logger LOG = LoggerFactory.getLogger(SharedPurges.class);
    private static final String HARD = "hard ";
    private static final String SOFT = "soft ";

    /** Many times what a mirror takes that lives: it looks five times a second. */
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final PageCache pages;
    private final Neighbours neighbours;
    private final WorkerExecutor workers;

    /** Blocks for a moment. */
    public SharedPurges(PageCache pages, Neighbours neighbours, WorkerExecutor workers) {
        this.pages = pages;
        this.neighbours = neighbours;
        this.workers = workers;
        try {
            neighbours.listen();
        } catch (IOException full) {
            LOG.warn("This mirror can't be told of purges by another one: {}", full.toString());
        }
    }

    /** As {@link PageCache#purge}, with the other mirrors. */
    public Future<Optional<PurgeReport>> purge(PurgeScope scope, boolean hard) {
        return pages.purge(scope, hard)
                .compose(report -> report.isEmpty()
                        ? Future.succeededFuture(report)
                        : workers.executeBlocking(
                                () -> Optional.of(report.get().withUntold(tell(scope, hard))), false));
    }

    /** After the disk: who opens the store from now on finds there that the pages are purged. */
    private int tell(PurgeScope scope, boolean hard) throws InterruptedException {
        try {
            return neighbours.tell((hard ? HARD : SOFT) + scope.shown(), PATIENCE);
        } catch (IOException full) {
            LOG.warn("No other mirror can be told of a purge: {}", full.toString());
            return 1;
        }
    }

    /** Does what other mirrors have told this one. To be called again and again; blocks for a moment. */
    public void hear() {
        try {
            for (Neighbours.Note note : neighbours.heard()) {
                boolean hard = !note.text().startsWith(SOFT);
                var scope = PurgeScope.ofShown(
                        note.text().substring(Math.min(note.text().length(), HARD.length())));
                pages.purgedByAnother(scope, hard);
                LOG.info("another mirror of this store purged {}", scope.shown());
                note.done();
            }
        } catch (IOException unreadable) {
            LOG.warn("What other mirrors say can't be read: {}", unreadable.toString());
        }
    }
}
