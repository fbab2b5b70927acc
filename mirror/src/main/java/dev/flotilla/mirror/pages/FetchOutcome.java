package dev.flotilla.mirror.pages;

/** How fetches of pages end, for counting. */
public enum FetchOutcome {
    FETCHED("fetched"),
    NOT_MODIFIED("not-modified"),
    ABSENT("absent"),
    FAILED("failed"),
    UNREADABLE("unreadable"),
    OLDER_SERIAL("older-serial");

    private final String token;

    FetchOutcome(String token) {
        this.token = token;
    }

    /** As in metrics. */
    public String token() {
        return token;
    }
}
