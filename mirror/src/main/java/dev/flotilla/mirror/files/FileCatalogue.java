package dev.flotilla.mirror.files;

import dev.flotilla.mirror.policy.View;
import dev.flotilla.mirror.simple.FilePath;
import io.vertx.core.Future;

/** Knows from the project pages what a file is and where it comes from. Safe for use from any thread. */
public interface FileCatalogue {
    /** What the pages say about the file at {@code path}, which is never that of a {@code .metadata} file. */
    Future<FileOffer> find(FilePath path);

    /**
     * Whether the file at {@code path}, or its metadata, may be given out, by what is in memory: a look-up. Sees to it that
     * a page that is older than its lifetime is renewed in the background. A catalogue without rules clears everything.
     */
    default Clearance clearance(FilePath path) {
        return Clearance.CLEAR;
    }

    /** The same by the pages that are kept on disk, too, without asking upstream; never {@link Clearance.Unsettled}. */
    default Future<Clearance> settle(FilePath path) {
        return Future.succeededFuture(Clearance.CLEAR);
    }

    /**
     * Whether {@code view} shows the file at {@code path}, or its metadata, by the page that names it, which is had like any
     * page. A catalogue without pages shows nothing in views.
     */
    default Future<Visibility> visibility(FilePath path, View view) {
        return Future.succeededFuture(
                view instanceof View.Plain
                        ? new Visibility.Shown()
                        : new Visibility.Hidden("no page says how old it is"));
    }
}
