package dev.flotilla.mirror.http;

import dev.flotilla.mirror.files.FileAnswer;
import dev.flotilla.mirror.files.FileService;
import dev.flotilla.mirror.files.GrowingFile;
import dev.flotilla.mirror.files.HotFile;
import dev.flotilla.mirror.files.UnreadableException;
import dev.flotilla.mirror.policy.View;
import dev.flotilla.mirror.simple.FilePath;
import dev.flotilla.mirror.store.StoredFile;
import dev.flotilla.vocabulary.Sha256;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.streams.WriteStream;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers requests for files (RFC 9110, sections 13 and 14): whole ones from the disk with ranges and validators, coming ones
 * as they come. Never with a content coding: an archive is what it is.
 */
final class FileResponses {
    private static final Logger LOG = LoggerFactory.getLogger(FileResponses.class);

    /** PEP 825 lets these change under one name, so nobody may keep them for ever. */
    private static final String MUTABLE_ENDING = "-variants.json";

    private static final CharSequence SHORT_LIVED = HttpHeaders.createOptimized("max-age=600");
    private static final CharSequence OCTETS = HttpHeaders.createOptimized("application/octet-stream");
    private static final CharSequence JSON = HttpHeaders.createOptimized("application/json");

    private static final String SHORTER = "it is shorter on disk";

    private final FileService files;
    private final FailureMapping failures;

    FileResponses(FileService files, FailureMapping failures) {
        this.files = files;
        this.failures = failures;
    }

    /** Answers with the files as {@code view} shows them. */
    FileResponses in(View view) {
        return view.hides() ? new FileResponses(files.in(view), failures) : this;
    }

    void answer(Exchange exchange, FilePath path) {
        answer(exchange, path, true);
    }

    /** @param again whether the file may be asked for once more, where the one on disk turns out to be unreadable */
    private void answer(Exchange exchange, FilePath path, boolean again) {
        var conditions = FileConditions.of(exchange.request());
        exchange.answer(files.open(path), answer -> {
            if (answer instanceof FileAnswer.Growing(GrowingFile file) && needsVerdict(exchange, conditions, file)) {
                exchange.answer(file.settled(), settled -> answer(exchange, path, conditions, settled, again));
            } else {
                answer(exchange, path, conditions, answer, again);
            }
        });
    }

    /** What depends on the file's tag or length can't be answered while nothing is verified; it soon may be. */
    private static boolean needsVerdict(Exchange exchange, FileConditions conditions, GrowingFile file) {
        return conditions.needTheFile() || (file.size().isEmpty() && (exchange.isHead() || endsByClosing(exchange)));
    }

    /** Before HTTP/1.1 a body without length ends with the connection: one that is cut off would look like a whole one. */
    private static boolean endsByClosing(Exchange exchange) {
        return exchange.request().version() == HttpVersion.HTTP_1_0;
    }

    private void answer(Exchange exchange, FilePath path, FileConditions conditions, FileAnswer answer, boolean again) {
        switch (answer) {
            case FileAnswer.Stored stored -> send(exchange, path, conditions, stored, again);
            case FileAnswer.Growing growing -> send(exchange, path, conditions, growing.file());
            case FileAnswer.Unknown unknown -> exchange.fail(FailureMapping.of(unknown));
            case FileAnswer.Forbidden forbidden -> exchange.fail(FailureMapping.of(forbidden));
            case FileAnswer.Unavailable unavailable -> exchange.fail(failures.of(unavailable));
        }
    }

    private static void describe(Exchange exchange, FilePath path, String etag, String cache) {
        boolean mutable = path.filename().endsWith(MUTABLE_ENDING);
        exchange.cache(cache)
                .put(HttpHeaders.ETAG, etag)
                .put(HttpHeaders.CACHE_CONTROL, mutable ? SHORT_LIVED : Fields.IMMUTABLE)
                .put(Fields.X_CONTENT_TYPE_OPTIONS, Fields.NOSNIFF)
                .put(HttpHeaders.CONTENT_TYPE, contentType(path));
    }

    private static String cache(FileAnswer.Delivery delivery) {
        return switch (delivery) {
            case HIT -> "hit";
            case MISS -> "miss";
            case COALESCED -> "coalesced";
        };
    }

    private static CharSequence contentType(FilePath path) {
        if (path.metadata()) {
            return Fields.PLAIN_TEXT;
        }
        return path.filename().endsWith(".json") ? JSON : OCTETS;
    }

