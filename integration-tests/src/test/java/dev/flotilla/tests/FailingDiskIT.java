package dev.flotilla.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The whole mirror on a disk that fails: pages and files go past it, what is kept is served, the alarm says so, and nobody has
 * to do anything when the disk is right again. It breaks when a failed write reaches a client, when something that was not
 * written is believed, or when the mirror doesn't start or recover. Needs root and strace.
 */
@Tag("real")
class FailingDiskIT {
    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final Wheel KEPT = Wheel.of("flotilla-test-disk-kept", "1.0", 300_000);
    private static final Wheel PASSING = Wheel.of("flotilla-test-disk-passing", "1.0", 300_000);
    private static final Wheel AFTERWARDS = Wheel.of("flotilla-test-disk-afterwards", "1.0", 300_000);

    @TempDir
    Path folder;

    private final HttpClient client = HttpClient.newHttpClient();

    @Test
    void pagesAndFilesPassADiskThatFailsAndItRecovers() throws Exception {
        try (var upstream = CountingIndex.of(KEPT, PASSING, AFTERWARDS);
                var mirror = PackedMirror.start(folder, upstream.uri(), "")) {
            requireRight(mirror, KEPT, "miss");
            try (var failing = FailingCalls.of(mirror)) {
                passesThrough(mirror, upstream);
                assertThat(failing.strace().isAlive())
                        .as("they failed until now")
                        .isTrue();
            }
            recovers(mirror);
            assertThat(mirror.terminate()).isZero();
            new StoreCheck(folder.resolve("store")).isSound();
        }
    }

    @Test
    void aStartOnAReadOnlyDiskPassesThroughAndRecovers() throws Exception {
        Path store = folder.resolve("store");
        try (var upstream = CountingIndex.of(KEPT, PASSING, AFTERWARDS)) {
            try (var before = PackedMirror.start(folder, upstream.uri(), "")) {
                requireRight(before, KEPT, "miss");
                assertThat(before.terminate()).isZero();
            }
            Files.move(store, folder.resolve("kept"));
            Files.createDirectory(store);
            var onReadOnlyDisk = List.of(
                    "unshare",
                    "--mount",
                    "sh",
                    "-c",
                    "mount -t tmpfs -o size=16m tmpfs \"$0\" && cp -a \"$1\"/. \"$0\" && mount -o remount,ro \"$0\""
                            + " && shift && exec \"$@\"",
                    store.toString(),
                    folder.resolve("kept").toString());
            try (var mirror =
                    PackedMirror.startBehind(onReadOnlyDisk, folder, upstream.uri(), "store { free-floor = 0 }")) {
                passesThrough(mirror, upstream);
                run("nsenter", "-t", Long.toString(mirror.pid()), "-m", "mount", "-o", "remount,rw", store.toString());
                recovers(mirror);
                assertThat(mirror.terminate()).isZero();
            }
        }
    }

    /** As ext4 does by itself when it finds that the disk lies (errors=remount-ro). Only a repair and a new mount end that. */
    @Test
    void aDiskThatTurnsReadOnlyWhileTheMirrorRunsIsPassedBy() throws Exception {
        Path disk = folder.resolve("disk.img");
        Path store = Files.createDirectory(folder.resolve("store"));
        assumeTrue(makesLoopDevices(disk), "this machine has no loop devices; FilesOnTheWireTest plays EROFS");
        var onDisk = List.of(
                "unshare",
                "--mount",
                "sh",
                "-c",
                "mount -o loop,errors=remount-ro \"$1\" \"$0\" && shift && exec \"$@\"",
                store.toString(),
                disk.toString());
        try (var upstream = CountingIndex.of(KEPT, PASSING, AFTERWARDS)) {
            try (var mirror = PackedMirror.startBehind(onDisk, folder, upstream.uri(), "store { free-floor = 0 }")) {
                requireRight(mirror, KEPT, "miss");
                makeReadOnly(mirror, store);
                passesThrough(mirror, upstream);
                assertThat(mirror.terminate()).isZero();
            }
            repair(disk);
            try (var mirror = PackedMirror.startBehind(onDisk, folder, upstream.uri(), "store { free-floor = 0 }")) {
                requireRight(mirror, KEPT);
                assertThat(upstream.requests("/files/" + KEPT.filename()))
                        .as("what was committed is there, and isn't fetched again")
                        .isEqualTo(1);
                recovers(mirror);
                assertThat(mirror.terminate()).isZero();
            }
        }
    }

    private static boolean makesLoopDevices(Path disk) throws Exception {
        run("truncate", "-s", "64M", disk.toString());
        run("mkfs.ext4", "-q", "-F", disk.toString());
        return new ProcessBuilder("unshare", "--mount", "mount", "-o", "loop,ro", disk.toString(), "/mnt")
                        .start()
                        .waitFor()
                == 0;
    }

