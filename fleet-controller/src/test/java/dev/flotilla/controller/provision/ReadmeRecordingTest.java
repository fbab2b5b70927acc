package dev.flotilla.controller.provision;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flotilla.vocabulary.ByteSize;
import dev.flotilla.vocabulary.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The plans that README shows were recorded once: each of their lines is still one that a plan can have. */
class ReadmeRecordingTest {
    private static final Pattern LINE = Pattern.compile("  ([+~-]) (?:east|west)/\\S+: (.*)");
    private static final NodeArchive ARCHIVE = new NodeArchive(
            Path.of("flotilla-node.tar.gz"),
            Sha256.of(new byte[] {1}),
            ByteSize.ofMiB(60),
            "0123456789abcdef",
            "0.1.0-SNAPSHOT",
            "x86_64");

    /** Without what differs from build to build. */
    private static String shape(String line) {
        return line.replaceAll("[0-9a-f]{16}", "ID")
                .replaceAll("[0-9.]+ MiB", "SIZE")
                .replaceAll("make the machine /\\S+", "make the machine FOLDER");
    }

    @Test
    void everyStepThatIsShownIsStillSaidSo() throws IOException {
        Set<String> said = Stream.of(
                        new Step.Bring(ARCHIVE, false),
                        new Step.Bring(ARCHIVE, true),
                        new Step.Install(ARCHIVE),
                        new Step.Write("agent.conf", true),
                        new Step.Write("root.json", true),
                        new Step.Write("agent.env", true),
                        new Step.Mend(List.of("agent/bin/agent-watch")),
                        new Step.Start(Step.Start.Reason.STOPPED),
                        new Step.Start(Step.Start.Reason.CHANGED))
                .map(step -> shape(step.sign() + " " + step.text()))
                .collect(Collectors.toSet());
        said.add("+ make the machine FOLDER");
        List<String> shown = Files.readAllLines(Path.of("../README.md")).stream()
                .map(LINE::matcher)
                .filter(Matcher::matches)
                .map(match -> shape(match.group(1) + " " + match.group(2)))
                .toList();
        assertThat(shown).hasSizeGreaterThan(10).isSubsetOf(said);
    }
}
