package dev.flotilla.controller.local.route53;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.services.route53.model.HealthCheck;
import software.amazon.awssdk.services.route53.model.HealthCheckAlreadyExistsException;
import software.amazon.awssdk.services.route53.model.HealthCheckConfig;
import software.amazon.awssdk.services.route53.model.HealthCheckRegion;
import software.amazon.awssdk.services.route53.model.HealthCheckType;
import software.amazon.awssdk.services.route53.model.HealthCheckVersionMismatchException;
import software.amazon.awssdk.services.route53.model.InvalidInputException;
import software.amazon.awssdk.services.route53.model.NoSuchHealthCheckException;
import software.amazon.awssdk.services.route53.model.RRType;
import software.amazon.awssdk.services.route53.model.ResettableElementName;

/** API Reference, CreateHealthCheck, UpdateHealthCheck, DeleteHealthCheck and HealthCheckConfig. */
@Timeout(60)
class HealthChecksTest {
    private static final Consumer<HealthCheckConfig.Builder> SETTINGS =
            config -> config.type(HealthCheckType.HTTP_STR_MATCH)
                    .ipAddress("127.0.1.1")
                    .port(8081)
                    .resourcePath("/readyz")
                    .searchString("ready east")
                    .requestInterval(10)
                    .failureThreshold(2);

    private Route53StandIn standIn;
    private StandInClient client;

    @BeforeEach
    void start() throws IOException {
        standIn = Route53StandIn.start(Route53Options.onLoopback()
                .withChangeDelay(Duration.ZERO)
                .withExemptions(Exemption.LOOPBACK_FOR_LOCAL_FLEET));
        client = new StandInClient(standIn.endpoint());
    }

    @AfterEach
    void stop() {
        client.close();
        standIn.close();
    }

    @Test
    void aCheckComesBackAsItWasMadeWithTheDefaultsOfTheRest() {
        HealthCheck made = client.check("east-1 generation 1", SETTINGS);

        assertThat(made.healthCheckVersion()).isEqualTo(1);
        assertThat(made.healthCheckConfig())
                .isEqualTo(HealthCheckConfig.builder()
                        .applyMutation(SETTINGS)
                        .measureLatency(false)
                        .inverted(false)
                        .disabled(false)
                        .build());
        assertThat(client.sdk()
                        .getHealthCheck(request -> request.healthCheckId(made.id()))
                        .healthCheck())
                .isEqualTo(made);
        HealthCheck plain = client.check(
                "plain", config -> config.type(HealthCheckType.HTTP).ipAddress("127.0.1.1"));
        assertThat(plain.healthCheckConfig().port()).isEqualTo(80);
        assertThat(plain.healthCheckConfig().requestInterval()).isEqualTo(30);
        assertThat(plain.healthCheckConfig().failureThreshold()).isEqualTo(3);
    }

    @Test
    void theSameReferenceWithTheSameSettingsGivesTheSameCheck() {
        HealthCheck first = client.check("east-1", SETTINGS);
        assertThat(client.check("east-1", SETTINGS)).isEqualTo(first);
        assertThat(client.check("east-2", SETTINGS).id()).isNotEqualTo(first.id());
        assertThat(client.sdk().listHealthChecks().healthChecks()).hasSize(2);
    }

    @Test
    void theSameReferenceWithOtherSettingsIsRefused() {
        client.check("east-1", SETTINGS);
        assertThatExceptionOfType(HealthCheckAlreadyExistsException.class)
                .isThrownBy(() -> client.check("east-1", SETTINGS.andThen(config -> config.port(8082))));
    }

    @Test
    void theReferenceOfADeletedCheckStaysTaken() {
        HealthCheck check = client.check("east-1", SETTINGS);
        client.sdk().deleteHealthCheck(request -> request.healthCheckId(check.id()));

        assertThatExceptionOfType(NoSuchHealthCheckException.class)
                .isThrownBy(() -> client.sdk().getHealthCheck(request -> request.healthCheckId(check.id())));
        assertThatExceptionOfType(HealthCheckAlreadyExistsException.class)
                .isThrownBy(() -> client.check("east-1", SETTINGS));
    }

    @Test
    void aCheckThatARecordSetRefersToCanBeDeleted() {
        String zone = client.zone("flotilla.test");
        HealthCheck check = client.check("east-1", SETTINGS);
        client.create(
                zone,
                StandInClient.checked(StandInClient.simple("mirror.flotilla.test", RRType.A, "192.0.2.1"), check));

        client.sdk().deleteHealthCheck(request -> request.healthCheckId(check.id()));
        assertThat(client.sets(zone))
                .singleElement()
                .satisfies(set -> assertThat(set.healthCheckId()).isEqualTo(check.id()));
    }

