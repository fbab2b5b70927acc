package dev.flotilla.controller.wheels.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.flotilla.agent.bucket.Bucket;
import dev.flotilla.agent.bucket.BucketLayout;
import dev.flotilla.agent.bucket.BucketMetadata;
import dev.flotilla.agent.bucket.DelegatingBucket;
import dev.flotilla.agent.bucket.ErasableBucket;
import dev.flotilla.agent.bucket.ObjectKey;
import dev.flotilla.agent.bucket.PartialFile;
import dev.flotilla.agent.bucket.S3Bucket;
import dev.flotilla.agent.trust.Delegation;
import dev.flotilla.agent.trust.MetadataStore;
import dev.flotilla.agent.trust.Refreshed;
import dev.flotilla.agent.trust.TargetFile;
import dev.flotilla.agent.trust.TargetPath;
import dev.flotilla.agent.trust.TrustLimits;
import dev.flotilla.agent.trust.UpdateTime;
import dev.flotilla.agent.trust.Updater;
import dev.flotilla.controller.fleet.FleetConfiguration;
import dev.flotilla.controller.fleet.PrivateNames;
import dev.flotilla.controller.local.bucket.BucketCredentials;
import dev.flotilla.controller.local.bucket.BucketOptions;
import dev.flotilla.controller.local.bucket.LocalBucket;
import dev.flotilla.controller.lock.Fence;
import dev.flotilla.controller.publish.Publisher;
import dev.flotilla.controller.publish.Publishing;
import dev.flotilla.controller.publish.TrustFolder;
import dev.flotilla.controller.publish.WheelIndexPublisher;
import dev.flotilla.controller.publish.WheelIndexPublisher.Outcome;
import dev.flotilla.controller.wheels.BuildFolder;
import dev.flotilla.controller.wheels.BuiltWheel;
import dev.flotilla.controller.wheels.FailedBuild;
import dev.flotilla.controller.wheels.PlatformIndex;
import dev.flotilla.controller.wheels.PublishedWheel;
import dev.flotilla.controller.wheels.Sdist;
import dev.flotilla.controller.wheels.WantedWheel;
import dev.flotilla.controller.wheels.WantedWheels;
import dev.flotilla.controller.wheels.WheelDocuments;
import dev.flotilla.controller.wheels.WheelPlace;
import dev.flotilla.settings.Loading;
import dev.flotilla.vocabulary.ByteSize;
import dev.flotilla.vocabulary.PlatformSlug;
import dev.flotilla.vocabulary.ProjectName;
import dev.flotilla.vocabulary.Sha256;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
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
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;

/** Wheels published to a real S3 server, as a node sees them that follows the fleet's root. */
class WheelPublisherTest {
    private static final Instant NOW = Instant.parse("2026-06-01T12:00:00Z");
    private static final Sdist ONE = Wheelwright.sdist("some-one", "1.0");
    private static final Sdist TWO = Wheelwright.sdist("some-two", "2.0");

    /** More writes than any publication makes. */
    private static final int MOST_WRITES = 20;

    @TempDir
    Path folder;

    private final KnownFiles upstream = new KnownFiles().with(ONE).with(TWO);
    private final List<String> progress = new ArrayList<>();

    /** Of one node, from its first look on: what it has trusted is never forgotten. */
    private final MetadataStore node = MetadataStore.inMemory();

    /** Happens between uploading and publishing, where the fleet's lock is taken. */
    private Runnable uploadedAll = () -> {};

    private Instant now = NOW;
    private LocalBucket server;
    private Bucket bucket;
    private int folders;

