package dev.flotilla.mirror.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Disks that really fail: a small one that fills, and system calls to which strace gives errors. Needs root and strace. */
@Tag("real")
class DiskFaultsTest {
    @TempDir
    Path folder;

    private static List<String> program(Path store) {
        return List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx64m",
                "-cp",
                System.getProperty("java.class.path"),
                FailingDiskProbe.class.getName(),
                store.toString());
    }

    /** A script in which {@code $@} is the program, on a disk of 16 MiB that is mounted at {@code $0} for it alone. */
    private List<String> onOwnDisk(String script) {
        var command = new ArrayList<>(List.of(
                "unshare",
                "--mount",
                "sh",
                "-c",
                "mount -t tmpfs -o size=16m tmpfs \"$0\" && " + script,
                folder.toString()));
        command.addAll(program(folder));
        return command;
    }

    private static void requireRight(List<String> command) throws IOException, InterruptedException {
        Process probe = new ProcessBuilder(command).redirectErrorStream(true).start();
        try {
            List<String> lines = probe.inputReader().readAllLines();
            assertThat(probe.waitFor(180, TimeUnit.SECONDS)).isTrue();
            assertThat(probe.exitValue()).as(String.join("\n", lines)).isZero();
        } finally {
            probe.destroyForcibly().waitFor();
        }
    }

    @Test
    void aDiskThatOthersFillMakesFilesPassAndTheStoreRecovers() throws Exception {
        requireRight(onOwnDisk("\"$@\" filling"));
    }

    @Test
    void aStartOnAReadOnlyDiskGivesOutWhatIsThereAndTheStoreRecovers() throws Exception {
        requireRight(onOwnDisk("\"$@\" keeping && mount -o remount,ro \"$0\" && \"$@\" read-only"));
    }

    @Test
    void aStartOnAFullDiskGivesOutWhatIsThereAndTheStoreRecovers() throws Exception {
        requireRight(onOwnDisk("\"$@\" keeping && \"$@\" full"));
    }

    @Test
    void aFullDiskThatNeverHadAStoreGetsOneOnceItHasRoom() throws Exception {
        requireRight(onOwnDisk("\"$@\" full-before"));
    }

    @Test
    void aFailedWriteLeavesNothingAndTheStoreRecovers() throws Exception {
        requireRight(failing("discarding", "pwrite64", "EIO", "60..62"));
        StoreCheck.requireRight(folder, FailingDiskProbe.LIMITS);
    }

    @Test
    void aFailedSynchronisationDiscardsTheFileAndTheStoreRecovers() throws Exception {
        requireRight(failing("discarding", "fsync", "EIO", "12..14"));
        StoreCheck.requireRight(folder, FailingDiskProbe.LIMITS);
    }

    @Test
    void aDiskThatTurnsReadOnlyLeavesWhatIsThereAndTheStoreRecovers() throws Exception {
        requireRight(failing("failing", "pwrite64,rename,fsync,symlink,mkdir", "EROFS", "40..43"));
        StoreCheck.requireRight(folder, FailingDiskProbe.LIMITS);
    }

    /** The program with an error in these system calls, {@code when} they are counted for each thread. */
    private List<String> failing(String kind, String calls, String error, String when) {
        var command = new ArrayList<>(List.of(
                "strace",
                "-f",
                "--seccomp-bpf",
                "-qq",
                "-o",
                "/dev/null",
                "-e",
                "trace=" + calls,
                "-e",
                "inject=" + calls + ":error=" + error + ":when=" + when));
        command.addAll(program(folder));
        command.add(kind);
        return command;
    }
}
