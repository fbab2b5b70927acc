package dev.flotilla.controller.local.route53;

import static dev.flotilla.controller.local.route53.StandInClient.alias;
import static dev.flotilla.controller.local.route53.StandInClient.failover;
import static dev.flotilla.controller.local.route53.StandInClient.simple;
import static dev.flotilla.controller.local.route53.StandInClient.weighted;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.services.route53.model.Change;
import software.amazon.awssdk.services.route53.model.ChangeAction;
import software.amazon.awssdk.services.route53.model.InvalidChangeBatchException;
import software.amazon.awssdk.services.route53.model.InvalidInputException;
import software.amazon.awssdk.services.route53.model.PriorRequestNotCompleteException;
import software.amazon.awssdk.services.route53.model.RRType;
import software.amazon.awssdk.services.route53.model.ResourceRecordSet;
import software.amazon.awssdk.services.route53.model.ResourceRecordSetFailover;
import software.amazon.awssdk.services.route53.model.Route53Exception;

/** API Reference, ChangeResourceRecordSets, ResourceRecordSet and AliasTarget; Developer Guide, "Quotas". */
@Timeout(60)
class RecordSetsTest {
    private static final String NAME = "mirror.flotilla.test";
    private static final ResourceRecordSet ONE = simple(NAME, RRType.A, "192.0.2.1");

    private Route53StandIn standIn;
    private StandInClient client;
    private String zone;

    @BeforeEach
    void start() throws IOException {
        standIn = Route53StandIn.start(Route53Options.onLoopback().withChangeDelay(Duration.ZERO));
        client = new StandInClient(standIn.endpoint());
        zone = client.zone("flotilla.test");
    }

    @AfterEach
    void stop() {
        client.close();
        standIn.close();
    }

    @Test
    void everyKindOfSetComesBackAsItWasWritten() {
        List<ResourceRecordSet> sets = List.of(
                simple("a.flotilla.test.", RRType.AAAA, "2001:db8::1", "2001:db8::2"),
                alias("b.flotilla.test.", zone.replace("/hostedzone/", ""), "e.flotilla.test."),
                failover("c.flotilla.test.", ResourceRecordSetFailover.PRIMARY, "192.0.2.1"),
                failover("c.flotilla.test.", ResourceRecordSetFailover.SECONDARY, "192.0.2.2"),
                simple("d.flotilla.test.", RRType.TXT, "\"<generation> & 7\""),
                weighted("e.flotilla.test.", "one", 0, "192.0.2.3"),
                weighted("e.flotilla.test.", "two", 255, "192.0.2.4"),
                simple("f.flotilla.test.", RRType.CNAME, "elsewhere.example."));

        client.create(zone, sets.reversed().toArray(ResourceRecordSet[]::new));
        assertThat(client.sets(zone)).containsExactlyElementsOf(sets);
    }

    @Test
    void aSetThatExistsIsNotCreatedAgain() {
        client.create(zone, ONE);
        assertThat(refusal(ChangeAction.CREATE, ONE))
                .contains("Tried to create resource record set [name='mirror.flotilla.test.', type='A']"
                        + " but it already exists");
    }

    @Test
    void aSetIsDeletedOnlyWhenAllItsValuesAreGiven() {
        ResourceRecordSet two = simple(NAME, RRType.A, "192.0.2.1", "192.0.2.2");
        client.create(zone, two);

        assertThat(refusal(ChangeAction.DELETE, ONE)).contains("do not match the current values");
        assertThat(refusal(ChangeAction.DELETE, two.toBuilder().ttl(2L).build()))
                .contains("do not match the current values");
        assertThat(refusal(ChangeAction.DELETE, simple("other.flotilla.test", RRType.A, "192.0.2.1")))
                .contains("but it was not found");
        client.delete(zone, simple(NAME, RRType.A, "192.0.2.2", "192.0.2.1"));
        assertThat(client.sets(zone)).isEmpty();
    }

    @Test
    void anUpsertCreatesAndReplaces() {
        client.upsert(zone, ONE);
        ResourceRecordSet other = simple("mirror.flotilla.test.", RRType.A, "192.0.2.9");
        client.upsert(zone, other);
        assertThat(client.sets(zone)).containsExactly(other);
    }

    @Test
    void ofABatchWithOneWrongChangeNothingHappensAndEveryWrongOneIsNamed() {
        client.create(zone, ONE);
        InvalidChangeBatchException refusal = catchThrowableOfType(
                InvalidChangeBatchException.class,
                () -> client.change(
                        zone,
                        List.of(
                                change(ChangeAction.DELETE, ONE),
                                change(ChangeAction.CREATE, simple("new.flotilla.test", RRType.A, "192.0.2.2")),
                                change(ChangeAction.DELETE, simple("gone.flotilla.test", RRType.A, "192.0.2.3")),
                                change(ChangeAction.CREATE, simple("b.other.test", RRType.A, "192.0.2.4")))));

        assertThat(refusal.getMessage())
                .contains("gone.flotilla.test.")
                .contains("RRSet with DNS name b.other.test. is not permitted in zone flotilla.test.");
        assertThat(client.sets(zone)).extracting(ResourceRecordSet::name).containsExactly("mirror.flotilla.test.");
    }

