package dev.flotilla.controller.publish;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flotilla.agent.bucket.BucketLayout;
import dev.flotilla.agent.bucket.BucketMetadata;
import dev.flotilla.agent.bucket.MemoryBucket;
import dev.flotilla.agent.intent.Drain;
import dev.flotilla.agent.intent.Intents;
import dev.flotilla.agent.intent.PurgeScope;
import dev.flotilla.agent.trust.Mark;
import dev.flotilla.agent.trust.MetadataStore;
import dev.flotilla.agent.trust.Refreshed;
import dev.flotilla.agent.trust.Role;
import dev.flotilla.agent.trust.TargetPath;
import dev.flotilla.agent.trust.TrustLimits;
import dev.flotilla.agent.trust.UpdateTime;
import dev.flotilla.agent.trust.Updater;
import dev.flotilla.controller.fleet.FleetConfiguration;
import dev.flotilla.controller.lock.Fence;
import dev.flotilla.controller.publish.IntentPublisher.Outcome;
import dev.flotilla.settings.Loading;
import dev.flotilla.vocabulary.RegionName;
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
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IntentPublisherTest {
    private static final Instant NOW = Instant.parse("2026-06-01T12:00:00Z");
    private static final RegionName EAST = new RegionName("east");

    @TempDir
    Path folder;

    private final MemoryBucket bucket = new MemoryBucket();
    private final List<String> progress = new ArrayList<>();

    /** Of one node, from its first look on: what it has trusted is never forgotten. */
    private final MetadataStore node = MetadataStore.inMemory();

    private byte[] firstRoot = new byte[0];

    @BeforeEach
    void aPublishedRelease() throws IOException {
        new TrustFolder(trust()).create(new SecureRandom());
        Files.writeString(folder.resolve("flotilla-mirror.tar.gz"), "a program");
        assertThat(publish(NOW, Publisher.Signing.WHEN_CHANGED)).isInstanceOf(Publishing.Published.class);
        firstRoot = Files.readAllBytes(trust().resolve("root.json"));
    }

    private Path trust() {
        return folder.resolve("trust");
    }

    private FleetConfiguration fleet() throws IOException {
        Path file = Files.writeString(folder.resolve("fleet.conf"), """
                flotilla.fleet {
                  name = acme, bucket { name = acme-mirrors }, minimum-serving = 2
                  regions { east { nodes { east-1 { address = 192.0.2.1 } } } }
                }
                """);
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

    private IntentPublisher publisher(Instant now) throws IOException {
        return new IntentPublisher(
                fleet(), bucket, List.of(), Clock.fixed(now, ZoneOffset.UTC), "ann@desk", Fence.ALONE, progress::add);
    }

    private Outcome drain(Instant now, String reason) throws IOException {
        var drain = new Drain(EAST, Optional.empty(), Optional.empty(), reason, "ann@desk", NOW);
        return publisher(now).change("drain", "drain east", (before, current) -> before.drained(drain));
    }

    private Outcome purge(PurgeScope scope) throws IOException {
        return publisher(NOW)
                .change(
                        "purge",
                        scope.text(),
                        (before, current) -> before.purged(scope, false, "ann@desk", current.now()));
    }

    /** What the node finds in the bucket, and which release that belongs to. */
    private record Seen(Optional<Intents> intents, Mark release, String refused) {}

    private Seen look(Instant now) throws IOException {
        var updater =
                Updater.ofFleet(fleet().name(), "acme-mirrors", new BucketMetadata(bucket), node, TrustLimits.USUAL);
        assertThat(updater.begin(firstRoot)).isEmpty();
        var current = (Refreshed.Current) updater.refresh(Optional.empty(), UpdateTime.of(now));
        Mark release = current.metadata().release();
        return switch (updater.find(current.metadata(), TargetPath.intents().value(), UpdateTime.of(now))) {
            case Updater.Finding.Found found ->
                new Seen(
                        Optional.of(Intents.parse(bucket.content(BucketLayout.target(
                                        TargetPath.intents(), found.file().sha256())
                                .value()))),
                        release,
                        "");
            case Updater.Finding.Absent ignored -> new Seen(Optional.empty(), release, "");
            case Updater.Finding.Refused refused ->
                new Seen(Optional.empty(), release, refused.refused().text());
            case Updater.Finding.Unavailable away -> throw new AssertionError(away.reason());
        };
    }

    @Test
    void whatWasNotDoneStandsInTheRecordToo() throws IOException {
        Files.delete(trust().resolve("intents.key"));
        assertThat(drain(NOW, "new switch")).isInstanceOf(Outcome.Not.class);
        assertThat(new String(bucket.content("audit/chain/0000000002.json"), StandardCharsets.UTF_8))
                .contains("\"action\": \"drain\"")
                .contains("has none of the keys that may sign intents");
    }

    @Test
    void whatIsIntendedReachesANodeWithoutANewRelease() throws IOException {
        Seen before = look(NOW);
        assertThat(before.intents()).isEmpty();
        bucket.takeWrites();
        assertThat(drain(NOW.plusSeconds(1), "new switch")).isInstanceOf(Outcome.Intended.class);
        List<String> writes = bucket.takeWrites();
        assertThat(writes).element(0).asString().startsWith("targets/intents/").endsWith(".fleet.json");
        assertThat(writes.subList(1, writes.size()))
                .containsExactly(
                        "metadata/1.intents.json",
                        "metadata/2.snapshot.json",
                        "metadata/timestamp.json",
                        "audit/chain/0000000002.json",
                        "audit/head.json");
        Seen after = look(NOW);
        assertThat(after.release()).isEqualTo(before.release());
        assertThat(after.intents().orElseThrow().drains())
                .singleElement()
                .satisfies(drain -> assertThat(drain.reason()).isEqualTo("new switch"));
        assertThat(after.intents().orElseThrow().minimumServing()).isEqualTo(2);
        assertThat(publisher(NOW).read()).isEqualTo(after.intents());
    }

    @Test
    void aChangeBuildsUponWhatWasIntendedBeforeAndTheSameAgainWritesNothing() throws IOException {
        drain(NOW, "");
        purge(new PurgeScope.All());
        assertThat(purge(new PurgeScope.Prefix("acme-"))).isInstanceOf(Outcome.Intended.class);
        Intents seen = look(NOW).intents().orElseThrow();
        assertThat(seen.drains()).hasSize(1);
        assertThat(seen.purges())
                .extracting(purge -> purge.id() + " " + purge.scope().text())
                .containsExactly("1 all", "2 prefix acme-");
        bucket.takeWrites();
        assertThat(drain(NOW, "")).isInstanceOf(Outcome.Unchanged.class);
        assertThat(bucket.takeWrites()).isEmpty();
    }

    @Test
    void ofTwoControllersTheSlowerBuildsUponWhatTheOtherWrote() throws IOException {
        var interruptions = new AtomicInteger();
        bucket.beforeWrite(key -> {
            if (key.equals(BucketLayout.timestamp()) && interruptions.getAndIncrement() == 0) {
                try {
                    assertThat(purge(new PurgeScope.All())).isInstanceOf(Outcome.Intended.class);
                } catch (IOException failed) {
                    throw new AssertionError(failed);
                }
            }
        });
        assertThat(drain(NOW, "")).isInstanceOf(Outcome.Intended.class);
        Intents seen = look(NOW).intents().orElseThrow();
        assertThat(seen.drains()).hasSize(1);
        assertThat(seen.purges()).hasSize(1);
    }

    @Test
    void renewingSignsWhatIsIntendedAgainSoThatItHoldsAsLongAsTheRelease() throws IOException {
        drain(NOW, "");
        Instant later = NOW.plus(Duration.ofDays(29));
        assertThat(publish(later, Publisher.Signing.ALWAYS)).isInstanceOf(Publishing.Published.class);
        Instant muchLater = NOW.plus(Duration.ofDays(45));
        assertThat(look(muchLater).intents().orElseThrow().drains()).hasSize(1);
    }

    @Test
    void aNewReleaseKeepsWhatIsIntended() throws IOException {
        drain(NOW, "");
        Mark before = look(NOW).release();
        Files.writeString(folder.resolve("flotilla-mirror.tar.gz"), "another program");
        assertThat(publish(NOW, Publisher.Signing.WHEN_CHANGED)).isInstanceOf(Publishing.Published.class);
        assertThat(look(NOW).release().version()).isEqualTo(before.version() + 1);
        assertThat(look(NOW).intents().orElseThrow().drains()).hasSize(1);
    }

    @Test
    void aNewKeyForIntentsSignsThemAgainAndTheOldOneSignsNoMore() throws IOException {
        drain(NOW, "");
        look(NOW);
        Path stolen = Files.copy(trust().resolve("intents.key"), folder.resolve("stolen.key"));
        new TrustFolder(trust()).replace("intents", new SecureRandom());
        Files.delete(trust().resolve("intents.key"));
        assertThat(publish(NOW, Publisher.Signing.WHEN_CHANGED))
                .isInstanceOfSatisfying(
                        Publishing.Published.class,
                        published -> assertThat(published.changes()).containsExactly("~ role intents"));
        assertThat(look(NOW).refused()).isEmpty();
        assertThat(look(NOW).intents().orElseThrow().drains()).hasSize(1);
        Files.delete(trust().resolve("intents-2.key"));
        Files.move(stolen, trust().resolve("stolen.key"));
        assertThat(drain(NOW, "by a thief"))
                .isInstanceOfSatisfying(
                        Outcome.Not.class,
                        not -> assertThat(not.reason()).contains("has none of the keys that may sign intents"));
    }

    @Test
    void aFleetOlderThanTheRoleIsToldToPublishWhichAddsIt() throws IOException {
        older();
        assertThat(drain(NOW, ""))
                .isInstanceOfSatisfying(
                        Outcome.Not.class,
                        not -> assertThat(not.reason())
                                .contains("has no role for intents")
                                .contains("flotilla publish"));
        assertThat(publish(NOW, Publisher.Signing.ALWAYS)).isInstanceOf(Publishing.Published.class);
        assertThat(drain(NOW, "")).isInstanceOf(Outcome.Not.class);
        assertThat(publish(NOW, Publisher.Signing.WHEN_CHANGED))
                .isInstanceOfSatisfying(
                        Publishing.Published.class,
                        published -> assertThat(published.changes()).containsExactly("~ role intents"));
        assertThat(drain(NOW, "")).isInstanceOf(Outcome.Intended.class);
        assertThat(look(NOW).intents().orElseThrow().drains()).hasSize(1);
    }

    /** A cron job that renews must not come to a stop because an offline key would have to sign a new role. */
    @Test
    void aFleetWhoseTargetsKeyIsOfflineGetsTheRoleOnlyWhenThatKeyIsHere() throws IOException {
        older();
        Path key = Files.move(trust().resolve("targets.key"), folder.resolve("targets.key"));
        assertThat(publish(NOW, Publisher.Signing.WHEN_CHANGED)).isInstanceOf(Publishing.Unchanged.class);
        assertThat(publish(NOW, Publisher.Signing.ALWAYS)).isInstanceOf(Publishing.Published.class);
        Files.move(key, trust().resolve("targets.key"));
        assertThat(publish(NOW, Publisher.Signing.WHEN_CHANGED)).isInstanceOf(Publishing.Published.class);
        assertThat(drain(NOW, "")).isInstanceOf(Outcome.Intended.class);
    }

    /** Makes the fleet one from before there was the role. */
    private void older() throws IOException {
        bucket.objects().clear();
        Files.delete(trust().resolve("intents.key"));
        Files.delete(trust().resolve("intents.pub"));
        // Nothing in the bucket yet: the first release is made of the keys that are here.
        assertThat(publish(NOW, Publisher.Signing.WHEN_CHANGED)).isInstanceOf(Publishing.Published.class);
        assertThat(trust().resolve("intents.pub")).doesNotExist();
    }

    @Test
    void afterTheKeysOfSnapshotAndTimestampWereReplacedIntentsBeginAnew() throws IOException {
        drain(NOW, "");
        look(NOW);
        bucket.objects().put(BucketLayout.timestamp(), "{}".getBytes(StandardCharsets.UTF_8));
        var replace = new Roots.Change.Replace();
        assertThat(new Roots(fleet(), List.of(), Clock.fixed(NOW, ZoneOffset.UTC))
                        .change(
                                Map.of(Role.TIMESTAMP, replace, Role.SNAPSHOT, replace, Role.TARGETS, replace),
                                new SecureRandom()))
                .isInstanceOf(RootChange.Made.class);
        assertThat(publish(NOW, Publisher.Signing.WHEN_CHANGED)).isInstanceOf(Publishing.Published.class);
        assertThat(look(NOW).intents()).isEmpty();
        assertThat(drain(NOW, "again")).isInstanceOf(Outcome.Intended.class);
        assertThat(look(NOW).intents().orElseThrow().drains())
                .singleElement()
                .satisfies(drain -> assertThat(drain.reason()).isEqualTo("again"));
    }
}
