package dev.flotilla.controller.wheels.build;

import dev.flotilla.vocabulary.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/** Programs of ours that run on builders: they lie beside this class. */
enum Script {
    /** Shell: says what a machine is and has. */
    LOOK("look.sh"),
    /** Python, outside the sandbox: begins it, watches it, ends it. */
    OVERSEER("overseer.py"),
    /** Python, inside: unpacks, calls hooks, hands out the wheel. */
    INSIDE("inside.py");

    private final String file;

    Script(String file) {
        this.file = file;
    }

    byte[] content() {
        try (InputStream in = Script.class.getResourceAsStream(file)) {
            if (in == null) {
                throw new IllegalStateException(file + " was not packed");
            }
            return in.readAllBytes();
        } catch (IOException damaged) {
            throw new UncheckedIOException(damaged);
        }
    }

    String file() {
        return file;
    }

    Sha256 digest() {
        return Sha256.of(content());
    }
}
