package dev.flotilla.controller.dns;

/** One step of a change batch. */
public sealed interface Change {
    RecordSet records();

    /** Fails the batch where the set exists. */
    record Create(RecordSet records) implements Change {}

    /**
     * Puts {@code records} in place of {@code before}, which has the same key.
     *
     * @param before what stands there now
     */
    record Replace(RecordSet before, RecordSet records) implements Change {}

    /** Fails the batch where the set isn't exactly as given. */
    record Delete(RecordSet records) implements Change {}

    /** One line for people, led by {@code +}, {@code ~} or {@code -}. */
    default String line() {
        return switch (this) {
            case Create create -> "+ " + create.records();
            case Replace replace -> "~ " + replace.records();
            case Delete delete -> "- " + delete.records();
        };
    }
}
