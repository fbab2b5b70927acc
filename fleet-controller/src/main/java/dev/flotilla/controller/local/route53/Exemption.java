package dev.flotilla.controller.local.route53;

/** A rule of Route 53 that a stand-in is told, by name, not to apply. */
public enum Exemption {
    /**
     * Health checks may name addresses that are local, private, non-routable or multicast, which Route 53 refuses (API
     * Reference, HealthCheckConfig, IPAddress). The nodes of a local fleet live on loopback addresses.
     */
    LOOPBACK_FOR_LOCAL_FLEET,

    /** Calls may come as fast as they like: whoever has the stand-in to himself shares no account with anybody. */
    UNTHROTTLED
}
