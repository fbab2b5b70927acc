package dev.flotilla.agent;

import dev.flotilla.agent.configuration.AgentConfiguration;
import dev.flotilla.agent.disk.Disk;
import dev.flotilla.agent.report.NodeReport;
import dev.flotilla.settings.Loading;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/**
 * Runs cycles on a small disk that it fills itself. Each line on standard input, {@code bytes 3} or {@code files 3}, leaves room
 * for so many blocks or files, runs a cycle, makes room and runs another one; each cycle is one line on standard output.
 */
public final class CrampedAgent {
    private static final int BLOCK_BYTES = 4096;

    private CrampedAgent() {}

    public static void main(String[] arguments) throws Exception {
        Path file = Path.of(arguments[0]);
        Path disk = Path.of(arguments[1]);
        try (var lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                int room = Integer.parseInt(line.substring(line.indexOf(' ') + 1));
                Path ballast = disk.resolve("ballast");
                Files.createDirectories(ballast);
                if (line.startsWith("bytes")) {
                    fill(ballast, room);
                } else {
                    crowd(ballast, room);
                }
                System.out.println(cycle(file));
                Disk.remove(ballast);
                System.out.println(cycle(file));
            }
        }
    }

    private static String cycle(Path file) throws InterruptedException {
        var configuration = ((Loading.Loaded<AgentConfiguration>) AgentConfiguration.load(file)).value();
        try (Opened opened = Opened.open(configuration, Duration.ZERO, (step, release) -> {})) {
            NodeReport report = opened.agent().once();
            return report.problem().map(problem -> problem.replace('\n', ' ')).orElse("") + "|"
                    + report.release()
                            .map(release -> release.version() + " " + release.state())
                            .orElse("none");
        } catch (StartFailure | IOException full) {
            return String.valueOf(full.getMessage()).replace('\n', ' ') + "|none";
        }
    }

    private static void fill(Path ballast, int blocks) throws IOException {
        FileStore store = Files.getFileStore(ballast);
        try (var out = Files.newOutputStream(ballast.resolve("bytes"))) {
            byte[] block = new byte[BLOCK_BYTES];
            for (long left = store.getUsableSpace() / BLOCK_BYTES - blocks; left > 0; left--) {
                out.write(block);
            }
        }
    }

    private static void crowd(Path ballast, int files) throws IOException {
        int made = 0;
        try {
            while (true) {
                Files.createFile(ballast.resolve("file-" + made));
                made++;
            }
        } catch (IOException full) {
            for (int i = 0; i < Math.min(files, made); i++) {
                Files.delete(ballast.resolve("file-" + i));
            }
        }
    }
}
