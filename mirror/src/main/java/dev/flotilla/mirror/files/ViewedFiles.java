package dev.flotilla.mirror.files;

import dev.flotilla.mirror.policy.View;
import dev.flotilla.mirror.simple.FilePath;
import dev.flotilla.mirror.store.StoredFile;
import dev.flotilla.vocabulary.Sha256;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.streams.WriteStream;
import java.util.Optional;

/** The files of a mirror as one view shows them. A file is the same in every view: it is kept, and fetched, once. */
record ViewedFiles(FileService files, FileCatalogue catalogue, View view) implements FileService {
    @Override
    public Future<FileAnswer> open(FilePath path) {
        return catalogue
                .visibility(path, view)
                .recover(fault -> Future.succeededFuture(new Visibility.Unknowable(String.valueOf(fault.getMessage()))))
                .compose(visibility -> switch (visibility) {
                    case Visibility.Shown ignored -> files.open(path);
                    case Visibility.Hidden ignored -> Future.succeededFuture(new FileAnswer.Unknown());
                    case Visibility.Forbidden(String reason) ->
                        Future.succeededFuture(new FileAnswer.Forbidden(reason));
                    case Visibility.Unknowable(String reason, var deferral) ->
                        Future.succeededFuture(new FileAnswer.Unavailable(
                                "whether the view " + view.path() + " shows it can't be found out: " + reason,
                                deferral));
                });
    }

    @Override
    public FileService in(View other) {
        return files.in(other);
    }

    @Override
    public boolean isAttempt(String tag, Sha256 digest) {
        return files.isAttempt(tag, digest);
    }

    @Override
    public Optional<HotFile> hot(StoredFile file) {
        return files.hot(file);
    }

    @Override
    public Optional<HotFile> mapped(StoredFile file, long offset, long length) {
        return files.mapped(file, offset, length);
    }

    @Override
    public Future<Void> stream(StoredFile file, long offset, long length, WriteStream<Buffer> client) {
        return files.stream(file, offset, length, client);
    }

    @Override
    public Future<Void> drop(StoredFile file) {
        return files.drop(file);
    }

    @Override
    public FileFigures figures() {
        return files.figures();
    }
}
