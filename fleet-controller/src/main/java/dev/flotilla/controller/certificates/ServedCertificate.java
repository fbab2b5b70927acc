package dev.flotilla.controller.certificates;

import dev.flotilla.controller.fleet.DnsName;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;

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
            try (var socket = (SSLSocket)
                    looking().getSocketFactory().createSocket(plain, name.value(), server.getPort(), true)) {
                SSLParameters parameters = socket.getSSLParameters();
                parameters.setServerNames(List.of(new SNIHostName(name.value())));
                socket.setSSLParameters(parameters);
                socket.startHandshake();
                return (X509Certificate) socket.getSession().getPeerCertificates()[0];
            }
        }
    }

    private static SSLContext looking() {
        try {
            var context = SSLContext.getInstance("TLS");
            context.init(null, new TrustManager[] {new Onlooker()}, null);
            return context;
        } catch (GeneralSecurityException missing) {
            throw new IllegalStateException("Java has no TLS", missing);
        }
    }

    /** Takes whatever is shown: it is to be looked at, and nothing is sent or believed. */
    private static final class Onlooker extends X509ExtendedTrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String kind) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String kind) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String kind, Socket socket) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String kind, Socket socket) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String kind, SSLEngine engine) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String kind, SSLEngine engine) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
