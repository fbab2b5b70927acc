package dev.flotilla.tests;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.SimpleResolver;
import org.xbill.DNS.Type;

/**
 * A client on a network of its own: five times a second it asks a resolver for a name, and that address for a page, whether or not the last request is over. A
 * line for each: when it began, in milliseconds since the epoch; {@code ok}, {@code late} where that took long, or {@code no}; and the address.
 */
final class NetworkClient {
    private static final Duration EVERY = Duration.ofMillis(200);

    /** What takes longer didn't go well: one that began in a gap may outlast it. A gap is told by when requests began, so that this isn't part of one. */
    private static final Duration LATE = Duration.ofSeconds(3);

    /** For each step of a request: a machine that stands still for a while fails none. */
    private static final Duration LIMIT = Duration.ofSeconds(20);

    private NetworkClient() {}

    /** Until standard input ends: {@code RESOLVER NAME PATH LOG}. */
    public static void main(String[] arguments) throws Exception {
        Path log = Path.of(arguments[3]);
        try (var http = HttpClient.newBuilder().connectTimeout(LIMIT).build();
                var requests = Executors.newVirtualThreadPerTaskExecutor();
                ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor()) {
            var _ = clock.scheduleAtFixedRate(
                    () -> requests.execute(() -> ask(http, arguments, log)),
                    0,
                    EVERY.toMillis(),
                    TimeUnit.MILLISECONDS);
            while (System.in.read() >= 0) {
                // Nobody says anything: the end is waited for.
            }
            clock.shutdownNow();
            requests.shutdownNow();
            http.shutdownNow();
        }
    }

    private static void ask(HttpClient http, String[] arguments, Path log) {
        long begun = System.currentTimeMillis();
        String address = "-";
        String outcome = "no";
        try {
            address = address(arguments[0], arguments[1]);
            var request = HttpRequest.newBuilder(URI.create("http://" + address + ":8080" + arguments[2]))
                    .timeout(LIMIT)
                    .build();
            if (http.send(request, BodyHandlers.ofByteArray()).statusCode() == 200) {
                outcome = System.currentTimeMillis() - begun <= LATE.toMillis() ? "ok" : "late";
            }
        } catch (IOException failed) {
            outcome = "no";
        } catch (InterruptedException over) {
            return;
        }
        write(log, begun + " " + outcome + " " + address + "\n");
    }

    private static String address(String resolver, String name) throws IOException {
        var asked = new SimpleResolver(new InetSocketAddress(resolver, 53));
        asked.setTimeout(LIMIT);
        Message answer = asked.send(Message.newQuery(Record.newRecord(Name.fromString(name + "."), Type.A, DClass.IN)));
        return answer.getSection(Section.ANSWER).stream()
                .filter(ARecord.class::isInstance)
                .map(record -> ((ARecord) record).getAddress().getHostAddress())
                .findFirst()
                .orElseThrow(() -> new IOException("no address"));
    }

    private static synchronized void write(Path log, String line) {
        try {
            Files.writeString(log, line, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }
}
