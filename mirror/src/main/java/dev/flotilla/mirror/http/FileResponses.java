package dev.flotilla.mirror.http;

import dev.flotilla.mirror.files.FileAnswer;
import dev.flotilla.mirror.files.FileService;
import dev.flotilla.mirror.files.GrowingFile;
import dev.flotilla.mirror.simple.FilePath;
import dev.flotilla.mirror.store.StoredFile;
import io.vertx.core.Future;
import io.vertx.core.http.HttpHeaders;
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

    private final FileService files;

    FileResponses(FileService files) {
        this.files = files;
    }

    void answer(Exchange exchange, FilePath path) {
        answer(exchange, path, true);
    }

    /** @param again whether the file may be asked for once more, where the one on disk turns out to be unreadable */
    private void answer(Exchange exchange, FilePath path, boolean again) {
        exchange.answer(files.open(path), answer -> {
            switch (answer) {
                case FileAnswer.Stored stored -> send(exchange, path, stored, again);
                case FileAnswer.Growing growing -> send(exchange, path, growing.file());
                case FileAnswer.Unknown unknown -> exchange.fail(FailureMapping.of(unknown));
                case FileAnswer.Forbidden forbidden -> exchange.fail(FailureMapping.of(forbidden));
                case FileAnswer.Unavailable unavailable -> exchange.fail(FailureMapping.of(unavailable));
            }
        });
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

    private void send(Exchange exchange, FilePath path, FileAnswer.Stored stored, boolean again) {
        StoredFile file = stored.file();
        if (exchange.isOver()) {
            file.release();
            return;
        }
        String etag = '"' + file.digest().hex() + '"';
        describe(exchange, path, etag, cache(stored.delivery()));
        exchange.put(HttpHeaders.ACCEPT_RANGES, Fields.BYTES);
        Optional<String> known = Fields.joined(exchange.request(), HttpHeaders.IF_NONE_MATCH);
        if (known.isPresent() && EntityTags.anyMatches(known.get(), etag)) {
            exchange.response().headers().remove(HttpHeaders.CONTENT_TYPE);
            exchange.end(304).onComplete(sent -> file.release());
            return;
        }
        switch (range(exchange, etag, file.size())) {
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

    /** Ranges are for GET alone (RFC 9110, section 14.2), and only of the very file that {@code If-Range} names. */
    private static ByteRange range(Exchange exchange, String etag, long size) {
        String range = exchange.request().getHeader(Fields.RANGE);
        String condition = exchange.request().getHeader(Fields.IF_RANGE);
        if (range == null || exchange.isHead() || (condition != null && !EntityTags.isStrongly(condition, etag))) {
            return new ByteRange.Whole();
        }
        return ByteRange.parse(range, size);
    }

    private void send(
            Exchange exchange, FilePath path, int status, StoredFile file, long offset, long length, boolean again) {
        exchange.put(HttpHeaders.CONTENT_LENGTH, Long.toString(length));
        if (exchange.isHead() || length == 0) {
            exchange.end(status).onComplete(sent -> file.release());
            return;
        }
        var response = exchange.response().setStatusCode(status);
        response.sendFile(file.path().toString(), offset, length).onComplete(sent -> {
            if (!response.headWritten() && !response.closed()) {
                LOG.warn("The file {} can't be read: {}", file.digest(), String.valueOf(sent.cause()));
                exchange.answer(
                        files.drop(file).transform(dropped -> Future.succeededFuture(again)),
                        more -> withoutIt(exchange, path, more));
                return;
            }
            exchange.finished(sent.succeeded() ? Future.succeededFuture() : Future.failedFuture(sent.cause()));
            // A file that has become shorter is sent as far as it goes, under the length that it should have.
            boolean shorter = sent.succeeded() && response.bytesWritten() < length;
            if (shorter) {
                files.drop(file);
            } else {
                file.release();
            }
            if (shorter || (sent.failed() && !response.closed())) {
                LOG.warn(
                        "The file {} was not sent whole: {}",
                        file.digest(),
                        shorter ? "it is shorter on disk" : String.valueOf(sent.cause()));
                exchange.cut();
            }
        });
    }

    /** The file is no longer in the store: now upstream is asked for it. */
    private void withoutIt(Exchange exchange, FilePath path, boolean again) {
        exchange.takeBack();
        if (again) {
            answer(exchange, path, false);
        } else {
            exchange.fail(FailureMapping.of(new FileAnswer.Unavailable("it can't be read from the store")));
        }
    }

    private static void send(Exchange exchange, FilePath path, GrowingFile file) {
        if (exchange.isOver()) {
            file.release();
            return;
        }
        describe(exchange, path, '"' + file.attemptTag() + '"', file.isCoalesced() ? "coalesced" : "miss");
        if (file.size().isPresent()) {
            exchange.put(HttpHeaders.CONTENT_LENGTH, Long.toString(file.size().getAsLong()));
            exchange.put(HttpHeaders.ACCEPT_RANGES, Fields.BYTES);
        }
        if (exchange.isHead()) {
            file.release();
            exchange.end(200);
            return;
        }
        var response = exchange.response().setStatusCode(200);
        if (file.size().isEmpty()) {
            response.setChunked(true);
        }
        response.closeHandler(gone -> file.release());
        exchange.finished(file.streamTo(response).compose(streamed -> response.end()))
                .onFailure(broken -> {
                    if (!response.closed()) {
                        LOG.warn("{} was cut off: {}", path.filename(), String.valueOf(broken.getMessage()));
                    }
                    exchange.cut();
                });
    }
}
