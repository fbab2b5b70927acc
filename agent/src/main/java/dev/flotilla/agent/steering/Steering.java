package dev.flotilla.agent.steering;

import dev.flotilla.agent.bucket.Bucket;
import dev.flotilla.agent.bucket.BucketLayout;
import dev.flotilla.agent.configuration.AgentConfiguration;
import dev.flotilla.agent.intent.Intents;
import dev.flotilla.agent.intent.LocalWish;
import dev.flotilla.agent.json.MalformedJsonException;
import dev.flotilla.agent.report.NodeReport;
import dev.flotilla.agent.rollout.Member;
import dev.flotilla.agent.state.StateFolder;
import dev.flotilla.agent.trust.Delegation;
import dev.flotilla.agent.trust.MetaFile;
import dev.flotilla.agent.trust.TargetFile;
import dev.flotilla.agent.trust.TargetPath;
import dev.flotilla.agent.trust.TrustedMetadata;
import dev.flotilla.agent.trust.Updater;
import dev.flotilla.vocabulary.Sha256;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.SortedSet;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries out what is wanted of this node beside its release. {@link #learn}, {@link #act} and {@link #purge} are for one
 * thread each at a time; the rest may be asked from any.
 */
public final class Steering {
    private static final Logger LOG = LoggerFactory.getLogger(Steering.class);

    /** How soon a node that is held looks at the others again: mostly they only have to learn of the drain. */
    private static final Duration PATIENCE = Duration.ofSeconds(1);

    /** And how much more slowly where it has many to look at: not more than ten a second. */
    private static final Duration PATIENCE_FOR_EACH = Duration.ofMillis(100);

    /** For so many poll intervals: in one of them the others learn of it and say so, if they can. Then with each poll. */
    private static final int INTERVALS_OF_PATIENCE = 2;

    private final AgentConfiguration configuration;
    private final StateFolder folder;
    private final SteeringFiles files;
    private final Bucket bucket;
    private final InstantSource clock;
    private final LongSupplier nanoTime;
    private final PurgeRound purges;
    private final WayBack wayBack;
    private volatile Known known;
    private volatile Optional<String> misunderstanding = Optional.empty();
    private volatile Optional<String> wanted = Optional.empty();
    private volatile Optional<String> held = Optional.empty();
    private Optional<Known> judged = Optional.empty();
    private long judgedSince;
    private long nextJudgement;
    private boolean goes;

    /** Finds a target of a delegated role below trusted metadata. */
    @FunctionalInterface
    public interface Finder {
        Updater.Finding find(TargetPath path) throws IOException;
    }

    /**
     * Begins with what the agent before it knew.
     *
     * @param mirror what is known of it at any time
     */
    public Steering(
            AgentConfiguration configuration,
            StateFolder folder,
            Bucket bucket,
            InstantSource clock,
            LongSupplier nanoTime,
            Supplier<Optional<NodeReport.Mirror>> mirror)
            throws IOException {
        this.configuration = configuration;
        this.folder = folder;
        this.files = new SteeringFiles(folder);
        this.bucket = bucket;
        this.clock = clock;
        this.nanoTime = nanoTime;
        this.known = files.known();
        this.wayBack = new WayBack(configuration, files, clock, nanoTime, mirror);
        this.goes = wayBack.wasDrained();
        this.purges = new PurgeRound(configuration.mirror(), files, nanoTime);
    }

    /** Takes what the fleet wants out of metadata that were just trusted. What can't be had or understood changes nothing. */
    public void learn(TrustedMetadata metadata, Finder finder) throws IOException {
        SortedSet<Member> members = Member.of(metadata.targets());
        Optional<MetaFile> promise = metadata.snapshot().of(Delegation.INTENTS);
        Known before = known;
        if (promise.isEmpty()) {
            take(before.then(0, Optional.empty(), members));
        } else if (promise.get().version() == before.version()) {
            take(before.then(before.version(), before.intents(), members));
        } else {
            switch (finder.find(TargetPath.intents())) {
                case Updater.Finding.Absent ignored ->
                    take(before.then(promise.get().version(), Optional.empty(), members));
                case Updater.Finding.Found found ->
                    document(found.file(), promise.get().version(), members);
                case Updater.Finding.Refused refused ->
                    misunderstand("is refused: " + refused.refused().text());
                case Updater.Finding.Unavailable away -> misunderstand("can't be fetched: " + away.reason());
            }
        }
    }

    private void document(TargetFile file, long version, SortedSet<Member> members) throws IOException {
        var key = BucketLayout.target(TargetPath.intents(), file.sha256());
        switch (bucket.get(key, Optional.empty(), Intents.LARGEST)) {
            case Bucket.Lookup.Found found -> {
                if (!Sha256.of(found.content()).equals(file.sha256())) {
                    misunderstand("has a wrong digest: " + key);
                    return;
                }
                try {
                    take(known.then(version, Optional.of(Intents.parse(found.content())), members));
                } catch (MalformedJsonException newer) {
                    misunderstand("is refused: " + newer.getMessage());
                }
            }
            case Bucket.Lookup.Absent absent -> misunderstand("can't be fetched: " + absent.reason());
            case Bucket.Lookup.TooLarge tooLarge -> misunderstand("is refused: " + tooLarge.reason());
            case Bucket.Lookup.Failed failed -> misunderstand("can't be fetched: " + failed.reason());
            case Bucket.Lookup.NotModified ignored -> throw new IllegalStateException("nothing was known");
        }
    }

    private void take(Known next) throws IOException {
        misunderstanding = Optional.empty();
        if (!next.equals(known)) {
            files.write(next);
            known = next;
        }
    }

    private void misunderstand(String why) {
        Optional<String> problem = Optional.of("what the fleet wants of its nodes " + why);
        if (!problem.equals(misunderstanding)) {
            LOG.warn("{}; what was wanted before goes on", problem.get());
        }
        misunderstanding = problem;
    }

    /** What is wanted of one release, where something is. */
    public Optional<Intents> intents() {
        return known.intents();
    }

    /** Why what the fleet wants isn't known, where it isn't. */
    public Optional<String> problem() {
        return misunderstanding;
    }

    /** Whether somebody on this node wants no release to be taken up for now, and who. */
    public Optional<LocalWish> pause() throws IOException {
        return folder.pause().standing(clock.instant());
    }

    /** Brings the node in line with what is wanted. To be called every watch interval; what fails is tried again. */
    public void act() throws InterruptedException {
        Known now = known;
        try {
            Optional<LocalWish> here = folder.drain().standing(clock.instant());
            drain(now);
            wanted = here.map(LocalWish::text).or(() -> drainOf(now)).or(() -> wayBack.reason(now));
            if (here.isPresent()) {
                held = Optional.empty();
            }
        } catch (IOException disk) {
            LOG.warn("what is wanted of this node can't be carried out: {}", disk.getMessage());
        }
    }

    /** The mirror ended by itself; the next one is not started before this returns. For any thread. */
    public void mirrorEnded(String why) {
        try {
            wayBack.leave(known, why);
        } catch (IOException disk) {
            LOG.warn("clients can't be asked to stay away while the mirror has ended: {}", disk.getMessage());
        }
    }

    /** Has the mirror carry out what is to be purged. To be called every watch interval, by a thread that may wait. */
    public void purge() {
        known.intents().ifPresent(purges::carryOut);
    }

    private Optional<String> drainOf(Known now) {
        return now.intents()
                .flatMap(intents -> intents.drain(configuration.region(), configuration.node(), clock.instant()))
                .map(drain -> "by " + drain.by() + " for " + drain.place() + ", since " + drain.at()
                        + drain.until().map(end -> ", until " + end).orElse("")
                        + (drain.reason().isEmpty() ? "" : " (" + drain.reason() + ")"));
    }

    /** By the fleet's wish. Others are looked at with each poll, at once when something new is wanted, and soon where they hold this one. */
    private void drain(Known now) throws IOException {
        boolean meant = drainOf(now).isPresent();
        boolean due = !judged.equals(Optional.of(now)) || nanoTime.getAsLong() - nextJudgement >= 0;
        if (!meant || due) {
            judge(now, meant);
        }
        Optional<Boolean> told = wayBack.tell(now, sight(now), goes);
        if (told.isPresent()) {
            LOG.info(
                    told.get() ? "clients are asked to go elsewhere: {}" : "clients may come: {}",
                    drainOf(now).or(() -> wayBack.reason(now)).orElse("no drain"));
        }
    }

    private FleetSight sight(Known now) {
        return new FleetSight(
                bucket,
                configuration.fleet(),
                now,
                clock.instant(),
                configuration.reporting().age());
    }

    /** Whether the node goes by the fleet's wish. */
    private void judge(Known now, boolean meant) {
        boolean drained = false;
        Optional<String> reason = Optional.empty();
        if (meant) {
            int asked = 0;
            Intents intents = now.intents().orElseThrow();
            Instant time = clock.instant();
            var self = new Member(configuration.region(), configuration.node());
            FleetSight sight = sight(now);
            try {
                switch (DrainJudge.judge(self, now.members(), intents, time, sight)) {
                    case DrainJudge.Decision.Unmeant ignored -> {}
                    case DrainJudge.Decision.Go ignored -> drained = true;
                    case DrainJudge.Decision.Stay stay -> {
                        reason = Optional.of(stay.reason());
                        asked = stay.asked();
                    }
                }
            } catch (DrainJudge.Away away) {
                // No word from the bucket is no reason to come or to go.
                drained = goes;
                reason =
                        drained ? Optional.empty() : Optional.of("the others can't be looked at: " + away.getMessage());
            }
            long here = nanoTime.getAsLong();
            if (!judged.equals(Optional.of(now))) {
                judgedSince = here;
            }
            judged = Optional.of(now);
            nextJudgement = here + (reason.isEmpty() ? configuration.pollInterval() : patience(here, asked)).toNanos();
        }
        goes = drained;
        held = reason;
    }

    private Duration patience(long here, int asked) {
        Duration poll = configuration.pollInterval();
        Duration each = PATIENCE_FOR_EACH.multipliedBy(asked);
        Duration wait = each.compareTo(PATIENCE) > 0 ? each : PATIENCE;
        boolean late =
                here - judgedSince >= poll.multipliedBy(INTERVALS_OF_PATIENCE).toNanos();
        return late || wait.compareTo(poll) > 0 ? poll : wait;
    }

    /**
     * What there is to say about it.
     *
     * @param drained whether the mirror says of itself that it is drained
     */
    public NodeReport.Steering report(boolean drained) {
        Known now = known;
        Optional<LocalWish> paused;
        try {
            paused = pause();
        } catch (IOException unreadable) {
            paused = Optional.empty();
        }
        PurgeRound.View round = purges.view(now.intents());
        return new NodeReport.Steering(
                now.version(),
                drained,
                wanted,
                held,
                paused.map(LocalWish::text),
                round.done(),
                round.waiting(),
                round.problem());
    }
}
