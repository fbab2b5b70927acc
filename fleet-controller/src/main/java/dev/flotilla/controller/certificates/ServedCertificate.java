package dev.flotilla.controller.certificates;

import dev.flotilla.controller.client.TrustEverything;
import dev.flotilla.controller.fleet.DnsName;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

/** The certificate that a server shows to whoever begins a handshake (RFC 8446), whether or not anybody should believe it. */
public final class ServedCertificate {
    private ServedCertificate() {}

    /**
     * Asks for it.
     *
     * @param name by which clients come there
     * @param patience for each step of the handshake
     * @throws IOException where nobody answers there, or not so
     */
    public static X509Certificate ask(InetSocketAddress server, DnsName name, Duration patience) throws IOException {
        int milliseconds = Math.toIntExact(patience.toMillis());
        try (var plain = new Socket()) {
            plain.connect(server, milliseconds);
            plain.setSoTimeout(milliseconds);
            try (var socket = (SSLSocket) TrustEverything.context()
                    .getSocketFactory()
                    .createSocket(plain, name.value(), server.getPort(), true)) {
                SSLParameters parameters = socket.getSSLParameters();
                parameters.setServerNames(List.of(new SNIHostName(name.value())));
                socket.setSSLParameters(parameters);
                socket.startHandshake();
                return (X509Certificate) socket.getSession().getPeerCertificates()[0];
            }
        }
    }
}
