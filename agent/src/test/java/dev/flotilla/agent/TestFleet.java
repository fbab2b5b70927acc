package dev.flotilla.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flotilla.agent.bucket.Bucket;
import dev.flotilla.agent.bucket.BucketLayout;
import dev.flotilla.agent.bucket.ObjectKey;
import dev.flotilla.agent.trust.ReleaseMetadata;
import dev.flotilla.agent.trust.RootMetadata;
import dev.flotilla.agent.trust.SignedDocument;
import dev.flotilla.agent.trust.SigningKey;
import dev.flotilla.agent.trust.TargetFile;
import dev.flotilla.agent.trust.TargetPath;
import dev.flotilla.vocabulary.FleetName;
import dev.flotilla.vocabulary.NodeName;
import dev.flotilla.vocabulary.RegionName;
import dev.flotilla.vocabulary.Sha256;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.TreeMap;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/** Publishes releases as a controller does, right ones and wrong ones. */
final class TestFleet {
    static final FleetName NAME = new FleetName("test");
    private static final TargetPath CONFIGURATION =
            TargetPath.mirrorConfiguration(new RegionName("east"), new NodeName("east-1"));

    private final SigningKey rootKey = SigningKey.generate(new SecureRandom());
    private final SigningKey releaseKey = SigningKey.generate(new SecureRandom());
    private final Bucket bucket;

    TestFleet(Bucket bucket) {
        this.bucket = bucket;
    }

    byte[] root() {
        var root = RootMetadata.withTwoKeys(
                1, Instant.now().plus(Duration.ofDays(365)), NAME, rootKey.publicKey(), releaseKey.publicKey());
        return SignedDocument.sign(root.toSigned(), List.of(rootKey)).toBytes();
    }

    /** A program's archive. */
    static final class Program {
        private final byte[] archive;

        Program(byte[] archive) {
            this.archive = archive;
        }

        byte[] archive() {
            return archive;
        }

        byte[] damaged() {
            byte[] damaged = archive.clone();
            damaged[damaged.length / 2] ^= 1;
            return damaged;
        }
    }

    /** What a release is made of; the methods change one thing each. */
    record Draft(
            long version, String configuration, Program program, Instant expires, FleetName fleet, SigningKey key) {
        Draft expiring(Instant when) {
            return new Draft(version, configuration, program, when, fleet, key);
        }

        Draft of(FleetName other) {
            return new Draft(version, configuration, program, expires, other, key);
        }

        Draft signedBy(SigningKey other) {
            return new Draft(version, configuration, program, expires, fleet, other);
        }

        Draft with(Program otherProgram) {
            return new Draft(version, configuration, otherProgram, expires, fleet, key);
        }
    }

    Draft draft(long version, String configuration) {
        return new Draft(
                version, configuration, program(""), Instant.now().plus(Duration.ofDays(30)), NAME, releaseKey);
    }

    void publish(long version, String configuration) {
        publish(draft(version, configuration));
    }

    void publish(Draft draft) {
        byte[] configuration = draft.configuration().getBytes(StandardCharsets.UTF_8);
        put(configurationKey(draft), configuration);
        put(programKey(draft), draft.program().archive());
        var targets = new TreeMap<TargetPath, TargetFile>();
        targets.put(CONFIGURATION, TargetFile.of(configuration));
        targets.put(TargetPath.mirrorProgram(), TargetFile.of(draft.program().archive()));
        var release = new ReleaseMetadata(draft.version(), draft.expires(), draft.fleet(), targets);
        put(
                BucketLayout.release(),
                SignedDocument.sign(release.toSigned(), List.of(draft.key())).toBytes());
    }

    static ObjectKey configurationKey(Draft draft) {
        return BucketLayout.target(
                CONFIGURATION, Sha256.of(draft.configuration().getBytes(StandardCharsets.UTF_8)));
    }

    static ObjectKey programKey(Draft draft) {
        return BucketLayout.target(
                TargetPath.mirrorProgram(), Sha256.of(draft.program().archive()));
    }

    void put(ObjectKey key, byte[] content) {
        assertThat(bucket.put(key, content, Bucket.Condition.none())).isInstanceOf(Bucket.Writing.Written.class);
    }

    /** The archive of a small program that behaves like a mirror; another {@code variant} is another program. */
    static Program program(String variant) {
        var bytes = new ByteArrayOutputStream();
        try (InputStream script =
                        Objects.requireNonNull(TestFleet.class.getResourceAsStream("/dev/flotilla/agent/mirror.py"));
                var tar = new TarArchiveOutputStream(new GZIPOutputStream(bytes))) {
            byte[] content = (new String(script.readAllBytes(), StandardCharsets.UTF_8) + "# " + variant + "\n")
                    .getBytes(StandardCharsets.UTF_8);
            var entry = new TarArchiveEntry("flotilla-mirror/bin/mirror");
            entry.setMode(0755);
            entry.setModTime(0);
            entry.setSize(content.length);
            tar.putArchiveEntry(entry);
            tar.write(content);
            tar.closeArchiveEntry();
        } catch (IOException impossible) {
            throw new IllegalStateException(impossible);
        }
        return new Program(bytes.toByteArray());
    }
}
