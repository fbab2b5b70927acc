package dev.flotilla.agent.cycle;

import dev.flotilla.agent.bucket.Bucket;
import dev.flotilla.agent.bucket.BucketMetadata;
import dev.flotilla.agent.bucket.ETag;
import dev.flotilla.agent.configuration.AgentConfiguration;
import dev.flotilla.agent.rollout.Halt;
import dev.flotilla.agent.rollout.Member;
import dev.flotilla.agent.rollout.RolloutGate;
import dev.flotilla.agent.rollout.Verdict;
import dev.flotilla.agent.state.AgentState;
import dev.flotilla.agent.state.AgentState.Settled;
import dev.flotilla.agent.state.StateFolder;
import dev.flotilla.agent.trust.Mark;
import dev.flotilla.agent.trust.MetadataStore;
import dev.flotilla.agent.trust.Refreshed;
import dev.flotilla.agent.trust.Refusal;
import dev.flotilla.agent.trust.TargetFile;
import dev.flotilla.agent.trust.TargetPath;
import dev.flotilla.agent.trust.TrustedMetadata;
import dev.flotilla.agent.trust.UpdateTime;
import dev.flotilla.agent.trust.Updater;
import dev.flotilla.vocabulary.ByteSize;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;

/**
 * Looks at the bucket and judges what it offers. Changes nothing but the trusted metadata in its store. For one thread;
 * {@link #trusted} may be asked from any.
 */
public final class Planner {
    private final AgentConfiguration configuration;
    private final StateFolder folder;
    private final RolloutGate gate;
    private final Updater updater;
    private final Halts halts;
    private final Duration grace;
    private final InstantSource clock;
    private volatile Optional<TrustedMetadata> trusted = Optional.empty();

    /**
     * Nothing is read yet.
     *
     * @param grace how long after their end metadata are still taken by a node that has never had a release
     */
    public Planner(
            AgentConfiguration configuration,
            StateFolder folder,
            Bucket bucket,
            MetadataStore store,
            Duration grace,
            InstantSource clock) {
        this.configuration = configuration;
        this.folder = folder;
        this.gate = new RolloutGate(
                bucket,
                configuration.fleet(),
                new Member(configuration.region(), configuration.node()),
                configuration.limits().reportsPerCycle());
        this.updater = Updater.ofFleet(
                configuration.fleet(),
                configuration.bucket().name(),
                configuration.zone(),
                new BucketMetadata(bucket),
                store,
                configuration.trust());
        this.halts = new Halts(bucket, updater);
        this.grace = grace;
        this.clock = clock;
    }

    /** The metadata that were trusted last; absent until some were. */
    Optional<TrustedMetadata> trusted() {
        return trusted;
    }

    /** Looks up a target of a delegated role below the metadata that were trusted last. */
    Updater.Finding find(TrustedMetadata metadata, TargetPath path) throws IOException {
        return updater.find(metadata, path.value(), UpdateTime.of(clock.instant()));
    }

    /** What a delegated role says below the metadata that were trusted last. */
    Updater.Delegated delegated(TrustedMetadata metadata, String role) throws IOException {
        return updater.delegated(metadata, role, UpdateTime.of(clock.instant()));
    }

    /**
     * What to do about what the bucket holds now. Two small requests where nothing is new. {@link IOException} where the
     * store fails.
     */
    public Plan plan(AgentState state) throws IOException {
        byte[] root;
        try (InputStream file = Files.newInputStream(configuration.trustRoot())) {
            root = file.readNBytes(Math.toIntExact(configuration.trust().root().bytes()) + 1);
        } catch (NoSuchFileException missing) {
            return unusableRoot("there is no such file");
        } catch (IOException unreadable) {
            return unusableRoot("it can't be read: " + unreadable.getMessage());
        }
        Optional<Refreshed.Refused> unusable = updater.begin(root);
        if (unusable.isPresent()) {
            return unusableRoot(unusable.get().text());
        }
        Optional<String> known = state.settled().map(Settled::etag).map(ETag::value);
        var time = new UpdateTime(clock.instant(), state.committed().isEmpty() ? grace : Duration.ZERO);
        return switch (updater.refresh(known, time)) {
            case Refreshed.Current current -> {
                trusted = Optional.of(current.metadata());
                yield chosen(current, state);
            }
            case Refreshed.Refused refused -> refuse(refused);
            case Refreshed.Unavailable unavailable ->
                new Plan.Wait("could not look for a release: " + unavailable.reason());
        };
    }

    private Plan unusableRoot(String why) {
        return new Plan.Wait("releases can't be judged by " + configuration.trustRoot() + ": " + why);
    }