    @Test
    void anUpdateChangesWhatItNamesAndRaisesTheVersion() {
        HealthCheck check = client.check("east-1", SETTINGS);
        HealthCheck updated = client.sdk()
                .updateHealthCheck(request -> request.healthCheckId(check.id())
                        .healthCheckVersion(1L)
                        .failureThreshold(5)
                        .inverted(true)
                        .resetElements(ResettableElementName.RESOURCE_PATH))
                .healthCheck();

        assertThat(updated.healthCheckVersion()).isEqualTo(2);
        assertThat(updated.healthCheckConfig())
                .isEqualTo(check.healthCheckConfig().toBuilder()
                        .failureThreshold(5)
                        .inverted(true)
                        .resourcePath(null)
                        .build());
    }

    @Test
    void anUpdateOfAnOlderVersionIsRefused() {
        HealthCheck check = client.check("east-1", SETTINGS);
        client.sdk()
                .updateHealthCheck(request -> request.healthCheckId(check.id()).port(8082));
        assertThatExceptionOfType(HealthCheckVersionMismatchException.class)
                .isThrownBy(() -> client.sdk()
                        .updateHealthCheck(request -> request.healthCheckId(check.id())
                                .healthCheckVersion(1L)
                                .port(8083)));
    }

    @Test
    void checksAreListedPageByPage() {
        List<String> made = List.of("a", "b", "c", "d", "e").stream()
                .map(reference -> client.check(reference, SETTINGS).id())
                .toList();
        assertThat(client.sdk()
                        .listHealthChecksPaginator(request -> request.maxItems("2"))
                        .healthChecks())
                .extracting(HealthCheck::id)
                .containsExactlyInAnyOrderElementsOf(made);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "127.0.1.1",
                "10.0.0.1",
                "172.16.0.1",
                "192.168.1.1",
                "169.254.0.1",
                "100.64.0.1",
                "224.0.0.1",
                "0.0.0.0",
                "255.255.255.255",
                "::1",
                "fe80::1",
                "fd00::1",
                "ff02::1"
            })
    void withoutTheExemptionAddressesThatTheInternetCanNotReachAreRefused(String address) throws IOException {
        try (Route53StandIn strict = Route53StandIn.start(Route53Options.onLoopback());
                StandInClient careful = new StandInClient(strict.endpoint())) {
            assertThatExceptionOfType(InvalidInputException.class)
                    .isThrownBy(() -> careful.check("east-1", SETTINGS.andThen(config -> config.ipAddress(address))))
                    .withMessageContaining("Invalid IP address");
        }
    }

    @Test
    void withoutTheExemptionPublicAddressesAreTaken() {
        assertThat(ReachableAddresses.isPublic(InetAddress.ofLiteral("8.8.8.8")))
                .isTrue();
        assertThat(ReachableAddresses.isPublic(InetAddress.ofLiteral("2600:1f18::1")))
                .isTrue();
    }

    @Test
    void settingsOutsideTheirLimitsAreRefused() {
        assertInvalid(config -> config.requestInterval(20), "RequestInterval must be 10 or 30");
        assertInvalid(config -> config.failureThreshold(11), "FailureThreshold must be from 1 to 10");
        assertInvalid(config -> config.failureThreshold(0), "FailureThreshold must be from 1 to 10");
        assertInvalid(config -> config.port(65_536), "Port must be from 1 to 65535");
        assertInvalid(config -> config.resourcePath("/" + "x".repeat(255)), "ResourcePath can have 255");
        assertInvalid(config -> config.resourcePath("/a b"), "printable ASCII");
        assertInvalid(config -> config.resourcePath("/a\r\nX: b"), "printable ASCII");
        assertInvalid(config -> config.searchString("x".repeat(256)), "SearchString must have 1 to 255");
        assertInvalid(config -> config.searchString(null), "SearchString must be given");
        assertInvalid(config -> config.type(HealthCheckType.HTTP), "SearchString must be given");
        assertInvalid(config -> config.ipAddress("mirror"), "is no IP address");
        assertInvalid(config -> config.ipAddress(null), "without an IPAddress");
        assertInvalid(config -> config.type(HealthCheckType.CALCULATED), "does not know health checks of the type");
        assertInvalid(
                config -> config.regions(HealthCheckRegion.US_EAST_1, HealthCheckRegion.EU_WEST_1),
                "name at least three");
        assertThatExceptionOfType(InvalidInputException.class)
                .isThrownBy(() -> client.check("x".repeat(65), SETTINGS))
                .withMessageContaining("1 to 64 characters");
    }

    private void assertInvalid(Consumer<HealthCheckConfig.Builder> change, String message) {
        assertThatExceptionOfType(InvalidInputException.class)
                .isThrownBy(() -> client.check("wrong", SETTINGS.andThen(change)))
                .withMessageContaining(message);
    }
}
