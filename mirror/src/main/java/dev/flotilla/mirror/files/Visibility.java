package dev.flotilla.mirror.files;

/** Whether a file is shown in a view of the index. */
public sealed interface Visibility {
    /** It is. */
    record Shown() implements Visibility {}

    /** It isn't: for clients of the view it doesn't exist. */
    record Hidden(String reason) implements Visibility {}

    /** Its project isn't served here. */
    record Forbidden(String reason) implements Visibility {}

    /** The page that would say so couldn't be had: the file isn't given out, and isn't said to be absent. */
    record Unknowable(String reason) implements Visibility {}
}