    private static Plan refuse(Refreshed.Refused refused) {
        String problem = "a release is refused: " + refused.text()
                + (refused.reason() == Refusal.EXPIRED
                        ? ". What is in use goes on, but nothing new is taken up, and no new node can start, until"
                                + " somebody runs flotilla publish --renew"
                        : "");
        // Not settled: another root, another clock or another object may make it right.
        return new Plan.Refuse(Optional.empty(), problem);
    }

    private Plan chosen(Refreshed.Current current, AgentState state) throws IOException {
        var etag = new ETag(current.tag().orElseThrow());
        TrustedMetadata metadata = current.metadata();
        Mark mark = metadata.release();
        var release = new Plan.Release(mark, metadata.expires(), etag);
        if (state.standing().equals(Optional.of(mark))) {
            return new Plan.Confirm(release);
        }
        Optional<String> refusedBefore = state.refusal(mark);
        if (refusedBefore.isPresent()) {
            return refuse(release, refusedBefore.get());
        }
        if (state.inUse().filter(used -> used.version() == mark.version()).isPresent()) {
            return refuse(
                    release,
                    refusal(
                            mark,
                            Refusal.SAME_VERSION_OTHER_CONTENT.words()
                                    + ": a release of that number is in use. Publish one of a higher number"));
        }
        Plan plan = fitting(metadata, release);
        return plan instanceof Plan.Apply apply ? rolledOut(apply, metadata, state) : plan;
    }

    /** Whether the release's rollout has come to this node. */
    private Plan rolledOut(Plan.Apply apply, TrustedMetadata metadata, AgentState state) throws IOException {
        Optional<TargetFile> file = metadata.targets().target(TargetPath.rollout());
        if (file.isEmpty()) {
            return apply;
        }
        Optional<StagedRelease> inUse = state.standing().flatMap(this::read);
        Mark mark = apply.release().mark();
        Instant now = clock.instant();
        Optional<Halt> halt;
        switch (halts.of(metadata, UpdateTime.of(now))) {
            case Halts.Answer.Unknown unknown -> {
                return new Plan.Wait("whether the rollout of release " + mark.version()
                        + " is paused can't be found out: " + unknown.reason());
            }
            case Halts.Answer.Known known -> halt = known.halt();
        }
        var question = new RolloutGate.Question(
                mark.version(),
                state.seen(mark, now),
                now,
                inUse.isEmpty(),
                inUse.filter(apply::changesNothing).isPresent(),
                halt);
        return switch (gate.judge(file.get(), question)) {
            case RolloutGate.Answer.Broken broken -> refuse(apply.release(), refusal(mark, broken.reason()));
            case RolloutGate.Answer.Unavailable away ->
                new Plan.Wait("the rollout of release " + mark.version() + " can't be judged: " + away.reason());
            case RolloutGate.Answer.Judged judged ->
                switch (judged.verdict()) {
                    case Verdict.Go ignored -> apply;
                    case Verdict.Hold hold ->
                        new Plan.Hold(apply.release(), new AgentState.Held(false, hold.reason(), hold.until()));
                    case Verdict.Stopped stopped ->
                        new Plan.Hold(apply.release(), new AgentState.Held(true, stopped.reason(), Optional.empty()));
                };
        };
    }

    private Optional<StagedRelease> read(Mark mark) {
        try {
            return Optional.of(StagedRelease.read(folder, mark));
        } catch (IOException damaged) {
            return Optional.empty();
        }
    }

    private Plan fitting(TrustedMetadata metadata, Plan.Release release) {
        Mark mark = release.mark();
        var configurationPath = TargetPath.mirrorConfiguration(configuration.region(), configuration.node());
        Optional<TargetFile> mirrorConfiguration = metadata.targets().target(configurationPath);
        Optional<TargetFile> program = metadata.targets().target(TargetPath.mirrorProgram());
        if (mirrorConfiguration.isEmpty() || program.isEmpty()) {
            return refuse(
                    release,
                    refusal(mark, "it has no " + (program.isEmpty() ? TargetPath.mirrorProgram() : configurationPath)));
        }
        return tooLarge(
                        "configuration",
                        mirrorConfiguration.get(),
                        configuration.limits().mirrorConfiguration())
                .or(() -> tooLarge(
                        "program", program.get(), configuration.limits().program()))
                .map(reason -> refuse(release, refusal(mark, reason)))
                .orElseGet(() -> new Plan.Apply(release, mirrorConfiguration.get(), program.get()));
    }

    private static Optional<String> tooLarge(String what, TargetFile file, ByteSize limit) {
        return file.length().compareTo(limit) > 0
                ? Optional.of("its " + what + " of " + file.length() + " is larger than the limit of " + limit)
                : Optional.empty();
    }

    private static Plan refuse(Plan.Release release, String problem) {
        return new Plan.Refuse(Optional.of(release.settledWith(problem)), problem);
    }

    static String refusal(Mark mark, String reason) {
        return "release " + mark.version() + " refused: " + reason;
    }
}
