package dev.flotilla.controller.publish;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flotilla.agent.bucket.Bucket;
import dev.flotilla.agent.bucket.BucketLayout;
import dev.flotilla.agent.bucket.MemoryBucket;
import dev.flotilla.agent.json.JsonObject;
import dev.flotilla.agent.trust.Delegation;
import dev.flotilla.agent.trust.MetaFile;
import dev.flotilla.agent.trust.MetadataFile;
import dev.flotilla.agent.trust.Refreshed;
import dev.flotilla.agent.trust.Refusal;
import dev.flotilla.agent.trust.SignedDocument;
import dev.flotilla.agent.trust.SigningKey;
import dev.flotilla.agent.trust.SnapshotMetadata;
import dev.flotilla.agent.trust.TargetFile;
import dev.flotilla.agent.trust.TargetPath;
import dev.flotilla.agent.trust.TargetsMetadata;
import dev.flotilla.agent.trust.TimestampMetadata;
import dev.flotilla.agent.trust.TrustedMetadata;
import dev.flotilla.agent.trust.Updater;
import dev.flotilla.controller.fleet.FleetConfiguration;
import dev.flotilla.settings.Loading;
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
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The role for prebuilt wheels in what is published, as a node sees it that begins with the fleet's root. */
class WheelsRoleTest {
    private static final Instant NOW = Instant.parse("2026-06-01T12:00:00Z");
    private static final TargetPath INDEX = new TargetPath("wheels/ubuntu-22.04-x86_64/index.json");
    private static final TargetFile FORGED = TargetFile.of("forged".getBytes(StandardCharsets.UTF_8));

    @TempDir
    Path folder;

    private final MemoryBucket bucket = new MemoryBucket();
    private final List<String> progress = new ArrayList<>();
    private int threshold = 1;

    @BeforeEach
    void publishTheFirst() throws IOException {
        new TrustFolder(folder.resolve("trust")).create(new SecureRandom());
        Files.writeString(folder.resolve("flotilla-mirror.tar.gz"), "a program");
        assertThat(publish(NOW, Publisher.Signing.WHEN_CHANGED)).isInstanceOf(Publishing.Published.class);
    }

    private FleetConfiguration fleet() throws IOException {
        Path file = Files.writeString(folder.resolve("fleet.conf"), """
                flotilla.fleet {
                  name = acme, bucket { name = acme-mirrors }, rollout { waves = [] }, trust { wheels-threshold = %d }
                  regions { east { nodes { east-1 { address = 192.0.2.1 } } } }
                }
                """.formatted(threshold));
        return ((Loading.Loaded<FleetConfiguration>) FleetConfiguration.load(file)).value();
    }

    private Publishing publish(Instant now, Publisher.Signing signing) throws IOException {
        return new Publisher(
                        fleet(),
                        bucket,
                        folder.resolve("flotilla-mirror.tar.gz"),
                        List.of(),
                        Clock.fixed(now, ZoneOffset.UTC),
                        "ann@desk",
                        progress::add)
                .publish(signing);
    }

    private SigningKey key(String role) throws IOException {
        return SigningKey.read(new TrustFolder(folder.resolve("trust")).key(role));
    }

    private Refreshed look() throws IOException {
        return new PublishedMetadata(fleet(), bucket)
                .at(Files.readAllBytes(folder.resolve("trust/root.json")), NOW.plusSeconds(60));
    }

    private TrustedMetadata trusted() throws IOException {
        return ((Refreshed.Current) look()).metadata();
    }

    private Updater.Finding find(TargetPath path) throws IOException {
        var reader = new PublishedMetadata(fleet(), bucket);
        var current = (Refreshed.Current)
                reader.at(Files.readAllBytes(folder.resolve("trust/root.json")), NOW.plusSeconds(60));
        return reader.find(current.metadata(), path);
    }

    private MetaFile put(String role, long version, JsonObject signed, SigningKey... keys) {
        byte[] document = SignedDocument.sign(signed, List.of(keys)).toBytes();
        assertThat(bucket.put(
                        BucketLayout.metadata(new MetadataFile(role, Optional.of(version))),
                        document,
                        Bucket.Condition.none()))
                .isInstanceOf(Bucket.Writing.Written.class);
        return MetaFile.of(version, document);
    }

