package dev.flotilla.controller.wheels.requirement;

import dev.flotilla.agent.json.Json;
import dev.flotilla.agent.json.JsonObject;
import dev.flotilla.agent.json.JsonReader;
import dev.flotilla.agent.json.JsonWriter;
import dev.flotilla.vocabulary.ByteSize;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;

/** What the machine's own Python thinks, with its copies of the library packaging: pip's and, where it is there, a newer one. */
final class PackagingOracle {
    private PackagingOracle() {}

    /** For each case the answers of all copies; they differ where PEP 440 was made clearer. */
    static List<List<Json>> answers(List<JsonObject> cases) throws IOException, InterruptedException {
        Process python = new ProcessBuilder("python3", "-c", script())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        CompletableFuture<Void> asking = CompletableFuture.runAsync(() -> {
            try (var in = python.getOutputStream()) {
                in.write(JsonWriter.bytes(JsonObject.EMPTY.with("cases", new Json.Sequence(List.copyOf(cases)))));
            } catch (IOException ended) {
                throw new IllegalStateException("python3 doesn't listen", ended);
            }
        });
        byte[] said = python.getInputStream().readAllBytes();
        if (python.waitFor() != 0) {
            throw new IOException("python3 has no copy of packaging, or the script fails");
        }
        asking.join();
        return new JsonReader(ByteSize.ofMiB(16))
                .object(said).sequence("answers").stream()
                        .map(answer -> ((Json.Sequence) answer).elements())
                        .toList();
    }

    private static String script() throws IOException {
        try (InputStream script =
                Objects.requireNonNull(PackagingOracle.class.getResourceAsStream("oracle.py"), "oracle.py")) {
            return new String(script.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
