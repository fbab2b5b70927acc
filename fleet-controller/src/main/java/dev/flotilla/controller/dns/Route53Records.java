package dev.flotilla.controller.dns;

import dev.flotilla.controller.dns.RecordSet.Content;
import dev.flotilla.controller.dns.RecordSet.Routing;
import dev.flotilla.controller.fleet.DnsName;
import java.time.Duration;
import java.util.Optional;
import software.amazon.awssdk.services.route53.model.AliasTarget;
import software.amazon.awssdk.services.route53.model.ChangeAction;
import software.amazon.awssdk.services.route53.model.ResourceRecord;
import software.amazon.awssdk.services.route53.model.ResourceRecordSet;
import software.amazon.awssdk.services.route53.model.ResourceRecordSetFailover;

/** Record sets to and from the shape of the Route53 API. */
final class Route53Records {
    private Route53Records() {}

    /** Empty for names that can't be a fleet's, such as wildcards, which the API writes with escapes. */
    static Optional<RecordSet> fromApi(ResourceRecordSet records, String zoneId) {
        return name(records.name())
                .map(name -> new RecordSet(
                        name,
                        records.typeAsString(),
                        Optional.ofNullable(records.setIdentifier()),
                        routing(records),
                        content(records, zoneId),
                        Optional.ofNullable(records.healthCheckId()).map(CheckReference.Existing::new)));
    }

    static boolean isAtOrBelow(String written, DnsName name) {
        return written.equals(name + ".") || written.endsWith("." + name + ".");
    }

    static software.amazon.awssdk.services.route53.model.Change toApi(Change change, String zoneId) {
        ChangeAction action = switch (change) {
            case Change.Create ignored -> ChangeAction.CREATE;
            case Change.Replace ignored -> ChangeAction.UPSERT;
            case Change.Delete ignored -> ChangeAction.DELETE;
        };
        return software.amazon.awssdk.services.route53.model.Change.builder()
                .action(action)
                .resourceRecordSet(toApi(change.records(), zoneId))
                .build();
    }

    private static ResourceRecordSet toApi(RecordSet records, String zoneId) {
        var builder = ResourceRecordSet.builder().name(records.name() + ".").type(records.type());
        records.identifier().ifPresent(builder::setIdentifier);
        switch (records.routing()) {
            case Routing.Simple ignored -> {}
            case Routing.Weighted weighted -> builder.weight((long) weighted.weight());
            case Routing.Failover failover ->
                builder.failover(
                        failover.primary() ? ResourceRecordSetFailover.PRIMARY : ResourceRecordSetFailover.SECONDARY);
            case Routing.Latency latency -> builder.region(latency.awsRegion());
            case Routing.Multivalue ignored -> builder.multiValueAnswer(true);
            case Routing.Other other -> throw new IllegalArgumentException("not ours to write: " + other);
        }
        switch (records.content()) {
            case Content.Values values ->
                builder.ttl(values.ttl().toSeconds())
                        .resourceRecords(values.values().stream()
                                .map(value ->
                                        ResourceRecord.builder().value(value).build())
                                .toList());
            case Content.Alias alias ->
                builder.aliasTarget(AliasTarget.builder()
                        .hostedZoneId(zoneId)
                        .dnsName(alias.target() + ".")
                        .evaluateTargetHealth(alias.evaluateTargetHealth())
                        .build());
            case Content.Other other -> throw new IllegalArgumentException("not ours to write: " + other);
        }
        records.check().ifPresent(reference -> {
            switch (reference) {
                case CheckReference.Existing existing -> builder.healthCheckId(existing.id());
                case CheckReference.Wanted wanted ->
                    throw new IllegalArgumentException("a check that doesn't exist yet: " + wanted);
            }
        });
        return builder.build();
    }

    private static Optional<DnsName> name(String written) {
        try {
            return Optional.of(DnsName.parse(written));
        } catch (IllegalArgumentException cannotBeOurs) {
            return Optional.empty();
        }
    }

    private static Routing routing(ResourceRecordSet records) {
        if (records.weight() != null) {
            return new Routing.Weighted(records.weight().intValue());
        }
        if (records.failover() != null) {
            return new Routing.Failover(records.failover() == ResourceRecordSetFailover.PRIMARY);
        }
        if (records.setIdentifier() == null) {
            return new Routing.Simple();
        }
        if (records.region() != null) {
            return new Routing.Latency(records.regionAsString());
        }
        if (Boolean.TRUE.equals(records.multiValueAnswer())) {
            return new Routing.Multivalue();
        }
        return new Routing.Other(records.geoLocation() != null ? "geolocation" : "another rule");
    }

    private static Content content(ResourceRecordSet records, String zoneId) {
        if (records.trafficPolicyInstanceId() != null) {
            return new Content.Other("traffic policy " + records.trafficPolicyInstanceId());
        }
        AliasTarget alias = records.aliasTarget();
        if (alias == null) {
            return new Content.Values(
                    Duration.ofSeconds(records.ttl() == null ? 0 : records.ttl()),
                    records.resourceRecords().stream()
                            .map(ResourceRecord::value)
                            .toList());
        }
        return name(alias.dnsName())
                .filter(target -> alias.hostedZoneId().equals(zoneId))
                .<Content>map(target -> new Content.Alias(target, alias.evaluateTargetHealth()))
                .orElseGet(() -> new Content.Other("alias to " + alias.dnsName()));
    }
}
