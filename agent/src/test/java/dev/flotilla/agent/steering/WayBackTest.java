package dev.flotilla.agent.steering;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flotilla.agent.configuration.AgentConfiguration;
import dev.flotilla.agent.intent.Failback;
import dev.flotilla.agent.intent.Intents;
import dev.flotilla.agent.rollout.Member;
import dev.flotilla.agent.state.StateFolder;
import dev.flotilla.settings.Loading;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.CyclicBarrier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A mirror that ends while the node makes up its mind about something else. */
class WayBackTest {
    private static final Instant NOW = Instant.parse("2026-06-01T12:00:00Z");
    private static final DrainJudge.Sight ALL_SERVE = member -> true;
    private static final DrainJudge.Sight NOBODY_SERVES = member -> false;
    private static final Known KNOWN = Known.NOTHING.then(
            1,
            Optional.of(Intents.begin(NOW, 1).withFailback(new Failback(Failback.Policy.MANUAL, Duration.ZERO))),
            new TreeSet<>(List.of(Member.parse("east/east-1"), Member.parse("west/west-1"))));

    private StateFolder folder;
    private SteeringFiles files;
    private WayBack wayBack;

    @BeforeEach
    void begin(@TempDir Path path) throws Exception {
        Files.writeString(path.resolve("agent.conf"), """
                flotilla.agent {
                  fleet = test, region = east, node = east-1, state = state
                  bucket { name = flotilla }
                  mirror { readiness = "http://127.0.1.1:8081/readyz" }
                }
                """);
        folder = new StateFolder(path.resolve("state"));
        folder.create();
        files = new SteeringFiles(folder);
        wayBack = started();
    }

    @Test
    void whatIsFoundOutAboutTheMirrorBeforeDoesNotBringBackTheNextOne() throws Exception {
        wayBack.leave(KNOWN, "it died");
        wayBack.tell(
                KNOWN,
                member -> {
                    // While others are looked at the next one ends, too.
                    leave("it died again");
                    return false;
                },
                false);
        assertThat(files.isDrained()).isTrue();
        assertThat(wayBack.reason(KNOWN)).isPresent();
        assertThat(wayBack.tell(KNOWN, NOBODY_SERVES, false))
                .as("and it is looked at anew, at once")
                .contains(false);
    }

    @Test
    void aMirrorThatEndsAtAnyMomentComesBackAsOneThatKeepsAway() throws Exception {
        for (int round = 0; round < 60; round++) {
            var together = new CyclicBarrier(2);
            Thread end = Thread.ofPlatform().start(() -> {
                try {
                    together.await();
                } catch (Exception broken) {
                    throw new IllegalStateException(broken);
                }
                leave("it died");
            });
            together.await();
            while (end.isAlive()) {
                wayBack.tell(KNOWN, ALL_SERVE, false);
            }
            end.join();
            assertThat(files.isDrained()).as("round %d", round).isTrue();
            // Else the next round begins away.
            assertThat(wayBack.tell(KNOWN, NOBODY_SERVES, true)).isEmpty();
            files.returned();
            wayBack = started();
            assertThat(wayBack.tell(KNOWN, ALL_SERVE, false)).contains(false);
        }
    }

    private WayBack started() throws Exception {
        var loaded = (Loading.Loaded<AgentConfiguration>)
                AgentConfiguration.load(folder.path().resolveSibling("agent.conf"));
        return new WayBack(loaded.value(), files, () -> NOW, System::nanoTime, Optional::empty);
    }

    private void leave(String why) {
        try {
            wayBack.leave(KNOWN, why);
        } catch (IOException disk) {
            throw new UncheckedIOException(disk);
        }
    }
}
