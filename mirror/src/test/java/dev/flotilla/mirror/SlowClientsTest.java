package dev.flotilla.mirror;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.flotilla.vocabulary.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Clients that take their time, or take nothing, or just leave. */
class SlowClientsTest {
    private static final int LENGTH = 24 << 20;
    private static final Duration LONG = Duration.ofSeconds(90);
    private static final String FILENAME = "large-1.0-py3-none-any.whl";

    @TempDir
    private Path folder;

    private final byte[] content = new byte[LENGTH];
    private SampleUpstream upstream;
    private RunningMirror mirror;
    private String path = "";

    @BeforeEach
    void start() throws IOException {
        path = "/packages/sha256/" + Sha256.of(content) + "/" + FILENAME;
        upstream = SampleUpstream.json().offer("large", FILENAME, content);
        for (int version = 0; version < 6_000; version++) {
            upstream.offer("many", "many-" + version + ".0-py3-none-any.whl", new byte[] {1});
        }
        mirror = RunningMirror.start(upstream, folder.resolve("store"), new MovableClock(), """
                pages { memory = 1 MiB }
                http { idle-time-out = 2s, write-time-out = 2s }
                outbound { page-deadline = 1900ms }
                files { open-deadline = 1900ms, largest-mapped-file = 8 MiB }
                """);
    }

    @AfterEach
    void stop() {
        mirror.close();
        upstream.close();
    }