    @BeforeEach
    void aPublishedRelease() throws Exception {
        var key = new BucketCredentials("key", "secret");
        server = LocalBucket.start(new BucketOptions(
                folder.resolve("bucket"), "acme", new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), key));
        writeFleet();
        bucket = S3Bucket.open(
                fleet().bucket(),
                StaticCredentialsProvider.create(AwsBasicCredentials.create(key.accessKeyId(), key.secretAccessKey())));
        new TrustFolder(folder.resolve("trust")).create(new SecureRandom());
        Path program = Files.writeString(folder.resolve("program"), "a program");
        assertThat(new Publisher(fleet(), bucket, program, List.of(), clock(), "ann@desk", line -> {})
                        .publish(Publisher.Signing.WHEN_CHANGED))
                .isInstanceOf(Publishing.Published.class);
    }

    @AfterEach
    void end() {
        bucket.close();
        server.close();
    }

    private Clock clock() {
        return Clock.fixed(now, ZoneOffset.UTC);
    }

    private void writeFleet() throws IOException {
        Files.writeString(folder.resolve("fleet.conf"), """
                flotilla.fleet {
                  name = acme, bucket { name = acme, endpoint = "%s", path-style = true }
                  mirror { policy { private-names = ["ours-*"] } }
                  regions { east { nodes { east-1 { address = 192.0.2.1 } } } }
                  wheels {
                    branches { main { requirements = [ main.txt ] } }
                    platforms { debian-12-x86_64 { library = "glibc 2.36", pythons = ["3.11"], builder = here } }
                    builders { here { fabric = local } }
                    retire-after = 10d
                  }
                }
                """.formatted(server.endpoint()));
    }

    private FleetConfiguration fleet() {
        return switch (FleetConfiguration.load(folder.resolve("fleet.conf"))) {
            case Loading.Loaded<FleetConfiguration> loaded -> loaded.value();
            case Loading.Refused<FleetConfiguration> refused -> throw new AssertionError(refused.text());
        };
    }

    private BuildFolder builds() {
        folders++;
        return new BuildFolder(folder.resolve("builds-" + folders));
    }

    /** What came of a publication. */
    private record Done(WheelPublisher.Uploaded uploaded, WheelPublisher.Publication publication) {
        Outcome outcome() {
            return publication.outcome();
        }
    }

    private Done publish(BuildFolder builds) throws IOException {
        return publish(builds, bucket);
    }

    private Done publish(BuildFolder builds, Sdist... needed) throws IOException {
        return publish(builds, bucket, Optional.of(plan(Set.of(Wheelwright.PLATFORM), needed)));
    }

    /** Where all that is needed is there already. */
    private WantedWheels plan(Set<PlatformSlug> whole, Sdist... needed) {
        return new WantedWheels(
                clock().instant(),
                URI.create("http://127.0.0.1/simple/"),
                List.of(),
                List.of(needed).stream().map(Wheelwright::wanted).toList(),
                whole);
    }

    private Done publish(BuildFolder builds, Bucket way) throws IOException {
        return publish(builds, way, Optional.empty());
    }

    private Done publish(BuildFolder builds, Bucket way, Optional<WantedWheels> plan) throws IOException {
        FleetConfiguration fleet = fleet();
        var publisher = new WheelPublisher(
                fleet.wheels().orElseThrow(), PrivateNames.of(fleet), way, upstream, clock(), progress::add);
        var index = new WheelIndexPublisher(fleet, way, List.of(), clock(), "ann@desk", Fence.ALONE, line -> {});
        WheelPublisher.Uploaded uploaded = publisher.upload(builds.read(), Optional.empty(), index.read());
        uploadedAll.run();
        return new Done(uploaded, publisher.publish(uploaded, Optional.empty(), plan, index));
    }

    private void publishes(BuildFolder builds) throws IOException {
        Done done = publish(builds);
        assertThat(done.uploaded().refused()).isEmpty();
        assertThat(done.outcome()).isInstanceOf(Outcome.Published.class);
    }

    private byte[] content(ObjectKey key) {
        return ((Bucket.Lookup.Found) bucket.get(key, Optional.empty(), ByteSize.ofMiB(1))).content();
    }

    /** The index as a node gets it, every wheel of which has to be there. */
    private Optional<PlatformIndex> seen() throws IOException {
        TargetPath path = TargetPath.wheels(Wheelwright.PLATFORM);
        Optional<TargetFile> file = signed(path);
        if (file.isEmpty()) {
            return Optional.empty();
        }
        byte[] document = content(BucketLayout.target(path, file.get().sha256()));
        assertThat(Sha256.of(document)).isEqualTo(file.get().sha256());
        return Optional.of(whole(PlatformIndex.parse(document)));
    }

    private PlatformIndex whole(PlatformIndex index) {
        for (PublishedWheel wheel : index.wheels().values()) {
            assertThat(Sha256.of(content(WheelPlace.wheel(index.platform(), wheel))))
                    .isEqualTo(wheel.digest());
            assertThat(content(WheelPlace.log(index.platform(), wheel))).isNotEmpty();
            assertThat(content(WheelPlace.provenance(index.platform(), wheel))).isNotEmpty();
        }
        return index;
    }

    /** What the role for wheels says of a file. */
    private Optional<TargetFile> signed(TargetPath path) throws IOException {
        var updater = Updater.ofFleet(fleet().name(), "acme", new BucketMetadata(bucket), node, TrustLimits.USUAL);
        assertThat(updater.begin(Files.readAllBytes(folder.resolve("trust/root.json"))))
                .isEmpty();
        var time = UpdateTime.of(now);
        var current = (Refreshed.Current) updater.refresh(Optional.empty(), time);
        var said = (Updater.Delegated.Said) updater.delegated(current.metadata(), Delegation.WHEELS, time);
        return said.metadata().target(path);
    }

    private PublishedWheel wheel(Sdist source) throws IOException {
        return Optional.ofNullable(seen().orElseThrow().wheels().get(Wheelwright.filename(source)))
                .orElseThrow();
    }

    private Set<String> names() throws IOException {
        return seen().map(index -> new TreeSet<>(index.wheels().keySet())).orElseGet(TreeSet::new);
    }

    @Test
    void whatWasBuiltStandsInTheIndexWithHowItCameAboutAndIsThere() throws IOException {
        BuildFolder builds = builds();
        BuiltWheel built = new Wheelwright(builds).build(ONE, NOW.minusSeconds(60));
        publishes(builds);
        PublishedWheel wheel = wheel(ONE);
        assertThat(wheel).isEqualTo(PublishedWheel.of(built));
        assertThat(wheel.built()).isEqualTo(NOW.minusSeconds(60));
        assertThat(wheel.provenance().sdist()).isEqualTo(ONE);
        String text = new String(seen().orElseThrow().toBytes(), StandardCharsets.UTF_8);
        assertThat(text)
                .contains("\"url\": \"some-one/" + wheel.digest() + "/" + wheel.filename() + "\"")
                .contains("\"upload-time\": \"" + NOW.minusSeconds(60) + "\"");
        // The same once more is nothing new, and nothing is written.
        assertThat(publish(builds).outcome()).isInstanceOf(Outcome.Unchanged.class);
        String record = new String(content(BucketLayout.auditRecord(2)), StandardCharsets.UTF_8);
        assertThat(record).contains("wheels publish").contains("wheels/debian-12-x86_64/index.json");
    }

    @ParameterizedTest
    @EnumSource
    void whateverHappensAtAnyWriteTheIndexNamesOnlyWhatIsThereAndTheNextPublicationGoesOn(
            TroubledBucket.Trouble trouble) throws IOException {
        BuildFolder first = builds();
        new Wheelwright(first).build(ONE, NOW);
        publishes(first);
        int write = 1;
        boolean reached = true;
        while (reached && write < MOST_WRITES) {
            Sdist next = Wheelwright.sdist("project-" + write, "1.0");
            upstream.with(next);
            BuildFolder builds = builds();
            new Wheelwright(builds).build(next, NOW, trouble.name());
            Set<String> before = names();
            var way = new TroubledBucket(bucket, write, trouble);
            try {
                publish(builds, way);
            } catch (TroubledBucket.Killed | IOException broken) {
                assertThat(way.isReached()).as(broken.toString()).isTrue();
            }
            reached = way.isReached();
            assertThat(names()).as("at write " + write).containsAll(before);
            assertThat(publish(builds).outcome()).isNotInstanceOf(Outcome.Not.class);
            assertThat(names()).as("after write " + write).containsAll(before).contains(Wheelwright.filename(next));
            write++;
        }
        assertThat(write).isBetween(8, MOST_WRITES - 1);
    }

    @Test
    void ofTwoThatPublishAtOnceNeitherLosesAnythingAndOneOfTwoContentsStays() throws Exception {
        BuildFolder one = builds();
        new Wheelwright(one).build(ONE, NOW, "one");
        BuildFolder two = builds();
        new Wheelwright(two).build(ONE, NOW, "two");
        new Wheelwright(two).build(TWO, NOW, "two");
        var together = new CyclicBarrier(2);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Done>> racers = List.of(one, two).stream()
                    .map(builds -> threads.submit(() -> {
                        together.await();
                        return publish(builds);
                    }))
                    .toList();
            for (Future<Done> racer : racers) {
                assertThat(racer.get(60, TimeUnit.SECONDS).outcome()).isNotInstanceOf(Outcome.Not.class);
            }
        }
        assertThat(names()).containsExactly(Wheelwright.filename(ONE), Wheelwright.filename(TWO));
    }

    @Test
    void aNameKeepsItsBytesAndARebuildIsRemembered() throws IOException {
        BuildFolder first = builds();
        BuiltWheel kept = new Wheelwright(first).build(ONE, NOW, "first");
        publishes(first);
        now = NOW.plus(Duration.ofDays(91));
        BuildFolder second = builds();
        new Wheelwright(second).build(ONE, now, "second");
        publishes(second);
        assertThat(progress).anyMatch(line -> line.contains("is published with other bytes"));
        PublishedWheel wheel = wheel(ONE);
        assertThat(wheel.digest()).isEqualTo(kept.digest());
        assertThat(wheel.built()).isEqualTo(NOW);
        assertThat(wheel.lastBuilt()).isEqualTo(now);
    }

    @Test
    void aFailedRebuildIsSaidAndASuccessEndsIt() throws IOException {
        BuildFolder first = builds();
        new Wheelwright(first).build(ONE, NOW);
        publishes(first);
        BuildFolder second = builds();
        new Wheelwright(second).fail(ONE, NOW.plusSeconds(10), "no such header");
        publishes(second);
        PlatformIndex index = seen().orElseThrow();
        assertThat(index.wheels()).hasSize(1);
        assertThat(index.failed()).extracting(FailedBuild::reason).containsExactly("no such header");
        // What was built before says nothing about today.
        assertThat(publish(first).outcome()).isInstanceOf(Outcome.Unchanged.class);
        BuildFolder third = builds();
        new Wheelwright(third).build(ONE, NOW.plusSeconds(20));
        publishes(third);
        assertThat(seen().orElseThrow().failed()).isEmpty();
    }

    @Test
    void whatNoBranchNeedsGoesAfterItsGraceAndComesBackWhereOneDoes() throws IOException {
        BuildFolder builds = builds();
        new Wheelwright(builds).build(ONE, NOW);
        new Wheelwright(builds).build(TWO, NOW);
        publishes(builds);
        BuildFolder nothing = builds();
        assertThat(publish(nothing, ONE, TWO).outcome()).isInstanceOf(Outcome.Unchanged.class);
        assertThat(publish(nothing, ONE).outcome()).isInstanceOf(Outcome.Published.class);
        assertThat(wheel(TWO).unusedSince()).contains(NOW);
        now = NOW.plus(Duration.ofDays(10)).minusSeconds(1);
        assertThat(publish(nothing, ONE).outcome()).isInstanceOf(Outcome.Unchanged.class);
        now = NOW.plus(Duration.ofDays(20));
        publish(builds(), bucket, Optional.of(plan(Set.of(), ONE)));
        assertThat(wheel(TWO).unusedSince())
                .as("a plan that isn't for all of a platform's branches says nothing of the rest")
                .contains(NOW);
        // Without a word about what branches need, nothing is unused.
        assertThat(publish(nothing).outcome()).isInstanceOf(Outcome.Unchanged.class);
        assertThat(names()).hasSize(2);
        assertThat(publish(nothing, ONE).outcome()).isInstanceOf(Outcome.Published.class);
        assertThat(names()).containsExactly(Wheelwright.filename(ONE));
        assertThat(publish(builds, ONE, TWO).outcome()).isInstanceOf(Outcome.Published.class);
        assertThat(names()).hasSize(2);
        assertThat(wheel(TWO).unusedSince()).isEmpty();
    }

    private List<ObjectKey> objects() {
        return ((Bucket.Listing.Keys) bucket.list(BucketLayout.WHEELS, 100)).keys();
    }

    private WheelIndexPublisher indexes() {
        return new WheelIndexPublisher(fleet(), bucket, List.of(), clock(), "ann@desk", Fence.ALONE, line -> {});
    }

    /** Deletes what is due in a bucket that takes away so many objects and then no more. */
    private List<ObjectKey> clean(int most) throws IOException {
        var retired = erasing(most);
        List<ObjectKey> due = due(retired);
        if (!due.isEmpty()) {
            assertThat(retired.delete(due, indexes(), Fence.ALONE)).isInstanceOf(Outcome.Published.class);
        }
        return due;
    }

    private List<ObjectKey> due(RetiredWheels retired) throws IOException {
        return retired.due(indexes().read().orElseThrow().indexes(), Optional.empty());
    }

    private RetiredWheels erasing(int most) {
        var erased = new AtomicInteger();
        class Erasing extends DelegatingBucket implements ErasableBucket {
            Erasing() {
                super(bucket);
            }

            @Override
            public ErasableBucket.Erasing erase(ObjectKey key) {
                return erased.incrementAndGet() > most
                        ? new ErasableBucket.Erasing.Failed("the controller is gone")
                        : ((ErasableBucket) bucket).erase(key);
            }
        }
        return new RetiredWheels(new Erasing(), Duration.ofDays(5), clock());
    }

    /** A lock that another controller takes after so many looks at it. */
    private static Fence losing(int looks) {
        var looked = new AtomicInteger();
        return new Fence() {
            @Override
            public long generation() {
                return 7;
            }

            @Override
            public Optional<String> lost() {
                return looked.incrementAndGet() > looks ? Optional.of("bob has taken the lock") : Optional.empty();
            }
        };
    }

    private String record(long number) {
        return new String(content(BucketLayout.auditRecord(number)), StandardCharsets.UTF_8);
    }

    @Test
    void whatHasLeftItsIndexIsDeletedAfterItsGraceAndNothingElseIs() throws IOException {
        BuildFolder builds = builds();
        new Wheelwright(builds).build(ONE, NOW);
        new Wheelwright(builds).build(TWO, NOW);
        publishes(builds);
        ObjectKey uploaded =
                new ObjectKey(BucketLayout.WHEELS + "debian-12-x86_64/some-one/" + "a".repeat(64) + "/a.whl");
        bucket.put(uploaded, new byte[] {1}, Bucket.Condition.none());
        upstream.remove(TWO.project());
        publishes(builds());
        assertThat(objects()).as("nodes may go by the index before").hasSize(7);
        now = NOW.plus(Duration.ofDays(5)).minusSeconds(1);
        assertThat(clean(100)).isEmpty();
        now = NOW.plus(Duration.ofDays(5));
        // At any step something may end it: what is signed is right all the time, and the next one comes to the same
        // end.
        for (int most = 0; most < 3; most++) {
            var retired = erasing(most);
            assertThat(retired.delete(due(retired), indexes(), Fence.ALONE))
                    .isEqualTo(new Outcome.Not(new Publishing.Failed("the controller is gone")));
            assertThat(seen().orElseThrow().retired()).hasSize(1);
            assertThat(names()).containsExactly(Wheelwright.filename(ONE));
        }
        assertThat(clean(100)).hasSize(1);
        assertThat(objects())
                .as("what is named stays, and so does what nobody has named yet")
                .hasSize(4)
                .contains(uploaded)
                .allMatch(key -> key.value().contains("some-one"));
        assertThat(seen().orElseThrow().retired()).isEmpty();
        assertThat(clean(100)).isEmpty();
    }

    @Test
    void aDeletionThatStopsMidwayIsRecordedWithWhatWentByThen() throws IOException {
        BuildFolder builds = builds();
        new Wheelwright(builds).build(ONE, NOW);
        new Wheelwright(builds).build(TWO, NOW);
        publishes(builds);
        upstream.remove(ONE.project());
        publishes(builds());
        upstream.remove(TWO.project());
        publishes(builds());
        now = NOW.plus(Duration.ofDays(6));
        var retired = erasing(100);
        List<ObjectKey> due = due(retired).stream().sorted().toList();
        assertThat(due).hasSize(2);
        assertThat(retired.delete(due, indexes(), losing(1)))
                .as("whoever lost the lock is told so, and not that something is broken")
                .isEqualTo(new Outcome.Not(new Publishing.Fenced("bob has taken the lock")));
        assertThat(objects())
                .hasSize(3)
                .allMatch(key -> key.value().startsWith(due.getLast().value()));
        assertThat(record(5))
                .contains("wheels clean", "bob has taken the lock", "deleted " + due.getFirst())
                .doesNotContain(due.getLast().value());

        var failing = erasing(4);
        assertThat(failing.delete(due, indexes(), Fence.ALONE))
                .isEqualTo(new Outcome.Not(new Publishing.Failed("the controller is gone")));
        assertThat(record(6))
                .contains("the controller is gone", "deleted " + due.getFirst(), "began to delete " + due.getLast());
        assertThat(seen().orElseThrow().retired()).hasSize(2);
        assertThat(clean(100)).hasSize(2);
        assertThat(objects()).isEmpty();
    }

    @Test
    void whatComesBackIsNotDeletedAndWhatWasDeletedIsUploadedAgain() throws IOException {
        BuildFolder builds = builds();
        new Wheelwright(builds).build(ONE, NOW);
        publishes(builds);
        upstream.remove(ONE.project());
        publishes(builds());
        upstream.with(ONE);
        now = NOW.plus(Duration.ofDays(6));
        // Deleted after it was looked for and before it is named: nothing names it, and it is told.
        uploadedAll = () -> {
            try {
                assertThat(clean(100)).hasSize(1);
            } catch (IOException broken) {
                throw new AssertionError(broken);
            }
        };
        assertThatThrownBy(() -> publish(builds)).hasMessageContaining("it was deleted meanwhile; publish again");
        assertThat(names()).isEmpty();
        uploadedAll = () -> {};
        publishes(builds);
        assertThat(names()).containsExactly(Wheelwright.filename(ONE));
        upstream.remove(ONE.project());
        publishes(builds());
        upstream.with(ONE);
        publishes(builds);
        now = NOW.plus(Duration.ofDays(12));
        assertThat(clean(100)).isEmpty();
        assertThat(names()).containsExactly(Wheelwright.filename(ONE));
    }

    @Test
    void whatClientsWantByTheMirrorsLogsStaysThoughNoBranchNamesIt() throws IOException {
        BuildFolder builds = builds();
        new Wheelwright(builds).build(ONE, NOW);
        new Wheelwright(builds).build(TWO, NOW);
        publishes(builds);
        BuildFolder nothing = builds();
        publish(nothing, bucket, Optional.of(seen(TWO)));
        assertThat(wheel(TWO).lastSeen()).contains(NOW);
        now = NOW.plus(Duration.ofDays(8));
        assertThat(publish(nothing, bucket, Optional.of(seen(TWO))).outcome()).isInstanceOf(Outcome.Published.class);
        now = now.plus(Duration.ofHours(23));
        assertThat(publish(nothing, bucket, Optional.of(seen(TWO))).outcome())
                .as("nothing is signed anew only because clients want it still")
                .isInstanceOf(Outcome.Unchanged.class);
        // Mirrors aren't asked each time, and forget what they have seen when they begin anew.
        now = NOW.plus(Duration.ofDays(18)).minusSeconds(1);
        publish(nothing, ONE);
        assertThat(wheel(TWO).unusedSince()).isEmpty();
        now = NOW.plus(Duration.ofDays(18));
        publish(nothing, ONE);
        assertThat(wheel(TWO).unusedSince()).contains(now);
        now = NOW.plus(Duration.ofDays(28));
        publish(nothing, ONE);
        assertThat(names()).containsExactly(Wheelwright.filename(ONE));
    }

    /** Where branches need {@link #ONE}, and mirrors have seen clients want another. */
    private WantedWheels seen(Sdist sdist) {
        return new WantedWheels(
                now,
                URI.create("http://127.0.0.1/simple/"),
                List.of(),
                List.of(
                        Wheelwright.wanted(ONE),
                        new WantedWheel(
                                Wheelwright.PLATFORM, Wheelwright.PYTHON, sdist, "downloads were seen", List.of())),
                Set.of(Wheelwright.PLATFORM));
    }

    @Test
    void whatUpstreamTakesBackLeavesAndWhatCanNotBeFoundOutStays() throws IOException {
        BuildFolder builds = builds();
        new Wheelwright(builds).build(ONE, NOW);
        new Wheelwright(builds).build(TWO, NOW);
        publishes(builds);
        upstream.yank(ONE);
        publishes(builds());
        assertThat(names()).containsExactly(Wheelwright.filename(TWO));
        upstream.goAway();
        assertThat(publish(builds()).outcome()).isInstanceOf(Outcome.Unchanged.class);
        assertThat(names()).containsExactly(Wheelwright.filename(TWO));
    }

    @Test
    void upstreamIsAskedBeforeTheFleetIsLocked() throws IOException {
        BuildFolder builds = builds();
        new Wheelwright(builds).build(ONE, NOW);
        new Wheelwright(builds).build(TWO, NOW);
        publishes(builds);
        upstream.yank(ONE);
        uploadedAll = upstream::goAway;
        publishes(builds());
        assertThat(names()).as("what was heard before it went away counts").containsExactly(Wheelwright.filename(TWO));
    }

    @Test
    void whatIsPublishedAndUnchangedIsNotBroughtAgain() throws IOException {
        BuildFolder builds = builds();
        new Wheelwright(builds).build(ONE, NOW);
        publishes(builds);
        List<ObjectKey> brought = new ArrayList<>();
        var way = new DelegatingBucket(bucket) {
            @Override
            public Download download(ObjectKey key, PartialFile file, ByteSize limit, BooleanSupplier wanted) {
                brought.add(key);
                return super.download(key, file, limit, wanted);
            }
        };
        assertThat(publish(builds, way).outcome()).isInstanceOf(Outcome.Unchanged.class);
        assertThat(brought).isEmpty();
    }

    @Test
    void aDamagedIndexOfOnePlatformHoldsUpNoOtherAndStaysAsItIsSigned() throws IOException {
        Path file = folder.resolve("fleet.conf");
        Files.writeString(file, Files.readString(file).replace("platforms {", """
                                platforms {
                                  debian-13-x86_64 { library = "glibc 2.41", pythons = ["3.13"], builder = here }
                                """));
        PlatformSlug debian13 = WheelDocuments.platform("debian-13-x86_64");
        BuildFolder elsewhere = builds();
        new Wheelwright(elsewhere).build(TWO, NOW, "content", debian13, "some_two-2.0-cp313-cp313-linux_x86_64.whl");
        publishes(elsewhere);
        TargetPath other = TargetPath.wheels(debian13);
        TargetFile signed = signed(other).orElseThrow();
        bucket.put(BucketLayout.target(other, signed.sha256()), new byte[] {'{'}, Bucket.Condition.none());
        BuildFolder builds = builds();
        new Wheelwright(builds).build(ONE, NOW);
        publishes(builds);
        assertThat(names()).containsExactly(Wheelwright.filename(ONE));
        assertThat(signed(other)).contains(signed);
        assertThat(publish(builds).publication().damaged())
                .as("it is said by every publication that means the platform")
                .hasEntrySatisfying(
                        debian13, why -> assertThat(why).contains("is damaged").contains("put back the bytes"));
    }

    @Test
    void aProjectThatIsGoneUpstreamLeavesWholeAndItsPlatformStaysEmpty() throws IOException {
        BuildFolder builds = builds();
        new Wheelwright(builds).build(ONE, NOW);
        publishes(builds);
        upstream.remove(ONE.project());
        publishes(builds());
        assertThat(names()).isEmpty();
    }

    private void refused(BuildFolder builds, String why) throws IOException {
        Done done = publish(builds);
        assertThat(done.uploaded().refused()).singleElement().asString().contains(why);
        assertThat(done.outcome()).isInstanceOf(Outcome.Unchanged.class);
        assertThat(names()).isEmpty();
        assertThat(((Bucket.Listing.Keys) bucket.list(BucketLayout.WHEELS, 100)).keys())
                .isEmpty();
    }

    @Test
    void anIndexThatKnowsNothingLetsNothingGo() throws IOException {
        BuildFolder builds = builds();
        new Wheelwright(builds).build(ONE, NOW);
        new Wheelwright(builds).build(TWO, NOW);
        publishes(builds);
        upstream.remove(ONE.project());
        upstream.remove(TWO.project());
        assertThat(publish(builds()).outcome()).isInstanceOf(Outcome.Unchanged.class);
        assertThat(names()).hasSize(2);
    }

    @Test
    void whatIsNotUpstreamsOrIsItsAlreadyIsRefused() throws IOException {
        BuildFolder higher = builds();
        new Wheelwright(higher).build(Wheelwright.sdist("some-one", "99.0"), NOW);
        refused(higher, "upstream has no some_one-99.0.tar.gz");
        BuildFolder unknown = builds();
        new Wheelwright(unknown).build(Wheelwright.sdist("unknown", "1.0"), NOW);
        refused(unknown, "upstream has no project unknown");
        Sdist ours = Wheelwright.sdist("ours-secret", "1.0");
        upstream.with(ours);
        BuildFolder secret = builds();
        new Wheelwright(secret).build(ours, NOW);
        refused(secret, "private name");
        BuildFolder other = builds();
        new Wheelwright(other)
                .build(ONE, NOW, "content", Wheelwright.PLATFORM, "some_one-2.0-cp311-cp311-linux_x86_64.whl");
        refused(other, "it is version 2.0, and was built of 1.0");
        BuildFolder namesake = builds();
        new Wheelwright(namesake).build(ONE, NOW);
        upstream.with(ONE.project(), Wheelwright.filename(ONE), Sha256.of(new byte[0]));
        refused(namesake, "upstream has given that name to other bytes");
        Sdist changed = Wheelwright.sdist("changed", "1.0");
        upstream.with(changed.project(), changed.filename(), Sha256.of(new byte[0]));
        BuildFolder swapped = builds();
        new Wheelwright(swapped).build(changed, NOW);
        refused(swapped, "isn't what it was built of");
        upstream.yank(TWO);
        BuildFolder yanked = builds();
        new Wheelwright(yanked).build(TWO, NOW);
        refused(yanked, "upstream has yanked some_two-2.0.tar.gz");
    }

    @Test
    void whatIsNotWhatItsBuilderSaysIsRefused() throws IOException {
        BuildFolder damaged = builds();
        BuiltWheel built = new Wheelwright(damaged).build(ONE, NOW);
        byte[] bytes = Files.readAllBytes(built.file());
        bytes[40] ^= 1;
        Files.write(built.file(), bytes);
        refused(damaged, "its sha256 is");
        BuildFolder longer = builds();
        Files.writeString(new Wheelwright(longer).build(ONE, NOW).file(), "longer or shorter");
        refused(longer, "bytes, and not");
        BuildFolder lying = builds();
        BuiltWheel lie = new Wheelwright(lying).build(ONE, NOW);
        lying.add(new BuiltWheel(
                lie.platform(),
                lie.filename(),
                lie.file(),
                lie.digest(),
                lie.size(),
                lie.requiresPython(),
                Sha256.of(new byte[0]),
                lie.built(),
                lie.provenance(),
                lie.log()));
        refused(lying, "its METADATA isn't what its builder says");
        BuildFolder other = builds();
        new Wheelwright(other)
                .build(ONE, NOW, "content", Wheelwright.PLATFORM, "some_one-1.0-cp39-cp39-linux_x86_64.whl");
        refused(other, "no Python that debian-12-x86_64 has would take it");
        BuildFolder elsewhere = builds();
        new Wheelwright(elsewhere)
                .build(ONE, NOW, "content", WheelDocuments.platform("debian-13-x86_64"), Wheelwright.filename(ONE));
        refused(elsewhere, "fleet.conf has no platform debian-13-x86_64");
    }

    @Test
    void whatIsDamagedInTheBucketIsNotLedTo() throws IOException {
        BuildFolder builds = builds();
        BuiltWheel built = new Wheelwright(builds).build(ONE, NOW);
        byte[] other = new byte[(int) built.size()];
        bucket.put(WheelPlace.wheel(Wheelwright.PLATFORM, PublishedWheel.of(built)), other, Bucket.Condition.none());
        assertThatThrownBy(() -> publish(builds)).hasMessageContaining("is damaged in the bucket");
        assertThat(names()).isEmpty();
    }

    @Test
    void aProjectWithALocalVersionHasAnAddressThatServersUnderstand() throws IOException {
        Sdist local = Wheelwright.sdist("some-one", "1.0+local.1");
        upstream.with(local);
        BuildFolder builds = builds();
        new Wheelwright(builds).build(local, NOW);
        publishes(builds);
        assertThat(new String(seen().orElseThrow().toBytes(), StandardCharsets.UTF_8))
                .contains("some_one-1.0%2Blocal.1-cp311-cp311-linux_x86_64.whl\"");
    }

    @Test
    void privateNamesAreThoseOfTheFleetsMirrors() throws IOException {
        assertThat(PrivateNames.of(fleet()).have(new ProjectName("ours-secret")))
                .isTrue();
        assertThat(PrivateNames.of(fleet()).have(new ProjectName("some-one"))).isFalse();
    }
}
