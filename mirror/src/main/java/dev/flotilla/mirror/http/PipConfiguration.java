package dev.flotilla.mirror.http;

import dev.flotilla.mirror.configuration.ListenAddress;

/**
 * The {@code pip.conf} by which a client uses this mirror.
 *
 * @param host without a port, as pip's {@code trusted-host} takes it: this mirror is reached by plain HTTP
 * @param hostAndPort as it stands in a URL
 */
record PipConfiguration(String host, String hostAndPort) {
    static PipConfiguration of(ListenAddress address) {
        String hostAndPort = address.toString();
        return new PipConfiguration(hostAndPort.substring(0, hostAndPort.lastIndexOf(':')), hostAndPort);
    }

    String text() {
        return """
                [global]
                index-url = http://%s/simple/
                trusted-host = %s
                """.formatted(hostAndPort, host);
    }
}
