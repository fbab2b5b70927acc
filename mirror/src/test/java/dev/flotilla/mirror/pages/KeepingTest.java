package dev.flotilla.mirror.pages;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flotilla.mirror.configuration.MirrorConfiguration;
import dev.flotilla.mirror.simple.ContentCoding;
import dev.flotilla.mirror.simple.PageForm;
import dev.flotilla.mirror.simple.PageParser;
import dev.flotilla.mirror.simple.RootListParser;
import dev.flotilla.mirror.store.PageKey;
import dev.flotilla.mirror.store.Store;
import dev.flotilla.mirror.store.StoreLimits;
import dev.flotilla.mirror.upstream.PageFetch;
import dev.flotilla.mirror.upstream.Validators;
import dev.flotilla.settings.Loading;
import dev.flotilla.vocabulary.ByteSize;
import dev.flotilla.vocabulary.ProjectName;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which representations of a page are prepared when, and that their memory is given back. */
class KeepingTest {
    private static final PageKey.Project KEY = new PageKey.Project(new ProjectName("harbour"));
    private static final Variant JSON_GZIP = new Variant(PageForm.JSON, ContentCoding.GZIP);
    private static final Variant JSON_PLAIN = new Variant(PageForm.JSON, ContentCoding.IDENTITY);
    private static final Variant HTML_GZIP = new Variant(PageForm.HTML, ContentCoding.GZIP);
    private static final Variant HTML_ZSTD = new Variant(PageForm.HTML, ContentCoding.ZSTD);

    /** How many pages wait to be prepared whole, at most. */
    private static final int REMAINDERS = 4;

    /** How many files' descriptions are held parsed. */
    private static final int CATALOGUE = 120;

    @TempDir
    private Path folder;

    private final DirectMemory direct = new DirectMemory();
    private final PurgeFence fence = new PurgeFence();
    private Store store;
    private PageMemory memory;
    private Remainders remainders;
    private KnownProjects projects;
    private Keeping keeping;

    @BeforeEach
    void open() throws IOException {
        store = Store.open(folder, new StoreLimits(ByteSize.ofMiB(1), ByteSize.ofMiB(64)), new SimpleMeterRegistry());
        var configuration = ((Loading.Loaded<MirrorConfiguration>)
                        MirrorConfiguration.parse("""
                        flotilla.mirror { region = east, node = east-1, store { path = /nowhere }, pages { catalogue-files = %d } }
                        """.formatted(CATALOGUE), "test.conf"))
                .value();
        memory = new PageMemory(configuration.pages());
        var settings = configuration.pages();
        var policy = configuration.policy();
        var clock = InstantSource.fixed(Instant.parse("2026-03-01T12:00:00Z"));
        var kept = new KeptPages(store.pages());
        var preparation = new Preparation(
                direct,
                new PageParser(configuration.parsing().page()),
                new RootListParser(configuration.parsing().rootList()),
                policy);
        var large = new LargePages();
        remainders = new Remainders(memory, preparation, large, REMAINDERS);
        projects = new KnownProjects(settings, policy, clock, memory, kept, preparation, fence, large);
        keeping = new Keeping(settings, clock, memory, kept, projects, preparation, remainders, fence, large);
    }

    @AfterEach
    void close() throws IOException {
        memory.clear();
        assertThat(direct.bytes()).as("direct memory that nobody gave back").isZero();
        store.close();
    }

    private static PageFetch fetched(PageKey.Project key) {
        return fetched(key, 50);
    }

    private static PageFetch fetched(PageKey.Project key, int files) {
        String entries = IntStream.range(0, files)
                .mapToObj(file -> """
                        {"filename": "harbour-%d.tar.gz", "url": "harbour-%d.tar.gz", "hashes": {"sha256": "%064x"}, "size": 1}""".formatted(file, file, file * 7_919L))
                .collect(Collectors.joining(","));
        String page = "{\"meta\":{\"api-version\":\"1.4\"},\"name\":\""
                + key.name().normal() + "\",\"versions\":[],\"files\":[" + entries + "]}";
        return new PageFetch.Fetched(
                page.getBytes(StandardCharsets.UTF_8),
                PageForm.JSON,
                URI.create("http://127.0.0.1:1/simple/harbour/"),
                new Validators(Optional.empty(), Optional.empty()),
                Optional.of(Duration.ofMinutes(10)),
                OptionalLong.empty(),
                "sample",
                Duration.ZERO);
    }

    private Held arrived(PageKey.Project key, Set<Variant> wanted) {
        return renewed(keeping.absorb(key, Optional.empty(), fetched(key), wanted, fence.now()));
    }

