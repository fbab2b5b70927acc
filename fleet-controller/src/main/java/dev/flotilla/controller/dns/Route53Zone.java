package dev.flotilla.controller.dns;

import dev.flotilla.controller.fleet.DnsName;
import dev.flotilla.controller.fleet.DnsSettings;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.route53.Route53Client;
import software.amazon.awssdk.services.route53.model.ChangeBatch;
import software.amazon.awssdk.services.route53.model.ChangeStatus;
import software.amazon.awssdk.services.route53.model.HealthCheckAlreadyExistsException;
import software.amazon.awssdk.services.route53.model.HealthCheckVersionMismatchException;
import software.amazon.awssdk.services.route53.model.HostedZone;
import software.amazon.awssdk.services.route53.model.InvalidChangeBatchException;
import software.amazon.awssdk.services.route53.model.ListHealthChecksResponse;
import software.amazon.awssdk.services.route53.model.ListResourceRecordSetsRequest;
import software.amazon.awssdk.services.route53.model.ListResourceRecordSetsResponse;
import software.amazon.awssdk.services.route53.model.NoSuchHealthCheckException;
import software.amazon.awssdk.services.route53.model.Tag;
import software.amazon.awssdk.services.route53.model.TagResourceType;

/** A public hosted zone of Amazon Route 53, found by its name. Thread-safe. */
public final class Route53Zone implements Zone {
    private final DnsName zone;
    private final Route53Client client;
    private final Route53Calls calls;
    private volatile @Nullable String foundId;

    private Route53Zone(DnsName zone, Route53Client client, Route53Calls calls) {
        this.zone = zone;
        this.client = client;
        this.calls = calls;
    }

    /** Opens the zone of a fleet. Nothing is asked yet. */
    public static Route53Zone open(DnsSettings dns, AwsCredentialsProvider credentials) {
        return open(dns, dns.zone(), credentials);
    }

    /** Opens another zone of the account that has the fleet's. Nothing is asked yet. */
    public static Route53Zone open(DnsSettings dns, DnsName zone, AwsCredentialsProvider credentials) {
        return open(dns, zone, credentials, Route53Limits.of(dns), System::nanoTime, Thread::sleep);
    }

    static Route53Zone open(
            DnsSettings dns,
            DnsName zone,
            AwsCredentialsProvider credentials,
            Route53Limits limits,
            LongSupplier nanoTime,
            Pause pause) {
        var builder = Route53Client.builder()
                .region(Region.AWS_GLOBAL)
                .credentialsProvider(credentials)
                .httpClientBuilder(UrlConnectionHttpClient.builder()
                        .connectionTimeout(limits.connect())
                        .socketTimeout(limits.read()))
                // One place retries, so that the rate and the bound on tries hold.
                .overrideConfiguration(settings -> settings.retryStrategy(AwsRetryStrategy.doNotRetry()));
        dns.endpoint().ifPresent(builder::endpointOverride);
        return new Route53Zone(zone, builder.build(), new Route53Calls(limits, nanoTime, pause));
    }

    @Override
    public List<RecordSet> recordSets(DnsName name) throws IOException, InterruptedException {
        String id = id();
        List<RecordSet> found = new ArrayList<>();
        var request = ListResourceRecordSetsRequest.builder()
                .hostedZoneId(id)
                .startRecordName(name + ".")
                .build();
        while (true) {
            ListResourceRecordSetsRequest page = request;
            ListResourceRecordSetsResponse answer =
                    calls.call("list the records of zone " + zone, () -> client.listResourceRecordSets(page));
            for (var records : answer.resourceRecordSets()) {
                Route53Records.fromApi(records, id)
                        .filter(read -> read.name().isAtOrBelow(name))
                        .ifPresent(found::add);
            }
            // The order is that of reversed labels: what is below a name follows it, and then nothing more does.
            if (!Boolean.TRUE.equals(answer.isTruncated())
                    || !Route53Records.isAtOrBelow(answer.nextRecordName(), name)) {
                return found;
            }
            request = request.toBuilder()
                    .startRecordName(answer.nextRecordName())
                    .startRecordType(answer.nextRecordType())
                    .startRecordIdentifier(answer.nextRecordIdentifier())
                    .build();
        }
    }

    @Override
    public List<HealthCheck> healthChecks(String prefix) throws IOException, InterruptedException {
        List<HealthCheck> found = new ArrayList<>();
        String marker = null;
        while (true) {
            String from = marker;
            ListHealthChecksResponse answer =
                    calls.call("list health checks", () -> client.listHealthChecks(request -> request.marker(from)));
            answer.healthChecks().stream()
                    .filter(check -> check.callerReference().startsWith(prefix))
                    .map(Route53HealthChecks::fromApi)
                    .forEach(found::add);
            if (!Boolean.TRUE.equals(answer.isTruncated())) {
                return found;
            }
            marker = answer.nextMarker();
        }
    }

