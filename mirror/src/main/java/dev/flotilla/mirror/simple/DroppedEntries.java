package dev.flotilla.mirror.simple;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Counts what was dropped of one page and keeps the first explanations. For one thread. */
final class DroppedEntries {
    private final int most;
    private final List<DroppedEntry> explained = new ArrayList<>();
    private int count;

    DroppedEntries(int most) {
        this.most = most;
    }

    void add(String entry, @Nullable String reason) {
        count++;
        if (explained.size() < most) {
            explained.add(
                    new DroppedEntry(Texts.shown(entry), reason == null ? "it is not valid" : Texts.shown(reason)));
        }
    }

    List<DroppedEntry> explained() {
        return explained;
    }

    int count() {
        return count;
    }
}