    @Test
    void aBatchMayReplaceASetByOneOfAnotherKind() {
        client.create(zone, ONE);
        client.change(
                zone,
                List.of(
                        change(ChangeAction.DELETE, ONE),
                        change(ChangeAction.CREATE, weighted(NAME, "one", 1, "192.0.2.1"))));
        assertThat(client.sets(zone)).extracting(ResourceRecordSet::weight).containsExactly(1L);
    }

    @Test
    void kindsOfRoutingDoNotMixUnderOneNameAndType() {
        client.create(zone, ONE);
        assertThat(refusal(ChangeAction.CREATE, weighted(NAME, "one", 1, "192.0.2.2")))
                .contains("type A cannot be created as");
        client.create(zone, weighted("w.flotilla.test", "one", 1, "192.0.2.2"));
        assertThat(refusal(ChangeAction.UPSERT, simple("w.flotilla.test", RRType.A, "192.0.2.2")))
                .contains("other RRSets exist with the same name and type.");
        assertThat(refusal(
                        ChangeAction.CREATE,
                        failover("w.flotilla.test", ResourceRecordSetFailover.PRIMARY, "192.0.2.2")))
                .contains("failover sets do not mix");
        client.create(zone, simple("w.flotilla.test", RRType.AAAA, "2001:db8::1"));
    }

    @Test
    void aFailoverPairHasOnePrimaryAndOneSecondary() {
        client.create(zone, failover(NAME, ResourceRecordSetFailover.PRIMARY, "192.0.2.1"));
        ResourceRecordSet second = failover(NAME, ResourceRecordSetFailover.PRIMARY, "192.0.2.2").toBuilder()
                .setIdentifier("another")
                .build();
        assertThat(refusal(ChangeAction.CREATE, second)).contains("role PRIMARY exists");
        client.create(zone, failover(NAME, ResourceRecordSetFailover.SECONDARY, "192.0.2.2"));
    }

    @Test
    void anAliasNeedsATargetOfItsTypeInTheZoneAsItIsAtThatPointOfTheBatch() {
        ResourceRecordSet alias = alias(NAME, zone, "leaf.flotilla.test");
        ResourceRecordSet leaf = simple("leaf.flotilla.test", RRType.A, "192.0.2.1");

        assertThat(refusal(ChangeAction.CREATE, alias)).contains("but that target was not found");
        assertThat(refusal(ChangeAction.CREATE, alias, leaf)).contains("but that target was not found");
        client.create(zone, simple("leaf.flotilla.test", RRType.AAAA, "2001:db8::1"));
        assertThat(refusal(ChangeAction.CREATE, alias)).contains("but that target was not found");
        assertThat(refusal(ChangeAction.CREATE, alias(NAME, zone, "leaf.example.com")))
                .contains("does not lie within the target zone");
        assertThat(refusal(ChangeAction.CREATE, alias(NAME, "Z2FDTNDATAQYW2", "leaf.flotilla.test")))
                .contains("does not lie within the target zone");
        client.create(zone, leaf, alias);
    }

    @Test
    void aHealthCheckThatASetNamesMustExist() {
        assertThat(refusal(
                        ChangeAction.CREATE,
                        ONE.toBuilder().healthCheckId("abc").build()))
                .contains("No health check exists with the ID abc");
    }

    @Test
    void aCanonicalNameStandsAloneAndNotAtTheApex() {
        client.create(zone, ONE);
        assertThat(refusal(ChangeAction.CREATE, simple(NAME, RRType.CNAME, "elsewhere.example.")))
                .contains("conflicts with other records with the same DNS name");
        assertThat(refusal(ChangeAction.CREATE, simple("flotilla.test", RRType.CNAME, "elsewhere.example.")))
                .contains("is not permitted at apex");
        client.create(zone, simple("c.flotilla.test", RRType.CNAME, "elsewhere.example."));
        assertThat(refusal(ChangeAction.CREATE, simple("c.flotilla.test", RRType.A, "192.0.2.1")))
                .contains("a conflicting RRSet of type CNAME");
        assertThat(refusal(ChangeAction.CREATE, simple("d.flotilla.test", RRType.CNAME, "a.example.", "b.example.")))
                .contains("can only have one resource record");
    }

