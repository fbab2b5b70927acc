package dev.flotilla.mirror.store;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One whole file in the store, and who holds it. It is its own key in the books, so that a million of them stay small. Safe
 * for use from any thread.
 */
final class Blob extends DigestKey {
    private final long size;
    private @Nullable Link links;
    private int holds;
    private boolean gone;

    Blob(DigestKey digest, long size) {
        super(digest);
        this.size = size;
    }

    /** A path that leads to a blob; its own key, too. */
    static final class Link extends PathKey {
        private final Blob blob;
        private @Nullable Link next;

        Link(PathKey path, Blob blob) {
            super(path);
            this.blob = blob;
        }

        Blob blob() {
            return blob;
        }
    }

    long size() {
        return size;
    }

    /** Holds it against eviction; false when it is gone. */
    synchronized boolean hold() {
        if (gone) {
            return false;
        }
        holds++;
        return true;
    }

    synchronized void letGo() {
        holds--;
    }

    /** Marks it as gone unless somebody holds it: from then on nobody can. */
    synchronized boolean leave() {
        if (holds > 0 || gone) {
            return false;
        }
        gone = true;
        return true;
    }

    /** Takes {@link #leave} back. */
    synchronized void stay() {
        gone = false;
    }

    /** Marks it as gone although somebody may hold it; false when it was already. */
    synchronized boolean lose() {
        boolean first = !gone;
        gone = true;
        return first;
    }

    /** Notes a path that leads here; false when it is gone. */
    synchronized boolean add(Link link) {
        if (gone) {
            return false;
        }
        link.next = links;
        links = link;
        return true;
    }

    /** The paths that lead here. */
    synchronized List<Link> links() {
        var all = new ArrayList<Link>(1);
        for (Link link = links; link != null; link = link.next) {
            all.add(link);
        }
        return all;
    }
}
