package dev.flotilla.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The real Ansible makes a folder of this machine a worker of a mirror. */
@Tag("real")
class CiWorkerRoleTest {
    private static final Path REPOSITORY = Path.of("..").toAbsolutePath().normalize();

    @TempDir
    private Path folder;

    private record Outcome(int code, String output) {}

    @BeforeEach
    void install() throws IOException {
        Path collections = Files.createDirectories(folder.resolve("collections/ansible_collections/flotilla"));
        Files.createSymbolicLink(collections.resolve("ci"), REPOSITORY.resolve("ansible"));
    }

    private Outcome run(List<String> command) throws IOException, InterruptedException {
        Path output = Files.createTempFile(folder, "output", "");
        var builder = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        var environment = builder.environment();
        environment
                .keySet()
                .removeIf(name -> name.startsWith("PIP_") || name.endsWith("_proxy") || name.startsWith("ANSIBLE_"));
        environment.put("HOME", folder.toString());
        environment.put("LC_ALL", "C.UTF-8");
        environment.put(
                "ANSIBLE_COLLECTIONS_PATH", folder.resolve("collections").toString());
        environment.put("ANSIBLE_NOCOLOR", "1");
        environment.put("ANSIBLE_LOCALHOST_WARNING", "False");
        environment.put("XDG_CONFIG_DIRS", folder.resolve("root/etc/xdg").toString());
        environment.put("PIP_DISABLE_PIP_VERSION_CHECK", "1");
        var process = builder.start();
        if (!process.waitFor(2, TimeUnit.MINUTES)) {
            process.destroyForcibly().waitFor();
        }
        return new Outcome(process.exitValue(), Files.readString(output, StandardCharsets.UTF_8));
    }

    private Outcome play(String playbook, String... options) throws IOException, InterruptedException {
        Path file = Files.writeString(folder.resolve("playbook.yml"), playbook);
        var command = new ArrayList<>(List.of("ansible-playbook", "-i", "localhost,", "-c", "local", file.toString()));
        command.addAll(List.of(options));
        return run(command);
    }

    private Outcome role(RunningMirror mirror, String... options) throws IOException, InterruptedException {
        return play("""
                - hosts: localhost
                  gather_facts: false
                  roles:
                    - role: flotilla.ci.ci_worker
                      ci_worker_mirror: "%s"
                      ci_worker_root: "%s"
                """.formatted(mirror.url(""), folder.resolve("root")), options);
    }

    private static void assertChanges(Outcome outcome, String changed) {
        assertThat(outcome.code()).as(outcome.output()).isZero();
        assertThat(outcome.output()).containsPattern("changed=" + changed + " .*unreachable=0 .*failed=0");
    }

    @Test
    void theVectorsHoldInAnsible() throws Exception {
        Path vectors = REPOSITORY.resolve("docs/reference/platform-slugs.tsv");
        assertChanges(play("""
                - hosts: localhost
                  gather_facts: false
                  tasks:
                    - ansible.builtin.copy:
                        dest: "%s"
                        mode: "0644"
                        content: |
                          {%% for line in lookup('file', '%s').splitlines()[1:] %%}
                          {%% set words = line.split('\\t') %%}
                          {{ words[0] | flotilla.ci.platform_slug_or_none(words[1], words[2]) or '-' }}
                          {%% endfor %%}
                """.formatted(folder.resolve("slugs"), vectors)), "1");
        assertThat(Files.readString(folder.resolve("slugs")))
                .isEqualTo(Files.readAllLines(vectors).stream()
                        .skip(1)
                        .map(line -> line.split("\t", -1)[3] + "\n")
                        .collect(Collectors.joining()));
    }

    @Test
    void aWorkerIsConfiguredOnceAndLeftAsItWas() throws Exception {
        Path pip = folder.resolve("root/etc/xdg/pip/pip.conf");
        Path uv = folder.resolve("root/etc/uv/uv.toml");
        Path info = folder.resolve("root/etc/ci/mirror_info.sh");
        Files.createDirectories(uv.getParent());
        Files.writeString(uv, "offline = false\n");
        try (var upstream = SampleUpstream.json();
                var mirror = RunningMirror.start(upstream, folder.resolve("store"), new MovableClock(), "")) {
            assertChanges(role(mirror, "--check", "--diff"), "[1-9]");
            assertThat(pip).as("check mode only predicts").doesNotExist();

            Outcome first = role(mirror);
            assertChanges(first, "[1-9]");
            assertThat(first.output()).contains("uv.toml is somebody else's");
            assertThat(uv).hasContent("offline = false\n");
            assertThat(info)
                    .content()
                    .contains("NODEPOOL_PYPI_MIRROR", mirror.url("/simple/").toString());
            assertThat(run(List.of(MachinePython.executable().toString(), "-m", "pip", "config", "list"))
                            .output())
                    .contains("global.index-url='" + mirror.url("/simple/") + "'", "global.trusted-host='127.0.0.1'");

            assertChanges(role(mirror), "0");

            Outcome refused = role(mirror, "--extra-vars", "{ci_worker_cooldown_days: 9999, ci_worker_fallback: true}");
            assertThat(refused.code()).as("a mirror that says no is not away").isNotZero();
            assertThat(refused.output()).contains("400", "changed=0");
            assertThat(pip).exists();

            assertChanges(role(mirror, "--extra-vars", "{ci_worker_cooldown_days: 7}"), "[1-9]");
            assertThat(pip).content().contains("/cooldown/7d/simple/");

            assertChanges(role(mirror, "--extra-vars", "{ci_worker_state: absent}"), "1");
            assertThat(pip).doesNotExist();
            assertThat(info).doesNotExist();
            assertThat(uv).hasContent("offline = false\n");
        }
    }

    @Test
    void aMirrorThatIsAwayChangesNothingUnlessPyPiIsAllowed() throws Exception {
        Path pip = folder.resolve("root/etc/xdg/pip/pip.conf");
        try (var upstream = SampleUpstream.json()) {
            var mirror = RunningMirror.start(upstream, folder.resolve("store"), new MovableClock(), "");
            try {
                assertChanges(role(mirror), "[1-9]");
            } finally {
                mirror.close();
            }
            Outcome refused = role(mirror);
            assertThat(refused.code()).as(refused.output()).isNotZero();
            assertThat(refused.output()).contains("ci_worker_fallback", "changed=0");
            assertThat(pip).exists();
            assertChanges(role(mirror, "--extra-vars", "{ci_worker_fallback: true}"), "1");
            assertThat(pip).doesNotExist();
        }
    }

    @Test
    void ansibleLintHasNothingToSay() throws Exception {
        Path collection = REPOSITORY.resolve("ansible");
        Outcome lint = run(List.of(
                "ansible-lint",
                "--offline",
                "--nocolor",
                "--profile",
                "production",
                "--project-dir",
                collection.toString(),
                collection.toString()));
        assertThat(lint.code()).as(lint.output()).isZero();
        for (String playbook : List.of("ci_workers.yml", "mirror_nodes.yml", "wheel_builders.yml")) {
            Outcome syntax = run(List.of(
                    "ansible-playbook",
                    "--syntax-check",
                    "-i",
                    collection.resolve("inventories/two-regions.yml").toString(),
                    collection.resolve("playbooks").resolve(playbook).toString()));
            assertThat(syntax.code()).as(syntax.output()).isZero();
        }
    }
}
