package dev.flotilla.mirror.wheels;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flotilla.mirror.simple.Limits;
import dev.flotilla.mirror.simple.PageForm;
import dev.flotilla.mirror.simple.PageParser;
import dev.flotilla.mirror.simple.PageParsing;
import dev.flotilla.mirror.simple.ProjectFile;
import dev.flotilla.mirror.simple.ProjectPage;
import dev.flotilla.vocabulary.PlatformSlug;
import dev.flotilla.vocabulary.ProjectName;
import dev.flotilla.vocabulary.Sha256;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WheelIndexTest {
    private static final PlatformSlug PLATFORM = new PlatformSlug("debian", "12", "x86_64");
    private static final URI BASE = URI.create("http://127.0.0.1:1/wheels/debian-12-x86_64/");
    private static final ProjectName FOO = new ProjectName("foo");

    private static WheelIndexParsing parse(String text) {
        return new WheelIndexParser().parse(text.getBytes(StandardCharsets.UTF_8), PLATFORM, BASE);
    }

    private static WheelIndex index(String... filenames) {
        var text = WheelIndexText.of(PLATFORM.toString());
        for (String filename : filenames) {
            text = text.with("foo", filename, filename.getBytes(StandardCharsets.UTF_8), new byte[0]);
        }
        return switch (parse(text.text())) {
            case WheelIndexParsing.Parsed parsed -> parsed.index();
            case WheelIndexParsing.Refused refused -> throw new AssertionError(refused.reason());
        };
    }

    /** The controller's own test writes it. */
    @Test
    void whatTheControllerWritesIsRead() throws IOException {
        String text = Files.readString(Path.of("..", "docs", "reference", "wheel-index-example.json"));
        var parsing = parse(text);
        assertThat(parsing).isInstanceOf(WheelIndexParsing.Parsed.class);
        WheelIndex index = ((WheelIndexParsing.Parsed) parsing).index();
        ProjectFile wheel = index.entry(new ProjectName("some-project"))
                .orElseThrow()
                .page()
                .files()
                .getFirst();
        assertThat(wheel.filename()).isEqualTo("some_project-1.0+local-cp311-cp311-linux_x86_64.whl");
        // A plus in a path is a space to some servers of buckets.
        assertThat(wheel.location().uri())
                .isEqualTo(BASE.resolve("some-project/" + wheel.sha256().orElseThrow()
                        + "/some_project-1.0%2Blocal-cp311-cp311-linux_x86_64.whl"));
    }

    /** Upstream's page with these files; one with a {@code !} behind it is yanked. */
    private static ProjectPage upstream(String... files) {
        String entries = Arrays.stream(files)
                .map(file -> """
                        {"filename": "%s", "url": "%s", "hashes": {"sha256": "%s"}, "yanked": %s}""".formatted(
                                file.replace("!", ""),
                                file.replace("!", ""),
                                Sha256.of(("upstream's " + file).getBytes(StandardCharsets.UTF_8)),
                                file.endsWith("!")))
                .collect(Collectors.joining(","));
        String page =
                "{\"meta\": {\"api-version\": \"1.1\"}, \"name\": \"foo\", \"versions\": [\"1.0\", \"2.0\"], \"files\": ["
                        + entries + "]}";
        var parsing = new PageParser(Limits.usual())
                .parse(
                        PageForm.JSON,
                        page.getBytes(StandardCharsets.UTF_8),
                        URI.create("http://127.0.0.1:1/simple/foo/"),
                        FOO);
        assertThat(parsing).isInstanceOf(PageParsing.Parsed.class);
        return ((PageParsing.Parsed) parsing).page();
    }

    private static List<String> names(ProjectPage page) {
        return page.files().stream().map(ProjectFile::filename).toList();
    }

    private static List<String> added(WheelIndex index, ProjectPage upstream) {
        var joined = index.joined(upstream);
        int own = upstream.files().size();
        assertThat(joined.files().subList(0, own))
                .as("upstream's files stay as they are, and where they are")
                .isEqualTo(upstream.files());
        assertThat(joined.versions()).isEqualTo(upstream.versions());
        return names(joined).subList(own, joined.files().size());
    }

    @Test
    void aWheelJoinsTheSdistThatNobodyHasBuilt() {
        var ours = "foo-1.0-cp311-cp311-linux_x86_64.whl";
        assertThat(added(index(ours), upstream("foo-1.0.tar.gz"))).containsExactly(ours);
        var joined = index(ours).joined(upstream("foo-1.0.tar.gz")).files().getLast();
        assertThat(joined.location().uri()).isEqualTo(BASE.resolve("foo/" + ours));
        assertThat(joined.unknown()).containsKey("flotilla-build");
    }

    @ParameterizedTest
    @CsvSource({
        // ours, upstream's wheel, whether ours joins
        "cp311-cp311-linux_x86_64, cp311-cp311-manylinux_2_17_x86_64, false",
        "cp311-cp311-linux_x86_64, cp311-cp311-manylinux_2_40_x86_64, true",
        "cp311-cp311-linux_x86_64, cp311-cp311-manylinux_2_17_aarch64, true",
        "cp311-cp311-linux_x86_64, cp311-cp311-musllinux_1_1_x86_64, true",
        "cp311-cp311-linux_x86_64, cp310-cp310-manylinux_2_17_x86_64, true",
        "cp311-cp311-linux_x86_64, cp38-abi3-manylinux_2_17_x86_64, false",
        "cp311-cp311-linux_x86_64, py3-none-any, false",
        "cp311-cp311-linux_x86_64, py2-none-any, true",
        "cp38-abi3-linux_x86_64, cp311-cp311-manylinux_2_17_x86_64, true",
        "cp313-cp313t-linux_x86_64, cp313-cp313-manylinux_2_17_x86_64, true",
        "cp311-cp311-linux_aarch64, cp310-cp310-manylinux_2_17_x86_64, false",
    })
    void aWheelJoinsOnlyWhereNoneOfUpstreamsFits(String ours, String theirs, boolean joins) {
        String wheel = "foo-1.0-" + ours + ".whl";
        assertThat(added(index(wheel), upstream("foo-1.0.tar.gz", "foo-1.0-" + theirs + ".whl")))
                .isEqualTo(joins ? List.of(wheel) : List.of());
    }

    @Test
    void aVersionIsThatOfUpstreamInAnySpelling() {
        assertThat(added(index("foo-1.0.0-py3-none-linux_x86_64.whl"), upstream("foo-1.tar.gz")))
                .hasSize(1);
        assertThat(added(index("foo-1.0+deb_1-py3-none-linux_x86_64.whl"), upstream("foo-1.0.tar.gz")))
                .isEmpty();
    }

    @Test
    void nothingJoinsThatUpstreamDoesNotHaveOrHasTakenBack() {
        var index = index("foo-3.0-py3-none-linux_x86_64.whl", "foo-2.0-py3-none-linux_x86_64.whl");
        assertThat(added(index, upstream("foo-1.0.tar.gz")))
                .as("a higher version than upstream's")
                .isEmpty();
        assertThat(added(index, upstream("foo-2.0.tar.gz!"))).as("yanked").isEmpty();
        assertThat(added(index, upstream())).as("quarantined, or withdrawn").isEmpty();
    }

    @Test
    void aNameThatUpstreamHasGivenIsUpstreams() {
        String name = "foo-1.0-cp311-cp311-linux_x86_64.whl";
        assertThat(added(index(name), upstream(name, "foo-1.0.tar.gz"))).isEmpty();
    }

    @Test
    void anotherProjectStaysAsItIs() {
        var page = new ProjectPage(
                new ProjectName("bar"), List.of(), List.of(), Optional.empty(), new TreeMap<>(), new TreeMap<>());
        assertThat(index("foo-1.0-py3-none-any.whl").joined(page)).isSameAs(page);
    }

    private static final String SHA = "a".repeat(64);

    @ParameterizedTest
    @ValueSource(
            strings = {
                // no wheel; another project's; without digest, size, time, digest of the metadata; outside of the
                // wheelhouse; with a bad key
                "{'filename':'foo-1.0.tar.gz','url':'foo/x.tar.gz','hashes':{'sha256':'SHA'},'size':1,'upload-time':'2026-01-01T00:00:00Z','core-metadata':{'sha256':'SHA'}}",
                "{'filename':'bar-1.0-py3-none-any.whl','url':'foo/x.whl','hashes':{'sha256':'SHA'},'size':1,'upload-time':'2026-01-01T00:00:00Z','core-metadata':{'sha256':'SHA'}}",
                "{'filename':'foo-1.0-py3-none-any.whl','url':'foo/x.whl','hashes':{},'size':1,'upload-time':'2026-01-01T00:00:00Z','core-metadata':{'sha256':'SHA'}}",
                "{'filename':'foo-1.0-py3-none-any.whl','url':'foo/x.whl','hashes':{'sha256':'SHA'},'upload-time':'2026-01-01T00:00:00Z','core-metadata':{'sha256':'SHA'}}",
                "{'filename':'foo-1.0-py3-none-any.whl','url':'foo/x.whl','hashes':{'sha256':'SHA'},'size':1,'core-metadata':{'sha256':'SHA'}}",
                "{'filename':'foo-1.0-py3-none-any.whl','url':'foo/x.whl','hashes':{'sha256':'SHA'},'size':1,'upload-time':'2026-01-01T00:00:00Z'}",
                "{'filename':'foo-1.0-py3-none-any.whl','url':'../../x.whl','hashes':{'sha256':'SHA'},'size':1,'upload-time':'2026-01-01T00:00:00Z','core-metadata':{'sha256':'SHA'}}",
                "{'filename':'foo-1.0-py3-none-any.whl','url':'http://elsewhere.test/x.whl','hashes':{'sha256':'SHA'},'size':1,'upload-time':'2026-01-01T00:00:00Z','core-metadata':{'sha256':'SHA'}}",
                "{'filename':'foo-1.0-py3-none-any.whl','url':'foo/x.whl','hashes':{'sha256':'SHA'},'size':null,'upload-time':'never','core-metadata':{'sha256':'SHA'}}",
                "7"
            })
    void anIndexWithABadEntryIsRefusedWholeWithTheReason(String entry) {
        var text = WheelIndexText.of(PLATFORM.toString())
                .with("foo", "foo-2.0-py3-none-any.whl", new byte[1], new byte[0])
                .withFile("foo", entry.replace('\'', '"').replace("SHA", SHA))
                .text();
        assertThat(parse(text))
                .isInstanceOfSatisfying(
                        WheelIndexParsing.Refused.class,
                        refused -> assertThat(refused.reason()).contains("foo"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "[]", "{}", "{\"format\": 2}", "null", "{\"format\": 1", "not json"})
    void whatIsNoIndexIsRefused(String text) {
        assertThat(parse(text)).isInstanceOf(WheelIndexParsing.Refused.class);
    }

    @Test
    void anIndexOfAnotherPlatformOrWithAKeyTwiceIsRefused() {
        String good = WheelIndexText.of(PLATFORM.toString()).text();
        assertThat(parse(good)).isInstanceOf(WheelIndexParsing.Parsed.class);
        for (String bad : List.of(
                good.replace("debian-12-x86_64", "debian-11-x86_64"),
                good.replace("glibc", "dietlibc"),
                good.replace("2.36", "new"),
                good.replace("2026-02-28T03:00:00Z", "yesterday"),
                good.replace("\"format\": 1", "\"format\": 1, \"format\": 1"),
                good + "{}")) {
            assertThat(bad).isNotEqualTo(good);
            assertThat(parse(bad)).as(bad).isInstanceOf(WheelIndexParsing.Refused.class);
        }
    }
}
