package dev.flotilla.clients;

/**
 * Where a mirror is reached.
 *
 * @param encrypted whether by HTTPS; else pip has to be told that it may
 */
public record Base(boolean encrypted, Authority authority) {
    private static final int HTTP = 80;
    private static final int HTTPS = 443;

    /** A host at a port, which is left out where it is the scheme's own. */
    static Base of(boolean encrypted, String host, int port) {
        return new Base(
                encrypted, port == (encrypted ? HTTPS : HTTP) ? new Authority(host, host) : Authority.of(host, port));
    }

    /** Scheme, host and port, without a slash at the end. */
    @Override
    public String toString() {
        return (encrypted ? "https://" : "http://") + authority.hostAndPort();
    }
}
