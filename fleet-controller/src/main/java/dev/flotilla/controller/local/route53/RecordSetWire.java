package dev.flotilla.controller.local.route53;

import dev.flotilla.controller.local.route53.ChangeBatch.Action;
import dev.flotilla.controller.local.route53.ChangeBatch.Change;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The XML form of record sets and change batches (API Reference, ResourceRecordSet and ChangeResourceRecordSets). */
final class RecordSetWire {
    private static final List<String> ROUTINGS = List.of(
            "Weight",
            "Failover",
            "Region",
            "GeoLocation",
            "GeoProximityLocation",
            "MultiValueAnswer",
            "CidrRoutingConfig");
    private static final List<String> UNKNOWN_ROUTINGS =
            List.of("GeoLocation", "GeoProximityLocation", "CidrRoutingConfig");

    private RecordSetWire() {}

    static ChangeBatch readBatch(XmlElement batch) throws ApiRefusal {
        List<Change> changes = new ArrayList<>();
        for (XmlElement change : batch.items("Changes", "Change")) {
            changes.add(new Change(
                    readAction(change.required("Action")),
                    readSet(change.child("ResourceRecordSet")
                            .orElseThrow(() -> missing("ResourceRecordSet", "Change")))));
        }
        if (changes.isEmpty()) {
            throw ApiRefusal.invalidInput("Invalid request: Expected at least one change in ChangeBatch");
        }
        return new ChangeBatch(changes);
    }

    private static Action readAction(String action) throws ApiRefusal {
        for (Action known : Action.values()) {
            if (known.name().equals(action)) {
                return known;
            }
        }
        throw ApiRefusal.invalidInput(
                "Invalid request: '" + action + "' is none of the actions CREATE, DELETE, UPSERT");
    }

    static RecordSet readSet(XmlElement set) throws ApiRefusal {
        String name = set.required("Name");
        String type = set.required("Type");
        String described = " in Change with [Name=" + name + ", Type=" + type + ", SetIdentifier="
                + set.value("SetIdentifier").orElse("null") + "]";
        try {
            return new RecordSet(
                    readName(name),
                    RecordType.named(type)
                            .orElseThrow(() -> ApiRefusal.invalidInput(
                                    "The stand-in does not know the record type '" + type + "' yet")),
                    readRouting(set, described),
                    readContent(set, described),
                    set.value("HealthCheckId"));
        } catch (IllegalArgumentException wrong) {
            throw ApiRefusal.invalidInput("Invalid request: " + wrong.getMessage() + described);
        }
    }

    static DomainName readName(String name) throws ApiRefusal {
        try {
            return DomainName.parse(name);
        } catch (IllegalArgumentException wrong) {
            throw new ApiRefusal(
                    ApiRefusal.Code.INVALID_DOMAIN_NAME,
                    wrong.getMessage() + "; wildcards and escapes" + " are not among them");
        }
    }

    private static Routing readRouting(XmlElement set, String described) throws ApiRefusal {
        List<String> given =
                ROUTINGS.stream().filter(name -> set.child(name).isPresent()).toList();
        Optional<String> identifier = set.value("SetIdentifier");
        if (given.isEmpty() && identifier.isEmpty()) {
            return new Routing.Simple();
        }
        if (given.size() != 1) {
            throw ApiRefusal.invalidInput(
                    "Invalid request: Expected exactly one of [Weight, Region, Failover, GeoLocation, or"
                            + " MultiValueAnswer], but found "
                            + (given.isEmpty() ? "none" : "more than one") + described);
        }
        String kind = given.getFirst();
        if (UNKNOWN_ROUTINGS.contains(kind)) {
            throw ApiRefusal.invalidInput("The stand-in does not know record sets with " + kind
                    + " yet: it answers simple, weighted, latency, failover and multivalue sets" + described);
        }
        String setIdentifier = identifier.orElseThrow(
                () -> ApiRefusal.invalidInput("Invalid request: Missing field 'SetIdentifier'" + described));
        return switch (kind) {
            case "Weight" -> new Routing.Weighted(setIdentifier, Numbers.integer("Weight", set.required("Weight")));
            case "Region" -> new Routing.Latency(setIdentifier, set.required("Region"));
            case "MultiValueAnswer" -> multivalue(set, setIdentifier, described);
            default -> new Routing.Failover(setIdentifier, readRole(set.required("Failover")));
        };
    }

