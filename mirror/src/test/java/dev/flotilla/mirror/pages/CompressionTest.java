package dev.flotilla.mirror.pages;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.luben.zstd.ZstdInputStream;
import dev.flotilla.mirror.simple.ContentCoding;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Executor;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPInputStream;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CompressionTest {
    private final RandomGenerator random =
            RandomGeneratorFactory.of("L64X128MixRandom").create(8878);

    /** Text whose compression depends on what a compressor sees at once. */
    private byte[] text(int length) {
        var text = new StringBuilder();
        while (text.length() < length) {
            text.append("{\"name\":\"")
                    .append(Long.toHexString(random.nextLong()))
                    .append("\"},");
        }
        return text.substring(0, length).getBytes(StandardCharsets.US_ASCII);
    }

    private static InputStream decoded(ContentCoding coding, byte[] bytes) throws IOException {
        var in = new ByteArrayInputStream(bytes);
        return switch (coding) {
            case IDENTITY -> in;
            case GZIP -> new GZIPInputStream(in);
            case ZSTD -> new ZstdInputStream(in);
        };
    }

    @ParameterizedTest
    @EnumSource(Compression.class)
    void theSameBytesComeOutHoweverTheyGoIn(Compression compression) throws IOException {
        for (int length : new int[] {0, 1, 8191, 8192, 8193, 131_071, 131_072, 131_073, 262_144, 300_000, 3_000_000}) {
            byte[] text = text(length);
            for (var coding : ContentCoding.values()) {
                byte[] atOnce = coded(compression, coding, text, length + 1, Compression.OWN_HANDS);
                byte[] inParts = coded(compression, coding, text, 3_000, Compression.MANY_HANDS);
                assertThat(inParts).as("%s of %d bytes", coding, length).isEqualTo(atOnce);
                var outOfMemory = new ByteArrayOutputStream();
                compression.code(
                        coding,
                        ByteBuffer.allocateDirect(length).put(text).flip(),
                        outOfMemory,
                        Compression.MANY_HANDS);
                assertThat(outOfMemory.toByteArray())
                        .as("%s of %d bytes in direct memory", coding, length)
                        .isEqualTo(atOnce);
                try (var in = decoded(coding, atOnce)) {
                    assertThat(in.readAllBytes()).isEqualTo(text);
                }
            }
        }
    }

    @Test
    void theJointsOfGzipCostNextToNothing() throws IOException {
        byte[] text = text(3_000_000);
        var inChunks = new ByteArrayOutputStream();
        try (var gzip = new ParallelGzip(inChunks, 4, Deflater.FILTERED, Compression.MANY_HANDS)) {
            gzip.write(text);
        }
        var atOnce = new ByteArrayOutputStream();
        var deflater = new Deflater(4, true);
        deflater.setStrategy(Deflater.FILTERED);
        try (var deflated = new DeflaterOutputStream(atOnce, deflater)) {
            deflated.write(text);
        } finally {
            deflater.end();
        }
        assertThat(inChunks.size()).isCloseTo(atOnce.size(), Percentage.withPercentage(0.1));
    }

    private byte[] coded(Compression compression, ContentCoding coding, byte[] text, int mostAtOnce, Executor hands)
            throws IOException {
        var bytes = new ByteArrayOutputStream();
        try (var out = compression.coded(coding, bytes, hands)) {
            for (int at = 0; at < text.length; ) {
                int count = Math.min(
                        mostAtOnce > text.length ? mostAtOnce : random.nextInt(1, mostAtOnce), text.length - at);
                if (count == 1) {
                    out.write(text[at]);
                } else {
                    out.write(text, at, count);
                }
                out.flush();
                at += count;
            }
        }
        return bytes.toByteArray();
    }
}
