package dev.flotilla.agent.tuf;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.flotilla.agent.trust.TargetFile;
import dev.flotilla.agent.trust.TestRepository;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The command line that the conformance suite of The Update Framework drives, over HTTP. */
class TufCommandTest {
    private static final byte[] CONTENT = "content".getBytes(StandardCharsets.UTF_8);

    @TempDir
    Path folder;

    private final TestRepository repository = new TestRepository(Instant.now());
    private final Map<String, byte[]> files = new ConcurrentHashMap<>();
    private final List<String> requests = Collections.synchronizedList(new ArrayList<>());
    private final HttpServer server;

    TufCommandTest() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    }

    @BeforeEach
    void serve() throws IOException {
        server.createContext("/", exchange -> {
            String path = exchange.getRequestURI().getRawPath();
            requests.add(path);
            byte[] body = files.get(path);
            exchange.sendResponseHeaders(body == null ? 404 : 200, body == null ? -1 : body.length);
            if (body != null) {
                exchange.getResponseBody().write(body);
            }
            exchange.close();
        });
        server.start();
        Files.createDirectories(folder.resolve("metadata"));
        Files.createDirectories(folder.resolve("targets"));
        TargetFile file = TargetFile.of(CONTENT);
        repository.offer(new TreeMap<>(Map.of("path/to/a file", file)));
        repository.publishRoot();
        repository.publishAll();
        publish();
        files.put("/targets/path/to/" + file.sha256() + ".a%20file", CONTENT);
        Files.write(folder.resolve("root.json"), repository.file("1.root.json"));
        assertThat(run("init", folder.resolve("root.json").toString())).isZero();
    }

    @AfterEach
    void end() {
        server.stop(0);
    }

    private void publish() {
        repository.files().forEach((name, document) -> files.put("/metadata/" + name, document));
    }

    private int run(String... command) {
        String base = "http://127.0.0.1:" + server.getAddress().getPort();
        List<String> arguments = new ArrayList<>(List.of(
                "--metadata-dir",
                folder.resolve("metadata").toString(),
                "--metadata-url",
                base + "/metadata",
                "--target-name",
                "path/to/a file",
                "--target-base-url",
                base + "/targets",
                "--target-dir",
                folder.resolve("targets").toString()));
        arguments.addAll(List.of(command));
        return new CommandLine(new TufCommand()).execute(arguments.toArray(String[]::new));
    }

    @Test
    void aRefreshAsksForWhatTheWorkflowAsksForAndKeepsItAsItCame() throws IOException {
        assertThat(requests).isEmpty();
        assertThat(run("refresh")).isZero();
        assertThat(requests)
                .containsExactly(
                        "/metadata/2.root.json",
                        "/metadata/timestamp.json",
                        "/metadata/1.snapshot.json",
                        "/metadata/1.targets.json");
        for (String role : List.of("timestamp", "1.snapshot", "1.targets")) {
            assertThat(Files.readAllBytes(folder.resolve("metadata").resolve(role.replace("1.", "") + ".json")))
                    .isEqualTo(repository.file(role + ".json"));
        }
    }

    @Test
    void aTargetIsDownloadedOnceAndAWrongOneNever() throws IOException {
        Path place = folder.resolve("targets/path%2Fto%2Fa%20file");
        assertThat(run("download")).isZero();
        assertThat(Files.readAllBytes(place)).isEqualTo(CONTENT);
        requests.clear();
        assertThat(run("download")).isZero();
        assertThat(requests).noneMatch(path -> path.startsWith("/targets/"));
        Files.delete(place);
        files.keySet().stream()
                .filter(path -> path.startsWith("/targets/"))
                .forEach(path -> files.put(path, "kontent".getBytes(StandardCharsets.UTF_8)));
        assertThat(run("download")).isEqualTo(1);
        assertThat(place).doesNotExist();
    }

    @Test
    void whatIsRefusedIsExitCodeOneAndLeavesWhatWasTrusted() throws IOException {
        assertThat(run("refresh")).isZero();
        byte[] before = Files.readAllBytes(folder.resolve("metadata/timestamp.json"));
        files.put("/metadata/timestamp.json", "{}".getBytes(StandardCharsets.UTF_8));
        assertThat(run("refresh")).isEqualTo(1);
        assertThat(Files.readAllBytes(folder.resolve("metadata/timestamp.json")))
                .isEqualTo(before);
    }
}
