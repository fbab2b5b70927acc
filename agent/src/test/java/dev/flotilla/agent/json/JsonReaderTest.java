package dev.flotilla.agent.json;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.flotilla.vocabulary.ByteSize;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class JsonReaderTest {
    private static final JsonReader READER = new JsonReader(ByteSize.ofMiB(1));

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