    private void send(
            Exchange exchange, FilePath path, FileConditions conditions, FileAnswer.Stored stored, boolean again) {
        StoredFile file = stored.file();
        if (exchange.isOver()) {
            file.release();
            return;
        }
        String etag = quoted(file.digest().hex());
        var outcome = conditions.judge(tag -> isCurrent(tag, etag, file.digest()), file.size());
        if (outcome instanceof FileConditions.Outcome.Send(ByteRange.Whole ignored)
                && file.size() > 0
                && !exchange.isHead()) {
            whole(exchange, path, stored, etag, again);
            return;
        }
        describe(exchange, path, stored, etag);
        switch (outcome) {
            case FileConditions.Outcome.Another ignored -> {
                file.release();
                exchange.takeBack().fail(FailureMapping.anotherFile());
            }
            case FileConditions.Outcome.Unchanged ignored -> {
                exchange.response().headers().remove(HttpHeaders.CONTENT_TYPE);
                exchange.end(304).onComplete(sent -> file.release());
            }
            case FileConditions.Outcome.Send(ByteRange range) -> send(exchange, path, range, file, again);
        }
    }

    private static void describe(Exchange exchange, FilePath path, FileAnswer.Stored stored, String etag) {
        describe(exchange, path, etag, cache(stored.delivery()));
        exchange.put(HttpHeaders.ACCEPT_RANGES, Fields.BYTES);
    }

    /** All that the heads of whole files differ in. */
    private record Head(FilePath path, Sha256 digest, FileAnswer.Delivery delivery) {}

    /** All of a file, of which several may want the same head. */
    private void whole(Exchange exchange, FilePath path, FileAnswer.Stored stored, String etag, boolean again) {
        StoredFile file = stored.file();
        exchange.head(cache(stored.delivery()), new Head(path, file.digest(), stored.delivery()), head -> {
            describe(head, path, stored, etag);
            head.put(HttpHeaders.CONTENT_LENGTH, Long.toString(file.size()));
        });
        body(exchange, path, 200, file, 0, file.size(), again);
    }

    /** The digest, or an attempt that became this very file. */
    private boolean isCurrent(String tag, String etag, Sha256 digest) {
        return tag.equals(etag)
                || (tag.length() > 2
                        && tag.startsWith("\"")
                        && tag.endsWith("\"")
                        && files.isAttempt(tag.substring(1, tag.length() - 1), digest));
    }

    private static String quoted(String tag) {
        return '"' + tag + '"';
    }

    private void send(Exchange exchange, FilePath path, ByteRange range, StoredFile file, boolean again) {
        switch (range) {
            case ByteRange.Whole ignored -> send(exchange, path, 200, file, 0, file.size(), again);
            case ByteRange.Part part -> {
                exchange.put(
                        HttpHeaders.CONTENT_RANGE,
                        "bytes " + part.offset() + "-" + (part.offset() + part.length() - 1) + "/" + file.size());
                send(exchange, path, 206, file, part.offset(), part.length(), again);
            }
            case ByteRange.Unsatisfiable ignored -> {
                exchange.put(HttpHeaders.CONTENT_RANGE, "bytes */" + file.size());
                file.release();
                exchange.fail(FailureMapping.rangeNotSatisfiable());
            }
        }
    }

    private void send(
            Exchange exchange, FilePath path, int status, StoredFile file, long offset, long length, boolean again) {
        exchange.put(HttpHeaders.CONTENT_LENGTH, Long.toString(length));
        if (exchange.isHead() || length == 0) {
            exchange.end(status).onComplete(sent -> file.release());
            return;
        }
        body(exchange, path, status, file, offset, length, again);
    }

