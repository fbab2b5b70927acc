package dev.flotilla.mirror.upstream;

/**
 * How much of the heap the body of one page may take while it comes, from its first byte until nobody needs it any more. What
 * pages usually take needs no leave; a larger one waits until there is room. For any thread.
 */
public interface Room {
    /** What a body may take without asking. */
    int USUAL_BYTES = 2 * 1024 * 1024;

    /**
     * Asks that the page may take {@code bytes} in all, and runs {@code granted} when it may: at once or later, on any thread. Never
     * where the page isn't wanted any more. One question at a time.
     */
    void want(long bytes, Runnable granted);

    /** As much as anybody asks for. */
    static Room ample() {
        return (bytes, granted) -> granted.run();
    }
}