    /** Somebody's metadata, and a snapshot and a timestamp that are signed as they should be and lead there. */
    private void lead(String role, TargetsMetadata metadata, SigningKey... keys) throws IOException {
        TrustedMetadata before = trusted();
        SortedMap<String, MetaFile> meta = new TreeMap<>(before.snapshot().meta());
        meta.put(role + ".json", put(role, metadata.version(), metadata.toSigned(), keys));
        Instant end = NOW.plus(Duration.ofDays(20));
        long number = before.snapshot().version() + 1;
        MetaFile snapshot = put(
                "snapshot",
                number,
                new SnapshotMetadata(number, end, Optional.of(NOW), meta).toSigned(),
                key("snapshot"));
        var timestamp = new TimestampMetadata(before.timestamp().version() + 1, end, Optional.of(NOW), snapshot);
        assertThat(bucket.put(
                        BucketLayout.timestamp(),
                        SignedDocument.sign(timestamp.toSigned(), List.of(key("timestamp")))
                                .toBytes(),
                        Bucket.Condition.none()))
                .isInstanceOf(Bucket.Writing.Written.class);
    }

    private static TargetsMetadata saying(long version, TargetPath... paths) {
        SortedMap<String, TargetFile> files = new TreeMap<>();
        for (TargetPath path : paths) {
            files.put(path.value(), FORGED);
        }
        return new TargetsMetadata(version, NOW.plus(Duration.ofDays(20)), Optional.of(NOW), files, List.of());
    }

    private long version() throws IOException {
        return trusted().snapshot().of(Delegation.WHEELS).orElseThrow().version();
    }

    @Test
    void aFirstReleaseSaysByTheRolesOwnKeyThatThereAreNoWheelsYet() throws IOException {
        Delegation role = trusted().targets().delegation(Delegation.WHEELS).orElseThrow();
        assertThat(role.keys().keys().values())
                .containsOnly(key(Delegation.WHEELS).publicKey());
        assertThat(version()).isEqualTo(1);
        assertThat(find(INDEX))
                .isInstanceOfSatisfying(
                        Updater.Finding.Absent.class,
                        absent -> assertThat(absent.reason())
                                .contains("the role wheels does not know the target " + INDEX));
    }

    @Test
    void itsKeySignsWheelsAndNothingElse() throws IOException {
        TargetFile program =
                trusted().targets().target(TargetPath.mirrorProgram()).orElseThrow();
        lead(
                "wheels",
                saying(2, INDEX, TargetPath.mirrorProgram(), TargetPath.agentProgram(), TargetPath.intents()),
                key("wheels"));
        assertThat(find(INDEX)).isEqualTo(new Updater.Finding.Found(FORGED));
        assertThat(find(TargetPath.mirrorProgram())).isEqualTo(new Updater.Finding.Found(program));
        assertThat(find(TargetPath.agentProgram())).isInstanceOf(Updater.Finding.Absent.class);
        assertThat(find(TargetPath.intents())).isInstanceOf(Updater.Finding.Absent.class);
    }

    @Test
    void withItsKeyNobodySignsTheOtherRoles() throws IOException {
        lead("intents", saying(1, TargetPath.intents()), key("wheels"));
        assertThat(find(TargetPath.intents()))
                .isInstanceOfSatisfying(
                        Updater.Finding.Refused.class,
                        refused -> assertThat(refused.refused().reason()).isEqualTo(Refusal.WRONG_SIGNATURE));
        lead("targets", saying(2, TargetPath.mirrorProgram()), key("wheels"));
        assertThat(look())
                .isInstanceOfSatisfying(
                        Refreshed.Refused.class,
                        refused -> assertThat(refused.reason()).isEqualTo(Refusal.WRONG_SIGNATURE));
    }

