package dev.flotilla.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.flotilla.testing.TestAuthority;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The role {@code ci_worker}: the real Ansible comes by SSH to two workers, which have disks and processes of their own, and they install through a packed
 * mirror. One of them uses the region's name by HTTP, the other one the fleet's name by HTTPS and the index with wheels.
 */
@Tag("real")
class CiWorkerIT {
    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final String MIRROR = "10.77.0.1";
    private static final String REGION = "http://east.mirror.example.org:8080";
    private static final String PIP = "/root/venv/bin/python";

    /** Two lists of trusted hosts, either of which would take the place of the role's, and no end of its last line. */
    private static final String ADMINISTRATORS = """
            # for all jobs
            [global]
            timeout = 40
            trusted-host = internal.example
                # this one, too
                other.example

            [install]
            Trusted_Host: third.example""";

    private static final String BELIEVED = """
            [global]
            cert = /etc/ssl/certs/believed.pem
            trusted-host = internal.example
            """;

    @TempDir
    Path folder;

    private MachineNetwork network;
    private Ansible ansible;
    private BareMachine plain;
    private BareMachine encrypted;

    @Test
    void workersAreConfiguredOnceInstallThroughTheMirrorGoWithoutItAndAreLeftAsTheyWere() throws Exception {
        try (var own = MachineNetwork.start(folder)) {
            network = own;
            Path key = BareMachine.key(folder.resolve("id"));
            ansible = Ansible.on(network, Files.createDirectory(folder.resolve("ansible")), key);
            var authority = TestAuthority.in(folder, "believed");
            Process mirror = mirror(authority);
            try (var first = worker(switchedOff(1, key), ADMINISTRATORS);
                    var second = worker(switchedOff(2, key), BELIEVED)) {
                plain = first;
                encrypted = second;
                Files.copy(authority.certificate(), encrypted.file("/etc/ssl/certs/believed.pem"));
                String pip = "[" + PIP + ", -m, pip]";
                ansible.host("ci_workers", "plain", plain, Map.of("ci_worker_mirror", REGION, "ci_worker_pip", pip));
                ansible.host(
                        "ci_workers",
                        "encrypted",
                        encrypted,
                        Map.of(
                                "ci_worker_mirror", REGION,
                                "ci_worker_pip", pip,
                                "ci_worker_scope", "global",
                                "ci_worker_https", "true",
                                "ci_worker_fallback", "true"));
                mirrorServes(mirror);
                workersAreConfigured();
                theyInstallThroughTheMirror();
                shellsReadWhatJobsSource("debian-12");
                whatPipDoesNotGoByIsSaid();
                mirror.destroyForcibly().waitFor();
                withoutAMirrorAWorkerGoesToPyPiWhereThatIsAllowed();
                theyAreLeftAsTheyWere();
            } finally {
                mirror.destroyForcibly().waitFor();
            }
        }
        nothingIsLeft();
    }

    @Test
    @Tag("debian-13")
    void aWorkerOfAnotherDistributionIsConfiguredByItsOwnAnsible() throws Exception {
        Distribution other = Distribution.debian13();
        try (var own = MachineNetwork.start(folder)) {
            network = own;
            Path key = BareMachine.key(folder.resolve("id"));
            ansible = Ansible.on(network, Files.createDirectory(folder.resolve("ansible")), key)
                    .of(other);
            Process mirror = mirror(TestAuthority.in(folder, "believed"));
            try (var worker = worker(switchedOff(1, key).running(other), ADMINISTRATORS)) {
                plain = worker;
                ansible.host(
                        "ci_workers",
                        "plain",
                        plain,
                        Map.of("ci_worker_mirror", REGION, "ci_worker_pip", "[" + PIP + ", -m, pip]"));
                mirrorServes(mirror);
                isConfiguredOnceAsPredicted(List.of("plain"), List.of(plain));
                assertThat(pip(plain, "config", "list"))
                        .contains("global.index-url='" + REGION + "/overlay/debian-13-x86_64/simple/'");
                assertThat(pip(plain, "install", "provisioned")).contains("Successfully installed provisioned-1.0");
                shellsReadWhatJobsSource("debian-13");
                otherToolsInstallByWhatTheyAreGiven();
                assertThat(Ansible.changes(ansible.play("ci_workers.yml", "-e", "{ci_worker_state: absent}"), "plain"))
                        .isPositive();
                isLeftAsItWas(plain, ADMINISTRATORS);
            } finally {
                mirror.destroyForcibly().waitFor();
            }
        }
        nothingIsLeft();
    }

    /** Poetry and PDM, which are Debian 13's, lock a project and install what it needs, by the parts that the mirror has for them. */
    private void otherToolsInstallByWhatTheyAreGiven() {
        assertThat(job("poetry", "poetry lock -n && poetry install -n")).contains("Installing provisioned (1.0)");
        assertThat(job("pdm", "pdm lock && pdm install --no-self")).contains("Install provisioned 1.0 successful");
    }

