package dev.flotilla.controller.dns;

import dev.flotilla.controller.fleet.DnsName;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * A record set in a zone, as it stands there or as it should.
 *
 * @param type as written in DNS: {@code A}, {@code TXT}
 * @param identifier tells apart the sets of one name and type; absent exactly for simple ones
 */
public record RecordSet(
        DnsName name,
        String type,
        Optional<String> identifier,
        Routing routing,
        Content content,
        Optional<CheckReference> check) {

    /** What makes a set one of its kind in the zone. */
    public record Key(DnsName name, String type, Optional<String> identifier) {}

    /** By which rule a server chooses among the sets of one name and type. */
    public sealed interface Routing {
        /** It is the only one. */
        record Simple() implements Routing {}

        /** In proportion to weights, 0 to 255. */
        record Weighted(int weight) implements Routing {}

        /** The primary one while it is healthy. */
        record Failover(boolean primary) implements Routing {}

        /** The one in the AWS region with the lowest latency to the client. */
        record Latency(String awsRegion) implements Routing {}

        /** Up to eight healthy ones at once. We never ask for it. */
        record Multivalue() implements Routing {}

        /** By a rule that we never ask for and can't write; its name as the API writes it. */
        record Other(String rule) implements Routing {}
    }

    /** What is answered. */
    public sealed interface Content {
        record Values(Duration ttl, List<String> values) implements Content {
            public Values {
                values = List.copyOf(values);
            }
        }

        /** Whatever another name in the same zone answers; healthy when that name has something healthy. */
        record Alias(DnsName target, boolean evaluateTargetHealth) implements Content {}

        /** What we never ask for: an alias to another zone, traffic policies. */
        record Other(String description) implements Content {}
    }

    public Key key() {
        return new Key(name, type, identifier);
    }

    RecordSet withCheck(CheckReference reference) {
        return new RecordSet(name, type, identifier, routing, content, Optional.of(reference));
    }

    /** Whether the set can be written as it is here; otherwise it can't be deleted either, which needs an exact match. */
    boolean isExpressible() {
        return !(routing instanceof Routing.Other) && !(content instanceof Content.Other);
    }

    /** One line for people. */
    @Override
    public String toString() {
        String rule = switch (routing) {
            case Routing.Simple ignored -> "";
            case Routing.Weighted weighted -> "weight " + weighted.weight();
            case Routing.Failover failover -> failover.primary() ? "first" : "then";
            case Routing.Latency latency -> "near " + latency.awsRegion();
            case Routing.Multivalue ignored -> "many";
            case Routing.Other other -> other.rule();
        };
        String answer = switch (content) {
            case Content.Values values ->
                String.join(", ", values.values()) + " (ttl " + values.ttl().toSeconds() + " s)";
            case Content.Alias alias -> "-> " + alias.target();
            case Content.Other other -> other.description();
        };
        String checked = check.map(reference -> switch (reference) {
                    case CheckReference.Existing existing -> ", check " + existing.id();
                    case CheckReference.Wanted wanted ->
                        ", check " + wanted.settings().address().inUrl() + ":"
                                + wanted.settings().port() + wanted.settings().path();
                })
                .orElse("");
        return String.format("%-5s %-44s %-8s %s%s", type, name, rule, answer, checked);
    }
}
