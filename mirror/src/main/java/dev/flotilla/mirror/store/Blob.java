package dev.flotilla.mirror.store;

import dev.flotilla.vocabulary.Sha256;
import java.util.ArrayList;
import java.util.List;

/** One whole file in the store, and who holds it. Safe for use from any thread. */
final class Blob {
    private final Sha256 digest;
    private final long size;
    private final List<PathKey> paths = new ArrayList<>(1);
    private int holds;
    private boolean gone;

    Blob(Sha256 digest, long size) {
        this.digest = digest;
        this.size = size;
    }

    Sha256 digest() {
        return digest;
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

    /** Marks it as gone although somebody may hold it; false when it was already. */
    synchronized boolean lose() {
        boolean first = !gone;
        gone = true;
        return first;
    }

    /** Notes a path that leads here; false when it is gone. */
    synchronized boolean addPath(PathKey path) {
        if (gone) {
            return false;
        }
        paths.add(path);
        return true;
    }

    /** The paths that lead here. */
    synchronized List<PathKey> paths() {
        return List.copyOf(paths);
    }
}
