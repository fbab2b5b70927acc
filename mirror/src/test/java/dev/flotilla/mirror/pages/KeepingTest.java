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
    private static final Variant HTML_ZSTD = new Variant(PageForm.HTML, ContentCoding.ZSTD);

    @TempDir
    private Path folder;

    private final DirectMemory direct = new DirectMemory();
    private final PurgeFence fence = new PurgeFence();
    private Store store;
    private PageMemory memory;
    private Keeping keeping;

    @BeforeEach
    void open() throws IOException {
        store = Store.open(folder, new StoreLimits(ByteSize.ofMiB(1), ByteSize.ofMiB(64)), new SimpleMeterRegistry());
        var configuration = ((Loading.Loaded<MirrorConfiguration>) MirrorConfiguration.parse("""
                        flotilla.mirror { region = east, node = east-1, store { path = /nowhere }}
                        """, "test.conf")).value();
        memory = new PageMemory(configuration.pages());
        keeping = new Keeping(
                configuration.pages(),
                configuration.policy(),
                InstantSource.fixed(Instant.parse("2026-03-01T12:00:00Z")),
                memory,
                store.pages(),
                new Preparation(
                        direct,
                        new PageParser(configuration.parsing().page()),
                        new RootListParser(configuration.parsing().rootList()),
                        configuration.policy()),
                fence,
                new LargePages());
    }

    @AfterEach
    void close() throws IOException {
        memory.clear();
        assertThat(direct.bytes()).as("direct memory that nobody gave back").isZero();
        store.close();
    }

    private static PageFetch fetched(PageKey.Project key) {
        String entries = IntStream.range(0, 50)
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
        return switch (keeping.absorb(key, Optional.empty(), fetched(key), wanted, fence.now())) {
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
        assertThat(keeping.isToBeCompleted(KEY)).isTrue();

        keeping.complete(KEY);
        assertThat(inMemory().variants()).isEqualTo(Variant.all());
        assertThat(inMemory().body(JSON_GZIP))
                .as("is not made twice")
                .containsSame(first.page().body(JSON_GZIP).orElseThrow());
        assertThat(keeping.isToBeCompleted(KEY)).isFalse();
        first.page().release();
        assertThat(direct.bytes()).isEqualTo(inMemory().bytes());
    }

    @Test
    void whoWantsAnotherRepresentationMeanwhileGetsItOfTheSamePage() {
        var first = arrived(JSON_GZIP);
        var second = keeping.recall(KEY, Set.of(HTML_ZSTD), fence.now()).orElseThrow();
        assertThat(second.page().variants()).isEqualTo(Variant.all());
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
                        .start(() -> keeping.recall(KEY, Set.of(HTML_ZSTD), fence.now())
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
        keeping.complete(KEY);
        var renewed = arrived(JSON_GZIP);
        assertThat(renewed.page().variants()).isEqualTo(Variant.all());
        assertThat(keeping.isToBeCompleted(KEY)).isFalse();
        renewed.page().release();
    }

    @Test
    void aPageThatNobodyWaitsForIsPreparedWhole() {
        var whole = arrived();
        assertThat(whole.page().variants()).isEqualTo(Variant.all());
        whole.page().release();
    }

    @Test
    void ofAFewPagesAtOnceAloneTheRestIsPutOff() {
        for (int number = 0; number < 20; number++) {
            var key = new PageKey.Project(new ProjectName("harbour-" + number));
            var page = arrived(key, Set.of(JSON_GZIP)).page();
            assertThat(page.variants()).hasSize(number < 4 ? 2 : 6);
            page.release();
        }
    }

    @Test
    void whatMemoryHasLetGoOfIsNotPreparedForNobody() {
        var first = arrived(JSON_GZIP);
        memory.remove(KEY);
        keeping.complete(KEY);
        assertThat(memory.get(KEY)).isEmpty();
        assertThat(direct.bytes()).isEqualTo(first.page().bytes());
        first.page().release();
    }

    @Test
    void aPageThatWasReplacedMeanwhileIsNotPutBack() {
        arrived(JSON_GZIP).page().release();
        var renewed = arrived(JSON_GZIP);
        keeping.complete(KEY);
        assertThat(inMemory()).isSameAs(renewed.page());
        renewed.page().release();
    }

    @Test
    void aRepresentationHasTheSameTagWhateverWasPreparedBefore() {
        arrived(JSON_GZIP).page().release();
        keeping.complete(KEY);
        var tags = tags();
        memory.remove(KEY);
        arrived(HTML_ZSTD).page().release();
        keeping.complete(KEY);
        assertThat(tags()).isEqualTo(tags).hasSize(6);
    }

    private Set<String> tags() {
        return inMemory().bodies().values().stream().map(PreparedBody::etag).collect(Collectors.toSet());
    }
}
