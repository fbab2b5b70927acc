package dev.flotilla.controller.iam;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import dev.flotilla.agent.bucket.MemoryBucket;
import dev.flotilla.agent.intent.PurgeScope;
import dev.flotilla.agent.json.Json;
import dev.flotilla.agent.json.JsonObject;
import dev.flotilla.controller.audit.AuditTrail;
import dev.flotilla.controller.fleet.FleetConfiguration;
import dev.flotilla.controller.fleet.NodeId;
import dev.flotilla.controller.lock.FleetLock;
import dev.flotilla.controller.publish.IntentPublisher;
import dev.flotilla.controller.publish.Programs;
import dev.flotilla.controller.publish.Publisher;
import dev.flotilla.controller.publish.TrustFolder;
import dev.flotilla.settings.Loading;
import dev.flotilla.vocabulary.NodeName;
import dev.flotilla.vocabulary.RegionName;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.services.route53.Route53Client;
import software.amazon.awssdk.services.s3.S3Client;

class PoliciesTest {
    /** Actions that aren't named like the call (Service Authorization Reference, Amazon S3). */
    private static final Map<String, String> OTHER_NAMES =
            Map.of("s3:HeadObject", "s3:GetObject", "s3:ListObjectsV2", "s3:ListBucket");

    private static final NodeId EAST = new NodeId(new RegionName("east"), new NodeName("east-1"));

    @TempDir
    Path folder;

    private FleetConfiguration fleet() throws Exception {
        Path file = Files.writeString(folder.resolve("fleet.conf"), """
                flotilla.fleet {
                  name = acme, bucket { name = acme-mirrors }
                  dns { zone = example.org, name = mirror.example.org }
                  regions { east { nodes { east-1 { address = 192.0.2.1 } } } }
                }
                """);
        return ((Loading.Loaded<FleetConfiguration>) FleetConfiguration.load(file)).value();
    }

    private static Stream<JsonObject> statements(JsonObject policy) {
        return policy.sequence("Statement").stream().map(JsonObject.class::cast);
    }

    private static List<String> texts(JsonObject statement, String key) {
        return statement.sequence(key).stream()
                .map(text -> ((Json.Text) text).value())
                .toList();
    }

