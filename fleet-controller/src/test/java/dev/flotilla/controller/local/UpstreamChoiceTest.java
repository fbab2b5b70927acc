package dev.flotilla.controller.local;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flotilla.controller.local.UpstreamChoice.Wish;
import dev.flotilla.vocabulary.PublicIndex;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UpstreamChoiceTest {
    private static final URI OWN = URI.create("http://192.0.2.1/simple/");

    @Test
    void thePublicIndexIsFollowedWhereItAnswers() {
        assertThat(UpstreamChoice.of(new Wish.Usual(), index -> Optional.empty()))
                .isInstanceOfSatisfying(
                        UpstreamChoice.Elsewhere.class,
                        chosen -> assertThat(chosen.index()).isEqualTo(PublicIndex.INDEX));
    }

    @Test
    void theSampleStandsInForAPublicIndexThatDoesNotAnswerAndSaysSo() {
        assertThat(UpstreamChoice.of(new Wish.Usual(), index -> Optional.of("no connection")))
                .isInstanceOfSatisfying(
                        UpstreamChoice.Sample.class,
                        chosen -> assertThat(chosen.told())
                                .contains(PublicIndex.INDEX.toString())
                                .contains("no connection")
                                .contains("sample"));
    }

    @Test
    void theSampleIsTakenWithoutALookAtTheNetworkWhereItIsAskedFor() {
        assertThat(UpstreamChoice.of(new Wish.Sample(), index -> {
                    throw new AssertionError("nobody asked for " + index);
                }))
                .isInstanceOf(UpstreamChoice.Sample.class);
    }

    @Test
    void anIndexOfTheUsersOwnIsFollowedEvenWhileItIsAway() {
        assertThat(UpstreamChoice.of(new Wish.Named(OWN), index -> Optional.of("no answer within 3 s")))
                .isInstanceOfSatisfying(UpstreamChoice.Elsewhere.class, chosen -> {
                    assertThat(chosen.index()).isEqualTo(OWN);
                    assertThat(chosen.told()).contains("can't be reached now").contains("no answer within 3 s");
                });
    }

    @Test
    void aServerIsReachedUnlessItIsAwayOrSilent(@TempDir Path folder) throws IOException {
        var probe = new IndexProbe(Duration.ofSeconds(1));
        URI address;
        try (var server = FolderServer.start(folder)) {
            address = server.address("simple/");
            assertThat(probe.unreachable(address)).isEmpty();
        }
        assertThat(probe.unreachable(address)).contains("no connection");
        try (var silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertThat(probe.unreachable(URI.create("http://127.0.0.1:" + silent.getLocalPort() + "/")))
                    .contains("no answer within 1 s");
        }
    }
}
