package dev.flotilla.mirror.ops;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;

/**
 * An HTML document for people while it is written: without scripts, without anything from elsewhere, in the one style that all of them have. For one
 * thread.
 */
public final class Html {
    private static final String STYLE = style();

    /** What a document may load: its own style, known by its digest, and nothing else (Content Security Policy, level 3). */
    public static final String CONTENT_SECURITY_POLICY = "default-src 'none'; style-src 'sha256-" + digest(STYLE)
            + "'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private final StringBuilder text;

    /** With room for so many characters before it grows. */
    Html(int expected) {
        text = new StringBuilder(expected);
    }

    /** All that comes before the facts under the headline. */
    void begin(String title, String headline) {
        raw("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>");
        text(title);
        raw("</title>\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<style>");
        raw(STYLE);
        raw("</style>\n</head>\n<body>\n<main>\n<header>\n<div class=\"mark\">Flotilla mirror</div>\n<h1>");
        text(headline);
        raw("</h1>\n");
    }

    /** The document, which ends with what was written last. */
    String document() {
        return text + "</main>\n</body>\n</html>\n";
    }

    /** A figure with its name, within a list of them. */
    void figure(String name, String value, String more) {
        raw("<div><dt>");
        text(name);
        raw("</dt><dd>");
        text(value);
        if (!more.isEmpty()) {
            raw("<small>");
            text(more);
            raw("</small>");
        }
        raw("</dd></div>\n");
    }

    /** Markup as it is. */
    void raw(String markup) {
        text.append(markup);
    }

    /** Text, which is escaped. */
    void text(String plain) {
        for (int i = 0; i < plain.length(); i++) {
            char c = plain.charAt(i);
            switch (c) {
                case '&' -> text.append("&amp;");
                case '<' -> text.append("&lt;");
                case '>' -> text.append("&gt;");
                case '"' -> text.append("&quot;");
                case '\'' -> text.append("&#39;");
                default -> text.append(c < ' ' && c != '\n' ? '\ufffd' : c);
            }
        }
    }

    private static String style() {
        try (InputStream sheet = Html.class.getResourceAsStream("people.css")) {
            if (sheet == null) {
                throw new IllegalStateException("the style sheet of pages for people is not in the program");
            }
            return new String(sheet.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    private static String digest(String style) {
        try {
            return Base64.getEncoder()
                    .encodeToString(
                            MessageDigest.getInstance("SHA-256").digest(style.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every JDK has SHA-256", impossible);
        }
    }
}
