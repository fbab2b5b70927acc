package dev.flotilla.controller.local;

import dev.flotilla.controller.local.bucket.BucketCredentials;
import dev.flotilla.controller.local.bucket.BucketOptions;
import dev.flotilla.controller.local.bucket.LocalBucket;
import dev.flotilla.controller.local.route53.Exemption;
import dev.flotilla.controller.local.route53.Route53Options;
import dev.flotilla.controller.local.route53.Route53StandIn;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.UUID;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.route53.Route53Client;

/** Starts the servers that play the cloud's part in this process. Pure but for what it starts. */
final class CloudServers {
    /** So that a failover can be watched; Route53 itself probes every 10 or 30 s. */
    private static final Duration CHECK_INTERVAL = Duration.ofMillis(500);

    private CloudServers() {}

    static LocalBucket bucket(Path folder, BucketCredentials credentials) throws IOException {
        return LocalBucket.start(new BucketOptions(
                folder,
                ConfigurationFiles.BUCKET,
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                credentials));
    }

    /** The name server answers on {@code dns}; the API listens on a free port. */
    static Route53StandIn route53(InetSocketAddress dns) throws IOException {
        return Route53StandIn.start(Route53Options.onLoopback()
                .withDns(dns)
                .withChangeDelay(Duration.ZERO)
                .withCheckInterval(CHECK_INTERVAL)
                .withExemptions(Exemption.LOOPBACK_FOR_LOCAL_FLEET, Exemption.UNTHROTTLED));
    }

    /** Creates the fleet's hosted zone, which an operator does by hand in an account, and returns its id. */
    static String createZone(URI route53, AwsCredentialsProvider credentials) throws IOException {
        try (var client = Route53Client.builder()
                .region(Region.AWS_GLOBAL)
                .endpointOverride(route53)
                .credentialsProvider(credentials)
                .httpClientBuilder(UrlConnectionHttpClient.builder())
                .build()) {
            return client.createHostedZone(request -> request.name(ConfigurationFiles.ZONE + ".")
                            .callerReference(UUID.randomUUID().toString()))
                    .hostedZone()
                    .id()
                    .replaceFirst("^/hostedzone/", "");
        } catch (SdkException refused) {
            throw new IOException("the hosted zone can't be created: " + refused.getMessage(), refused);
        }
    }
}
