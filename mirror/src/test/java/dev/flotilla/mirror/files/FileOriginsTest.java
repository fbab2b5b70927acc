package dev.flotilla.mirror.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.flotilla.mirror.files.FileOffer.MetadataOffer;
import dev.flotilla.mirror.files.FilesUnderTest.Got;
import dev.flotilla.mirror.simple.FilePath;
import dev.flotilla.mirror.upstream.ScriptedServer;
import dev.flotilla.vocabulary.ByteSize;
import dev.flotilla.vocabulary.Sha256;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where a file can come from: its page, its path, the store under another path, a wheel, past the store. */
class FileOriginsTest {
    private static final byte[] METADATA =
            "Metadata-Version: 2.1\nName: harbour\nVersion: 1.0\n".getBytes(StandardCharsets.UTF_8);

    @TempDir
    Path folder;

    private static byte[] wheel(String metadataName, byte[] metadata) throws IOException {
        var bytes = new ByteArrayOutputStream();
        try (var zip = new ZipOutputStream(bytes)) {
            zip.putNextEntry(new ZipEntry("harbour/__init__.py"));
            zip.write(Sample.content(100_000));
            zip.putNextEntry(new ZipEntry(metadataName));
            zip.write(metadata);
        }
        return bytes.toByteArray();
    }

    private static FilePath metadataOf(FilePath path) {
        return switch (path) {
            case FilePath.ByBlake2b(String digest, String filename, boolean metadata) ->
                new FilePath.ByBlake2b(digest, filename, true);
            case FilePath.BySha256(Sha256 digest, String filename, boolean metadata) ->
                new FilePath.BySha256(digest, filename, true);
        };
    }

    private FilesUnderTest byPath(ScriptedServer upstream) throws IOException {
        return new FilesUnderTest(folder, upstream, FilesUnderTest.LIMITS, ByteSize.ofMiB(400), true);
    }

    @Test
    void aFileThatNoPageNamesComesByItsPathAndIsVerifiedByTheDigestInIt() throws Exception {
        var sample = Sample.of(300_000);
        try (var upstream = new ScriptedServer((request, reply) -> reply.whole(200, sample.content()));
                var files = byPath(upstream)) {
            assertThat(files.get(sample.path()).body()).isEqualTo(sample.content());
            assertThat(upstream.requests().getFirst().target())
                    .isEqualTo("/packages/" + sample.path().path());
            assertThat(files.store.blobs().figures().entries()).isEqualTo(1);
        }
    }

    @Test
    void aFileWithoutAPageIsRefusedWhereItsPathSaysOtherwise() throws Exception {
        var sample = Sample.of(3_000);
        try (var upstream = new ScriptedServer((request, reply) -> reply.whole(200, Sample.content(2_999)));
                var files = byPath(upstream)) {
            assertThat(files.get(sample.path()).status()).isEqualTo(502);
            assertThat(files.store.blobs().figures().entries()).isZero();
        }
    }

    @Test
    void aFileThatNobodyHasIsUnknownAndOneWhosePageFailedIsNot() throws Exception {
        var sample = Sample.of(3_000);
        try (var upstream = new ScriptedServer((request, reply) -> reply.whole(404, new byte[0]));
                var files = byPath(upstream)) {
            assertThat(files.get(sample.path()).status()).isEqualTo(404);
            files.offers.put(sample.path(), new FileOffer.Unknowable("no page"));
            assertThat(files.get(sample.path()).status()).isEqualTo(502);
            files.offers.put(sample.path(), new FileOffer.Withheld("quarantined"));
            assertThat(files.get(sample.path()).status()).isEqualTo(404);
            assertThat(upstream.requests()).hasSize(2);
        }
    }

    @Test
    void aStoredFileIsServedWhenItsPageIsGoneAlsoAfterARestart() throws Exception {
        var sample = Sample.of(3_000);
        try (var upstream = new ScriptedServer((request, reply) -> reply.whole(200, sample.content()))) {
            try (var files = new FilesUnderTest(folder, upstream)) {
                files.offers.put(sample.path(), sample.offeredBy(upstream));
                assertThat(files.get(sample.path()).status()).isEqualTo(200);
                files.offers.clear();
                assertThat(files.get(sample.path()).body()).isEqualTo(sample.content());
            }
            try (var files = new FilesUnderTest(folder, upstream)) {
                Got got = files.get(sample.path());
                assertThat(got.body()).isEqualTo(sample.content());
                assertThat(got.kind()).isEqualTo("HIT");
            }
            assertThat(upstream.requests()).hasSize(1);
        }
    }

