package dev.flotilla.mirror.files;

import dev.flotilla.mirror.simple.FilePath;
import io.vertx.core.Future;

/** Knows from the project pages what a file is and where it comes from. Safe for use from any thread. */
public interface FileCatalogue {
    /** What the pages say about the file at {@code path}, which is never that of a {@code .metadata} file. */
    Future<FileOffer> find(FilePath path);
}
