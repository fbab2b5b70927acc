package dev.flotilla.controller.publish;

import dev.flotilla.agent.trust.TargetFile;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** What {@code fleet.conf} says beside what the release in the bucket says. Equal values are equal states of both. */
public sealed interface Comparison {
    /** A publication would publish nothing. */
    record Same(long release, SortedMap<String, TargetFile> files) implements Comparison {
        public Same {
            files = Collections.unmodifiableSortedMap(new TreeMap<>(files));
        }
    }

    /**
     * A publication would make another release.
     *
     * @param release the one in the bucket; absent where there is none
     * @param changes one line each, led by {@code +}, {@code ~} or {@code -}
     * @param before what the release in the bucket says
     * @param files what the next release would say
     */
    record Different(
            Optional<Long> release,
            List<String> changes,
            SortedMap<String, TargetFile> before,
            SortedMap<String, TargetFile> files)
            implements Comparison {
        public Different {
            changes = List.copyOf(changes);
            before = Collections.unmodifiableSortedMap(new TreeMap<>(before));
            files = Collections.unmodifiableSortedMap(new TreeMap<>(files));
        }
    }

    /** It can't be said. */
    record Unknown(String reason) implements Comparison {}
}
