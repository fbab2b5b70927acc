package dev.flotilla.clients;

import dev.flotilla.vocabulary.PlatformSlug;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Writes the files by which clients use a mirror.
 *
 * @param base where they reach it
 * @param index which of its indexes they use
 * @param platforms for which the region has wheels
 */
public record ClientFiles(Base base, Index index, List<PlatformSlug> platforms) {
    private static final String SLUG_FUNCTION = resource("platform-slug.sh");
    private static final String SCRIPT = resource("client.sh");
    private static final String MIRROR_INFO = resource("mirror_info.sh");
    private static final String DOCKERFILE = resource("Dockerfile");

    public ClientFiles {
        platforms = List.copyOf(platforms);
    }

    /**
     * The file's text; the same for the same values.
     *
     * @throws IllegalArgumentException where {@code index} is asked for in a file that leads to none
     */
    public String text(ClientFile file) {
        if (!file.hasIndex() && !(index instanceof Index.Plain)) {
            throw new IllegalArgumentException(
                    file.fileName() + " names no index: ask for pip.conf, or another file that does");
        }
        String url = base + index.path();
        return switch (file) {
            case PIP -> pip(url);
            case UV -> "[[index]]\nurl = " + Quoted.toml(url) + "\ndefault = true\n";
            case ENVIRONMENT -> environment(url);
            case MIRROR_INFO ->
                MIRROR_INFO
                        .replace("@host@", Quoted.shell(base.authority().host()))
                        .replace("@base@", Quoted.shell(base.toString()))
                        .replace("@index@", Quoted.shell(url))
                        .replace("@slug-function@", SLUG_FUNCTION);
            case SCRIPT ->
                SCRIPT.replace("@base@", Quoted.shell(base.toString()))
                        .replace(
                                "@platforms@",
                                Quoted.shell(String.join(
                                        " ",
                                        platforms.stream()
                                                .map(PlatformSlug::toString)
                                                .toList())))
                        .replace("@slug-function@", SLUG_FUNCTION);
            case POETRY -> """
                [[tool.poetry.source]]
                name = "mirror"
                url = %s
                priority = "primary"
                """.formatted(Quoted.toml(url));
            case PDM -> """
                [[tool.pdm.source]]
                name = "pypi"
                url = %s
                verify_ssl = %s
                """.formatted(Quoted.toml(url), base.encrypted());
            case DOCKER -> DOCKERFILE;
            case GITHUB -> """
                on: [push]
                env:
                %sjobs:
                  test:
                    runs-on: self-hosted
                    steps:
                      - uses: actions/checkout@v4
                      - run: pip install --requirement requirements.txt
                """.formatted(yaml("  ", url));
            case GITLAB -> """
                variables:
                %stest:
                  script:
                    - pip install --requirement requirements.txt
                """.formatted(yaml("  ", url));
            case JENKINS -> jenkins(url);
            case ZUUL -> """
                pypi_mirror: %s
                mirror_info:
                  pypi:
                    url: %s
                  wheel:
                    url: %s
                """.formatted(Quoted.json(url), Quoted.json(url), Quoted.json(base + "/wheel"));
        };
    }

    private String pip(String url) {
        String conf = "[global]\nindex-url = " + Quoted.pip(url) + "\n";
        return base.encrypted()
                ? conf
                : conf + "trusted-host = " + Quoted.pip(base.authority().host()) + "\n";
    }

    private String environment(String url) {
        var text = new StringBuilder();
        export(text, "PIP_INDEX_URL", url);
        if (!base.encrypted()) {
            export(text, "PIP_TRUSTED_HOST", base.authority().host());
        }
        // UV_INDEX_URL is for uv before 0.4.23.
        export(text, "UV_DEFAULT_INDEX", url);
        export(text, "UV_INDEX_URL", url);
        export(text, "PDM_PYPI_URL", url);
        return text.toString();
    }

    private static void export(StringBuilder text, String name, String value) {
        text.append("export ")
                .append(name)
                .append('=')
                .append(Quoted.shell(value))
                .append('\n');
    }

    private String yaml(String indent, String url) {
        String index = indent + "PIP_INDEX_URL: " + Quoted.json(url) + "\n" + indent + "UV_DEFAULT_INDEX: "
                + Quoted.json(url) + "\n";
        return base.encrypted()
                ? index
                : index + indent + "PIP_TRUSTED_HOST: "
                        + Quoted.json(base.authority().host()) + "\n";
    }

    private String jenkins(String url) {
        String trusted = base.encrypted()
                ? ""
                : "        PIP_TRUSTED_HOST = " + Quoted.groovy(base.authority().host()) + "\n";
        return """
                pipeline {
                    agent any
                    environment {
                        PIP_INDEX_URL = %s
                        UV_DEFAULT_INDEX = %s
                %s    }
                    stages {
                        stage('test') {
                            steps {
                                sh 'pip install --requirement requirements.txt'
                            }
                        }
                    }
                }
                """.formatted(Quoted.groovy(url), Quoted.groovy(url), trusted);
    }

    private static String resource(String name) {
        try (InputStream stream = ClientFiles.class.getResourceAsStream(name)) {
            if (stream == null) {
                throw new IllegalStateException("the archive lacks " + name);
            }
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException unreadable) {
            throw new UncheckedIOException("reading " + name, unreadable);
        }
    }
}
