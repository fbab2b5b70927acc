import dev.flotilla.controller.local.route53.Exemption;
import dev.flotilla.controller.local.route53.Route53Options;
import dev.flotilla.controller.local.route53.Route53StandIn;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.route53.Route53Client;

/**
 * The packed controller's stand-in for Route 53 on a network of its own, until standard input ends: java -cp 'lib/*' NetworkNames.java ADDRESS ZONE
 * INTERVAL-MILLIS READY-FILE REFUSE-FILE. While the last file is there the API ends each connection without a word, and its checks and names go on.
 */
public class NetworkNames {
    public static void main(String[] arguments) throws Exception {
        var options = Route53Options.onLoopback()
                .withDns(new InetSocketAddress(InetAddress.ofLiteral(arguments[0]), 53))
                .withCheckInterval(Duration.ofMillis(Long.parseLong(arguments[2])))
                .withExemptions(Exemption.LOOPBACK_FOR_LOCAL_FLEET);
        Path ready = Path.of(arguments[3]);
        Path refuse = Path.of(arguments[4]);
        try (var standIn = Route53StandIn.start(options);
                var gate = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            createZone(standIn.endpoint(), arguments[1]);
            Thread.ofVirtual().start(() -> relay(gate, standIn.endpoint().getPort(), refuse));
            Path whole = Files.writeString(
                    ready.resolveSibling("names.start"), "http://127.0.0.1:" + gate.getLocalPort());
            Files.move(whole, ready, StandardCopyOption.ATOMIC_MOVE);
            while (System.in.read() >= 0) {
                // Nobody says anything: the end is waited for.
            }
        }
    }

    private static void createZone(URI endpoint, String zone) {
        try (var client = Route53Client.builder()
                .region(Region.AWS_GLOBAL)
                .endpointOverride(endpoint)
                .credentialsProvider(StaticCredentialsProvider.create(AwsBasicCredentials.create("key", "secret")))
                .httpClientBuilder(UrlConnectionHttpClient.builder())
                .build()) {
            client.createHostedZone(request -> request.name(zone).callerReference("network"));
        }
    }

    private static void relay(ServerSocket gate, int port, Path refuse) {
        while (!gate.isClosed()) {
            try {
                Socket client = gate.accept();
                if (Files.exists(refuse)) {
                    client.close();
                    continue;
                }
                var api = new Socket(InetAddress.getLoopbackAddress(), port);
                Thread.ofVirtual().start(() -> copy(client, api));
                Thread.ofVirtual().start(() -> copy(api, client));
            } catch (IOException over) {
                System.err.println(over);
            }
        }
    }

    private static void copy(Socket from, Socket to) {
        try (from;
                to) {
            from.getInputStream().transferTo(to.getOutputStream());
        } catch (IOException over) {
            // One of both has ended.
        }
    }
}
