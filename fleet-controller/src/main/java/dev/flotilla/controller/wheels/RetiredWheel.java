package dev.flotilla.controller.wheels;

import dev.flotilla.agent.bucket.BucketLayout;
import dev.flotilla.agent.bucket.ObjectKey;
import dev.flotilla.agent.json.JsonObject;
import dev.flotilla.vocabulary.PlatformSlug;
import dev.flotilla.vocabulary.ProjectName;
import dev.flotilla.vocabulary.Sha256;
import java.time.Instant;

/**
 * A wheel that has left the index of its platform, and whose bytes are still in the bucket: nodes that were away go by an earlier index.
 *
 * @param since when it left
 */
public record RetiredWheel(ProjectName project, Sha256 digest, String filename, Instant since) {
    /** One that leaves now. */
    public static RetiredWheel of(PublishedWheel wheel, Instant now) {
        return new RetiredWheel(wheel.project(), wheel.digest(), wheel.filename(), now);
    }

    /** Whether it is that wheel, with the same bytes. */
    public boolean is(PublishedWheel wheel) {
        return filename.equals(wheel.filename()) && digest.equals(wheel.digest());
    }

    /** Where it lies. {@link IllegalArgumentException} where its name can't be an object's. */
    public ObjectKey key(PlatformSlug platform) {
        return BucketLayout.wheel(platform, project, digest, filename);
    }

    JsonObject toJson() {
        return JsonObject.EMPTY
                .with("project", project.normal())
                .with("sha256", digest.hex())
                .with("filename", filename)
                .with("since", since);
    }

    static RetiredWheel parse(JsonObject written) {
        return new RetiredWheel(
                written.parsed("project", ProjectName::new),
                written.parsed("sha256", Sha256::new),
                written.text("filename"),
                written.instant("since"));
    }
}
