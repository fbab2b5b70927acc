package dev.flotilla.agent.trust;

import dev.flotilla.agent.json.JsonObject;
import dev.flotilla.vocabulary.ByteSize;
import dev.flotilla.vocabulary.FleetName;
import dev.flotilla.vocabulary.Sha256;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/**
 * A repository in memory, with all its keys at hand, so that a test can publish right and wrong metadata. What is published
 * stays under its name until it is overwritten, as in a bucket.
 */
public final class TestRepository implements MetadataSource {
    public static final FleetName FLEET = new FleetName("test");
    public static final String BUCKET = "fleet";

    /** What a role has. */
    private static final class Office {
        private List<SigningKey> keys = List.of(key());
        private int threshold = 1;
        private long version;
        private Duration lifetime = Duration.ofDays(300);
    }

    private final Map<Role, Office> offices = new EnumMap<>(Role.class);
    private final Map<String, byte[]> files = new TreeMap<>();
    private final List<String> requests = new ArrayList<>();
    private List<SigningKey> oldRootKeys = List.of();
    private Optional<Binding> binding = Optional.of(new Binding(FLEET, BUCKET, Optional.empty()));
    private Instant now;

    private SortedMap<String, TargetFile> targets = new TreeMap<>();
    List<Delegation> delegations = List.of();
    final SortedMap<String, MetaFile> meta = new TreeMap<>();

    public TestRepository(Instant now) {
        this.now = now;
        for (Role role : Role.values()) {
            offices.put(role, new Office());
        }
        lifetime(Role.TIMESTAMP, Duration.ofDays(30));
    }

    private Office office(Role role) {
        return Objects.requireNonNull(offices.get(role));
    }

    public long version(Role role) {
        return office(role).version;
    }

    public void version(Role role, long version) {
        office(role).version = version;
    }

    public void lifetime(Role role, Duration lifetime) {
        office(role).lifetime = lifetime;
    }

    /** A repository with one version of everything. */
    public static TestRepository published(Instant now) {
        var repository = new TestRepository(now);
        repository.publishRoot();
        repository.publishAll();
        return repository;
    }

    public static SigningKey key() {
        return SigningKey.generate(new SecureRandom());
    }

    public void at(Instant time) {
        now = time;
    }

    public List<SigningKey> keys(Role role) {
        return office(role).keys;
    }

    public void threshold(Role role, int threshold) {
        office(role).threshold = threshold;
    }

    public void bind(Optional<Binding> other) {
        binding = other;
    }

    /** What the next targets metadata offer. */
    public void offer(SortedMap<String, TargetFile> files) {
        targets = files;
    }

