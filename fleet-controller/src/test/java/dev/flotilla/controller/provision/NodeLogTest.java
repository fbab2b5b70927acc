package dev.flotilla.controller.provision;

import static java.nio.file.StandardOpenOption.APPEND;
import static org.assertj.core.api.Assertions.assertThat;

import dev.flotilla.controller.machine.ThisMachine;
import dev.flotilla.controller.provision.NodeLog.Program;
import dev.flotilla.controller.provision.NodeLog.Reading;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Logs that are files, read by a real shell. */
class NodeLogTest {
    @TempDir
    Path root;

    private Path file;
    private NodeLog log;

    @BeforeEach
    void begin() throws IOException {
        file = Files.createDirectories(root.resolve("var/lib/flotilla/agent")).resolve("mirror.log");
        log = new NodeLog(new ThisMachine(), root.toString(), Program.MIRROR, Duration.ofSeconds(30));
    }

    private List<String> read(int most, Optional<Instant> since) throws InterruptedException {
        return ((Reading.Lines) log.read(most, since)).lines();
    }

    private List<String> more() throws InterruptedException {
        return read(1, Optional.empty());
    }

    @Test
    void whereThereIsNoneItSaysWhichFileIsMissing() throws InterruptedException {
        assertThat(log.read(10, Optional.empty())).isEqualTo(new Reading.NoLog(file.toString()));
    }

    @Test
    void theLastLinesComeFirstAndThenJustWhatIsNew() throws Exception {
        Files.writeString(file, "one\ntwo\nthree\n");
        assertThat(read(2, Optional.empty())).containsExactly("two", "three");
        assertThat(more()).isEmpty();
        Files.writeString(file, "four\nfi", APPEND);
        assertThat(more()).containsExactly("four");
        Files.writeString(file, "ve\n", APPEND);
        assertThat(more()).containsExactly("five");
    }

    @Test
    void fromATimeOnLinesWithoutATimeBelongToTheOneBefore() throws Exception {
        Files.writeString(
                root.resolve("var/lib/flotilla/agent/mirror.log.1"), "2026-11-22T07:00:00.000Z old\n\tat old\n");
        Files.writeString(file, """
                2026-11-22T08:59:59.999Z before
                	at before
                2026-11-22T09:00:00.001Z behind
                	at behind
                """);
        assertThat(read(100, Optional.of(Instant.parse("2026-11-22T09:00:00Z"))))
                .containsExactly("2026-11-22T09:00:00.001Z behind", "\tat behind");
    }

    @Test
    void aFileThatIsSetAsideMeanwhileLosesNothing() throws Exception {
        Files.writeString(file, "a first line\n");
        assertThat(read(10, Optional.empty())).containsExactly("a first line");
        Files.writeString(file, "before the end\n", APPEND);
        Files.copy(file, root.resolve("var/lib/flotilla/agent/mirror.log.1"), StandardCopyOption.REPLACE_EXISTING);
        // Longer than what was read, so that its length alone tells nothing.
        Files.writeString(file, "anew, and longer than all that was there before\n");
        assertThat(more()).containsExactly("before the end", "anew, and longer than all that was there before");
        assertThat(more()).isEmpty();
    }

    @Test
    void veryMuchAtOnceComesInParts() throws Exception {
        Files.writeString(file, "begin\n");
        assertThat(read(10, Optional.empty())).containsExactly("begin");
        List<String> many = IntStream.range(0, 30_000)
                .mapToObj(number -> "line " + number + " " + "x".repeat(30))
                .toList();
        Files.writeString(file, many.stream().collect(Collectors.joining("\n", "", "\n")), APPEND);
        List<String> got = new ArrayList<>(more());
        assertThat(got).hasSizeLessThan(many.size());
        got.addAll(more());
        assertThat(got).isEqualTo(many);
    }
}
