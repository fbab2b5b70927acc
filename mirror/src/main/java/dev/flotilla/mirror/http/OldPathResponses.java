package dev.flotilla.mirror.http;

import dev.flotilla.mirror.pages.NamedFile;
import dev.flotilla.mirror.pages.NamedFiles;
import dev.flotilla.mirror.policy.View;
import dev.flotilla.mirror.simple.FilePath;
import dev.flotilla.mirror.simple.OldPath;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import java.time.Duration;
import java.util.Optional;

/**
 * Leads from files' old addresses to those with their digests, as the public index's file host does: by 302, since clients
 * keep 301 and 308 for ever, and relative, so that it holds behind any prefix and in every region.
 */
final class OldPathResponses {
    /** An old address has three segments between {@code packages/} and the file's name. */
    private static final String PACKAGES = "../../../";

    private final NamedFiles files;
    private final FailureMapping failures;

    OldPathResponses(NamedFiles files, FailureMapping failures) {
        this.files = files;
        this.failures = failures;
    }

    void answer(Exchange exchange, View view, OldPath path) {
        exchange.answer(files.find(view, path.project(), path.filename()), named -> {
            switch (named) {
                case NamedFile.Offered offered -> lead(exchange, path.to(offered.file()), offered.remaining());
                case NamedFile.Absent absent -> exchange.fail(FailureMapping.of(absent));
                case NamedFile.Forbidden forbidden -> exchange.fail(FailureMapping.of(forbidden));
                case NamedFile.Unavailable unavailable -> exchange.fail(failures.of(unavailable));
            }
        });
    }

    private static void lead(Exchange exchange, Optional<FilePath> target, Duration remaining) {
        if (target.isEmpty()) {
            exchange.fail(FailureMapping.of(new NamedFile.Absent("no digest of it is known")));
            return;
        }
        String location = PACKAGES + target.get().path();
        exchange.put(HttpHeaders.LOCATION, location)
                .put(HttpHeaders.CACHE_CONTROL, "max-age=" + remaining.toSeconds())
                .put(HttpHeaders.CONTENT_TYPE, Fields.PLAIN_TEXT);
        exchange.end(302, Buffer.buffer("It is at " + location + "\n"));
    }
}
