package dev.flotilla.controller.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class CachingNamesTest {
    private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - 5);
    private final AtomicReference<Names.Answer> origin = new AtomicReference<>(addresses("192.0.2.1", 2));
    private final AtomicLong asked = new AtomicLong();
    private final CachingNames names = new CachingNames(
            host -> {
                asked.incrementAndGet();
                return origin.get();
            },
            now::get);

    private static Names.Answer addresses(String address, int seconds) {
        return new Names.Answer.Addresses(List.of(InetAddress.ofLiteral(address)), Duration.ofSeconds(seconds));
    }

    @Test
    void anAnswerIsKeptExactlyAsLongAsItMayBeAlsoOverTheClocksTurn() {
        assertThat(names.resolve("a")).isEqualTo(addresses("192.0.2.1", 2));
        origin.set(addresses("192.0.2.2", 2));
        now.addAndGet(Duration.ofSeconds(2).toNanos() - 1);
        assertThat(names.resolve("a")).isEqualTo(addresses("192.0.2.1", 2));
        now.addAndGet(1);
        assertThat(names.resolve("a")).isEqualTo(addresses("192.0.2.2", 2));
        assertThat(asked).hasValue(2);
    }

    @Test
    void whatMayNotBeKeptAndWhatIsNoAnswerAreAskedForAnew() {
        origin.set(addresses("192.0.2.1", 0));
        names.resolve("a");
        origin.set(new Names.Answer.None("away"));
        assertThat(names.resolve("a")).isEqualTo(new Names.Answer.None("away"));
        assertThat(names.resolve("a")).isEqualTo(new Names.Answer.None("away"));
        assertThat(asked).hasValue(3);
    }

    @Test
    void theTimeThatAQuestionTookIsPartOfItsAnswersLife() {
        var slow = new CachingNames(
                host -> {
                    now.addAndGet(Duration.ofSeconds(1).toNanos());
                    asked.incrementAndGet();
                    return origin.get();
                },
                now::get);
        slow.resolve("a");
        now.addAndGet(Duration.ofMillis(999).toNanos());
        slow.resolve("a");
        assertThat(asked).hasValue(1);
        now.addAndGet(Duration.ofMillis(1).toNanos());
        slow.resolve("a");
        assertThat(asked).hasValue(2);
    }
}
