package dev.flotilla.agent.state;

import dev.flotilla.agent.bucket.ETag;
import dev.flotilla.agent.json.Json;
import dev.flotilla.agent.json.JsonObject;
import dev.flotilla.agent.json.MalformedJsonException;
import dev.flotilla.agent.trust.Mark;
import dev.flotilla.vocabulary.Sha256;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What an agent remembers from one run to the next. It is the truth that the {@code current} link and the mirror process
 * are brought in line with. Immutable.
 *
 * @param settled the object in the bucket that needs no second look
 * @param committed the release that proved itself last: what runs, unless one soaks or an attempt is activated
 * @param soaking the release that serves and is watched until it is committed; it runs, unless an attempt is activated
 * @param attempt the release that the node goes for, or went for last and came back from
 * @param refusals releases that are not tried again, the oldest first
 * @param rollout the release whose rollout the node waits for, or waited for last
 */
public record AgentState(
        Optional<Settled> settled,
        Optional<Committed> committed,
        Optional<Soaking> soaking,
        Optional<Attempt> attempt,
        List<Refused> refusals,
        Optional<Rollout> rollout) {
    private static final long FORMAT = 1;

    /** What an agent knows that has never run. */
    public static final AgentState FRESH = new AgentState(
            Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), List.of(), Optional.empty());

    /**
     * A timestamp that was dealt with.
     *
     * @param problem why it, or the release that it leads to, was refused, where it was
     */
    public record Settled(ETag etag, Optional<String> problem) {}

    /** A release that proved itself. */
    public record Committed(Mark mark, Instant since) {
        public Committed {
            since = since.truncatedTo(ChronoUnit.MILLIS);
        }
    }

    /**
     * A release that serves and isn't trusted for good yet. The one that is committed stays on disk meanwhile.
     *
     * @param since when its mirror began to serve, or was found to have begun anew
     * @param tries how often it has begun, the present time included
     */
    public record Soaking(Mark mark, Instant since, int tries) {
        public Soaking {
            since = since.truncatedTo(ChronoUnit.MILLIS);
        }
    }

    /**
     * A release on its way.
     *
     * @param tries how often this stage was tried, the present try included
     */
    public record Attempt(Mark mark, Stage stage, Instant since, int tries) {
        public Attempt {
            since = since.truncatedTo(ChronoUnit.MILLIS);
        }

        Attempt at(Stage next, Instant now) {
            return new Attempt(mark, next, now, 1);
        }
    }

    /** How far an attempt has come. */
    public enum Stage {
        /** Being downloaded, verified and checked. */
        STAGING,
        /** On disk, and found right. */
        STAGED,
        /** In use, and not yet proved. */
        ACTIVATED,
        /** Failed; the release before is in use again. */
        REVERTED
    }

    /** A release that is not tried again. */
    public record Refused(Mark mark, String reason, Instant at) {
        public Refused {
            at = at.truncatedTo(ChronoUnit.MILLIS);
        }
    }

    /**
     * A release that goes from wave to wave.
     *
     * @param seen since when the node knows it
     * @param held why the node doesn't take it up, where it doesn't
     */
    public record Rollout(Mark mark, Instant seen, Optional<Held> held) {
        public Rollout {
            seen = seen.truncatedTo(ChronoUnit.MILLIS);
        }
    }

    /**
     * Why a release isn't taken up.
     *
     * @param stopped whether its rollout has stopped, and not only not come so far
     * @param until when that will be looked at differently, where it is only a matter of time
     */
    public record Held(boolean stopped, String reason, Optional<Instant> until) {
        public Held {
            until = until.map(time -> time.truncatedTo(ChronoUnit.MILLIS));
        }
    }

    public AgentState {
        refusals = List.copyOf(refusals);
    }

    public AgentState withSettled(Optional<Settled> object) {
        return new AgentState(object, committed, soaking, attempt, refusals, rollout);
    }

    /** Begins with a release, or takes it up once more, which is no further try. */
    public AgentState begun(Mark mark, Instant now) {
        int before = attempt.filter(same -> same.mark().equals(mark) && same.stage() != Stage.REVERTED)
                .map(Attempt::tries)
                .orElse(1);
        return withAttempt(new Attempt(mark, Stage.STAGING, now, before));
    }

    /** Moves the attempt on. */
    public AgentState reached(Stage stage, Instant now) {
        return withAttempt(attempt.orElseThrow().at(stage, now));
    }

    /** Counts one more try of the attempt, which stays where it is. */
    public AgentState triedAgain() {
        Attempt now = attempt.orElseThrow();
        return withAttempt(new Attempt(now.mark(), now.stage(), now.since(), now.tries() + 1));
    }

    /** The release serves: from now on it is watched. Whatever soaked before is forgotten, and was never committed. */
    public AgentState soaking(Mark mark, Instant now) {
        return new AgentState(
                settled, committed, Optional.of(new Soaking(mark, now, 1)), attemptBut(mark), refusals, rollout);
    }

    /** Its mirror had to begin anew, and so does its time. */
    public AgentState soakingAnew(Instant now) {
        Soaking before = soaking.orElseThrow();
        var anew = new Soaking(before.mark(), now, before.tries() + 1);
        return new AgentState(settled, committed, Optional.of(anew), attempt, refusals, rollout);
    }

    /** A release that brings nothing but what soaks already: its time goes on. */
    public AgentState soakingAs(Mark mark) {
        Soaking before = soaking.orElseThrow();
        var renamed = new Soaking(mark, before.since(), before.tries());
        return new AgentState(settled, committed, Optional.of(renamed), attemptBut(mark), refusals, rollout);
    }

    /** The release that soaks failed. */
    public AgentState soakedBadly(Instant now) {
        var failed = new Attempt(soaking.orElseThrow().mark(), Stage.REVERTED, now, 1);
        return new AgentState(settled, committed, Optional.empty(), Optional.of(failed), refusals, rollout);
    }

    public AgentState committed(Mark mark, Instant now) {
        return new AgentState(
                settled,
                Optional.of(new Committed(mark, now)),
                Optional.empty(),
                attemptBut(mark),
                refusals,
                Optional.empty());
    }

    /** What is known of another release, which failed while this one soaked, stays known. */
    private Optional<Attempt> attemptBut(Mark mark) {
        return attempt.filter(other -> !other.mark().equals(mark));
    }

    /** Forgets a committed release whose files are gone, so that it can be staged again. */
    public AgentState withoutCommitted() {
        return new AgentState(Optional.empty(), Optional.empty(), soaking, attempt, refusals, rollout);
    }

    /** The same for the release that soaks. */
    public AgentState withoutSoaking() {
        return new AgentState(Optional.empty(), committed, Optional.empty(), attempt, refusals, rollout);
    }

    /** Remembers not to try a release again, and at most {@code most} of them. */
    public AgentState refused(Mark mark, String reason, Instant now, int most) {
        List<Refused> longer = new ArrayList<>(refusals);
        longer.removeIf(refused -> refused.mark().equals(mark));
        longer.add(new Refused(mark, reason, now));
        List<Refused> latest = longer.subList(Math.max(0, longer.size() - most), longer.size());
        return new AgentState(settled, committed, soaking, attempt, latest, rollout);
    }

    public AgentState withoutAttempt() {
        return new AgentState(settled, committed, soaking, Optional.empty(), refusals, rollout);
    }

    private AgentState withAttempt(Attempt next) {
        return new AgentState(settled, committed, soaking, Optional.of(next), refusals, rollout);
    }

    /** Since when the node knows a release. */
    public Instant seen(Mark mark, Instant now) {
        return rollout.filter(same -> same.mark().equals(mark))
                .map(Rollout::seen)
                .orElse(now);
    }

    /** Remembers why a release isn't taken up yet, and since when it is known. */
    public AgentState held(Mark mark, Held why, Instant now) {
        return withRollout(Optional.of(new Rollout(mark, seen(mark, now), Optional.of(why))));
    }

    /** Nothing is waited for any more; a release that is gone for has been known as long as before. */
    public AgentState withoutHold() {
        return withRollout(rollout.map(known -> new Rollout(known.mark(), known.seen(), Optional.empty())));
    }

    private AgentState withRollout(Optional<Rollout> next) {
        return new AgentState(settled, committed, soaking, attempt, refusals, next);
    }

    /** Why a release is not tried again, where it isn't. */
    public Optional<String> refusal(Mark mark) {
        return refusals.stream()
                .filter(refused -> refused.mark().equals(mark))
                .map(Refused::reason)
                .findFirst();
    }

    /** The release that should be in use. */
    public Optional<Mark> inUse() {
        return attempt.filter(trying -> trying.stage() == Stage.ACTIVATED)
                .map(Attempt::mark)
                .or(this::standing);
    }

    /** The release that stays in use where an attempt fails. */
    public Optional<Mark> standing() {
        return soaking.map(Soaking::mark).or(() -> committed.map(Committed::mark));
    }

    JsonObject toJson() {
        List<Json> written = new ArrayList<>();
        for (Refused refused : refusals) {
            written.add(json(refused.mark()).with("reason", refused.reason()).with("at", refused.at()));
        }
        return JsonObject.EMPTY
                .with("format", FORMAT)
                .with("settled", settled, AgentState::json)
                .with("committed", committed, done -> json(done.mark()).with("since", done.since()))
                .with("soaking", soaking, AgentState::json)
                .with("attempt", attempt, AgentState::json)
                .with("refused", new Json.Sequence(written))
                .with("rollout", rollout, AgentState::json);
    }

    private static JsonObject json(Mark mark) {
        return JsonObject.EMPTY
                .with("version", mark.version())
                .with("content", mark.content().hex());
    }

    private static JsonObject json(Settled settled) {
        return JsonObject.EMPTY.with("etag", settled.etag().value()).with("problem", settled.problem(), Json.Text::new);
    }

    private static JsonObject json(Soaking soaking) {
        return json(soaking.mark()).with("since", soaking.since()).with("tries", soaking.tries());
    }

    private static JsonObject json(Attempt attempt) {
        return json(attempt.mark())
                .with("stage", attempt.stage().name().toLowerCase(Locale.ROOT))
                .with("since", attempt.since())
                .with("tries", attempt.tries());
    }

    private static JsonObject json(Rollout rollout) {
        return json(rollout.mark())
                .with("seen", rollout.seen())
                .with(
                        "held",
                        rollout.held(),
                        held -> JsonObject.EMPTY
                                .with("stopped", held.stopped())
                                .with("reason", held.reason())
                                .with("until", held.until(), time -> new Json.Text(time.toString())));
    }

    static AgentState parse(JsonObject state) {
        if (state.whole("format") != FORMAT) {
            throw new MalformedJsonException("it has format " + state.whole("format") + ", not " + FORMAT);
        }
        List<Refused> refusals = new ArrayList<>();
        for (Json element : state.sequence("refused")) {
            if (!(element instanceof JsonObject refused)) {
                throw new MalformedJsonException("'refused' holds something else than objects");
            }
            refusals.add(new Refused(mark(refused), refused.text("reason"), refused.instant("at")));
        }
        return new AgentState(
                state.optionalObject("settled").map(AgentState::settled),
                state.optionalObject("committed").map(done -> new Committed(mark(done), done.instant("since"))),
                state.optionalObject("soaking").map(AgentState::soaking),
                state.optionalObject("attempt").map(AgentState::attempt),
                refusals,
                state.optionalObject("rollout").map(AgentState::rollout));
    }

    private static Mark mark(JsonObject written) {
        return new Mark(written.whole("version"), written.parsed("content", Sha256::new));
    }

    private static Settled settled(JsonObject written) {
        return new Settled(written.parsed("etag", ETag::new), written.optionalText("problem"));
    }

    private static Soaking soaking(JsonObject written) {
        return new Soaking(mark(written), written.instant("since"), Math.toIntExact(written.whole("tries")));
    }

    private static Attempt attempt(JsonObject written) {
        return new Attempt(
                mark(written),
                written.parsed("stage", AgentState::stage),
                written.instant("since"),
                Math.toIntExact(written.whole("tries")));
    }

    private static Rollout rollout(JsonObject written) {
        return new Rollout(
                mark(written),
                written.instant("seen"),
                written.optionalObject("held")
                        .map(held ->
                                new Held(held.truth("stopped"), held.text("reason"), held.optionalInstant("until"))));
    }

    private static Stage stage(String text) {
        return Arrays.stream(Stage.values())
                .filter(stage -> stage.name().toLowerCase(Locale.ROOT).equals(text))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("'" + text + "' is not known"));
    }
}
