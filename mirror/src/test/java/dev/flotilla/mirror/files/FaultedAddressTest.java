package dev.flotilla.mirror.files;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flotilla.mirror.files.FilesUnderTest.Got;
import dev.flotilla.mirror.upstream.ScriptedServer;
import dev.flotilla.mirror.upstream.ScriptedServer.Reply;
import dev.flotilla.mirror.upstream.ScriptedServer.Request;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** One of the two addresses of a file host doesn't do its work, and it is the one that is asked first. */
@Timeout(60)
class FaultedAddressTest {
    private static final InetAddress BAD = InetAddress.ofLiteral("127.0.0.2");
    private static final InetAddress GOOD = InetAddress.ofLiteral("127.0.0.1");
    private static final int LENGTH = 300_000;

    @TempDir
    Path folder;

    private final Map<String, Sample> samples = IntStream.range(0, 8)
            .mapToObj(i -> Sample.of(Sample.content(LENGTH + i), "harbour-1.%d-py3-none-any.whl".formatted(i)))
            .collect(Collectors.toMap(sample -> "/packages/" + sample.path().path(), sample -> sample));

    private Sample asked(Request request) {
        Sample sample = samples.get(request.target());
        if (sample == null) {
            throw new IllegalArgumentException(request.target());
        }
        return sample;
    }

    private void right(Request request, Reply reply) throws IOException {
        byte[] content = asked(request).content();
        String range = request.header("range");
        if (range.isEmpty()) {
            reply.whole(200, content, "ETag: \"v1\"");
            return;
        }
        int from = Integer.parseInt(range.substring("bytes=".length(), range.length() - 1));
        reply.whole(
                206,
                Arrays.copyOfRange(content, from, content.length),
                "ETag: \"v1\"",
                "Content-Range: bytes " + from + "-" + (content.length - 1) + "/" + content.length);
    }

    private FilesUnderTest files(int port) throws IOException {
        var files = new FilesUnderTest(folder, URI.create("http://edge.test:" + port + "/simple/"), BAD, GOOD);
        samples.forEach((target, sample) -> files.offers.put(
                sample.path(),
                new FileOffer.Offered(
                        URI.create("http://edge.test:" + port + target),
                        Optional.of(sample.sha256()),
                        OptionalLong.of(sample.content().length),
                        FileOffer.MetadataOffer.none())));
        return files;
    }

    private List<Got> all(FilesUnderTest files) throws IOException {
        var answers = new ArrayList<Got>();
        for (Sample sample : samples.values()) {
            Got got = files.get(sample.path());
            assertThat(got.status() == 200 && got.whole() && !Arrays.equals(got.body(), sample.content()))
                    .as("a complete wrong file")
                    .isFalse();
            answers.add(got);
        }
        return answers;
    }

    @ParameterizedTest
    @EnumSource
    void atMostOneClientNoticesThatAnAddressIsBad(Fault fault) throws Exception {
        try (var good = new ScriptedServer(GOOD, this::right);
                var bad = new ScriptedServer(
                        BAD,
                        good.port(),
                        (request, reply) ->
                                fault.answer(request, reply, asked(request).content()));
                var files = files(good.port())) {
            assertThat(all(files).stream().filter(got -> !(got.status() == 200 && got.whole())))
                    .as("those who were cut off because wrong bytes had been sent to them")
                    .hasSizeLessThanOrEqualTo(1);
            assertThat(bad.requests()).as("once is enough").hasSize(1);
            assertThat(all(files)).allSatisfy(got -> assertThat(got.whole()).isTrue());
        }
    }

    @Test
    void nobodyNoticesThatAnAddressRefusesConnections() throws Exception {
        try (var good = new ScriptedServer(GOOD, this::right);
                var files = files(good.port())) {
            assertThat(all(files)).allSatisfy(got -> assertThat(got.whole()).isTrue());
            assertThat(good.requests()).hasSize(samples.size());
        }
    }

    @Test
    void theOtherAddressGoesOnWhereTheFirstOneBrokeOff() throws Exception {
        try (var good = new ScriptedServer(GOOD, this::right);
                var bad = new ScriptedServer(BAD, good.port(), (request, reply) -> {
                    byte[] content = asked(request).content();
                    reply.head(200, "ETag: \"v1\"", "Content-Length: " + content.length);
                    reply.body(Arrays.copyOf(content, 200_000));
                    throw reply.cut();
                });
                var files = files(good.port())) {
            Sample sample = samples.values().iterator().next();
            assertThat(files.get(sample.path()).body()).isEqualTo(sample.content());
            assertThat(bad.requests()).hasSize(1);
            Request resumed = good.requests().getFirst();
            assertThat(resumed.header("if-range")).isEqualTo("\"v1\"");
            assertThat(resumed.header("range")).matches("bytes=[0-9]+-");
        }
    }
}
