package dev.flotilla.mirror.simple;

import java.util.List;

/** What came of parsing a project page. */
public sealed interface PageParsing {
    /**
     * The page, without the entries that were bad.
     *
     * @param dropped the first of them, up to {@link Limits#explanations}
     * @param droppedCount all of them
     */
    record Parsed(ProjectPage page, List<DroppedEntry> dropped, int droppedCount) implements PageParsing {
        public Parsed {
            dropped = List.copyOf(dropped);
        }
    }

    /** It is no project page, or one beyond the limits; the reason is printable ASCII and short. */
    record Unreadable(String reason) implements PageParsing {}
}
