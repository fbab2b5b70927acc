package dev.flotilla.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flotilla.agent.bucket.MemoryBucket;
import dev.flotilla.agent.intent.LocalWish;
import dev.flotilla.agent.state.WishFile;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What somebody on the node asks of it: it needs neither bucket nor agent, and the next agent heeds it. */
class LocalVerbsTest {
    private static final URI NO_SERVER = URI.create("http://127.0.0.1:9");

    private TestNode node;

    @BeforeEach
    void begin(@TempDir Path folder) throws Exception {
        node = new TestNode(folder, new TestFleet(new MemoryBucket()), NO_SERVER);
    }

    @AfterEach
    void end() {
        node.close();
    }

    private int run(String... words) {
        List<String> all = new ArrayList<>(List.of(words));
        all.addAll(1, List.of("--config", node.configurationFile().toString()));
        return Main.execute(all.toArray(String[]::new));
    }

    private WishFile file(String verb) {
        return verb.equals("pause") ? node.state().pause() : node.state().drain();
    }

    private Optional<LocalWish> wish(String verb, Instant now) throws Exception {
        return file(verb).standing(now);
    }

    @ParameterizedTest
    @CsvSource({"pause, resume", "drain, undrain"})
    void itHoldsUntilItsTimeOrUntilSomebodyEndsIt(String verb, String end) throws Exception {
        Instant before = Instant.now();
        assertThat(run(verb, "--for", "30m", "--reason", "new switch")).isZero();
        LocalWish wish = wish(verb, before).orElseThrow();
        assertThat(wish.reason()).isEqualTo("new switch");
        assertThat(wish.until().orElseThrow())
                .isBetween(
                        before.plus(Duration.ofMinutes(30)).minusSeconds(1),
                        Instant.now().plus(Duration.ofMinutes(30)));
        assertThat(wish(verb, wish.until().orElseThrow())).as("at its end").isEmpty();

        assertThat(run(verb)).isZero();
        assertThat(wish(verb, before.plus(Duration.ofDays(3650))))
                .as("without an end")
                .isPresent();
        assertThat(run(end)).isZero();
        assertThat(wish(verb, before)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"pause", "drain"})
    void whatWouldBeOverAlreadyIsNotWritten(String verb) throws Exception {
        assertThat(run(verb, "--until", "2020-01-01T00:00:00Z")).isEqualTo(1);
        assertThat(run(verb, "--until", "2040-01-01T00:00:00Z", "--for", "1m")).isEqualTo(2);
        assertThat(file(verb).read()).isEmpty();
    }

    @Test
    void aPauseIsKnownToTheNextAgent() throws Exception {
        var bucket = new MemoryBucket();
        var fleet = new TestFleet(bucket);
        Files.write(node.configurationFile().resolveSibling("root.json"), fleet.root());
        fleet.publish(1, node.mirror("one", "good"));
        assertThat(run("pause")).isZero();
        assertThat(node.agent(bucket).once().steering().orElseThrow().paused()).isPresent();
        assertThat(node.mirrors()).isEmpty();
        assertThat(run("resume")).isZero();
        assertThat(node.agent(bucket).once().problem()).isEmpty();
        assertThat(node.serves("one")).isTrue();
    }
}
