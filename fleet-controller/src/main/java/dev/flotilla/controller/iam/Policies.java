package dev.flotilla.controller.iam;

import dev.flotilla.agent.json.Json;
import dev.flotilla.agent.json.JsonObject;
import dev.flotilla.controller.fleet.CertificateSettings;
import dev.flotilla.controller.fleet.DnsName;
import dev.flotilla.controller.fleet.FleetConfiguration;
import dev.flotilla.controller.fleet.NodeId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Policies of AWS Identity and Access Management (version 2012-10-17) for a fleet's bucket and zone: what the code calls, on what it
 * calls it. Nothing is ever deleted from a bucket but by who destroys the fleet. Pure.
 *
 * @param zoneId the id of the hosted zone; absent where it isn't known, and then the names alone bound what may be changed
 * @param challengeZoneId the same of the zone into which aliases of challenges lead
 */
public record Policies(FleetConfiguration fleet, Optional<String> zoneId, Optional<String> challengeZoneId) {
    private static final String OF_ROUTE53 = "arn:aws:route53:::";

    public Policies(FleetConfiguration fleet, Optional<String> zoneId) {
        this(fleet, zoneId, Optional.empty());
    }

    /** For who runs {@code publish}, {@code drain}, {@code apply} and all else. */
    public JsonObject controller() {
        List<Json> statements = new ArrayList<>(List.of(
                statement(
                        "Read",
                        List.of("s3:GetObject"),
                        objects("metadata", "targets", "lock", "audit", "nodes", "drills", "wheels")),
                statement(
                        "Write",
                        List.of("s3:PutObject"),
                        objects("metadata", "targets", "lock", "audit", "drills", "wheels")),
                listing()));
        fleet.dns().ifPresent(dns -> {
            statements.addAll(dnsReading());
            statements.add(statement("ChangeNames", List.of("route53:ChangeResourceRecordSets"), List.of(zone()))
                    .with("Condition", names(dns.name(), List.of("A", "AAAA", "TXT"))));
            fleet.certificates()
                    .flatMap(CertificateSettings::challengeZone)
                    .ifPresent(proofs -> statements.addAll(proving(proofs)));
            statements.add(statement(
                    "ChangeHealthChecks",
                    List.of(
                            "route53:CreateHealthCheck",
                            "route53:UpdateHealthCheck",
                            "route53:DeleteHealthCheck",
                            "route53:ChangeTagsForResource"),
                    List.of(OF_ROUTE53 + "healthcheck", OF_ROUTE53 + "healthcheck/*")));
        });
        return policy(statements);
    }

    /** For who runs {@code destroy}: the controller's, and to delete objects. */
    public JsonObject destroyer() {
        List<Json> statements = new ArrayList<>(controller().sequence("Statement"));
        statements.add(statement(
                "Delete",
                List.of("s3:DeleteObject"),
                objects("metadata", "targets", "lock", "audit", "nodes", "drills", "wheels")));
        return policy(statements);
    }

    /** For the agent of one node: it reads releases, wheels and others' reports, and writes its own report. */
    public JsonObject agent(NodeId node) {
        return policy(List.of(
                statement("Read", List.of("s3:GetObject"), objects("metadata", "targets", "nodes", "wheels")),
                statement(
                        "WriteItsReport",
                        List.of("s3:PutObject"),
                        List.of(bucket() + "/nodes/" + node.region() + "/" + node.node() + ".json"))));
    }

    /** For who runs {@code status}, {@code doctor}, {@code plan}, {@code audit} and {@code lock status}. */
    public JsonObject readOnly() {
        List<Json> statements = new ArrayList<>(List.of(
                statement(
                        "Read",
                        List.of("s3:GetObject"),
                        objects("metadata", "targets", "lock", "audit", "nodes", "drills", "wheels")),
                listing()));
        if (fleet.dns().isPresent()) {
            statements.addAll(dnsReading());
        }
        return policy(statements);
    }

    /** Also without it things work, but S3 answers then that what isn't there may not be seen. */
    private JsonObject listing() {
        return statement("List", List.of("s3:ListBucket"), List.of(bucket()));
    }

    private List<JsonObject> dnsReading() {
        return List.of(
                statement("ReadNames", List.of("route53:ListResourceRecordSets"), List.of(zone())),
                statement("ReadChanges", List.of("route53:GetChange"), List.of(OF_ROUTE53 + "change/*")),
                statement(
                        "ReadHealthChecks",
                        List.of("route53:GetHealthCheckStatus"),
                        List.of(OF_ROUTE53 + "healthcheck/*")),
                // These know no resource.
                statement(
                        "FindZoneAndHealthChecks",
                        List.of("route53:ListHostedZonesByName", "route53:ListHealthChecks"),
                        List.of("*")));
    }

    private List<JsonObject> proving(DnsName zone) {
        List<String> resource = List.of(zone(challengeZoneId));
        return List.of(
                statement("ReadProofs", List.of("route53:ListResourceRecordSets"), resource),
                statement("ChangeProofs", List.of("route53:ChangeResourceRecordSets"), resource)
                        .with("Condition", names(zone, List.of("TXT"))));
    }

    /** Of a zone that others use too, only these names and kinds of records. */
    private static JsonObject names(DnsName top, List<String> types) {
        return JsonObject.EMPTY
                .with(
                        "ForAllValues:StringLike",
                        JsonObject.EMPTY.with(
                                "route53:ChangeResourceRecordSetsNormalizedRecordNames",
                                texts(List.of(top.value(), "*." + top))))
                .with(
                        "ForAllValues:StringEquals",
                        JsonObject.EMPTY.with("route53:ChangeResourceRecordSetsRecordTypes", texts(types)));
    }

    private String zone() {
        return zone(zoneId);
    }

    private static String zone(Optional<String> id) {
        return OF_ROUTE53 + "hostedzone/" + id.orElse("*");
    }

    private String bucket() {
        return "arn:aws:s3:::" + fleet.bucket().name();
    }

    private List<String> objects(String... folders) {
        return Stream.of(folders).map(folder -> bucket() + "/" + folder + "/*").toList();
    }

    private static JsonObject statement(String id, List<String> actions, List<String> resources) {
        return JsonObject.EMPTY
                .with("Sid", id)
                .with("Effect", "Allow")
                .with("Action", texts(actions))
                .with("Resource", texts(resources));
    }

    private static JsonObject policy(List<? extends Json> statements) {
        return JsonObject.EMPTY
                .with("Version", "2012-10-17")
                .with("Statement", new Json.Sequence(List.copyOf(statements)));
    }

    private static Json texts(List<String> texts) {
        return new Json.Sequence(texts.stream().<Json>map(Json.Text::new).toList());
    }
}
