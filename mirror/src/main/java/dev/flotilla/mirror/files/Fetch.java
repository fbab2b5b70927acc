package dev.flotilla.mirror.files;

import dev.flotilla.mirror.files.FileMeters.Cause;
import dev.flotilla.mirror.files.FileMeters.Outcome;
import dev.flotilla.mirror.simple.FilePath;
import dev.flotilla.mirror.store.Expected;
import dev.flotilla.mirror.store.Intake;
import dev.flotilla.mirror.store.StoredFile;
import dev.flotilla.mirror.store.Verdict;
import dev.flotilla.mirror.upstream.FileFetch;
import dev.flotilla.mirror.upstream.FileSource.Resumption;
import dev.flotilla.mirror.upstream.Validators;
import io.vertx.core.Context;
import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One download of one file, on a context of its own: nobody who waits for it owns it. A failed attempt is gone on from where
 * it broke off, since the digests of the whole decide in the end; after a wrong digest nothing is reused.
 */
final class Fetch {
    private static final Logger LOG = LoggerFactory.getLogger(Fetch.class);

    /** An attempt that brought this many bytes wasn't in vain: those before it no longer count. */
    private static final long WORTHWHILE_BYTES = 1 << 20;

    /**
     * What is to be fetched.
     *
     * @param locations where it may be, at least one, best first
     * @param largest how many bytes it can have at most
     */
    record Order(FilePath path, List<URI> locations, Expected expected, long largest) {}

    private final Order order;
    private final Arrival arrival;
    private final Workshop workshop;
    private final Context context;

    private int location;
    private int attempt;
    private int failures;
    private @Nullable Intake intake;
    private OptionalLong size;
    private Validators validators = Validators.none();
    private @Nullable Runnable stop;
    private long received;
    private long attemptStart;
    private boolean committing;
    private boolean over;
    private long deadline;

    Fetch(Order order, Arrival arrival, Workshop workshop, Context context) {
        this.order = order;
        this.arrival = arrival;
        this.workshop = workshop;
        this.context = context;
        this.size = order.expected().size();
    }

    /** Begins, once it is this download's turn. */
    void run() {
        workshop.meters().began();
        if (!workshop.turns().request(() -> context.runOnContext(turn -> start()))) {
            workshop.meters().ended(Outcome.FAILED);
            arrival.end(new Arrival.End.Failed("too many downloads are waiting"));
        }
    }

    private void start() {
        long millis = workshop.limits().downloadDeadline().toMillis();
        deadline = workshop.vertx().setTimer(millis, fired -> {
            workshop.meters().failedAttempt(Cause.DEADLINE);
            fail("the download took longer than " + workshop.limits().downloadDeadline());
        });
        if (size.isPresent() && size.getAsLong() > order.largest()) {
            fail("it has " + size.getAsLong() + " bytes, the limit is " + order.largest());
            return;
        }
        request();
    }

    private URI here() {
        return order.locations().get(location);
    }

    private void request() {
        if (workshop.closing().get()) {
            fail("the mirror is stopping");
            return;
        }
        long written = intake == null ? 0 : intake.written();
        Optional<Resumption> resumption =
                written > 0 ? Optional.of(new Resumption(written, validators.strongEtag())) : Optional.empty();
        workshop.source()
                .open(here(), attempt, resumption)
                .onComplete(result -> context.runOnContext(back -> {
                    FileFetch fetch = result.succeeded()
                            ? result.result()
                            : new FileFetch.Failed(String.valueOf(result.cause().getMessage()), false);
                    switch (fetch) {
                        case FileFetch.Opened body when over -> body.cancel();
                        case FileFetch.Opened body -> receive(body);
                        case FileFetch.Absent absent -> absent();
                        case FileFetch.Failed(String reason, boolean worthRetrying) -> retry(reason, worthRetrying);
                    }
                }));
    }

    private void absent() {
        if (over) {
            return;
        }
        if (intake != null) {
            retry("GET " + here() + ": the file is gone", true);
        } else if (location + 1 < order.locations().size()) {
            location++;
            failures = 0;
            request();
        } else {
            finish(new Arrival.End.Absent(), Outcome.ABSENT);
        }
    }

    private void receive(FileFetch.Opened body) {
        if (size.isPresent()
                && body.size().isPresent()
                && size.getAsLong() != body.size().getAsLong()) {
            body.cancel();
            retry(
                    "GET " + body.location() + ": it has " + body.size().getAsLong() + " bytes in place of "
                            + size.getAsLong(),
                    true);
            return;
        }
        size = size.isPresent() ? size : body.size();
        if (size.orElse(0) > order.largest()) {
            body.cancel();
            fail("GET " + body.location() + ": it has " + size.orElse(0) + " bytes, the limit is " + order.largest());
            return;
        }
        if (intake != null) {
            pump(body, intake);
            return;
        }
        var expected =
                new Expected(size, order.expected().sha256(), order.expected().blake2b());
        workshop.shortWork()
                .executeBlocking(() -> workshop.store().begin(expected), false)
                .onComplete(result -> context.runOnContext(back -> {
                    if (result.failed()) {
                        pass(body, result.cause());
                    } else {
                        begin(body, result.result());
                    }
                }));
    }

    private void begin(FileFetch.Opened body, Intake destination) {
        if (over) {
            body.cancel();
            workshop.discard(destination);
            return;
        }
        intake = destination;
        arrival.into(destination, size);
        pump(body, destination);
    }

    /** The store can't take it: those who wait get it past the store. */
    private void pass(FileFetch.Opened body, Throwable reason) {
        body.cancel();
        if (over) {
            return;
        }
        workshop.meters().failedAttempt(Cause.STORE);
        LOG.warn("{} goes past the store: {}", order.path().path(), reason.getMessage());
        finish(new Arrival.End.Passing(here()), Outcome.PASSED_THROUGH);
    }