    private static Held renewed(Keeping.Arrival arrival) {
        return switch (arrival) {
            case Keeping.Arrival.Renewed(Held held) -> held;
            case Keeping.Arrival.Confirmed ignored -> throw new AssertionError("confirmed");
            case Keeping.Arrival.Gone ignored -> throw new AssertionError("gone");
            case Keeping.Arrival.Outdated ignored -> throw new AssertionError("outdated");
            case Keeping.Arrival.Unusable unusable -> throw new AssertionError(unusable.reason());
        };
    }

    private Held arrived(Variant... wanted) {
        return arrived(KEY, Set.of(wanted));
    }

    private PreparedPage inMemory() {
        return memory.get(KEY).orElseThrow().page();
    }

    @Test
    void ofAColdPageWhatIsWantedIsPreparedFirstAndTheRestAfterwards() {
        var first = arrived(JSON_GZIP);
        assertThat(first.page().variants()).containsExactlyInAnyOrder(JSON_GZIP, JSON_PLAIN);
        assertThat(remainders.isWaiting(KEY)).isTrue();

        remainders.complete(KEY);
        assertThat(inMemory().variants()).isEqualTo(Variant.usual());
        assertThat(inMemory().body(JSON_GZIP))
                .as("is not made twice")
                .containsSame(first.page().body(JSON_GZIP).orElseThrow());
        assertThat(remainders.isWaiting(KEY)).isFalse();
        first.page().release();
        assertThat(direct.bytes()).isEqualTo(inMemory().bytes());
    }

    @Test
    void whoWantsAnotherRepresentationMeanwhileGetsItOfTheSamePage() {
        var first = arrived(JSON_GZIP);
        var second = keeping.recall(KEY, Set.of(HTML_ZSTD), fence.now()).orElseThrow();
        assertThat(second.page().variants()).hasSize(3).contains(HTML_ZSTD).containsAll(Variant.usual());
        assertThat(second.page().body(JSON_GZIP))
                .containsSame(first.page().body(JSON_GZIP).orElseThrow());
        first.page().release();
        second.page().release();
    }

    @Test
    void aPageIsCompletedOnceHoweverManyWantItAtOnce() throws InterruptedException {
        var first = arrived(JSON_GZIP);
        var pages = new ConcurrentLinkedQueue<PreparedPage>();
        var threads = IntStream.range(0, 8)
                .mapToObj(number -> Thread.ofPlatform()
                        .start(() -> keeping.recall(KEY, Set.of(HTML_GZIP), fence.now())
                                .ifPresent(held -> pages.add(held.page()))))
                .toList();
        for (var thread : threads) {
            thread.join();
        }
        assertThat(pages).hasSize(8).allMatch(inMemory()::equals);
        pages.forEach(PreparedPage::release);
        first.page().release();
    }

    @Test
    void ofAPageInMemoryEverythingIsPreparedBeforeItIsReplaced() {
        arrived(JSON_GZIP).page().release();
        remainders.complete(KEY);
        var renewed = arrived(JSON_GZIP);
        assertThat(renewed.page().variants()).isEqualTo(Variant.usual());
        assertThat(remainders.isWaiting(KEY)).isFalse();
        renewed.page().release();
    }

    @Test
    void aPageThatNobodyWaitsForIsPreparedWhole() {
        var whole = arrived();
        assertThat(whole.page().variants()).isEqualTo(Variant.usual());
        whole.page().release();
    }

    @Test
    void ofAFewPagesAtOnceAloneTheRestIsPutOff() {
        for (int number = 0; number < 20; number++) {
            var key = new PageKey.Project(new ProjectName("harbour-" + number));
            var page = arrived(key, Set.of(JSON_GZIP)).page();
            assertThat(page.variants())
                    .isEqualTo(number < REMAINDERS ? Set.of(JSON_GZIP, JSON_PLAIN) : Variant.usual());
            page.release();
        }
    }

    /** In each coding that somebody may want a page takes several times the memory. */
    @Test
    void whatFewWantIsMadeOfWhatIsThereAndStaysWithThePage() throws IOException {
        var first = arrived(JSON_PLAIN);
        String tag = first.page().body(JSON_PLAIN).orElseThrow().etag();
        first.page().release();
        remainders.complete(KEY);
        var usual = inMemory();
        assertThat(usual.variants()).isEqualTo(Variant.usual());

        var wanted = keeping.recall(KEY, Set.of(JSON_PLAIN), fence.now()).orElseThrow();
        assertThat(inMemory()).isEqualTo(wanted.page());
        assertThat(wanted.page().bodies()).hasSize(3).containsAllEntriesOf(usual.bodies());
        assertThat(wanted.page().body(JSON_PLAIN).orElseThrow().etag())
                .as("the same bytes")
                .isEqualTo(tag);
        wanted.page().release();

        var renewed = arrived();
        assertThat(renewed.page().variants()).hasSize(3).contains(JSON_PLAIN);
        renewed.page().release();
    }

