package dev.flotilla.mirror.simple;

import java.util.Locale;
import java.util.Optional;

/** The two forms of the simple API: JSON (PEP 691) and HTML (PEP 503), both of major version 1. */
public enum PageForm {
    JSON("application/vnd.pypi.simple.v1+json"),
    HTML("application/vnd.pypi.simple.v1+html");

    /** What a mirror asks an upstream for: JSON, else HTML under either of its names. */
    public static final String ACCEPT =
            "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1";

    /** The content type of HTML for clients that ask for it by its old name. */
    static final String TEXT_HTML = "text/html; charset=utf-8";

    private final String mediaType;

    PageForm(String mediaType) {
        this.mediaType = mediaType;
    }

    /** The form's own media type, without parameters. */
    public String mediaType() {
        return mediaType;
    }

    /** The form that an upstream's {@code Content-Type} announces; empty for every other type. */
    public static Optional<PageForm> ofContentType(String contentType) {
        int parameters = contentType.indexOf(';');
        String type = (parameters < 0 ? contentType : contentType.substring(0, parameters))
                .strip()
                .toLowerCase(Locale.ROOT);
        return switch (type) {
            case "application/vnd.pypi.simple.v1+json" -> Optional.of(JSON);
            case "application/vnd.pypi.simple.v1+html", "text/html" -> Optional.of(HTML);
            default -> Optional.empty();
        };
    }
}
