package dev.flotilla.agent.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.flotilla.vocabulary.ByteSize;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class JsonStreamTest {
    private static final JsonStream STREAM = new JsonStream(ByteSize.ofMiB(1), ByteSize.ofKiB(1));
    private static final JsonReader READER = new JsonReader(ByteSize.ofMiB(1));
    private final List<Json> handed = new ArrayList<>();

    private JsonObject read(byte[] document) throws IOException {
        return STREAM.object(new ByteArrayInputStream(document), Set.of("a", "b"), "files", handed::add);
    }

    private JsonObject read(String document) throws IOException {
        return read(document.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void theElementsOfOneSequenceAreHandedOnAndNotKept() throws IOException {
        JsonObject object = read("{\"a\": [1], \"files\": [{\"files\": [2]}, 3], \"b\": {\"files\": [4]}}");
        assertThat(handed)
                .containsExactly(READER.object("{\"files\": [2]}".getBytes(StandardCharsets.UTF_8)), new Json.Whole(3));
        assertThat(object.sequence("files")).isEmpty();
        assertThat(object.sequence("a")).containsExactly(new Json.Whole(1));
        assertThat(object.object("b").sequence("files")).containsExactly(new Json.Whole(4));
    }

    @Test
    void anElementIsHandedOnBeforeTheNextOneIsRead() {
        assertThatThrownBy(() -> read("{\"files\": [1, 2, nothing"))
                .isInstanceOf(MalformedJsonException.class)
                .hasMessageContaining("no JSON");
        assertThat(handed).containsExactly(new Json.Whole(1), new Json.Whole(2));
    }

    @Test
    void whatIsNoSequenceIsReadAsWhatItIs() throws IOException {
        assertThat(read("{\"files\": 7}").whole("files")).isEqualTo(7);
        assertThat(handed).isEmpty();
    }

    @Test
    void whatNobodyAskedForIsPassedOver() throws IOException {
        String much = "[" + "{\"x\": \"y\"}, ".repeat(9_000) + "1]";
        JsonObject object = read("{\"c\": " + much + ", \"a\": 1, \"c\": \"" + "x".repeat(90_000) + "\"}");
        assertThat(object.whole("a")).isEqualTo(1);
        assertThat(object.member("c")).isEmpty();
    }

    @Test
    void whatIsTooLargeOrSaidTwiceIsRefused() {
        String nested = "{\"a\": 1, \"b\": [" + "1, ".repeat(2_000) + "1]}";
        for (String text : List.of(
                "{\"files\": [" + nested + "]}",
                "{\"a\": " + nested + "}",
                "{\"files\": [\"" + "x".repeat(5_000) + "\"]}",
                "{\"a\": 1, \"a\": 1}",
                "{\"files\": [{\"a\": 1, \"a\": 1}]}",
                "{\"a\": 1} {",
                "{\"c\": " + "[".repeat(100) + "]".repeat(100) + "}",
                "{\"a\": 1" + " ".repeat(1 << 20) + "}")) {
            assertThatThrownBy(() -> read(text))
                    .as(text.substring(0, Math.min(60, text.length())))
                    .isInstanceOf(MalformedJsonException.class);
        }
    }

    @Test
    void bytesThatAreNoUtf8AreRefusedWhereverTheyStand() {
        for (String text : List.of("{\"a\": \"%\"}", "{\"%\": 1}", "{\"a\": 1} %")) {
            byte[] document = text.replace('%', '\u00ff').getBytes(StandardCharsets.ISO_8859_1);
            assertThatThrownBy(() -> read(document))
                    .isInstanceOf(MalformedJsonException.class)
                    .hasMessage("the document is not UTF-8");
        }
    }
}