    @Test
    void twoKeysCanBeDemandedAndOneAloneThenSignsNothing() throws IOException {
        threshold = 2;
        assertThat(publish(NOW.plusSeconds(30), Publisher.Signing.WHEN_CHANGED))
                .isInstanceOfSatisfying(
                        Publishing.Refused.class,
                        refused -> assertThat(refused.reason())
                                .contains(
                                        "the role for wheels needs 2 keys, and has only 1",
                                        "flotilla keys generate wheels-2"));
        assertThat(version()).as("what was there before").isEqualTo(1);

        new TrustFolder(folder.resolve("trust")).generate("wheels-2", new SecureRandom());
        assertThat(publish(NOW.plusSeconds(30), Publisher.Signing.WHEN_CHANGED))
                .isInstanceOf(Publishing.Published.class);
        assertThat(trusted().targets().delegation("wheels").orElseThrow().keys().threshold())
                .isEqualTo(2);
        assertThat(version()).as("signed again, by both").isEqualTo(2);
        assertThat(find(INDEX)).isInstanceOf(Updater.Finding.Absent.class);
        lead("wheels", saying(3, INDEX), key("wheels"));
        assertThat(find(INDEX))
                .isInstanceOfSatisfying(
                        Updater.Finding.Refused.class,
                        refused -> assertThat(refused.refused().reason()).isEqualTo(Refusal.THRESHOLD_NOT_MET));
        lead("wheels", saying(3, INDEX), key("wheels"), key("wheels-2"));
        assertThat(find(INDEX)).isEqualTo(new Updater.Finding.Found(FORGED));

        Files.delete(folder.resolve("trust/wheels-2.key"));
        assertThat(publish(NOW.plus(Duration.ofDays(15)), Publisher.Signing.ALWAYS))
                .isInstanceOf(Publishing.Published.class);
        assertThat(version()).as("one key signs nothing again").isEqualTo(3);
        assertThat(progress)
                .anyMatch(line -> line.contains("what the role for wheels says can't be signed again")
                        && line.contains("1 of the 2 keys"));
    }

    @Test
    void noOtherKeySignsWheels() throws IOException {
        for (String other : List.of("intents", "targets", "snapshot", "timestamp")) {
            lead("wheels", saying(2, INDEX), key(other));
            assertThat(find(INDEX)).as(other).isInstanceOf(Updater.Finding.Refused.class);
        }
    }

    @Test
    void aRenewalSignsWhatItSaysAgainAndARotationByTheNewKey() throws IOException {
        lead("wheels", saying(2, INDEX), key("wheels"));
        assertThat(publish(NOW.plusSeconds(30), Publisher.Signing.ALWAYS)).isInstanceOf(Publishing.Published.class);
        assertThat(version()).isEqualTo(3);
        assertThat(find(INDEX)).isEqualTo(new Updater.Finding.Found(FORGED));
        SigningKey old = key("wheels");
        new TrustFolder(folder.resolve("trust")).replace("wheels", new SecureRandom());
        assertThat(publish(NOW.plusSeconds(40), Publisher.Signing.WHEN_CHANGED))
                .isInstanceOf(Publishing.Published.class);
        assertThat(version()).isEqualTo(4);
        assertThat(find(INDEX)).isEqualTo(new Updater.Finding.Found(FORGED));
        lead("wheels", saying(5, INDEX), old);
        assertThat(find(INDEX)).isInstanceOf(Updater.Finding.Refused.class);
    }

    @Test
    void whereItsKeyIsElsewhereTheFleetIsRenewedAllTheSame() throws IOException {
        Files.delete(folder.resolve("trust/wheels.key"));
        assertThat(publish(NOW.plusSeconds(30), Publisher.Signing.ALWAYS)).isInstanceOf(Publishing.Published.class);
        assertThat(version()).isEqualTo(1);
        assertThat(progress).noneMatch(line -> line.contains("wheels"));
        assertThat(publish(NOW.plus(Duration.ofDays(25)), Publisher.Signing.ALWAYS))
                .isInstanceOf(Publishing.Published.class);
        assertThat(progress)
                .anyMatch(line -> line.contains("what the role for wheels says can't be signed again")
                        && line.contains("--keys"));
    }
}
