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
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;

/**
 * What this node knows of what is wanted. It outlives the agent. Immutable.
 *
 * @param version of the metadata that it came by; 0 where the fleet wants nothing
 * @param intents absent where the fleet wants nothing
 * @param since each node of the release that was current then, with the version since which no drain has meant it, as far as this node
 *     has seen every one: whoever knows that version or a later one, up to this, has no reason to go. Later than {@code version} where one means it
 */
record Known(long version, Optional<Intents> intents, SortedMap<Member, Long> since) {
    static final Known NOTHING = new Known(0, Optional.empty(), new TreeMap<>());

    Known {
        since = Collections.unmodifiableSortedMap(new TreeMap<>(since));
    }

    /** All nodes. */
    SortedSet<Member> members() {
        return Collections.unmodifiableSortedSet(new TreeMap<>(since).navigableKeySet());
    }

    /** What is known once this has been learned, too. */
    Known then(long nextVersion, Optional<Intents> next, SortedSet<Member> members) {
        boolean unbroken = (nextVersion == version || nextVersion == version + 1) && isOfOneSeries(next);
        SortedMap<Member, Long> spared = new TreeMap<>();
        for (Member member : members) {
            boolean meant = next.filter(intents ->
                            intents.drains().stream().anyMatch(drain -> drain.isAbout(member.region(), member.node())))
                    .isPresent();
            long before = unbroken ? since.getOrDefault(member, nextVersion) : nextVersion;
            spared.put(member, meant ? nextVersion + 1 : Math.min(before, nextVersion));
        }
        return new Known(nextVersion, next, spared);
    }

    private boolean isOfOneSeries(Optional<Intents> next) {
        return intents.map(Intents::begun)
                .filter(begun -> !next.map(Intents::begun).equals(Optional.of(begun)))
                .isEmpty();
    }

    /**
     * Whether what a node says of itself counts: it knew what this node knows, or nothing that it can have learned since means it.
     *
     * @param itsVersion what it knew when it said so
     */
    boolean trusts(Member member, long itsVersion) {
        return itsVersion >= version || itsVersion >= since.getOrDefault(member, version);
    }

    static Known parse(JsonObject written) {
        long version = written.whole("version");
        SortedMap<Member, Long> since = new TreeMap<>();
        for (Json element : written.sequence("members")) {
            if (!(element instanceof JsonObject member)) {
                throw new MalformedJsonException("a member is no object");
            }
            // One that an agent before this one wrote says nothing of what nodes knew before.
            since.put(
                    new Member(member.parsed("region", RegionName::new), member.parsed("node", NodeName::new)),
                    member.optionalWhole("since").orElse(version + 1));
        }
        return new Known(
                version,
                written.optionalText("intents").map(text -> Intents.parse(text.getBytes(StandardCharsets.UTF_8))),
                since);
    }

    JsonObject toJson() {
        return JsonObject.EMPTY
                .with("version", version)
                .with("intents", intents, wanted -> new Json.Text(new String(wanted.toBytes(), StandardCharsets.UTF_8)))
                .with(
                        "members",
                        new Json.Sequence(since.entrySet().stream()
                                .<Json>map(entry -> JsonObject.EMPTY
                                        .with("region", entry.getKey().region().value())
                                        .with("node", entry.getKey().node().value())
                                        .with("since", entry.getValue()))
                                .toList()));
    }
}