    private static void makeReadOnly(PackedMirror mirror, Path store) throws Exception {
        Path mounts = Path.of("/proc", Long.toString(mirror.pid()), "mounts");
        String device = mounted(mounts, store).split(" ", -1)[0];
        String name = Path.of(device).getFileName().toString();
        Files.writeString(Path.of("/sys/fs/ext4", name, "trigger_fs_error"), "1");
        await("the disk to be read-only")
                .atMost(PATIENCE)
                .until(() -> mounted(mounts, store).split(" ", -1)[3].matches("(.*,)?(ro|emergency_ro)(,.*)?"));
    }

    private static String mounted(Path mounts, Path store) throws IOException {
        return Files.readAllLines(mounts).stream()
                .filter(line -> line.split(" ", -1)[1].equals(store.toString()))
                .findFirst()
                .orElseThrow();
    }

    /** What it found and mended is no failure (e2fsck's exit code 1). */
    private static void repair(Path disk) throws Exception {
        Process check = new ProcessBuilder("e2fsck", "-fy", disk.toString())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        assertThat(check.waitFor()).isBetween(0, 1);
    }

    private void passesThrough(PackedMirror mirror, CountingIndex upstream) throws Exception {
        requireRight(mirror, PASSING, "miss");
        await().atMost(PATIENCE).until(() -> isTroubled(mirror));
        int before = upstream.requests("/files/" + PASSING.filename());
        requireRight(mirror, PASSING, "miss");
        assertThat(upstream.requests("/files/" + PASSING.filename()) - before)
                .as("nothing was kept, and nothing is asked for in vain")
                .isEqualTo(1);
        requireRight(mirror, KEPT, "hit");
        assertThat(get(mirror.operations("/readyz")).statusCode()).isEqualTo(200);
    }

    private void recovers(PackedMirror mirror) throws Exception {
        await("the mirror to recover").atMost(PATIENCE).until(() -> !isTroubled(mirror));
        requireRight(mirror, AFTERWARDS, "miss");
        await("a file to be kept").atMost(PATIENCE).until(() -> {
            requireRight(mirror, AFTERWARDS);
            return "hit".equals(cache(mirror, AFTERWARDS).orElse(""));
        });
        requireRight(mirror, KEPT, "hit");
    }

    private void requireRight(PackedMirror mirror, Wheel wheel, String cache) throws Exception {
        var answer = client.send(
                HttpRequest.newBuilder(mirror.url(mirror.fileOf(wheel))).build(), BodyHandlers.ofByteArray());
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo(wheel.content());
        assertThat(answer.headers().firstValue("X-Cache")).contains(cache);
    }

    private static void requireRight(PackedMirror mirror, Wheel wheel) throws IOException {
        try (var reader = FileReader.ask(mirror, mirror.fileOf(wheel))) {
            reader.compareAll(wheel.content());
        }
    }

    private Optional<String> cache(PackedMirror mirror, Wheel wheel) throws Exception {
        return client.send(
                        HttpRequest.newBuilder(mirror.url(mirror.fileOf(wheel)))
                                .HEAD()
                                .build(),
                        BodyHandlers.discarding())
                .headers()
                .firstValue("X-Cache");
    }

    private boolean isTroubled(PackedMirror mirror) throws Exception {
        return get(mirror.operations("/metrics")).body().contains("\nflotilla_mirror_store_trouble 1.0\n");
    }

    private HttpResponse<String> get(URI address) throws Exception {
        return client.send(HttpRequest.newBuilder(address).build(), BodyHandlers.ofString());
    }

    private static void run(String... command) throws Exception {
        Process process = new ProcessBuilder(command).inheritIO().start();
        assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(String.join(" ", command)).isZero();
    }

    /** A running mirror whose every write to a file at a place, and every synchronisation, fails. */
    private record FailingCalls(Process strace) implements AutoCloseable {
        static FailingCalls of(PackedMirror mirror) throws IOException {
            Process strace = new ProcessBuilder(
                            "strace",
                            "-f",
                            "-o",
                            "/dev/null",
                            "-e",
                            "trace=pwrite64,fsync",
                            "-e",
                            "inject=pwrite64,fsync:error=EIO",
                            "-p",
                            Long.toString(mirror.pid()))
                    .start();
            String said = strace.errorReader().readLine();
            assertThat(said).as("strace").contains("attached");
            return new FailingCalls(strace);
        }

        @Override
        public void close() throws IOException {
            strace.destroy();
            await("strace to let go").atMost(PATIENCE).until(() -> !strace.isAlive());
        }
    }
}
