package dev.flotilla.controller.wheels.index;

import dev.flotilla.agent.json.MalformedJsonException;
import dev.flotilla.vocabulary.ByteSize;
import dev.flotilla.vocabulary.ProjectName;
import dev.flotilla.vocabulary.Sha256;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

/**
 * An index by HTTP. It is asked for each page and each file's metadata once, whoever wants them, and for no more than a few things at a time; what it
 * couldn't say is asked for again. Thread-safe; blocks.
 */
public final class SimpleIndex implements AutoCloseable {
    private static final String JSON = "application/vnd.pypi.simple.v1+json";
    private static final String AGENT = "flotilla-wheels";

    /** Metadata have a few KiB, those with long descriptions some hundred. */
    private static final ByteSize LARGEST_METADATA = ByteSize.ofMiB(4);

    private static final int LONGEST_REASON_BYTES = 160;
    private static final int OK = 200;
    private static final int NOT_FOUND = 404;
    private static final int GONE = 410;
    private static final Set<Integer> REDIRECTS = Set.of(301, 302, 303, 307, 308);
    private static final int MOST_REDIRECTS = 5;

    private final URI base;
    private final Limits limits;
    private final HttpClient client;
    private final Semaphore slots;
    private final Map<URI, CompletableFuture<Page>> pages = new ConcurrentHashMap<>();
    private final Map<URI, CompletableFuture<Metadata>> metadata = new ConcurrentHashMap<>();

    /**
     * How an index is asked.
     *
     * @param atOnce how many things at most
     * @param patience for one answer, whole
     * @param tries of what it couldn't say, one after the other
     */
    public record Limits(int atOnce, Duration patience, int tries) {
        /** Eight at once keep a mirror's few fetches from upstream busy; a cold page of PyPI's largest takes some ten seconds. */
        public static final Limits USUAL = new Limits(8, Duration.ofSeconds(60), 3);

        public Limits {
            if (atOnce < 1 || tries < 1) {
                throw new IllegalArgumentException("at least one at once, and one try");
            }
        }
    }

    /** What an index has of a project. */
    public sealed interface Page {
        record Found(IndexPage page) implements Page {}

        /** The project isn't there. */
        record Absent() implements Page {}

        /** It couldn't be found out, for this reason. */
        record Unknown(String reason) implements Page {}
    }

    /** A file's core metadata. */
    public sealed interface Metadata {
        record Found(String text) implements Metadata {}

        record Unknown(String reason) implements Metadata {}
    }

    /** @param base the address below which its projects are, such as {@code https://pypi.org/simple/} */
    public SimpleIndex(URI base, Limits limits) {
        if (!("http".equals(base.getScheme()) || "https".equals(base.getScheme())) || base.getHost() == null) {
            throw new IllegalArgumentException(
                    "'" + base + "' is no address of an index, such as https://pypi.org/simple/");
        }
        this.base = base.getPath().endsWith("/") ? base : URI.create(base + "/");
        this.limits = limits;
        this.slots = new Semaphore(limits.atOnce());
        this.client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(limits.patience())
                .followRedirects(HttpClient.Redirect.NEVER)
                .build();
    }

    /** Where it is. */
    public URI base() {
        return base;
    }

    /** The project's page. */
    public Page page(ProjectName project) throws InterruptedException {
        URI address = base.resolve(project.normal() + "/");
        return once(pages, address, () -> page(project, address), Page.Unknown::new);
    }

    private Page page(ProjectName project, URI address) throws IOException, InterruptedException {
        HttpResponse<byte[]> answer = get(address, JSON, IndexPage.LARGEST);
        return switch (answer.statusCode()) {
            case OK -> new Page.Found(IndexPage.read(answer.body(), project, answer.uri()));
            case NOT_FOUND, GONE -> new Page.Absent();
            default -> throw new IOException(said(answer));
        };
    }

    /** The core metadata of a file whose page says that they are there. */
    public Metadata metadata(IndexFile file) throws InterruptedException {
        URI address = URI.create(file.url().toString().replaceFirst("#.*", "") + ".metadata");
        return once(metadata, address, () -> metadata(file, address), Metadata.Unknown::new);
    }

    private Metadata metadata(IndexFile file, URI address) throws IOException, InterruptedException {
        HttpResponse<byte[]> answer = get(address, "*/*", LARGEST_METADATA);
        if (answer.statusCode() != OK) {
            throw new IOException(said(answer));
        }
        Sha256 digest = Sha256.of(answer.body());
        if (file.metadataDigest().filter(wanted -> !wanted.equals(digest)).isPresent()) {
            throw new IOException("they have other bytes than the page says");
        }
        return new Metadata.Found(new String(answer.body(), StandardCharsets.UTF_8));
    }

