package dev.flotilla.mirror.http;

import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * What a request for a file makes depend on the file that the client has (RFC 9110, sections 13.1, 13.2.2 and 14.2). Files
 * have no date of modification, only tags, so that fields with dates are passed over, as sections 13.1.3 and 13.1.4 want it,
 * and a date in {@code If-Range} names no file (section 13.1.5).
 *
 * @param match the tags of which the file must have one
 * @param noneMatch the tags of which it must have none
 * @param range the part that is wanted; for GET alone
 * @param ifRange what the file must be for a part of it to be of use
 */
record FileConditions(
        Optional<String> match, Optional<String> noneMatch, Optional<String> range, Optional<String> ifRange) {
    static FileConditions of(HttpServerRequest request) {
        boolean get = request.method().equals(HttpMethod.GET);
        return new FileConditions(
                Fields.joined(request, HttpHeaders.IF_MATCH),
                Fields.joined(request, HttpHeaders.IF_NONE_MATCH),
                get ? Fields.joined(request, Fields.RANGE) : Optional.empty(),
                Fields.joined(request, Fields.IF_RANGE));
    }

    /** Whether nothing can be answered rightly before it is known which file it is. */
    boolean needTheFile() {
        return match.isPresent() || noneMatch.isPresent() || range.isPresent();
    }

    /** What is to be sent. */
    sealed interface Outcome {
        /** The client's copy is the file (304). */
        record Unchanged() implements Outcome {}

        /** The file isn't the one that the client means (412). */
        record Another() implements Outcome {}

        /** This of it. */
        record Send(ByteRange range) implements Outcome {}
    }

    /**
     * Judges them against a file, in the order of section 13.2.2.
     *
     * @param isCurrent whether a tag, quotes included, is one of the file
     */
    Outcome judge(Predicate<String> isCurrent, long size) {
        if (match.isPresent() && !EntityTags.anyIsStrongly(match.get(), isCurrent)) {
            return new Outcome.Another();
        }
        if (noneMatch.isPresent() && EntityTags.anyMatches(noneMatch.get(), isCurrent)) {
            return new Outcome.Unchanged();
        }
        boolean whole = range.isEmpty()
                || (ifRange.isPresent() && !isCurrent.test(ifRange.get().strip()));
        return new Outcome.Send(whole ? new ByteRange.Whole() : ByteRange.parse(range.get(), size));
    }

    /** Whether the client gets a file of which nothing is verified yet: what it means by its tags can't be known. */
    boolean admitUnverified(Predicate<String> isCurrent) {
        return match.isEmpty() || EntityTags.anyIsStrongly(match.get(), isCurrent);
    }
}