    private static Routing multivalue(XmlElement set, String setIdentifier, String described) throws ApiRefusal {
        if (!Numbers.truth("MultiValueAnswer", set.required("MultiValueAnswer"))) {
            throw ApiRefusal.invalidInput("Invalid request: MultiValueAnswer is true or left out" + described);
        }
        return new Routing.Multivalue(setIdentifier);
    }

    private static Routing.Role readRole(String role) throws ApiRefusal {
        return switch (role) {
            case "PRIMARY" -> Routing.Role.PRIMARY;
            case "SECONDARY" -> Routing.Role.SECONDARY;
            default -> throw ApiRefusal.invalidInput("Invalid request: Failover is PRIMARY or SECONDARY, not " + role);
        };
    }

    /** API Reference, ResourceRecordSet: an alias has neither TTL nor values, any other set has both. */
    private static RecordContent readContent(XmlElement set, String described) throws ApiRefusal {
        Optional<XmlElement> alias = set.child("AliasTarget");
        Optional<String> ttl = set.value("TTL");
        List<XmlElement> records = set.items("ResourceRecords", "ResourceRecord");
        boolean values = ttl.isPresent() && !records.isEmpty();
        boolean part = ttl.isPresent() || !records.isEmpty();
        if (alias.isPresent() ? part : !values) {
            throw ApiRefusal.invalidInput(
                    "Invalid request: Expected exactly one of [AliasTarget, all of [TTL, and ResourceRecords], or"
                            + " TrafficPolicyInstanceId], but found "
                            + (alias.isPresent() ? "more than one" : "none") + described);
        }
        if (alias.isPresent()) {
            return new RecordContent.Alias(
                    withoutPrefix("/hostedzone/", alias.get().required("HostedZoneId")),
                    readName(alias.get().required("DNSName")),
                    Numbers.truth("EvaluateTargetHealth", alias.get().required("EvaluateTargetHealth")));
        }
        List<String> texts = new ArrayList<>();
        for (XmlElement record : records) {
            texts.add(record.required("Value"));
        }
        return new RecordContent.Values(Numbers.wide("TTL", ttl.orElseThrow()), texts);
    }

    static void write(XmlDocument document, RecordSet set) {
        document.element("ResourceRecordSet", inside -> {
            inside.value("Name", set.name());
            inside.value("Type", set.type());
            writeRouting(inside, set.routing());
            switch (set.content()) {
                case RecordContent.Values values -> {
                    inside.value("TTL", values.ttlSeconds());
                    inside.element(
                            "ResourceRecords",
                            list -> values.values()
                                    .forEach(value ->
                                            list.element("ResourceRecord", record -> record.value("Value", value))));
                }
                case RecordContent.Alias alias ->
                    inside.element("AliasTarget", target -> {
                        target.value("HostedZoneId", alias.hostedZoneId());
                        target.value("DNSName", alias.target());
                        target.value("EvaluateTargetHealth", alias.evaluateTargetHealth());
                    });
            }
            set.healthCheckId().ifPresent(id -> inside.value("HealthCheckId", id));
        });
    }

    private static void writeRouting(XmlDocument document, Routing routing) {
        switch (routing) {
            case Routing.Simple _ -> {
                // Nothing tells a simple set.
            }
            case Routing.Weighted weighted -> {
                document.value("SetIdentifier", weighted.setIdentifier());
                document.value("Weight", weighted.weight());
            }
            case Routing.Failover failover -> {
                document.value("SetIdentifier", failover.setIdentifier());
                document.value("Failover", failover.role());
            }
            case Routing.Latency latency -> {
                document.value("SetIdentifier", latency.setIdentifier());
                document.value("Region", latency.region());
            }
            case Routing.Multivalue multivalue -> {
                document.value("SetIdentifier", multivalue.setIdentifier());
                document.value("MultiValueAnswer", true);
            }
        }
    }

    /** Ids are taken with and without the prefix that AWS writes before them. */
    static String withoutPrefix(String prefix, String id) {
        return id.startsWith(prefix) ? id.substring(prefix.length()) : id;
    }

    private static ApiRefusal missing(String field, String parent) {
        return ApiRefusal.invalidInput("Invalid request: Missing field '" + field + "' in " + parent);
    }
}
