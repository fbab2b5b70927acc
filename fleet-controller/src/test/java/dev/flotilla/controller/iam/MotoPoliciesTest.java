package dev.flotilla.controller.iam;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flotilla.agent.bucket.Bucket.Condition;
import dev.flotilla.agent.bucket.Bucket.Lookup;
import dev.flotilla.agent.bucket.Bucket.Writing;
import dev.flotilla.agent.bucket.ErasableBucket;
import dev.flotilla.agent.bucket.ErasableBucket.Erasing;
import dev.flotilla.agent.bucket.MotoServer;
import dev.flotilla.agent.bucket.ObjectKey;
import dev.flotilla.agent.bucket.S3Bucket;
import dev.flotilla.agent.bucket.S3Server;
import dev.flotilla.agent.json.JsonObject;
import dev.flotilla.agent.json.JsonWriter;
import dev.flotilla.controller.fleet.FleetConfiguration;
import dev.flotilla.controller.fleet.NodeId;
import dev.flotilla.settings.Loading;
import dev.flotilla.vocabulary.ByteSize;
import dev.flotilla.vocabulary.NodeName;
import dev.flotilla.vocabulary.RegionName;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;

/**
 * What each role may do to the bucket's objects, as a server that judges by its policy sees it: real calls, signed with its key. Of
 * lists nothing is said: moto finds the signature of any list with a prefix wrong.
 */
@Tag("real")
@Tag("moto")
class MotoPoliciesTest {
    private static final String SOMEBODY_ELSES = "somebody-elses";
    private static final List<String> OBJECTS = List.of(
            "audit/1.json",
            "lock/acme.json",
            "metadata/timestamp.json",
            "nodes/east/east-1.json",
            "nodes/east/east-2.json",
            SOMEBODY_ELSES,
            "targets/mirror.conf",
            "wheels/debian-12-x86_64/a/0/a-1-py3-none-any.whl");

    private static final NodeId EAST = new NodeId(new RegionName("east"), new NodeName("east-1"));

    @TempDir
    Path folder;

    /** What somebody with a policy could do, an object each. */
    private record Rights(Set<String> read, Set<String> written, Set<String> erased) {}

    private static Rights rights(MotoServer server, FleetConfiguration fleet, JsonObject policy) throws Exception {
        server.begin();
        MotoServer.Key key = server.user("somebody", JsonWriter.line(policy));
        try (var everybody = open(fleet, S3Server.KEY, S3Server.SECRET)) {
            for (String object : OBJECTS) {
                assertThat(everybody.put(new ObjectKey(object), new byte[1], Condition.none()))
                        .isInstanceOf(Writing.Written.class);
            }
        }
        server.judgeByPolicies();
        try (var bucket = open(fleet, key.id(), key.secret())) {
            return new Rights(
                    those(object -> bucket.get(object, Optional.empty(), ByteSize.ofKiB(1)) instanceof Lookup.Found),
                    those(object -> bucket.put(object, new byte[2], Condition.none()) instanceof Writing.Written),
                    those(object -> bucket.erase(object) instanceof Erasing.Erased));
        }
    }

    private static Set<String> those(Predicate<ObjectKey> allowed) {
        return OBJECTS.stream()
                .filter(object -> allowed.test(new ObjectKey(object)))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static ErasableBucket open(FleetConfiguration fleet, String id, String secret) {
        return S3Bucket.open(fleet.bucket(), StaticCredentialsProvider.create(AwsBasicCredentials.create(id, secret)));
    }

    @Test
    void everyRoleMayDoWhatItHasToAndNothingElse() throws Exception {
        try (var server = MotoServer.start(folder.resolve("moto.log"))) {
            Path file =
                    Files.writeString(folder.resolve("fleet.conf"), """
                    flotilla.fleet {
                      name = acme, bucket { name = %s, endpoint = "%s", path-style = true }
                      regions { east { nodes { east-1 { address = 192.0.2.1 } } } }
                    }
                    """.formatted(S3Server.NAME, server.endpoint()));
            var fleet = ((Loading.Loaded<FleetConfiguration>) FleetConfiguration.load(file)).value();
            var policies = new Policies(fleet, Optional.empty());
            Set<String> ours = those(object -> !object.value().equals(SOMEBODY_ELSES));
            Set<String> controllers =
                    those(object -> object.value().matches("(audit|lock|metadata|targets|wheels)/.*"));
            assertThat(rights(server, fleet, policies.controller())).isEqualTo(new Rights(ours, controllers, Set.of()));
            assertThat(rights(server, fleet, policies.destroyer())).isEqualTo(new Rights(ours, controllers, ours));
            assertThat(rights(server, fleet, policies.agent(EAST)))
                    .isEqualTo(new Rights(
                            those(object -> object.value().matches("(metadata|nodes|targets|wheels)/.*")),
                            Set.of("nodes/east/east-1.json"),
                            Set.of()));
            assertThat(rights(server, fleet, policies.readOnly())).isEqualTo(new Rights(ours, Set.of(), Set.of()));
        }
    }
}
