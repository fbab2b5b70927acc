package dev.flotilla.controller.wheels.index;

import dev.flotilla.agent.json.MalformedJsonException;
import dev.flotilla.vocabulary.ByteSize;
import dev.flotilla.vocabulary.ProjectName;
import dev.flotilla.vocabulary.Sha256;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
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
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
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
    private final AtomicLong files = new AtomicLong();
    private final AtomicLong metadataCharacters = new AtomicLong();
    private final Map<URI, CompletableFuture<Page>> pages = new ConcurrentHashMap<>();
    private final Map<URI, CompletableFuture<Metadata>> metadata = new ConcurrentHashMap<>();

    /**
     * How an index is asked.
     *
     * @param atOnce how many things at most
     * @param patience for one answer, whole
     * @param tries of what it couldn't say, one after the other
     * @param files how many of all pages are kept in memory at most
     * @param metadata how many characters of all files' metadata are kept in memory at most, descriptions not counted
     */
    public record Limits(int atOnce, Duration patience, int tries, long files, long metadata) {
        /** Eight at once keep a mirror's few fetches from upstream busy; a cold page of PyPI's largest takes some ten seconds. */
        public static final Limits USUAL = new Limits(8, Duration.ofSeconds(60), 3, usualFiles(), usualMetadata());

        /** A file takes a good KiB: as many as half of the heap has room for. */
        private static long usualFiles() {
            return Runtime.getRuntime().maxMemory() / 2 / 1_200;
        }

        /** An eighth of the heap, of characters that take two bytes at most: some ten thousand files' of the usual few KiB in 256 MiB. */
        private static long usualMetadata() {
            return Runtime.getRuntime().maxMemory() / 8 / 2;
        }

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
        /** They are there: all that stands before the description, as it was sent. */
        record Found(String fields) implements Metadata {}

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
        try (Answer answer = get(address, JSON)) {
            return switch (answer.status()) {
                case OK -> new Page.Found(read(answer, project));
                case NOT_FOUND, GONE -> new Page.Absent();
                default -> throw new IOException(said(answer));
            };
        }
    }

    /** Pages are kept, so that nobody asks for them twice: what all have together is bounded. */
    private IndexPage read(Answer answer, ProjectName project) throws IOException {
        var own = new AtomicLong();
        boolean kept = false;
        try {
            IndexPage page = IndexPage.read(answer.body(), project, answer.from(), () -> {
                own.incrementAndGet();
                if (files.incrementAndGet() > limits.files()) {
                    throw new MalformedJsonException("with it there would be more than " + limits.files()
                            + " files of projects in memory: ask for less at once, or give the command more (-Xmx)");
                }
            });
            kept = true;
            return page;
        } finally {
            if (!kept) {
                files.addAndGet(-own.get());
            }
        }
    }

    /** The core metadata of a file whose page says that they are there. */
    public Metadata metadata(IndexFile file) throws InterruptedException {
        URI address = URI.create(file.url().toString().replaceFirst("#.*", "") + ".metadata");
        return once(metadata, address, () -> metadata(file, address), Metadata.Unknown::new);
    }

    private Metadata metadata(IndexFile file, URI address) throws IOException, InterruptedException {
        try (Answer answer = get(address, "*/*")) {
            if (answer.status() != OK) {
                throw new IOException(said(answer));
            }
            byte[] text = answer.body().readNBytes(Math.toIntExact(LARGEST_METADATA.bytes()) + 1);
            if (text.length > LARGEST_METADATA.bytes()) {
                throw new IOException("they are larger than " + LARGEST_METADATA);
            }
            Sha256 digest = Sha256.of(text);
            if (file.metadataDigest().filter(wanted -> !wanted.equals(digest)).isPresent()) {
                throw new IOException("they have other bytes than the page says");
            }
            return new Metadata.Found(kept(fields(new String(text, StandardCharsets.UTF_8))));
        }
    }

    /** What stands before the first empty line: behind it is a description, which nobody asks for and which is most of the bytes. */
    private static String fields(String text) {
        int end = 0;
        while (end < text.length()) {
            int next = text.indexOf('\n', end) + 1;
            if (next == 0) {
                return text;
            }
            if (text.substring(end, next).isBlank()) {
                return text.substring(0, end);
            }
            end = next;
        }
        return text;
    }

    /** Metadata are kept like pages. */
    private String kept(String fields) throws IOException {
        if (metadataCharacters.addAndGet(fields.length()) > limits.metadata()) {
            metadataCharacters.addAndGet(-fields.length());
            throw new IOException("with them there would be more than " + limits.metadata()
                    + " characters of metadata in memory: ask for less at once, or give the command more (-Xmx)");
        }
        return fields;
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
    private Answer get(URI address, String accept) throws IOException, InterruptedException {
        URI at = address;
        for (int led = 0; led <= MOST_REDIRECTS; led++) {
            Answer answer = getOnce(at, accept);
            if (!REDIRECTS.contains(answer.status())) {
                return answer;
            }
            answer.close();
            at = next(at, answer.location());
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

    private Answer getOnce(URI address, String accept) throws IOException, InterruptedException {
        var request = HttpRequest.newBuilder(address)
                .timeout(limits.patience())
                .header("Accept", accept)
                .header("User-Agent", AGENT)
                .build();
        long begunNanos = System.nanoTime();
        HttpResponse<InputStream> answer = client.send(request, BodyHandlers.ofInputStream());
        return new Answer(answer, limits.patience().minusNanos(System.nanoTime() - begunNanos));
    }

    /** An answer whose body comes while it is read. The request's own time ends with the head, and a body may stand still, too: it ends when its time is over. */
    private static final class Answer implements AutoCloseable {
        private final HttpResponse<InputStream> response;
        private final AtomicBoolean late = new AtomicBoolean();
        private final AtomicBoolean closed = new AtomicBoolean();

        Answer(HttpResponse<InputStream> response, Duration patience) {
            this.response = response;
            CompletableFuture.delayedExecutor(Math.max(1, patience.toMillis()), TimeUnit.MILLISECONDS)
                    .execute(this::end);
        }

        /** Wakes whoever waits for bytes that don't come. */
        private void end() {
            if (!closed.get()) {
                late.set(true);
                cut();
            }
        }

        int status() {
            return response.statusCode();
        }

        URI from() {
            return response.uri();
        }

        String location() {
            return response.headers().firstValue("Location").orElse("");
        }

        InputStream body() {
            return new FilterInputStream(response.body()) {
                @Override
                public int read() throws IOException {
                    return heard(super::read);
                }

                @Override
                public int read(byte[] into, int at, int length) throws IOException {
                    return heard(() -> super.read(into, at, length));
                }
            };
        }

        @FunctionalInterface
        private interface Reading {
            int read() throws IOException;
        }

        private int heard(Reading reading) throws IOException {
            int read;
            try {
                read = reading.read();
            } catch (IOException broken) {
                throw late.get() ? new HttpTimeoutException("the answer didn't come whole") : broken;
            }
            if (late.get()) {
                throw new HttpTimeoutException("the answer didn't come whole");
            }
            return read;
        }

        private void cut() {
            try {
                response.body().close();
            } catch (IOException closed) {
                // Nobody reads it any more.
            }
        }

        @Override
        public void close() {
            closed.set(true);
            cut();
        }
    }

    private static String said(Answer answer) throws IOException {
        String text = new String(answer.body().readNBytes(LONGEST_REASON_BYTES), StandardCharsets.UTF_8)
                .replaceAll("\\p{Cntrl}", " ")
                .strip();
        return "the answer is " + answer.status() + (text.isEmpty() ? "" : ": " + text);
    }

    @Override
    public void close() {
        client.shutdownNow();
        client.close();
    }
}
