package dev.flotilla.agent.bucket;

import dev.flotilla.agent.trust.MetadataFile;
import dev.flotilla.agent.trust.MetadataSource;
import dev.flotilla.vocabulary.ByteSize;
import java.util.Optional;

/** A fleet's bucket as the repository of its metadata. */
public record BucketMetadata(Bucket bucket) implements MetadataSource {
    @Override
    public Fetched fetch(MetadataFile file, Optional<String> known, ByteSize limit) {
        ObjectKey key;
        try {
            key = BucketLayout.metadata(file);
        } catch (IllegalArgumentException noKey) {
            return new Fetched.Absent("there can be no " + file + " in a bucket");
        }
        return switch (bucket.get(key, known.map(ETag::new), limit)) {
            case Bucket.Lookup.Found found ->
                new Fetched.Found(found.content(), Optional.of(found.etag().value()));
            case Bucket.Lookup.NotModified ignored -> new Fetched.NotModified();
            case Bucket.Lookup.Absent absent -> new Fetched.Absent(absent.reason());
            case Bucket.Lookup.TooLarge tooLarge -> new Fetched.TooLarge(tooLarge.reason());
            case Bucket.Lookup.Failed failed -> new Fetched.Failed(failed.reason());
        };
    }
}
