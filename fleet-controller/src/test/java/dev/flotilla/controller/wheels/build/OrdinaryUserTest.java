package dev.flotilla.controller.wheels.build;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.flotilla.controller.wheels.FailedBuild;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Builds of a user who isn't root, with a real bubblewrap. */
@Tag("real")
class OrdinaryUserTest {
    private static final String USER = "nobody";
    private static final String LIMITS = "time = 4m, memory = 256 MiB, processes = 64, disk = 48 MiB, output = 1 MiB";

    @TempDir
    private Path folder;

    /** Nothing of ours is his, and he has no rights. */
    private static List<String> ordinary() {
        return System.getProperty("user.name").equals("root") ? List.of("runuser", "-u", USER, "--") : List.of();
    }

    private static String user() {
        return ordinary().isEmpty() ? System.getProperty("user.name") : USER;
    }

    @Test
    void whoIsNotRootBuildsInTheSameSandboxAndMemoryIsBoundedForEachProcess() throws Exception {
        String mark = "stays-" + UUID.randomUUID();
        try (var shop = new Workshop(folder)) {
            shop.through(user(), ordinary().toArray(String[]::new));
            Path secret = Files.writeString(folder.resolve("secret"), "a secret");
            shop.offer("quick-1.0.tar.gz", TestSdists.with("quick", "1.0", """
                    def build_wheel(folder, *_):
                        import socket, subprocess
                        for place in ("/usr/STOLEN", "%s/STOLEN", "%s"):
                            try:
                                open(place, "a").write("x")
                                print("STOLEN", place)
                            except OSError as failed:
                                print(failed.strerror)
                        try:
                            socket.create_connection(("127.0.0.1", %d), 5)
                            print("STOLEN network")
                        except OSError as failed:
                            print(failed.strerror)
                        print("user", os.getuid(), open("/proc/self/status").read().split("CapEff:")[1].split()[0])
                        subprocess.Popen([sys.executable, "-c", "import time; time.sleep(1000)", "%s"], start_new_session=True)
                        return wheel(folder, 'quick', '1.0')
                    """.formatted(
                            folder, secret, shop.port(), mark)));
            shop.offer("hoard-1.0.tar.gz", TestSdists.with("hoard", "1.0", """
                    def build_wheel(folder, *_):
                        hoard = []
                        while True:
                            hoard.append(bytearray(8 << 20))
                    """));
            WheelBuilds.Summary summary =
                    shop.build(LIMITS, true, List.of(shop.wanted("quick", "1.0"), shop.wanted("hoard", "1.0")));
            assertThat(summary.unready()).isEmpty();
            assertThat(summary.built())
                    .singleElement()
                    .satisfies(wheel -> assertThat(Files.readString(wheel.log()))
                            .contains("user 1000 0000000000000000", "memory was bounded for each process")
                            .doesNotContain("STOLEN"));
            assertThat(summary.failed()).hasSize(1);
            FailedBuild failed = summary.failed().getFirst();
            assertThat(Files.readString(failed.log().orElseThrow())).contains("MemoryError");
            await().atMost(Duration.ofSeconds(90))
                    .until(() -> Workshop.running(mark).isEmpty());
            assertThat(secret).hasContent("a secret");
            assertThat(shop.left()).isEmpty();
        }
    }

    @Test
    void whereTheKernelForbidsNamespacesTheBuilderSaysWhatToDo() throws Exception {
        try (var shop = new Workshop(folder)) {
            List<String> words = new ArrayList<>(ordinary());
            words.addAll(List.of(
                    "unshare",
                    "--user",
                    "--map-current-user",
                    "--keep-caps",
                    "sh",
                    "-c",
                    "echo 0 > /proc/sys/user/max_user_namespaces && exec \"$@\"",
                    "sh",
                    "setpriv",
                    "--ambient-caps=-all",
                    "--inh-caps=-all",
                    "--"));
            shop.through(user(), words.toArray(String[]::new));
            shop.offer("quick-1.0.tar.gz", TestSdists.with("quick", "1.0", ""));
            WheelBuilds.Summary summary = shop.build(LIMITS, false, List.of(shop.wanted("quick", "1.0")));
            assertThat(summary.built()).isEmpty();
            assertThat(summary.unready().values())
                    .singleElement()
                    .satisfies(missing -> assertThat(String.join("\n", missing))
                            .contains("no sandbox can be begun with", "Creating new namespace failed")
                            .contains("user.max_user_namespaces", "AppArmor profile for bwrap"));
        }
    }
}