    private static Set<String> actions(JsonObject policy) {
        return statements(policy)
                .flatMap(statement -> texts(statement, "Action").stream())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static boolean allows(JsonObject policy, String action, String key) {
        String wanted = "arn:aws:s3:::acme-mirrors/" + key;
        return statements(policy)
                .filter(statement -> texts(statement, "Action").contains(action))
                .flatMap(statement -> texts(statement, "Resource").stream())
                .anyMatch(resource -> resource.endsWith("/*")
                        ? wanted.startsWith(resource.substring(0, resource.length() - 1))
                        : wanted.equals(resource));
    }

    /** What is called on a client of the SDK anywhere in what is shipped. */
    private static Set<String> called(Class<?> client, String service, String... packages) {
        return new ClassFileImporter()
                .withImportOption(new ImportOption.DoNotIncludeTests()).importPackages(packages).stream()
                        .filter(type -> !type.getPackageName().startsWith("dev.flotilla.controller.local"))
                        .flatMap(type -> type.getMethodCallsFromSelf().stream())
                        .filter(call -> call.getTargetOwner().isEquivalentTo(client))
                        .map(call -> call.getTarget().getName())
                        .filter(name -> !Set.of("builder", "close").contains(name))
                        .map(name -> service + ":" + Character.toUpperCase(name.charAt(0)) + name.substring(1))
                        .map(action -> OTHER_NAMES.getOrDefault(action, action))
                        .collect(Collectors.toCollection(TreeSet::new));
    }

    @Test
    void theControllerIsAllowedJustWhatTheCodeCalls() throws Exception {
        Set<String> called = called(S3Client.class, "s3", "dev.flotilla.agent", "dev.flotilla.controller");
        called.addAll(called(Route53Client.class, "route53", "dev.flotilla.controller"));
        assertThat(called).contains("s3:PutObject", "route53:ChangeResourceRecordSets");
        assertThat(actions(new Policies(fleet(), Optional.empty()).destroyer())).isEqualTo(called);
        called.remove("s3:DeleteObject");
        assertThat(actions(new Policies(fleet(), Optional.empty()).controller()))
                .isEqualTo(called);
    }

    @Test
    void everyKeyThatTheControllerWritesIsAllowedAndNoReportIs() throws Exception {
        var bucket = new MemoryBucket();
        new TrustFolder(folder.resolve("trust")).create(new SecureRandom());
        var programs = new Programs(Files.writeString(folder.resolve("program"), "a program"), Optional.empty());
        FleetConfiguration fleet = fleet();
        var clock = Clock.systemUTC();
        var lock = new FleetLock(fleet.name(), bucket, clock, FleetLock.Terms.USUAL, "ann@desk");
        try (var holding = ((FleetLock.Taking.Taken) lock.take("publish", Duration.ZERO, line -> {})).holding()) {
            new Publisher(fleet, bucket, programs, List.of(), clock, "ann@desk", holding, line -> {})
                    .publish(Publisher.Signing.WHEN_CHANGED);
            new IntentPublisher(fleet, bucket, List.of(), clock, "ann@desk", holding, line -> {})
                    .change(
                            "purge",
                            "purge all",
                            (before, current) -> before.purged(new PurgeScope.All(), false, "ann@desk", current.now()));
        }
        assertThat(new AuditTrail(fleet.name(), bucket).read().chained()).isEqualTo(2);
        JsonObject policy = new Policies(fleet, Optional.empty()).controller();
        assertThat(bucket.takeWrites())
                .hasSizeGreaterThan(10)
                .allMatch(key -> allows(policy, "s3:PutObject", key))
                .allMatch(key -> allows(policy, "s3:GetObject", key));
        assertThat(allows(policy, "s3:PutObject", "nodes/east/east-1.json")).isFalse();
    }

    @Test
    void anAgentWritesItsOwnReportAndNothingElse() throws Exception {
        JsonObject policy = new Policies(fleet(), Optional.empty()).agent(EAST);
        assertThat(actions(policy)).containsExactly("s3:GetObject", "s3:PutObject");
        assertThat(allows(policy, "s3:PutObject", "nodes/east/east-1.json")).isTrue();
        for (String key : List.of(
                "nodes/east/east-2.json", "nodes/east/east-1.json.x", "metadata/timestamp.json", "lock/acme.json")) {
            assertThat(allows(policy, "s3:PutObject", key)).as(key).isFalse();
        }
        // Waves are judged by others' reports.
        assertThat(allows(policy, "s3:GetObject", "nodes/west/west-1.json")).isTrue();
        // It signs its mirror's requests.
        assertThat(allows(policy, "s3:GetObject", "wheels/debian-12-x86_64/a/0/a.whl"))
                .isTrue();
        assertThat(allows(policy, "s3:PutObject", "wheels/debian-12-x86_64/a/0/a.whl"))
                .isFalse();
        assertThat(allows(policy, "s3:GetObject", "audit/head.json")).isFalse();
    }

    @Test
    void whoOnlyLooksChangesNothing() throws Exception {
        assertThat(actions(new Policies(fleet(), Optional.of("Z1")).readOnly()))
                .allMatch(action -> action.matches("[a-z0-9]+:(Get|List).*"));
    }

    @Test
    void onlyTheFleetsOwnNamesInTheZoneMayBeChanged() throws Exception {
        JsonObject change = statements(new Policies(fleet(), Optional.of("Z1")).controller())
                .filter(statement -> texts(statement, "Action").contains("route53:ChangeResourceRecordSets"))
                .findFirst()
                .orElseThrow();
        assertThat(texts(change, "Resource")).containsExactly("arn:aws:route53:::hostedzone/Z1");
        assertThat(texts(
                        change.object("Condition").object("ForAllValues:StringLike"),
                        "route53:ChangeResourceRecordSetsNormalizedRecordNames"))
                .containsExactly("mirror.example.org", "*.mirror.example.org");
    }
}
