package dev.flotilla.agent.wheels;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.flotilla.agent.bucket.Bucket.Condition;
import dev.flotilla.agent.bucket.Bucket.Writing;
import dev.flotilla.agent.bucket.BucketLayout;
import dev.flotilla.agent.bucket.ObjectKey;
import dev.flotilla.agent.bucket.S3Bucket;
import dev.flotilla.agent.bucket.S3Server;
import dev.flotilla.agent.bucket.Signing;
import dev.flotilla.vocabulary.PlatformSlug;
import dev.flotilla.vocabulary.ProjectName;
import dev.flotilla.vocabulary.Sha256;
import java.io.IOException;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;

/** The agent's door, and a real S3 server that answers nobody without a signature. */
@Timeout(60)
class SigningDoorTest {
    private static final byte[] CONTENT = "a wheel".getBytes(US_ASCII);
    private static final ObjectKey KEY = BucketLayout.wheel(
            PlatformSlug.parse("debian-12-x86_64").orElseThrow(),
            ProjectName.of("sample-native"),
            Sha256.of(CONTENT),
            "sample_native-1.0+local.1-cp311-cp311-linux_x86_64.whl");

    private static S3Server server;
    private static S3Bucket bucket;

    private Path place;
    private SigningDoor door;

    @BeforeAll
    static void serve(@TempDir Path objects) throws Exception {
        server = S3Server.start(objects);
        bucket = S3Bucket.open(
                server.location(),
                StaticCredentialsProvider.create(AwsBasicCredentials.create(S3Server.KEY, S3Server.SECRET)));
        assertThat(bucket.put(KEY, CONTENT, Condition.none())).isInstanceOf(Writing.Written.class);
    }

    @AfterAll
    static void end() {
        bucket.close();
        server.close();
    }

    @BeforeEach
    void open(@TempDir Path folder) throws IOException {
        place = folder.resolve("signer");
        door = SigningDoor.open(place, server.location(), bucket::sign);
    }

    @AfterEach
    void close() throws IOException {
        door.close();
    }

    private String address() {
        return server.location().objects(KEY.value().replace("+", "%2B")).toString();
    }

    private String ask(String said) throws IOException {
        try (var channel = SocketChannel.open(UnixDomainSocketAddress.of(place))) {
            channel.write(ByteBuffer.wrap(said.getBytes(US_ASCII)));
            return heard(channel);
        }
    }

    private static String heard(SocketChannel channel) throws IOException {
        var answer = ByteBuffer.allocate(64 << 10);
        while (channel.read(answer) >= 0) {
            // Until the door is shut.
        }
        return new String(answer.array(), 0, answer.position(), US_ASCII);
    }

    private int status(String address, String answer, String... more) throws Exception {
        var request = HttpRequest.newBuilder(URI.create(address))
                .headers(more.length == 0 ? new String[] {"Accept", "*/*"} : more);
        answer.lines().skip(1).filter(line -> !line.isEmpty()).forEach(line -> {
            int colon = line.indexOf(": ");
            request.header(line.substring(0, colon), line.substring(colon + 2));
        });
        try (var client = HttpClient.newHttpClient()) {
            var response = client.send(request.build(), BodyHandlers.ofByteArray());
            if (response.statusCode() == 200) {
                assertThat(response.body()).isEqualTo(CONTENT);
            }
            return response.statusCode();
        }
    }

