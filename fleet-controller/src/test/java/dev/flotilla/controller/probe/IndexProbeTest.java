package dev.flotilla.controller.probe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flotilla.controller.client.Names;
import dev.flotilla.controller.probe.ProbeResult.Kind;
import dev.flotilla.controller.probe.ProbeResult.State;
import dev.flotilla.controller.probe.ProbeResult.Step;
import dev.flotilla.vocabulary.PlatformSlug;
import dev.flotilla.vocabulary.ProjectName;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class IndexProbeTest {
    private static final InetAddress HOME = InetAddress.getLoopbackAddress();

    private LyingIndex index;

    @BeforeEach
    void start() throws IOException {
        index = LyingIndex.start();
    }

    @AfterEach
    void end() {
        index.close();
    }

    private ProbeResult look(Names.Answer answer, Optional<InetAddress> straight) {
        var target = new ProbeTarget("east", ProbeTarget.index("east.mirror.test", index.port()), straight);
        return new IndexProbe(host -> answer, new ProjectName("six"), IndexProbe.Limits.USUAL, Clock.systemUTC())
                .look(target);
    }

    private ProbeResult lookForPlatform() {
        var target = new ProbeTarget("east", ProbeTarget.index("east.mirror.test", index.port()), Optional.of(HOME));
        return new IndexProbe(
                        host -> new Names.Answer.None("not asked"),
                        new ProjectName("six"),
                        IndexProbe.Limits.USUAL,
                        Clock.systemUTC(),
                        PlatformSlug.parse("debian-12-x86_64"))
                .look(target);
    }

    @Test
    void whatJobsOfAPlatformUseIsLookedAtWhereOneIsNamed() {
        ProbeResult result = lookForPlatform();
        assertThat(result.isGood())
                .as(String.join("\n", ProbeText.lines(result)))
                .isTrue();
        assertThat(step(result, Kind.WHEELS)).returns(State.OK, Step::state).returns("1 project", Step::text);
        assertThat(step(result, Kind.OVERLAY)).returns(State.OK, Step::state).returns("2 files", Step::text);
    }

    @ParameterizedTest
    @CsvSource({
        "platform-404, WHEELS, there are no prebuilt wheels for this platform",
        "platform-list-cut-off, WHEELS, the page can't be read",
        "overlay-404, OVERLAY, answers 404",
        "overlay-without-the-file, OVERLAY, it doesn't offer six-1.0-py3-none-any.whl as the index does"
    })
    void whatIsWrongWithAPlatformFailsItsOwnStep(String lie, Kind kind, String why) {
        index.lie(lie);
        ProbeResult result = lookForPlatform();
        assertThat(result.steps())
                .filteredOn(step -> step.state() == State.FAILED)
                .singleElement()
                .returns(kind, Step::kind)
                .satisfies(step -> assertThat(step.text()).contains(why));
    }

    private ProbeResult look() {
        return look(new Names.Answer.Addresses(List.of(HOME), Duration.ofSeconds(7)), Optional.empty());
    }

    private static Step step(ProbeResult result, Kind kind) {
        return result.steps().stream()
                .filter(step -> step.kind() == kind)
                .findFirst()
                .orElseThrow();
    }

    @Test
    void anIndexThatServesIsGoodAndEachStepSaysWhatItFound() {
        ProbeResult result = look();
        assertThat(result.isGood())
                .as(String.join("\n", ProbeText.lines(result)))
                .isTrue();
        assertThat(result.steps()).extracting(Step::kind).containsExactly(Kind.values());
        assertThat(step(result, Kind.NAME).text()).isEqualTo("127.0.0.1 for 7 s");
        assertThat(step(result, Kind.PAGE).text()).isEqualTo("2 files, application/vnd.pypi.simple.v1+json");
        assertThat(step(result, Kind.HTML).text()).isEqualTo("text/html");
        assertThat(step(result, Kind.METADATA).text()).contains("six-1.0-py3-none-any.whl.metadata, their digest");
        assertThat(step(result, Kind.FILE).text()).contains("six-1.0-py3-none-any.whl, their digest is right");
        assertThat(step(result, Kind.RANGE).text()).contains("the last 50 bytes");
        assertThat(step(result, Kind.WHEELS)).returns(State.NONE, Step::state).returns("none", Step::text);
        assertThat(index.hosts()).containsOnly("east.mirror.test:" + index.port());
    }

    @Test
    void aNodeIsAskedStraightByTheNameOfItsRegionWhateverTheNameSays() {
        ProbeResult result = look(new Names.Answer.None("not asked"), Optional.of(HOME));
        assertThat(result.isGood()).isTrue();
        assertThat(index.hosts()).containsOnly("east.mirror.test:" + index.port());
    }

    @Test
    void withoutANameNothingElseIsTried() {
        ProbeResult result = look(new Names.Answer.None("NXDOMAIN"), Optional.empty());
        assertThat(result.isGood()).isFalse();
        assertThat(step(result, Kind.NAME)).returns(State.FAILED, Step::state).returns("NXDOMAIN", Step::text);
        assertThat(step(result, Kind.PAGE)).returns(State.SKIPPED, Step::state);
        assertThat(index.hosts()).isEmpty();
    }

    static Stream<Arguments> lies() {
        return Stream.of(
                Arguments.of("page-404", Kind.PAGE, "answers 404: the index has no such project"),
                Arguments.of("page-503", Kind.PAGE, "answers 503"),
                Arguments.of("page-of-another-type", Kind.PAGE, "it is text/plain and not application/vnd"),
                Arguments.of("page-without-hashes", Kind.PAGE, "'sha256' is missing"),
                Arguments.of("page-without-files", Kind.PAGE, "the page has no files"),
                Arguments.of("page-cut-off", Kind.PAGE, "the page can't be read"),
                Arguments.of("html-without-the-file", Kind.HTML, "it doesn't name six-1.0-py3-none-any.whl"),
                Arguments.of("html-without-digests", Kind.HTML, "it has no digest of six-1.0"),
                Arguments.of("html-as-json", Kind.HTML, "and not text/html"),
                Arguments.of("metadata-404", Kind.METADATA, "answers 404 and not 200"),
                Arguments.of("metadata-of-another-file", Kind.METADATA, "the digest of six-1.0"),
                Arguments.of("file-with-a-bit-turned", Kind.FILE, "the digest of six-1.0-py3-none-any.whl is"),
                Arguments.of("file-that-is-shorter", Kind.FILE, "has 99 bytes, and the page says 100"),
                Arguments.of("file-in-a-coding", Kind.FILE, "comes in a coding"),
                Arguments.of("range-not-understood", Kind.RANGE, "answers 200 and not 206"),
                Arguments.of("range-shifted", Kind.RANGE, "Content-Range says bytes 49-98/100 and not bytes 50-99/100"),
                Arguments.of("range-with-other-bytes", Kind.RANGE, "the part that was asked for has other bytes"),
                Arguments.of("wheels-500", Kind.WHEELS, "answers 500"));
    }

    @ParameterizedTest
    @MethodSource("lies")
    void eachThingThatPipStumblesOverFailsItsOwnStepAndSaysWhy(String lie, Kind kind, String why) {
        index.lie(lie);
        ProbeResult result = look();
        assertThat(result.isGood()).isFalse();
        assertThat(result.steps())
                .filteredOn(step -> step.state() == State.FAILED)
                .singleElement()
                .returns(kind, Step::kind)
                .satisfies(step -> assertThat(step.text()).contains(why));
    }

    @Test
    void whatIsNotOfferedIsNoFault() {
        index.lie("no-metadata-offered");
        ProbeResult result = look();
        assertThat(result.isGood()).isTrue();
        assertThat(step(result, Kind.METADATA)).returns(State.NONE, Step::state);
    }

    @Test
    void metricsTellOfTheLastLookAndCountAllAndGrowWithTargetsAlone() {
        var metrics = new ProbeMetrics();
        metrics.record(look());
        index.lie("file-with-a-bit-turned");
        metrics.record(look());
        String text = metrics.text();
        assertThat(text)
                .contains("flotilla_probe_good{target=\"east\"} 0\n")
                .contains("flotilla_probe_looks_total{target=\"east\"} 2\n")
                .contains("flotilla_probe_failed_looks_total{target=\"east\"} 1\n")
                .contains("flotilla_probe_step_good{target=\"east\",step=\"page\"} 1\n")
                .contains("flotilla_probe_step_good{target=\"east\",step=\"file\"} 0\n")
                .contains("flotilla_probe_step_good{target=\"east\",step=\"wheels\"} 1\n")
                .containsPattern(
                        "flotilla_probe_step_duration_seconds\\{target=\"east\",step=\"page\"} 0\\.[0-9]{6}\n");
        for (int i = 0; i < 50; i++) {
            metrics.record(look());
        }
        assertThat(metrics.text().lines().count()).isEqualTo(text.lines().count());
    }
}
