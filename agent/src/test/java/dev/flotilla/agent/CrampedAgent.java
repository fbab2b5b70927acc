package dev.flotilla.agent;

import dev.flotilla.agent.bucket.BeforeDownloads;
import dev.flotilla.agent.configuration.AgentConfiguration;
import dev.flotilla.agent.disk.Disk;
import dev.flotilla.agent.report.NodeReport;
import dev.flotilla.settings.Loading;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/**
 * Runs cycles on a small disk that it fills itself. Each line on standard input leaves room for so many blocks ({@code bytes 3}) or
 * files ({@code files 3}), or for so many blocks only once a program is about to be fetched ({@code late 3}); it runs a cycle, makes
 * room and runs another one. Each cycle is one line on standard output.
 */
public final class CrampedAgent {
    private static final int BLOCK_BYTES = 4096;

    private final Path file;
    private final Path ballast;

    private CrampedAgent(Path file, Path disk) {
        this.file = file;
        this.ballast = disk.resolve("ballast");
    }

    public static void main(String[] arguments) throws Exception {
        var agent = new CrampedAgent(Path.of(arguments[0]), Path.of(arguments[1]));
        try (var lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                agent.obey(
                        line.substring(0, line.indexOf(' ')), Integer.parseInt(line.substring(line.indexOf(' ') + 1)));
            }
        }
    }

    private void obey(String what, int room) throws Exception {
        Files.createDirectories(ballast);
        switch (what) {
            case "bytes" -> fill(room);
            case "files" -> crowd(room);
            default -> {}
        }
        System.out.println(cycle(() -> {
            if (what.equals("late")) {
                fill(room);
            }
        }));
        Disk.remove(ballast);
        System.out.println(cycle(() -> {}));
    }

    private String cycle(Runnable beforeDownloads) throws InterruptedException {
        var configuration = ((Loading.Loaded<AgentConfiguration>) AgentConfiguration.load(file)).value();
        try (Opened opened = Opened.open(
                configuration,
                Duration.ZERO,
                (step, release) -> {},
                bucket -> new BeforeDownloads(bucket, beforeDownloads))) {
            NodeReport report = opened.agent().once();
            return report.problem().map(problem -> problem.replace('\n', ' ')).orElse("") + "|"
                    + report.release()
                            .map(release -> release.version() + " " + release.state())
                            .orElse("none");
        } catch (StartFailure | IOException full) {
            return String.valueOf(full.getMessage()).replace('\n', ' ') + "|none";
        }
    }

    private void fill(int blocks) {
        try (var out = Files.newOutputStream(ballast.resolve("bytes"))) {
            FileStore store = Files.getFileStore(ballast);
            byte[] block = new byte[BLOCK_BYTES];
            for (long left = store.getUsableSpace() / BLOCK_BYTES - blocks; left > 0; left--) {
                out.write(block);
            }
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private void crowd(int files) throws IOException {
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