    @Override
    public Creation createHealthCheck(HealthCheckSettings settings, String reference, Map<String, String> tags)
            throws IOException, InterruptedException {
        try {
            String what = "create a health check for " + settings.address();
            String id = calls.call(
                            what,
                            () -> client.createHealthCheck(request -> request.callerReference(reference)
                                    .healthCheckConfig(Route53HealthChecks.toApi(settings))))
                    .healthCheck()
                    .id();
            if (!tags.isEmpty()) {
                tag(id, tags);
            }
            return new Creation.Created(id);
        } catch (Route53Calls.RefusedException refused) {
            if (refused.service() instanceof HealthCheckAlreadyExistsException) {
                return new Creation.ReferenceTaken();
            }
            throw refused;
        }
    }

    private void tag(String id, Map<String, String> tags) throws IOException, InterruptedException {
        List<Tag> added = tags.entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .map(tag ->
                        Tag.builder().key(tag.getKey()).value(tag.getValue()).build())
                .toList();
        calls.call(
                "tag the health check " + id,
                () -> client.changeTagsForResource(request -> request.resourceType(TagResourceType.HEALTHCHECK)
                        .resourceId(id)
                        .addTags(added)));
    }

    @Override
    public void deleteHealthCheck(String id) throws IOException, InterruptedException {
        try {
            calls.call(
                    "delete the health check " + id,
                    () -> client.deleteHealthCheck(request -> request.healthCheckId(id)));
        } catch (Route53Calls.RefusedException refused) {
            if (!(refused.service() instanceof NoSuchHealthCheckException)) {
                throw refused;
            }
        }
    }

    @Override
    public Holding hold(HealthCheck check, boolean held) throws IOException, InterruptedException {
        try {
            calls.call(
                    (held ? "hold" : "release") + " the health check " + check.id(),
                    () -> client.updateHealthCheck(request -> request.healthCheckId(check.id())
                            .healthCheckVersion(check.version())
                            .disabled(held)
                            .inverted(held)));
            return Holding.DONE;
        } catch (Route53Calls.RefusedException refused) {
            if (refused.service() instanceof HealthCheckVersionMismatchException) {
                return refused.mayHaveBeenDone() ? Holding.UNSURE : Holding.OVERTAKEN;
            }
            if (refused.service() instanceof NoSuchHealthCheckException) {
                return Holding.OVERTAKEN;
            }
            throw refused;
        }
    }

    @Override
    public HealthState healthState(String id) throws IOException, InterruptedException {
        try {
            return Route53HealthChecks.state(calls.status(
                    "ask for the state of health check " + id,
                    () -> client.getHealthCheckStatus(request -> request.healthCheckId(id))));
        } catch (Route53Calls.RefusedException refused) {
            if (refused.service() instanceof NoSuchHealthCheckException) {
                return new HealthState.Unknown("there is no such health check");
            }
            throw refused;
        }
    }

    @Override
    public Submission change(List<Change> batch, String comment) throws IOException, InterruptedException {
        String id = id();
        var changes = ChangeBatch.builder()
                .comment(comment)
                .changes(batch.stream()
                        .map(change -> Route53Records.toApi(change, id))
                        .toList())
                .build();
        try {
            var answer = calls.call(
                    "change records of zone " + zone,
                    () -> client.changeResourceRecordSets(
                            request -> request.hostedZoneId(id).changeBatch(changes)));
            return new Submission.Accepted(answer.changeInfo().id());
        } catch (Route53Calls.RefusedException refused) {
            if (refused.service() instanceof InvalidChangeBatchException invalid) {
                return new Submission.Refused(Route53Calls.reason(invalid)
                        + (invalid.messages().isEmpty() ? "" : ": " + String.join("; ", invalid.messages())));
            }
            throw refused;
        }
    }

    @Override
    public boolean inSync(String changeId) throws IOException, InterruptedException {
        var answer =
                calls.call("ask whether a change is in sync", () -> client.getChange(request -> request.id(changeId)));
        return answer.changeInfo().status() == ChangeStatus.INSYNC;
    }

    @Override
    public void close() {
        client.close();
    }

    private String id() throws IOException, InterruptedException {
        String known = foundId;
        if (known != null) {
            return known;
        }
        var answer = calls.call(
                "look for zone " + zone, () -> client.listHostedZonesByName(request -> request.dnsName(zone + ".")));
        List<HostedZone> named = answer.hostedZones().stream()
                .filter(candidate -> candidate.name().equals(zone + "."))
                .filter(candidate -> candidate.config() == null
                        || !Boolean.TRUE.equals(candidate.config().privateZone()))
                .toList();
        if (named.size() != 1) {
            throw new IOException(
                    named.isEmpty()
                            ? "there is no public hosted zone " + zone
                                    + " in this account: create it, or correct its name in fleet.conf"
                            : "there are " + named.size() + " public hosted zones named " + zone
                                    + " in this account, and which one is meant can't be told");
        }
        String id = named.getFirst().id().replaceFirst("^/hostedzone/", "");
        foundId = id;
        return id;
    }
}
