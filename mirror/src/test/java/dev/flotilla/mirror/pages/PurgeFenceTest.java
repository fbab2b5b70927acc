package dev.flotilla.mirror.pages;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flotilla.mirror.store.PageKey;
import dev.flotilla.vocabulary.ProjectName;
import org.junit.jupiter.api.Test;

class PurgeFenceTest {
    private static final PageKey ONE = new PageKey.Project(new ProjectName("one"));
    private static final PageKey TWO = new PageKey.Project(new ProjectName("two"));

    private final PurgeFence fence = new PurgeFence();

    private void purge(PurgeScope scope) {
        assertThat(fence.raise(scope, () -> "done")).isEqualTo("done");
    }

    @Test
    void whatWasBegunBeforeAPurgeOfItsPageIsNotCommitted() {
        long before = fence.now();
        assertThat(fence.commit(ONE, before, () -> {})).isTrue();
        purge(new PurgeScope.Project(new ProjectName("one")));
        assertThat(fence.commit(ONE, before, () -> {
                    throw new AssertionError("committed");
                }))
                .isFalse();
        assertThat(fence.commit(TWO, before, () -> {})).isTrue();
        assertThat(fence.commit(ONE, fence.now(), () -> {})).isTrue();
        purge(new PurgeScope.Prefix("tw"));
        assertThat(fence.isOutdated(TWO, before)).isTrue();
        assertThat(fence.isOutdated(new PageKey.RootList(), before)).isFalse();
        purge(new PurgeScope.All());
        assertThat(fence.isOutdated(new PageKey.RootList(), before)).isTrue();
    }

    /** It may have read from disk what is only about to be marked there. */
    @Test
    void whatIsBegunWhileAPurgeIsUnderWayIsNotCommitted() {
        long during = fence.raise(new PurgeScope.All(), fence::now);
        assertThat(fence.commit(ONE, during, () -> {})).isFalse();
        assertThat(fence.commit(ONE, fence.now(), () -> {})).isTrue();
    }

    @Test
    void whatWasBegunLongerAgoThanPurgesAreRememberedBeginsAgain() {
        long before = fence.now();
        for (int i = 0; i < 64; i++) {
            purge(new PurgeScope.Project(new ProjectName("other-" + i)));
        }
        assertThat(fence.isOutdated(ONE, before)).isFalse();
        purge(new PurgeScope.Project(new ProjectName("other")));
        assertThat(fence.isOutdated(ONE, before)).isTrue();
        assertThat(fence.isOutdated(ONE, before + 2)).isFalse();
    }
}
