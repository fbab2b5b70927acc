package dev.flotilla.clients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.flotilla.vocabulary.PlatformSlug;
import dev.flotilla.vocabulary.RegionName;
import groovy.lang.GroovyShell;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The files, read by the parsers of those that they are for. */
class ClientFilesTest {
    private static final PlatformSlug DEBIAN = new PlatformSlug("debian", "12", "x86_64");
    private static final RegionDescription EAST = new RegionDescription(
            new RegionName("east"),
            Optional.of(HostName.parse("East.mirror.example.org")),
            Optional.of(HostName.parse("mirror.example.org")),
            OptionalInt.of(8080),
            OptionalInt.of(443),
            List.of(DEBIAN),
            Optional.empty());

    @TempDir
    private Path folder;

    private static ClientFiles files(boolean encrypted, Index index) {
        return new ClientFiles(
                EAST.base(RegionDescription.Scope.REGION, encrypted).orElseThrow(), index, EAST);
    }

    /** The same where versions are held. */
    private static ClientFiles constrained(String file) {
        var region = new RegionDescription(
                EAST.region(),
                EAST.name(),
                EAST.globalName(),
                EAST.port(),
                EAST.encryptedPort(),
                EAST.platforms(),
                Optional.of(new Constraints(file)));
        return new ClientFiles(
                region.base(RegionDescription.Scope.REGION, true).orElseThrow(), new Index.Plain(), region);
    }

    private String parsed(String program, String text) throws Exception {
        Path file = Files.writeString(folder.resolve("file"), text);
        return Program.said(
                        folder,
                        "/usr/bin/python3",
                        "-c",
                        "import sys, json\nf = open(sys.argv[1])\n" + program,
                        file.toString())
                .strip();
    }

    @Test
    void aParserOfJsonReadsTheDescription() throws Exception {
        var asked = new Base(false, Authority.parse("192.0.2.1:8080").orElseThrow());
        assertThat(parsed(
                        "d = json.load(f); print(json.dumps([d['format'], d['region'], d['addresses'], d['platforms']]))",
                        EAST.json(asked)))
                .isEqualTo("[1, \"east\", [{\"scope\": \"region\", \"http\": \"http://east.mirror.example.org:8080\","
                        + " \"trusted-host\": \"east.mirror.example.org\", \"https\": \"https://east.mirror.example.org\"},"
                        + " {\"scope\": \"global\", \"http\": \"http://mirror.example.org:8080\","
                        + " \"trusted-host\": \"mirror.example.org\", \"https\": \"https://mirror.example.org\"}],"
                        + " [\"debian-12-x86_64\"]]");
        var alone = new RegionDescription(
                new RegionName("east"),
                Optional.empty(),
                Optional.empty(),
                OptionalInt.of(8080),
                OptionalInt.empty(),
                List.of(),
                Optional.empty());
        assertThat(parsed("print(json.dumps(json.load(f)['addresses']))", alone.json(asked)))
                .as("a mirror without a fleet tells of itself")
                .isEqualTo(
                        "[{\"scope\": \"node\", \"http\": \"http://192.0.2.1:8080\", \"trusted-host\": \"192.0.2.1\"}]");
    }

    @Test
    void aHostIsTrustedOnlyWhereItIsPlainHttp() {
        for (ClientFile file : ClientFile.values()) {
            assertThat(files(true, new Index.Plain()).text(file))
                    .as(file.fileName())
                    .doesNotContainIgnoringCase("trusted")
                    .doesNotContain("http://");
        }
        assertThat(files(false, new Index.Plain()).text(ClientFile.PIP)).isEqualTo("""
                [global]
                index-url = http://east.mirror.example.org:8080/simple/
                trusted-host = east.mirror.example.org
                """);
    }

