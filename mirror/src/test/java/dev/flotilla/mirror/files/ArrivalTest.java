package dev.flotilla.mirror.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.flotilla.mirror.simple.FilePath;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ArrivalTest {
    private final List<Arrival> ended = new ArrayList<>();
    private final FilePath path = Sample.of(10).path();
    private final Arrival arrival = new Arrival(path, 2, intake -> {}, ended::add);

    @Test
    void whoLeftWhileNothingCameIsRememberedNoMore() {
        for (int i = 0; i < 1_000; i++) {
            Runnable wake = () -> {
                throw new AssertionError("woken after it left");
            };
            assertThat(arrival.follow()).isTrue();
            arrival.await(0, wake);
            arrival.forget(wake);
            arrival.leave();
        }
        assertThat(arrival.waiting()).isZero();
        assertThat(arrival.followers()).isZero();
        arrival.end(new Arrival.End.Absent());
    }

    @Test
    void whoWaitsIsWokenOnceByMoreBytesAndOnceByTheEnd() {
        var woken = new ArrayList<String>();
        arrival.await(0, () -> woken.add("bytes"));
        arrival.advance(5);
        arrival.advance(6);
        assertThat(woken).containsExactly("bytes");
        arrival.await(6, () -> woken.add("end"));
        arrival.await(5, () -> woken.add("at once"));
        assertThat(woken).containsExactly("bytes", "at once");
        arrival.end(new Arrival.End.Failed("broken"));
        assertThat(woken).containsExactly("bytes", "at once", "end");
    }

    @Test
    void itEndsOnce() {
        arrival.end(new Arrival.End.Failed("broken"));
        assertThatThrownBy(() -> arrival.end(new Arrival.End.Absent())).isInstanceOf(IllegalStateException.class);
        assertThat(ended).containsExactly(arrival);
        assertThat(arrival.progress().end()).isEqualTo(new Arrival.End.Failed("broken"));
    }

    @Test
    void itTakesNoFurtherPathOnceItHasEnded() {
        var other = Sample.of(11).path();
        assertThat(arrival.alsoAt(other)).isTrue();
        arrival.end(new Arrival.End.Absent());
        assertThat(arrival.alsoAt(Sample.of(12).path())).isFalse();
        assertThat(arrival.paths()).containsExactly(path, other);
    }

    @Test
    void itHasNoMoreFollowersThanAllowedAndNoneAfterAllHaveLeft() {
        assertThat(arrival.follow()).isTrue();
        assertThat(arrival.follow()).isTrue();
        assertThat(arrival.follow()).isFalse();
        arrival.end(new Arrival.End.Absent());
        arrival.leave();
        assertThat(arrival.follow()).isTrue();
        arrival.leave();
        arrival.leave();
        assertThat(arrival.follow()).isFalse();
    }
}
