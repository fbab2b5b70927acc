package dev.flotilla.controller.local;

import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** What comes with the controller in its archive: the other programs and the sample index. */
record Installation(Path home) {
    /**
     * @param property the value of the system property {@code flotilla.home}, which the start script sets
     * @throws CannotStartException if something is missing
     */
    static Installation at(@Nullable String property) throws CannotStartException {
        if (property == null) {
            throw new CannotStartException("flotilla has to be started by its script, bin/flotilla of its archive or"
                    + " ./flotilla of a clone, since it brings the other programs with it");
        }
        var installation = new Installation(Path.of(property).toAbsolutePath().normalize());
        for (Path part :
                new Path[] {installation.agentArchive(), installation.mirrorArchive(), installation.sample()}) {
            if (!Files.exists(part)) {
                throw new CannotStartException(part + " is missing: this installation is not whole. Unpack its archive"
                        + " again, or build it again (mvn -DskipTests package)");
            }
        }
        return installation;
    }

    Path agentArchive() {
        return home.resolve("programs").resolve("flotilla-agent.tar.gz");
    }

    Path mirrorArchive() {
        return home.resolve("programs").resolve("flotilla-mirror.tar.gz");
    }

    /** The folder of the sample index, with {@code simple/} and {@code packages/}. */
    Path sample() {
        return home.resolve("sample");
    }
}
