package dev.flotilla.mirror.upstream;

/**
 * Validators of a page that is already here, and the upstream that gave them: another upstream is asked without.
 *
 * @param upstream the name of the index, as in {@link PageFetch.Fetched#upstream()}
 */
public record Conditions(Validators validators, String upstream) {}
