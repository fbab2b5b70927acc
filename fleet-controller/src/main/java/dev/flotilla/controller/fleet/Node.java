package dev.flotilla.controller.fleet;

import java.net.URI;

/**
 * A machine that serves.
 *
 * @param clientPort where its mirror listens for clients
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
        String operationsHost,
        int operationsPort,
        String mirrorConfiguration,
        FabricKind fabric,
        String root,
        NodeLogin login) {
    /** Where health checkers and people ask whether the node can serve clients. */
    public URI readiness() {
        return URI.create("http://" + address.inUrl() + ":" + clientPort + "/readyz");
    }
}