    /** Sends so many bytes from {@code offset} on, of which the head says all already. */
    private void body(
            Exchange exchange, FilePath path, int status, StoredFile file, long offset, long length, boolean again) {
        Optional<HotFile> hot = files.hot(file);
        if (hot.isEmpty() && exchange.takesFiles()) {
            hot = files.mapped(file, offset, length);
        }
        if (hot.isPresent()) {
            file.release();
            HotFile lent = hot.get();
            if (exchange.takesFiles() && lent.isSentBySystem(length)) {
                sendOpen(exchange, status, lent, file.digest(), offset, length);
                return;
            }
            exchange.endAsSaid(status, lent.part(offset, length)).onComplete(sent -> lent.release());
            return;
        }
        var response = exchange.response().setStatusCode(status);
        Future<Void> sending = exchange.takesFiles()
                ? response.sendFile(file.path().toString(), offset, length)
                : stream(file, offset, length, exchange.body());
        sending.onComplete(sent -> {
            if (!response.headWritten() && !response.closed()) {
                if (!exchange.takesFiles() && !(sent.cause() instanceof UnreadableException)) {
                    // There is no room to read it in, or no descriptor: no fault of the file.
                    file.release();
                    exchange.takeBack()
                            .fail(failures.of(new FileAnswer.Unavailable(
                                    "it can't be read now: " + sent.cause().getMessage())));
                    return;
                }
                LOG.warn("The file {} can't be read: {}", file.digest(), String.valueOf(sent.cause()));
                exchange.answer(
                        files.drop(file).transform(dropped -> Future.succeededFuture(again)),
                        more -> withoutIt(exchange, path, more));
                return;
            }
            exchange.finished(sent.succeeded() ? Future.succeededFuture() : Future.failedFuture(sent.cause()));
            // A file that has become shorter is sent as far as it goes, under the length that it should have.
            boolean shorter = sent.succeeded() && exchange.takesFiles() && response.bytesWritten() < length;
            if (shorter || sent.cause() instanceof UnreadableException) {
                files.drop(file);
            } else {
                file.release();
            }
            if (shorter || (sent.failed() && !response.closed())) {
                notWhole(exchange, file.digest(), shorter ? SHORTER : String.valueOf(sent.cause()));
            }
        });
    }

    /** What was lent is as long as it should be: who cuts it meanwhile has the answer cut. */
    private static void sendOpen(Exchange exchange, int status, HotFile lent, Sha256 digest, long offset, long length) {
        var response = exchange.response().setStatusCode(status);
        exchange.finished(lent.send(response::sendFile, offset, length)).onComplete(sent -> {
            lent.release();
            if (sent.failed() || response.bytesWritten() < length) {
                notWhole(exchange, digest, sent.failed() ? String.valueOf(sent.cause()) : SHORTER);
            }
        });
    }

    private static void notWhole(Exchange exchange, Sha256 digest, String why) {
        if (exchange.hasClient()) {
            LOG.warn("The file {} was not sent whole: {}", digest, why);
        }
        exchange.cut();
    }

    private Future<Void> stream(StoredFile file, long offset, long length, WriteStream<Buffer> body) {
        return files.stream(file, offset, length, body).compose(streamed -> body.end());
    }

    /** The file is no longer in the store: now upstream is asked for it. */
    private void withoutIt(Exchange exchange, FilePath path, boolean again) {
        exchange.takeBack();
        if (again) {
            answer(exchange, path, false);
        } else {
            exchange.fail(failures.of(new FileAnswer.Unavailable("it can't be read from the store")));
        }
    }

    private void send(Exchange exchange, FilePath path, FileConditions conditions, GrowingFile file) {
        if (exchange.isOver()) {
            file.release();
            return;
        }
        String etag = quoted(file.attemptTag());
        if (!conditions.admitUnverified(etag::equals) || (file.size().isEmpty() && endsByClosing(exchange))) {
            file.release();
            exchange.fail(failures.of(new FileAnswer.Unavailable("it is on its way and not yet verified")));
            return;
        }
        describe(exchange, path, etag, file.isCoalesced() ? "coalesced" : "miss");
        exchange.put(HttpHeaders.ACCEPT_RANGES, Fields.BYTES);
        if (file.size().isPresent()) {
            exchange.put(HttpHeaders.CONTENT_LENGTH, Long.toString(file.size().getAsLong()));
        }
        if (exchange.isHead()) {
            file.release();
            exchange.end(200);
            return;
        }
        var response = exchange.response().setStatusCode(200);
        if (file.size().isEmpty()) {
            // HTTP/2 frames what comes anyway, and takes no notice.
            response.setChunked(true);
        }
        response.closeHandler(gone -> file.release());
        WriteStream<Buffer> body = exchange.body();
        exchange.finished(file.streamTo(body).compose(streamed -> body.end())).onFailure(broken -> {
            if (!response.closed()) {
                LOG.warn("{} was cut off: {}", path.filename(), String.valueOf(broken.getMessage()));
            }
            exchange.cut();
        });
    }
}
