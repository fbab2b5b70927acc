package dev.flotilla.controller.drill;

/**
 * Where clients are looked at from.
 *
 * @param name for people, unique in a drill
 */
record VantagePoint(Kind kind, String name) {
    /** What kind of client. */
    enum Kind {
        /** Whether a node of the region says that it is ready. */
        NODE("readiness"),
        /** One of the servers that the zone is delegated to. */
        AUTHORITY("name server"),
        /** A resolver with a cache. */
        RESOLVER("resolver"),
        PAGE("page"),
        FILE("file"),
        PIP("pip");

        private final String text;

        Kind(String text) {
            this.text = text;
        }

        @Override
        public String toString() {
            return text;
        }
    }

    /** Whether its requests are what installers make, and count as failed and retried ones. */
    boolean isInstaller() {
        return kind == Kind.PAGE || kind == Kind.FILE || kind == Kind.PIP;
    }
}
