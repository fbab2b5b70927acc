package dev.flotilla.mirror.store;

import dev.flotilla.vocabulary.ByteSize;
import dev.flotilla.vocabulary.ProjectName;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * How much the store may take, and of what.
 *
 * @param files bytes for files and what is being downloaded
 * @param pages bytes for project pages
 * @param freeFloor how much of the disk stays free for others; 0 for nothing
 * @param scrubPerSecond how many bytes are read again in a second to see whether they are still right; 0 for none
 * @param pinned the projects whose files are never evicted, where there are such
 * @param pinnedMost how many bytes such files may take: others of them are files like any other
 * @param mostFiles how many files the books hold, in memory
 */
public record StoreLimits(
        ByteSize files,
        ByteSize pages,
        ByteSize freeFloor,
        ByteSize scrubPerSecond,
        Optional<Predicate<ProjectName>> pinned,
        ByteSize pinnedMost,
        long mostFiles) {
    /** Pages get a tenth: some hundred thousand of them in the default budget, far more than the jobs of one region use. */
    private static final int PAGES_SHARE = 10;

    private static final ByteSize NOTHING = new ByteSize(0);

    /** What the program needs of its heap beside the books. */
    private static final ByteSize BESIDE_BOOKS = ByteSize.ofMiB(40);

    /** A file with a path takes 201, and what reading the folders takes comes on top. */
    private static final long BYTES_PER_FILE = 220;

    private static final long LEAST_FILES = 10_000;

    /** Files and pages alone: no floor, no scrubbing, no pins. */
    public StoreLimits(ByteSize files, ByteSize pages) {
        this(files, pages, NOTHING, NOTHING, Optional.empty(), NOTHING, filesInHeap());
    }

    /** As many as this program's heap has room for. */
    private static long filesInHeap() {
        long room = Runtime.getRuntime().maxMemory() - BESIDE_BOOKS.bytes();
        return Math.max(LEAST_FILES, room / BYTES_PER_FILE);
    }

    /** Splits one budget between files and pages. */
    public static StoreLimits within(ByteSize budget) {
        long pages = budget.bytes() / PAGES_SHARE;
        return new StoreLimits(new ByteSize(budget.bytes() - pages), new ByteSize(pages));
    }

    /** The same with {@code floor} bytes of the disk left to others. */
    public StoreLimits withFreeFloor(ByteSize floor) {
        return new StoreLimits(files, pages, floor, scrubPerSecond, pinned, pinnedMost, mostFiles);
    }

    /** The same with {@code perSecond} bytes read again in a second. */
    public StoreLimits withScrubbing(ByteSize perSecond) {
        return new StoreLimits(files, pages, freeFloor, perSecond, pinned, pinnedMost, mostFiles);
    }

    /** The same with the files of these projects pinned, up to {@code percent} of the budget of files. */
    public StoreLimits withPins(Predicate<ProjectName> projects, int percent) {
        var most = new ByteSize(files.bytes() / 100 * percent);
        return new StoreLimits(files, pages, freeFloor, scrubPerSecond, Optional.of(projects), most, mostFiles);
    }

    /** The same with at most {@code most} files in the books. */
    public StoreLimits withMostFiles(long most) {
        return new StoreLimits(files, pages, freeFloor, scrubPerSecond, pinned, pinnedMost, most);
    }
}
