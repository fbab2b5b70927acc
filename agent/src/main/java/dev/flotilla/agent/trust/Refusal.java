package dev.flotilla.agent.trust;

/** Why metadata are not trusted. */
public enum Refusal {
    /** No JSON, or not of the shape that the role needs. */
    MALFORMED("malformed"),
    /** Written by a version of the specification that this program does not know. */
    UNKNOWN_SPECIFICATION("unknown specification version"),
    /** Longer than the limit for its kind, or than other metadata say it is: endless data. */
    TOO_LARGE("too large"),
    /** No signature of any key that may sign for the role holds. */
    WRONG_SIGNATURE("wrong signature"),
    /** Some signatures hold, but of fewer different keys than the role demands. */
    THRESHOLD_NOT_MET("signature threshold not met"),
    /** Older than what has been trusted before, or without something that was there: a rollback. */
    OLDER_VERSION("older version"),
    /** Not of the version that other metadata say it is: parts of different releases, mixed. */
    MIXED_VERSIONS("mix of versions"),
    /** Not what other metadata say it is. */
    WRONG_DIGEST("wrong digest"),
    /** The same version as what has been trusted before, with other content. */
    SAME_VERSION_OTHER_CONTENT("same version with other content"),
    /** Its time is over: it is kept back, or the clock is wrong. */
    EXPIRED("expired"),
    /** It ends so far ahead that this machine's clock must be behind. */
    CLOCK_BEHIND("clock behind"),
    /** Made for another fleet. */
    WRONG_FLEET("wrong fleet"),
    /** Made for another bucket of the same fleet. */
    WRONG_BUCKET("wrong bucket"),
    /** Made for the same fleet with its names in another zone, or in none. */
    WRONG_ZONE("wrong zone");

    private final String words;

    Refusal(String words) {
        this.words = words;
    }

    /** The reason in words for people. */
    public String words() {
        return words;
    }
}
