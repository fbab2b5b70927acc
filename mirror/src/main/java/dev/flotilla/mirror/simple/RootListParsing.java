package dev.flotilla.mirror.simple;

import java.util.List;

/** What came of parsing a root list. */
public sealed interface RootListParsing {
    /**
     * The list, without the entries that were bad.
     *
     * @param dropped the first of them, up to {@link Limits#explanations}
     * @param droppedCount all of them
     */
    record Parsed(RootList list, List<DroppedEntry> dropped, int droppedCount) implements RootListParsing {
        public Parsed {
            dropped = List.copyOf(dropped);
        }
    }

    /** It is no root list, or one beyond the limits; the reason is printable ASCII and short. */
    record Unreadable(String reason) implements RootListParsing {}
}
