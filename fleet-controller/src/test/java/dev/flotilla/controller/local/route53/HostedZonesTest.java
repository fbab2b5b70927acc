package dev.flotilla.controller.local.route53;

import static dev.flotilla.controller.local.route53.StandInClient.simple;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import software.amazon.awssdk.services.route53.model.ChangeInfo;
import software.amazon.awssdk.services.route53.model.ChangeStatus;
import software.amazon.awssdk.services.route53.model.CreateHostedZoneResponse;
import software.amazon.awssdk.services.route53.model.HostedZone;
import software.amazon.awssdk.services.route53.model.HostedZoneAlreadyExistsException;
import software.amazon.awssdk.services.route53.model.HostedZoneNotEmptyException;
import software.amazon.awssdk.services.route53.model.InvalidInputException;
import software.amazon.awssdk.services.route53.model.ListHostedZonesByNameResponse;
import software.amazon.awssdk.services.route53.model.ListResourceRecordSetsResponse;
import software.amazon.awssdk.services.route53.model.NoSuchChangeException;
import software.amazon.awssdk.services.route53.model.NoSuchHostedZoneException;
import software.amazon.awssdk.services.route53.model.RRType;
import software.amazon.awssdk.services.route53.model.ResourceRecordSet;
import software.amazon.awssdk.services.route53.model.Tag;

@Timeout(60)
class HostedZonesTest {
    private Route53StandIn standIn;
    private StandInClient client;

    @BeforeEach
    void start() throws IOException {
        standIn = Route53StandIn.start(Route53Options.onLoopback().withChangeDelay(Duration.ofMillis(300)));
        client = new StandInClient(standIn.endpoint());
    }

    @AfterEach
    void stop() {
        client.close();
        standIn.close();
    }

    @Test
    void aNewZoneIsFoundByIdAndByNameAndHoldsItsAuthorityAndNameServers() {
        CreateHostedZoneResponse made = client.sdk()
                .createHostedZone(request -> request.name("Flotilla.test")
                        .callerReference("first")
                        .hostedZoneConfig(config -> config.comment("a comment")));

        assertThat(made.hostedZone().name()).isEqualTo("flotilla.test.");
        assertThat(made.hostedZone().config().comment()).isEqualTo("a comment");
        assertThat(made.location()).endsWith(made.hostedZone().id());
        assertThat(made.delegationSet().nameServers()).hasSize(4);
        assertThat(client.sdk()
                        .getHostedZone(request -> request.id(made.hostedZone().id()))
                        .hostedZone())
                .isEqualTo(made.hostedZone());
        assertThat(client.sdk()
                        .listResourceRecordSets(request ->
                                request.hostedZoneId(made.hostedZone().id()))
                        .resourceRecordSets())
                .extracting(ResourceRecordSet::type)
                .containsExactly(RRType.NS, RRType.SOA);
    }

    @Test
    void aCallerReferenceMakesOneZone() {
        client.zone("flotilla.test");
        assertThatExceptionOfType(HostedZoneAlreadyExistsException.class)
                .isThrownBy(() -> client.zone("flotilla.test"));
    }

    @Test
    void zonesAreListedPageByPage() {
        List<String> made = new ArrayList<>();
        for (String name : List.of("a.test", "b.test", "c.test", "d.test", "e.test")) {
            made.add(client.zone(name));
        }
        assertThat(client.sdk()
                        .listHostedZonesPaginator(request -> request.maxItems("2"))
                        .hostedZones())
                .extracting(HostedZone::id)
                .containsExactlyInAnyOrderElementsOf(made);
    }

    @Test
    void zonesAreListedByNameInTheOrderOfTheirReversedLabels() {
        List.of("b.test", "z.a.test", "a.test", "example").forEach(client::zone);

        ListHostedZonesByNameResponse first = client.sdk().listHostedZonesByName(request -> request.maxItems("2"));
        assertThat(first.hostedZones()).extracting(HostedZone::name).containsExactly("example.", "a.test.");
        assertThat(first.isTruncated()).isTrue();
        ListHostedZonesByNameResponse second = client.sdk()
                .listHostedZonesByName(
                        request -> request.dnsName(first.nextDNSName()).hostedZoneId(first.nextHostedZoneId()));
        assertThat(second.hostedZones()).extracting(HostedZone::name).containsExactly("z.a.test.", "b.test.");
        assertThat(client.sdk()
                        .listHostedZonesByName(
                                request -> request.dnsName("b.test").maxItems("1"))
                        .hostedZones())
                .extracting(HostedZone::name)
                .containsExactly("b.test.");
    }

    @Test
    void aZoneIsDeletedOnlyWhenNothingButItsOwnRecordsAreLeft() {
        String zone = client.zone("flotilla.test");
        ResourceRecordSet set = simple("mirror.flotilla.test", RRType.A, "192.0.2.1");
        client.create(zone, set);

        assertThatExceptionOfType(HostedZoneNotEmptyException.class)
                .isThrownBy(() -> client.sdk().deleteHostedZone(request -> request.id(zone)));
        client.delete(zone, set);
        client.sdk().deleteHostedZone(request -> request.id(zone));
        assertThatExceptionOfType(NoSuchHostedZoneException.class)
                .isThrownBy(() -> client.sdk().getHostedZone(request -> request.id(zone)));
    }

