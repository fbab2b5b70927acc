package dev.flotilla.mirror.certificates;

import dev.flotilla.mirror.configuration.TlsEngine;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.OpenSslCachingX509KeyManagerFactory;
import io.vertx.core.Vertx;
import io.vertx.core.net.JdkSSLEngineOptions;
import io.vertx.core.net.KeyCertOptions;
import io.vertx.core.net.OpenSSLEngineOptions;
import io.vertx.core.net.SSLEngineOptions;
import java.io.IOException;
import javax.net.ssl.X509KeyManager;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Who does the arithmetic of TLS in this process. */
public enum Engine {
    /** By netty-tcnative with BoringSSL: encrypts in direct memory, without a copy on the heap, at some half of the processor time. */
    OPENSSL,
    JDK;

    private static final Logger LOG = LoggerFactory.getLogger(Engine.class);

    /** The one that is wanted, as far as this machine has it; {@link IOException} where it has to be one that can't be loaded. */
    static Engine of(TlsEngine wanted) throws IOException {
        if (wanted == TlsEngine.JDK) {
            return JDK;
        }
        if (OpenSsl.isAvailable()) {
            return OPENSSL;
        }
        String why = root(OpenSsl.unavailabilityCause());
        if (wanted == TlsEngine.OPENSSL) {
            throw new IOException("tls.engine = openssl, and this machine can't load it: " + why);
        }
        LOG.info("TLS by Java, since OpenSSL can't be loaded: {}", why);
        return JDK;
    }

    private static String root(Throwable cause) {
        Throwable root = cause;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root.toString();
    }

    /** For people. */
    @Override
    public String toString() {
        return switch (this) {
            case OPENSSL -> OpenSsl.versionString();
            case JDK -> "Java's TLS";
        };
    }

    /** How Vert.x is told. */
    public SSLEngineOptions options() {
        return switch (this) {
            case OPENSSL -> new OpenSSLEngineOptions();
            case JDK -> new JdkSSLEngineOptions();
        };
    }

    /** Keys as this one wants them: OpenSSL would otherwise have the key in its own form anew for each handshake. */
    KeyCertOptions keys(X509KeyManager keys, Vertx vertx) throws IOException {
        var plain = KeyCertOptions.wrap(keys);
        if (this == JDK) {
            return plain;
        }
        try {
            return KeyCertOptions.wrap(new OpenSslCachingX509KeyManagerFactory(plain.getKeyManagerFactory(vertx)));
        } catch (Exception unusable) {
            throw new IOException("OpenSSL can't use the key: " + unusable.getMessage(), unusable);
        }
    }
}
