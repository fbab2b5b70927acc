package dev.flotilla.agent.intent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.flotilla.agent.json.MalformedJsonException;
import dev.flotilla.vocabulary.NodeName;
import dev.flotilla.vocabulary.ProjectName;
import dev.flotilla.vocabulary.RegionName;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class IntentsTest {
    private static final Instant NOW = Instant.parse("2026-06-01T12:00:00Z");
    private static final RegionName EAST = new RegionName("east");
    private static final RegionName WEST = new RegionName("west");
    private static final NodeName NODE = new NodeName("east-1");

    private static Drain drain(RegionName region, Optional<NodeName> node, Optional<Instant> until) {
        return new Drain(region, node, until, "new switch", "ann@desk", NOW);
    }

    private static Intents full() {
        return Intents.begin(NOW, 2)
                .withRollout(Optional.of(new Rollout(7, Rollout.State.PAUSED, "odd latencies", "ann@desk", NOW)))
                .drained(drain(EAST, Optional.empty(), Optional.of(NOW.plusSeconds(60))))
                .drained(drain(WEST, Optional.of(new NodeName("west-1")), Optional.empty()))
                .purged(new PurgeScope.Project(ProjectName.of("Requests")), true, "ann@desk", NOW)
                .purged(new PurgeScope.Prefix("acme-"), false, "ann@desk", NOW)
                .purged(new PurgeScope.All(), false, "ann@desk", NOW)
                .withFailback(new Failback(Failback.Policy.MANUAL, Duration.ofSeconds(90)))
                .returned(new Return(EAST, Optional.empty(), "ann@desk", NOW))
                .returned(new Return(EAST, Optional.of(NODE), "ann@desk", NOW.plusSeconds(1)));
    }

    private static Intents parse(String document) {
        return Intents.parse(document.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void whatIsWrittenIsReadBackAsItWas() {
        assertThat(Intents.parse(full().toBytes())).isEqualTo(full());
        assertThat(Intents.parse(Intents.begin(NOW, 0).toBytes())).isEqualTo(Intents.begin(NOW, 0));
    }

    @Test
    void whatOlderAgentsDoNotKnowStandsInItOnlyWhereItIsWanted() {
        assertThat(new String(Intents.begin(NOW, 0).toBytes(), StandardCharsets.UTF_8))
                .doesNotContain("failback", "return");
        assertThat(new String(full().toBytes(), StandardCharsets.UTF_8)).contains("failback", "return");
    }

    @Test
    void theLastReturnOfANodeIsItsOwnOrItsRegionsWhicheverWasSaidLater() {
        assertThat(full().lastReturn(EAST, NODE)).contains(NOW.plusSeconds(1));
        assertThat(full().lastReturn(EAST, new NodeName("east-2"))).contains(NOW);
        assertThat(full().lastReturn(WEST, NODE)).isEmpty();
        assertThat(full().returned(new Return(EAST, Optional.empty(), "bob@desk", NOW.plusSeconds(2)))
                        .lastReturn(EAST, NODE))
                .contains(NOW.plusSeconds(2));
    }

    @Test
    void theLargestDocumentIsWithinTheLimit() {
        String longest = "漢".repeat(400);
        Intents intents = Intents.begin(NOW, 1);
        for (int i = 0; i < Intents.MOST_DRAINS; i++) {
            intents = intents.drained(new Drain(
                    EAST, Optional.of(new NodeName("east-" + i)), Optional.of(NOW), longest, "漢".repeat(200), NOW));
        }
        for (int i = 0; i < Intents.MOST_DRAINS; i++) {
            intents = intents.returned(new Return(EAST, Optional.of(new NodeName("east-" + i)), "漢".repeat(200), NOW));
        }
        for (int i = 0; i < Intents.MOST_PURGES; i++) {
            intents = intents.purged(new PurgeScope.Prefix("a".repeat(200)), true, "漢".repeat(200), NOW);
        }
        assertThat(intents.toBytes().length).isLessThan((int) Intents.LARGEST.bytes());
        assertThat(Intents.parse(intents.toBytes())).isEqualTo(intents);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    "format": 1                    | "format": 2                     | this program knows format 1
                    "format": 1                    | "format": 1, "shout": true      | 'shout'
                    "minimum-serving": 2           | "minimum-serving": -1           | minimum-serving
                    "minimum-serving": 2           | "minimum-serving": 4294967297   | overflow
                    "last-purge": 3                | "last-purge": 4                 | without a gap
                    "id": 2                        | "id": 1                         | without a gap
                    "state": "paused"              | "state": "stopped"              | neither paused nor aborted
                    "state": "paused"              | "state": "paused", "force": 1   | 'force'
                    "release": 7                   | "release": 0                    | no release 0
                    "region": "east"               | "region": "East"                | region
                    "region": "east"               | "region": "east", "zone": "x"   | 'zone'
                    "region": "west"               | "rejoin": "west"                | 'rejoin'
                    "project": "requests"          | "project": "Requests"           | project
                    "project": "requests"          | "project": "requests", "all": true | one of
                    "prefix": "acme-"              | "prefix": ""                    | beginning
                    "all": true                    | "all": false                    | only be true
                    "hard": true                   | "hard": 1                       | true or false
                    "reason": "odd latencies"      | "reason": "a\\u0007b"           | one line
                    """)
    void whatIsNotUnderstoodWholeIsRefusedAsAWhole(String part, String other, String reason) {
        String written = new String(full().toBytes(), StandardCharsets.UTF_8);
        assertThat(written).contains(part);
        assertThatThrownBy(() -> parse(written.replaceFirst(Pattern.quote(part), Matcher.quoteReplacement(other))))
                .isInstanceOf(MalformedJsonException.class)
                .hasMessageContaining(reason);
    }

    @Test
    void noBytesMakeTheParserFailInAnyOtherWay() {
        byte[] written = full().toBytes();
        var random = new Random(20260601);
        for (int i = 0; i < 20_000; i++) {
            byte[] changed = written.clone();
            for (int j = random.nextInt(3); j >= 0; j--) {
                changed[random.nextInt(changed.length)] = (byte) random.nextInt(32, 127);
            }
            try {
                Intents read = Intents.parse(changed);
                assertThat(Intents.parse(read.toBytes())).isEqualTo(read);
            } catch (MalformedJsonException refused) {
                assertThat(refused).message().isNotBlank().isNotEqualTo("null");
            }
        }
    }

    @Test
    void aDrainOfTheSamePlaceReplacesTheOneBeforeAndEndsAsItBegan() {
        var longer = drain(EAST, Optional.empty(), Optional.of(NOW.plusSeconds(600)));
        Intents intents = full().drained(longer);
        assertThat(intents.drains()).hasSize(2).contains(longer);
        assertThat(intents.undrained(EAST, Optional.of(NODE))).isEqualTo(intents);
        assertThat(intents.undrained(EAST, Optional.empty()).drain(EAST, NODE, NOW))
                .isEmpty();
    }

    @Test
    void aNodeIsMeantByItsNameOrByItsRegionUntilTheTimeIsOver() {
        assertThat(full().drain(EAST, NODE, NOW.plusSeconds(59))).isPresent();
        assertThat(full().drain(EAST, NODE, NOW.plusSeconds(60))).isEmpty();
        assertThat(full().drain(WEST, new NodeName("west-1"), NOW.plus(Duration.ofDays(999))))
                .isPresent();
        assertThat(full().drain(WEST, new NodeName("west-2"), NOW)).isEmpty();
        assertThat(full().tidied(NOW.plusSeconds(60)).drains()).hasSize(1);
    }

    @Test
    void whoHasMissedPurgesThatAreNoLongerListedCanTell() {
        Intents intents = Intents.begin(NOW, 1);
        for (int i = 0; i < Intents.MOST_PURGES + 5; i++) {
            intents = intents.purged(new PurgeScope.All(), false, "ann@desk", NOW);
        }
        assertThat(intents.purges()).hasSize(Intents.MOST_PURGES);
        assertThat(intents.purges().getFirst().id()).isEqualTo(6);
        assertThat(intents.hasForgottenSince(4)).isTrue();
        assertThat(intents.hasForgottenSince(5)).isFalse();
        assertThat(Intents.parse(intents.toBytes())).isEqualTo(intents);
    }
}