    @Test
    void aChangeIsPendingFirstAndInSyncSoon() {
        String zone = client.zone("flotilla.test");
        ChangeInfo change = client.create(zone, simple("mirror.flotilla.test", RRType.A, "192.0.2.1"));

        assertThat(change.status()).isEqualTo(ChangeStatus.PENDING);
        assertThat(client.sets(zone)).hasSize(1);
        await().atMost(Duration.ofSeconds(5))
                .until(() -> client.sdk()
                        .getChange(request -> request.id(change.id()))
                        .changeInfo()
                        .status()
                        .equals(ChangeStatus.INSYNC));
    }

    @Test
    void whatDoesNotExistIsNamedInTheError() {
        assertThatExceptionOfType(NoSuchHostedZoneException.class)
                .isThrownBy(() -> client.sets("Z0000000000404"))
                .withMessageContaining("Z0000000000404");
        assertThatExceptionOfType(NoSuchChangeException.class)
                .isThrownBy(() -> client.sdk().getChange(request -> request.id("C404")))
                .withMessageContaining("C404");
    }

    @Test
    void recordSetsAreListedByReversedLabelsThenByTypeThenByIdentifier() {
        String zone = client.zone("flotilla.test");
        client.create(
                zone,
                StandInClient.weighted("b.flotilla.test", "two", 1, "192.0.2.2"),
                simple("z.a.flotilla.test", RRType.A, "192.0.2.3"),
                simple("a-b.flotilla.test", RRType.A, "192.0.2.3"),
                simple("a.flotilla.test", RRType.TXT, "\"text\""),
                StandInClient.weighted("b.flotilla.test", "one", 1, "192.0.2.1"),
                simple("a.flotilla.test", RRType.A, "192.0.2.4"));

        // The hyphen sorts before the dot that ends a label (API Reference, ListResourceRecordSets, "Sort order").
        assertThat(client.sets(zone))
                .extracting(set -> set.name() + " " + set.type() + " " + set.setIdentifier())
                .containsExactly(
                        "a-b.flotilla.test. A null",
                        "a.flotilla.test. A null",
                        "a.flotilla.test. TXT null",
                        "z.a.flotilla.test. A null",
                        "b.flotilla.test. A one",
                        "b.flotilla.test. A two");
    }

    @Test
    void aListingGoesOnInTheMiddleOfAGroupByNameTypeAndIdentifier() {
        String zone = client.zone("flotilla.test");
        List<String> identifiers = new ArrayList<>();
        for (char letter = 'a'; letter <= 'g'; letter++) {
            identifiers.add(String.valueOf(letter));
            client.create(zone, StandInClient.weighted("leaf.flotilla.test", "" + letter, 1, "192.0.2.1"));
        }

        List<String> listed = new ArrayList<>();
        ListResourceRecordSetsResponse page = client.sdk()
                .listResourceRecordSets(request -> request.hostedZoneId(zone)
                        .startRecordName("leaf.flotilla.test")
                        .startRecordType(RRType.A)
                        .maxItems("3"));
        page.resourceRecordSets().forEach(set -> listed.add(set.setIdentifier()));
        while (page.isTruncated()) {
            ListResourceRecordSetsResponse last = page;
            assertThat(last.nextRecordName()).isEqualTo("leaf.flotilla.test.");
            page = client.sdk()
                    .listResourceRecordSets(request -> request.hostedZoneId(zone)
                            .startRecordName(last.nextRecordName())
                            .startRecordType(last.nextRecordType())
                            .startRecordIdentifier(last.nextRecordIdentifier())
                            .maxItems("3"));
            page.resourceRecordSets().forEach(set -> listed.add(set.setIdentifier()));
        }
        assertThat(listed).containsExactlyElementsOf(identifiers);
    }

    @Test
    void aListingThatStartsWithATypeNeedsAName() {
        String zone = client.zone("flotilla.test");
        assertThatExceptionOfType(InvalidInputException.class)
                .isThrownBy(() -> client.sdk()
                        .listResourceRecordSets(
                                request -> request.hostedZoneId(zone).startRecordType(RRType.A)));
    }

    @Test
    void tagsAreAddedReplacedRemovedAndListed() {
        String zone = client.zone("flotilla.test").replace("/hostedzone/", "");
        client.sdk()
                .changeTagsForResource(request -> request.resourceType("hostedzone")
                        .resourceId(zone)
                        .addTags(tag("owner", "flotilla"), tag("fleet", "local")));
        client.sdk()
                .changeTagsForResource(request -> request.resourceType("hostedzone")
                        .resourceId(zone)
                        .addTags(tag("fleet", "other"))
                        .removeTagKeys("owner"));

        assertThat(client.sdk()
                        .listTagsForResource(
                                request -> request.resourceType("hostedzone").resourceId(zone))
                        .resourceTagSet()
                        .tags())
                .singleElement()
                .satisfies(tag -> assertThat(tag.key() + "=" + tag.value()).isEqualTo("fleet=other"));
        assertThat(client.sdk()
                        .listTagsForResources(
                                request -> request.resourceType("hostedzone").resourceIds(zone))
                        .resourceTagSets())
                .singleElement()
                .satisfies(set -> assertThat(set.resourceId()).isEqualTo(zone));
    }

    private static Tag tag(String key, String value) {
        return Tag.builder().key(key).value(value).build();
    }
}