    @FunctionalInterface
    private interface Question<T> {
        T ask() throws IOException, InterruptedException;
    }

    private <T> T once(
            Map<URI, CompletableFuture<T>> known, URI address, Question<T> question, Function<String, T> unknown)
            throws InterruptedException {
        var own = new CompletableFuture<T>();
        CompletableFuture<T> asked = known.putIfAbsent(address, own);
        if (asked != null) {
            return waited(asked, unknown);
        }
        try {
            T answer = asked(address, question, unknown);
            own.complete(answer);
            return answer;
        } finally {
            // Whoever else waits for it isn't left alone where this thread was interrupted.
            own.complete(unknown.apply(address + " was asked by somebody who gave up"));
        }
    }

    private static <T> T waited(CompletableFuture<T> asked, Function<String, T> unknown) throws InterruptedException {
        try {
            return asked.get();
        } catch (ExecutionException fault) {
            return unknown.apply(String.valueOf(fault.getCause()));
        }
    }

    private <T> T asked(URI address, Question<T> question, Function<String, T> unknown) throws InterruptedException {
        String reason = "";
        for (int i = 0; i < limits.tries(); i++) {
            slots.acquire();
            try {
                return question.ask();
            } catch (MalformedJsonException odd) {
                return unknown.apply(address + " is no page of the simple API: " + odd.getMessage());
            } catch (HttpTimeoutException late) {
                reason = "no answer from " + address + " within "
                        + limits.patience().toSeconds() + " s";
            } catch (ConnectException refused) {
                reason = "nothing answers at " + address;
            } catch (IOException broken) {
                reason = address + ": " + broken.getMessage();
            } finally {
                slots.release();
            }
        }
        return unknown.apply(reason);
    }

    /** Whoever is asked may lead on to himself, such as from {@code /simple/a} to {@code /simple/a/}, and to nobody else. */
    private HttpResponse<byte[]> get(URI address, String accept, ByteSize most)
            throws IOException, InterruptedException {
        URI at = address;
        for (int led = 0; led <= MOST_REDIRECTS; led++) {
            HttpResponse<byte[]> answer = getOnce(at, accept, most);
            if (!REDIRECTS.contains(answer.statusCode())) {
                return answer;
            }
            at = next(at, answer.headers().firstValue("Location").orElse(""));
        }
        throw new IOException("it leads on more than " + MOST_REDIRECTS + " times");
    }

    private static URI next(URI from, String location) throws IOException {
        URI to;
        try {
            to = from.resolve(location);
        } catch (IllegalArgumentException none) {
            throw new IOException("it leads on to '" + location + "', which is no address", none);
        }
        boolean same = from.getScheme().equalsIgnoreCase(to.getScheme()) && from.getPort() == to.getPort();
        boolean safer = "https".equalsIgnoreCase(to.getScheme()) && from.getPort() == -1 && to.getPort() == -1;
        boolean sameServer = from.getHost().equalsIgnoreCase(to.getHost()) && (same || safer);
        if (!sameServer) {
            throw new IOException("it leads on to another server, which isn't asked: " + to);
        }
        return to;
    }

    private HttpResponse<byte[]> getOnce(URI address, String accept, ByteSize most)
            throws IOException, InterruptedException {
        var request = HttpRequest.newBuilder(address)
                .timeout(limits.patience())
                .header("Accept", accept)
                .header("User-Agent", AGENT)
                .build();
        // The request's own time ends with the head of the answer, and a body may stand still, too.
        CompletableFuture<HttpResponse<byte[]>> answer =
                client.sendAsync(request, BodyHandlers.limiting(BodyHandlers.ofByteArray(), most.bytes()));
        try {
            return answer.get(limits.patience().toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException late) {
            throw new HttpTimeoutException("the answer didn't come whole");
        } catch (ExecutionException failed) {
            throw failed.getCause() instanceof IOException broken ? broken : new IOException(failed.getCause());
        } finally {
            answer.cancel(true);
        }
    }

    private static String said(HttpResponse<byte[]> answer) {
        String text = new String(
                        answer.body(), 0, Math.min(answer.body().length, LONGEST_REASON_BYTES), StandardCharsets.UTF_8)
                .replaceAll("\\p{Cntrl}", " ")
                .strip();
        return "the answer is " + answer.statusCode() + (text.isEmpty() ? "" : ": " + text);
    }

    @Override
    public void close() {
        client.shutdownNow();
        client.close();
    }
}
