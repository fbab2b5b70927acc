package dev.flotilla.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flotilla.agent.bucket.Bucket;
import dev.flotilla.agent.bucket.BucketLayout;
import dev.flotilla.agent.bucket.ObjectKey;
import dev.flotilla.agent.intent.Intents;
import dev.flotilla.agent.rollout.Member;
import dev.flotilla.agent.trust.Delegation;
import dev.flotilla.agent.trust.KeyRing;
import dev.flotilla.agent.trust.Role;
import dev.flotilla.agent.trust.SigningKey;
import dev.flotilla.agent.trust.TargetFile;
import dev.flotilla.agent.trust.TargetPath;
import dev.flotilla.agent.trust.TestRepository;
import dev.flotilla.vocabulary.NodeName;
import dev.flotilla.vocabulary.RegionName;
import dev.flotilla.vocabulary.Sha256;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/** Publishes releases as a controller does, right ones and wrong ones. */
final class TestFleet {
    private static final TargetPath CONFIGURATION =
            TargetPath.mirrorConfiguration(new RegionName("east"), new NodeName("east-1"));

    private final TestRepository repository = new TestRepository(Instant.now());
    private final Bucket bucket;

    private final SigningKey intentsKey = TestRepository.key();
    private final List<Member> others = new ArrayList<>();
    private final SigningKey wheelsKey = TestRepository.key();
    private long intentsVersion;
    private long wheelsVersion;

    TestFleet(Bucket bucket) {
        this.bucket = bucket;
        repository.delegate(
                Delegation.intents(KeyRing.of(intentsKey.publicKey())),
                Delegation.wheels(KeyRing.of(wheelsKey.publicKey())));
        repository.publishRoot();
    }

    byte[] root() {
        return repository.file("1.root.json");
    }

    /** The fleet's repository, for wrong metadata. What is published there gets into the bucket by {@link #upload}. */
    TestRepository repository() {
        return repository;
    }

    /** From the next release on there is another node. */
    void join(Member other) {
        others.add(other);
    }

    /** Says what is wanted of all nodes, as the fleet's role for intents does. */
    void intend(Intents intents) {
        intend(intents.toBytes());
    }

    void intend(byte[] document) {
        intend(document, intentsKey);
    }

    void intend(byte[] document, SigningKey key) {
        put(BucketLayout.target(TargetPath.intents(), Sha256.of(document)), document);
        var files = new TreeMap<String, TargetFile>();
        files.put(TargetPath.intents().value(), TargetFile.of(document));
        repository.at(Instant.now());
        repository.publishDelegated(Delegation.INTENTS, ++intentsVersion, files, List.of(), key);
        repository.publishSnapshot();
        repository.publishTimestamp();
        upload();
    }

    /** Says which wheels there are, as the fleet's role for wheels does: the index of each platform. */
    void wheels(Map<String, String> indexes) {
        wheels(indexes, wheelsKey);
    }

    void wheels(Map<String, String> indexes, SigningKey key) {
        var files = new TreeMap<String, TargetFile>();
        indexes.forEach((platform, text) -> {
            byte[] index = text.getBytes(StandardCharsets.UTF_8);
            put(wheelsKey(platform, text), index);
            files.put("wheels/" + platform + "/index.json", TargetFile.of(index));
        });
        repository.at(Instant.now());
        repository.publishDelegated(Delegation.WHEELS, ++wheelsVersion, files, List.of(), key);
        repository.publishSnapshot();
        repository.publishTimestamp();
        upload();
    }

    static ObjectKey wheelsKey(String platform, String index) {
        return new ObjectKey(
                "targets/wheels/" + platform + "/" + Sha256.of(index.getBytes(StandardCharsets.UTF_8)) + ".index.json");
    }

    /** Brings all metadata into the bucket. */
    void upload() {
        repository.files().forEach((name, document) -> put(new ObjectKey("metadata/" + name), document));
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

        Sha256 digest() {
            return Sha256.of(archive);
        }

        byte[] damaged() {
            byte[] damaged = archive.clone();
            damaged[damaged.length / 2] ^= 1;
            return damaged;
        }
    }

    /** What a release is made of; the methods change one thing each. */
    record Draft(
            long version,
            String configuration,
            Program program,
            Optional<Program> agent,
            Instant issued,
            Instant expires,
            SigningKey key) {
        Draft expiring(Instant when) {
            return new Draft(version, configuration, program, agent, issued, when, key);
        }

        Draft signedBy(SigningKey other) {
            return new Draft(version, configuration, program, agent, issued, expires, other);
        }

        Draft with(Program otherProgram) {
            return new Draft(version, configuration, otherProgram, agent, issued, expires, key);
        }

        Draft withAgent(Program newAgent) {
            return new Draft(version, configuration, program, Optional.of(newAgent), issued, expires, key);
        }
    }

    Draft draft(long version, String configuration) {
        return new Draft(
                version,
                configuration,
                program(""),
                Optional.empty(),
                Instant.now(),
                Instant.now().plus(Duration.ofDays(300)),
                repository.keys(Role.TARGETS).getFirst());
    }

    void publish(long version, String configuration) {
        publish(draft(version, configuration));
    }

    void publish(Draft draft) {
        publish(draft, Map.of());
    }

    /** With further files as parts of the release. */
    void publish(Draft draft, Map<TargetPath, byte[]> more) {
        byte[] configuration = draft.configuration().getBytes(StandardCharsets.UTF_8);
        put(configurationKey(draft), configuration);
        put(programKey(draft), draft.program().archive());
        var targets = new TreeMap<String, TargetFile>();
        targets.put(CONFIGURATION.value(), TargetFile.of(configuration));
        others.forEach(other -> targets.put(
                TargetPath.mirrorConfiguration(other.region(), other.node()).value(), TargetFile.of(configuration)));
        targets.put(
                TargetPath.mirrorProgram().value(),
                TargetFile.of(draft.program().archive()));
        more.forEach((path, content) -> {
            targets.put(path.value(), TargetFile.of(content));
            put(BucketLayout.target(path, Sha256.of(content)), content);
        });
        draft.agent().ifPresent(agent -> {
            put(BucketLayout.target(TargetPath.agentProgram(), agent.digest()), agent.archive());
            targets.put(TargetPath.agentProgram().value(), TargetFile.of(agent.archive()));
        });
        repository.at(draft.issued());
        repository.offer(targets);
        repository.version(Role.TARGETS, draft.version() - 1);
        repository.lifetime(Role.TARGETS, Duration.between(draft.issued(), draft.expires()));
        repository.publishTargets(signed -> signed, List.of(draft.key()));
        repository.publishSnapshot();
        repository.publishTimestamp();
        upload();
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
        try (InputStream script =
                Objects.requireNonNull(TestFleet.class.getResourceAsStream("/dev/flotilla/agent/mirror.py"))) {
            return packed("mirror", new String(script.readAllBytes(), StandardCharsets.UTF_8) + "# " + variant + "\n");
        } catch (IOException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /** The same, with an archive of at least this many bytes. */
    static Program large(int bytes) {
        byte[] random = new byte[bytes];
        new Random(7).nextBytes(random);
        return program(Base64.getEncoder().encodeToString(random));
    }

    /** The archive of a program that is one script. */
    static Program packed(String name, String script) {
        var bytes = new ByteArrayOutputStream();
        try (var tar = new TarArchiveOutputStream(new GZIPOutputStream(bytes))) {
            byte[] content = script.getBytes(StandardCharsets.UTF_8);
            var entry = new TarArchiveEntry("flotilla-" + name + "/bin/" + name);
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
