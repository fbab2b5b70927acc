package dev.flotilla.agent.trust;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.flotilla.agent.json.JsonReader;
import dev.flotilla.agent.json.MalformedJsonException;
import dev.flotilla.vocabulary.ByteSize;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CanonicalJsonTest {
    private static final JsonReader READER = new JsonReader(ByteSize.ofKiB(64));

    private static String canonical(String json) {
        byte[] canonical = CanonicalJson.bytes(READER.object(json.getBytes(StandardCharsets.UTF_8)));
        return new String(canonical, StandardCharsets.UTF_8);
    }

    @Test
    void membersAreSortedAndWhiteSpaceGoes() {
        assertThat(canonical("{ \"x\" : 3, \"y\" : 2, \"A\" : [ 99, true, false, null ] }\n"))
                .isEqualTo("{\"A\":[99,true,false,null],\"x\":3,\"y\":2}");
        assertThat(canonical("{\"b\":{},\"a\":[]}")).isEqualTo("{\"a\":[],\"b\":{}}");
    }

    @Test
    void onlyQuotesAndBackslashesAreEscaped() {
        assertThat(canonical("{\"a\":\"line\\nfeed \\u0001 \\\" \\\\ \\/ \\u00fc\"}"))
                .isEqualTo("{\"a\":\"line\nfeed \u0001 \\\" \\\\ / ü\"}");
    }

    @Test
    void keysAreSortedByCodePointAlsoBeyondTheBasicPlane() {
        // In UTF-16 the surrogates of U+1F6A2 sort before U+FF5E, by code point behind it.
        assertThat(canonical("{\"\\ud83d\\udea2\":1,\"\\uff5e\":2}"))
                .isEqualTo("{\"\uff5e\":2,\"" + Character.toString(0x1F6A2) + "\":1}");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"a\":1,\"a\":1}",
                "{\"a\":{\"b\":1,\"b\":2}}",
                "{\"a\":1.5}",
                "{\"a\":1e3}",
                "{\"a\":-0}",
                "{\"a\":9007199254740992}",
                "{\"a\":99999999999999999999999999}",
                "{\"a\":01}",
                "{\"a\":\"\\ud800\"}",
                "{\"\\udc00\":1}",
                "{\"a\":1} {}",
                "{\"a\":1",
                "{\"a\":NaN}",
                "{'a':1}",
                "[1]",
                "\"text\"",
                "",
                "\uFEFF{}"
            })
    void whatHasSeveralReadingsOrNoneIsRefused(String json) {
        assertThatThrownBy(() -> canonical(json)).isInstanceOf(MalformedJsonException.class);
    }

    @Test
    void invalidUtf8IsRefused() {
        byte[] overlong = {'{', '"', (byte) 0xc0, (byte) 0xaf, '"', ':', '1', '}'};
        assertThatThrownBy(() -> READER.object(overlong))
                .isInstanceOf(MalformedJsonException.class)
                .hasMessageContaining("UTF-8");
    }

    @Test
    void depthAndSizeHaveLimits() {
        String deep = "{\"a\":" + "[".repeat(40) + "]".repeat(40) + "}";
        assertThatThrownBy(() -> canonical(deep)).isInstanceOf(MalformedJsonException.class);
        byte[] large = ("{\"a\":\"" + "x".repeat(64 << 10) + "\"}").getBytes(StandardCharsets.UTF_8);
        assertThatThrownBy(() -> READER.object(large))
                .isInstanceOf(MalformedJsonException.class)
                .hasMessageContaining("larger than 64 KiB");
    }
}
