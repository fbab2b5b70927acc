package dev.flotilla.mirror.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flotilla.mirror.configuration.Keeper;
import dev.flotilla.mirror.configuration.MirrorConfiguration;
import dev.flotilla.mirror.files.FileAnswer;
import dev.flotilla.mirror.files.FileService;
import dev.flotilla.mirror.files.GrowingFile;
import dev.flotilla.mirror.files.HotFile;
import dev.flotilla.mirror.handover.ListeningSockets;
import dev.flotilla.mirror.ops.Overview;
import dev.flotilla.mirror.ops.Readiness;
import dev.flotilla.mirror.ops.RequestLog;
import dev.flotilla.mirror.ops.SdistDownloads;
import dev.flotilla.mirror.ops.Traffic;
import dev.flotilla.mirror.pages.PageCache;
import dev.flotilla.mirror.pages.SharedPurges;
import dev.flotilla.mirror.policy.View;
import dev.flotilla.mirror.simple.FilePath;
import dev.flotilla.mirror.simple.PageParser;
import dev.flotilla.mirror.simple.RootListParser;
import dev.flotilla.mirror.store.Store;
import dev.flotilla.mirror.store.StoreLimits;
import dev.flotilla.mirror.store.StoredFile;
import dev.flotilla.mirror.upstream.Conditions;
import dev.flotilla.mirror.upstream.Misses;
import dev.flotilla.mirror.upstream.PageFetch;
import dev.flotilla.mirror.upstream.PageSource;
import dev.flotilla.mirror.upstream.ProvenanceOrigin;
import dev.flotilla.mirror.upstream.Room;
import dev.flotilla.mirror.wheels.Wheelhouse;
import dev.flotilla.settings.Loading;
import dev.flotilla.vocabulary.ByteSize;
import dev.flotilla.vocabulary.ProjectName;
import dev.flotilla.vocabulary.Sha256;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.streams.WriteStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever this program does wrong, clients are told at once, and what comes after isn't touched by it. */
class FaultsTest {
    private static final String FILE = "/packages/sha256/" + "ab".repeat(32) + "/sample_one-1.0-py3-none-any.whl";

    @TempDir
    private Path folder;

    private final Vertx vertx = Vertx.vertx();
    private final PrometheusMeterRegistry meters = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final FaultySource source = new FaultySource();
    private final HttpClient client = HttpClient.newHttpClient();
    private Listeners listeners;
    private Store store;

    /** Throws where a failed future would be due. */
    private static final class FaultySource implements PageSource {
        private final AtomicInteger asked = new AtomicInteger();

        @Override
        public Future<PageFetch> page(ProjectName project, Optional<Conditions> conditions, Room room) {
            asked.incrementAndGet();
            throw new IllegalStateException("a fault of the source");
        }

        @Override
        public Future<PageFetch> provenance(ProvenanceOrigin origin, Optional<Conditions> conditions, Room room) {
            throw new IllegalStateException("a fault of the source");
        }

        @Override
        public Future<PageFetch> rootList(Optional<Conditions> conditions, Room room) {
            throw new IllegalStateException("a fault of the source");
        }
    }

    /** Gives a file that can't be described, a moment after it was asked for. */
    private final class FaultyFiles implements FileService {
        @Override
        public Future<FileAnswer> open(FilePath path) {
            Promise<FileAnswer> later = Promise.promise();
            vertx.runOnContext(turn -> later.complete(new FileAnswer.Growing(new FaultyFile())));
            return later.future();
        }

        @Override
        public FileService in(View view) {
            return this;
        }

        @Override
        public Optional<HotFile> hot(StoredFile file) {
            return Optional.empty();
        }

        @Override
        public Optional<HotFile> mapped(StoredFile file, long offset, long length) {
            return Optional.empty();
        }

        @Override
        public Future<Void> stream(StoredFile file, long offset, long length, WriteStream<Buffer> client) {
            throw new IllegalStateException("a fault of the files");
        }

        @Override
        public Future<Void> drop(StoredFile file) {
            return Future.succeededFuture();
        }

        @Override
        public boolean isAttempt(String tag, Sha256 digest) {
            return false;
        }

        @Override
        public FileFigures figures() {
            return new FileFigures(0, 0);
        }
    }

