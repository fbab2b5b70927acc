package dev.flotilla.settings;

/**
 * One thing that is wrong with a configuration.
 *
 * @param where the file as the user named it, with the line where one is known: {@code fleet.conf:12}
 * @param key the full path of the key, or empty where the file as a whole is meant
 * @param message what is wrong and what to write instead
 */
public record Problem(String where, String key, String message) {
    @Override
    public String toString() {
        return key.isEmpty() ? where + ": " + message : where + ": " + key + ": " + message;
    }
}
