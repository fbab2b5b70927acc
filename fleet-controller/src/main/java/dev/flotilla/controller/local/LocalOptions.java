package dev.flotilla.controller.local;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * What a user may choose about a local fleet.
 *
 * @param fresh whether to begin without anything that an earlier fleet left in {@code state}
 * @param port where the mirrors listen on their addresses, 0 for any
 * @param encrypted whether they serve by HTTPS, too
 * @param dnsPort where the name server listens, 0 for any
 * @param readyFile written once everything serves
 * @param startWithin a fleet that takes longer to come up is stopped again
 */
record LocalOptions(
        Path state,
        boolean fresh,
        int port,
        boolean encrypted,
        int dnsPort,
        Optional<Path> readyFile,
        UpstreamChoice.Wish upstream,
        Duration startWithin) {}
