package dev.flotilla.controller.machine;

import java.util.List;
import java.util.stream.Collectors;

/**
 * A command in words, as {@code execve} takes it: what is in a word is never split, expanded or run.
 *
 * @param words the program, and what it is given; at least one
 */
public record MachineCommand(List<String> words) {
    public MachineCommand {
        words = List.copyOf(words);
        if (words.isEmpty() || words.getFirst().isEmpty()) {
            throw new IllegalArgumentException("a command needs a program");
        }
        if (words.stream().anyMatch(word -> word.indexOf('\0') >= 0)) {
            throw new IllegalArgumentException("a word of a command can't hold a NUL");
        }
    }

    public static MachineCommand of(String... words) {
        return new MachineCommand(List.of(words));
    }

    /** One line that a POSIX shell (IEEE Std 1003.1, section 2.2.2) reads as just these words. */
    public String quoted() {
        return words.stream().map(MachineCommand::quoted).collect(Collectors.joining(" "));
    }

    /** {@code word} as a POSIX shell has to see it. */
    public static String quoted(String word) {
        return "'" + word.replace("'", "'\\''") + "'";
    }
}
