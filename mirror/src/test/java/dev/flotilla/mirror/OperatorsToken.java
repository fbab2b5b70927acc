package dev.flotilla.mirror;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/** A file with the token of operators. */
final class OperatorsToken {
    private final Path file;
    private String text = "";

    private OperatorsToken(Path file) {
        this.file = file;
    }

    static OperatorsToken in(Path folder) {
        var token = new OperatorsToken(folder.resolve("purge-token"));
        token.change("a-token-of-operators");
        return token;
    }

    /** Puts another one into the file. */
    void change(String other) {
        text = other;
        try {
            Files.writeString(file, other + "\n");
            permit("rw-r-----");
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }

    void permit(String permissions) throws IOException {
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
    }

    Path file() {
        return file;
    }

    /** What a configuration says of it. */
    String setting() {
        return "operations.purge-token-file = \"" + file + "\"\n";
    }

    /** What a request says of it. */
    String[] field() {
        return new String[] {"Authorization", "Bearer " + text};
    }
}