    private String job(String tool, String commands) {
        return plain.run(
                        "env",
                        "-i",
                        "PATH=/usr/bin:/bin",
                        "HOME=/root",
                        "POETRY_VIRTUALENVS_IN_PROJECT=1",
                        "sh",
                        "-euc",
                        """
                mkdir /root/%1$s && cd /root/%1$s
                cat > pyproject.toml <<END
                [project]
                name = "job"
                version = "1.0"
                requires-python = ">=3.13"
                dependencies = ["provisioned"]
                END
                [ %1$s != poetry ] || printf '[tool.poetry]\npackage-mode = false\n' >> pyproject.toml
                curl -fsS '%2$s/%1$s-pyproject.toml?slug=debian-13-x86_64' >> pyproject.toml
                %3$s
                .venv/bin/python -c 'import provisioned'
                """.formatted(tool, REGION, commands))
                .succeeded()
                .output();
    }

    private void nothingIsLeft() {
        await("nothing to be left")
                .atMost(PATIENCE)
                .until(() -> Processes.naming(folder.toString()).isEmpty());
    }

    private Process mirror(TestAuthority authority) throws Exception {
        Path certificate = folder.resolve("mirror.pem");
        Path key = folder.resolve("mirror.key");
        authority.writeServerOf("dns:mirror.example.org", certificate, key);
        Path file = Files.writeString(folder.resolve("mirror.conf"), """
                flotilla.mirror {
                  region = east, node = east-1
                  listen { host = "%1$s" }
                  operations { host = "%1$s" }
                  tls { host = "%1$s", certificate = "%2$s", key = "%3$s" }
                  clients { name = east.mirror.example.org, global-name = mirror.example.org, platforms = [ debian-12-x86_64, debian-13-x86_64 ] }
                  upstreams = [ { name = index, index = "%4$s" } ]
                  store { path = "%5$s", budget = 1 GiB }
                }
                """.formatted(
                        MIRROR, certificate, key, network.index(), folder.resolve("store")));
        List<String> line = new ArrayList<>(network.prefix());
        line.addAll(List.of(PackedMirror.home().resolve("bin/mirror").toString(), "--config", file.toString()));
        return new ProcessBuilder(line)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("mirror.log").toFile())
                .start();
    }

    private void mirrorServes(Process mirror) throws IOException {
        await("the mirror")
                .atMost(PATIENCE)
                .until(() -> !mirror.isAlive()
                        || network.under("bash", "-c", "exec 3<>/dev/tcp/" + MIRROR + "/8443")
                                        .exitCode()
                                == 0);
        assertThat(mirror.isAlive())
                .as(Files.readString(folder.resolve("mirror.log")))
                .isTrue();
    }

    private BareMachine switchedOff(int number, Path key) throws IOException {
        return BareMachine.of(network, folder.resolve("worker-" + number), number, OwnSystem.Init.PLAIN, "256m", key);
    }

    private static BareMachine worker(BareMachine machine, String administrators) throws IOException {
        machine.boot();
        machine.run("rm", "-rf", "/etc/pip.conf", "/etc/xdg/pip", "/etc/uv", "/etc/ci")
                .succeeded();
        Files.writeString(machine.file("/etc/pip.conf"), administrators);
        machine.run("chmod", "640", "/etc/pip.conf").succeeded();
        Files.writeString(machine.file("/etc/hosts"), MIRROR + " east.mirror.example.org mirror.example.org\n");
        machine.run("/usr/bin/python3", "-m", "venv", "/root/venv").succeeded();
        return machine;
    }

    /** All files of its configuration, with their digests and modes. */
    private static String configuration(BareMachine machine) {
        return machine.run(
                        "sh",
                        "-c",
                        "cd /etc; find . ! -type d -printf '%p %m %U %l\\n' | sort; find . -type f -print0 | sort -z | xargs -0 sha256sum")
                .succeeded()
                .output();
    }

    private void workersAreConfigured() {
        isConfiguredOnceAsPredicted(List.of("plain", "encrypted"), List.of(plain, encrypted));
    }

    private void isConfiguredOnceAsPredicted(List<String> hosts, List<BareMachine> machines) {
        List<String> before = configurations(machines);
        Command check = ansible.play("ci_workers.yml", "--check", "--diff");
        assertThat(configurations(machines)).isEqualTo(before);

        Command first = ansible.play("ci_workers.yml");
        for (String host : hosts) {
            assertThat(Ansible.changes(check, host))
                    .as("what was predicted")
                    .isEqualTo(Ansible.changes(first, host))
                    .isPositive();
        }
        assertThat(check.output()).contains("+    east.mirror.example.org", "+index-url = " + REGION + "/");

        List<String> after = configurations(machines);
        Command second = ansible.play("ci_workers.yml");
        for (String host : hosts) {
            assertThat(Ansible.changes(second, host)).as(second.output()).isZero();
        }
        assertThat(configurations(machines)).isEqualTo(after);
    }

    private static List<String> configurations(List<BareMachine> machines) {
        return machines.stream().map(CiWorkerIT::configuration).toList();
    }

    private static String pip(BareMachine machine, String... words) {
        List<String> line = new ArrayList<>(List.of("env", "-i", "HOME=/root", PIP, "-m", "pip"));
        line.addAll(List.of(words));
        return machine.run(line.toArray(String[]::new)).output();
    }

    private void theyInstallThroughTheMirror() {
        assertThat(pip(plain, "config", "list"))
                .contains("global.index-url='" + REGION + "/overlay/debian-12-x86_64/simple/'", "global.timeout='40'")
                .contains("global.trusted-host='internal.example\\neast.mirror.example.org\\nother.example'")
                .contains("install.trusted-host='third.example\\neast.mirror.example.org'");
        assertThat(pip(encrypted, "config", "list"))
                .contains("index-url='https://mirror.example.org:8443/overlay/debian-12-x86_64/simple/'")
                .contains("trusted-host='internal.example'");
        for (BareMachine worker : List.of(plain, encrypted)) {
            assertThat(pip(worker, "install", "provisioned")).contains("Successfully installed provisioned-1.0");
        }
    }

    private void shellsReadWhatJobsSource(String distribution) {
        for (String shell : List.of("dash", "bash")) {
            assertThat(plain.run(
                                    "env",
                                    "-i",
                                    "PATH=/usr/bin:/bin",
                                    shell,
                                    "-euc",
                                    ". /etc/ci/mirror_info.sh; echo $NODEPOOL_MIRROR_HOST $NODEPOOL_PYPI_MIRROR $AFS_SLUG")
                            .succeeded()
                            .output())
                    .startsWith("east.mirror.example.org " + REGION + "/overlay/" + distribution + "-x86_64/simple/ "
                            + distribution);
        }
    }

    /** A mirror that refuses is there, and an administrator's word goes over the role's: neither passes unnoticed. */
    private void whatPipDoesNotGoByIsSaid() throws IOException {
        String before = configuration(encrypted);
        Path pip = plain.file("/etc/pip.conf");
        String merged = Files.readString(pip);
        Files.writeString(pip, merged + "\nindex-url = http://elsewhere.example/simple/");
        Command run = ansible.play(
                "ci_workers.yml",
                "-e",
                "{ci_worker_cooldown_days: \"{{ 4000 if inventory_hostname == 'encrypted' else 0 }}\"}");
        Ansible.failed(run, "encrypted");
        assertThat(run.output()).contains("400").contains("Nothing was changed");
        assertThat(configuration(encrypted)).isEqualTo(before);
        Ansible.failed(run, "plain");
        assertThat(run.output()).contains("install.index-url is 'http://elsewhere.example/simple/'");
        Files.writeString(pip, merged);
    }

    private void withoutAMirrorAWorkerGoesToPyPiWhereThatIsAllowed() {
        String before = configuration(plain);
        Command away = ansible.play("ci_workers.yml");
        Ansible.failed(away, "plain");
        assertThat(away.output()).contains("doesn't answer").contains("Set ci_worker_fallback");
        assertThat(configuration(plain)).isEqualTo(before);

        assertThat(Ansible.changes(away, "encrypted")).as(away.output()).isPositive();
        assertThat(encrypted.file("/etc/xdg/pip/pip.conf")).doesNotExist();
        assertThat(pip(encrypted, "download", "-vv", "--retries", "0", "--timeout", "1", "provisioned"))
                .contains("https://pypi.org/simple/provisioned/");
    }

    private void theyAreLeftAsTheyWere() {
        Command absent = ansible.play("ci_workers.yml", "-e", "{ci_worker_state: absent}");
        assertThat(Ansible.changes(absent, "encrypted"))
                .as("the fall-back took them away")
                .isZero();
        isLeftAsItWas(plain, ADMINISTRATORS);
        assertThat(Ansible.changes(absent, "plain")).isPositive();
        isLeftAsItWas(encrypted, BELIEVED);
    }

    private static void isLeftAsItWas(BareMachine worker, String administrators) {
        assertThat(worker.file("/etc/pip.conf")).hasContent(administrators);
        assertThat(worker.run("stat", "-c", "%a", "/etc/pip.conf").output()).isEqualTo("640\n");
        for (String gone : List.of("/etc/xdg/pip/pip.conf", "/etc/uv/uv.toml", "/etc/ci/mirror_info.sh")) {
            assertThat(worker.file(gone)).doesNotExist();
        }
    }
}