    @Test
    void aPageThatTheDiskHasLostIsStillHadInEveryRepresentation() throws IOException {
        arrived().page().release();
        store.pages().remove(KEY);
        for (var form : PageForm.values()) {
            for (var coding : ContentCoding.values()) {
                var variant = new Variant(form, coding);
                var held = keeping.recall(KEY, Set.of(variant), fence.now()).orElseThrow();
                assertThat(held.page().body(variant)).as(variant.toString()).isPresent();
                held.page().release();
            }
        }
    }

    @Test
    void whatMemoryHasLetGoOfIsNotPreparedForNobody() {
        var first = arrived(JSON_GZIP);
        memory.remove(KEY);
        remainders.complete(KEY);
        assertThat(memory.get(KEY)).isEmpty();
        assertThat(direct.bytes()).isEqualTo(first.page().bytes());
        first.page().release();
    }

    @Test
    void aPageThatWasReplacedMeanwhileIsNotPutBack() {
        arrived(JSON_GZIP).page().release();
        var renewed = arrived(JSON_GZIP);
        remainders.complete(KEY);
        assertThat(inMemory()).isSameAs(renewed.page());
        renewed.page().release();
    }

    @Test
    void aRepresentationHasTheSameTagWhateverWasPreparedBefore() {
        arrived(JSON_GZIP).page().release();
        remainders.complete(KEY);
        var tags = tags();
        memory.remove(KEY);
        arrived(HTML_ZSTD).page().release();
        remainders.complete(KEY);
        assertThat(tags()).isEqualTo(tags).hasSize(6);
    }

    /** Of every representation. */
    private Map<Variant, String> tags() {
        var every = Arrays.stream(PageForm.values())
                .flatMap(form -> Arrays.stream(ContentCoding.values()).map(coding -> new Variant(form, coding)))
                .collect(Collectors.toSet());
        var page = keeping.recall(KEY, every, fence.now()).orElseThrow().page();
        var tags = page.bodies().entrySet().stream()
                .collect(Collectors.toMap(
                        Map.Entry::getKey, body -> body.getValue().etag()));
        page.release();
        return tags;
    }

    @Test
    void ofAPageWithMoreFilesThanAreHeldOfAllTheLastOneIsHeldToo() {
        var largest = new PageKey.Project(new ProjectName("largest"));
        arrived(largest, CATALOGUE + 1);
        arrived(KEY, 50);
        assertThat(projects.knownPage(largest.name()).orElseThrow().files()).hasSize(CATALOGUE + 1);
        assertThat(projects.knownPage(KEY.name()))
                .as("none has to leave for it")
                .isPresent();
        assertThat(projects.page(largest.name())).isEqualTo(projects.knownPage(largest.name()));

        arrived(new PageKey.Project(new ProjectName("larger")), CATALOGUE + 2);
        assertThat(projects.knownPage(largest.name())).isEmpty();
        assertThat(projects.page(largest.name()).orElseThrow().files())
                .as("it is read again")
                .hasSize(CATALOGUE + 1);
    }

    @Test
    void aPageWithManyFilesIsForgottenAsAnyOtherIs() {
        arrived(KEY, CATALOGUE + 1);
        arrived(KEY, 50);
        assertThat(projects.knownPage(KEY.name()).orElseThrow().files()).hasSize(50);
        arrived(KEY, CATALOGUE + 1);
        assertThat(projects.knownPage(KEY.name()).orElseThrow().files()).hasSize(CATALOGUE + 1);
        keeping.purge(new PurgeScope.Project(KEY.name()), false);
        assertThat(projects.knownPage(KEY.name())).isEmpty();
        arrived(KEY, CATALOGUE + 1);
        keeping.absorb(KEY, Optional.empty(), new PageFetch.Absent("sample"), Set.of(), fence.now());
        assertThat(projects.knownPage(KEY.name())).isEmpty();
    }

    private void arrived(PageKey.Project key, int files) {
        renewed(keeping.absorb(key, Optional.empty(), fetched(key, files), Set.of(), fence.now()))
                .page()
                .release();
    }
}