    /** A connection with a small receive buffer, on which {@code path} has been asked for. */
    private Socket asking(String path) throws IOException {
        var socket = new Socket();
        socket.setReceiveBufferSize(64 * 1024);
        socket.setSoTimeout(20_000);
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), mirror.port()));
        socket.getOutputStream()
                .write(("GET " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                        .getBytes(StandardCharsets.US_ASCII));
        return socket;
    }

    private void store() {
        assertThat(mirror.get(path).statusCode()).isEqualTo(200);
        await().until(() -> RunningMirror.field(mirror.head(path), "X-Cache").equals("hit"));
    }

    /** The path of a file that is mapped. */
    private String mapped(byte[] content) {
        String name = "mapped-1.0-py3-none-any.whl";
        upstream.offer("mapped", name, content);
        String file = "/packages/sha256/" + Sha256.of(content) + "/" + name;
        await().atMost(LONG).until(() -> {
            assertThat(mirror.get(file).statusCode()).isEqualTo(200);
            return mirror.figure("flotilla_mirror_mapped_files ") == 1;
        });
        return file;
    }

    private static long drained(InputStream input) throws IOException {
        long count = 0;
        byte[] part = new byte[1 << 16];
        try {
            for (int read = input.read(part); read >= 0; read = input.read(part)) {
                count += read;
            }
        } catch (SocketException reset) {
            return count;
        }
        return count;
    }

    @Test
    void aSlowClientThatGoesOnReadingGetsAllOfALargeFile() throws IOException {
        store();
        var count = new AtomicLong();
        var over = new AtomicBoolean();
        try (var socket = asking(path);
                var reader = Executors.newSingleThreadScheduledExecutor()) {
            InputStream input = socket.getInputStream();
            byte[] part = new byte[1 << 20];
            var reading = reader.scheduleAtFixedRate(
                    () -> {
                        try {
                            int read = over.get() ? -1 : input.read(part);
                            over.set(read < 0);
                            count.addAndGet(Math.max(0, read));
                        } catch (IOException broken) {
                            over.set(true);
                            throw new UncheckedIOException(broken);
                        }
                    },
                    0,
                    10,
                    TimeUnit.MILLISECONDS);
            await().atMost(Duration.ofMinutes(1)).until(over::get);
            reading.cancel(false);
        }
        assertThat(count.get()).isGreaterThan(LENGTH);
    }

    /** Its bytes are given to the connection all at once: what leaves of them has to count, and not only that all have left. */
    @Test
    void aSlowClientGetsAllOfAFileThatIsWrittenInOnePieceHoweverLongItTakes() throws Exception {
        byte[] mapped = new byte[3 << 20];
        String file = mapped(mapped);
        try (var socket = asking(file);
                var clock = Executors.newSingleThreadScheduledExecutor()) {
            InputStream input = socket.getInputStream();
            long begun = System.nanoTime();
            long count = 0;
            while (count < mapped.length) {
                count += input.readNBytes(mapped.length / 30).length;
                assertThat(clock.schedule(() -> true, 200, TimeUnit.MILLISECONDS)
                                .get())
                        .isTrue();
            }
            count += drained(input);
            assertThat(count).isGreaterThan(mapped.length);
            assertThat(Duration.ofNanos(System.nanoTime() - begun))
                    .as("longer than a client may take nothing")
                    .isGreaterThan(Duration.ofSeconds(5));
        }
    }

    /** What comes for a connection that is closed resets it, and takes with it what the client hasn't got yet. */
    @Test
    void whoStillSendsWhileItsLastAnswerIsOnItsWayGetsAllOfIt() throws IOException {
        store();
        try (var socket = asking(path)) {
            InputStream input = socket.getInputStream();
            int atOnce = 16 << 10;
            long count = input.skip(LENGTH - 20 * atOnce);
            while (count < LENGTH - atOnce) {
                socket.getOutputStream().write('x');
                count += input.readNBytes(atOnce).length;
            }
            assertThat(count + drained(input)).isGreaterThan(LENGTH);
        }
    }

    @Test
    void whoNeverClosesAfterItsLastAnswerIsLeft() throws IOException {
        store();
        try (var socket = asking(path)) {
            assertThat(drained(socket.getInputStream())).isGreaterThan(LENGTH);
            await().atMost(Duration.ofSeconds(20)).until(() -> connections() == 0);
        }
    }

    @Test
    void aFileThatIsCutWhileItIsSentHasItsAnswerCutAndTheNextClientGetsAllOfIt() throws IOException {
        byte[] large = new byte[3 << 20];
        String file = mapped(large);
        Path blob;
        try (var files = Files.walk(folder.resolve("store"))) {
            blob = files.filter(each -> each.toFile().isFile() && each.toFile().length() == large.length)
                    .findFirst()
                    .orElseThrow();
        }
        try (var socket = asking(file)) {
            assertThat(socket.getInputStream().readNBytes(100_000)).hasSize(100_000);
            try (var channel = FileChannel.open(blob, StandardOpenOption.WRITE)) {
                channel.truncate(large.length / 2);
            }
            assertThat(drained(socket.getInputStream())).isLessThan(large.length - 100_000);
        }
        await().atMost(LONG)
                .ignoreExceptions()
                .untilAsserted(() -> assertThat(mirror.get(file).body()).isEqualTo(large));
    }

    /** A job that is broken off is nothing that an operator has to look at. */
    @Test
    void whoLeavesInTheMiddleOfAFileIsNoWarning() throws IOException {
        store();
        String file = mapped(new byte[3 << 20]);
        try (var logged = Logged.byAll()) {
            for (String left : List.of(file, path)) {
                try (var socket = asking(left)) {
                    assertThat(socket.getInputStream().readNBytes(100_000)).hasSize(100_000);
                    socket.setSoLinger(true, 0);
                }
            }
            await().atMost(LONG).until(() -> connections() == 0);
            assertThat(logged.warnings()).isEmpty();
        }
    }

    @Test
    void aClientThatTakesNothingIsGivenUp() throws IOException {
        store();
        try (var socket = asking(path)) {
            assertThat(socket.getInputStream().read()).isEqualTo('H');
            await().atMost(Duration.ofSeconds(20)).until(() -> connections() == 0);
            assertThat(drained(socket.getInputStream())).isLessThan(LENGTH);
        }
    }

    /** What the system holds of connections it takes from what it has for all of them. */
    @Test
    void ofWhatAClientDoesNotTakeTheSystemHoldsLittleAndNothingOnceItIsGivenUp() throws IOException {
        store();
        try (var socket = asking(path)) {
            var held = new AtomicLong();
            await().atMost(LONG).until(() -> {
                List<Long> now = heldBySystem(socket.getLocalPort());
                now.forEach(bytes -> held.accumulateAndGet(bytes, Math::max));
                return held.get() > 0 && now.isEmpty();
            });
            assertThat(held.get()).isLessThan(LENGTH / 48);
            assertThat(drained(socket.getInputStream())).isLessThan(LENGTH);
        }
    }

    /** How many bytes wait in the system for the client at that port, for each connection to it that isn't over (proc_pid_net(5)). */
    private List<Long> heldBySystem(int client) throws IOException {
        List<Long> held = new ArrayList<>();
        for (String table : List.of("/proc/net/tcp", "/proc/net/tcp6")) {
            for (String line : Files.readAllLines(Path.of(table))) {
                String[] fields = line.strip().split("[ :]+", -1);
                if (fields[2].equals("%04X".formatted(mirror.port())) && fields[4].equals("%04X".formatted(client))) {
                    held.add(Long.parseLong(fields[6], 16));
                }
            }
        }
        return held;
    }

    /** The open connections but the one that asks for them. */
    private int connections() {
        return mirror.figure("flotilla_mirror_connections ");
    }

    @Test
    void aConnectionOnWhichNothingHappensIsClosed() throws IOException {
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), mirror.port())) {
            socket.setSoTimeout(20_000);
            assertThat(socket.getInputStream().read()).isEqualTo(-1);
        }
    }

    @Test
    void theMemoryOfAPageIsFreedThoughItsClientLeftInTheMiddle() throws IOException {
        assertThat(mirror.get("/simple/many/").statusCode()).isEqualTo(200);
        for (int i = 0; i < 6; i++) {
            try (var socket = asking("/simple/many/")) {
                assertThat(socket.getInputStream().read()).isEqualTo('H');
            }
        }
        assertThat(upstream.asked("/simple/many/")).isEqualTo(1);
        await().untilAsserted(() -> assertThat(mirror.figures().directBytes()).isZero());
    }
}
