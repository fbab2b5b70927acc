package dev.flotilla.agent.cycle;

import dev.flotilla.agent.bucket.Bucket;
import dev.flotilla.agent.bucket.BucketLayout;
import dev.flotilla.agent.bucket.ETag;
import dev.flotilla.agent.configuration.AgentConfiguration;
import dev.flotilla.agent.state.AgentState;
import dev.flotilla.agent.state.AgentState.Committed;
import dev.flotilla.agent.state.AgentState.Settled;
import dev.flotilla.agent.trust.Mark;
import dev.flotilla.agent.trust.Refusal;
import dev.flotilla.agent.trust.TargetFile;
import dev.flotilla.agent.trust.TargetPath;
import dev.flotilla.agent.trust.TrustedRoot;
import dev.flotilla.agent.trust.TrustedRoot.TrustedRelease;
import dev.flotilla.agent.trust.Verification;
import dev.flotilla.vocabulary.ByteSize;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;

/** Looks at the bucket and judges what it offers. Changes nothing, neither on disk nor in the bucket. */
public final class Planner {
    private final AgentConfiguration configuration;
    private final Bucket bucket;
    private final InstantSource clock;

    public Planner(AgentConfiguration configuration, Bucket bucket, InstantSource clock) {
        this.configuration = configuration;
        this.bucket = bucket;
        this.clock = clock;
    }

    /** What to do about what the bucket holds now. One small conditional request where nothing is new. */
    public Plan plan(AgentState state) {
        Instant now = clock.instant();
        Optional<ETag> known = state.settled().map(Settled::etag);
        return switch (bucket.get(BucketLayout.release(), known, TrustedRoot.LARGEST_RELEASE)) {
            case Bucket.Lookup.Found found -> judged(found, state, now);
            case Bucket.Lookup.NotModified ignored -> new Plan.Keep(settledProblem(state, now));
            case Bucket.Lookup.Absent absent -> new Plan.Wait("there is no release to be had: " + absent.reason());
            case Bucket.Lookup.Failed failed -> new Plan.Wait("could not look for a release: " + failed.reason());
        };
    }

    /** What is wrong with what was dealt with before: why it was refused, or that its time has run out since. */
    static Optional<String> settledProblem(AgentState state, Instant now) {
        return state.settled()
                .flatMap(
                        settled -> settled.problem()
                                .or(
                                        () -> settled.expires()
                                                .filter(expires -> !expires.isAfter(now))
                                                .map(
                                                        expires -> "the release in use expired at " + expires
                                                                + ": it goes on, but a release has to be published before a new node can start")));
    }

    private Plan judged(Bucket.Lookup.Found found, AgentState state, Instant now) {
        TrustedRoot root;
        switch (root()) {
            case Verification.Trusted<TrustedRoot> trusted -> root = trusted.value();
            case Verification.Refused<TrustedRoot> refused -> {
                return new Plan.Wait(
                        "releases can't be judged by " + configuration.trustRoot() + ": " + refused.text());
            }
        }
        return switch (root.release(found.content(), state.trusted(), now)) {
            case Verification.Refused<TrustedRelease> refused -> refuse(refused, found.etag());
            case Verification.Trusted<TrustedRelease> trusted -> {
                Instant expires = trusted.value().metadata().expires();
                Instant rootExpires = root.metadata().expires();
                var release = new Plan.Release(
                        trusted.value().mark(), expires.isBefore(rootExpires) ? expires : rootExpires, found.etag());
                yield chosen(trusted.value(), release, new Plan.Document(found.content()), state);
            }
        };
    }

    private static Plan refuse(Verification.Refused<TrustedRelease> refused, ETag etag) {
        String problem = "a release is refused: " + refused.text();
        // An expiry may be the fault of this node's clock, which somebody may set right.
        Optional<Settled> settled = refused.reason() == Refusal.EXPIRED
                ? Optional.empty()
                : Optional.of(new Settled(etag, Optional.empty(), Optional.of(problem)));
        return new Plan.Refuse(Optional.empty(), settled, problem);
    }

    private Plan chosen(TrustedRelease trusted, Plan.Release release, Plan.Document document, AgentState state) {
        Mark mark = release.mark();
        if (state.committed().map(Committed::mark).equals(Optional.of(mark))) {
            return new Plan.Confirm(release);
        }
        Optional<String> refusedBefore = state.refusal(mark);
        if (refusedBefore.isPresent()) {
            return refuse(release, refusedBefore.get());
        }
        var configurationPath = TargetPath.mirrorConfiguration(configuration.region(), configuration.node());
        Optional<TargetFile> mirrorConfiguration = trusted.metadata().target(configurationPath);
        Optional<TargetFile> program = trusted.metadata().target(TargetPath.mirrorProgram());
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
                .orElseGet(() -> new Plan.Apply(release, mirrorConfiguration.get(), program.get(), document));
    }

    private static Optional<String> tooLarge(String what, TargetFile file, ByteSize limit) {
        return file.length().compareTo(limit) > 0
                ? Optional.of("its " + what + " of " + file.length() + " is larger than the limit of " + limit)
                : Optional.empty();
    }

    private static Plan refuse(Plan.Release release, String problem) {
        return new Plan.Refuse(Optional.of(release.mark()), Optional.of(release.settledWith(problem)), problem);
    }

    static String refusal(Mark mark, String reason) {
        return "release " + mark.version() + " refused: " + reason;
    }

    private Verification<TrustedRoot> root() {
        try (InputStream file = Files.newInputStream(configuration.trustRoot())) {
            int most = Math.toIntExact(TrustedRoot.LARGEST_ROOT.bytes()) + 1;
            return TrustedRoot.of(file.readNBytes(most), configuration.fleet());
        } catch (NoSuchFileException missing) {
            return new Verification.Refused<>(Refusal.MALFORMED, "there is no such file");
        } catch (IOException unreadable) {
            return new Verification.Refused<>(Refusal.MALFORMED, "it can't be read: " + unreadable.getMessage());
        }
    }
}
