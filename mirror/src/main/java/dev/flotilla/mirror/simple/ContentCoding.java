package dev.flotilla.mirror.simple;

/** The content codings in which pages are kept (RFC 9110, section 8.4.1; zstd: RFC 8878), the preferred one first. */
public enum ContentCoding {
    ZSTD("zstd"),
    GZIP("gzip"),
    IDENTITY("identity");

    private final String token;

    ContentCoding(String token) {
        this.token = token;
    }

    /** The name in {@code Accept-Encoding} and {@code Content-Encoding}. */
    public String token() {
        return token;
    }
}
