package dev.flotilla.controller.publish;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flotilla.agent.bucket.BucketLayout;
import dev.flotilla.agent.bucket.MemoryBucket;
import dev.flotilla.agent.bucket.ObjectKey;
import dev.flotilla.agent.rollout.RolloutPlan;
import dev.flotilla.agent.trust.Binding;
import dev.flotilla.agent.trust.Delegation;
import dev.flotilla.agent.trust.PublicKey;
import dev.flotilla.agent.trust.Refreshed;
import dev.flotilla.agent.trust.Role;
import dev.flotilla.agent.trust.TargetPath;
import dev.flotilla.agent.trust.TrustedMetadata;
import dev.flotilla.controller.fleet.FleetConfiguration;
import dev.flotilla.controller.lock.Fence;
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
import java.util.Map;
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
        new TrustFolder(folder.resolve("trust")).create(new SecureRandom());
        program = Files.writeString(folder.resolve("flotilla-mirror.tar.gz"), "a program");
    }

    private FleetConfiguration fleet(String name, String trust, String regions) throws IOException {
        Path file = Files.writeString(folder.resolve("fleet.conf"), """
                flotilla.fleet {
                  name = %s, bucket { name = acme-mirrors }, trust { folder = %s, lifetime = 30 days }, rollout { waves = [] }
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
        return new Publisher(
                fleet, bucket, program, List.of(), Clock.fixed(now, ZoneOffset.UTC), "ann@desk", progress::add);
    }

    private Publishing publish(String regions) throws IOException {
        return publisher(fleet("acme", "trust", regions), NOW).publish(Publisher.Signing.WHEN_CHANGED);
    }

    /** What a node trusts that begins with this fleet's root. */
    private TrustedMetadata trusted(Instant now) throws IOException {
        Refreshed refreshed = new PublishedMetadata(fleet("acme", "trust", TWO_NODES), bucket)
                .at(Files.readAllBytes(folder.resolve("trust/root.json")), now);
        assertThat(refreshed).isInstanceOf(Refreshed.Current.class);
        return ((Refreshed.Current) refreshed).metadata();
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
        TrustedMetadata trusted = trusted(NOW);
        assertThat(trusted.targets().version()).isEqualTo(1);
        var programFile = trusted.targets().target(TargetPath.mirrorProgram()).orElseThrow();
        assertThat(bucket.content(BucketLayout.target(TargetPath.mirrorProgram(), programFile.sha256())
                        .value()))
                .asString(StandardCharsets.UTF_8)
                .isEqualTo("a program");
        trusted.targets()
                .targets()
                .forEach((path, file) -> assertThat(
                                Sha256.of(bucket.content(BucketLayout.target(new TargetPath(path), file.sha256())
                                        .value())))
                        .isEqualTo(file.sha256()));
        assertThat(bucket.content("metadata/1.root.json"))
                .isEqualTo(Files.readAllBytes(folder.resolve("trust/root.json")));
        assertThat(trusted.targets().delegations()).extracting(Delegation::name).containsExactly("wheels", "intents");
        assertThat(trusted.root().binding())
                .contains(new Binding(new FleetName("acme"), "acme-mirrors", Optional.empty()));
    }

    @Test
    void thePointerIsWrittenAfterEverythingThatItLeadsTo() throws IOException {
        publish(TWO_NODES);
        List<String> writes = bucket.takeWrites();
        assertThat(writes).hasSize(10).element(0).isEqualTo("metadata/1.root.json");
        assertThat(writes.subList(1, 4)).allMatch(key -> key.startsWith("targets/"));
        assertThat(writes.subList(4, 10))
                .containsExactly(
                        "metadata/1.targets.json",
                        "metadata/1.wheels.json",
                        "metadata/1.snapshot.json",
                        "metadata/timestamp.json",
                        "audit/chain/0000000001.json",
                        "audit/head.json");
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
        bucket.takeWrites();
        assertThat(publisher(fleet("acme", "trust", TWO_NODES), later).publish(Publisher.Signing.ALWAYS))
                .isEqualTo(new Publishing.Published(1, later.plus(Duration.ofDays(30)), List.of()));
        assertThat(bucket.takeWrites())
                .containsExactly(
                        "metadata/2.wheels.json",
                        "metadata/2.snapshot.json",
                        "metadata/timestamp.json",
                        "audit/chain/0000000002.json",
                        "audit/head.json");
        assertThat(trusted(later).timestamp().version()).isEqualTo(2);
    }

    @Test
    void aReleaseThatHasAThirdOfItsLifeLeftIsSignedAgainWhereItsKeyIs() throws IOException {
        publish(TWO_NODES);
        Instant late = NOW.plus(Duration.ofDays(250));
        Path away = Files.move(folder.resolve("trust/targets.key"), folder.resolve("targets.key"));
        assertThat(publisher(fleet("acme", "trust", TWO_NODES), late).publish(Publisher.Signing.ALWAYS))
                .isEqualTo(new Publishing.Published(1, late.plus(Duration.ofDays(30)), List.of()));
        assertThat(progress.getLast()).contains("release 1 itself ends at").contains("with the targets key");
        Files.move(away, folder.resolve("trust/targets.key"));
        assertThat(publisher(fleet("acme", "trust", TWO_NODES), late).publish(Publisher.Signing.ALWAYS))
                .isEqualTo(new Publishing.Published(2, late.plus(Duration.ofDays(30)), List.of()));
    }

    @Test
    void aReleaseWhoseKeyIsOfflineWaitsForItsSignature() throws IOException {
        publish(TWO_NODES);
        Path offline = Files.createDirectory(folder.resolve("offline"));
        for (String name : List.of("root.key", "targets.key")) {
            Files.move(folder.resolve("trust").resolve(name), offline.resolve(name));
        }
        String changed = TWO_NODES.replace("192.0.2.2", "192.0.2.3");
        byte[] pointer = bucket.content("metadata/timestamp.json");
        var unsigned = (Publishing.Unsigned) publish(changed);
        assertThat(unsigned.file()).isEqualTo(folder.resolve("trust/staged/2.targets.json"));
        assertThat(publish(changed)).isEqualTo(unsigned);
        assertThat(bucket.content("metadata/timestamp.json")).isEqualTo(pointer);
        StagedMetadata.read(unsigned.file())
                .signedWith(List.of(offline.resolve("targets.key")))
                .write(unsigned.file());
        assertThat(publish(changed))
                .isEqualTo(new Publishing.Published(
                        2, NOW.plus(Duration.ofDays(30)), List.of("~ configuration/west/west-1/mirror.conf")));
        assertThat(unsigned.file()).doesNotExist();
        assertThat(trusted(NOW).targets().version()).isEqualTo(2);
    }

    @Test
    void aKeyThatWasReplacedSignsNoMoreAndNodesFollowTheNewRoot() throws IOException {
        publish(TWO_NODES);
        byte[] first = Files.readAllBytes(folder.resolve("trust/root.json"));
        var fleet = fleet("acme", "trust", TWO_NODES);
        var roots = new Roots(fleet, List.of(), Clock.fixed(NOW, ZoneOffset.UTC));
        for (Role role : Role.values()) {
            assertThat(roots.change(Map.of(role, new Roots.Change.Replace()), new SecureRandom()))
                    .isInstanceOf(RootChange.Made.class);
            Files.delete(folder.resolve("trust").resolve(role.metadataName() + ".key"));
        }
        assertThat(publish(TWO_NODES)).isInstanceOf(Publishing.Published.class);
        var followed = (Refreshed.Current) new PublishedMetadata(fleet, bucket).at(first, NOW);
        assertThat(followed.metadata().root().version()).isEqualTo(5);
        assertThat(bucket.content("metadata/5.root.json"))
                .isEqualTo(Files.readAllBytes(folder.resolve("trust/root.json")));
    }

    @Test
    void aRootOfTwoCustodiansWaitsForTheSecondSignature() throws IOException {
        publish(TWO_NODES);
        var fleet = fleet("acme", "trust", TWO_NODES);
        var roots = new Roots(fleet, List.of(), Clock.fixed(NOW, ZoneOffset.UTC));
        var anna = new TrustFolder(folder.resolve("anna"));
        PublicKey second = anna.generate("root-anna", new SecureRandom());
        var change = new Roots.Change.Edit(List.of(second), List.of(), Optional.of(2));
        var staged = (RootChange.Staged) roots.change(Map.of(Role.ROOT, change), new SecureRandom());
        assertThat(publish(TWO_NODES)).isInstanceOf(Publishing.Unchanged.class);
        assertThat(roots.renew())
                .isInstanceOfSatisfying(
                        RootChange.Refused.class,
                        refused -> assertThat(refused.reason()).contains("waits for signatures"));
        StagedMetadata.read(staged.file())
                .signedWith(List.of(anna.key("root-anna")))
                .write(staged.file());
        assertThat(publish(TWO_NODES)).isInstanceOf(Publishing.Published.class);
        assertThat(trusted(NOW).root().version()).isEqualTo(2);
        assertThat(roots.renew()).isInstanceOf(RootChange.Staged.class);
    }

    @Test
    void aBucketThatAThiefHasFilledIsTakenBackByReplacingTheKeys() throws IOException {
        publish(TWO_NODES);
        byte[] first = Files.readAllBytes(folder.resolve("trust/root.json"));
        byte[] garbage = "{}".getBytes(StandardCharsets.UTF_8);
        bucket.objects().put(BucketLayout.timestamp(), garbage);
        for (int version = 2; version <= 300; version++) {
            bucket.objects().put(new ObjectKey("metadata/" + version + ".snapshot.json"), garbage);
            bucket.objects().put(new ObjectKey("metadata/" + version + ".targets.json"), garbage);
        }
        assertThat(publish(TWO_NODES)).asString().contains("flotilla keys rotate timestamp snapshot targets");
        var roots = new Roots(fleet("acme", "trust", TWO_NODES), List.of(), Clock.fixed(NOW, ZoneOffset.UTC));
        var replace = new Roots.Change.Replace();
        assertThat(roots.change(
                        Map.of(Role.TIMESTAMP, replace, Role.SNAPSHOT, replace, Role.TARGETS, replace),
                        new SecureRandom()))
                .isInstanceOf(RootChange.Made.class);
        for (String role : List.of("timestamp", "snapshot", "targets")) {
            Files.delete(folder.resolve("trust").resolve(role + ".key"));
        }
        assertThat(publish(TWO_NODES)).isInstanceOf(Publishing.Published.class);
        assertThat(new PublishedMetadata(fleet("acme", "trust", TWO_NODES), bucket).at(first, NOW))
                .isInstanceOf(Refreshed.Current.class);
    }

    private Publishing publishWith(Optional<Path> agent) throws IOException {
        var publisher = new Publisher(
                fleet("acme", "trust", TWO_NODES),
                bucket,
                new Programs(program, agent),
                List.of(),
                Clock.fixed(NOW, ZoneOffset.UTC),
                "ann",
                Fence.ALONE,
                progress::add);
        return publisher.publish(Publisher.Signing.WHEN_CHANGED);
    }

    @Test
    void aReleaseBringsTheAgentToo() throws IOException {
        publish(TWO_NODES);
        Path agent = Files.writeString(folder.resolve("flotilla-agent.tar.gz"), "an agent");
        assertThat(publishWith(Optional.of(agent)))
                .isEqualTo(new Publishing.Published(
                        2, NOW.plus(Duration.ofDays(30)), List.of("+ programs/flotilla-agent.tar.gz")));
        var file = trusted(NOW).targets().target(TargetPath.agentProgram()).orElseThrow();
        assertThat(bucket.content(BucketLayout.target(TargetPath.agentProgram(), file.sha256())
                        .value()))
                .asString(StandardCharsets.UTF_8)
                .isEqualTo("an agent");
        assertThat(publishWith(Optional.of(folder.resolve("none.tar.gz"))))
                .asString()
                .contains("there is no agent program " + folder.resolve("none.tar.gz"), "'agent' in");
    }

    @Test
    void aRootForAnotherBucketIsNotPublishedUntilARootIsMadeForThis() throws IOException {
        publish(TWO_NODES);
        Path file = folder.resolve("fleet.conf");
        Files.writeString(file, Files.readString(file).replace("acme-mirrors", "acme-elsewhere"));
        var moved = ((Loading.Loaded<FleetConfiguration>) FleetConfiguration.load(file)).value();
        var elsewhere = new MemoryBucket();
        var publisher = new Publisher(
                moved, elsewhere, program, List.of(), Clock.fixed(NOW, ZoneOffset.UTC), "ann", progress::add);
        assertThat(publisher.publish(Publisher.Signing.WHEN_CHANGED))
                .asString()
                .contains("bucket acme-mirrors")
                .contains("bucket acme-elsewhere")
                .contains("flotilla keys renew");
        assertThat(elsewhere.objects()).isEmpty();
        assertThat(new Roots(moved, List.of(), Clock.fixed(NOW, ZoneOffset.UTC)).renew())
                .isInstanceOf(RootChange.Made.class);
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
            if (key.equals(BucketLayout.timestamp()) && once.compareAndSet(false, true)) {
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
                .startsWith("another controller published timestamp 2 while this one was at work");
        assertThat(trusted(NOW).targets().version()).isEqualTo(3);
    }

    @Test
    void aPublicationThatWasKilledBeforeItsPointerCostsOnlyItsNumber() throws IOException {
        publish(TWO_NODES);
        bucket.objects()
                .put(
                        new ObjectKey("metadata/2.targets.json"),
                        "left by a killed publication".getBytes(StandardCharsets.UTF_8));
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
                List.of(),
                Clock.fixed(NOW, ZoneOffset.UTC),
                "ann",
                progress::add);
        assertThat(publisher.publish(Publisher.Signing.WHEN_CHANGED)).isInstanceOf(Publishing.Published.class);
    }

    @Test
    void aBucketOfAnotherFleetIsRefusedAndStaysAsItIs() throws IOException {
        publish(TWO_NODES);
        bucket.takeWrites();
        new TrustFolder(folder.resolve("other")).create(new SecureRandom());
        assertThat(publisher(fleet("other", "other", TWO_NODES), NOW).publish(Publisher.Signing.WHEN_CHANGED))
                .isEqualTo(new Publishing.Refused("the bucket belongs to the fleet acme, and this is the fleet other."
                        + " Give this fleet a bucket of its own"));
        new TrustFolder(folder.resolve("namesake")).create(new SecureRandom());
        Publishing namesake =
                publisher(fleet("acme", "namesake", TWO_NODES), NOW).publish(Publisher.Signing.WHEN_CHANGED);
        assertThat(namesake).isInstanceOf(Publishing.Refused.class);
        assertThat(((Publishing.Refused) namesake).reason()).contains("a fleet of the same name with other keys");
        assertThat(bucket.takeWrites()).isEmpty();
    }

    @Test
    void aReleaseInTheBucketThatWasTamperedWithIsNotBuiltUpon() throws IOException {
        publish(TWO_NODES);
        byte[] tampered = new String(bucket.content("metadata/timestamp.json"), StandardCharsets.UTF_8)
                .replaceFirst("\"version\": 1", "\"version\": 7")
                .getBytes(StandardCharsets.UTF_8);
        assertThat(tampered).isNotEqualTo(bucket.content("metadata/timestamp.json"));
        bucket.objects().put(BucketLayout.timestamp(), tampered);
        Publishing refused = publish(TWO_NODES.replace("192.0.2.2", "192.0.2.3"));
        assertThat(((Publishing.Refused) refused).reason())
                .contains("can't be trusted")
                .contains("wrong signature");
        assertThat(bucket.content("metadata/timestamp.json")).isEqualTo(tampered);
    }

    @Test
    void missingAndForeignKeysAreNamed() throws IOException {
        assertThat(publisher(fleet("acme", "nowhere", TWO_NODES), NOW).publish(Publisher.Signing.WHEN_CHANGED))
                .asString()
                .contains("there is no " + folder.resolve("nowhere/root.pub"))
                .contains("flotilla init");
        publish(TWO_NODES);
        bucket.takeWrites();
        new TrustFolder(folder.resolve("other")).create(new SecureRandom());
        Files.delete(folder.resolve("trust/snapshot.key"));
        Files.copy(folder.resolve("other/snapshot.key"), folder.resolve("trust/snapshot.key"));
        assertThat(publish(TWO_NODES.replace("192.0.2.2", "192.0.2.3")))
                .asString()
                .contains("has 0 of the 1 keys that have to sign snapshot metadata");
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
        assertThat(new String(bucket.content("audit/chain/0000000001.json"), StandardCharsets.UTF_8))
                .contains("\"actor\": \"ann@desk\"")
                .contains("\"action\": \"publish\"")
                .contains("\"result\": \"done\"")
                .contains("\"version\": 1")
                .contains("\"time\": \"2026-06-01T12:00:00Z\"");
    }

    private FleetConfiguration inWaves(String rollout) throws IOException {
        FleetConfiguration fleet = fleet("acme", "trust", TWO_NODES);
        Path file = Files.writeString(
                folder.resolve("waves.conf"),
                Files.readString(fleet.file()).replace("rollout { waves = [] }", "rollout { " + rollout + " }"));
        return ((Loading.Loaded<FleetConfiguration>) FleetConfiguration.load(file)).value();
    }

    private Publishing publishInWaves(String rollout, boolean emergency) throws IOException {
        return publisher(inWaves(rollout), NOW).publish(Publisher.Signing.WHEN_CHANGED, emergency);
    }

    private Optional<RolloutPlan> plan() throws IOException {
        return trusted(NOW)
                .targets()
                .target(TargetPath.rollout())
                .map(file -> RolloutPlan.parse(bucket.content(
                        BucketLayout.target(TargetPath.rollout(), file.sha256()).value())));
    }

    @Test
    void aFirstReleaseHasNoRolloutAndTheNextOneHas() throws IOException {
        publishInWaves("", false);
        assertThat(plan()).isEmpty();
        Files.writeString(program, "another program");
        assertThat(publisher(inWaves(""), NOW).preview(false)).anyMatch(line -> line.startsWith("1. from 2026-06-01"));
        assertThat(plan()).isEmpty();
        assertThat(publishInWaves("", false))
                .isEqualTo(new Publishing.Published(
                        2, NOW.plus(Duration.ofDays(30)), List.of("~ programs/flotilla-mirror.tar.gz")));
        assertThat(plan().orElseThrow().waves()).hasSize(2);
        assertThat(progress).anyMatch(line -> line.contains("no node that the release is for has reported lately"));
    }

    @Test
    void aRolloutStaysWhereTheReleaseIsTheSameAndIsHastenedOnce() throws IOException {
        publishInWaves("", false);
        Files.writeString(program, "another program");
        publishInWaves("", false);
        RolloutPlan plan = plan().orElseThrow();
        assertThat(publishInWaves("soak = 1m", false)).isInstanceOf(Publishing.Unchanged.class);
        publisher(inWaves(""), NOW).publish(Publisher.Signing.ALWAYS);
        assertThat(plan()).contains(plan);
        Instant late = NOW.plus(Duration.ofDays(300));
        publisher(inWaves(""), late).publish(Publisher.Signing.ALWAYS);
        assertThat(trusted(late).targets().version()).isEqualTo(3);
        assertThat(plan()).contains(plan);
    }

    @Test
    void anEmergencyHastensAReleaseThatIsUnderWayOnce() throws IOException {
        publishInWaves("", false);
        Files.writeString(program, "another program");
        publishInWaves("", false);
        assertThat(publishInWaves("", true)).isInstanceOf(Publishing.Published.class);
        assertThat(trusted(NOW).targets().version()).isEqualTo(3);
        assertThat(publishInWaves("", true)).isInstanceOf(Publishing.Unchanged.class);
    }

    @Test
    void aReleaseThatWaitedForItsSignatureHasTheRolloutThatWasSigned() throws IOException {
        publishInWaves("", false);
        Path key = Files.move(folder.resolve("trust/targets.key"), folder.resolve("targets.key"));
        Files.writeString(program, "another program");
        var unsigned = (Publishing.Unsigned) publishInWaves("", false);
        StagedMetadata.read(unsigned.file()).signedWith(List.of(key)).write(unsigned.file());
        Instant later = NOW.plus(Duration.ofDays(2));
        assertThat(publisher(inWaves(""), later).publish(Publisher.Signing.WHEN_CHANGED))
                .isInstanceOf(Publishing.Published.class);
        assertThat(plan().orElseThrow().start()).isEqualTo(NOW);
    }
}
