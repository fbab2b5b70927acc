package dev.flotilla.tests;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.flotilla.agent.bucket.Bucket;
import dev.flotilla.agent.bucket.BucketLayout;
import dev.flotilla.agent.bucket.BucketLocation;
import dev.flotilla.agent.bucket.ObjectKey;
import dev.flotilla.agent.bucket.S3Bucket;
import dev.flotilla.agent.trust.ReleaseMetadata;
import dev.flotilla.agent.trust.SignedDocument;
import dev.flotilla.agent.trust.SigningKey;
import dev.flotilla.agent.trust.TargetFile;
import dev.flotilla.agent.trust.TargetPath;
import dev.flotilla.agent.trust.TrustedRoot;
import dev.flotilla.agent.trust.Verification;
import dev.flotilla.vocabulary.ByteSize;
import dev.flotilla.vocabulary.FleetName;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;

/** The bucket of a local fleet in the hands of somebody who has its keys, and writes there what he likes. */
final class FleetBucket implements AutoCloseable {
    private static final FleetName FLEET = new FleetName("local");
    private static final ByteSize LIMIT = ByteSize.ofMiB(1);

    private final Path trust;
    private final Bucket bucket;
    private final ReleaseMetadata first;
    private long version;

    private FleetBucket(Path trust, Bucket bucket) {
        this.trust = trust;
        this.bucket = bucket;
        first = release();
        version = first.version();
    }

    static FleetBucket of(Fleet fleet) {
        try {
            JsonNode credentials = new ObjectMapper()
                    .readTree(fleet.state().resolve("local.json").toFile())
                    .get("credentials");
            JsonNode place = fleet.ready().get("bucket");
            var location = new BucketLocation(
                    place.get("name").asText(),
                    Optional.of(URI.create(place.get("endpoint").asText())),
                    "us-east-1",
                    true,
                    BucketLocation.TimeOuts.USUAL);
            var key = AwsBasicCredentials.create(
                    credentials.get("accessKeyId").asText(),
                    credentials.get("secretAccessKey").asText());
            return new FleetBucket(
                    fleet.state().resolve("trust"), S3Bucket.open(location, StaticCredentialsProvider.create(key)));
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    /** The release that the bucket points to, verified as an agent does. */
    private ReleaseMetadata release() {
        var root = trusted(TrustedRoot.of(read(BucketLayout.root()), FLEET));
        return trusted(root.release(read(BucketLayout.release()), Optional.empty(), Instant.now()))
                .metadata();
    }

    /** Publishes what the fleet itself had published, as a release that is newer than all before. */
    ReleaseMetadata publishGood() {
        version += 10;
        var release = new ReleaseMetadata(version, first.expires(), FLEET, first.targets());
        publish(release);
        return release;
    }

    /** What the bucket holds for one target of a release. */
    byte[] target(TargetPath path, ReleaseMetadata release) {
        return read(BucketLayout.target(path, release.target(path).orElseThrow().sha256()));
    }

    ReleaseMetadata next(ReleaseMetadata before, SortedMap<TargetPath, TargetFile> targets) {
        return new ReleaseMetadata(before.version() + 1, before.expires(), FLEET, targets);
    }

    ReleaseMetadata next(ReleaseMetadata before, TargetPath path, TargetFile file) {
        SortedMap<TargetPath, TargetFile> targets = new TreeMap<>(before.targets());
        targets.put(path, file);
        return next(before, targets);
    }

    /** Puts {@code content} where the bucket keeps {@code file}, whether or not it is what the name promises. */
    void store(TargetPath path, TargetFile file, byte[] content) {
        write(BucketLayout.target(path, file.sha256()), content);
    }

    /** Signs a release with the fleet's own key and points the bucket to it. */
    void publish(ReleaseMetadata release) {
        try {
            publish(release, SigningKey.read(trust.resolve("targets.key")));
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    void publish(ReleaseMetadata release, SigningKey key) {
        write(
                BucketLayout.release(),
                SignedDocument.sign(release.toSigned(), List.of(key)).toBytes());
    }

    private byte[] read(ObjectKey key) {
        if (bucket.get(key, Optional.empty(), LIMIT) instanceof Bucket.Lookup.Found found) {
            return found.content();
        }
        throw new AssertionError("the bucket has no " + key);
    }

    private void write(ObjectKey key, byte[] content) {
        Bucket.Writing writing = bucket.put(key, content, Bucket.Condition.none());
        if (!(writing instanceof Bucket.Writing.Written)) {
            throw new AssertionError("writing " + key + ": " + writing);
        }
    }

    private static <T> T trusted(Verification<T> verification) {
        if (verification instanceof Verification.Trusted<T> trusted) {
            return trusted.value();
        }
        throw new AssertionError("not verified: " + verification);
    }

    @Override
    public void close() {
        bucket.close();
    }
}
