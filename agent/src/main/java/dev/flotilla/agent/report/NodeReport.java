package dev.flotilla.agent.report;

import dev.flotilla.agent.json.Json;
import dev.flotilla.agent.json.JsonObject;
import dev.flotilla.agent.json.JsonReader;
import dev.flotilla.agent.json.JsonWriter;
import dev.flotilla.agent.json.MalformedJsonException;
import dev.flotilla.vocabulary.ByteSize;
import dev.flotilla.vocabulary.FleetName;
import dev.flotilla.vocabulary.NodeName;
import dev.flotilla.vocabulary.PlatformSlug;
import dev.flotilla.vocabulary.RegionName;
import dev.flotilla.vocabulary.Sha256;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.Collections;
import java.util.Locale;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a node says about itself at one time. Written by its agent, read by the controller. Times are cut to milliseconds.
 * Immutable.
 *
 * @param release the newest release that the node went for and how far it came; absent while there was none
 * @param mirror the mirror process; absent while none runs
 * @param trust what the node goes by; absent until it has looked at the bucket
 * @param refused the newest release that the node won't try again, where that is newer than the one in use
 * @param waiting the newer release that the node doesn't take up yet, where there is one. No fault of the node's, which stays
 *     healthy
 * @param health how its machine is; absent where it wasn't looked at
 * @param steering what is wanted of the node beside its release; absent in reports of agents that don't know of that
 * @param wheels which indexes of wheels the node has; absent in reports of agents that don't know of them, and while it has never heard of any
 * @param problem why the node is not as it should be; there exactly where the condition is degraded
 */
