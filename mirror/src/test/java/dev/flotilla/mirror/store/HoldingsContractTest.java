package dev.flotilla.mirror.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What every order of leaving has to keep to. */
class HoldingsContractTest {
    enum Kind {
        FREQUENCY,
        LEAST_RECENTLY_USED;

        Holdings<String, Integer> make(long maximum) {
            return switch (this) {
                case FREQUENCY -> new FrequencyHoldings<>(maximum, value -> 1);
                case LEAST_RECENTLY_USED -> new LeastRecentlyUsedHoldings<>();
            };
        }
    }

    private static void fill(Holdings<String, Integer> holdings, int count) {
        IntStream.range(0, count).forEach(i -> holdings.add("entry-" + i, i));
    }

    @ParameterizedTest
    @EnumSource
    void whatWasAddedIsThereUntilItIsRemoved(Kind kind) {
        var holdings = kind.make(100);
        holdings.add("one", 1);
        assertThat(holdings.use("one")).contains(1);
        assertThat(holdings.use("two")).isEmpty();
        assertThat(holdings.remove("one", 2)).isFalse();
        assertThat(holdings.count()).isEqualTo(1);
        assertThat(holdings.remove("one", 1)).isTrue();
        assertThat(holdings.remove("one", 1)).isFalse();
        assertThat(holdings.use("one")).isEmpty();
        assertThat(holdings.count()).isZero();
    }

    @ParameterizedTest
    @EnumSource
    void nothingLeavesByItselfUpToTheMaximum(Kind kind) {
        var holdings = kind.make(1_000);
        fill(holdings, 1_000);
        assertThat(holdings.count()).isEqualTo(1_000);
        for (int i = 0; i < 1_000; i++) {
            assertThat(holdings.use("entry-" + i)).contains(i);
        }
    }

    @ParameterizedTest
    @EnumSource
    void everyEntryIsFoundAmongTheColdestAndNoneTwice(Kind kind) {
        var holdings = kind.make(1_000);
        fill(holdings, 500);
        assertThat(holdings.coldest(500))
                .containsExactlyInAnyOrderElementsOf(
                        IntStream.range(0, 500).boxed().toList());
        assertThat(holdings.coldest(7)).hasSize(7);
        assertThat(holdings.coldest(10_000)).hasSize(500);
    }

    @ParameterizedTest
    @EnumSource
    void anEntryInUseOutlivesThoseThatAreNot(Kind kind) {
        var holdings = kind.make(100);
        fill(holdings, 100);
        for (int round = 0; round < 50; round++) {
            assertThat(holdings.use("entry-3")).contains(3);
            List<Integer> coldest = holdings.coldest(1);
            holdings.remove("entry-" + coldest.getFirst(), coldest.getFirst());
            holdings.add("fresh-" + round, 1_000 + round);
        }
        assertThat(holdings.use("entry-3")).contains(3);
    }

    @Test
    void whatIsUsedOftenOutlivesAFloodOfNewcomersThatAreUsedOnce() {
        var holdings = Kind.FREQUENCY.make(100);
        fill(holdings, 100);
        for (int use = 0; use < 5; use++) {
            IntStream.range(0, 50).forEach(i -> holdings.use("entry-" + i));
        }
        for (int newcomer = 0; newcomer < 1_000; newcomer++) {
            int leaving = holdings.coldest(1).getFirst();
            assertThat(holdings.remove(leaving < 1_000 ? "entry-" + leaving : "new-" + leaving, leaving))
                    .isTrue();
            holdings.add("new-" + (1_000 + newcomer), 1_000 + newcomer);
        }
        var left = new ArrayList<Integer>();
        IntStream.range(0, 50).forEach(i -> holdings.use("entry-" + i).ifPresent(left::add));
        assertThat(left).hasSizeGreaterThan(45);
    }
}
