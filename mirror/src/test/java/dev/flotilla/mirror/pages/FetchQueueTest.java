package dev.flotilla.mirror.pages;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class FetchQueueTest {
    @Test
    void noMoreRunThanMayAndNoMoreWaitThanMayAndTheirOrderIsKept() {
        var queue = new FetchQueue(2, 2);
        List<Integer> begun = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            int number = i;
            assertThat(queue.enter(() -> begun.add(number))).isTrue();
        }
        assertThat(begun).containsExactly(0, 1);
        assertThat(queue.enter(() -> begun.add(9))).as("too many wait").isFalse();
        queue.done();
        assertThat(begun).containsExactly(0, 1, 2);
        assertThat(queue.enter(() -> begun.add(4))).isTrue();
        queue.done();
        queue.done();
        queue.done();
        queue.done();
        assertThat(begun).containsExactly(0, 1, 2, 3, 4);
        assertThat(queue.enter(() -> begun.add(5))).isTrue();
        assertThat(begun).endsWith(5);
    }
}
