package dev.flotilla.mirror.files;

import dev.flotilla.mirror.store.Expected;
import dev.flotilla.mirror.upstream.Deferral;
import dev.flotilla.mirror.upstream.FileFetch;
import dev.flotilla.mirror.upstream.FileSource;
import dev.flotilla.mirror.upstream.Turns;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.net.URI;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Gets a file for one client past the store, which can't take it. Each such client has a download of its own, which takes a
 * turn as any other does. Safe for use from any thread.
 */
final class Bypass {
    private final Workshop workshop;

    Bypass(Workshop workshop) {
        this.workshop = workshop;
    }

    /**
     * What goes past the store.
     *
     * @param location where it is
     * @param expected what it has to be
     * @param largest how many bytes it can have at most
     */
    record Passage(URI location, Expected expected, long largest) {}

    /**
     * What a client has of the file before it goes past the store.
     *
     * @param length how many bytes, from the start
     * @param source where they can be read again
     */
    record Sent(long length, Portions.Source source) {
        static final Sent NOTHING = new Sent(0, (target, position) -> {});
    }

    /** The answer for one client, within its patience: a turn that comes later isn't used. */
    Future<FileAnswer> open(Passage passage, Patience patience) {
        return open(passage, Sent.NOTHING, patience);
    }

    /** The same for a client that has a part of the file: what streams is the rest. */
    Future<FileAnswer> open(Passage passage, Sent sent, Patience patience) {
        Context context = workshop.vertx().getOrCreateContext();
        Promise<FileAnswer> answer = Promise.promise();
        var late = new AtomicBoolean();
        Turns turns = workshop.turns().of(passage.location());
        boolean queued = turns.request(() -> context.runOnContext(turn -> {
            if (late.get()) {
                turns.done();
            } else {
                ask(passage, sent, turns, context).onComplete(answer);
            }
        }));
        if (!queued) {
            return Future.succeededFuture(
                    new FileAnswer.Unavailable("too many downloads are waiting", Optional.of(Deferral.busy())));
        }
        return patience.within(
                answer.future(),
                () -> {
                    late.set(true);
                    return patience.late();
                },
                FileAnswer::release);
    }

    private Future<FileAnswer> ask(Passage passage, Sent sent, Turns turns, Context context) {
        Promise<FileAnswer> answer = Promise.promise();
        workshop.source()
                .open(passage.location(), FileSource.Attempt.single())
                .onComplete(result -> context.runOnContext(back -> {
                    FileFetch fetch = result.succeeded()
                            ? result.result()
                            : new FileFetch.Failed(String.valueOf(result.cause().getMessage()), false);
                    answer.complete(answer(fetch, passage, sent, turns, context));
                }));
        return answer.future();
    }

    private FileAnswer answer(FileFetch fetch, Passage passage, Sent sent, Turns turns, Context context) {
        return switch (fetch) {
            case FileFetch.Opened opened ->
                new FileAnswer.Growing(new PassingFile(opened, context, passage, sent, workshop, turns::done));
            case FileFetch.Absent absent -> {
                turns.done();
                yield new FileAnswer.Unknown();
            }
            case FileFetch.NotResumed(String reason, OptionalLong size) -> {
                turns.done();
                yield new FileAnswer.Unavailable(reason);
            }
            case FileFetch.Failed(String reason, boolean worthRetrying, Optional<Deferral> deferral) -> {
                turns.done();
                yield new FileAnswer.Unavailable(reason, deferral);
            }
        };
    }
}
