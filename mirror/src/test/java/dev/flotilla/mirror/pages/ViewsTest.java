package dev.flotilla.mirror.pages;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.flotilla.mirror.configuration.MirrorConfiguration;
import dev.flotilla.mirror.policy.Policy;
import dev.flotilla.mirror.policy.View;
import dev.flotilla.mirror.simple.ContentCoding;
import dev.flotilla.mirror.simple.FilePath;
import dev.flotilla.mirror.simple.PageForm;
import dev.flotilla.mirror.store.PageKey;
import dev.flotilla.mirror.wheels.Wheelhouse;
import dev.flotilla.settings.Loading;
import dev.flotilla.vocabulary.ProjectName;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The bounds of views, and what they make of a page that changes while they are prepared. */
class ViewsTest {
    private static final ProjectName NAME = ProjectName.of("sample");
    private static final Instant UPLOADED = Instant.parse("2026-02-24T12:00:00Z");
    private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");
    private static final Variant IDENTITY = new Variant(PageForm.JSON, ContentCoding.IDENTITY);

    private final Vertx vertx = Vertx.vertx();
    private final WorkerExecutor workers = vertx.createSharedWorkerExecutor("long-view-work", 2);
    private final AtomicReference<Instant> now = new AtomicReference<>(NOON);
    private final DirectMemory pagesMemory = new DirectMemory();
    private final AtomicReference<PreparedBody> page = new AtomicReference<>(body(page(1)));

    /** Until it is complete, nothing that is being made gets the page; whoever asks for a view does. */
    private final Promise<Boolean> gate = Promise.promise();

    private final AtomicInteger made = new AtomicInteger();

    @AfterEach
    void stop() throws Exception {
        vertx.close().toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
    }

    private static String page(int files) {
        return IntStream.range(0, files)
                .mapToObj(i -> """
                        {"filename": "sample-%d.tar.gz", "url": "../../packages/sha256/%064x/sample-%d.tar.gz",
                         "hashes": {"sha256": "%064x"}, "upload-time": "%s"}""".formatted(i, i, i, i, UPLOADED))
                .collect(Collectors.joining(
                        ",", "{\"meta\": {\"api-version\": \"1.0\"}, \"name\": \"sample\", \"files\": [", "]}"));
    }