    @Test
    void everyIndexHasItsPath() {
        assertThat(files(true, new Index.Overlay(DEBIAN)).text(ClientFile.UV))
                .contains("\"https://east.mirror.example.org/overlay/debian-12-x86_64/simple/\"");
        assertThat(files(true, new Index.Cooldown(7)).text(ClientFile.UV))
                .contains("\"https://east.mirror.example.org/cooldown/7d/simple/\"");
    }

    @Test
    void aParserOfTomlReadsWhatIsToml() throws Exception {
        String url = "http://east.mirror.example.org:8080/simple/";
        String read = "import tomllib; d = tomllib.loads(f.read()); ";
        var files = files(false, new Index.Plain());
        assertThat(parsed(read + "print(d['index'])", files.text(ClientFile.UV)))
                .isEqualTo("[{'url': '" + url + "', 'default': True}]");
        assertThat(parsed(read + "print(d['tool']['poetry']['source'][0]['url'])", files.text(ClientFile.POETRY)))
                .isEqualTo(url);
        assertThat(parsed(read + "print(d['tool']['pdm']['source'][0])", files.text(ClientFile.PDM)))
                .isEqualTo("{'name': 'pypi', 'url': '" + url + "', 'verify_ssl': False}");
    }

    @Test
    void aParserOfYamlReadsWhatIsYaml() throws Exception {
        String url = "http://east.mirror.example.org:8080/simple/";
        var files = files(false, new Index.Plain());
        assertThat(parsed(
                        "import yaml; d = yaml.safe_load(f); print(d['env']['PIP_INDEX_URL'], 'test' in d['jobs'])",
                        files.text(ClientFile.GITHUB)))
                .isEqualTo(url + " True");
        assertThat(parsed(
                        "import yaml; d = yaml.safe_load(f); print(d['variables']['PIP_TRUSTED_HOST'], d['test'])",
                        files.text(ClientFile.GITLAB)))
                .isEqualTo("east.mirror.example.org {'script': ['pip install --requirement requirements.txt']}");
        assertThat(parsed(
                        "import yaml; d = yaml.safe_load(f); print(d['pypi_mirror'], d['mirror_info']['wheel'])",
                        files.text(ClientFile.ZUUL)))
                .isEqualTo(url + " {'url': 'http://east.mirror.example.org:8080/wheel'}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"dash", "bash"})
    void aShellThatSourcesTheEnvironmentHasIt(String shell) throws Exception {
        Path file = Files.writeString(
                folder.resolve("environment.sh"),
                files(false, new Index.Plain()).text(ClientFile.ENVIRONMENT));
        assertThat(Program.said(
                        folder,
                        shell,
                        "-euc",
                        ". \"$0\"; sh -c 'echo \"$PIP_INDEX_URL $PIP_TRUSTED_HOST $UV_DEFAULT_INDEX\"'",
                        file.toString()))
                .isEqualTo("http://east.mirror.example.org:8080/simple/ east.mirror.example.org"
                        + " http://east.mirror.example.org:8080/simple/\n");
    }

    @Test
    void whatHoldsVersionsIsInEveryFileWhoseReaderHasAPlaceForIt() throws Exception {
        String address = "https://example.org/upper-constraints.txt?of='2025'&$HOME";
        var files = constrained(address);
        assertThat(files.text(ClientFile.PIP)).endsWith("constraint = " + address + "\n");
        Path script = Files.writeString(folder.resolve("environment.sh"), files.text(ClientFile.ENVIRONMENT));
        assertThat(Program.said(
                        folder, "dash", "-euc", ". \"$0\"; echo \"$PIP_CONSTRAINT $UV_CONSTRAINT\"", script.toString()))
                .isEqualTo(address + " " + address + "\n");
        String yaml =
                "import yaml; d = yaml.safe_load(f); d = d.get('env') or d['variables']; print(d['PIP_CONSTRAINT'], d['UV_CONSTRAINT'])";
        for (ClientFile file : List.of(ClientFile.GITHUB, ClientFile.GITLAB)) {
            assertThat(parsed(yaml, files.text(file))).isEqualTo(address + " " + address);
        }
        assertThat(new GroovyShell().evaluate(PIPELINE.replace("@pipeline@", files.text(ClientFile.JENKINS))))
                .asInstanceOf(InstanceOfAssertFactories.MAP)
                .containsEntry("PIP_CONSTRAINT", address);
        assertThat(parsed("print(json.load(f)['constraints'])", files.region().json(files.base())))
                .isEqualTo(address);
        assertThat(files(true, new Index.Plain()).region().json(files.base())).doesNotContain("constraints");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "upper-constraints.txt",
                "ftp://example.org/c.txt",
                "https://",
                "/etc/two files",
                "/etc/c\n[x]",
                "file:///etc/c"
            })
    void whatIsNoFileOfConstraintsIsRefused(String text) {
        assertThatThrownBy(() -> new Constraints(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("https://example.org/upper-constraints.txt");
    }

    /** Blocks and steps of a pipeline, as Jenkins has them: what is set in one is remembered. */
    private static final String PIPELINE = """
            class Block {
                Map seen = [:]
                def propertyMissing(String name) { name }
                def propertyMissing(String name, value) { seen[name] = value }
                def methodMissing(String name, given) {
                    def last = given[-1]
                    if (last instanceof Closure) {
                        last.delegate = this
                        last.resolveStrategy = Closure.DELEGATE_FIRST
                        last()
                    } else {
                        seen[name] = last
                    }
                }
            }
            def block = new Block()
            block.with {
            @pipeline@
            }
            return block.seen
            """;

    @Test
    void groovyReadsWhatIsForJenkins() {
        String url = "http://east.mirror.example.org:8080/simple/";
        assertThat(new GroovyShell()
                        .evaluate(PIPELINE.replace(
                                "@pipeline@", files(false, new Index.Plain()).text(ClientFile.JENKINS))))
                .isEqualTo(Map.of(
                        "agent", "any",
                        "PIP_INDEX_URL", url,
                        "UV_DEFAULT_INDEX", url,
                        "PIP_TRUSTED_HOST", "east.mirror.example.org",
                        "sh", "pip install --requirement requirements.txt"));
        for (String value : List.of("it's", "$HOME ${1 + 1} \\", "\"", "// /* \\u0041", "'''")) {
            assertThat(new GroovyShell().evaluate("return " + Quoted.groovy(value)))
                    .isEqualTo(value);
        }
    }

    /** By the Dockerfile reference: instructions with their lines joined, a stage that is named before it is copied from, and a shell that reads what is run. */
    @Test
    void theDockerfileCopiesFromItsOwnStageAndAShellReadsWhatIsRun() throws Exception {
        String text = files(false, new Index.Plain()).text(ClientFile.DOCKER);
        assertThat(text).startsWith("# syntax=docker/dockerfile:1\n");
        List<String> instructions = text.replaceAll("(?m)^#.*\n", "")
                .replaceAll(" \\\\\n *", " ")
                .lines()
                .filter(line -> !line.isBlank())
                .toList();
        assertThat(instructions).allMatch(line -> line.matches("(FROM|COPY|RUN|ENV) .+"));
        assertThat(instructions)
                .containsSubsequence(
                        "FROM python:3-slim AS build", "FROM python:3-slim", "COPY --from=build /opt/venv /opt/venv");
        String run = instructions.stream()
                .filter(line -> line.startsWith("RUN "))
                .findFirst()
                .orElseThrow();
        assertThat(run)
                .contains("--mount=type=secret,id=pip.conf,target=/etc/pip.conf,required=true", "--mount=type=cache,");
        assertThat(text).contains("docker build --secret id=pip.conf,src=");
        assertThat(Program.said(folder, "dash", "-nc", run.replaceAll("^RUN |--mount=\\S+ ", "")))
                .isEmpty();
    }
}
