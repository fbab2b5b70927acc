package dev.flotilla.agent.bucket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.flotilla.testing.FreePort;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * moto's server, a second double of the AWS APIs beside S3Proxy: Python, not ours, and written against other clients. Tests with it are
 * of the tier {@code real} and tagged {@code moto}, so that they can be left out by name where nobody has it; else they fail without.
 */
public final class MotoServer implements AutoCloseable {
    private static final String PROGRAM = "moto_server";
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private final HttpClient http = HttpClient.newHttpClient();
    private final Process process;
    private final URI endpoint;

    private MotoServer(Process process, URI endpoint) {
        this.process = process;
        this.endpoint = endpoint;
    }

    /** Starts one. {@code log} takes what it says. */
    public static MotoServer start(Path log) throws IOException {
        Optional<Path> found = Stream.of(
                        System.getenv().getOrDefault("PATH", "").split(":", -1))
                .map(folder -> Path.of(folder, PROGRAM))
                .filter(Files::isExecutable)
                .findFirst();
        Path program = found.orElseThrow(
                () -> new AssertionError("there is no " + PROGRAM + " on the path: pip install 'moto[server]',"
                        + " or leave out what is tested with it, by -Dexcluded.tiers='campaign | moto'"));
        int port = FreePort.choose();
        Process process = new ProcessBuilder(program.toString(), "-H", "127.0.0.1", "-p", Integer.toString(port))
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        await("moto's server").atMost(PATIENCE).until(() -> {
            assertThat(process.isAlive()).as(Files.readString(log)).isTrue();
            try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                return socket.isConnected();
            } catch (IOException notYet) {
                return false;
            }
        });
        return new MotoServer(process, URI.create("http://127.0.0.1:" + port));
    }

    public URI endpoint() {
        return endpoint;
    }

    /** Forgets everything, and makes the bucket anew. From then on everybody may do everything. */
    public void begin() throws IOException, InterruptedException {
        send("POST", "/moto-api/reset-auth", "", "1000000000");
        send("POST", "/moto-api/reset", "", "");
        send("PUT", "/" + S3Server.NAME, "s3", "");
    }

    /** From now on everybody may do what his policies say, and nothing else. */
    public void judgeByPolicies() throws IOException, InterruptedException {
        send("POST", "/moto-api/reset-auth", "", "0");
    }

    /** What somebody signs with. */
    public record Key(String id, String secret) {}

    /** Someone with this policy alone. */
    public Key user(String name, String policy) throws IOException, InterruptedException {
        iam("CreateUser", "UserName=" + name);
        iam("PutUserPolicy", "UserName=" + name + "&PolicyName=all&PolicyDocument=" + encoded(policy));
        String key = iam("CreateAccessKey", "UserName=" + name);
        return new Key(element(key, "AccessKeyId"), element(key, "SecretAccessKey"));
    }

    private String iam(String action, String parameters) throws IOException, InterruptedException {
        return send("POST", "/", "iam", "Version=2010-05-08&Action=" + action + "&" + parameters);
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private static String element(String document, String name) {
        int begin = document.indexOf("<" + name + ">") + name.length() + 2;
        return document.substring(begin, document.indexOf("</" + name + ">"));
    }

    private String send(String method, String path, String service, String body)
            throws IOException, InterruptedException {
        var request = HttpRequest.newBuilder(endpoint.resolve(path))
                .header("Content-Type", service.equals("iam") ? "application/x-www-form-urlencoded" : "text/plain")
                .method(method, BodyPublishers.ofString(body));
        if (!service.isEmpty()) {
            // By this it finds out whose API is meant.
            request.header(
                    "Authorization",
                    "AWS4-HMAC-SHA256 Credential=setup/20260101/us-east-1/" + service
                            + "/aws4_request, SignedHeaders=host, Signature=none");
        }
        var answer = http.send(request.build(), BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return answer.body();
    }

    @Override
    public void close() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        process.onExit().join();
        http.close();
    }
}
