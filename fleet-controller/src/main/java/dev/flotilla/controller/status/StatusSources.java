package dev.flotilla.controller.status;

import dev.flotilla.agent.bucket.Bucket;
import dev.flotilla.agent.bucket.S3Bucket;
import dev.flotilla.controller.dns.Route53Zone;
import dev.flotilla.controller.dns.Zone;
import dev.flotilla.controller.fleet.FleetConfiguration;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Optional;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;

/**
 * Where the status of a fleet is asked for. Closes what it holds.
 *
 * @param zone absent where the fleet isn't in DNS
 * @param nameServer asked for the fleet's names; absent means the zone's own servers
 */
public record StatusSources(
        FleetConfiguration fleet, Bucket bucket, Optional<Zone> zone, Optional<InetSocketAddress> nameServer)
        implements AutoCloseable {

    /** Finds the sources of the local fleet whose state lies in a folder. */
    @FunctionalInterface
    public interface OfLocalFleet {
        /** Fails with a message for people where there is no such fleet. */
        StatusSources open(Path state) throws IOException;
    }

    /** The bucket and the zone that {@code fleet.conf} names. */
    public static StatusSources of(
            FleetConfiguration fleet, AwsCredentialsProvider credentials, Optional<InetSocketAddress> nameServer) {
        return new StatusSources(
                fleet,
                S3Bucket.open(fleet.bucket(), credentials),
                fleet.dns().map(dns -> Route53Zone.open(dns, credentials)),
                nameServer);
    }

    @Override
    public void close() {
        bucket.close();
        zone.ifPresent(Zone::close);
    }
}
