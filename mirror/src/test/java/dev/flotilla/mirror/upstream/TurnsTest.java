package dev.flotilla.mirror.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TurnsTest {
    @Test
    void noMoreRunThanMayAndNoMoreWaitThanMayAndTheirOrderIsKept() {
        var turns = new Turns(2, 2);
        List<Integer> begun = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            int number = i;
            assertThat(turns.request(() -> begun.add(number))).isTrue();
        }
        assertThat(begun).containsExactly(0, 1);
        assertThat(turns.request(() -> begun.add(9))).as("too many wait").isFalse();
        turns.done();
        assertThat(begun).containsExactly(0, 1, 2);
        assertThat(turns.request(() -> begun.add(4))).isTrue();
        turns.done();
        turns.done();
        turns.done();
        turns.done();
        assertThat(begun).containsExactly(0, 1, 2, 3, 4);
        assertThat(turns.request(() -> begun.add(5))).isTrue();
        assertThat(begun).endsWith(5);
    }
}
