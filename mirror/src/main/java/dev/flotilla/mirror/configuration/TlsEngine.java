package dev.flotilla.mirror.configuration;

import java.util.Locale;

/** Who does the arithmetic of TLS. */
public enum TlsEngine {
    /** OpenSSL's where this machine can load it, Java's otherwise. */
    AUTO,
    /** BoringSSL, which comes with the mirror; without it no mirror starts. */
    OPENSSL,
    /** Java's own. */
    JDK;

    static TlsEngine parse(String text) {
        for (TlsEngine engine : values()) {
            if (engine.toString().equals(text)) {
                return engine;
            }
        }
        throw new IllegalArgumentException("'" + text + "' has to be auto, openssl or jdk");
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
