package dev.flotilla.tests;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The packed controller's stand-in for Route 53 with its name server at port 53 of an address, as a process of its own. */
final class StandInNames implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private final Process process;
    private final Path refuse;
    private final URI api;

    private StandInNames(Process process, Path refuse, URI api) {
        this.process = process;
        this.refuse = refuse;
        this.api = api;
    }

    /**
     * Starts it with one zone.
     *
     * @param prefix of a command line that is to run where its address is
     * @param checkInterval of its health checks
     */
    static StandInNames start(List<String> prefix, String address, String zone, Duration checkInterval, Path folder)
            throws IOException {
        Files.createDirectories(folder);
        Path ready = folder.resolve("names.ready");
        Path refuse = folder.resolve("refuse");
        Path log = folder.resolve("names.log");
        String home = System.getProperty("flotilla.controller.home");
        List<String> line = new ArrayList<>(prefix);
        line.addAll(List.of(Path.of(System.getProperty("java.home"), "bin/java").toString(), "-cp", home + "/lib/*"));
        line.add(OwnSystem.script("NetworkNames.java", folder.resolve("NetworkNames.java"))
                .toString());
        line.addAll(
                List.of(address, zone, Long.toString(checkInterval.toMillis()), ready.toString(), refuse.toString()));
        Process process = new ProcessBuilder(line)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        await("the name server").atMost(PATIENCE).until(() -> Files.exists(ready) || !process.isAlive());
        if (!Files.exists(ready)) {
            throw new AssertionError("the name server did not start:\n" + Files.readString(log));
        }
        return new StandInNames(process, refuse, URI.create(Files.readString(ready)));
    }

    URI api() {
        return api;
    }

    /** Whether the API refuses every call from now on. */
    void refuse(boolean every) throws IOException {
        if (every) {
            Files.createFile(refuse);
        } else {
            Files.delete(refuse);
        }
    }

    @Override
    public void close() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        process.onExit().join();
    }
}
