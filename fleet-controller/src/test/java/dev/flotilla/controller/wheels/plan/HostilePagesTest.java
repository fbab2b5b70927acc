package dev.flotilla.controller.wheels.plan;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.flotilla.controller.Main;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A plan over pages that are made to fill the memory of whoever reads them, by the program as it is started, with its memory. */
class HostilePagesTest {
    /** Eight of them at once are more than the program has; each is less than what is read of a page. */
    private static final long LARGE_BYTES = 40L << 20;

    /** Half of these have long descriptions, half a long field, each as much as is read of one file's: together twice the program's memory. */
    private static final int WORDY = 120;

    private static final int WORDY_BYTES = 4_000_000;

    private static final String META = "\"meta\": {\"api-version\": \"1.1\"}, \"name\": \"x\"";

    /** By project: what stands before, what comes again and again with a number, and what stands behind. */
    private record Hostile(String before, String again, String behind) {}

    private static final Map<String, Hostile> PAGES = Map.of(
            "many-files",
            new Hostile(
                    "{" + META + ", \"files\": [",
                    "{\"filename\": \"many_files-1.%d-py3-none-any.whl\", \"url\": \"a\", \"hashes\": {}}, ",
                    "0]}"),
            "many-keys",
            new Hostile("{", "\"k%d\": 1, ", META + ", \"files\": []}"),
            "long-text",
            new Hostile("{" + META + ", \"files\": [], \"x\": \"", "%d aaaaaaaaaaaaaaaaaaaaaaaaaaaa ", "\"}"),
            "large-entry",
            new Hostile("{" + META + ", \"files\": [{\"yanked\": [", "\"%d\", ", "0]}]}"),
            "long-name",
            new Hostile("{" + META + ", \"files\": [{\"filename\": \"", "%d-aaaaaaaaaaaaaaaaaaaaaaaa", "\"}]}"),
            "deep",
            new Hostile("{" + META + ", \"x\": ", "[[[[[[[[[[%d, ", ""),
            "versions",
            new Hostile("{" + META + ", \"files\": [], \"versions\": [", "\"1.%d\", ", "\"0\"]}"),
            "meta",
            new Hostile("{\"files\": [], \"meta\": {\"api-version\": \"1.1\"", ", \"a%d\": \"b\"", "}}"));

    @TempDir
    private Path folder;

    private static void answer(HttpExchange exchange) throws IOException {
        String name = exchange.getRequestURI().getPath().replaceAll(".*/([^/]+)/?$", "$1");
        if (name.startsWith("wordy")) {
            wordy(exchange, name);
            return;
        }
        Hostile page = PAGES.get(name);
        if (exchange.getRequestURI().getPath().startsWith("/wheel/") || (page == null && !name.equals("good"))) {
            exchange.sendResponseHeaders(404, -1);
            exchange.close();
            return;
        }
        exchange.sendResponseHeaders(200, 0);
        try (OutputStream out = new BufferedOutputStream(exchange.getResponseBody(), 1 << 16)) {
            if (page == null) {
                String sdist =
                        "{\"filename\": \"good-1.0.tar.gz\", \"url\": \"good-1.0.tar.gz\", \"size\": 7, \"hashes\": {\"sha256\": \""
                                + "a".repeat(64) + "\"}}";
                out.write(("{" + META + ", \"files\": [" + sdist + "]}").getBytes(StandardCharsets.UTF_8));
                return;
            }
            out.write(page.before().getBytes(StandardCharsets.UTF_8));
            String[] parts = page.again().split("%d", -1);
            long written = 0;
            for (int i = 0; written < LARGE_BYTES; i++) {
                byte[] next = (parts[0] + i + parts[1]).getBytes(StandardCharsets.UTF_8);
                out.write(next);
                written += next.length;
            }
            out.write(page.behind().getBytes(StandardCharsets.UTF_8));
        }
    }

    /** A page with one wheel that says that it has metadata, or those, of which the description or a field is long. */
    private static void wordy(HttpExchange exchange, String name) throws IOException {
        boolean metadata = name.endsWith(".metadata");
        String text = "Metadata-Version: 2.1\nName: x\nRequires-Dist: good\n";
        if (!metadata) {
            String wheel = name.replace('-', '_') + "-1.0-py3-none-any.whl";
            text = "{" + META + ", \"files\": [{\"filename\": \"" + wheel + "\", \"url\": \"/files/" + wheel
                    + "\", \"core-metadata\": true, \"hashes\": {\"sha256\": \"" + "b".repeat(64) + "\"}}]}";
        } else {
            text += name.contains("wordy_text") ? "\n" : "Summary: ";
            text += "a".repeat(WORDY_BYTES);
        }
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(200, body.length);
        try (OutputStream out = exchange.getResponseBody()) {
            out.write(body);
        }
    }

    @Test
    void aPlanOverPagesThatAreTooMuchStaysWithinItsMemoryAndPlansTheOthers() throws Exception {
        String said =
                planned(PAGES.keySet().stream().map(name -> name + "==1.0").toList());
        assertThat(said)
                .doesNotContain("OutOfMemory")
                .contains("\"build\": 1", "files of projects in memory", "a part of it is too large");
        assertThat(said.lines()).anyMatch(line -> line.contains("\"good\"") && line.contains("\"build\""));
    }

    @Test
    void metadataThatAreTooMuchFillNoMemoryEither() throws Exception {
        List<String> pins = IntStream.range(0, WORDY)
                .mapToObj(i -> "wordy-" + (i % 2 == 0 ? "text-" : "field-") + i + "==1.0")
                .toList();
        String said = planned(pins);
        assertThat(said).doesNotContain("OutOfMemory").contains("\"build\": 1");
        assertThat(said.lines()).anyMatch(line -> line.contains("\"good\"") && line.contains("\"build\""));
        // A description costs nothing; of long fields some have room.
        assertThat(said)
                .doesNotContainPattern("wordy-text-[0-9]+ 1.0: what it requires is unknown")
                .containsPattern("wordy-field-[0-9]+ 1.0: what it requires is unknown");
    }

    /** What the program says of a plan for these and {@code good}. */
    private String planned(List<String> pins) throws Exception {
        HttpServer index = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        Process planner = null;
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            index.setExecutor(threads);
            index.createContext("/", HostilePagesTest::answer);
            index.start();
            planner = plan(pins, "http://127.0.0.1:" + index.getAddress().getPort() + "/simple/");
            String said = new String(planner.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(planner.waitFor(90, TimeUnit.SECONDS)).isTrue();
            return said;
        } finally {
            index.stop(0);
            if (planner != null) {
                planner.destroyForcibly().waitFor();
            }
        }
    }

    private Process plan(List<String> pins, String index) throws IOException {
        Files.write(folder.resolve("pins.txt"), pins);
        Files.writeString(folder.resolve("good.txt"), "good==1.0\n");
        Path fleet = Files.writeString(folder.resolve("fleet.conf"), """
                flotilla.fleet {
                  name = acme, bucket { name = acme-mirrors }
                  regions { east { nodes { east-1 { address = 127.0.94.1 } } } }
                  wheels {
                    branches { main { requirements = [ good.txt, pins.txt ] } }
                    platforms { debian-12-x86_64 { library = "glibc 2.36", pythons = [ "3.11" ], builder = here } }
                    builders { here { fabric = local } }
                  }
                }
                """);
        return new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx256m", // As in the pom.
                        "-XX:+UseSerialGC",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Main.class.getName(),
                        "wheels",
                        "plan",
                        "-C",
                        fleet.toString(),
                        "--json",
                        "--index",
                        index))
                .redirectErrorStream(true)
                .start();
    }
}