    private PreparedBody body(String json) {
        try {
            return new PreparedBody(
                    pagesMemory, out -> out.write(json.getBytes(StandardCharsets.UTF_8)), ContentCoding.IDENTITY);
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }

    private Future<PageAnswer> current(PageKey key, Variant variant) {
        var body = page.get();
        assertThat(body.lend()).isTrue();
        return Future.succeededFuture(new PageAnswer.Served(
                body, PageOutcome.HIT, Duration.ZERO, Duration.ofMinutes(10), OptionalLong.empty()));
    }

    private Future<PageAnswer> toWork(PageKey key, Variant variant) {
        made.incrementAndGet();
        return gate.future().compose(open -> current(key, variant));
    }

    private Views views(String settings) {
        return views(settings, now::get);
    }

    private Views views(String settings, InstantSource clock) {
        String text = "flotilla.mirror { region = east, node = east-1, store { path = \"/nowhere\" }, pages { "
                + settings + " } }";
        return switch (MirrorConfiguration.parse(text, "test.conf")) {
            case Loading.Loaded<MirrorConfiguration> loaded ->
                new Views(
                        vertx,
                        loaded.value().pages(),
                        Policy.open(),
                        new Wheelhouse(Optional.empty(), Optional.empty()),
                        clock,
                        this::toWork,
                        workers,
                        new LargePages());
            case Loading.Refused<MirrorConfiguration> refused -> throw new IllegalArgumentException(refused.text());
        };
    }

    private Future<PageAnswer> ask(Views views, int days) {
        return views.page(
                new ViewPage.Key(new PageKey.Project(NAME), new View.Cooldown(days), IDENTITY), this::current);
    }

    private static PageAnswer answer(Future<PageAnswer> future) {
        try {
            return future.toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
        } catch (Exception failed) {
            throw new AssertionError(failed);
        }
    }

    private static PreparedBody served(Future<PageAnswer> future) {
        assertThat(answer(future)).isInstanceOf(PageAnswer.Served.class);
        return ((PageAnswer.Served) answer(future)).body();
    }

    private static String text(PreparedBody body) {
        return body.buffer().toString(StandardCharsets.UTF_8);
    }

    @Test
    void onlySoManyViewsArePreparedOrWaitAndOthersAreToldToComeAgain() {
        var views = views("concurrent-views = 1, waiting-views = 2");
        var asked = new ArrayList<Future<PageAnswer>>();
        for (int days = 1; days <= 5; days++) {
            asked.add(ask(views, days));
        }
        var another = ask(views, 3);
        assertThat(answer(asked.get(3))).isEqualTo(new PageAnswer.Overloaded());
        assertThat(answer(asked.get(4))).isEqualTo(new PageAnswer.Overloaded());
        assertThat(views.underWay()).isEqualTo(3);
        await().until(() -> made.get() == 1);
        gate.complete(true);
        for (var waited : List.of(asked.get(0), asked.get(1), asked.get(2), another)) {
            served(waited).release();
        }
        served(ask(views, 5)).release();
        await().until(() -> views.underWay() == 0);
    }

    @Test
    void aViewIsPreparedOnceForAllWhoWaitAndItsMemoryIsFreedOnce() {
        var views = views("waiters-per-fetch = 50");
        var asked = IntStream.range(0, 51).mapToObj(i -> ask(views, 7)).toList();
        assertThat(answer(asked.get(50))).isEqualTo(new PageAnswer.Overloaded());
        await().until(() -> made.get() == 1);
        gate.complete(true);
        var bodies = asked.stream().limit(50).map(ViewsTest::served).distinct().toList();
        assertThat(bodies).hasSize(1);
        assertThat(served(ask(views, 7))).isSameAs(bodies.getFirst());
        assertThat(made).hasValue(1);
        for (int i = 0; i < 51; i++) {
            bodies.getFirst().release();
        }
        assertThat(views.bytes()).isEqualTo(bodies.getFirst().length());
        views.clear();
        assertThat(views.bytes()).isZero();
    }

    @Test
    void whatSlowClientsHoldOfViewsIsBoundedToo() {
        page.set(body(page(200)));
        gate.complete(true);
        var views = views("view-memory = 64 KiB");
        var held = new ArrayList<PreparedBody>();
        for (int days = 1; days <= 5; days++) {
            if (answer(ask(views, days)) instanceof PageAnswer.Served(var body, var a, var b, var c, var d)) {
                held.add(body);
            }
        }
        assertThat(held.getFirst().length()).isBetween(40_000, 60_000);
        assertThat(held)
                .as("up to twice the memory, and the one that goes beyond")
                .hasSize(3);
        assertThat(answer(ask(views, 9))).isEqualTo(new PageAnswer.Overloaded());
        held.forEach(PreparedBody::release);
        served(ask(views, 9)).release();
        assertThat(views.bytes()).isLessThanOrEqualTo(64 * 1024);
        views.clear();
        // Who prepared a page gives back its own hold on it after the answer is there.
        await().untilAsserted(() -> assertThat(views.bytes()).isZero());
    }

    @Test
    void whoeverWaitsForAViewGetsWhatCameOfAgeMeanwhile() {
        var judged = new CountDownLatch(1);
        var open = new CountDownLatch(1);
        InstantSource clock = () -> {
            Instant read = now.get();
            if (Thread.currentThread().getName().startsWith("long-view-work")) {
                judged.countDown();
                try {
                    open.await();
                } catch (InterruptedException stop) {
                    Thread.currentThread().interrupt();
                }
            }
            return read;
        };
        gate.complete(true);
        var views = views("", clock);
        var early = ask(views, 6);
        await().until(() -> judged.getCount() == 0);
        now.set(UPLOADED.plus(Duration.ofDays(6)));
        var late = ask(views, 6);
        open.countDown();
        for (var asked : List.of(late, early)) {
            var body = served(asked);
            assertThat(text(body)).contains("sample-0.tar.gz");
            body.release();
        }
    }

    @Test
    void whoeverWaitsForAViewGetsItOfThePageThatCameMeanwhile() {
        var views = views("");
        var asked = ask(views, 1);
        await().until(() -> made.get() == 1);
        page.set(body(page(2)));
        gate.complete(true);
        var body = served(asked);
        assertThat(text(body)).contains("sample-0.tar.gz", "sample-1.tar.gz");
        body.release();
    }

    @Test
    void aVerdictOnAFileHoldsAsLongAsItsPageAndUntilTheFileComesOfAge() {
        gate.complete(true);
        var views = views("");
        var path = FilePath.parse("sha256/%064x/sample-0.tar.gz".formatted(0)).orElseThrow();
        var unnamed =
                FilePath.parse("sha256/%064x/sample-1.tar.gz".formatted(1)).orElseThrow();
        var until = UPLOADED.plus(Duration.ofDays(6));
        for (int round = 0; round < 3; round++) {
            assertThat(verdict(views, path)).isEqualTo(new Verdict.Withheld("cooldown", Optional.of(until)));
            assertThat(verdict(views, unnamed)).isEqualTo(new Verdict.Unnamed());
        }
        assertThat(made).as("six questions, and each file judged once").hasValue(6 + 2);
        page.set(body(page(2)));
        assertThat(verdict(views, unnamed)).isInstanceOf(Verdict.Withheld.class);
        assertThat(made).hasValue(7 + 3);
        now.set(until.minusNanos(1));
        assertThat(verdict(views, unnamed)).isInstanceOf(Verdict.Withheld.class);
        now.set(until);
        assertThat(verdict(views, unnamed)).isEqualTo(new Verdict.Shown());
        assertThat(made).hasValue(9 + 3);
    }

    private static Verdict verdict(Views views, FilePath path) {
        try {
            return views.verdict(NAME, path, new View.Cooldown(6))
                    .toCompletionStage()
                    .toCompletableFuture()
                    .get(30, TimeUnit.SECONDS);
        } catch (Exception failed) {
            throw new AssertionError(failed);
        }
    }
}
