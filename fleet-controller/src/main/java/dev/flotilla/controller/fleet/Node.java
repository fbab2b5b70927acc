package dev.flotilla.controller.fleet;

import java.net.URI;
import java.util.OptionalInt;

/**
 * A machine that serves.
 *
 * @param clientPort where its mirror listens for clients
 * @param encryptedPort where it listens for clients by HTTPS; absent where it doesn't
 * @param issued whether the certificate that clients see there is the one that the fleet has issued for the region, which the
 *     controller brings
 * @param operationsHost the address at which its mirror tells about itself, as it stands in a URL
 * @param operationsPort the port there
 * @param mirrorConfiguration the text of its {@code mirror.conf}: the settings of fleet, region and node, one over the
 *     other; the same bytes for the same settings
 * @param fabric where its machine comes from
 * @param root the folder on its machine below which everything is installed; empty for the whole system
 * @param login what is special about the way to it by SSH
 */
public record Node(
        NodeId id,
        NodeAddress address,
        int clientPort,
        OptionalInt encryptedPort,
        boolean issued,
        String operationsHost,
        int operationsPort,
        String mirrorConfiguration,
        FabricKind fabric,
        String root,
        NodeLogin login) {
    /** Where people, and health checkers by HTTP, ask whether the node can serve clients. */
    public URI readiness() {
        return URI.create("http://" + address.inUrl() + ":" + clientPort + "/readyz");
    }

    /** The same by HTTPS; {@link IllegalStateException} where it has none. */
    public URI encryptedReadiness() {
        int port = encryptedPort.orElseThrow(() -> new IllegalStateException(id + " has no tls"));
        return URI.create("https://" + address.inUrl() + ":" + port + "/readyz");
    }
}
