package dev.flotilla.settings;

/**
 * A setting that has been looked up. Its value is there once the whole file has proved to be without problems, which is
 * when {@link Settings#build} runs its builder.
 */
@FunctionalInterface
public interface Setting<T> {
    T get();
}
