package dev.flotilla.mirror;

import dev.flotilla.mirror.configuration.TlsEngine;

/** The same where OpenSSL can't be had. */
class TlsByJavaOnTheWireTest extends TlsOnTheWireTest {
    @Override
    TlsEngine engine() {
        return TlsEngine.JDK;
    }
}