    /** Replaces the keys of a role; the next root says so. */
    public void rotate(Role role, int count) {
        List<SigningKey> fresh = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            fresh.add(key());
        }
        office(role).keys = List.copyOf(fresh);
    }

    /** Gives a role more keys, until it has so many; the next root says so. */
    void keys(Role role, int count) {
        List<SigningKey> more = new ArrayList<>(keys(role));
        while (more.size() < count) {
            more.add(key());
        }
        office(role).keys = List.copyOf(more);
    }

    /** The next root, signed by its own keys and those before. */
    public byte[] publishRoot() {
        List<SigningKey> signers = new ArrayList<>(keys(Role.ROOT));
        oldRootKeys.stream().filter(key -> !signers.contains(key)).forEach(signers::add);
        byte[] document = put(nextRootName(), signed(root(next(Role.ROOT)).toSigned(), signers));
        oldRootKeys = keys(Role.ROOT);
        return document;
    }

    String nextRootName() {
        return (version(Role.ROOT) + 1) + ".root.json";
    }

    RootMetadata root(long version) {
        Map<Role, KeyRing> rings = new EnumMap<>(Role.class);
        offices.forEach((role, office) -> {
            Map<KeyId, PublicKey> ring = new TreeMap<>();
            office.keys.forEach(key -> ring.put(key.publicKey().id(), key.publicKey()));
            rings.put(role, new KeyRing(ring, office.threshold));
        });
        return new RootMetadata(version, expires(Role.ROOT), Optional.of(now), true, rings, binding);
    }

    public void publishAll() {
        publishTargets();
        publishSnapshot();
        publishTimestamp();
    }

    byte[] publishTargets() {
        return publishTargets(UnaryOperator.identity(), keys(Role.TARGETS));
    }

    /** Publishes changed targets metadata, signed by whomever, which the next snapshot leads to. */
    public byte[] publishTargets(UnaryOperator<JsonObject> change, List<SigningKey> signers) {
        long version = next(Role.TARGETS);
        var metadata = new TargetsMetadata(version, expires(Role.TARGETS), Optional.of(now), targets, delegations);
        byte[] document = put(version + ".targets.json", signed(change.apply(metadata.toSigned()), signers));
        meta.put("targets.json", MetaFile.of(version, document));
        return document;
    }

    /** Publishes the metadata of a delegated role, which the next snapshot leads to. */
    public void publishDelegated(
            String role, long version, SortedMap<String, TargetFile> files, List<Delegation> below, SigningKey signer) {
        publishDelegated(role, version, files, below, List.of(signer));
    }

    void publishDelegated(
            String role,
            long version,
            SortedMap<String, TargetFile> files,
            List<Delegation> below,
            List<SigningKey> signers) {
        var metadata = new TargetsMetadata(version, expires(Role.TARGETS), Optional.of(now), files, below);
        byte[] document =
                put(new MetadataFile(role, Optional.of(version)).name(), signed(metadata.toSigned(), signers));
        meta.put(role + ".json", MetaFile.of(version, document));
    }

    /** The next targets metadata leave some paths to these roles. */
    public void delegate(Delegation... roles) {
        delegations = List.of(roles);
    }

    public byte[] publishSnapshot() {
        return publishSnapshot(UnaryOperator.identity(), keys(Role.SNAPSHOT));
    }

    byte[] publishSnapshot(UnaryOperator<JsonObject> change, List<SigningKey> signers) {
        long version = next(Role.SNAPSHOT);
        var metadata = new SnapshotMetadata(version, expires(Role.SNAPSHOT), Optional.of(now), meta);
        return put(version + ".snapshot.json", signed(change.apply(metadata.toSigned()), signers));
    }

    public byte[] publishTimestamp() {
        return publishTimestamp(UnaryOperator.identity(), keys(Role.TIMESTAMP));
    }

    public byte[] publishTimestamp(UnaryOperator<JsonObject> change, List<SigningKey> signers) {
        long snapshot = version(Role.SNAPSHOT);
        return publishTimestamp(MetaFile.of(snapshot, file(snapshot + ".snapshot.json")), change, signers);
    }

    byte[] publishTimestamp(MetaFile snapshot, UnaryOperator<JsonObject> change, List<SigningKey> signers) {
        var metadata = new TimestampMetadata(next(Role.TIMESTAMP), expires(Role.TIMESTAMP), Optional.of(now), snapshot);
        return put("timestamp.json", signed(change.apply(metadata.toSigned()), signers));
    }

    static byte[] signed(JsonObject signed, List<SigningKey> signers) {
        return SignedDocument.sign(signed, signers).toBytes();
    }

    private long next(Role role) {
        return ++office(role).version;
    }

    private Instant expires(Role role) {
        return now.plus(office(role).lifetime);
    }

    public byte[] put(String name, byte[] document) {
        files.put(name, document);
        return document;
    }

    void remove(String name) {
        files.remove(name);
    }

    /** Every file by its name, for whoever puts them somewhere else. */
    public Map<String, byte[]> files() {
        return files;
    }

    public byte[] file(String name) {
        byte[] document = files.get(name);
        if (document == null) {
            throw new AssertionError("there is no " + name + " among " + files.keySet());
        }
        return document;
    }

    /** What was asked for since the last call. */
    List<String> takeRequests() {
        var taken = List.copyOf(requests);
        requests.clear();
        return taken;
    }

    @Override
    public Fetched fetch(MetadataFile file, Optional<String> known, ByteSize limit) {
        requests.add(file.name());
        byte[] document = files.get(file.name());
        if (document == null) {
            return new Fetched.Absent("there is no " + file);
        }
        var tag = Optional.of(Sha256.of(document).hex());
        if (tag.equals(known)) {
            return new Fetched.NotModified();
        }
        return document.length > limit.bytes()
                ? new Fetched.TooLarge(file + " is larger than " + limit)
                : new Fetched.Found(document.clone(), tag);
    }
}
