package dev.flotilla.mirror.http;

import dev.flotilla.mirror.configuration.ListenAddress;

/**
 * The {@code pip.conf} by which a client uses this mirror.
 *
 * @param host without a port, as pip's {@code trusted-host} takes it
 * @param hostAndPort as it stands in a URL
 * @param encrypted whether the mirror was reached by HTTPS; else pip has to be told that it may
 */
record PipConfiguration(String host, String hostAndPort, boolean encrypted) {
    static PipConfiguration of(ListenAddress address, boolean encrypted) {
        String hostAndPort = address.toString();
        return new PipConfiguration(hostAndPort.substring(0, hostAndPort.lastIndexOf(':')), hostAndPort, encrypted);
    }

    String text() {
        String index = """
                [global]
                index-url = %s://%s/simple/
                """.formatted(encrypted ? "https" : "http", hostAndPort);
        return encrypted ? index : index + "trusted-host = " + host + "\n";
    }
}
