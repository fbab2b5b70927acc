package dev.flotilla.agent.wheels;

import dev.flotilla.agent.bucket.Bucket;
import dev.flotilla.agent.configuration.AgentConfiguration;
import dev.flotilla.agent.report.NodeReport;
import dev.flotilla.agent.state.StateFolder;
import dev.flotilla.agent.trust.Delegation;
import dev.flotilla.agent.trust.MetaFile;
import dev.flotilla.agent.trust.TargetFile;
import dev.flotilla.agent.trust.TargetPath;
import dev.flotilla.agent.trust.TargetsMetadata;
import dev.flotilla.agent.trust.TrustedMetadata;
import dev.flotilla.agent.trust.Updater;
import dev.flotilla.vocabulary.PlatformSlug;
import dev.flotilla.vocabulary.Sha256;
import java.io.IOException;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the indexes of wheels on this node as the role for wheels has signed them. Whatever fails leaves what is there, is tried again with
 * the next poll, and is no concern of the release. {@link #learn} and {@link #act} are for one thread each at a time; {@link #report} may be
 * asked from any.
 */
public final class WheelIndexes {
    private static final Logger LOG = LoggerFactory.getLogger(WheelIndexes.class);

    private final AgentConfiguration configuration;
    private final PlacedIndexes placed;
    private final LongSupplier nanoTime;
    private volatile Optional<Wanted> wanted = Optional.empty();
    private volatile Optional<String> misunderstanding = Optional.empty();
    private volatile Optional<String> hindrance = Optional.empty();
    private volatile SortedMap<PlatformSlug, Sha256> there = new TreeMap<>();
    private Optional<Wanted> done = Optional.empty();
    private long nextTry;

    /** All that the role says, which holds until it says something else. */
    private record Wanted(long version, Instant expires, SortedMap<PlatformSlug, TargetFile> indexes) {}

    /** Reads what a delegated role says below trusted metadata. */
    @FunctionalInterface
    public interface Roles {
        Updater.Delegated said(String role) throws IOException;
    }

    /** What happens to an index. */
    public enum Event {
        /** It is whole on disk, and verified. */
        FETCHED,
        /** It lies where the mirror looks. */
        PLACED,
        /** It is gone, for it is no longer signed. */
        REMOVED
    }

    /** Is told of every event as soon as it is on disk. */
    @FunctionalInterface
    public interface Progress {
        void reached(Event event, long version);
    }

    /** Nothing is read yet. */
    public WheelIndexes(
            AgentConfiguration configuration,
            StateFolder folder,
            Bucket bucket,
            LongSupplier nanoTime,
            Progress progress) {
        this.configuration = configuration;
        this.placed = new PlacedIndexes(folder.wheels(), bucket, configuration.limits(), progress);
        this.nanoTime = nanoTime;
        this.nextTry = nanoTime.getAsLong();
    }

    /**
     * Takes what is signed out of metadata that were just trusted. What is refused, has expired or can't be had changes nothing. No request
     * where the role says nothing new.
     */
    public void learn(TrustedMetadata metadata, Roles roles) throws IOException {
        Optional<MetaFile> promise = metadata.snapshot().of(Delegation.WHEELS);
        if (promise.isEmpty()) {
            // A fleet that is older than the role: there are no wheels, and nothing that would say so.
            return;
        }
        switch (roles.said(Delegation.WHEELS)) {
            case Updater.Delegated.Said said -> understood(said.metadata());
            case Updater.Delegated.Silent ignored -> misunderstand("the release leaves them to no role");
            case Updater.Delegated.Refused refused ->
                misunderstand(refused.refused().text());
            case Updater.Delegated.Unavailable away -> misunderstand(away.reason());
        }
    }

    private void understood(TargetsMetadata said) {
        SortedMap<PlatformSlug, TargetFile> indexes = new TreeMap<>();
        said.targets()
                .forEach(
                        (path, file) -> TargetPath.platformOf(path).ifPresent(platform -> indexes.put(platform, file)));
        if (indexes.size() > configuration.limits().wheelPlatforms()) {
            misunderstand(indexes.size() + " platforms have wheels, more than limits.wheel-platforms allows ("
                    + configuration.limits().wheelPlatforms() + ")");
            return;
        }
        misunderstanding = Optional.empty();
        wanted = Optional.of(new Wanted(said.version(), said.expires(), indexes));
    }

    private void misunderstand(String why) {
        Optional<String> problem = Optional.of("what the fleet says of its wheels isn't taken up: " + why);
        if (!problem.equals(misunderstanding)) {
            LOG.warn("{}; the indexes that are here stay", problem.get());
        }
        misunderstanding = problem;
    }

    /** Brings the disk in line with what is signed. To be called every watch interval, by a thread that may wait. */
    public void act() {
        Optional<Wanted> now = wanted;
        boolean due = !now.equals(done) || nanoTime.getAsLong() - nextTry >= 0;
        if (now.isEmpty() || !due || (hindrance.isPresent() && nanoTime.getAsLong() - nextTry < 0)) {
            return;
        }
        nextTry = nanoTime.getAsLong() + configuration.pollInterval().toNanos();
        hinder(brought(now.get()));
        done = hindrance.isEmpty() ? now : Optional.empty();
    }

    /** Answers what keeps the first of those from being there that aren't. One platform's failure holds up no other. */
    private Optional<String> brought(Wanted now) {
        Optional<String> failure = Optional.empty();
        SortedMap<PlatformSlug, Sha256> present = new TreeMap<>();
        for (Map.Entry<PlatformSlug, TargetFile> index : now.indexes().entrySet()) {
            PlatformSlug platform = index.getKey();
            Optional<String> why;
            try {
                why = placed.bring(platform, index.getValue(), now.version());
            } catch (IOException disk) {
                why = Optional.of(disk.toString());
            }
            placed.digest(platform).ifPresent(digest -> present.put(platform, digest));
            Optional<String> reason = why.map(text -> "the wheels of " + platform + " aren't up to date: " + text);
            failure = failure.or(() -> reason);
        }
        try {
            placed.keepOnly(now.indexes().keySet(), now.version());
        } catch (IOException disk) {
            failure = failure.or(() -> Optional.of("indexes of wheels can't be removed: " + disk));
        }
        there = present;
        return failure;
    }

    private void hinder(Optional<String> next) {
        if (!next.equals(hindrance)) {
            next.ifPresentOrElse(
                    why -> LOG.warn("{}; what is here stays", why), () -> LOG.info("the wheels are up to date again"));
        }
        hindrance = next;
    }

    /** What there is to say about it; nothing while nothing was ever heard of wheels. */
    public Optional<NodeReport.Wheels> report() {
        Optional<Wanted> now = wanted;
        Optional<String> problem = misunderstanding.or(() -> hindrance);
        return now.isEmpty() && problem.isEmpty()
                ? Optional.empty()
                : Optional.of(new NodeReport.Wheels(
                        now.map(Wanted::version).orElse(0L), now.map(Wanted::expires), there, problem));
    }
}
