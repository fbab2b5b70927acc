package dev.flotilla.tests;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The processes of this machine, read from {@code /proc}. */
final class Processes {
    private Processes() {}

    /** The command lines of living processes (zombies have none) that contain {@code text}. */
    static List<String> naming(String text) {
        try (var entries = Files.list(Path.of("/proc"))) {
            return entries.filter(
                            entry -> entry.getFileName().toString().chars().allMatch(Character::isDigit))
                    .flatMap(entry -> commandLine(entry).stream())
                    .filter(line -> line.contains(text))
                    .toList();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private static Optional<String> commandLine(Path process) {
        try {
            return Optional.of(Files.readString(process.resolve("cmdline"), StandardCharsets.ISO_8859_1)
                    .replace('\0', ' '));
        } catch (IOException ended) {
            return Optional.empty();
        }
    }
}
