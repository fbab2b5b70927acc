package dev.flotilla.tests;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.flotilla.agent.bucket.Bucket;
import dev.flotilla.agent.bucket.BucketLayout;
import dev.flotilla.agent.bucket.BucketLocation;
import dev.flotilla.agent.bucket.BucketMetadata;
import dev.flotilla.agent.bucket.ObjectKey;
import dev.flotilla.agent.bucket.S3Bucket;
import dev.flotilla.agent.trust.MetaFile;
import dev.flotilla.agent.trust.MetadataFile;
import dev.flotilla.agent.trust.MetadataStore;
import dev.flotilla.agent.trust.Refreshed;
import dev.flotilla.agent.trust.Role;
import dev.flotilla.agent.trust.SignedDocument;
import dev.flotilla.agent.trust.SigningKey;
import dev.flotilla.agent.trust.SnapshotMetadata;
import dev.flotilla.agent.trust.TargetFile;
import dev.flotilla.agent.trust.TargetPath;
import dev.flotilla.agent.trust.TargetsMetadata;
import dev.flotilla.agent.trust.TimestampMetadata;
import dev.flotilla.agent.trust.TrustLimits;
import dev.flotilla.agent.trust.TrustedMetadata;
import dev.flotilla.agent.trust.UpdateTime;
import dev.flotilla.agent.trust.Updater;
import dev.flotilla.vocabulary.ByteSize;
import dev.flotilla.vocabulary.FleetName;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
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
    /** Far beyond what the fleet itself has published. */
    private static final long SNAPSHOTS = 1000;

    private static final FleetName FLEET = new FleetName("local");
    private static final ByteSize LIMIT = ByteSize.ofMiB(1);

    private final String name;
    private final Path trust;
    private final Bucket bucket;
    private final TargetsMetadata first;
    private long version;
    private long snapshots;

    /** What the fleet's own snapshot says of the roles below its release, which no later one may leave out. */
    private final SortedMap<String, MetaFile> delegated;

    private FleetBucket(String name, Path trust, Bucket bucket) {
        this.name = name;
        this.trust = trust;
        this.bucket = bucket;
        TrustedMetadata begun = published();
        first = begun.targets();
        delegated = begun.snapshot().meta();
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
                    location.name(),
                    fleet.state().resolve("trust"),
                    S3Bucket.open(location, StaticCredentialsProvider.create(key)));
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    /** What the bucket leads to, verified as an agent does. */
    private TrustedMetadata published() {
        try {
            var updater = Updater.ofFleet(
                    FLEET, name, new BucketMetadata(bucket), MetadataStore.inMemory(), TrustLimits.USUAL);
            assertThat(updater.begin(Files.readAllBytes(trust.resolve("root.json"))))
                    .isEmpty();
            Refreshed refreshed = updater.refresh(Optional.empty(), UpdateTime.of(Instant.now()));
            assertThat(refreshed).isInstanceOf(Refreshed.Current.class);
            return ((Refreshed.Current) refreshed).metadata();
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    /** What the fleet itself had published. */
    TargetsMetadata first() {
        return first;
    }

    /** Publishes what the fleet itself had published, as a release that is newer than all before. */
    TargetsMetadata publishGood() {
        version += 10;
        var release = of(version, first.targets());
        publish(release);
        return release;
    }

    /** Publishes other files, as a release that is newer than all before. */
    TargetsMetadata publishNext(SortedMap<String, TargetFile> targets) {
        version += 10;
        var release = of(version, targets);
        publish(release);
        return release;
    }

    TargetsMetadata of(long number, SortedMap<String, TargetFile> targets) {
        return new TargetsMetadata(number, first.expires(), first.issued(), targets, first.delegations());
    }

    /** What the bucket holds for one target of a release. */
    byte[] target(TargetPath path, TargetsMetadata release) {
        return read(BucketLayout.target(path, release.target(path).orElseThrow().sha256()));
    }

    TargetsMetadata next(TargetsMetadata before, SortedMap<String, TargetFile> targets) {
        return of(before.version() + 1, targets);
    }

    TargetsMetadata next(TargetsMetadata before, TargetPath path, TargetFile file) {
        SortedMap<String, TargetFile> targets = new TreeMap<>(before.targets());
        targets.put(path.value(), file);
        return next(before, targets);
    }

    /** Puts {@code content} where the bucket keeps {@code file}, whether or not it is what the name promises. */
    void store(TargetPath path, TargetFile file, byte[] content) {
        write(BucketLayout.target(path, file.sha256()), content);
    }

    /** Signs a release with the fleet's own key and points the bucket to it. */
    void publish(TargetsMetadata release) {
        publish(release, key("targets"));
    }

    /** Points the bucket to a release that some key has signed, by the fleet's own snapshot and timestamp keys. */
    void publish(TargetsMetadata release, SigningKey key) {
        byte[] targets = SignedDocument.sign(release.toSigned(), List.of(key)).toBytes();
        write(BucketLayout.metadata(MetadataFile.of(Role.TARGETS, release.version())), targets);
        snapshots++;
        var expires = first.expires();
        SortedMap<String, MetaFile> meta = new TreeMap<>(delegated);
        meta.put("targets.json", MetaFile.of(release.version(), targets));
        var snapshot = new SnapshotMetadata(SNAPSHOTS + snapshots, expires, first.issued(), meta);
        byte[] snapshotDocument = SignedDocument.sign(snapshot.toSigned(), List.of(key("snapshot")))
                .toBytes();
        write(BucketLayout.metadata(MetadataFile.of(Role.SNAPSHOT, snapshot.version())), snapshotDocument);
        var timestamp = new TimestampMetadata(
                SNAPSHOTS + snapshots, expires, first.issued(), MetaFile.of(snapshot.version(), snapshotDocument));
        write(
                BucketLayout.timestamp(),
                SignedDocument.sign(timestamp.toSigned(), List.of(key("timestamp")))
                        .toBytes());
    }

    private SigningKey key(String name) {
        try {
            return SigningKey.read(trust.resolve(name + ".key"));
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
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

    @Override
    public void close() {
        bucket.close();
    }
}