public record NodeReport(
        FleetName fleet,
        RegionName region,
        NodeName node,
        Instant written,
        Agent agent,
        Optional<Release> release,
        Optional<Mirror> mirror,
        Condition condition,
        Optional<String> problem,
        Optional<Trust> trust,
        Optional<Long> refused,
        Optional<Waiting> waiting,
        Optional<Health> health,
        Optional<Steering> steering,
        Optional<Wheels> wheels) {
    /** A report is some hundred bytes; a long problem makes it a few thousand. */
    public static final ByteSize LARGEST = ByteSize.ofKiB(64);

    private static final long FORMAT = 1;
    private static final int LONGEST_PROBLEM_CHARACTERS = 4000;

    public record Agent(String version, long pid) {}

    /**
     * What the node does about one release.
     *
     * @param since when it came into that state
     */
    public record Release(long version, State state, Instant since) {
        public Release {
            since = since.truncatedTo(ChronoUnit.MILLIS);
        }
    }

    /** How far a release has come on the node. */
    public enum State {
        /** Downloaded, verified and checked; not in use. */
        STAGED,
        /** In use, and not yet proved. */
        ACTIVATED,
        /** In use and serving, and watched for some time before it is trusted for good. */
        SOAKING,
        /** In use and proved. */
        COMMITTED,
        /** It failed, and the one before is in use again. */
        REVERTED
    }

    /**
     * The mirror that the agent looks after.
     *
     * @param ready whether it answered its readiness probe last time
     * @param since when that began
     * @param restarts how often it had to be started again since the agent began
     * @param release the version of the release that it runs
     */
    public record Mirror(long pid, boolean ready, Instant since, long restarts, long release) {
        public Mirror {
            since = since.truncatedTo(ChronoUnit.MILLIS);
        }
    }

    /**
     * The signed metadata that the node goes by.
     *
     * @param root the version of the root
     * @param timestamp the version of the timestamp
     * @param expires when the first of them ends
     * @param warning what ends soon, where something does. No fault of the node's, which stays healthy
     */
    public record Trust(long root, long timestamp, Instant expires, Optional<String> warning) {
        public Trust {
            expires = expires.truncatedTo(ChronoUnit.MILLIS);
            warning = warning.map(NodeReport::shortened);
        }
    }

    /**
     * A release whose rollout hasn't come to the node.
     *
     * @param stopped whether the rollout has stopped, and not only not come so far
     * @param until when it will be looked at differently, where that is only a matter of time
     */
    public record Waiting(long release, boolean stopped, String reason, Optional<Instant> until) {
        public Waiting {
            reason = shortened(reason);
            until = until.map(time -> time.truncatedTo(ChronoUnit.MILLIS));
        }
    }

    /**
     * What is wanted of the node beside its release. None of it is a fault of the node's.
     *
     * @param intents the version of the metadata by which the node knows what the fleet wants; 0 where it wants nothing
     * @param drained whether the mirror asks its clients to go elsewhere
     * @param drain by whom and why it is to, where it is
     * @param held why it doesn't all the same
     * @param paused by whom and why no release is taken up, where that is so
     * @param purged the number of the last purge that was carried out
     * @param purgesWaiting how many are still to be
     * @param purgeProblem why the next one isn't yet
     */
    public record Steering(
            long intents,
            boolean drained,
            Optional<String> drain,
            Optional<String> held,
            Optional<String> paused,
            long purged,
            long purgesWaiting,
            Optional<String> purgeProblem) {
        public Steering {
            drain = drain.map(NodeReport::shortened);
            held = held.map(NodeReport::shortened);
            paused = paused.map(NodeReport::shortened);
            purgeProblem = purgeProblem.map(NodeReport::shortened);
        }
    }

    /**
     * The indexes of wheels that the node's mirror goes by.
     *
     * @param version the version of the metadata that say which they should be; 0 where none were ever trusted
     * @param expires when those end, after which nothing new is taken up by them
     * @param indexes their digests, by platform
     * @param problem why they aren't what they should be, where they aren't. No fault of the node's, which stays healthy
     */
    public record Wheels(
            long version,
            Optional<Instant> expires,
            SortedMap<PlatformSlug, Sha256> indexes,
            Optional<String> problem) {
        public Wheels {
            expires = expires.map(time -> time.truncatedTo(ChronoUnit.MILLIS));
            indexes = Collections.unmodifiableSortedMap(new TreeMap<>(indexes));
            problem = problem.map(NodeReport::shortened);
        }
    }

    /** Whether the node is as its release wants it. */
    public enum Condition {
        HEALTHY,
        DEGRADED
    }

    public NodeReport {
        written = written.truncatedTo(ChronoUnit.MILLIS);
        problem = problem.map(NodeReport::shortened);
        if (problem.isPresent() != (condition == Condition.DEGRADED)) {
            throw new IllegalArgumentException("a degraded node has a problem, and a healthy one has none");
        }
    }

    /** Without anything about the machine, and about what is wanted of the node. */
    public NodeReport(
            FleetName fleet,
            RegionName region,
            NodeName node,
            Instant written,
            Agent agent,
            Optional<Release> release,
            Optional<Mirror> mirror,
            Condition condition,
            Optional<String> problem,
            Optional<Trust> trust,
            Optional<Long> refused,
            Optional<Waiting> waiting) {
        this(
                fleet,
                region,
                node,
                written,
                agent,
                release,
                mirror,
                condition,
                problem,
                trust,
                refused,
                waiting,
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    /** The same with how the machine is. */
    public NodeReport with(Optional<Health> found) {
        return new NodeReport(
                fleet, region, node, written, agent, release, mirror, condition, problem, trust, refused, waiting,
                found, steering, wheels);
    }

    /** The same with what is wanted of the node. */
    public NodeReport with(Steering found) {
        return new NodeReport(
                fleet,
                region,
                node,
                written,
                agent,
                release,
                mirror,
                condition,
                problem,
                trust,
                refused,
                waiting,
                health,
                Optional.of(found),
                wheels);
    }

    /** The same with what the node knows of wheels. */
    public NodeReport withWheels(Optional<Wheels> found) {
        return new NodeReport(
                fleet, region, node, written, agent, release, mirror, condition, problem, trust, refused, waiting,
                health, steering, found);
    }

    static String shortened(String problem) {
        return problem.length() <= LONGEST_PROBLEM_CHARACTERS
                ? problem
                : problem.substring(0, LONGEST_PROBLEM_CHARACTERS - 1) + "…";
    }

    /** Reads a report; {@link MalformedJsonException} where it is none. Members that are not known are passed over. */
    public static NodeReport parse(byte[] document) {
        JsonObject report = new JsonReader(LARGEST).object(document);
        if (report.whole("format") != FORMAT) {
            throw new MalformedJsonException("the report has format " + report.whole("format") + ", not " + FORMAT);
        }
        JsonObject agent = report.object("agent");
        try {
            return new NodeReport(
                    report.parsed("fleet", FleetName::new),
                    report.parsed("region", RegionName::new),
                    report.parsed("node", NodeName::new),
                    report.instant("written"),
                    new Agent(agent.text("version"), agent.whole("pid")),
                    release(report.object("release")),
                    report.optionalObject("mirror").map(NodeReport::mirror),
                    report.parsed("condition", text -> word(Condition.class, text)),
                    report.optionalText("problem"),
                    report.optionalObject("trust").map(NodeReport::trust),
                    report.optionalWhole("refused"),
                    report.optionalObject("waiting").map(NodeReport::waiting),
                    report.optionalObject("health").map(Health::parse),
                    report.optionalObject("steering").map(NodeReport::steering),
                    report.optionalObject("wheels").map(NodeReport::wheels));
        } catch (MalformedJsonException malformed) {
            throw malformed;
        } catch (IllegalArgumentException contradiction) {
            throw new MalformedJsonException(String.valueOf(contradiction.getMessage()));
        }
    }

    private static Optional<Release> release(JsonObject release) {
        return release.text("state").equals("none")
                ? Optional.empty()
                : Optional.of(new Release(
                        release.whole("version"),
                        release.parsed("state", text -> word(State.class, text)),
                        release.instant("since")));
    }

    private static Mirror mirror(JsonObject mirror) {
        return new Mirror(
                mirror.whole("pid"),
                mirror.truth("ready"),
                mirror.instant("since"),
                mirror.whole("restarts"),
                mirror.whole("release"));
    }

    private static Trust trust(JsonObject trust) {
        return new Trust(
                trust.whole("root"), trust.whole("timestamp"), trust.instant("expires"), trust.optionalText("warning"));
    }

    private static Waiting waiting(JsonObject waiting) {
        return new Waiting(
                waiting.whole("release"),
                waiting.truth("stopped"),
                waiting.text("reason"),
                waiting.optionalInstant("until"));
    }

    private static Steering steering(JsonObject steering) {
        return new Steering(
                steering.whole("intents"),
                steering.truth("drained"),
                steering.optionalText("drain"),
                steering.optionalText("held"),
                steering.optionalText("paused"),
                steering.whole("purged"),
                steering.whole("purges-waiting"),
                steering.optionalText("purge-problem"));
    }

    private static Wheels wheels(JsonObject wheels) {
        SortedMap<PlatformSlug, Sha256> indexes = new TreeMap<>();
        JsonObject written = wheels.object("indexes");
        for (String platform : written.members().keySet()) {
            PlatformSlug slug = PlatformSlug.parse(platform)
                    .orElseThrow(() -> new MalformedJsonException("'" + platform + "' is no platform"));
            indexes.put(slug, written.parsed(platform, Sha256::new));
        }
        return new Wheels(
                wheels.whole("version"), wheels.optionalInstant("expires"), indexes, wheels.optionalText("problem"));
    }

    private static JsonObject json(Wheels wheels) {
        JsonObject indexes = JsonObject.EMPTY;
        for (var index : wheels.indexes().entrySet()) {
            indexes = indexes.with(index.getKey().toString(), index.getValue().hex());
        }
        return JsonObject.EMPTY
                .with("version", wheels.version())
                .with("expires", wheels.expires(), time -> new Json.Text(time.toString()))
                .with("indexes", indexes)
                .with("problem", wheels.problem(), Json.Text::new);
    }

    private static JsonObject json(Steering steering) {
        return JsonObject.EMPTY
                .with("intents", steering.intents())
                .with("drained", steering.drained())
                .with("drain", steering.drain(), Json.Text::new)
                .with("held", steering.held(), Json.Text::new)
                .with("paused", steering.paused(), Json.Text::new)
                .with("purged", steering.purged())
                .with("purges-waiting", steering.purgesWaiting())
                .with("purge-problem", steering.purgeProblem(), Json.Text::new);
    }

    private static <E extends Enum<E>> E word(Class<E> kind, String text) {
        return Arrays.stream(kind.getEnumConstants())
                .filter(constant -> word(constant).equals(text))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("'" + text + "' is not known"));
    }

    private static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    public byte[] toBytes() {
        return JsonWriter.bytes(toJson());
    }

    public JsonObject toJson() {
        return JsonObject.EMPTY
                .with("format", FORMAT)
                .with("fleet", fleet.value())
                .with("region", region.value())
                .with("node", node.value())
                .with("written", written)
                .with("agent", JsonObject.EMPTY.with("version", agent.version()).with("pid", agent.pid()))
                .with("release", release.map(NodeReport::json).orElseGet(() -> JsonObject.EMPTY.with("state", "none")))
                .with("mirror", mirror, NodeReport::json)
                .with("condition", word(condition))
                .with("problem", problem, Json.Text::new)
                .with("trust", trust, NodeReport::json)
                .with("refused", refused, Json.Whole::new)
                .with("waiting", waiting, NodeReport::json)
                .with("health", health, Health::toJson)
                .with("steering", steering, NodeReport::json)
                .with("wheels", wheels, NodeReport::json);
    }

    private static JsonObject json(Trust trust) {
        return JsonObject.EMPTY
                .with("root", trust.root())
                .with("timestamp", trust.timestamp())
                .with("expires", trust.expires())
                .with("warning", trust.warning(), Json.Text::new);
    }

    private static JsonObject json(Waiting waiting) {
        return JsonObject.EMPTY
                .with("release", waiting.release())
                .with("stopped", waiting.stopped())
                .with("reason", waiting.reason())
                .with("until", waiting.until(), time -> new Json.Text(time.toString()));
    }

    private static JsonObject json(Release release) {
        return JsonObject.EMPTY
                .with("version", release.version())
                .with("state", word(release.state()))
                .with("since", release.since());
    }

    private static JsonObject json(Mirror mirror) {
        return JsonObject.EMPTY
                .with("pid", mirror.pid())
                .with("ready", mirror.ready())
                .with("since", mirror.since())
                .with("restarts", mirror.restarts())
                .with("release", mirror.release());
    }
}
