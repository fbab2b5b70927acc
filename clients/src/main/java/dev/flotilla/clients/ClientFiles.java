package dev.flotilla.clients;

import dev.flotilla.vocabulary.PlatformSlug;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.SequencedMap;

/**
 * Writes the files by which clients use a mirror.
 *
 * @param base where they reach it
 * @param index which of its indexes they use
 * @param region whose mirrors they are
 */
public record ClientFiles(Base base, Index index, RegionDescription region) {
    private static final String SLUG_FUNCTION = resource("platform-slug.sh");
    private static final String SCRIPT = resource("client.sh");
    private static final String MIRROR_INFO = resource("mirror_info.sh");
    private static final String DOCKERFILE = resource("Dockerfile");

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
                                        region.platforms().stream()
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
        var conf = new StringBuilder("[global]\nindex-url = " + Quoted.pip(url) + "\n");
        if (!base.encrypted()) {
            conf.append("trusted-host = ")
                    .append(Quoted.pip(base.authority().host()))
                    .append('\n');
        }
        region.constraints()
                .ifPresent(file -> conf.append("constraint = ")
                        .append(Quoted.pip(file.value()))
                        .append('\n'));
        return conf.toString();
    }

    private String environment(String url) {
        var text = new StringBuilder();
        variables(url).forEach((name, value) -> export(text, name, value));
        // UV_INDEX_URL is for uv before 0.4.23.
        export(text, "UV_INDEX_URL", url);
        export(text, "PDM_PYPI_URL", url);
        return text.toString();
    }

    /** By which pip and uv use the mirror. */
    private SequencedMap<String, String> variables(String url) {
        var variables = new LinkedHashMap<String, String>();
        variables.put("PIP_INDEX_URL", url);
        if (!base.encrypted()) {
            variables.put("PIP_TRUSTED_HOST", base.authority().host());
        }
        variables.put("UV_DEFAULT_INDEX", url);
        region.constraints().ifPresent(file -> {
            variables.put("PIP_CONSTRAINT", file.value());
            variables.put("UV_CONSTRAINT", file.value());
        });
        return variables;
    }

    private static void export(StringBuilder text, String name, String value) {
        text.append("export ")
                .append(name)
                .append('=')
                .append(Quoted.shell(value))
                .append('\n');
    }

    private String yaml(String indent, String url) {
        var text = new StringBuilder();
        variables(url)
                .forEach((name, value) -> text.append(indent)
                        .append(name)
                        .append(": ")
                        .append(Quoted.json(value))
                        .append('\n'));
        return text.toString();
    }

    private String jenkins(String url) {
        var variables = new StringBuilder();
        variables(url)
                .forEach((name, value) -> variables
                        .append("        ")
                        .append(name)
                        .append(" = ")
                        .append(Quoted.groovy(value))
                        .append('\n'));
        return """
                pipeline {
                    agent any
                    environment {
                %s    }
                    stages {
                        stage('test') {
                            steps {
                                sh 'pip install --requirement requirements.txt'
                            }
                        }
                    }
                }
                """.formatted(variables);
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