    private static final class FaultyFile implements GrowingFile {
        @Override
        public OptionalLong size() {
            throw new IllegalStateException("a fault of the file");
        }

        @Override
        public String attemptTag() {
            return "attempt";
        }

        @Override
        public boolean isCoalesced() {
            return false;
        }

        @Override
        public Future<FileAnswer> settled() {
            return Future.failedFuture("never asked");
        }

        @Override
        public Future<Void> streamTo(WriteStream<Buffer> client) {
            return Future.failedFuture("never asked");
        }

        @Override
        public void release() {}
    }

    @BeforeEach
    void start() throws Exception {
        var configuration = configuration();
        store = Store.open(folder, StoreLimits.within(ByteSize.ofMiB(64)), meters);
        var wheels = new Wheelhouse(Optional.empty(), Optional.empty());
        var pages = new PageCache(
                vertx,
                configuration.pages(),
                configuration.policy(),
                wheels,
                new PageParser(configuration.parsing().page()),
                new RootListParser(configuration.parsing().rootList()),
                InstantSource.system(),
                source,
                store.pages(),
                vertx.createSharedWorkerExecutor("long", 2),
                new Misses(configuration.misses(), meters),
                configuration.outbound().pageDeadline());
        var readiness = new Readiness(false);
        var traffic = new Traffic(meters, new RequestLog(1), false);
        var identity = new Overview.Identity(configuration.region(), configuration.node(), "test", List.of());
        var overview = new Overview(identity, InstantSource.system(), readiness, traffic, () -> {
            throw new IllegalStateException("a fault of the figures");
        });
        listeners = await(Listeners.open(
                vertx,
                new ListeningSockets(),
                configuration,
                InstantSource.system(),
                new Listeners.Services(
                        pages,
                        new SharedPurges(pages, store.neighbours(), vertx.createSharedWorkerExecutor("long", 2)),
                        wheels,
                        new FaultyFiles(),
                        readiness,
                        overview,
                        traffic,
                        new SdistDownloads(1, Instant.EPOCH),
                        meters,
                        vertx.createSharedWorkerExecutor("short", 1),
                        Optional.empty(),
                        Keeper.NONE)));
    }

    private MirrorConfiguration configuration() {
        var loading = MirrorConfiguration.parse("""
                flotilla.mirror {
                  region = east, node = east-1
                  listen { host = 127.0.0.1, port = 0 }
                  operations { host = 127.0.0.1, port = 0 }
                  store { path = "%s" }
                  pages { failure-pause = 0 s, concurrent-fetches = 1 }
                }
                """.formatted(folder), "test.conf");
        return switch (loading) {
            case Loading.Loaded<MirrorConfiguration> loaded -> loaded.value();
            case Loading.Refused<MirrorConfiguration> refused -> throw new IllegalArgumentException(refused.text());
        };
    }

    private static <T> T await(Future<T> future) throws Exception {
        return future.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
    }

    @AfterEach
    void stop() throws Exception {
        client.close();
        await(listeners.close());
        await(vertx.close());
        store.close();
    }

    /** Well below the idle time-out of the listener, after which an unanswered request would be cut off. */
    private HttpResponse<String> get(String path) throws Exception {
        var url = URI.create("http://127.0.0.1:" + listeners.clients().port() + path);
        var request =
                HttpRequest.newBuilder(url).timeout(Duration.ofSeconds(15)).build();
        return client.send(request, HttpResponse.BodyHandlers.ofString());
    }

    @Test
    void aFaultWhileAnAnswerIsMadeIsAnsweredAtOnce() throws Exception {
        var answer = get(FILE);
        assertThat(answer.statusCode()).isEqualTo(500);
        assertThat(answer.body()).contains("its log says which");
        assertThat(answer.headers().firstValue("ETag")).as("that of the file").isEmpty();
        assertThat(get("/").statusCode()).isEqualTo(500);
        assertThat(get("/pip.conf").statusCode()).isEqualTo(200);
    }

    @Test
    void aSourceThatThrowsKeepsNobodyWaitingAndIsAskedAgainNextTime() throws Exception {
        for (int times = 1; times <= 3; times++) {
            assertThat(get("/simple/sample-one/").statusCode()).isEqualTo(502);
            assertThat(source.asked).hasValue(times);
        }
        assertThat(get("/simple/").statusCode()).isEqualTo(502);
    }
}
