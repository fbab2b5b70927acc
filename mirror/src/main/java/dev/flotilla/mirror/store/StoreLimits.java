package dev.flotilla.mirror.store;

import dev.flotilla.vocabulary.ByteSize;

/**
 * How many bytes the store may take.
 *
 * @param files for files and what is being downloaded
 * @param pages for project pages
 */
public record StoreLimits(ByteSize files, ByteSize pages) {
    /** Pages get a tenth: some hundred thousand of them in the default budget, far more than the jobs of one region use. */
    private static final int PAGES_SHARE = 10;

    /** Splits one budget between files and pages. */
    public static StoreLimits within(ByteSize budget) {
        long pages = budget.bytes() / PAGES_SHARE;
        return new StoreLimits(new ByteSize(budget.bytes() - pages), new ByteSize(pages));
    }
}