    @Test
    void aWheelOfABucketThatAnswersNobodyElseIsHadWithWhatTheDoorSays() throws Exception {
        assertThat(status(address(), "")).isEqualTo(403);
        String answer = ask("GET " + address() + "\n");
        assertThat(answer).startsWith("signed\n").endsWith("\n\n").doesNotContain(S3Server.SECRET);
        assertThat(status(address(), answer)).isEqualTo(200);
        assertThat(status(address(), answer, "Range", "bytes=2-"))
                .as("what was broken off is gone on with")
                .isEqualTo(206);
        String other = address().replace("sample_native-1.0", "sample_native-2.0");
        assertThat(status(other, answer)).as("for that wheel alone").isEqualTo(403);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "metadata/timestamp.json",
                "nodes/east/east-1.json",
                "wheels/debian-12-x86_64/a/SHA/a-1-py3-none-any.whl.log",
                "wheels/debian-12-x86_64/a/SHA/a-1-py3-none-any.whl?acl",
                "wheels/debian-12-x86_64/a/SHA/a-1-py3-none-any.whl?x=.whl",
                "wheels/debian-12-x86_64/a/SHA/../../../../targets/SHA.whl",
                "wheels/debian-12-x86_64/a/SHA/%2e%2e/a-1-py3-none-any.whl",
                "wheels/debian-12-x86_64/a/SHA//a-1-py3-none-any.whl",
                "wheels/debian-12-x86_64/a/SHA/a+1-py3-none-any.whl",
                "wheels/debian-12-x86_64/a/SHA/a-1-py3-none-any.whl#.whl",
                "wheels/debian-12-x86_64/a/SHA/a-1 py3-none-any.whl",
                "wheels/debian-12-x86_64/a/short/a-1-py3-none-any.whl",
                "",
            })
    void nothingElseOfTheBucketIsSigned(String key) throws Exception {
        String address = server.location().objects("").toString()
                + key.replace("SHA", Sha256.of(CONTENT).hex());
        assertThat(ask("GET " + address + "\n")).startsWith("unsigned ").doesNotContain("ignature=");
    }

    @Test
    void nothingOfAnotherServerOrBucketIsSignedAndNoOtherMethod() throws Exception {
        for (String address : List.of(
                address().replace("127.0.0.1", "127.0.0.2"),
                address().replace("http://", "https://"),
                address().replace("http://", "http://somebody@"),
                address().replace("/fleet/", "/other/"))) {
            assertThat(ask("GET " + address + "\n")).startsWith("unsigned ");
        }
        for (String question :
                List.of("PUT " + address(), "DELETE " + address(), "get " + address(), "", "GET", "\u0000\n\n")) {
            assertThat(ask(question + "\n")).startsWith("failed ").doesNotContain("ignature=");
        }
    }

    @Test
    void whoSaysTooMuchOrNothingIsLeftAndTheOthersAreAnswered() throws Exception {
        try (var silent = SocketChannel.open(UnixDomainSocketAddress.of(place))) {
            assertThat(ask("GET " + "x".repeat(2044)))
                    .as("no line, and no room for more")
                    .isEmpty();
            assertThat(ask("GET " + address() + "\n")).startsWith("signed\n");
            assertThat(heard(silent)).as("ended after a while").isEmpty();
        }
    }

    @Test
    void manyAtOnceAreAllAnswered() throws Exception {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<String>> answers = new ArrayList<>();
            for (int visitor = 0; visitor < 200; visitor++) {
                answers.add(threads.submit(() -> ask("GET " + address() + "\n")));
            }
            for (Future<String> answer : answers) {
                assertThat(answer.get()).startsWith("signed\n").endsWith("\n\n");
            }
        }
    }

    @Test
    void moreVisitorsThanItBearsAreSentAwayAndItGoesOn() throws Exception {
        List<SocketChannel> silent = new ArrayList<>();
        for (int visitor = 0; visitor < 300; visitor++) {
            silent.add(SocketChannel.open(UnixDomainSocketAddress.of(place)));
        }
        for (SocketChannel one : silent) {
            assertThat(heard(one)).isEmpty();
            one.close();
        }
        assertThat(ask("GET " + address() + "\n")).startsWith("signed\n");
    }

    @Test
    void itsOwnUserAloneMayEnterAndWhatADeadAgentLeftIsInNobodysWay(@TempDir Path folder) throws Exception {
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(place)))
                .isEqualTo("rw-------");
        Path deep = Files.createDirectories(folder.resolve("a-folder-with-a-long-name/".repeat(8)))
                .resolve("signer");
        Files.writeString(deep, "left by an agent that was killed");
        try (var second = SigningDoor.open(deep, server.location(), address -> new Signing.Unsigned("none"))) {
            assertThat(second).isNotNull();
            assertThat(Files.isRegularFile(deep)).isFalse();
            assertThat(deep.resolveSibling("").toFile().list()).containsExactly("signer");
        }
        assertThat(deep).doesNotExist();
    }

    @Test
    void whyNothingIsSignedIsSaid() throws Exception {
        door.close();
        door = SigningDoor.open(place, server.location(), address -> new Signing.Failed("the role is gone"));
        assertThat(ask("GET " + address() + "\n")).isEqualTo("failed the role is gone\n");
        door.close();
        door = SigningDoor.open(place, server.location(), address -> {
            throw new IllegalStateException("a bug");
        });
        assertThat(ask("GET " + address() + "\n"))
                .as("a bug ends one conversation")
                .isEmpty();
        assertThat(ask("PUT x\n")).startsWith("failed ");
    }
}
