package dev.flotilla.agent.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.flotilla.vocabulary.ByteSize;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class JsonReaderTest {
    private static final JsonReader READER = new JsonReader(ByteSize.ofMiB(1));
    private final List<Json> handed = new ArrayList<>();

    private JsonObject read(String document) {
        return READER.object(document.getBytes(StandardCharsets.UTF_8), "files", handed::add);
    }

    @Test
    void theElementsOfOneSequenceAreHandedOnAndNotKept() {
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
    void whatIsNoSequenceIsReadAsWhatItIs() {
        assertThat(read("{\"files\": 7}").whole("files")).isEqualTo(7);
        assertThat(handed).isEmpty();
    }

    @Test
    void bytesThatAreNoUtf8AreRefusedWhereverTheyStand() {
        for (String text : List.of("{\"a\": \"%\"}", "{\"%\": 1}", "{\"a\": 1} %")) {
            byte[] document = text.replace('%', '\u00ff').getBytes(StandardCharsets.ISO_8859_1);
            assertThatThrownBy(() -> READER.object(document))
                    .isInstanceOf(MalformedJsonException.class)
                    .hasMessage("the document is not UTF-8");
        }
    }
}
