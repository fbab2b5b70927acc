package dev.flotilla.mirror.upstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.buffer.Buffer;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The size that a gzip trailer tells is a hint; what comes out never depends on it. */
class BoundedBytesTest {
    @Test
    void partsBecomeOneWhateverWasForetold() {
        byte[] content = Bodies.content(10_000);
        for (int expected : new int[] {0, 1, 9_999, 10_000, 10_001, 1 << 20}) {
            var bytes = new BoundedBytes(10_000, expected);
            for (int at = 0; at < content.length; at += 3_000) {
                assertThat(bytes.append(
                                Buffer.buffer(Arrays.copyOfRange(content, at, Math.min(content.length, at + 3_000)))))
                        .isTrue();
            }
            assertThat(bytes.append(Buffer.buffer("x"))).isFalse();
            assertThat(bytes.size()).isEqualTo(content.length);
            assertThat(bytes.take()).as("foretold %d", expected).isEqualTo(content);
        }
        assertThat(new BoundedBytes(1, 1).take()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 65_535, 65_536, 65_537, 300_000})
    void whatWasCompressedComesOutUpToTheLimit(int length) throws Exception {
        byte[] content = Bodies.content(length);
        assertThat(BoundedBytes.gunzip(Bodies.gzip(content), length)).contains(content);
        assertThat(BoundedBytes.gunzip(Bodies.gzip(content), length + 1)).contains(content);
        if (length > 0) {
            assertThat(BoundedBytes.gunzip(Bodies.gzip(content), length - 1)).isEmpty();
        }
    }

    @Test
    void theTrailerOfTheLastMemberSaysNothingOfTheOthers() throws Exception {
        byte[] first = Bodies.content(200_000);
        byte[] last = Bodies.content(10);
        byte[] both = Arrays.copyOf(first, first.length + last.length);
        System.arraycopy(last, 0, both, first.length, last.length);
        assertThat(BoundedBytes.gunzip(Bodies.gzip(first, last), 1 << 20)).contains(both);
        assertThat(BoundedBytes.gunzip(Bodies.gzip(first, last), first.length)).isEmpty();
    }

    @Test
    void aTrailerThatLiesIsABrokenCoding() throws Exception {
        for (int lie : new int[] {1, 0x7f, 0xff}) {
            byte[] compressed = Bodies.gzip(Bodies.content(1_000));
            compressed[compressed.length - 1] = (byte) lie;
            assertThatThrownBy(() -> BoundedBytes.gunzip(compressed, 32 << 20))
                    .isInstanceOf(UpstreamFailure.class)
                    .hasMessageContaining("gzip");
        }
    }
}