    @Test
    void theZonesOwnRecordsStay() {
        for (ResourceRecordSet own : client.sdk()
                .listResourceRecordSets(request -> request.hostedZoneId(zone))
                .resourceRecordSets()) {
            assertThat(refusal(ChangeAction.DELETE, own)).contains("exactly one SOA record");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"192.0.2", "192.0.2.256", "mirror", "2001:db8::1", ""})
    void aValueThatIsNoAddressIsRefused(String value) {
        assertThat(refusal(ChangeAction.CREATE, simple(NAME, RRType.A, value))).contains("Invalid Resource Record");
    }

    @Test
    void aValueIsGivenOnce() {
        assertInvalidInput(simple(NAME, RRType.A, "192.0.2.1", "192.0.2.1"), "Duplicate Resource Record");
    }

    @Test
    void aSetHasEitherATargetOrATimeToLiveWithValues() {
        assertInvalidInput(ONE.toBuilder().ttl(null).build(), "Expected exactly one of [AliasTarget");
        assertInvalidInput(
                alias(NAME, zone, "leaf.flotilla.test").toBuilder().ttl(1L).build(),
                "Expected exactly one of [AliasTarget");
        assertInvalidInput(ONE.toBuilder().ttl(2_147_483_648L).build(), "TTL must be from 0 to 2147483647");
    }

    @Test
    void aSetHasOneKindOfRoutingAndAnIdentifierForIt() {
        assertInvalidInput(ONE.toBuilder().weight(1L).build(), "Missing field 'SetIdentifier'");
        assertInvalidInput(ONE.toBuilder().setIdentifier("one").build(), "but found none");
        assertInvalidInput(
                weighted(NAME, "one", 1, "192.0.2.1").toBuilder()
                        .failover(ResourceRecordSetFailover.PRIMARY)
                        .build(),
                "more than one");
        assertInvalidInput(weighted(NAME, "one", 256, "192.0.2.1"), "Weight must be from 0 to 255");
        assertInvalidInput(weighted(NAME, "x".repeat(129), 1, "192.0.2.1"), "1 to 128 characters");
    }

    @Test
    void aWeightedSetHasOneValue() {
        ResourceRecordSet two = simple(NAME, RRType.A, "192.0.2.1", "192.0.2.2").toBuilder()
                .setIdentifier("one")
                .weight(1L)
                .build();
        assertThat(refusal(ChangeAction.CREATE, two)).contains("can only have one resource record");
    }

    @Test
    void anAwsRegionHasOneLatencySetOfANameAndTypeWithOneValue() {
        ResourceRecordSet near = latency("us-east-1", "192.0.2.1");
        client.create(zone, near, latency("eu-west-1", "192.0.2.2"));
        assertThat(client.sets(zone)).contains(near.toBuilder().name(NAME + ".").build());
        assertThat(refusal(
                        ChangeAction.CREATE,
                        near.toBuilder().setIdentifier("other").build()))
                .contains("a latency set with the region us-east-1 exists");
        assertThat(refusal(ChangeAction.CREATE, weighted(NAME, "w", 1, "192.0.2.3")))
                .contains("weighted sets do not mix");
        assertThat(refusal(
                        ChangeAction.CREATE,
                        simple(NAME, RRType.A, "192.0.2.3", "192.0.2.4").toBuilder()
                                .setIdentifier("two")
                                .region("ap-south-1")
                                .build()))
                .contains("can only have one resource record");
        client.delete(zone, near, latency("eu-west-1", "192.0.2.2"));
        assertInvalidInput(latency("us-middle-1", "192.0.2.1"), "'us-middle-1' is no AWS region");
    }

    @Test
    void aMultivalueSetHasOneValueAndIsNoAliasAndNoCanonicalName() {
        ResourceRecordSet many = many(simple(NAME, RRType.A, "192.0.2.1"), "one");
        client.create(zone, many, many(simple(NAME, RRType.A, "192.0.2.2"), "two"));
        assertThat(client.sets(zone)).contains(many.toBuilder().name(NAME + ".").build());
        assertThat(refusal(ChangeAction.CREATE, many(simple(NAME, RRType.A, "192.0.2.3", "192.0.2.4"), "three")))
                .contains("can only have one resource record");
        assertThat(refusal(ChangeAction.CREATE, many(alias("x.flotilla.test", zone, NAME), "alias")))
                .contains("can't be aliases");
        assertThat(refusal(
                        ChangeAction.CREATE,
                        many(simple("y.flotilla.test", RRType.CNAME, "mirror.flotilla.test"), "cname")))
                .contains("can't have this type");
        client.delete(zone, many, many(simple(NAME, RRType.A, "192.0.2.2"), "two"));
        assertInvalidInput(many.toBuilder().multiValueAnswer(false).build(), "MultiValueAnswer is true or left out");
    }

