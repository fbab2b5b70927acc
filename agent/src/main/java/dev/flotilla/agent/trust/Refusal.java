package dev.flotilla.agent.trust;

/** Why metadata are not trusted. */
public enum Refusal {
    /** No JSON, or not of the shape that the role needs. */
    MALFORMED("malformed"),
    /** Larger than the limit for its kind. */
    TOO_LARGE("too large"),
    /** No signature of any key that may sign for the role holds. */
    WRONG_SIGNATURE("wrong signature"),
    /** Some signatures hold, but of fewer different keys than the role demands. */
    THRESHOLD_NOT_MET("signature threshold not met"),
    /** Older than what has been trusted before: a rollback. */
    OLDER_VERSION("older version"),
    /** The same version as what has been trusted before, with other content. */
    SAME_VERSION_OTHER_CONTENT("same version with other content"),
    /** Its time is over. */
    EXPIRED("expired"),
    /** Made for another fleet. */
    WRONG_FLEET("wrong fleet");

    private final String words;

    Refusal(String words) {
        this.words = words;
    }

    /** The reason in words for people. */
    public String words() {
        return words;
    }
}
