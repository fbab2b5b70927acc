package dev.flotilla.controller.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class TeardownTest {
    private final List<String> undone = new ArrayList<>();
    private final Teardown teardown = new Teardown();

    @Test
    void whatCameLastGoesFirstAndOnlyOnce() {
        teardown.add(() -> undone.add("first"));
        teardown.add(() -> undone.add("second"));
        teardown.close();
        teardown.close();
        assertThat(undone).containsExactly("second", "first");
    }

    @Test
    void aFailureDoesNotKeepTheRest() {
        teardown.add(() -> undone.add("first"));
        teardown.add(() -> {
            throw new IllegalStateException("on purpose");
        });
        teardown.close();
        assertThat(undone).containsExactly("first");
    }

    @Test
    void whatComesTooLateIsUndoneAtOnceAndItsBringerToldToStop() {
        teardown.close();
        assertThatThrownBy(() -> teardown.add(() -> undone.add("late"))).isInstanceOf(Teardown.BegunException.class);
        assertThat(undone).containsExactly("late");
    }

    @Test
    void aSecondCallerWaitsForTheFirst() throws Exception {
        var release = new CountDownLatch(1);
        var secondIsDone = new AtomicBoolean();
        teardown.add(release::await);
        Thread first = Thread.ofVirtual().start(teardown::close);
        await().until(teardown::hasBegun);
        Thread second = Thread.ofPlatform().start(() -> {
            teardown.close();
            secondIsDone.set(true);
        });
        await().atMost(Duration.ofSeconds(5)).until(() -> second.getState() == Thread.State.WAITING);
        assertThat(secondIsDone).isFalse();
        release.countDown();
        first.join();
        second.join();
        assertThat(secondIsDone).isTrue();
    }
}
