package dev.flotilla.mirror.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flotilla.mirror.simple.Digests;
import dev.flotilla.mirror.simple.Location;
import dev.flotilla.mirror.simple.ProjectFile;
import dev.flotilla.mirror.simple.ProjectPage;
import dev.flotilla.mirror.simple.ProjectStatus;
import dev.flotilla.vocabulary.ByteSize;
import dev.flotilla.vocabulary.NamePattern;
import dev.flotilla.vocabulary.ProjectName;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PolicyTest {
    private static final ProjectName NAME = ProjectName.of("sample");
    private static final Instant NOW = Instant.parse("2026-03-10T12:00:00Z");

    private static NamePatterns patterns(String texts) {
        return NamePatterns.of(Arrays.stream(texts.split(" "))
                .filter(text -> !text.isEmpty())
                .map(NamePattern::new)
                .toList());
    }

    private static Policy named(String block, String allow, String reserved) {
        return new Policy(
                patterns(block),
                patterns(allow),
                patterns(reserved),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                10);
    }

    private static Policy sized(long file, long project) {
        return new Policy(
                NamePatterns.none(),
                NamePatterns.none(),
                NamePatterns.none(),
                Optional.of(new ByteSize(file)),
                Optional.of(new ByteSize(project)),
                Optional.empty(),
                10);
    }

    private static Policy cooling(Duration cooldown) {
        return new Policy(
                NamePatterns.none(),
                NamePatterns.none(),
                NamePatterns.none(),
                Optional.empty(),
                Optional.empty(),
                Optional.of(cooldown),
                10);
    }

    private static ProjectFile file(String filename, OptionalLong size, Optional<String> uploaded) {
        var plain = ProjectFile.of(
                filename,
                Location.of(URI.create("https://files.example/" + filename)),
                Digests.of(Map.of("sha256", "0".repeat(64))));
        return new ProjectFile(
                plain.filename(),
                plain.location(),
                plain.hashes(),
                plain.requiresPython(),
                plain.yanked(),
                plain.coreMetadata(),
                size,
                uploaded,
                plain.provenance(),
                plain.gpgSignature(),
                plain.unknown());
    }

    private static ProjectFile dated(String filename, String uploaded) {
        return file(filename, OptionalLong.of(1), Optional.of(uploaded).filter(text -> !text.isEmpty()));
    }

    private static ProjectPage page(ProjectFile... files) {
        return ProjectPage.of(NAME, List.of(files), List.of("1.0"));
    }

    private static List<String> shown(Judgement judgement) {
        return judgement.shown().files().stream().map(ProjectFile::filename).toList();
    }

    @ParameterizedTest
    @CsvSource({
        "'', '', '', Open",
        "sample, '', '', Blocked",
        "sam*, '', '', Blocked",
        "other, '', '', Open",
        "'', sample, '', Open",
        "'', other, '', Blocked",
        "sample, sample, '', Blocked",
        "'', '', sample, Private",
        "sample, other, s*, Private"
    })
    void blockedGoesOverAllowedAndPrivateOverBoth(String block, String allow, String reserved, String admission) {
        assertThat(named(block, allow, reserved).admission(NAME).getClass().getSimpleName())
                .isEqualTo(admission);
    }

    @Test
    void aProjectInQuarantineShowsNothingInAnyView() {
        var status = ProjectStatus.of("quarantined");
        var active = page(dated("sample-1.0.tar.gz", "2020-01-01T00:00:00Z"));
        var page = new ProjectPage(
                active.name(),
                active.files(),
                active.versions(),
                Optional.of(status),
                active.unknown(),
                active.unknownMeta());
        for (var view : List.of(View.PLAIN, new View.Cooldown(1), new View.AsOf(LocalDate.of(2025, 1, 1)))) {
            var judgement = Policy.open().judge(page, view, NOW);
            assertThat(shown(judgement)).isEmpty();
            assertThat(judgement.hidden()).extracting(Hidden::rule).containsExactly(Rule.QUARANTINE);
        }
    }

    @Test
    void aFileAboveTheLimitIsHiddenAndOneOfUnknownSizeIsLeftToTheDownload() {
        var page = page(
                file("a-1.tar.gz", OptionalLong.of(10), Optional.empty()),
                file("a-2.tar.gz", OptionalLong.of(11), Optional.empty()),
                file("a-3.tar.gz", OptionalLong.empty(), Optional.empty()));
        assertThat(shown(sized(10, 1_000).judge(page, View.PLAIN, NOW))).containsExactly("a-1.tar.gz", "a-3.tar.gz");
    }

    @Test
    void aProjectAboveTheLimitShowsNothing() {
        var page = page(
                file("a-1.tar.gz", OptionalLong.of(Long.MAX_VALUE), Optional.empty()),
                file("a-2.tar.gz", OptionalLong.of(Long.MAX_VALUE), Optional.empty()));
        var judgement = sized(Long.MAX_VALUE, Long.MAX_VALUE).judge(page, View.PLAIN, NOW);
        assertThat(judgement.hidden()).extracting(Hidden::rule).containsOnly(Rule.PROJECT_SIZE);
        assertThat(shown(judgement)).isEmpty();
    }

    @Test
    void aFileComesOfAgeToTheInstant() {
        var page = page(dated("a-1.tar.gz", "2026-03-03T12:00:00Z"), dated("a-2.tar.gz", "2026-03-03T12:00:00.001Z"));
        var judgement = Policy.open().judge(page, new View.Cooldown(7), NOW);
        assertThat(shown(judgement)).containsExactly("a-1.tar.gz");
        assertThat(judgement.changes()).contains(Instant.parse("2026-03-10T12:00:00.001Z"));
        assertThat(shown(Policy.open()
                        .judge(page, new View.Cooldown(7), judgement.changes().orElseThrow())))
                .hasSize(2);
    }

    @Test
    void theLongerOfTwoCoolDownsCounts() {
        var page = page(dated("a-1.tar.gz", "2026-03-05T00:00:00Z"));
        var policy = cooling(Duration.ofDays(7));
        assertThat(shown(policy.judge(page, View.PLAIN, NOW))).isEmpty();
        assertThat(shown(policy.judge(page, new View.Cooldown(1), NOW))).isEmpty();
        assertThat(shown(Policy.open().judge(page, new View.Cooldown(1), NOW))).hasSize(1);
        assertThat(shown(Policy.open().judge(page, View.PLAIN, NOW))).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource({
        "2026-03-01T23:59:59.999Z, true",
        "2026-03-02T00:00:00Z, false",
        "2026-03-02T00:30:00+01:00, true",
        "2026-03-01T23:30:00-01:00, false"
    })
    void aDateEndsWithItsDayInUtc(String uploaded, boolean there) {
        var view = new View.AsOf(LocalDate.of(2026, 3, 1));
        var judgement = Policy.open().judge(page(dated("a-1.tar.gz", uploaded)), view, NOW);
        assertThat(shown(judgement)).hasSize(there ? 1 : 0);
        assertThat(judgement.changes()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whereNobodySaysWhenAFileCameItIsHiddenFromEveryRuleAboutThat(boolean byDate) {
        var page = page(dated("a-1.tar.gz", ""));
        View view = byDate ? new View.AsOf(LocalDate.of(2026, 3, 1)) : new View.Cooldown(3);
        var judgement = Policy.open().judge(page, view, NOW);
        assertThat(judgement.hidden()).extracting(Hidden::rule).containsExactly(Rule.UNKNOWN_TIME);
        assertThat(shown(cooling(Duration.ofHours(1)).judge(page, View.PLAIN, NOW)))
                .isEmpty();
        assertThat(shown(Policy.open().judge(page, View.PLAIN, NOW))).hasSize(1);
    }

    @Test
    void everyViewHasOnePathAndThatPathLeadsBackToIt() {
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(3650);
        for (int round = 0; round < 2_000; round++) {
            View view = random.nextBoolean()
                    ? new View.Cooldown(random.nextInt(1, 3651))
                    : new View.AsOf(LocalDate.of(1, 1, 1).plusDays(random.nextInt(3_652_059)));
            var segments = view.path().split("/", -1);
            assertThat(segments).hasSize(3).startsWith("");
            assertThat(View.parse(segments[1], segments[2])).contains(view);
        }
        assertThat(View.PLAIN.path()).isEmpty();
    }

    @Test
    void everyGeneratedPageIsDividedWithoutLossAndFilesOnlyComeAsTimeGoesBy() {
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(714);
        for (int round = 0; round < 2_000; round++) {
            var page = generated(random);
            var view = view(random);
            var policy = random.nextBoolean()
                    ? sized(random.nextInt(1, 50), random.nextInt(1, 300))
                    : cooling(Duration.ofHours(random.nextInt(1, 400)));
            var now = policy.judge(page, view, NOW);
            assertThat(shown(now)).hasSize(page.files().size() - now.hidden().size());
            for (var file : page.files()) {
                assertThat(policy.judge(page, file, view, NOW).isEmpty())
                        .isEqualTo(shown(now).contains(file.filename()));
            }
            var justBefore = policy.judge(
                    page, view, now.changes().map(at -> at.minusNanos(1)).orElse(NOW.plus(Duration.ofDays(9999))));
            assertThat(shown(justBefore)).isEqualTo(shown(now));
            if (now.changes().isPresent()) {
                var after = policy.judge(page, view, now.changes().get());
                assertThat(shown(after))
                        .containsAll(shown(now))
                        .hasSizeGreaterThan(shown(now).size());
            }
        }
    }

    private static ProjectPage generated(RandomGenerator random) {
        var files = new ArrayList<ProjectFile>();
        for (int i = random.nextInt(8); i > 0; i--) {
            Optional<String> uploaded = random.nextInt(6) == 0
                    ? Optional.empty()
                    : Optional.of(NOW.minusSeconds(random.nextInt(40 * 86_400)).toString());
            files.add(file(
                    "a-" + i + ".tar.gz",
                    random.nextInt(6) == 0 ? OptionalLong.empty() : OptionalLong.of(random.nextInt(100)),
                    uploaded));
        }
        return ProjectPage.of(NAME, files, List.of());
    }

    private static View view(RandomGenerator random) {
        return switch (random.nextInt(3)) {
            case 0 -> View.PLAIN;
            case 1 -> new View.Cooldown(random.nextInt(1, 30));
            default -> new View.AsOf(LocalDate.ofInstant(NOW, ZoneOffset.UTC).minusDays(random.nextInt(40)));
        };
    }
}
