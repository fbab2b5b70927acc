package dev.flotilla.controller.probe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.flotilla.controller.client.Names;
import dev.flotilla.vocabulary.ProjectName;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProbeRoundsTest {
    private static final Duration SOON = Duration.ofSeconds(30);

    private static ProbeRounds of(LyingIndex index) {
        var target = new ProbeTarget(
                "east",
                ProbeTarget.index("east.mirror.test", index.port()),
                Optional.of(InetAddress.getLoopbackAddress()));
        return new ProbeRounds(
                new IndexProbe(
                        host -> new Names.Answer.None("not asked"),
                        new ProjectName("six"),
                        IndexProbe.Limits.USUAL,
                        Clock.systemUTC()),
                List.of(target));
    }

    private static Thread begin(ProbeRounds rounds, MetricsOutput output, ProbeRounds.Listener listener) {
        return Thread.ofVirtual().start(() -> {
            try {
                rounds.steadily(Duration.ofMillis(20), output, listener);
            } catch (IOException failed) {
                throw new UncheckedIOException(failed);
            }
        });
    }

    @Test
    void itLooksOnTellsWhatHasChangedAndEndsWhenItIsToldTo(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("flotilla.prom");
        List<Boolean> changes = new CopyOnWriteArrayList<>();
        try (LyingIndex index = LyingIndex.start();
                var output = new MetricsOutput.ToFile(file)) {
            Thread thread = begin(of(index), output, (result, changed) -> {
                if (changed) {
                    changes.add(result.isGood());
                }
            });
            await().atMost(SOON).until(() -> Files.exists(file) && changes.equals(List.of(true)));
            index.lie("page-503");
            await().atMost(SOON).until(() -> changes.equals(List.of(true, false)));
            await().atMost(SOON).until(() -> Files.readString(file).contains("flotilla_probe_good{target=\"east\"} 0"));
            index.lie("");
            await().atMost(SOON).until(() -> changes.equals(List.of(true, false, true)));
            thread.interrupt();
            thread.join(SOON);
            assertThat(thread.isAlive()).isFalse();
        }
        assertThat(Files.readString(file)).startsWith("# HELP flotilla_probe_good ");
        try (var left = Files.list(folder)) {
            assertThat(left).containsExactly(file);
        }
    }

    @Test
    void metricsAreServedAtAnAddress() throws Exception {
        try (LyingIndex index = LyingIndex.start();
                var output =
                        MetricsOutput.ToAddress.listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))) {
            Thread thread = begin(of(index), output, (result, changed) -> {});
            URI metrics = URI.create("http://127.0.0.1:" + output.address().getPort() + "/metrics");
            await().atMost(SOON).until(() -> {
                try (var answer = metrics.toURL().openStream()) {
                    return new String(answer.readAllBytes(), StandardCharsets.UTF_8)
                            .contains("flotilla_probe_good{target=\"east\"} 1\n");
                }
            });
            thread.interrupt();
            thread.join(SOON);
            assertThat(thread.isAlive()).isFalse();
        }
    }
}