    private void pump(FileFetch.Opened body, Intake destination) {
        validators = body.validators();
        attemptStart = destination.written();
        received = attemptStart;
        var pump = new Pump(
                context,
                workshop.shortWork(),
                destination,
                Math.toIntExact(workshop.limits().intakeBuffer().bytes()),
                attemptStart - body.from(),
                size.orElse(order.largest()),
                this::written);
        stop = () -> {
            body.cancel();
            pump.stop();
        };
        pump.run(body.body()).onComplete(ending -> context.runOnContext(back -> ended(ending.result(), body)));
    }

    /** What may be sent: all but the last block of the file, or of what is here where its end isn't known. */
    private void written(long written) {
        workshop.meters().received(written - received);
        received = written;
        long end = size.orElse(written);
        long sendable = Math.min(written, end - workshop.limits().holdBack().bytes());
        if (sendable > 0 && !over) {
            arrival.advance(sendable);
        }
    }

    private void ended(Pump.Ending ending, FileFetch.Opened body) {
        stop = null;
        if (over) {
            discard();
            return;
        }
        switch (ending) {
            case Pump.Ending.Complete complete -> complete(body);
            case Pump.Ending.Interrupted(String reason) -> retry("GET " + body.location() + ": " + reason, true);
            case Pump.Ending.TooLong tooLong -> {
                body.cancel();
                body.accuse();
                mismatch("GET " + body.location() + ": it has more bytes than it should");
            }
            case Pump.Ending.NotTaken(String reason) -> {
                body.cancel();
                notTaken(reason);
            }
        }
    }

    private void notTaken(String reason) {
        workshop.meters().failedAttempt(Cause.STORE);
        discard();
        if (arrival.progress().available() > 0) {
            finish(new Arrival.End.Failed("the store failed while the file came: " + reason), Outcome.FAILED);
        } else {
            LOG.warn("{} goes past the store: {}", order.path().path(), reason);
            finish(new Arrival.End.Passing(here()), Outcome.PASSED_THROUGH);
        }
    }

    private void complete(FileFetch.Opened body) {
        Intake whole = intake;
        if (whole == null) {
            throw new IllegalStateException("a body that came to nowhere");
        }
        if (size.isPresent() && whole.written() < size.getAsLong()) {
            retry(
                    "GET " + body.location() + ": it ended after " + whole.written() + " of " + size.getAsLong()
                            + " bytes",
                    true);
            return;
        }
        committing = true;
        workshop.longWork()
                .executeBlocking(() -> commit(whole), false)
                .onComplete(result -> context.runOnContext(back -> {
                    committing = false;
                    if (result.failed()) {
                        notTaken(String.valueOf(result.cause().getMessage()));
                        return;
                    }
                    switch (result.result()) {
                        case Verdict.Committed(StoredFile file) -> committed(file);
                        case Verdict.Refused(String reason) -> {
                            body.accuse();
                            mismatch("GET " + body.location() + ": " + reason);
                        }
                    }
                }));
    }

    private Verdict commit(Intake whole) throws IOException {
        Verdict verdict = whole.commit();
        if (verdict instanceof Verdict.Committed(StoredFile file)) {
            workshop.learn(order.path(), file);
        }
        return verdict;
    }

    private void committed(StoredFile file) {
        if (over) {
            file.release();
            discard();
            return;
        }
        finish(new Arrival.End.Whole(file), Outcome.STORED);
    }

    /** Nothing of a file that is wrong is ever used again. */
    private void mismatch(String reason) {
        if (over) {
            discard();
            return;
        }
        workshop.meters().failedAttempt(Cause.MISMATCH);
        LOG.warn("{}: {}", order.path().path(), reason);
        if (arrival.progress().available() > 0) {
            finish(new Arrival.End.Failed(reason), Outcome.FAILED);
            return;
        }
        discard();
        size = order.expected().size();
        next(reason, true);
    }

    private void retry(String reason, boolean worthRetrying) {
        if (over) {
            discard();
            return;
        }
        workshop.meters().failedAttempt(Cause.UPSTREAM);
        if (received - attemptStart >= WORTHWHILE_BYTES) {
            failures = 0;
        }
        attemptStart = received;
        if (arrival.progress().available() == 0) {
            discard();
            size = order.expected().size();
        }
        next(reason, worthRetrying);
    }

    private void next(String reason, boolean worthRetrying) {
        failures++;
        attempt++;
        if (worthRetrying && failures < workshop.limits().attempts()) {
            LOG.info("{}: {}; trying again", order.path().path(), reason);
            request();
        } else if (location + 1 < order.locations().size()) {
            location++;
            failures = 0;
            request();
        } else {
            fail(reason);
        }
    }

    /** Lets go of what came so far; what followers still read stays readable for them. */
    private void discard() {
        Intake wasted = intake;
        intake = null;
        if (wasted != null) {
            workshop.discard(wasted);
        }
    }

    private void fail(String reason) {
        if (!over) {
            LOG.warn("{}: {}", order.path().path(), reason);
            finish(new Arrival.End.Failed(reason), Outcome.FAILED);
        }
    }

    private void finish(Arrival.End end, Outcome outcome) {
        over = true;
        workshop.vertx().cancelTimer(deadline);
        workshop.meters().ended(outcome);
        arrival.end(end);
        if (stop != null) {
            stop.run(); // What is being written then discards itself.
        } else if (!committing) {
            discard();
        }
        workshop.turns().done();
    }
}
