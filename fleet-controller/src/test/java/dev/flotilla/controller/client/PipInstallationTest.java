package dev.flotilla.controller.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is told of an installation, by programs that say what pip, and what stands before it, say. */
class PipInstallationTest {
    @TempDir
    Path folder;

    private Pip.Installed install(String script) throws Exception {
        Path program = Files.writeString(folder.resolve("pip"), "#!/bin/sh\n" + script);
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
        return new Pip(program, URI.create("http://127.0.0.1:9/simple/"), "a", Optional.empty(), Duration.ofMinutes(1))
                .install();
    }

    @Test
    void pipsOwnErrorIsTold() throws Exception {
        assertThat(install("echo Looking; echo 'ERROR: No matching distribution found for a'; echo more; exit 1"))
                .isEqualTo(new Pip.Installed(false, false, "ERROR: No matching distribution found for a"));
    }

    @Test
    void whatStandsBeforePipIsToldByItsLastWords() throws Exception {
        assertThat(install("echo waiting; echo 'shim: no lock could be had' >&2; echo; exit 1"))
                .isEqualTo(new Pip.Installed(false, false, "exit code 1: shim: no lock could be had"));
        assertThat(install("exit 3")).isEqualTo(new Pip.Installed(false, false, "exit code 3"));
    }

    @Test
    void anInstallationThatWasTriedAgainSaysWhy() throws Exception {
        assertThat(install("echo 'WARNING: Retrying (Retry(total=4)) after connection broken'"))
                .isEqualTo(new Pip.Installed(true, true, "WARNING: Retrying (Retry(total=4)) after connection broken"));
        assertThat(install("echo done")).isEqualTo(new Pip.Installed(true, false, ""));
    }
}
