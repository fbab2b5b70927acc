package dev.flotilla.mirror.pages;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flotilla.vocabulary.ByteSize;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ArrivingPagesTest {
    private final ArrivingPages arriving = new ArrivingPages(new ByteSize(100));
    private final List<String> granted = new ArrayList<>();

    private ArrivingPages.Place wanting(String name, long bytes) {
        var place = arriving.open();
        place.want(bytes, () -> granted.add(name));
        return place;
    }

    @Test
    void roomIsGivenInOrderUpToTheLimit() {
        var first = wanting("first", 60);
        var second = wanting("second", 50);
        var third = wanting("third", 10);
        assertThat(granted).containsExactly("first");
        first.close();
        assertThat(granted).containsExactly("first", "second", "third");
        second.close();
        third.close();
        assertThat(arriving.bytes()).isZero();
    }

    @Test
    void whatIsLargerThanTheLimitComesAlone() {
        var small = wanting("small", 10);
        var huge = wanting("huge", 1_000);
        var next = wanting("next", 10);
        assertThat(granted).containsExactly("small");
        small.close();
        assertThat(granted).containsExactly("small", "huge");
        huge.close();
        assertThat(granted).containsExactly("small", "huge", "next");
        next.close();
        assertThat(arriving.bytes()).isZero();
    }

    @Test
    void whereAllWaitForMoreTheFirstGetsIt() {
        var one = wanting("one", 50);
        var other = wanting("other", 50);
        one.want(80, () -> granted.add("one more"));
        assertThat(granted).containsExactly("one", "other");
        other.want(80, () -> granted.add("other more"));
        assertThat(granted).containsExactly("one", "other", "one more");
        one.close();
        assertThat(granted).containsExactly("one", "other", "one more", "other more");
        other.close();
        assertThat(arriving.bytes()).isZero();
    }

    @Test
    void whoeverIsGoneGetsNothingAndHoldsNothing() {
        var first = wanting("first", 100);
        var gone = wanting("gone", 100);
        var last = wanting("last", 100);
        gone.close();
        gone.close();
        gone.want(1, () -> granted.add("gone again"));
        first.want(100, () -> granted.add("first again"));
        first.close();
        assertThat(granted).containsExactly("first", "first again", "last");
        last.close();
        assertThat(arriving.bytes()).isZero();
    }

    /** An attempt that failed while it waited is followed by another one, which asks anew. */
    @Test
    void aSecondQuestionTakesTheFirstOnesPlace() {
        var first = wanting("first", 100);
        var second = wanting("second", 50);
        second.want(60, () -> granted.add("second anew"));
        first.close();
        assertThat(granted).containsExactly("first", "second anew");
        second.close();
        assertThat(arriving.bytes()).isZero();
    }

    /** Nothing leaks, whatever comes in whatever order, and there is never more beyond the limit than one page. */
    @Test
    void allRoomComesBack() {
        var random = new Random(20260103);
        for (int round = 0; round < 2_000; round++) {
            var pages = new ArrivingPages(new ByteSize(100));
            List<ArrivingPages.Place> open = new ArrayList<>();
            for (int step = 0; step < 30; step++) {
                if (open.isEmpty() || random.nextBoolean()) {
                    open.add(pages.open());
                    open.getLast().want(1 + random.nextInt(70), () -> {});
                } else if (random.nextBoolean()) {
                    open.get(random.nextInt(open.size())).want(70, () -> {});
                } else {
                    open.remove(random.nextInt(open.size())).close();
                }
                assertThat(pages.bytes()).isLessThanOrEqualTo(170);
            }
            open.forEach(ArrivingPages.Place::close);
            assertThat(pages.bytes()).isZero();
            granted.clear();
            pages.open().want(1_000, () -> granted.add("room"));
            assertThat(granted).containsExactly("room");
        }
    }
}
