package dev.flotilla.controller.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigFactory;
import dev.flotilla.vocabulary.NodeName;
import dev.flotilla.vocabulary.PlatformSlug;
import dev.flotilla.vocabulary.RegionName;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class MirrorOverlayTest {
    private static final NodeId NODE = new NodeId(new RegionName("east"), new NodeName("east-1"));
    private static final NodeAddress ADDRESS = NodeAddress.parse("192.0.2.1");

    private static MirrorOverlay overlay(String... nearestFirst) {
        return overlay(Optional.empty(), nearestFirst);
    }

    private static MirrorOverlay overlay(Optional<String> root, String... nearestFirst) {
        return MirrorOverlay.of(
                NODE,
                ADDRESS,
                List.of(nearestFirst).stream().map(Optional::of).toList(),
                Optional.empty(),
                root,
                false);
    }

    @Test
    void clientsAreToldOfTheFleetUnlessAnOperatorSaysOtherwise() {
        var slugs = List.of(new PlatformSlug("debian", "12", "x86_64"));
        var fleet = Optional.of(new DnsName("mirror.example.org"));
        assertThat(overlay().tellingClients(NODE.region(), fleet, slugs).text())
                .contains(
                        "name=\"east.mirror.example.org\"",
                        "global-name=\"mirror.example.org\"",
                        "\"debian-12-x86_64\"");
        assertThat(overlay("{\"clients\":{\"name\":\"ci.example.net\"}}")
                        .tellingClients(NODE.region(), fleet, slugs)
                        .text())
                .contains("name=\"ci.example.net\"", "global-name=\"mirror.example.org\"")
                .doesNotContain("east.mirror.example.org");
        assertThat(overlay()
                        .tellingClients(NODE.region(), Optional.empty(), List.of())
                        .text())
                .doesNotContain("clients");
    }

    @Test
    void aFleetThatBuildsWheelsTellsItsMirrorsWhereTheyAreUnlessSomebodyElseDoes() {
        var bucket = Optional.of(URI.create("https://acme.s3.eu-central-1.amazonaws.com/wheels/"));
        assertThat(MirrorOverlay.of(NODE, ADDRESS, List.of(), bucket, Optional.empty(), false)
                        .text())
                .contains("source=\"https://acme.s3.eu-central-1.amazonaws.com/wheels/\"");
        String own = "{\"wheels\":{\"source\":\"https://cdn.example.org/wheels/\"}}";
        assertThat(MirrorOverlay.of(NODE, ADDRESS, List.of(Optional.of(own)), bucket, Optional.empty(), false)
                        .text())
                .contains("source=\"https://cdn.example.org/wheels/\"")
                .doesNotContain("amazonaws");
        String ahead = "{\"wheels\":{\"prefetch\":{\"projects\":[\"numpy\"]}}}";
        assertThat(MirrorOverlay.of(NODE, ADDRESS, List.of(Optional.of(ahead)), bucket, Optional.empty(), false)
                        .text())
                .contains("source=\"https://acme.s3.eu-central-1.amazonaws.com/wheels/\"", "numpy");
        assertThat(overlay().text()).doesNotContain("wheels");
    }

    @Test
    void whereTheMachineIsAFolderTheStoreIsBelowIt() {
        assertThat(overlay(Optional.of("/srv/east-1")).text()).contains("path=\"/srv/east-1/var/lib/flotilla/mirror\"");
        assertThat(overlay(Optional.of("/srv/east-1"), "{\"store\":{\"path\":\"/data\",\"budget\":\"1 GiB\"}}")
                        .text())
                .contains("path=\"/srv/east-1/data\"", "budget=\"1 GiB\"");
    }

    @Test
    void theNearerSettingGoesOverTheFartherKeyByKeyAndListsAreReplacedWhole() {
        var overlay = overlay(
                "{\"store\":{\"budget\":\"9 GiB\"}}",
                "{\"upstreams\":[{\"name\":\"near\"}]}",
                "{\"store\":{\"path\":\"/data\",\"budget\":\"1 GiB\"},\"upstreams\":[{\"name\":\"a\"},{\"name\":\"b\"}]}");
        assertThat(overlay.text()).isEqualTo("""
                flotilla {
                    mirror {
                        listen {
                            host="192.0.2.1"
                            port=8080
                        }
                        node=east-1
                        operations {
                            host="192.0.2.1"
                            port=8081
                        }
                        region=east
                        store {
                            budget="9 GiB"
                            path="/data"
                        }
                        upstreams=[
                            {
                                name=near
                            }
                        ]
                    }
                }
                """);
    }

    @Test
    void theOrderInWhichSettingsAreWrittenDoesNotChangeTheBytes() {
        assertThat(overlay("{\"a\":1,\"b\":{\"x\":1,\"y\":2},\"c\":3}").text())
                .isEqualTo(overlay("{\"c\":3,\"b\":{\"y\":2,\"x\":1},\"a\":1}").text());
    }

    @Test
    void listenersAreTheNodesAddressUnlessGiven() {
        var overlay = overlay("{\"listen\":{\"host\":\"0.0.0.0\",\"port\":80},\"operations\":{\"port\":81}}");
        assertThat(overlay.text()).contains("host=\"0.0.0.0\"").contains("host=\"192.0.2.1\"");
        assertThat(overlay.clientPort()).isEqualTo(80);
        assertThat(overlay.operationsPort()).isEqualTo(81);
    }

    @Test
    void clientsByHttpsComeToTheSameAddressWhereTheMirrorsOwnDefaultWouldNotDo() {
        assertThat(overlay("{}").encryptedPort()).isEmpty();
        assertThat(overlay("{}").text()).doesNotContain("tls");
        String encrypted = "{\"tls\":{\"certificate\":\"/c\"}}";
        assertThat(overlay(encrypted).encryptedPort()).hasValue(8443);
        assertThat(ConfigFactory.parseString(overlay(encrypted).text()).hasPath("flotilla.mirror.tls.host"))
                .as("the mirror's own default")
                .isFalse();
        assertThat(encryptedHost(overlay(Optional.of("/srv/east-1"), encrypted)))
                .as("one of several machines on this computer")
                .isEqualTo("192.0.2.1");
        assertThat(encryptedHost(byIpv6(encrypted))).isEqualTo("2001:db8:0:0:0:0:0:1");
        assertThat(encryptedHost(byIpv6("{\"listen\":{\"host\":\"::\"},\"tls\":{\"port\":443}}")))
                .isEqualTo("::");
        assertThat(encryptedHost(byIpv6("{\"tls\":{\"host\":\"2001:db8::9\"}}")))
                .isEqualTo("2001:db8::9");
        assertThatThrownBy(() -> overlay("{\"tls\":{\"port\":70000}}").encryptedPort())
                .hasMessageContaining("mirror.tls.port has to be a port");
    }

    private static MirrorOverlay byIpv6(String settings) {
        return MirrorOverlay.of(
                NODE,
                NodeAddress.parse("2001:db8::1"),
                List.of(Optional.of(settings)),
                Optional.empty(),
                Optional.empty(),
                false);
    }

    private static String encryptedHost(MirrorOverlay overlay) {
        return ConfigFactory.parseString(overlay.text()).getString("flotilla.mirror.tls.host");
    }

    @Test
    void aMirrorThatNamesNoCertificateHasTheOneThatTheFleetIssues() {
        MirrorOverlay issued = issuing("{\"tls\":{}}", Optional.empty());
        assertThat(issued.isIssued()).isTrue();
        assertThat(issued.text()).contains("certificate=\"/etc/flotilla/tls.pem\"", "key=\"/etc/flotilla/tls.pem\"");
        assertThat(issuing("{\"tls\":{\"port\":443}}", Optional.of("/home/me/east-1"))
                        .text())
                .contains("certificate=\"/home/me/east-1/etc/flotilla/tls.pem\"");
        MirrorOverlay own =
                issuing("{\"tls\":{\"certificate\":\"/etc/a.pem\",\"key\":\"/etc/b.pem\"}}", Optional.empty());
        assertThat(own.isIssued()).isFalse();
        assertThat(own.text()).doesNotContain("tls.pem");
        assertThat(issuing("{}", Optional.empty()).isIssued()).isFalse();
        assertThat(issuing("{}", Optional.empty()).text()).doesNotContain("tls");
        assertThat(overlay("{\"tls\":{}}").isIssued()).isFalse();
    }

    private static MirrorOverlay issuing(String settings, Optional<String> root) {
        return MirrorOverlay.of(NODE, ADDRESS, List.of(Optional.of(settings)), Optional.empty(), root, true);
    }

    @Test
    void whatTheControllerSetsItselfIsRefused() {
        assertThatThrownBy(() -> overlay("{\"region\":\"west\"}")).hasMessageContaining("mirror.region is set by");
        assertThatThrownBy(() -> overlay("{\"node\":\"n\"}")).hasMessageContaining("mirror.node is set by");
    }

    @Test
    void aPortThatNobodyCanAskAtIsRefused() {
        assertThatThrownBy(() -> overlay("{\"listen\":{\"port\":0}}").clientPort())
                .hasMessageContaining("mirror.listen.port has to be a port");
        assertThatThrownBy(() -> overlay("{\"operations\":{\"port\":\"http\"}}").operationsPort())
                .hasMessageContaining("mirror.operations.port has to be a port");
    }
}
