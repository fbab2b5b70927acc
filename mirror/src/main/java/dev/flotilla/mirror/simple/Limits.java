package dev.flotilla.mirror.simple;

import dev.flotilla.vocabulary.ByteSize;

/**
 * How much of an upstream's page is read before it is refused.
 *
 * @param size the body, uncompressed
 * @param entries files of a project page, or versions
 * @param nestingDepth of JSON arrays and objects
 * @param stringLength of one JSON string, link or attribute, in UTF-16 units
 * @param explanations how many dropped entries are explained one by one; the others are only counted
 */
public record Limits(ByteSize size, int entries, int nestingDepth, int stringLength, int explanations) {
    public Limits {
        if (size.bytes() < 1 || entries < 1 || nestingDepth < 1 || stringLength < 1 || explanations < 0) {
            throw new IllegalArgumentException("a limit must be at least 1");
        }
    }

    /**
     * The limits of project pages to begin with. The largest pages of PyPI have some tens of thousands of files and stay below 20 MiB; the
     * format itself nests four deep; no field but a reason written by people is longer than a kilobyte.
     */
    public static Limits usual() {
        return new Limits(ByteSize.ofMiB(32), 100_000, 32, 65_536, 100);
    }

    /** The limits of root lists to begin with: three times what PyPI's has, which is some 700,000 names in 40 MB of JSON. */
    public static Limits usualOfRootList() {
        return new Limits(ByteSize.ofMiB(128), 2_000_000, 32, 4_096, 100);
    }

    /**
     * None to speak of, for pages that this mirror rendered itself from what upstream's limits let in: rendered, they may be
     * larger than they came.
     */
    public static Limits ofOwnPages() {
        return new Limits(ByteSize.ofGiB(2), Integer.MAX_VALUE, 1_000, Integer.MAX_VALUE, 1);
    }
}
