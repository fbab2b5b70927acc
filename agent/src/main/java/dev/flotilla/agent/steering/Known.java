package dev.flotilla.agent.steering;

import dev.flotilla.agent.intent.Intents;
import dev.flotilla.agent.json.Json;
import dev.flotilla.agent.json.JsonObject;
import dev.flotilla.agent.json.MalformedJsonException;
import dev.flotilla.agent.rollout.Member;
import dev.flotilla.vocabulary.NodeName;
import dev.flotilla.vocabulary.RegionName;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * What this node knows of what is wanted. It outlives the agent. Immutable.
 *
 * @param version of the metadata that it came by; 0 where the fleet wants nothing
 * @param intents absent where the fleet wants nothing
 * @param members all nodes of the release that was current then
 */
record Known(long version, Optional<Intents> intents, SortedSet<Member> members) {
    static final Known NOTHING = new Known(0, Optional.empty(), new TreeSet<>());

    Known {
        members = Collections.unmodifiableSortedSet(new TreeSet<>(members));
    }

    static Known parse(JsonObject written) {
        SortedSet<Member> members = new TreeSet<>();
        for (Json element : written.sequence("members")) {
            if (!(element instanceof JsonObject member)) {
                throw new MalformedJsonException("a member is no object");
            }
            members.add(new Member(member.parsed("region", RegionName::new), member.parsed("node", NodeName::new)));
        }
        return new Known(
                written.whole("version"),
                written.optionalText("intents").map(text -> Intents.parse(text.getBytes(StandardCharsets.UTF_8))),
                members);
    }

    JsonObject toJson() {
        return JsonObject.EMPTY
                .with("version", version)
                .with("intents", intents, wanted -> new Json.Text(new String(wanted.toBytes(), StandardCharsets.UTF_8)))
                .with(
                        "members",
                        new Json.Sequence(members.stream()
                                .<Json>map(member -> JsonObject.EMPTY
                                        .with("region", member.region().value())
                                        .with("node", member.node().value()))
                                .toList()));
    }
}
