package dev.flotilla.controller.drill;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flotilla.agent.json.JsonReader;
import dev.flotilla.agent.json.JsonWriter;
import dev.flotilla.controller.drill.Sample.Seen;
import dev.flotilla.controller.drill.Sample.Tries;
import dev.flotilla.controller.drill.VantagePoint.Kind;
import dev.flotilla.controller.fleet.NodeId;
import dev.flotilla.vocabulary.ByteSize;
import dev.flotilla.vocabulary.FleetName;
import dev.flotilla.vocabulary.NodeName;
import dev.flotilla.vocabulary.RegionName;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;

class DrillReportTest {
    private static final Instant BEGUN = Instant.parse("2026-11-22T03:00:00.123Z");
    private static final DrillRecord RECORD = new DrillRecord(
            DrillRecord.id(BEGUN, new RegionName("east"), DrillMode.HEALTH_FAIL),
            new FleetName("acme"),
            new RegionName("east"),
            DrillMode.HEALTH_FAIL,
            "o'hara@<here>",
            BEGUN,
            Optional.empty(),
            false);
    private static final DrillTerms TERMS = new DrillTerms(
            DrillMode.HEALTH_FAIL,
            Duration.ofMinutes(5),
            Duration.ofMillis(500),
            Duration.ofSeconds(10),
            Duration.ofSeconds(5),
            Duration.ofSeconds(4));
    private static final VantagePoint SERVER = new VantagePoint(Kind.AUTHORITY, "name server 192.0.2.53: a");
    private static final VantagePoint PAGE = new VantagePoint(Kind.PAGE, "page: a");

    private final LinkedHashMap<VantagePoint, List<Sample>> samples = new LinkedHashMap<>();
    private Optional<String> brokenOff = Optional.empty();
    private Optional<String> notRestored = Optional.empty();
    private long missed;

    private void led(VantagePoint point, int movedAfter, int backAfter, Tries whileOut) {
        List<Sample> its = new ArrayList<>();
        for (int at = 0; at < 40; at++) {
            boolean away = at >= 10 + movedAfter && at < 30 + backAfter;
            boolean trouble = at >= 10 && at < 10 + movedAfter;
            its.add(new Sample(
                    Duration.ofSeconds(at),
                    Duration.ofMillis(20),
                    away ? Seen.ELSEWHERE : Seen.REGION,
                    trouble ? whileOut : Tries.FIRST,
                    trouble ? "<refused> & \"gone\"" : ""));
        }
        samples.put(point, its);
    }

    private DrillReport report() {
        var times = new Measured.Times(
                Duration.ofSeconds(10), Duration.ofSeconds(10), Duration.ofSeconds(30), Duration.ofSeconds(40));
        return DrillReport.of(
                RECORD,
                TERMS,
                new FailoverDrill.Watched(samples, times, missed, brokenOff, notRestored),
                List.of("no pip was run"));
    }

    @Test
    void theObjectiveIsMetWhereAllMoveInTimeNothingFailsAndAllComeBack() {
        led(SERVER, 2, 1, Tries.FIRST);
        led(PAGE, 4, 3, Tries.RETRIED);
        DrillSummary summary = report().summary();
        assertThat(summary.reasons()).isEmpty();
        assertThat(summary.detected()).contains(Duration.ofSeconds(2));
        assertThat(summary.moved()).contains(Duration.ofSeconds(4));
        assertThat(summary.back()).contains(Duration.ofSeconds(3));
        assertThat(summary.retried()).isEqualTo(4);
        assertThat(summary.gap()).isEqualTo(Duration.ofSeconds(4));
    }

    @Test
    void oneThatMovesTooLateMissesIt() {
        led(SERVER, 2, 1, Tries.FIRST);
        led(PAGE, 5, 3, Tries.RETRIED);
        assertThat(report().summary().reasons())
                .containsExactly("page: a was led elsewhere after 5.0 s, and the objective is 4.0 s");
    }

    @Test
    void oneThatNeverMovesOrNeverComesBackMissesIt() {
        led(SERVER, 25, 0, Tries.FIRST);
        led(PAGE, 2, 20, Tries.FIRST);
        assertThat(report().summary().reasons())
                .containsExactly("name server 192.0.2.53: a was never led elsewhere", "page: a was not led back");
        assertThat(report().summary().moved()).isEmpty();
        assertThat(report().summary().back()).isEmpty();
    }

    @Test
    void requestsThatFailInSpiteOfPipsRetriesMissIt() {
        led(PAGE, 1, 1, Tries.FAILED);
        assertThat(report().summary().reasons()).containsExactly("1 of 30 requests failed, in spite of pip's retries");
    }

    @Test
    void oneOfAThousandMayFail() {
        led(PAGE, 1, 1, Tries.FIRST);
        List<Sample> many = new ArrayList<>(samples.get(PAGE));
        for (int i = 0; i < 970; i++) {
            many.add(new Sample(Duration.ofSeconds(20), Duration.ZERO, Seen.ELSEWHERE, Tries.FIRST, ""));
        }
        samples.put(PAGE, many);
        samples.put(
                new VantagePoint(Kind.FILE, "file: a"),
                List.of(new Sample(Duration.ofSeconds(20), Duration.ZERO, Seen.ELSEWHERE, Tries.FAILED, "")));
        assertThat(report().summary().requests()).isEqualTo(1_001);
        assertThat(report().summary().isMet()).isTrue();
        samples.get(PAGE).removeLast();
        samples.get(PAGE).removeLast();
        assertThat(report().summary().isMet()).isFalse();
    }

