package dev.flotilla.agent.cycle;

import dev.flotilla.agent.bucket.Bucket;
import dev.flotilla.agent.bucket.Bucket.Lookup;
import dev.flotilla.agent.bucket.BucketLayout;
import dev.flotilla.agent.intent.Intents;
import dev.flotilla.agent.intent.Rollout;
import dev.flotilla.agent.json.MalformedJsonException;
import dev.flotilla.agent.rollout.Halt;
import dev.flotilla.agent.trust.TargetFile;
import dev.flotilla.agent.trust.TargetPath;
import dev.flotilla.agent.trust.TrustedMetadata;
import dev.flotilla.agent.trust.UpdateTime;
import dev.flotilla.agent.trust.Updater;
import dev.flotilla.vocabulary.Sha256;
import java.io.IOException;
import java.util.Optional;

/**
 * What operators want of a release that this node could go for: read from the fleet's intents by the very metadata that lead to
 * the release, so that no node goes past a halt that it could have seen. For one thread.
 */
final class Halts {
    private final Bucket bucket;
    private final Updater updater;
    private Optional<Read> read = Optional.empty();

    Halts(Bucket bucket, Updater updater) {
        this.bucket = bucket;
        this.updater = updater;
    }

    private record Read(Sha256 digest, Intents intents) {}

    /** The outcome of {@link #of}. */
    sealed interface Answer {
        record Known(Optional<Halt> halt) implements Answer {}

        /** Something is wanted, and what that is can't be found out. */
        record Unknown(String reason) implements Answer {}
    }

    Answer of(TrustedMetadata metadata, UpdateTime time) throws IOException {
        return switch (updater.find(metadata, TargetPath.intents().value(), time)) {
            case Updater.Finding.Absent ignored -> new Answer.Known(Optional.empty());
            case Updater.Finding.Unavailable away -> new Answer.Unknown(away.reason());
            case Updater.Finding.Refused refused ->
                new Answer.Unknown(refused.refused().text());
            case Updater.Finding.Found found ->
                read.filter(before -> before.digest().equals(found.file().sha256()))
                        .<Answer>map(before -> known(before, metadata))
                        .orElseGet(() -> read(found.file(), metadata));
        };
    }

    private Answer read(TargetFile file, TrustedMetadata metadata) {
        var key = BucketLayout.target(TargetPath.intents(), file.sha256());
        return switch (bucket.get(key, Optional.empty(), Intents.LARGEST)) {
            case Lookup.Absent absent -> new Answer.Unknown(absent.reason());
            case Lookup.TooLarge tooLarge -> new Answer.Unknown(tooLarge.reason());
            case Lookup.Failed failed -> new Answer.Unknown(failed.reason());
            case Lookup.NotModified ignored -> throw new IllegalStateException("nothing was known");
            case Lookup.Found found -> {
                if (!Sha256.of(found.content()).equals(file.sha256())) {
                    yield new Answer.Unknown("wrong digest: " + key);
                }
                try {
                    var now = new Read(file.sha256(), Intents.parse(found.content()));
                    read = Optional.of(now);
                    yield known(now, metadata);
                } catch (MalformedJsonException newer) {
                    yield new Answer.Unknown(String.valueOf(newer.getMessage()));
                }
            }
        };
    }

    private static Answer known(Read read, TrustedMetadata metadata) {
        return new Answer.Known(read.intents()
                .rollout()
                .filter(wish -> wish.release() == metadata.release().version())
                .map(Halts::halt));
    }

    private static Halt halt(Rollout wish) {
        return new Halt(
                switch (wish.state()) {
                    case PAUSED -> Halt.Kind.PAUSED;
                    case ABORTED -> Halt.Kind.ABORTED;
                },
                "by " + wish.by() + ", since " + wish.at()
                        + (wish.reason().isEmpty() ? "" : " (" + wish.reason() + ")"));
    }
}
