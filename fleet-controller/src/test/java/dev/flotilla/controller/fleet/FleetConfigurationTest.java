package dev.flotilla.controller.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flotilla.agent.bucket.BucketLocation;
import dev.flotilla.settings.Loading;
import dev.flotilla.settings.Problem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FleetConfigurationTest {
    @TempDir
    Path folder;

    private Loading<FleetConfiguration> load(String text) throws IOException {
        Path file = Files.writeString(folder.resolve("fleet.conf"), text);
        return FleetConfiguration.load(file);
    }

    private FleetConfiguration loaded(String text) throws IOException {
        return switch (load(text)) {
            case Loading.Loaded<FleetConfiguration> loaded -> loaded.value();
            case Loading.Refused<FleetConfiguration> refused -> throw new AssertionError(refused.text());
        };
    }

    private List<String> problems(String text) throws IOException {
        return switch (load(text)) {
            case Loading.Loaded<FleetConfiguration> loaded -> List.of("loaded: " + loaded.value());
            case Loading.Refused<FleetConfiguration> refused ->
                refused.problems().stream()
                        .map(Problem::toString)
                        .map(problem -> problem.replace(folder + "/", ""))
                        .toList();
        };
    }

    @Test
    void aNodesAgentKnowsItsFleetBucketAndZone() throws IOException {
        String text = """
                flotilla.fleet {
                  name = acme
                  bucket { name = acme-mirrors }
                  dns { zone = "Example.org.", name = mirror.example.org }
                  regions { east { nodes { east-1 { address = 192.0.2.1 } } } }
                }
                """;
        var fleet = loaded(text);
        assertThat(agentConfiguration(fleet)).contains("fleet=acme", "name=acme-mirrors", "zone=\"example.org\"");
        assertThat(agentConfiguration(loaded(text.replaceAll("dns .*", "")))).doesNotContain("zone");
        assertThat(problems(text.replace("dns {", "provision { agent { zone = other } }, dns {")))
                .singleElement()
                .asString()
                .contains("provision.agent.zone is set by the controller");
    }

    private static String agentConfiguration(FleetConfiguration fleet) {
        return fleet.provision().agentConfiguration(fleet, fleet.nodes().getFirst());
    }

    @Test
    void aFleetIsReadWithItsDefaults() throws IOException {
        var fleet = loaded("""
                flotilla.fleet {
                  name = acme
                  bucket { name = acme-mirrors }
                  dns { zone = "Example.org.", name = mirror.example.org }
                  regions { east { nodes { east-1 { address = 192.0.2.1 } } } }
                }
                """);
        assertThat(fleet.file()).isEqualTo(folder.resolve("fleet.conf"));
        assertThat(fleet.trust())
                .isEqualTo(new TrustSettings(
                        folder.resolve("trust"), Duration.ofDays(30), Duration.ofDays(365), Duration.ofDays(3650), 1));
        assertThat(fleet.bucket())
                .isEqualTo(new BucketLocation(
                        "acme-mirrors", Optional.empty(), "us-east-1", false, BucketLocation.TimeOuts.USUAL));
        assertThat(fleet.dns().orElseThrow().zone()).isEqualTo(new DnsName("example.org"));
        assertThat(fleet.dns().orElseThrow().ttl()).isEqualTo(Duration.ofSeconds(60));
        Node node = fleet.nodes().getFirst();
        assertThat(node.id()).hasToString("east/east-1");
        assertThat(node.readiness()).hasToString("http://192.0.2.1:8080/readyz");
    }

    @Test
    void theOrderOfRegionsIsThatOfTheFile() throws IOException {
        var fleet = loaded("""
                flotilla.fleet {
                  name = acme, bucket { name = acme }
                  regions {
                    zeta { nodes { zeta-2 { address = 192.0.2.2 }, zeta-1 { address = 192.0.2.1 } } }
                    alpha { nodes { alpha-1 { address = "2001:db8::1" } } }
                    middle { nodes { middle-1 { address = 192.0.2.4 } } }
                  }
                }
                """);
        assertThat(fleet.regions())
                .extracting(region -> region.name().value())
                .containsExactly("zeta", "alpha", "middle");
        assertThat(fleet.nodes())
                .extracting(node -> node.id().toString())
                .containsExactly("zeta/zeta-1", "zeta/zeta-2", "alpha/alpha-1", "middle/middle-1");
        assertThat(fleet.nodes().get(2).readiness()).hasToString("http://[2001:db8:0:0:0:0:0:1]:8080/readyz");
    }

    @Test
    void everyProblemIsReportedAtOnceWithItsLine() throws IOException {
        assertThat(problems("""
                flotilla.fleet {
                  name = "Acme!"
                  bucket { name = "A", endpoint = "ftp://127.0.0.1" }
                  trust { lifetime = 30 }
                  dns {
                    zone = example.org, name = mirror.example.com
                    check-threshold = 11
                  }
                  regions {
                    east { nodes { east-1 { address = mirror-1.example.org }, east-2 { adress = 192.0.2.1 } } }
                    west { nodes {
                      west-1 { address = 192.0.2.7 }
                      west-2 { address = 192.0.2.7 }
                      west-3 { address = 0.0.0.0 }
                      east-1 { address = 192.0.2.9 }
                    } }
                    next-2 { nodes { n { address = 192.0.2.10 } } }
                  }
                  mirrors { }
                }
                """))
                .containsExactly(
                        "fleet.conf:2: flotilla.fleet.name: 'Acme!' is no name for a fleet: use lower-case letters,"
                                + " digits and '-', beginning with a letter, at most 63 characters",
                        "fleet.conf:3: flotilla.fleet.bucket.endpoint: 'ftp://127.0.0.1' is no endpoint: write scheme,"
                                + " host and port, as in http://127.0.0.1:9000",
                        "fleet.conf:4: flotilla.fleet.trust.lifetime: '30' has no unit: write 30s or 30ms",
                        "fleet.conf:7: flotilla.fleet.dns.check-threshold: 11 is out of range: between 1 and 10",
                        "fleet.conf:10: flotilla.fleet.regions.east.nodes.east-1.address: 'mirror-1.example.org' is no"
                                + " IP address: write one as in 192.0.2.10 or 2001:db8::10, not a host name",
                        "fleet.conf:10: flotilla.fleet.regions.east.nodes.east-2.address: is missing",
                        "fleet.conf:10: flotilla.fleet.regions.east.nodes.east-2.adress: unknown key: did you mean"
                                + " address?",
                        "fleet.conf:13: flotilla.fleet.regions.west.nodes.west-2.address: '192.0.2.7' is the address"
                                + " of west/west-1 already",
                        "fleet.conf:14: flotilla.fleet.regions.west.nodes.west-3.address: '0.0.0.0' is the address of"
                                + " no single machine",
                        "fleet.conf:15: flotilla.fleet.regions.west.nodes.east-1: the name east-1 belongs to"
                                + " east/east-1 already: names of nodes are unique in a fleet",
                        "fleet.conf:17: flotilla.fleet.regions.next-2: 'next-2' is no name for a region: 'nodes' and"
                                + " 'next-…' are names that DNS needs itself",
                        "fleet.conf:19: flotilla.fleet.mirrors: unknown key: did you mean mirror?");
    }

    @Test
    void checkersComeFromThreeRegionsAtLeastThatHaveAnyOrFromAll() throws IOException {
        String fleet = """
                flotilla.fleet {
                  name = acme, bucket { name = acme-flotilla }
                  dns { zone = example.org, name = mirror.example.org, check-regions = [%s] }
                  regions { east { nodes { east-1 { address = 192.0.2.1 } } } }
                }
                """;
        assertThat(problems(fleet.formatted("eu-west-1, us-east-1")))
                .containsExactly(
                        "fleet.conf:3: flotilla.fleet.dns: check-regions names 3 regions at least: Route53 takes no"
                                + " fewer, and these are 2; leave it out for all");
        assertThat(problems(fleet.formatted("eu-west-1, eu-west-1, us-east-1")))
                .singleElement()
                .asString()
                .contains("these are 2");
        assertThat(problems(fleet.formatted("eu-west-1, eu-central-1, us-east-1")))
                .singleElement()
                .asString()
                .contains("'eu-central-1' is no AWS region with health checkers. There are ap-northeast-1, ");
    }

    @Test
    void valuesThatDoNotFitTogetherAreRefusedAtTheirObject() throws IOException {
        String regions = "regions { east { nodes { east-1 { address = 192.0.2.1 } } } }";
        assertThat(problems("flotilla.fleet {\n name = a, bucket { name = A }\n " + regions + " }"))
                .singleElement()
                .asString()
                .startsWith("fleet.conf:2: flotilla.fleet.bucket: 'A' is no bucket name");
        assertThat(problems("flotilla.fleet {\n name = a, bucket { name = abc }\n"
                        + "dns { zone = example.org, name = mirror.example.com }\n" + regions + " }"))
                .containsExactly(
                        "fleet.conf:3: flotilla.fleet.dns: name mirror.example.com is not in zone example.org");
        assertThat(problems("flotilla.fleet {\n name = a, bucket { name = abc }\n"
                        + "dns { zone = example.org, name = mirror.example.org, check-interval = 20s }\n" + regions
                        + " }"))
                .containsExactly("fleet.conf:3: flotilla.fleet.dns: check-interval is 10s or 30s: Route53 knows no"
                        + " other, and this is 20000ms");
        assertThat(problems(
                        "flotilla.fleet {\n name = a, bucket { name = abc }\n" + "regions { east { nodes { } } } }"))
                .singleElement()
                .asString()
                .startsWith("fleet.conf:3: flotilla.fleet.regions.east: a region needs at least one node");
        assertThat(problems("flotilla.fleet {\n name = a, bucket { name = abc }\n"
                        + "regions { east { nodes { } }, west { nodes { } } } }"))
                .singleElement()
                .asString()
                .contains("their order counts");
    }

    @Test
    void machinesComeFromTheFabricThatIsNearestToThem() throws IOException {
        var fleet = loaded("""
                flotilla.fleet {
                  name = acme, bucket { name = acme }, fabric = local, local { folder = here }, ssh { user = root }
                  regions {
                    east { nodes { east-1 { address = 127.77.0.1 }, east-2 { address = 192.0.2.2, fabric = static } } }
                    west { fabric = static, nodes {
                      west-1 { address = 192.0.2.3, ssh { root = /srv } }, west-2 { address = 127.77.0.4, fabric = local }
                    } }
                  }
                }
                """);
        assertThat(fleet.nodes())
                .extracting(node -> node.id().node() + " " + node.fabric() + " " + node.root())
                .containsExactly(
                        "east-1 local " + folder.resolve("here/east-1"),
                        "east-2 static ",
                        "west-1 static /srv",
                        "west-2 local " + folder.resolve("here/west-2"));
        assertThat(fleet.provision().agentConfiguration(fleet, fleet.nodes().getFirst()))
                .contains(folder.resolve("here/east-1/etc/flotilla/root.json").toString());
        assertThat(fleet.managed()).isEqualTo(fleet.nodes());
        assertThat(problems("""
                flotilla.fleet {
                  name = acme, bucket { name = acme }, fabric = ec2
                  regions { east { nodes { east-1 { address = 192.0.2.1, ssh { host-key = "ssh-rsa AAAA" } } } } }
                }
                """))
                .containsExactly(
                        "fleet.conf:2: flotilla.fleet.fabric: 'ec2' is no fabric: write static or local",
                        "fleet.conf:3: flotilla.fleet.regions.east.nodes.east-1.ssh.host-key: 'ssh-rsa AAAA' is no host key:"
                                + " write it as in /etc/ssh/ssh_host_ed25519_key.pub, type and key");
    }

    @Test
    void withoutSshOnlyMachinesOfThisComputerAreReached() throws IOException {
        var fleet = loaded("""
                flotilla.fleet {
                  name = acme, bucket { name = acme }
                  regions { east { nodes { east-1 { address = 127.77.0.1, fabric = local }, east-2 { address = 192.0.2.2 } } } }
                }
                """);
        assertThat(fleet.managed()).extracting(node -> node.id().node().value()).containsExactly("east-1");
    }

    @Test
    void aPolicyNeedsWhatItChoosesBy() throws IOException {
        String head = "flotilla.fleet {\n name = a, bucket { name = abc }\n"
                + "dns { zone = example.org, name = mirror.example.org, policy = ";
        String east = "east { nodes { east-1 { address = 192.0.2.1 } }, ";
        String west = "\n west { nodes { west-1 { address = 192.0.2.2 } }, ";
        assertThat(problems(head + "nearest }\n regions { " + east + "}, " + west + "} } }"))
                .containsExactly("fleet.conf:3: flotilla.fleet.dns.policy: 'nearest' is no policy. There are failover,"
                        + " latency, weighted");
        assertThat(problems(head + "latency }\n regions { " + east + "aws-region = us-east-1 }, " + west + "} } }"))
                .containsExactly("fleet.conf:1: flotilla.fleet: dns.policy = latency needs regions.west.aws-region: the"
                        + " AWS region nearest to it, such as eu-central-1");
        assertThat(problems(head + "latency }\n regions { " + east + "aws-region = us-east-1 }, " + west
                        + "aws-region = us-east-1 } } }"))
                .containsExactly(
                        "fleet.conf:1: flotilla.fleet: regions.west.aws-region is us-east-1, as that of east: a"
                                + " latency record is told from the others by it. Name the next nearest for one of them");
        assertThat(problems(head + "weighted }\n regions { " + east + "weight = 0 }, " + west + "weight = 0 } } }"))
                .containsExactly(
                        "fleet.conf:1: flotilla.fleet: dns.policy = weighted needs a region with a weight above"
                                + " 0: where all are 0, Route 53 takes them for equal");
        assertThat(problems(head + "failover }\n regions { " + east + "weight = 256, load = 0, aws-region = mars }, "
                        + west + "} } }"))
                .hasSize(3)
                .anyMatch(problem -> problem.contains("regions.east.load: '0' is no whole number"))
                .anyMatch(problem -> problem.contains("regions.east.aws-region: 'mars' is no AWS region"))
                .anyMatch(problem -> problem.contains("regions.east.weight"));
    }

    @Test
    void checksByHttpsNeedEncryptionOnEveryNode() throws IOException {
        String text = """
                flotilla.fleet {
                  name = acme, bucket { name = acme }
                  dns { zone = example.org, name = mirror.example.org, check-protocol = https }
                  regions {
                    east { mirror { tls { port = 9443 } }, nodes { east-1 { address = "2001:db8::1" } } }
                    west { nodes { west-1 { address = 192.0.2.2 }, west-2 { address = 192.0.2.3 } } }
                  }
                }
                """;
        assertThat(problems(text))
                .singleElement()
                .asString()
                .contains("dns.check-protocol = https needs mirror.tls", "there is none for west/west-1, west/west-2");
        assertThat(problems(text.replace("= https", "= tcp")))
                .singleElement()
                .asString()
                .contains("'tcp' is no way to check. There are http, https");
        var fleet = loaded(text.replace("name = acme,", "name = acme, mirror { tls { } },"));
        assertThat(fleet.nodes())
                .extracting(node -> node.encryptedReadiness().toString())
                .containsExactly(
                        "https://[2001:db8:0:0:0:0:0:1]:9443/readyz",
                        "https://192.0.2.2:8443/readyz",
                        "https://192.0.2.3:8443/readyz");
        assertThat(loaded(text.replace("= https", "= http")).nodes()).hasSize(3);
    }

    @Test
    void aNameThatIsTooLongForDnsIsRefusedBeforeAnythingIsWritten() throws IOException {
        String label = "a".repeat(60);
        String zone = String.join(".", label, label, label, label.substring(1));
        assertThat(problems("flotilla.fleet { name = a, bucket { name = abc }, dns { zone = " + zone + ", name = "
                        + zone + " }\n regions { region-of-many-letters { nodes { n { address = 192.0.2.1 } } } } }"))
                .singleElement()
                .asString()
                .contains("dns.name is too long");
    }

    @Test
    void everyProblemOfARolloutIsReportedAtOnce() throws IOException {
        String begin = """
                flotilla.fleet {
                 name = a, bucket { name = abc }
                regions { east { nodes { east-1 { address = 192.0.2.1 } } } }
                """;
        assertThat(problems(begin + """
                rollout {
                  soak = 31d
                  failures = 0
                  hours = [ "mon-fri 8-16" ]
                  waves = [ { nodes = 0 }, { share = 101, region = east } ]
                  silent = 1h
                } }
                """))
                .containsExactly(
                        "fleet.conf:5: flotilla.fleet.rollout.soak: '31d' is out of range: between 0s and 720h",
                        "fleet.conf:6: flotilla.fleet.rollout.failures: 0 is out of range: between 1 and 100",
                        "fleet.conf:7: flotilla.fleet.rollout.hours: 'mon-fri 8-16' are no hours: write days and times in"
                                + " UTC, as in 'mon-fri 08:00-16:00' or 'daily 20:00-24:00'",
                        "fleet.conf:8: flotilla.fleet.rollout.waves.0.nodes: 0 is out of range: between 1 and 10000",
                        "fleet.conf:8: flotilla.fleet.rollout.waves.1.region: unknown key: did you mean regions?",
                        "fleet.conf:8: flotilla.fleet.rollout.waves.1.share: 101 is out of range: between 1 and 100",
                        "fleet.conf:9: flotilla.fleet.rollout.silent: unknown key: did you mean silence?");
        assertThat(problems(begin + "rollout { waves = [ { nodes = 1, share = 10 } ] } }"))
                .singleElement()
                .asString()
                .contains("either nodes, as in { nodes = 1 }, or a share");
        assertThat(problems(begin + "rollout { waves = [ { nodes = 1, regions = [ north ] } ] } }"))
                .singleElement()
                .asString()
                .contains("rollout.waves names the region north, which isn't there");
    }
}
