package dev.flotilla.controller.publish;

import dev.flotilla.agent.bucket.Bucket;
import dev.flotilla.agent.bucket.Bucket.Condition;
import dev.flotilla.agent.bucket.Bucket.Presence;
import dev.flotilla.agent.bucket.Bucket.Writing;
import dev.flotilla.agent.bucket.BucketLayout;
import dev.flotilla.agent.bucket.ObjectKey;
import dev.flotilla.agent.trust.TargetFile;
import dev.flotilla.agent.trust.TargetPath;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** Brings a release's files into a bucket, under their digests. */
record Uploads(Bucket bucket, Consumer<String> progress) {
    /** Brings all files into the bucket that aren't there. Present is why one can't be brought. */
    Optional<Publishing> bring(ReleaseFiles files) {
        int there = 0;
        for (Map.Entry<TargetPath, ReleaseFiles.Source> entry : files.sources().entrySet()) {
            TargetFile file = entry.getValue().file();
            ObjectKey key = BucketLayout.target(entry.getKey(), file.sha256());
            switch (bucket.look(key)) {
                case Presence.Failed failed -> {
                    return Optional.of(new Publishing.Failed(failed.reason()));
                }
                case Presence.There present when present.size().equals(file.length()) -> there++;
                case Presence.There ignored -> {
                    // A torn upload of a store that has no atomic ones.
                    Optional<Publishing> failure = put(key, entry.getValue());
                    if (failure.isPresent()) {
                        return failure;
                    }
                }
                case Presence.Absent ignored -> {
                    Optional<Publishing> failure = put(key, entry.getValue());
                    if (failure.isPresent()) {
                        return failure;
                    }
                }
            }
        }
        progress.accept(there + " of " + files.sources().size() + " files were in the bucket already");
        return Optional.empty();
    }

    private Optional<Publishing> put(ObjectKey key, ReleaseFiles.Source source) {
        progress.accept("uploading " + key + " (" + source.file().length() + ")");
        Writing writing = switch (source) {
            case ReleaseFiles.Source.Text text -> bucket.put(key, text.content(), Condition.none());
            case ReleaseFiles.Source.OnDisk onDisk -> bucket.upload(key, onDisk.path(), Condition.none());
        };
        return switch (writing) {
            case Writing.Written ignored -> Optional.empty();
            case Writing.Conflict conflict -> Optional.of(new Publishing.Failed(conflict.reason()));
            case Writing.Failed failed -> Optional.of(new Publishing.Failed(failed.reason()));
        };
    }
}
