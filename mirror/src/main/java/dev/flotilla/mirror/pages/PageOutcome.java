package dev.flotilla.mirror.pages;

/** What the cache had to do with an answer. */
public enum PageOutcome {
    /** It was here and fresh. */
    HIT("hit"),
    /** It was fetched for this request. */
    MISS("miss"),
    /** It was here, its lifetime is over, and it was served all the same. */
    STALE("stale"),
    /** It was here, and upstream confirmed it for this request. */
    REVALIDATED("revalidated"),
    /** It came with a fetch that another request had begun. */
    COALESCED("coalesced");

    private final String token;

    PageOutcome(String token) {
        this.token = token;
    }

    /** As in {@code X-Cache} and in metrics. */
    public String token() {
        return token;
    }
}
