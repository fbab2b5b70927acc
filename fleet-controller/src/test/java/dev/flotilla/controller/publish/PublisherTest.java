package dev.flotilla.controller.publish;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flotilla.agent.bucket.BucketLayout;
import dev.flotilla.agent.bucket.MemoryBucket;
import dev.flotilla.agent.bucket.ObjectKey;
import dev.flotilla.agent.trust.Refusal;
import dev.flotilla.agent.trust.TargetPath;
import dev.flotilla.agent.trust.TrustedRoot;
import dev.flotilla.agent.trust.TrustedRoot.TrustedRelease;
import dev.flotilla.agent.trust.Verification;
import dev.flotilla.controller.fleet.FleetConfiguration;
import dev.flotilla.settings.Loading;
import dev.flotilla.vocabulary.FleetName;
import dev.flotilla.vocabulary.Sha256;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PublisherTest {
    private static final Instant NOW = Instant.parse("2026-06-01T12:00:00Z");
    private static final String TWO_NODES = """
            east { nodes { east-1 { address = 192.0.2.1 } } }
            west { nodes { west-1 { address = 192.0.2.2 } } }
            """;

    @TempDir
    Path folder;

    private final MemoryBucket bucket = new MemoryBucket();
    private final List<String> progress = new ArrayList<>();
    private Path program = Path.of("");

    @BeforeEach
    void keysAndProgram() throws IOException {
        new TrustFolder(folder.resolve("trust")).create(new FleetName("acme"), NOW, new SecureRandom());
        program = Files.writeString(folder.resolve("flotilla-mirror.tar.gz"), "a program");
    }

    private FleetConfiguration fleet(String name, String trust, String regions) throws IOException {
        Path file = Files.writeString(folder.resolve("fleet.conf"), """
                flotilla.fleet {
                  name = %s, bucket { name = acme-mirrors }, trust { folder = %s, lifetime = 30 days }
                  regions {
                  %s
                  }
                }
                """.formatted(name, trust, regions));
        return switch (FleetConfiguration.load(file)) {
            case Loading.Loaded<FleetConfiguration> loaded -> loaded.value();
            case Loading.Refused<FleetConfiguration> refused -> throw new AssertionError(refused.text());
        };
    }

    private Publisher publisher(FleetConfiguration fleet, Instant now) {
        return new Publisher(fleet, bucket, program, Clock.fixed(now, ZoneOffset.UTC), "ann@desk", progress::add);
    }

    private Publishing publish(String regions) throws IOException {
        return publisher(fleet("acme", "trust", regions), NOW).publish(Publisher.Signing.WHEN_CHANGED);
    }

    private TrustedRoot root() throws IOException {
        return switch (TrustedRoot.of(Files.readAllBytes(folder.resolve("trust/root.json")), new FleetName("acme"))) {
            case Verification.Trusted<TrustedRoot> trusted -> trusted.value();
            case Verification.Refused<TrustedRoot> refused -> throw new AssertionError(refused.text());
        };
    }

    @Test
    void aFirstReleaseIsWhatAgentsTrust() throws IOException {
        assertThat(publish(TWO_NODES))
                .isEqualTo(new Publishing.Published(
                        1,
                        NOW.plus(Duration.ofDays(30)),
                        List.of(
                                "+ configuration/east/east-1/mirror.conf",
                                "+ configuration/west/west-1/mirror.conf",
                                "+ programs/flotilla-mirror.tar.gz")));
        var release = (Verification.Trusted<TrustedRelease>)
                root().release(bucket.content("metadata/targets.json"), Optional.empty(), NOW);
        var metadata = release.value().metadata();
        assertThat(metadata.version()).isEqualTo(1);
        var programFile = metadata.target(TargetPath.mirrorProgram()).orElseThrow();
        assertThat(bucket.content(BucketLayout.target(TargetPath.mirrorProgram(), programFile.sha256())
                        .value()))
                .asString(StandardCharsets.UTF_8)
                .isEqualTo("a program");
        metadata.targets()
                .forEach((path, file) -> assertThat(Sha256.of(bucket.content(
                                BucketLayout.target(path, file.sha256()).value())))
                        .isEqualTo(file.sha256()));
        assertThat(bucket.content("metadata/1.targets.json")).isEqualTo(bucket.content("metadata/targets.json"));
        assertThat(bucket.content("metadata/root.json"))
                .isEqualTo(Files.readAllBytes(folder.resolve("trust/root.json")));
    }

    @Test
    void thePointerIsWrittenAfterEverythingThatItLeadsTo() throws IOException {
        publish(TWO_NODES);
        List<String> writes = bucket.takeWrites();
        assertThat(writes).hasSize(7).element(0).isEqualTo("metadata/root.json");
        assertThat(writes.subList(1, 4)).allMatch(key -> key.startsWith("targets/"));
        assertThat(writes.subList(4, 7))
                .containsExactly(
                        "metadata/1.targets.json", "metadata/targets.json", "audit/20260601T120000.000Z-ann_desk.json");
    }

    @Test
    void publishingTheSameAgainWritesNothing() throws IOException {
        publish(TWO_NODES);
        bucket.takeWrites();
        assertThat(publish(TWO_NODES)).isEqualTo(new Publishing.Unchanged(1, NOW.plus(Duration.ofDays(30))));
        assertThat(bucket.takeWrites()).isEmpty();
    }

    @Test
    void aChangeIsTheNextVersionAndUploadsOnlyWhatIsNew() throws IOException {
        publish(TWO_NODES);
        bucket.takeWrites();
        assertThat(publish(TWO_NODES.replace("192.0.2.2", "192.0.2.3")))
                .isEqualTo(new Publishing.Published(
                        2, NOW.plus(Duration.ofDays(30)), List.of("~ configuration/west/west-1/mirror.conf")));
        assertThat(bucket.takeWrites().stream().filter(key -> key.startsWith("targets/")))
                .singleElement()
                .asString()
                .startsWith("targets/configuration/west/west-1/")
                .endsWith(".mirror.conf");
        assertThat(progress).contains("2 of 3 files were in the bucket already");
        assertThat(publish("east { nodes { east-1 { address = 192.0.2.1 } } }"))
                .isEqualTo(new Publishing.Published(
                        3, NOW.plus(Duration.ofDays(30)), List.of("- configuration/west/west-1/mirror.conf")));
    }

    @Test
    void renewingSignsTheSameAgainForLonger() throws IOException {
        publish(TWO_NODES);
        Instant later = NOW.plus(Duration.ofDays(40));
        assertThat(publisher(fleet("acme", "trust", TWO_NODES), later).publish(Publisher.Signing.ALWAYS))
                .isEqualTo(new Publishing.Published(2, later.plus(Duration.ofDays(30)), List.of()));
        assertThat(root().release(bucket.content("metadata/targets.json"), Optional.empty(), later))
                .isInstanceOf(Verification.Trusted.class);
    }

    @Test
    void anArtifactThatIsMissingOrTornIsUploadedAgainWithoutANewRelease() throws IOException {
        publish(TWO_NODES);
        bucket.takeWrites();
        List<ObjectKey> targets = bucket.objects().keySet().stream()
                .filter(key -> key.value().startsWith("targets/"))
                .toList();
        byte[] whole = bucket.objects().remove(targets.getFirst());
        bucket.objects().put(targets.getLast(), new byte[] {1});
        assertThat(publish(TWO_NODES)).isInstanceOf(Publishing.Unchanged.class);
        assertThat(bucket.takeWrites())
                .containsExactly(targets.getFirst().value(), targets.getLast().value());
        assertThat(bucket.content(targets.getFirst().value())).isEqualTo(whole);
    }

    @Test
    void ofTwoControllersTheSlowerIsToldAndOverwritesNothing() throws IOException {
        publish(TWO_NODES);
        FleetConfiguration other = fleet("acme", "trust", TWO_NODES.replace("192.0.2.2", "192.0.2.9"));
        FleetConfiguration own = fleet("acme", "trust", TWO_NODES.replace("192.0.2.2", "192.0.2.3"));
        var once = new AtomicBoolean();
        bucket.beforeWrite(key -> {
            if (key.equals(BucketLayout.release()) && once.compareAndSet(false, true)) {
                try {
                    assertThat(publisher(other, NOW).publish(Publisher.Signing.WHEN_CHANGED))
                            .isInstanceOf(Publishing.Published.class);
                } catch (IOException failed) {
                    throw new AssertionError(failed);
                }
            }
        });
        Publishing slower = publisher(own, NOW).publish(Publisher.Signing.WHEN_CHANGED);
        assertThat(slower).isInstanceOf(Publishing.Overtaken.class);
        assertThat(((Publishing.Overtaken) slower).reason())
                .startsWith("another controller published release 3 while this one was at work");
        assertThat(bucket.content("metadata/targets.json")).isEqualTo(bucket.content("metadata/3.targets.json"));
    }

    @Test
    void aPublicationThatWasKilledBeforeItsPointerCostsOnlyItsNumber() throws IOException {
        publish(TWO_NODES);
        bucket.objects().put(BucketLayout.release(2), "left by a killed publication".getBytes(StandardCharsets.UTF_8));
        assertThat(publish(TWO_NODES.replace("192.0.2.2", "192.0.2.3")))
                .isEqualTo(new Publishing.Published(
                        3, NOW.plus(Duration.ofDays(30)), List.of("~ configuration/west/west-1/mirror.conf")));
    }

    @Test
    void aWriteThatHappenedAlthoughItsAnswerWasLostCountsAsPublished() throws IOException {
        publish(TWO_NODES);
        var lossy = new LossyBucket(bucket);
        var publisher = new Publisher(
                fleet("acme", "trust", TWO_NODES.replace("192.0.2.2", "192.0.2.3")),
                lossy,
                program,
                Clock.fixed(NOW, ZoneOffset.UTC),
                "ann",
                progress::add);
        assertThat(publisher.publish(Publisher.Signing.WHEN_CHANGED)).isInstanceOf(Publishing.Published.class);
    }

    @Test
    void aBucketOfAnotherFleetIsRefusedAndStaysAsItIs() throws IOException {
        publish(TWO_NODES);
        bucket.takeWrites();
        new TrustFolder(folder.resolve("other")).create(new FleetName("other"), NOW, new SecureRandom());
        assertThat(publisher(fleet("other", "other", TWO_NODES), NOW).publish(Publisher.Signing.WHEN_CHANGED))
                .isEqualTo(new Publishing.Refused("the bucket belongs to the fleet acme, and this is the fleet other."
                        + " Give this fleet a bucket of its own"));
        new TrustFolder(folder.resolve("namesake")).create(new FleetName("acme"), NOW, new SecureRandom());
        Publishing namesake =
                publisher(fleet("acme", "namesake", TWO_NODES), NOW).publish(Publisher.Signing.WHEN_CHANGED);
        assertThat(namesake).isInstanceOf(Publishing.Refused.class);
        assertThat(((Publishing.Refused) namesake).reason()).contains("a fleet of the same name with other keys");
        assertThat(bucket.takeWrites()).isEmpty();
    }

    @Test
    void aReleaseInTheBucketThatWasTamperedWithIsNotBuiltUpon() throws IOException {
        publish(TWO_NODES);
        byte[] tampered = new String(bucket.content("metadata/targets.json"), StandardCharsets.UTF_8)
                .replace("\"version\": 1", "\"version\": 7")
                .getBytes(StandardCharsets.UTF_8);
        assertThat(tampered).isNotEqualTo(bucket.content("metadata/targets.json"));
        var verified = root().release(tampered, Optional.empty(), NOW);
        assertThat(((Verification.Refused<TrustedRelease>) verified).reason()).isEqualTo(Refusal.WRONG_SIGNATURE);
        bucket.objects().put(BucketLayout.release(), tampered);
        Publishing refused = publish(TWO_NODES.replace("192.0.2.2", "192.0.2.3"));
        assertThat(((Publishing.Refused) refused).reason())
                .contains("can't be trusted")
                .contains("wrong signature");
        assertThat(bucket.content("metadata/targets.json")).isEqualTo(tampered);
    }

    @Test
    void missingAndForeignKeysAreNamed() throws IOException {
        assertThat(publisher(fleet("acme", "nowhere", TWO_NODES), NOW).publish(Publisher.Signing.WHEN_CHANGED))
                .asString()
                .contains("there is no " + folder.resolve("nowhere/root.json"))
                .contains("flotilla init");
        new TrustFolder(folder.resolve("other")).create(new FleetName("acme"), NOW, new SecureRandom());
        Files.delete(folder.resolve("trust/targets.key"));
        Files.copy(folder.resolve("other/targets.key"), folder.resolve("trust/targets.key"));
        assertThat(publish(TWO_NODES)).asString().contains("is not the key that");
        assertThat(bucket.objects()).isEmpty();
    }

    @Test
    void aProgramThatIsMissingIsNamed() throws IOException {
        program = folder.resolve("missing.tar.gz");
        assertThat(publish(TWO_NODES)).asString().contains("there is no mirror program " + program);
        assertThat(bucket.objects()).isEmpty();
    }

    @Test
    void theAuditTrailSaysWhoDidWhatWhen() throws IOException {
        publish(TWO_NODES);
        assertThat(new String(bucket.content("audit/20260601T120000.000Z-ann_desk.json"), StandardCharsets.UTF_8))
                .contains("\"actor\": \"ann@desk\"")
                .contains("\"action\": \"publish\"")
                .contains("\"version\": 1")
                .contains("\"time\": \"2026-06-01T12:00:00Z\"");
    }
}
