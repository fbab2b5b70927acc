package dev.flotilla.agent.rollout;

import dev.flotilla.agent.json.Json;
import dev.flotilla.agent.json.JsonObject;
import dev.flotilla.agent.json.JsonReader;
import dev.flotilla.agent.json.JsonWriter;
import dev.flotilla.agent.json.MalformedJsonException;
import dev.flotilla.vocabulary.ByteSize;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/**
 * Which nodes take a release up in which order, and what has to be so before the next ones do. It is signed as a part of its
 * release, so that nobody but the release's signers can change membership or order. Immutable.
 *
 * @param start no node goes before, but for those that have no release at all
 * @param silence how much allowed time a wave may take, its soak not counted, before it stops the rollout
 * @param failuresPercent how much of a wave has to fail to stop the rollout (see {@link #quorum})
 * @param reports whether nodes report; where they don't, waves go by time alone
 * @param emergency whether hours and soaks were cut short, for people to see
 * @param waves in order; what isn't in one of them goes after the last
 */
public record RolloutPlan(
        Instant start,
        Duration silence,
        int failuresPercent,
        boolean reports,
        boolean emergency,
        AllowedHours hours,
        List<Wave> waves) {
    /** Two names of at most 63 characters for each of the most members. */
    public static final ByteSize LARGEST = ByteSize.ofMiB(2);

    public static final Duration LONGEST = Duration.ofDays(30);
    public static final int MOST_WAVES = 100;

    private static final long FORMAT = 1;
    private static final int MOST_MEMBERS = 10_000;
    private static final Set<String> KEYS =
            Set.of("format", "start", "silenceSeconds", "failuresPercent", "reports", "emergency", "hours", "waves");
    private static final Set<String> WAVE_KEYS = Set.of("soakSeconds", "counted", "others");

    /**
     * Nodes that go at the same time.
     *
     * @param soak how long they have to be healthy before the next wave goes
     * @param counted those that were healthy before the release: what they say decides
     * @param others those that weren't: they go with the wave, and nobody waits for them
     */
    public record Wave(Duration soak, List<Member> counted, List<Member> others) {
        public Wave {
            requireWithin("soak", soak);
            counted = List.copyOf(counted);
            others = List.copyOf(others);
            if (counted.isEmpty() && others.isEmpty()) {
                throw new IllegalArgumentException("a wave without nodes");
            }
        }

        public List<Member> members() {
            List<Member> members = new ArrayList<>(counted);
            members.addAll(others);
            return members;
        }
    }

    public RolloutPlan {
        start = start.truncatedTo(ChronoUnit.SECONDS);
        requireWithin("silence", silence);
        waves = List.copyOf(waves);
        if (failuresPercent < 1 || failuresPercent > 100) {
            throw new IllegalArgumentException("failuresPercent is between 1 and 100, not " + failuresPercent);
        }
        if (waves.isEmpty() || waves.size() > MOST_WAVES) {
            throw new IllegalArgumentException("there are 1 to " + MOST_WAVES + " waves, not " + waves.size());
        }
        Set<Member> seen = new HashSet<>();
        for (Wave wave : waves) {
            for (Member member : wave.members()) {
                if (!seen.add(member)) {
                    throw new IllegalArgumentException(member + " stands in the plan twice");
                }
            }
        }
        if (seen.size() > MOST_MEMBERS) {
            throw new IllegalArgumentException("more than " + MOST_MEMBERS + " nodes");
        }
    }

    private static void requireWithin(String what, Duration duration) {
        if (duration.isNegative()
                || duration.compareTo(LONGEST) > 0
                || !duration.equals(duration.truncatedTo(ChronoUnit.SECONDS))) {
            throw new IllegalArgumentException(what + " is whole seconds, at most 30 days, not " + duration);
        }
    }

    /** The place of a node: the number of its wave from 0, or the number of waves for a node that is in none. */
    public int place(Member member) {
        for (int wave = 0; wave < waves.size(); wave++) {
            if (waves.get(wave).counted().contains(member)
                    || waves.get(wave).others().contains(member)) {
                return wave;
            }
        }
        return waves.size();
    }

    /**
     * How many failures among so many counted nodes stop the rollout: the plan's share of them, and at least two, so that one
     * broken node has no veto. In a wave of one it has: that is what a canary is for.
     */
    public int quorum(int counted) {
        return counted <= 1 ? 1 : Math.max(2, Math.ceilDiv(counted * failuresPercent, 100));
    }

    /** How many of so many counted nodes have to be healthy: all but as many as may fail. */
    public int needed(int counted) {
        return counted == 0 ? 0 : counted - quorum(counted) + 1;
    }

    /** Reads a plan strictly; {@link MalformedJsonException} where it is none, or has members that aren't known. */
    public static RolloutPlan parse(byte[] document) {
        JsonObject plan = new JsonReader(LARGEST).object(document);
        if (plan.whole("format") != FORMAT) {
            throw new MalformedJsonException("the plan has format " + plan.whole("format") + ", not " + FORMAT);
        }
        requireKnown(plan, KEYS);
        try {
            return new RolloutPlan(
                    plan.instant("start"),
                    seconds(plan, "silenceSeconds"),
                    Math.toIntExact(plan.whole("failuresPercent")),
                    plan.truth("reports"),
                    plan.truth("emergency"),
                    new AllowedHours(texts(plan, "hours", AllowedHours.Window::parse)),
                    plan.sequence("waves").stream().map(RolloutPlan::wave).toList());
        } catch (MalformedJsonException malformed) {
            throw malformed;
        } catch (IllegalArgumentException | ArithmeticException contradiction) {
            throw new MalformedJsonException(String.valueOf(contradiction.getMessage()));
        }
    }

    private static Wave wave(Json element) {
        if (!(element instanceof JsonObject wave)) {
            throw new MalformedJsonException("a wave is no object");
        }
        requireKnown(wave, WAVE_KEYS);
        return new Wave(
                seconds(wave, "soakSeconds"),
                texts(wave, "counted", Member::parse),
                texts(wave, "others", Member::parse));
    }

    /** An older agent that passed over what it doesn't know might go too early. */
    private static void requireKnown(JsonObject object, Set<String> keys) {
        for (String key : object.members().keySet()) {
            if (!keys.contains(key)) {
                throw new MalformedJsonException("'" + key + "' is not known");
            }
        }
    }

    private static Duration seconds(JsonObject object, String key) {
        return Duration.ofSeconds(object.whole(key));
    }

    private static <T> List<T> texts(JsonObject object, String key, Function<String, T> parser) {
        List<T> parsed = new ArrayList<>();
        for (Json element : object.sequence(key)) {
            if (!(element instanceof Json.Text text)) {
                throw new MalformedJsonException("'" + key + "' holds something else than strings");
            }
            parsed.add(parser.apply(text.value()));
        }
        return parsed;
    }

    public byte[] toBytes() {
        return JsonWriter.bytes(JsonObject.EMPTY
                .with("format", FORMAT)
                .with("start", start)
                .with("silenceSeconds", silence.toSeconds())
                .with("failuresPercent", failuresPercent)
                .with("reports", reports)
                .with("emergency", emergency)
                .with("hours", texts(hours.windows()))
                .with(
                        "waves",
                        new Json.Sequence(waves.stream()
                                .<Json>map(wave -> JsonObject.EMPTY
                                        .with("soakSeconds", wave.soak().toSeconds())
                                        .with("counted", texts(wave.counted()))
                                        .with("others", texts(wave.others())))
                                .toList())));
    }

    private static Json.Sequence texts(List<?> values) {
        return new Json.Sequence(values.stream()
                .<Json>map(value -> new Json.Text(value.toString()))
                .toList());
    }
}