    @Test
    void aFileThatIsHereUnderAnotherPathIsNotFetchedAgain() throws Exception {
        var sample = Sample.of(3_000);
        var same = new FilePath.BySha256(sample.sha256(), sample.path().filename(), false);
        try (var upstream = new ScriptedServer((request, reply) -> reply.whole(200, sample.content()));
                var files = new FilesUnderTest(folder, upstream)) {
            files.offers.put(same, sample.offeredBy(upstream));
            files.offers.put(sample.path(), sample.offeredBy(upstream));
            assertThat(files.get(same).status()).isEqualTo(200);
            assertThat(files.get(sample.path()).body()).isEqualTo(sample.content());
            assertThat(upstream.requests()).hasSize(1);
        }
    }

    @Test
    void aPageCannotGiveAPathTheBytesOfAnotherFile() throws Exception {
        var sample = Sample.of(3_000);
        var other = Sample.bySha256(4_000);
        try (var upstream = new ScriptedServer((request, reply) -> reply.whole(200, other.content()));
                var files = new FilesUnderTest(folder, upstream)) {
            files.offers.put(other.path(), other.offeredBy(upstream));
            assertThat(files.get(other.path()).status()).isEqualTo(200);
            // The page says that the path has the other file, which is here; the digest in the path says that it
            // hasn't.
            files.offers.put(sample.path(), other.offeredBy(upstream));
            assertThat(files.get(sample.path()).status()).isEqualTo(502);
        }
    }

    @Test
    void advertisedMetadataComesFromUpstreamAndIsVerified() throws Exception {
        var sample = Sample.of(wheel("harbour-1.0.dist-info/METADATA", METADATA), "harbour-1.0-py3-none-any.whl");
        try (var upstream = new ScriptedServer((request, reply) ->
                        reply.whole(200, request.target().endsWith(".metadata") ? METADATA : sample.content()));
                var files = new FilesUnderTest(folder, upstream)) {
            var offer = new FileOffer.Offered(
                    upstream.at("/packages/" + sample.path().path()),
                    Optional.of(sample.sha256()),
                    OptionalLong.empty(),
                    new MetadataOffer(true, Optional.of(Sha256.of(METADATA))));
            files.offers.put(sample.path(), offer);
            assertThat(files.get(metadataOf(sample.path())).body()).isEqualTo(METADATA);
            assertThat(files.get(metadataOf(sample.path())).kind()).isEqualTo("HIT");
            assertThat(upstream.requests()).hasSize(1);
        }
    }

    @Test
    void metadataThatUpstreamLacksIsTakenFromTheWheel() throws Exception {
        var sample = Sample.of(wheel("harbour-1.0.dist-info/METADATA", METADATA), "harbour-1.0-py3-none-any.whl");
        try (var upstream = new ScriptedServer((request, reply) -> {
                    if (request.target().endsWith(".metadata")) {
                        reply.whole(404, new byte[0]);
                    } else {
                        reply.whole(200, sample.content());
                    }
                });
                var files = new FilesUnderTest(folder, upstream)) {
            files.offers.put(sample.path(), sample.offeredBy(upstream));
            assertThat(files.get(metadataOf(sample.path())).body()).isEqualTo(METADATA);
            assertThat(files.get(sample.path()).kind()).isEqualTo("HIT");
            assertThat(upstream.requests()).hasSize(1);
        }
    }

    @Test
    void advertisedMetadataThatUpstreamDoesNotGiveMayComeFromTheWheelIfItIsTheSame() throws Exception {
        var sample = Sample.of(wheel("harbour-1.0.dist-info/METADATA", METADATA), "harbour-1.0-py3-none-any.whl");
        try (var upstream = new ScriptedServer((request, reply) -> {
                    if (request.target().endsWith(".metadata")) {
                        reply.whole(500, new byte[0]);
                    } else {
                        reply.whole(200, sample.content());
                    }
                });
                var files = new FilesUnderTest(folder, upstream)) {
            for (byte[] advertised : new byte[][] {{1, 2, 3}, METADATA}) {
                files.offers.put(
                        sample.path(),
                        new FileOffer.Offered(
                                upstream.at("/packages/" + sample.path().path()),
                                Optional.of(sample.sha256()),
                                OptionalLong.empty(),
                                new MetadataOffer(true, Optional.of(Sha256.of(advertised)))));
                Got got = files.get(metadataOf(sample.path()));
                assertThat(got.status()).isEqualTo(advertised.length == METADATA.length ? 200 : 502);
            }
        }
    }

