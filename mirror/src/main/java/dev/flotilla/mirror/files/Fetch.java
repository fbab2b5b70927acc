package dev.flotilla.mirror.files;

import dev.flotilla.mirror.files.FileMeters.Cause;
import dev.flotilla.mirror.files.FileMeters.Outcome;
import dev.flotilla.mirror.simple.FilePath;
import dev.flotilla.mirror.store.Expected;
import dev.flotilla.mirror.store.Intake;
import dev.flotilla.mirror.store.StoredFile;
import dev.flotilla.mirror.store.Verdict;
import dev.flotilla.mirror.upstream.Deferral;
import dev.flotilla.mirror.upstream.FileFetch;
import dev.flotilla.mirror.upstream.FileSource;
import dev.flotilla.mirror.upstream.FileSource.Resumption;
import dev.flotilla.mirror.upstream.Turns;
import dev.flotilla.mirror.upstream.Validators;
import io.vertx.core.Context;
import io.vertx.core.Future;
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
     * @param substitutes where it is asked for while those fail
     * @param largest how many bytes it can have at most
     * @param ahead whether nobody has asked for it: then nothing leaves the store for it
     */
    record Order(
            FilePath path, List<URI> locations, List<URI> substitutes, Expected expected, long largest, boolean ahead) {
        /** For somebody who has asked. */
        Order(FilePath path, List<URI> locations, List<URI> substitutes, Expected expected, long largest) {
            this(path, locations, substitutes, expected, largest, false);
        }
    }

    private final Order order;
    private final Arrival arrival;
    private final Workshop workshop;
    private final Context context;

    private final Tries tries;
    private final Turns turns;
    private final Landing landing;

    private @Nullable Intake intake;
    private OptionalLong size;
    private Validators validators = Validators.none();
    private boolean fromTheStart;
    private @Nullable Runnable stop;
    private long received;
    private long attemptStart;
    private boolean asked;
    private Optional<Deferral> refusal = Optional.empty();
    private boolean committing;
    private boolean over;
    private long deadline;

    Fetch(Order order, Arrival arrival, Workshop workshop, Context context) {
        this.order = order;
        this.arrival = arrival;
        this.workshop = workshop;
        this.context = context;
        this.size = order.expected().size();
        this.tries = new Tries(
                order.locations(), order.substitutes(), workshop.limits().attempts());
        this.turns = workshop.turns().of(order.locations().getFirst());
        this.landing = new Landing(workshop);
    }

    Arrival arrival() {
        return arrival;
    }

    /** Whether a file that this download brings is all that {@code other} expects, whose SHA-256 digest is the same. */
    boolean proves(Expected other) {
        Expected own = order.expected();
        return (other.blake2b().isEmpty() || other.blake2b().equals(own.blake2b()))
                && (other.size().isEmpty() || other.size().equals(own.size()));
    }

    /** Begins, once it is this download's turn. */
    void run() {
        workshop.meters().began();
        arrival.queued(true);
        if (!turns.request(() -> context.runOnContext(turn -> start()))) {
            workshop.meters().ended(Outcome.FAILED);
            arrival.end(new Arrival.End.Failed("too many downloads are waiting", Optional.of(Deferral.busy())));
        }
    }

    private void start() {
        arrival.queued(false);
        long millis = workshop.limits().downloadDeadline().toMillis();
        deadline = workshop.vertx().setTimer(millis, fired -> {
            workshop.meters().failedAttempt(Cause.DEADLINE);
            fail("the download took longer than " + workshop.limits().downloadDeadline());
        });
        if (size.isPresent() && size.getAsLong() > order.largest()) {
            fail("it has " + size.getAsLong() + " bytes, the limit is " + order.largest());
            return;
        }
        // Known before: upstream is asked once by each who wants it, and not a first time in vain.
        Optional<String> failure = workshop.store().failure();
        if (failure.isPresent()) {
            workshop.meters().failedAttempt(Cause.STORE);
            pass("its disk has failed: " + failure.get());
            return;
        }
        request();
    }

    private void request() {
        if (over) {
            return;
        }
        if (workshop.closing().get()) {
            fail("the mirror is stopping");
            return;
        }
        URI here = tries.here();
        long written = intake == null ? 0 : intake.written();
        Optional<Resumption> resumption = written > 0 && !fromTheStart
                ? Optional.of(new Resumption(written, validators.strongEtag()))
                : Optional.empty();
        Future<FileFetch> opening =
                workshop.source().open(here, new FileSource.Attempt(tries.attempt(), tries.isLast(), resumption));
        if (intake == null) {
            landing.prepare(order.expected());
        }
        opening.onComplete(result -> Workshop.on(context, () -> {
            FileFetch fetch = result.succeeded()
                    ? result.result()
                    : new FileFetch.Failed(String.valueOf(result.cause().getMessage()), false);
            switch (fetch) {
                case FileFetch.Opened body when over -> body.cancel();
                case FileFetch.Opened body -> receive(body);
                case FileFetch.Absent absent -> absent(here);
                case FileFetch.NotResumed(String reason, OptionalLong whole) ->
                    notResumed("GET " + here, reason, whole);
                case FileFetch.Failed(String reason, boolean worthRetrying, Optional<Deferral> deferral) -> {
                    refusal = deferral;
                    asked |= deferral.isEmpty();
                    retry(reason, worthRetrying);
                }
            }
        }));
    }

    private void absent(URI here) {
        if (over) {
            return;
        }
        asked = true;
        if (intake != null) {
            retry("GET " + here + ": the file is gone", true);
        } else if (tries.elsewhere()) {
            request();
        } else if (tries.isDoubtful()) {
            fail("GET " + here + ": it isn't there, and who else could have it can't say");
        } else {
            finish(new Arrival.End.Absent(), Outcome.ABSENT);
        }
    }

    private void notResumed(String from, String reason, OptionalLong whole) {
        if (over) {
            return;
        }
        Intake all = intake;
        if (all != null && size.isEmpty() && whole.equals(OptionalLong.of(all.written()))) {
            commit(all, from, () -> {}); // The connection broke when all was here, which nobody could know.
            return;
        }
        fromTheStart = true;
        retry(reason, true);
    }

    private void receive(FileFetch.Opened body) {
        asked = true;
        if (size.isPresent()
                && body.size().isPresent()
                && size.getAsLong() != body.size().getAsLong()) {
            body.cancel();
            body.accuse();
            retry(
                    "GET " + body.location() + ": it has " + body.size().getAsLong() + " bytes in place of "
                            + size.getAsLong(),
                    true);
            return;
        }
        tries.begun();
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
        landing.begin(expected, isWanted())
                .onComplete(result -> Workshop.on(context, () -> {
                    if (result.failed()) {
                        pass(body, String.valueOf(result.cause().getMessage()));
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

    private void pass(FileFetch.Opened body, String reason) {
        body.cancel();
        if (!over) {
            workshop.meters().failedAttempt(Cause.STORE);
            pass(reason);
        }
    }

    /** Whether somebody waits for it, or did when it was ordered. */
    private boolean isWanted() {
        return !order.ahead() || arrival.followers() > 0;
    }

    /** The store can't take it: those who wait get it past the store, and those who follow get the rest. */
    private void pass(String reason) {
        if (!isWanted()) {
            fail(reason);
            return;
        }
        LOG.warn("{} goes past the store: {}", order.path().path(), reason);
        finish(
                new Arrival.End.Passing(new Bypass.Passage(tries.here(), order.expected(), order.largest())),
                Outcome.PASSED_THROUGH);
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
        String from = "GET " + body.location();
        switch (ending) {
            case Pump.Ending.Complete complete -> complete(body, from);
            case Pump.Ending.Interrupted(String reason) when isAllHere() -> complete(body, from);
            case Pump.Ending.Interrupted(String reason) -> retry(from + ": " + reason, true);
            case Pump.Ending.TooLong tooLong -> {
                body.cancel();
                if (size.isPresent()) {
                    body.accuse();
                    mismatch(from + ": it has more bytes than it should");
                } else {
                    fail(from + ": it has more bytes than the limit of " + order.largest());
                }
            }
            case Pump.Ending.NotTaken(String reason) -> {
                body.cancel();
                notTaken(reason);
            }
        }
    }

    /** Whether nothing is missing although the connection broke: the digests decide whether it is right. */
    private boolean isAllHere() {
        return intake != null && size.isPresent() && intake.written() == size.getAsLong();
    }

    private void notTaken(String reason) {
        if (over) {
            discard();
            return;
        }
        workshop.meters().failedAttempt(Cause.STORE);
        pass(reason);
    }

    private void complete(FileFetch.Opened body, String from) {
        Intake whole = intake;
        if (whole == null) {
            throw new IllegalStateException("a body that came to nowhere");
        }
        if (size.isPresent() && whole.written() < size.getAsLong()) {
            body.accuse();
            retry(from + ": it ended after " + whole.written() + " of " + size.getAsLong() + " bytes", true);
            return;
        }
        commit(whole, from, body::accuse);
    }

    private void commit(Intake whole, String from, Runnable accusation) {
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
                            accusation.run();
                            mismatch(from + ": " + reason);
                        }
                    }
                }));
    }

    private Verdict commit(Intake whole) throws IOException {
        Verdict verdict = whole.commit();
        if (verdict instanceof Verdict.Committed(StoredFile file)) {
            arrival.paths().forEach(path -> workshop.learn(path, file));
        }
        return verdict;
    }

    private void committed(StoredFile file) {
        if (over) {
            file.release();
            discard();
            return;
        }
        workshop.attempts().committed(arrival.tag(), file.digest());
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
        } else {
            startAnew(reason, true);
        }
    }

    private void retry(String reason, boolean worthRetrying) {
        if (over) {
            discard();
            return;
        }
        workshop.meters().failedAttempt(Cause.UPSTREAM);
        if (received - attemptStart >= WORTHWHILE_BYTES) {
            tries.wasWorthwhile();
        }
        attemptStart = received;
        if (arrival.progress().available() == 0) {
            startAnew(reason, worthRetrying);
        } else {
            next(reason, worthRetrying);
        }
    }

    /** Nothing of what came is used; its room in the store is free before the next attempt needs it. */
    private void startAnew(String reason, boolean worthRetrying) {
        size = order.expected().size();
        fromTheStart = false;
        discard().onComplete(discarded -> context.runOnContext(back -> next(reason, worthRetrying)));
    }

    private void next(String reason, boolean worthRetrying) {
        if (over) {
            return;
        }
        if (tries.again(worthRetrying)) {
            LOG.info("{}: {}; trying again", order.path().path(), reason);
            request();
        } else {
            fail(reason);
        }
    }

    /** Lets go of what came so far; what followers still read stays readable for them. */
    private Future<Void> discard() {
        Intake wasted = intake;
        intake = null;
        return wasted == null ? Future.succeededFuture() : workshop.discard(wasted);
    }

    private void fail(String reason) {
        if (!over) {
            if (isWanted()) {
                LOG.warn("{}: {}", order.path().path(), reason);
            }
            finish(new Arrival.End.Failed(reason, asked ? Optional.empty() : refusal), Outcome.FAILED);
        }
    }

    private void finish(Arrival.End end, Outcome outcome) {
        over = true;
        workshop.vertx().cancelTimer(deadline);
        workshop.meters().ended(outcome);
        arrival.end(end);
        landing.abandon();
        if (stop != null) {
            stop.run(); // What is being written then discards itself.
        } else if (!committing) {
            discard();
        }
        turns.done();
    }
}