    @Test
    void whatWasBrokenOffNotUndoneOrNotMadeMissesItAndSaysWhatToDo() {
        led(PAGE, 1, 20, Tries.FIRST);
        brokenOff = Optional.of("it was told to end before its end");
        notRestored = Optional.of("the API is away");
        missed = 3;
        assertThat(report().summary().reasons())
                .containsExactly(
                        "it was broken off: it was told to end before its end",
                        "it is not undone: the API is away. Run flotilla drill restore",
                        "3 requests were never made, since too many were under way");
        assertThat(report().isRestored()).isFalse();
    }

    @Test
    void whatIsKeptIsReadAgain() {
        led(SERVER, 25, 0, Tries.FIRST);
        DrillSummary summary = report().summary();
        assertThat(DrillSummary.parse(JsonWriter.bytes(summary.toJson()))).isEqualTo(summary);
        assertThat(DrillRecord.parse(RECORD.toBytes())).isEqualTo(RECORD);
        DrillRecord holding =
                RECORD.holding(new TreeMap<>(Map.of(new NodeId(RECORD.region(), new NodeName("east-1")), 3L)));
        assertThat(DrillRecord.parse(holding.toBytes())).isEqualTo(holding);
        assertThat(DrillRecord.parse(RECORD.ended().toBytes()).over()).isTrue();
        assertThat(summary.id()).isEqualTo("20261122T030000Z-east-health-fail");
    }

    @Test
    void theReportIsOnePageThatNeedsNothingElseAndWhoeverNamesThingsWritesNoneOfIt() throws Exception {
        led(SERVER, 2, 1, Tries.FIRST);
        led(PAGE, 4, 3, Tries.RETRIED);
        DrillReport report = report();
        String page = DrillPage.of(report, List.of(report.summary()));
        assertThat(page)
                .contains("Failover of east: health-fail", "The objective is met.", "no pip was run")
                .contains("prefers-color-scheme: dark")
                .contains("o'hara@&lt;here&gt;", "&lt;refused&gt; &amp; &quot;gone&quot;")
                .contains("This is the first drill of its kind")
                .doesNotContain("<here>", "<refused>", "<script", "src=", "href=", "@import", "url(");
        String picture = page.substring(page.indexOf("<svg viewBox=\"0 0 1150"), page.lastIndexOf("</svg>") + 6);
        Document document = parsed(picture);
        assertThat(document.getElementsByTagName("rect").getLength()).isEqualTo(3 + 4 + 1);

        var json = new JsonReader(ByteSize.ofMiB(1)).object(JsonWriter.bytes(report.toJson()));
        assertThat(json.sequence("vantagePoints")).hasSize(2);
    }

    @Test
    void earlierDrillsOfTheSameKindAreTheTrend() throws Exception {
        led(PAGE, 1, 1, Tries.FIRST);
        DrillSummary now = report().summary();
        var earlier = new DrillSummary(
                "earlier",
                now.region(),
                now.mode(),
                "a",
                BEGUN.minusSeconds(86_400),
                now.objective(),
                Optional.empty(),
                Optional.of(Duration.ofMillis(7_700)),
                now.back(),
                now.gap(),
                10,
                0,
                2,
                List.of("why"));
        String page = DrillPage.of(report(), List.of(earlier));
        assertThat(page)
                .contains("2026-11-21T03:00:00.123Z</td><td class=\"missed\">missed</td><td>never</td><td>7.7 s</td>");
        String picture = page.substring(page.indexOf("<svg viewBox=\"0 0 1150 260"), page.lastIndexOf("</svg>") + 6);
        Document document = parsed(picture);
        assertThat(texts(document, "title"))
                .contains("earlier: to move 7.7 s", "earlier: to detect never", now.id() + ": to move 1.0 s");
        var circles = document.getElementsByTagName("circle");
        assertThat(circles.getLength()).as("three times of two drills").isEqualTo(6);
        assertThat(texts(document, "text")).contains("2026-11-21", "2026-11-22", "0 s");
        List<Double> moved = new ArrayList<>();
        for (int i = 0; i < circles.getLength(); i++) {
            if (((Element) circles.item(i)).getAttribute("class").equals("move")) {
                moved.add(Double.parseDouble(((Element) circles.item(i)).getAttribute("cy")));
            }
        }
        assertThat(moved)
                .as("the older one on the left took longer and stands higher")
                .hasSize(2);
        assertThat(moved.getFirst()).isLessThan(moved.getLast());
    }

    @Test
    void thePictureOfATrendHoldsAsManyDrillsAsItsTable() {
        led(PAGE, 1, 1, Tries.FIRST);
        DrillSummary now = report().summary();
        List<DrillSummary> many = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            many.add(new DrillSummary(
                    "drill-" + i,
                    now.region(),
                    now.mode(),
                    "a",
                    BEGUN.minusSeconds(86_400L * (30 - i)),
                    now.objective(),
                    now.detected(),
                    now.moved(),
                    now.back(),
                    now.gap(),
                    10,
                    0,
                    0,
                    List.of()));
        }
        assertThat(DrillPage.of(report(), many))
                .contains("Trend of 21 drills", "drill-10: to move")
                .doesNotContain("drill-9: to move");
    }

    private static Document parsed(String picture) throws Exception {
        return DocumentBuilderFactory.newDefaultInstance()
                .newDocumentBuilder()
                .parse(new ByteArrayInputStream(picture.getBytes(StandardCharsets.UTF_8)));
    }

    private static List<String> texts(Document document, String tag) {
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < document.getElementsByTagName(tag).getLength(); i++) {
            texts.add(document.getElementsByTagName(tag).item(i).getTextContent());
        }
        return texts;
    }
}
