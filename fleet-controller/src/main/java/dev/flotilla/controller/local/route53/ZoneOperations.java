package dev.flotilla.controller.local.route53;

import dev.flotilla.controller.local.route53.HostedZones.ChangeInfo;
import dev.flotilla.controller.local.route53.HostedZones.Creation;
import dev.flotilla.controller.local.route53.HostedZones.Summary;
import dev.flotilla.controller.local.route53.ResourceTags.Kind;
import dev.flotilla.controller.local.route53.ResourceTags.Resource;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** The operations on hosted zones, record sets and changes, between wire and {@link HostedZones}. Thread-safe. */
final class ZoneOperations {
    private static final int ZONES_PAGE = 100;
    private static final int RECORD_SETS_PAGE = 300;
    private static final int CALLER_REFERENCE_LIMIT = 128;

    private final HostedZones zones;
    private final ResourceTags tags;

    ZoneOperations(HostedZones zones, ResourceTags tags) {
        this.zones = zones;
        this.tags = tags;
    }

    /** API Reference, CreateHostedZone. */
    ApiAnswer create(ApiRequest request) throws ApiRefusal {
        XmlElement document = request.document("CreateHostedZoneRequest");
        if (document.child("VPC").isPresent()) {
            throw ApiRefusal.invalidInput("The stand-in does not know private hosted zones");
        }
        String reference = document.required("CallerReference");
        if (reference.isEmpty() || reference.length() > CALLER_REFERENCE_LIMIT) {
            throw ApiRefusal.invalidInput("CallerReference must have 1 to " + CALLER_REFERENCE_LIMIT + " characters");
        }
        Creation made = zones.create(
                RecordSetWire.readName(document.required("Name")),
                reference,
                document.child("HostedZoneConfig").flatMap(config -> config.value("Comment")));
        String body = XmlDocument.of("CreateHostedZoneResponse", answer -> {
            writeZone(answer, made.summary());
            writeChange(answer, made.change());
            writeDelegationSet(answer, made.summary());
        });
        return ApiAnswer.created(
                "/2013-04-01/hostedzone/" + made.summary().zone().id(), body);
    }

    ApiAnswer get(String id) throws ApiRefusal {
        Summary zone = zones.get(id);
        return ApiAnswer.ok(XmlDocument.of("GetHostedZoneResponse", answer -> {
            writeZone(answer, zone);
            writeDelegationSet(answer, zone);
        }));
    }

    ApiAnswer delete(String id) throws ApiRefusal {
        ChangeInfo change = zones.delete(id);
        tags.forget(new Resource(Kind.HOSTED_ZONE, id));
        return ApiAnswer.ok(XmlDocument.of("DeleteHostedZoneResponse", answer -> writeChange(answer, change)));
    }

    /** API Reference, ListHostedZones: {@code marker} is the first id of the page. */
    ApiAnswer list(ApiRequest request) throws ApiRefusal {
        int size = request.maxItems(ZONES_PAGE);
        Optional<String> marker = request.parameter("marker");
        List<Summary> from = zones.list().stream()
                .sorted(Comparator.comparing(zone -> zone.zone().id()))
                .filter(zone -> marker.isEmpty() || zone.zone().id().compareTo(marker.get()) >= 0)
                .toList();
        return ApiAnswer.ok(XmlDocument.of("ListHostedZonesResponse", answer -> {
            writeZones(answer, from, size);
            answer.value("Marker", marker.orElse(""));
            answer.value("IsTruncated", from.size() > size);
            if (from.size() > size) {
                answer.value("NextMarker", from.get(size).zone().id());
            }
            answer.value("MaxItems", size);
        }));
    }

    /** API Reference, ListHostedZonesByName: in the order of the names with their labels reversed. */
    ApiAnswer listByName(ApiRequest request) throws ApiRefusal {
        int size = request.maxItems(ZONES_PAGE);
        Optional<String> name = request.parameter("dnsname");
        Optional<String> id = request.parameter("hostedzoneid");
        if (name.isEmpty() && id.isPresent()) {
            throw ApiRefusal.invalidInput("hostedzoneid can't be given without dnsname");
        }
        String startName =
                name.isEmpty() ? "" : RecordSetWire.readName(name.get()).reversed();
        List<Summary> from = zones.list().stream()
                .sorted(Comparator.comparing((Summary zone) -> zone.zone().name())
                        .thenComparing(zone -> zone.zone().id()))
                .filter(zone -> {
                    int order = zone.zone().name().reversed().compareTo(startName);
                    return order > 0 || (order == 0 && zone.zone().id().compareTo(id.orElse("")) >= 0);
                })
                .toList();
        return ApiAnswer.ok(XmlDocument.of("ListHostedZonesByNameResponse", answer -> {
            writeZones(answer, from, size);
            name.ifPresent(given -> answer.value("DNSName", given));
            id.ifPresent(given -> answer.value("HostedZoneId", given));
            answer.value("IsTruncated", from.size() > size);
            if (from.size() > size) {
                answer.value("NextDNSName", from.get(size).zone().name());
                answer.value("NextHostedZoneId", from.get(size).zone().id());
            }
            answer.value("MaxItems", size);
        }));
    }

