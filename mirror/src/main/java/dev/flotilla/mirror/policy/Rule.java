package dev.flotilla.mirror.policy;

/** Why a file isn't shown. */
public enum Rule {
    /** The project is in quarantine (PEP 792). */
    QUARANTINE("quarantine"),
    /** The file is larger than {@code policy.largest-file}. */
    FILE_SIZE("largest-file"),
    /** The project's files are together larger than {@code policy.largest-project}. */
    PROJECT_SIZE("largest-project"),
    /** The file is younger than the cool-down. */
    TOO_YOUNG("cooldown"),
    /** The file came after the date of the view. */
    AFTER_DATE("asof"),
    /** Nobody says when the file came, and there is a rule about that. */
    UNKNOWN_TIME("upload-time-missing");

    private final String token;

    Rule(String token) {
        this.token = token;
    }

    /** As in explanations. */
    public String token() {
        return token;
    }
}
