package dev.flotilla.controller.local.route53;

import java.net.URI;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.route53.Route53Client;
import software.amazon.awssdk.services.route53.model.Change;
import software.amazon.awssdk.services.route53.model.ChangeAction;
import software.amazon.awssdk.services.route53.model.ChangeInfo;
import software.amazon.awssdk.services.route53.model.HealthCheck;
import software.amazon.awssdk.services.route53.model.HealthCheckConfig;
import software.amazon.awssdk.services.route53.model.RRType;
import software.amazon.awssdk.services.route53.model.ResourceRecord;
import software.amazon.awssdk.services.route53.model.ResourceRecordSet;
import software.amazon.awssdk.services.route53.model.ResourceRecordSetFailover;

/** The SDK's client for a stand-in, and short ways to write what tests change. */
final class StandInClient implements AutoCloseable {
    private final Route53Client client;

    StandInClient(URI endpoint) {
        this.client = Route53Client.builder()
                .endpointOverride(endpoint)
                .region(Region.AWS_GLOBAL)
                .credentialsProvider(StaticCredentialsProvider.create(AwsBasicCredentials.create("test", "test")))
                .httpClientBuilder(UrlConnectionHttpClient.builder())
                .build();
    }

    Route53Client sdk() {
        return client;
    }

    /** Makes a zone and gives its id. */
    String zone(String name) {
        return client.createHostedZone(request -> request.name(name).callerReference("zone " + name))
                .hostedZone()
                .id();
    }

    HealthCheck check(String reference, Consumer<HealthCheckConfig.Builder> settings) {
        return client.createHealthCheck(
                        request -> request.callerReference(reference).healthCheckConfig(settings))
                .healthCheck();
    }

    ChangeInfo create(String zone, ResourceRecordSet... sets) {
        return change(zone, ChangeAction.CREATE, sets);
    }

    ChangeInfo upsert(String zone, ResourceRecordSet... sets) {
        return change(zone, ChangeAction.UPSERT, sets);
    }

    ChangeInfo delete(String zone, ResourceRecordSet... sets) {
        return change(zone, ChangeAction.DELETE, sets);
    }

    ChangeInfo change(String zone, ChangeAction action, ResourceRecordSet... sets) {
        List<Change> changes = Arrays.stream(sets)
                .map(set ->
                        Change.builder().action(action).resourceRecordSet(set).build())
                .toList();
        return change(zone, changes);
    }

    ChangeInfo change(String zone, List<Change> changes) {
        return client.changeResourceRecordSets(
                        request -> request.hostedZoneId(zone).changeBatch(batch -> batch.changes(changes)))
                .changeInfo();
    }

    List<ResourceRecordSet> sets(String zone) {
        return client
                .listResourceRecordSetsPaginator(request -> request.hostedZoneId(zone))
                .resourceRecordSets()
                .stream()
                .filter(set -> set.type() != RRType.NS && set.type() != RRType.SOA)
                .toList();
    }

    static ResourceRecordSet simple(String name, RRType type, String... values) {
        return ResourceRecordSet.builder()
                .name(name)
                .type(type)
                .ttl(1L)
                .resourceRecords(records(values))
                .build();
    }

    static ResourceRecordSet weighted(String name, String identifier, long weight, String value) {
        return simple(name, RRType.A, value).toBuilder()
                .setIdentifier(identifier)
                .weight(weight)
                .build();
    }

    static ResourceRecordSet failover(String name, ResourceRecordSetFailover role, String value) {
        return simple(name, RRType.A, value).toBuilder()
                .setIdentifier(name + " " + role)
                .failover(role)
                .build();
    }

    static ResourceRecordSet alias(String name, String zone, String target) {
        return ResourceRecordSet.builder()
                .name(name)
                .type(RRType.A)
                .aliasTarget(alias -> alias.hostedZoneId(zone).dnsName(target).evaluateTargetHealth(true))
                .build();
    }

    static ResourceRecordSet failoverAlias(String name, ResourceRecordSetFailover role, String zone, String target) {
        return alias(name, zone, target).toBuilder()
                .setIdentifier(name + " " + role)
                .failover(role)
                .build();
    }

    static ResourceRecordSet checked(ResourceRecordSet set, HealthCheck check) {
        return set.toBuilder().healthCheckId(check.id()).build();
    }

    private static List<ResourceRecord> records(String... values) {
        return Arrays.stream(values)
                .map(value -> ResourceRecord.builder().value(value).build())
                .toList();
    }

    @Override
    public void close() {
        client.close();
    }
}