    /** API Reference, ChangeResourceRecordSets. */
    ApiAnswer change(String id, ApiRequest request) throws ApiRefusal {
        XmlElement batch = request.document("ChangeResourceRecordSetsRequest")
                .child("ChangeBatch")
                .orElseThrow(() -> ApiRefusal.invalidInput("Invalid request: Missing field 'ChangeBatch'"));
        zones.get(id);
        ChangeInfo change = zones.change(id, RecordSetWire.readBatch(batch), batch.value("Comment"));
        return ApiAnswer.ok(XmlDocument.of("ChangeResourceRecordSetsResponse", answer -> writeChange(answer, change)));
    }

    /** API Reference, ListResourceRecordSets: it goes on from name, type and identifier of the page's first set. */
    ApiAnswer listRecordSets(String id, ApiRequest request) throws ApiRefusal {
        int size = request.maxItems(RECORD_SETS_PAGE);
        Optional<String> name = request.parameter("name");
        Optional<String> type = request.parameter("type");
        Optional<String> identifier = request.parameter("identifier");
        if (type.isPresent() && name.isEmpty()) {
            throw ApiRefusal.invalidInput("The parameter type can't be given without name");
        }
        if (identifier.isPresent() && type.isEmpty()) {
            throw ApiRefusal.invalidInput("The parameter identifier can't be given without name and type");
        }
        ZoneRecords records = zones.records(id);
        RecordType startType = type.isEmpty()
                ? RecordType.A
                : RecordType.named(type.get())
                        .orElseThrow(() -> ApiRefusal.invalidInput(
                                "The stand-in does not know the record type '" + type.get() + "' yet"));
        Collection<RecordSet> from = name.isEmpty()
                ? records.all()
                : records.from(new RecordSet.Key(RecordSetWire.readName(name.get()), startType, identifier.orElse("")));
        List<RecordSet> sets = from.stream().limit(size + 1L).toList();
        return ApiAnswer.ok(XmlDocument.of("ListResourceRecordSetsResponse", answer -> {
            answer.element(
                    "ResourceRecordSets",
                    list -> sets.stream().limit(size).forEach(set -> RecordSetWire.write(list, set)));
            answer.value("IsTruncated", sets.size() > size);
            if (sets.size() > size) {
                RecordSet next = sets.get(size);
                answer.value("NextRecordName", next.name());
                answer.value("NextRecordType", next.type());
                if (!(next.routing() instanceof Routing.Simple)) {
                    answer.value("NextRecordIdentifier", next.routing().setIdentifier());
                }
            }
            answer.value("MaxItems", size);
        }));
    }

    /** API Reference, GetChange. */
    ApiAnswer getChange(String id) throws ApiRefusal {
        ChangeInfo change = zones.findChange(id);
        return ApiAnswer.ok(XmlDocument.of("GetChangeResponse", answer -> writeChange(answer, change)));
    }

    /** Fails unless the zone exists. */
    void require(String id) throws ApiRefusal {
        zones.get(id);
    }

    private static void writeZones(XmlDocument document, List<Summary> from, int size) {
        document.element("HostedZones", list -> from.stream().limit(size).forEach(zone -> writeZone(list, zone)));
    }

    private static void writeZone(XmlDocument document, Summary zone) {
        document.element("HostedZone", inside -> {
            inside.value("Id", "/hostedzone/" + zone.zone().id());
            inside.value("Name", zone.zone().name());
            inside.value("CallerReference", zone.zone().callerReference());
            inside.element("Config", config -> {
                zone.zone().comment().ifPresent(comment -> config.value("Comment", comment));
                config.value("PrivateZone", false);
            });
            inside.value("ResourceRecordSetCount", zone.recordSets());
        });
    }

    private static void writeDelegationSet(XmlDocument document, Summary zone) {
        document.element(
                "DelegationSet",
                set -> set.element(
                        "NameServers",
                        servers -> zone.zone()
                                .nameServers()
                                .forEach(server ->
                                        servers.value("NameServer", server.substring(0, server.length() - 1)))));
    }

    private void writeChange(XmlDocument document, ChangeInfo change) {
        document.element("ChangeInfo", inside -> {
            inside.value("Id", "/change/" + change.id());
            inside.value("Status", zones.isInSync(change) ? "INSYNC" : "PENDING");
            inside.value("SubmittedAt", change.submitted());
            change.comment().ifPresent(comment -> inside.value("Comment", comment));
        });
    }
}
