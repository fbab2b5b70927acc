package dev.flotilla.mirror;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/**
 * The python3 of this machine itself. What stands first on the path may be a script of a version manager, which does things of its own
 * after an installation and fails where another one was killed in the midst of them.
 */
final class MachinePython {
    private MachinePython() {}

    static Path executable() throws IOException, InterruptedException {
        var process = new ProcessBuilder(List.of("python3", "-c", "import sys; print(sys.executable)"))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        if (process.waitFor() != 0 || said.isEmpty()) {
            throw new IOException("there is no python3 that runs");
        }
        return Path.of(said);
    }
}
