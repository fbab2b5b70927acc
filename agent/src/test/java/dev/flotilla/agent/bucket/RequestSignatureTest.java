package dev.flotilla.agent.bucket;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.exception.SdkClientException;

class RequestSignatureTest {
    private static final String KEY = "AKIAIOSFODNN7EXAMPLE";
    private static final String SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
    private static final Instant TIME = Instant.parse("2013-05-24T00:00:00Z");
    private static final URI WHEEL =
            URI.create("https://fleet.s3.us-east-1.amazonaws.com/wheels/debian-12-x86_64/a/0/a-1%2Blocal.whl");

    /** "Example: GET Bucket Lifecycle" of "Signature Calculations for the Authorization Header", Amazon S3 API Reference. */
    @Test
    void theExampleOfAwsHasTheSignatureThatItDocuments() {
        var fields = RequestSignature.of(
                URI.create("https://examplebucket.s3.amazonaws.com/?lifecycle"),
                AwsBasicCredentials.create(KEY, SECRET),
                "us-east-1",
                TIME);
        assertThat(fields)
                .containsEntry("x-amz-date", "20130524T000000Z")
                .containsEntry(
                        "x-amz-content-sha256", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
                .hasSize(3);
        assertThat(fields.get("Authorization"))
                .contains("Credential=" + KEY + "/20130524/us-east-1/s3/aws4_request")
                .contains("SignedHeaders=host;x-amz-content-sha256;x-amz-date")
                .endsWith("Signature=fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543");
    }

    @Test
    void theTokenOfTemporaryCredentialsGoesWithTheRequestAndIsSigned() {
        var fields =
                RequestSignature.of(WHEEL, AwsSessionCredentials.create(KEY, SECRET, "a-token"), "us-east-1", TIME);
        assertThat(fields).containsEntry("x-amz-security-token", "a-token");
        assertThat(fields.get("Authorization")).contains("x-amz-date;x-amz-security-token");
        assertThat(new Signing.Signed(fields).toString())
                .doesNotContain("a-token")
                .doesNotContain("Signature=")
                .contains("Authorization");
    }

    @Test
    void withoutCredentialsNothingIsSignedAndCredentialsThatAreGoneAreSaid() {
        var none = new CredentialsIfAny(
                () -> {
                    throw SdkClientException.create("none");
                },
                System::nanoTime);
        var location = S3Server.location(URI.create("http://127.0.0.1:9"));
        try (var bucket = S3Bucket.open(location, none, Optional.empty())) {
            assertThat(bucket.sign(WHEEL)).isInstanceOf(Signing.Unsigned.class);
        }
        try (var bucket = S3Bucket.open(location, () -> {
            throw SdkClientException.create("the role is gone");
        })) {
            assertThat(bucket.sign(WHEEL))
                    .isInstanceOfSatisfying(
                            Signing.Failed.class,
                            failed -> assertThat(failed.reason()).contains("the role is gone"));
        }
    }

    /** S3 takes no signature that is a quarter of an hour away from its own time. */
    @Test
    void aClockThatIsWrongIsMadeUpForByTheServers() throws Exception {
        Duration ahead = Duration.ofHours(3);
        try (var server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            var answering =
                    Thread.ofVirtual().start(() -> answer(server, Instant.now().plus(ahead)));
            var location = S3Server.location(URI.create("http://127.0.0.1:" + server.getLocalPort()));
            var credentials = StaticCredentialsProvider.create(AwsBasicCredentials.create(KEY, SECRET));
            try (var bucket = S3Bucket.open(location, credentials)) {
                bucket.look(new ObjectKey("metadata/timestamp.json"));
                answering.join();
                Map<String, String> fields = ((Signing.Signed) bucket.sign(WHEEL)).fields();
                Instant signed = DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmssX")
                        .withZone(ZoneOffset.UTC)
                        .parse(
                                fields.entrySet().stream()
                                        .filter(field -> field.getKey().equalsIgnoreCase("x-amz-date"))
                                        .findFirst()
                                        .orElseThrow()
                                        .getValue(),
                                Instant::from);
                assertThat(Duration.between(Instant.now().plus(ahead), signed).abs())
                        .isLessThan(Duration.ofMinutes(1));
            }
        }
    }

    private static void answer(ServerSocket server, Instant now) {
        try (var socket = server.accept()) {
            var request = socket.getInputStream();
            int last = 0;
            for (int next = request.read(); next >= 0; next = request.read()) {
                last = last << 8 | next;
                if (last == 0x0d0a0d0a) {
                    break;
                }
            }
            String date = DateTimeFormatter.RFC_1123_DATE_TIME.format(now.atOffset(ZoneOffset.UTC));
            socket.getOutputStream()
                    .write(("HTTP/1.1 404 Not Found\r\nDate: " + date + "\r\nConnection: close\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
        } catch (IOException closed) {
            // The test fails by what it finds.
        }
    }
}
