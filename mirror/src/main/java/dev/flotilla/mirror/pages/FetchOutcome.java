package dev.flotilla.mirror.pages;

/** How fetches of pages end, for counting. */
public enum FetchOutcome {
    FETCHED("fetched"),
    NOT_MODIFIED("not-modified"),
    ABSENT("absent"),
    FAILED("failed"),
    /** No upstream was asked, since all of them are known to be out of order. */
    NOT_ASKED("not-asked"),
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
