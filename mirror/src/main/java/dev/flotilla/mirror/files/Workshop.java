package dev.flotilla.mirror.files;

import dev.flotilla.mirror.simple.FilePath;
import dev.flotilla.mirror.store.BlobStore;
import dev.flotilla.mirror.store.Intake;
import dev.flotilla.mirror.store.StoredFile;
import dev.flotilla.mirror.upstream.FileSource;
import dev.flotilla.mirror.upstream.Misses;
import dev.flotilla.mirror.upstream.Trail;
import dev.flotilla.vocabulary.Sha256;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.VertxInternal;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What every download works with.
 *
 * @param shortWork for what blocks for a moment: reads and writes of a part of a file
 * @param longWork for what takes a while: synchronising with the disk, reading whole files
 * @param closing whether nothing new is to be begun
 */
record Workshop(
        Vertx vertx,
        BlobStore store,
        FileSource source,
        FileLimits limits,
        WorkerExecutor shortWork,
        WorkerExecutor longWork,
        DownloadTurns turns,
        Misses misses,
        FileMeters meters,
        Attempts attempts,
        Portions portions,
        OpenFiles openFiles,
        AtomicBoolean closing) {
    private static final Logger LOG = LoggerFactory.getLogger(Workshop.class);

    /**
     * A context for one download, which belongs to no client, on the event loop of the first one, whose connections spread over
     * the loops: so what comes reaches that client without a turn between threads.
     */
    Context newContext(Trail trail) {
        var internal = (VertxInternal) vertx;
        ContextInternal caller = internal.getContext();
        Context context = caller != null && caller.isEventLoopContext()
                ? internal.contextBuilder()
                        .withEventLoop(caller.nettyEventLoop())
                        .build()
                : internal.createEventLoopContext();
        trail.in(context);
        return context;
    }

    /** Runs {@code task} on {@code context}: at once for whoever is there already, since a busy loop's next turn may be a while off. */
    static void on(Context context, Runnable task) {
        if (context.equals(Vertx.currentContext())) {
            task.run();
        } else {
            context.runOnContext(turn -> task.run());
        }
    }

    /** The file at {@code path}, held, if it is in the books or on disk. On the caller's context; never fails. */
    Future<Optional<StoredFile>> seek(FilePath path) {
        return seek(store.find(path), () -> store.seek(path));
    }

    /** The file with this digest, held, if it is in the books or on disk. On the caller's context; never fails. */
    Future<Optional<StoredFile>> seek(Sha256 digest) {
        return seek(store.find(digest), () -> store.seek(digest));
    }

    private Future<Optional<StoredFile>> seek(Optional<StoredFile> known, Callable<Optional<StoredFile>> onDisk) {
        if (known.isPresent() || store.knowsAll()) {
            return Future.succeededFuture(known);
        }
        Promise<Optional<StoredFile>> promise = Promise.promise();
        shortWork
                .executeBlocking(onDisk, false)
                .onSuccess(promise::complete)
                .onFailure(unable -> promise.complete(Optional.empty()));
        return promise.future();
    }

    /** Ends an intake, if it isn't over, and the writer's use of it; completes once its room is free again. */
    Future<Void> discard(Intake intake) {
        return shortWork
                .executeBlocking(
                        () -> {
                            intake.discard();
                            intake.close();
                            return true;
                        },
                        false)
                .<Void>mapEmpty()
                .onFailure(cause -> LOG.warn("can't close a temporary file: {}", cause.toString()));
    }

    /** Ends one reader's use of an intake. */
    void close(Intake intake) {
        shortWork
                .executeBlocking(
                        () -> {
                            intake.close();
                            return true;
                        },
                        false)
                .onFailure(cause -> LOG.warn("can't close a temporary file: {}", cause.toString()));
    }

    /** Has a stored file that can't be read leave the store, and releases it. */
    Future<Void> drop(StoredFile unreadable) {
        return shortWork
                .executeBlocking(
                        () -> {
                            unreadable.reportUnreadable();
                            unreadable.release();
                            return true;
                        },
                        false)
                .mapEmpty();
    }

    /** Remembers a path; that it couldn't be remembered costs a look at the page the next time, no more. */
    void learn(FilePath path, StoredFile file) {
        try {
            store.learn(path, file);
        } catch (IOException forgotten) {
            LOG.warn("can't remember {}: {}", path.path(), forgotten.toString());
        }
    }
}