    @Test
    void metadataOfAnotherNameOrAboveTheLimitIsNotTaken() throws Exception {
        byte[] huge = new byte[600_000];
        for (byte[] content : new byte[][] {
            wheel("other-1.0.dist-info/METADATA", METADATA),
            wheel("harbour-1.0.dist-info/METADATA", huge),
            wheel("x/harbour-1.0.dist-info/METADATA", METADATA),
            Sample.content(5_000)
        }) {
            var sample = Sample.of(content, "harbour-1.0-py3-none-any.whl");
            try (var upstream = new ScriptedServer((request, reply) -> reply.whole(200, content));
                    var files = new FilesUnderTest(folder, upstream)) {
                files.offers.put(sample.path(), sample.offeredBy(upstream));
                assertThat(files.get(metadataOf(sample.path())).status()).isEqualTo(502);
                assertThat(files.get(sample.path()).status()).isEqualTo(200);
            }
        }
    }

    @Test
    void aFileThatTheStoreCannotTakeGoesPastItAndIsStillVerified() throws Exception {
        var sample = Sample.of(3_000_000);
        byte[] wrong = sample.content().clone();
        wrong[wrong.length - 1] ^= 1;
        try (var upstream = new ScriptedServer((request, reply) ->
                        reply.whole(200, request.target().endsWith(".whl") ? sample.content() : wrong));
                var files = new FilesUnderTest(folder, upstream, FilesUnderTest.LIMITS, ByteSize.ofMiB(2), false)) {
            files.offers.put(sample.path(), sample.offeredBy(upstream));
            Got got = files.get(sample.path());
            assertThat(got.status()).isEqualTo(200);
            assertThat(got.body()).isEqualTo(sample.content());
            files.offers.put(
                    sample.path(),
                    new FileOffer.Offered(
                            upstream.at("/wrong"),
                            Optional.of(sample.sha256()),
                            OptionalLong.empty(),
                            MetadataOffer.none()));
            Got cut = files.get(sample.path());
            assertThat(cut.status() == 200 && cut.whole()).isFalse();
            assertThat(files.store.blobs().figures().entries()).isZero();
            await().until(() -> files.store.blobs().figures().held().bytes() == 0);
        }
    }

    @Test
    void theBudgetHoldsWhileFilesComeAndGo() throws Exception {
        try (var upstream = new ScriptedServer((request, reply) -> reply.whole(
                        200, Sample.content(Integer.parseInt(request.target().substring("/size/".length())))));
                var files = new FilesUnderTest(folder, upstream, FilesUnderTest.LIMITS, ByteSize.ofMiB(2), false)) {
            for (int size = 300_000; size < 300_020; size++) {
                var sample = Sample.bySha256(size);
                files.offers.put(
                        sample.path(),
                        new FileOffer.Offered(
                                upstream.at("/size/" + size),
                                Optional.of(sample.sha256()),
                                OptionalLong.of(size),
                                MetadataOffer.none()));
                assertThat(files.get(sample.path()).body()).isEqualTo(sample.content());
                var figures = files.store.blobs().figures();
                assertThat(figures.held()).isLessThanOrEqualTo(figures.budget());
            }
            assertThat(files.store.blobs().figures().evicted()).isGreaterThan(10);
        }
    }

    @Test
    void aFileThatDoesNotBeginInTimeIsUnavailable() throws Exception {
        var sample = Sample.of(3_000);
        var limits = new FileLimits(
                8,
                100,
                Duration.ofMillis(300),
                Duration.ofSeconds(20),
                3,
                ByteSize.ofGiB(1),
                ByteSize.ofKiB(64),
                ByteSize.ofKiB(64),
                ByteSize.ofKiB(256),
                10,
                100,
                ByteSize.ofKiB(512),
                ByteSize.ofMiB(1),
                ByteSize.ofKiB(128),
                ByteSize.ofMiB(4),
                ByteSize.ofMiB(2));
        try (var upstream = new ScriptedServer((request, reply) -> reply.stall());
                var files = new FilesUnderTest(folder, upstream, limits, ByteSize.ofMiB(10), false)) {
            files.offers.put(sample.path(), sample.offeredBy(upstream));
            assertThat(files.get(sample.path()).status()).isEqualTo(502);
        }
    }
}
