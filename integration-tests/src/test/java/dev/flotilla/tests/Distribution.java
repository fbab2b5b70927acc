package dev.flotilla.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Optional;

/**
 * What a machine of a test runs, and the Ansible that comes with it.
 *
 * @param root the files that the machine begins with; absent: this machine's
 * @param ansible the folder with Ansible's modules; absent: this machine's
 */
record Distribution(Optional<Path> root, Optional<Path> ansible) {
    /** The one that the tests themselves run on. */
    static final Distribution OWN = new Distribution(Optional.empty(), Optional.empty());

    /** Debian 13, which {@code .ci/debian-13} has made, with an Ansible whose templates are stricter than Debian 12's. */
    static Distribution debian13() {
        String made = System.getenv("FLOTILLA_DEBIAN_13");
        assertThat(made)
                .as("FLOTILLA_DEBIAN_13 names a folder that .ci/debian-13 has filled")
                .isNotNull();
        return new Distribution(Optional.of(Path.of(made, "root")), Optional.of(Path.of(made, "ansible")));
    }
}
