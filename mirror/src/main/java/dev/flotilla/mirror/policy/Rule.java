package dev.flotilla.mirror.policy;

/** Why a file isn't shown. */
public enum Rule {
    /** The project is in quarantine (PEP 792). */
    QUARANTINE("quarantine", "upstream has the project in quarantine (PEP 792)"),
    /** The file is larger than {@code policy.largest-file}. */
    FILE_SIZE("largest-file", "the file is larger than policy.largest-file allows"),
    /** The project's files are together larger than {@code policy.largest-project}. */
    PROJECT_SIZE("largest-project", "the files of the project are together larger than policy.largest-project allows"),
    /** The file is younger than the cool-down. */
    TOO_YOUNG("cooldown", "the file is younger than the cool-down of the view, or than policy.cooldown"),
    /** The file came after the date of the view. */
    AFTER_DATE("asof", "the file came after the date of the view"),
    /** Nobody says when the file came, and there is a rule about that. */
    UNKNOWN_TIME(
            "upload-time-missing",
            "upstream doesn't say when the file came, and the view or policy.cooldown asks for its age");

    private final String token;
    private final String meaning;

    Rule(String token, String meaning) {
        this.token = token;
        this.meaning = meaning;
    }

    /** What it says, for people. */
    public String meaning() {
        return meaning;
    }

    /** As in explanations. */
    public String token() {
        return token;
    }
}