    private static ResourceRecordSet latency(String region, String value) {
        return simple(NAME, RRType.A, value).toBuilder()
                .setIdentifier(region)
                .region(region)
                .build();
    }

    private static ResourceRecordSet many(ResourceRecordSet set, String identifier) {
        return set.toBuilder().setIdentifier(identifier).multiValueAnswer(true).build();
    }

    @Test
    void kindsThatTheStandInDoesNotKnowAreRefusedByName() {
        ResourceRecordSet identified = ONE.toBuilder().setIdentifier("one").build();
        assertInvalidInput(
                identified.toBuilder()
                        .geoLocation(location -> location.countryCode("DE"))
                        .build(),
                "does not know record sets with GeoLocation yet");
        assertInvalidInput(simple(NAME, RRType.SPF, "\"v=spf1\""), "does not know the record type 'SPF' yet");
    }

    @Test
    void aNameThatIsNoDomainNameIsRefused() {
        for (String name : List.of("*.flotilla.test", "a..flotilla.test", "\\052.flotilla.test", "ä.flotilla.test")) {
            assertThatExceptionOfType(Route53Exception.class)
                    .as(name)
                    .isThrownBy(() -> client.create(zone, simple(name, RRType.A, "192.0.2.1")))
                    .withMessageContaining("no domain name that the stand-in knows");
        }
    }

    @Test
    void aBatchHasAtMostAThousandRecordsOfWhichThoseOfAnUpsertCountTwice() {
        ResourceRecordSet[] sets = IntStream.range(0, 501)
                .mapToObj(number -> simple("n" + number + ".flotilla.test", RRType.A, "192.0.2.1"))
                .toArray(ResourceRecordSet[]::new);
        assertThat(refusal(ChangeAction.UPSERT, sets)).contains("Number of records limit of 1000 exceeded.");
        client.create(zone, sets);
        assertThat(client.sets(zone)).hasSize(501);
    }

    @Test
    void aBatchHasAtMostThirtyTwoThousandCharactersOfValues() {
        ResourceRecordSet[] sets = IntStream.range(0, 130)
                .mapToObj(number -> simple("n" + number + ".flotilla.test", RRType.TXT, "\"" + "x".repeat(250) + "\""))
                .toArray(ResourceRecordSet[]::new);
        assertThat(refusal(ChangeAction.CREATE, sets)).contains("Number of characters limit of 32000 exceeded.");
    }

    @Test
    void aHundredWeightedSetsShareANameAndType() {
        for (int hundred = 0; hundred < 100; hundred += 50) {
            int first = hundred;
            client.create(
                    zone,
                    IntStream.range(0, 50)
                            .mapToObj(number -> weighted(NAME, "n" + (first + number), 1, "192.0.2.1"))
                            .toArray(ResourceRecordSet[]::new));
        }
        assertThat(refusal(ChangeAction.CREATE, weighted(NAME, "n100", 1, "192.0.2.1")))
                .contains("100 weighted sets exist");
    }

    @Test
    void moreChangesThanCanBePendingAreToldToComeLater() throws IOException {
        Route53Limits defaults = Route53Limits.DEFAULTS;
        Route53Limits limits = new Route53Limits(
                defaults.hostedZones(),
                defaults.healthChecks(),
                defaults.recordSetsPerZone(),
                2,
                defaults.rememberedChanges(),
                defaults.requestBytes(),
                defaults.requestsAtOnce(),
                defaults.tcpConnections(),
                defaults.tcpIdle());
        try (Route53StandIn slow = Route53StandIn.start(Route53Options.onLoopback()
                        .withChangeDelay(Duration.ofHours(1))
                        .withLimits(limits));
                StandInClient busy = new StandInClient(slow.endpoint())) {
            String other = busy.zone("flotilla.test");
            busy.upsert(other, ONE);
            busy.upsert(other, ONE);
            assertThatExceptionOfType(PriorRequestNotCompleteException.class).isThrownBy(() -> busy.upsert(other, ONE));
        }
    }

    private void assertInvalidInput(ResourceRecordSet set, String message) {
        assertThatExceptionOfType(InvalidInputException.class)
                .isThrownBy(() -> client.create(zone, set))
                .withMessageContaining(message);
        assertThat(client.sets(zone)).isEmpty();
    }

    private String refusal(ChangeAction action, ResourceRecordSet... sets) {
        InvalidChangeBatchException refusal =
                catchThrowableOfType(InvalidChangeBatchException.class, () -> client.change(zone, action, sets));
        assertThat(refusal).as("the batch was taken").isNotNull();
        return String.valueOf(refusal.getMessage());
    }

    private static Change change(ChangeAction action, ResourceRecordSet set) {
        return Change.builder().action(action).resourceRecordSet(set).build();
    }
}
