package dev.flotilla.mirror.simple;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flotilla.vocabulary.ProjectName;
import dev.flotilla.vocabulary.Sha256;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonPageTest {
    private static final URI BASE = URI.create("https://index.example/simple/foo/");
    private static final String SHA = "0123456789abcdef".repeat(4);
    private static final String REST = "\"url\":\"foo-1.0-py3-none-any.whl\",\"hashes\":{\"sha256\":\"" + SHA + "\"}";
    private static final String FILE = "\"filename\":\"foo-1.0-py3-none-any.whl\"," + REST;

    @Test
    void everyFieldOfAFileIsRead() {
        var page = page("""
                {"meta":{"_last-serial":29,"api-version":"1.4","tracks":["https://other.example/"]},
                 "name":"Foo","alternate-locations":["https://other.example/simple/foo/"],
                 "project-status":{"status":"archived","reason":"moved"},
                 "versions":["1.0","2.0"],
                 "files":[{"filename":"foo-1.0-py3-none-any.whl",
                   "url":"https://files.example/packages/ab/cd/0123/foo-1.0-py3-none-any.whl",
                   "hashes":{"sha256":"%s","md5":"00"},
                   "requires-python":">=3.8","yanked":"broken","core-metadata":{"sha256":"%s"},
                   "data-dist-info-metadata":false,"size":12345,"upload-time":"2024-02-29T01:02:03.456789Z",
                   "provenance":"https://index.example/integrity/foo/provenance","gpg-sig":true}]}
                """.formatted(SHA, "f".repeat(64)));
        assertThat(page.name()).isEqualTo(ProjectName.of("foo"));
        assertThat(page.versions()).containsExactly("1.0", "2.0");
        assertThat(page.status().map(ProjectStatus::status)).contains("archived");
        assertThat(page.status().flatMap(ProjectStatus::reason)).contains("moved");
        assertThat(page.unknown()).isEmpty();
        assertThat(page.unknownMeta()).isEmpty();
        var file = page.files().getFirst();
        assertThat(file.location().uri())
                .isEqualTo(URI.create("https://files.example/packages/ab/cd/0123/foo-1.0-py3-none-any.whl"));
        assertThat(file.sha256()).contains(new Sha256(SHA));
        assertThat(file.hashes()).isEqualTo(Digests.of(Map.of("sha256", SHA, "md5", "00")));
        assertThat(file.requiresPython()).contains(">=3.8");
        assertThat(file.yanked()).isEqualTo(Yanked.because("broken"));
        assertThat(file.coreMetadata().sha256()).contains(new Sha256("f".repeat(64)));
        assertThat(file.metadataLocation().map(Location::uri))
                .contains(URI.create("https://files.example/packages/ab/cd/0123/foo-1.0-py3-none-any.whl.metadata"));
        assertThat(file.size()).isEqualTo(OptionalLong.of(12345));
        assertThat(file.uploadTime()).contains("2024-02-29T01:02:03.456789Z");
        assertThat(file.uploaded()).contains(Instant.parse("2024-02-29T01:02:03.456789Z"));
        assertThat(file.provenance().map(Location::uri))
                .contains(URI.create("https://index.example/integrity/foo/provenance"));
        assertThat(file.gpgSignature()).contains(true);
        assertThat(file.unknown()).isEmpty();
    }

    @Test
    void unknownKeysAreKeptAsTheyAre() {
        var page = page("{\"_private\":1.50,\"meta\":{\"api-version\":\"1.9\",\"note\":\"\\u00e9\"},\"files\":[{" + FILE
                + ",\"variants\":{\"b\":[null, true],\"a\":12345678901234567890}}]}");
        assertThat(page.unknown()).isEqualTo(Map.of("_private", JsonText.of("1.50")));
        assertThat(page.unknownMeta()).isEqualTo(Map.of("note", JsonText.of("\"\u00e9\"")));
        assertThat(page.files().getFirst().unknown().get("variants"))
                .hasToString("{\"b\":[null,true],\"a\":12345678901234567890}");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            foo.whl | https://index.example/simple/foo/foo.whl
            ../../packages/x/foo.whl | https://index.example/packages/x/foo.whl
            /packages/foo.whl | https://index.example/packages/foo.whl
            //files.example/foo.whl | https://files.example/foo.whl
            HTTP://files.example:8080/foo.whl | HTTP://files.example:8080/foo.whl
            http://files.example/a/../foo.whl | http://files.example/foo.whl
            foo.whl?token=%2Ba&b=c#sha256=00 | https://index.example/simple/foo/foo.whl?token=%2Ba&b=c
            a b[1].whl | https://index.example/simple/foo/a%20b%5B1%5D.whl
            f\u00f6.whl | https://index.example/simple/foo/f%C3%B6.whl
            100%.whl | https://index.example/simple/foo/100%25.whl
            http://[::1]:8080/foo.whl | http://[::1]:8080/foo.whl
            """)
    void linksAreMadeAbsolute(String url, String location) {
        var page = page("{\"files\":[{\"filename\":\"foo.whl\",\"url\":\"" + url + "\",\"hashes\":{}}]}");
        assertThat(page.files().getFirst().location().uri()).isEqualTo(URI.create(location));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "file:///etc/passwd",
                "file:/etc/passwd",
                "ftp://files.example/foo.whl",
                "javascript:alert(1)",
                "mailto:someone@files.example",
                "data:text/plain,foo.whl",
                "jar:file:///a.jar!/foo.whl",
                "http:foo.whl",
                "http://",
                "http:///foo.whl",
                "http://files.example",
                "https://#foo.whl",
                "https://user:secret@files.example/foo.whl",
                "http://files.example/../../foo.whl",
                "http://exa mple/foo.whl",
                "http://[::1/foo.whl",
                "http://files.example:99999999999/foo.whl",
                "://foo.whl",
                ":"
            })
    void aFileWhoseLocationIsNoneIsDropped(String url) {
        assertDropped("{\"filename\":\"foo.whl\",\"url\":\"" + url + "\",\"hashes\":{}}");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "../foo.whl",
                "a/foo.whl",
                "a\\\\foo.whl",
                "..",
                ".",
                "",
                ".foo.whl",
                "-foo.whl",
                "foo\\u0000.whl",
                "foo\\n.whl",
                "f\\u00f6.whl",
                "foo\\ud800.whl",
                "foo.whl.metadata"
            })
    void aFileWhoseNameIsNoneIsDropped(String filename) {
        assertDropped("{\"filename\":\"" + filename + "\"," + REST + "}");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "null",
                "[]",
                "\"foo\"",
                "{}",
                "{\"filename\":null," + "\"url\":\"foo.whl\",\"hashes\":{}}",
                "{\"url\":\"foo.whl\",\"hashes\":{}}",
                "{\"filename\":\"foo.whl\",\"hashes\":{}}",
                "{\"filename\":\"foo.whl\",\"url\":null,\"hashes\":{}}",
                "{\"filename\":\"foo.whl\",\"url\":\"foo.whl\"}",
                "{\"filename\":\"foo.whl\",\"url\":\"foo.whl\",\"hashes\":null}",
                "{\"filename\":\"foo.whl\",\"url\":\"foo.whl\",\"hashes\":[]}",
                "{\"filename\":\"foo.whl\",\"url\":\"foo.whl\",\"hashes\":{\"sha256\":null}}",
                "{\"filename\":\"foo.whl\",\"url\":\"foo.whl\",\"hashes\":{\"sha256\":[{}]}}",
                "{\"filename\":\"foo.whl\",\"url\":\"foo.whl\",\"hashes\":{\"sha256\":\"00\"}}",
                "{\"filename\":\"foo.whl\",\"url\":\"foo.whl\",\"hashes\":{\"md5\":\"xyz\"}}",
                "{\"filename\":\"foo.whl\",\"url\":\"foo.whl\",\"hashes\":{\"m d\":\"00\"}}",
                "{\"filename\":\"foo.whl\",\"url\":\"foo.whl\",\"hashes\":{\"md5\":\"00\",\"MD5\":\"01\"}}",
                "{\"filename\":[\"foo.whl\"],\"url\":\"foo.whl\",\"hashes\":{}}",
                "{\"filename\":\"foo.whl\",\"filename\":\"foo.zip\",\"url\":\"foo.whl\",\"hashes\":{}}"
            })
    void aFileWithoutItsRequiredKeysIsDropped(String entry) {
        assertDropped(entry);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"requires-python\":3",
                "\"requires-python\":\">=3\\u0000\"",
                "\"yanked\":1",
                "\"yanked\":{}",
                "\"yanked\":\"\\ud800\"",
                "\"size\":\"12\"",
                "\"size\":-1",
                "\"size\":1.5",
                "\"size\":1e3",
                "\"size\":99999999999999999999",
                "\"size\":[[]]",
                "\"upload-time\":5",
                "\"core-metadata\":\"true\"",
                "\"core-metadata\":{\"sha256\":\"00\"}",
                "\"core-metadata\":{\"sha256\":{}}",
                "\"gpg-sig\":\"true\"",
                "\"provenance\":{}",
                "\"provenance\":\"file:///etc/passwd\""
            })
    void aFileWithAKeyOfTheWrongKindIsDropped(String key) {
        assertDropped("{" + FILE + "," + key + "}");
    }

    @Test
    void nullsOfOptionalKeysSayNothing() {
        var file = page("{\"files\":[{" + FILE
                        + ",\"requires-python\":null,\"yanked\":null,\"size\":null,\"upload-time\":null,"
                        + "\"core-metadata\":null,\"provenance\":null,\"gpg-sig\":null}]}")
                .files()
                .getFirst();
        assertThat(file)
                .isEqualTo(
                        ProjectFile.of("foo-1.0-py3-none-any.whl", file.location(), Digests.of(Map.of("sha256", SHA))));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            false | false
            true | true
            "" | false
            "because" | true
            """)
    void whatIsTruthyYanks(String yanked, boolean expected) {
        var file = page("{\"files\":[{" + FILE + ",\"yanked\":" + yanked + "}]}")
                .files()
                .getFirst();
        assertThat(file.yanked() instanceof Yanked.Yes).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            "core-metadata":true | true
            "core-metadata":false,"dist-info-metadata":true | false
            "dist-info-metadata":true | true
            "dist-info-metadata":false,"data-dist-info-metadata":true | false
            "data-dist-info-metadata":{} | true
            "core-metadata":null,"dist-info-metadata":true | true
            """)
    void coreMetadataGoesOverItsOldNames(String keys, boolean present) {
        var file = page("{\"files\":[{" + FILE + "," + keys + "}]}").files().getFirst();
        assertThat(file.coreMetadata() instanceof CoreMetadata.Present).isEqualTo(present);
    }

    @ParameterizedTest
    @CsvSource({
        "2024-02-29T00:00:00Z, true",
        "2024-02-29T00:00:00.1Z, true",
        "2024-02-29T00:00:00+02:00, true",
        "2023-02-29T00:00:00Z, false",
        "2024-02-29, false",
        "yesterday, false",
        "2024-02-29T00:00:00, false",
        "+999999999-02-29T00:00:00Z, false"
    })
    void anUploadTimeThatIsNoneIsLeftOutAndExplained(String time, boolean kept) {
        var parsed = parsed("{\"files\":[{" + FILE + ",\"upload-time\":\"" + time + "\"}]}");
        assertThat(parsed.page().files().getFirst().uploadTime())
                .isEqualTo(kept ? Optional.of(time) : Optional.empty());
        assertThat(parsed.droppedCount()).isEqualTo(kept ? 0 : 1);
    }

    @Test
    void namesAndDigestsOfHashesAreReadInLowerCase() {
        var file = page("{\"files\":[{\"filename\":\"foo.whl\",\"url\":\"foo.whl\",\"hashes\":{\"SHA256\":\""
                        + SHA.toUpperCase(java.util.Locale.ROOT) + "\"}}]}")
                .files()
                .getFirst();
        assertThat(file.sha256()).contains(new Sha256(SHA));
    }

    @Test
    void theFirstOfTwoFilesOfOneNameWins() {
        var parsed = parsed("{\"files\":[{" + FILE + ",\"size\":1},{" + FILE + ",\"size\":2}]}");
        assertThat(parsed.page().files()).hasSize(1);
        assertThat(parsed.page().files().getFirst().size()).isEqualTo(OptionalLong.of(1));
        assertThat(parsed.dropped())
                .containsExactly(new DroppedEntry("foo-1.0-py3-none-any.whl", "the page has this file name already"));
    }

    @Test
    void droppedEntriesAreAllCountedButNotAllExplained() {
        var parser = new PageParser(new Limits(dev.flotilla.vocabulary.ByteSize.ofMiB(1), 1000, 8, 1000, 3));
        var parsing = parser.parse(
                PageForm.JSON,
                bytes("{\"files\":[" + "{},".repeat(99) + "{" + FILE + "}]}"),
                BASE,
                ProjectName.of("foo"));
        assertThat(parsing).isInstanceOfSatisfying(PageParsing.Parsed.class, parsed -> {
            assertThat(parsed.dropped()).hasSize(3);
            assertThat(parsed.droppedCount()).isEqualTo(99);
            assertThat(parsed.page().files()).hasSize(1);
        });
    }

    @Test
    void badVersionsAreDroppedAndTheOthersStay() {
        var parsed = parsed("{\"files\":[],\"versions\":[\"1\",2,null,[\"3\"],\"\",\"4\\n\",\"1\",\"5\"]}");
        assertThat(parsed.page().versions()).containsExactly("1", "5");
        assertThat(parsed.droppedCount()).isEqualTo(6);
        assertThat(parsed("{\"files\":[],\"versions\":{}}").droppedCount()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "null",
                "[]",
                "\"\"",
                "42",
                "{",
                "{}",
                "{\"files\":[]",
                "{\"files\":[]}{}",
                "{\"files\":[]}x",
                "{\"files\":null}",
                "{\"files\":{}}",
                "{\"files\":[],\"files\":[]}",
                "{\"files\":[],\"name\":\"bar\"}",
                "{\"files\":[],\"name\":null}",
                "{\"files\":[],\"name\":\"\"}",
                "{\"files\":[],\"meta\":[]}",
                "{\"files\":[],\"meta\":{\"api-version\":\"2.0\"}}",
                "{\"files\":[],\"meta\":{\"api-version\":\"1\"}}",
                "{\"files\":[],\"meta\":{\"api-version\":1.0}}",
                "{\"files\":[],\"meta\":{\"api-version\":\"99999999999.0\"}}",
                "{\"files\":[],\"project-status\":\"active\"}",
                "{\"files\":[],\"project-status\":{}}",
                "{\"files\":[],\"project-status\":{\"status\":1}}",
                "{\"files\":[],\"project-status\":{\"status\":\"\"}}",
                "{\"files\":[],}",
                "{\"files\":[,]}",
                "{'files':[]}",
                "{\"files\":[NaN]}",
                "<!DOCTYPE html><html></html>"
            })
    void whatIsNoPageIsUnreadable(String json) {
        assertThat(parse(json)).isInstanceOf(PageParsing.Unreadable.class);
    }

    @Test
    void aNewMinorVersionIsRead() {
        assertThat(page("{\"files\":[],\"meta\":{\"api-version\":\"1.99\"}}").files())
                .isEmpty();
    }

    @Test
    void aProjectInQuarantineOffersNothing() {
        var page = page("{\"files\":[{" + FILE + "}],\"project-status\":{\"status\":\"quarantined\"}}");
        assertThat(page.files()).hasSize(1);
        assertThat(page.offered()).isEmpty();
    }

    private static void assertDropped(String entry) {
        var parsed =
                parsed("{\"files\":[" + entry + ",{\"filename\":\"good.whl\",\"url\":\"good.whl\",\"hashes\":{}}]}");
        assertThat(parsed.page().files().stream().map(ProjectFile::filename)).containsExactly("good.whl");
        assertThat(parsed.droppedCount()).isEqualTo(1);
        assertThat(parsed.dropped()).hasSize(1);
        assertThat(parsed.dropped().getFirst().reason()).isNotBlank();
    }

    private static ProjectPage page(String json) {
        var parsed = parsed(json);
        assertThat(parsed.dropped()).isEqualTo(List.of());
        return parsed.page();
    }

    private static PageParsing.Parsed parsed(String json) {
        PageParsing parsing = parse(json);
        assertThat(parsing).isInstanceOf(PageParsing.Parsed.class);
        return (PageParsing.Parsed) parsing;
    }

    private static PageParsing parse(String json) {
        return new PageParser(Limits.usual()).parse(PageForm.JSON, bytes(json), BASE, ProjectName.of("foo"));
    }

    private static byte[] bytes(String json) {
        return json.getBytes(StandardCharsets.UTF_8);
    }
}
