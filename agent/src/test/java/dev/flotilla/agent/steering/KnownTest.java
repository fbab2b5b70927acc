package dev.flotilla.agent.steering;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flotilla.agent.intent.Drain;
import dev.flotilla.agent.intent.Intents;
import dev.flotilla.agent.json.JsonReader;
import dev.flotilla.agent.json.JsonWriter;
import dev.flotilla.agent.rollout.Member;
import dev.flotilla.vocabulary.ByteSize;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class KnownTest {
    private static final Instant NOW = Instant.parse("2026-06-01T12:00:00Z");
    private static final Member EAST = Member.parse("east/east-1");
    private static final Member WEST = Member.parse("west/west-1");
    private static final TreeSet<Member> BOTH = new TreeSet<>(List.of(EAST, WEST));

    private static Optional<Intents> drained(Member... members) {
        Intents intents = Intents.begin(NOW, 1);
        for (Member member : members) {
            // One that is over counts: another node's clock may think otherwise.
            intents = intents.drained(new Drain(
                    member.region(), Optional.of(member.node()), Optional.of(NOW.minusSeconds(60)), "", "ann", NOW));
        }
        return Optional.of(intents);
    }

    private static Known fromDisk(Known known) {
        return Known.parse(new JsonReader(ByteSize.ofMiB(1)).object(JsonWriter.bytes(known.toJson())));
    }

    @Test
    void whoWasMeantByNothingSinceIsTrustedThoughItKnowsLess() {
        Known known = Known.NOTHING.then(0, Optional.empty(), BOTH);
        known = known.then(1, drained(EAST), BOTH).then(2, drained(), BOTH).then(3, drained(EAST), BOTH);
        assertThat(known.trusts(WEST, 0)).isTrue();
        assertThat(known.trusts(EAST, 2)).as("meant by the third").isFalse();
        assertThat(known.trusts(EAST, 3)).isTrue();
        known = known.then(4, drained(WEST), BOTH).then(5, drained(), BOTH);
        assertThat(known.trusts(EAST, 3)).as("meant by the third").isFalse();
        assertThat(known.trusts(EAST, 4)).isTrue();
        assertThat(known.trusts(WEST, 4)).as("meant by the fourth").isFalse();
        assertThat(fromDisk(known)).isEqualTo(known);
    }

    @Test
    void nothingIsTakenForGrantedOfAVersionThatWasNotSeen() {
        Known known = Known.NOTHING.then(3, drained(), BOTH).then(5, drained(EAST), BOTH);
        assertThat(known.trusts(WEST, 4)).as("the fourth may have meant it").isFalse();
        assertThat(known.trusts(WEST, 5)).isTrue();
        Known again = known.then(2, drained(), BOTH);
        assertThat(again.trusts(WEST, 1)).as("a series that begins anew").isFalse();
        Known other = known.then(6, Optional.of(Intents.begin(NOW.plusSeconds(1), 1)), BOTH);
        assertThat(other.trusts(WEST, 5)).as("another series").isFalse();
        assertThat(Known.NOTHING.then(1, drained(), BOTH).trusts(WEST, 0))
                .as("an agent that knew of no nodes yet")
                .isFalse();
    }

    @Test
    void whoJoinsIsTrustedFromThenOn() {
        Known known = Known.NOTHING
                .then(1, drained(), new TreeSet<>(List.of(EAST)))
                .then(2, drained(), BOTH)
                .then(2, drained(), BOTH);
        assertThat(known.trusts(EAST, 1)).isTrue();
        assertThat(known.trusts(WEST, 1)).isFalse();
        assertThat(known.trusts(WEST, 2)).isTrue();
    }

    @Test
    void whatAnAgentBeforeThisOneHasWrittenTakesNothingForGranted() {
        var written = new String(
                        JsonWriter.bytes(Known.NOTHING.then(1, drained(), BOTH).toJson()), StandardCharsets.UTF_8)
                .replaceAll(",\\s*\"since\": \\d+", "");
        assertThat(written).doesNotContain("since");
        Known known = Known.parse(new JsonReader(ByteSize.ofMiB(1)).object(written.getBytes(StandardCharsets.UTF_8)));
        assertThat(known.members()).isEqualTo(BOTH);
        assertThat(known.trusts(WEST, 0)).isFalse();
        assertThat(known.trusts(WEST, 1)).isTrue();
    }
}
