package dev.flotilla.mirror.pages;

import dev.flotilla.mirror.simple.ProvenancePath;
import dev.flotilla.mirror.store.PageKey;
import dev.flotilla.mirror.store.PagePurge;
import dev.flotilla.mirror.store.PageStore;
import dev.flotilla.mirror.store.StoredPage;
import dev.flotilla.mirror.upstream.PageFetch;
import dev.flotilla.vocabulary.ProjectName;
import java.io.IOException;
import java.time.Instant;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The pages on disk, for those to whom a disk that fails is no reason not to serve: it is logged here. For workers. */
final class KeptPages {
    private static final Logger LOG = LoggerFactory.getLogger(KeptPages.class);

    private final PageStore store;

    KeptPages(PageStore store) {
        this.store = store;
    }

    Optional<StoredPage> read(PageKey key) {
        try {
            return store.read(key);
        } catch (IOException unreadable) {
            LOG.warn("The page {} can't be read from the store: {}", shown(key), unreadable.toString());
            return Optional.empty();
        }
    }

    void write(PageKey key, StoredPage stored) {
        try {
            if (!store.write(key, stored)) {
                LOG.warn("The page {} doesn't fit into the store and is passed through", shown(key));
            }
        } catch (IOException full) {
            LOG.warn("The page {} can't be kept and is passed through: {}", shown(key), full.toString());
        }
    }

    /** Notes that a page was confirmed, which is a rewrite of all of it: {@code right} is when it was right. */
    void confirm(PageKey key, PageFetch.NotModified confirmation, Instant right) {
        read(key)
                .ifPresent(stored -> write(
                        key,
                        new StoredPage(
                                stored.body(),
                                stored.form(),
                                stored.location(),
                                confirmation.validators(),
                                confirmation.lifetime(),
                                stored.serial(),
                                stored.upstream(),
                                right)));
    }

    void remove(PageKey key) {
        try {
            store.remove(key);
        } catch (IOException stubborn) {
            LOG.warn("The page {} can't be removed from the store: {}", shown(key), stubborn.toString());
        }
    }

    /** How many bytes the page has as it is stored; 0 where it isn't. */
    long size(PageKey key) {
        return store.size(key);
    }

    /** What was purged counts as purged from now on; it still has to be carried out. */
    PagePurge purge(PurgeScope scope, boolean hard) {
        return store.purge(scope::covers, hard ? PagePurge.Extent.DELETE : PagePurge.Extent.MARK);
    }

    /** What a page is called in the log. */
    static String shown(PageKey key) {
        return switch (key) {
            case PageKey.Project(ProjectName name) -> name.normal();
            case PageKey.Provenance(ProvenancePath path) -> path.path();
            case PageKey.RootList ignored -> "of all projects";
        };
    }
}
