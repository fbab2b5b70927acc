package dev.flotilla.clients;

import java.util.Arrays;
import java.util.Optional;

/** A file that makes a client use a mirror, or shows how. */
public enum ClientFile {
    PIP("pip.conf", "for pip: /etc/pip.conf, ~/.config/pip/pip.conf"),
    UV("uv.toml", "for uv: /etc/uv/uv.toml, ~/.config/uv/uv.toml"),
    ENVIRONMENT("environment.sh", "the same as variables, for a POSIX shell to source"),
    MIRROR_INFO("mirror_info.sh", "OpenDev's /etc/ci/mirror_info.sh, for jobs that source it"),
    SCRIPT("client.sh", "a script that finds out the platform it runs on, and fetches a file for it"),
    POETRY("poetry-pyproject.toml", "for a project of Poetry: part of its pyproject.toml"),
    PDM("pdm-pyproject.toml", "for a project of PDM: part of its pyproject.toml"),
    DOCKER("Dockerfile", "an image whose build installs through the mirror, and that knows nothing of it"),
    GITHUB("github-actions.yml", "a workflow of GitHub Actions"),
    GITLAB("gitlab-ci.yml", "a pipeline of GitLab CI"),
    JENKINS("Jenkinsfile", "a pipeline of Jenkins"),
    ZUUL(
            "zuul.yml",
            "variables for jobs of Zuul: pypi_mirror and mirror_info, and nothing that leads other packages here");

    private final String fileName;
    private final String purpose;

    ClientFile(String fileName, String purpose) {
        this.fileName = fileName;
        this.purpose = purpose;
    }

    /** What it is called in addresses and on the command line. */
    public String fileName() {
        return fileName;
    }

    /** Whether an index stands in it. */
    public boolean hasIndex() {
        return this != SCRIPT && this != DOCKER;
    }

    /** What it is for, in some words. */
    public String purpose() {
        return purpose;
    }

    /** The one that is called so. */
    public static Optional<ClientFile> named(String fileName) {
        return Arrays.stream(values())
                .filter(file -> file.fileName.equals(fileName))
                .findFirst();
    }
}
