package dev.flotilla.mirror.simple;

import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Writes the HTML form of a page piece by piece (PEP 503, 592, 658, 714, 740, 792). For one page and one thread. */
final class HtmlWriter {
    private static final int PIECE = 8192;

    /** By character of ASCII: 1 where {@link #escape} writes something else. */
    private static final byte[] SPECIAL = new byte[128];

    static {
        for (char c : "&<>\"'\t\n\r".toCharArray()) {
            SPECIAL[c] = 1;
        }
    }

    private final Writer out;
    private final StringBuilder html = new StringBuilder(2 * PIECE);
    private char[] piece = new char[2 * PIECE];

    HtmlWriter(OutputStream out) {
        this.out = new OutputStreamWriter(out, StandardCharsets.UTF_8);
    }

    void begin(String apiVersion, String title, Optional<ProjectStatus> status) {
        html.append("<!DOCTYPE html>\n<html>\n<head>\n<meta charset=\"utf-8\">\n");
        meta("pypi:repository-version", apiVersion);
        if (status.isPresent()) {
            meta("pypi:project-status", status.get().status());
            status.get().reason().ifPresent(reason -> meta("pypi:project-status-reason", reason));
        }
        html.append("<title>");
        escape(title);
        html.append("</title>\n</head>\n<body>\n<h1>");
        escape(title);
        html.append("</h1>\n");
    }

    void file(ProjectFile file, String link, Optional<String> provenance) throws IOException {
        html.append("<a href=\"");
        escape(link);
        fragment(file.hashes());
        html.append('"');
        file.requiresPython().ifPresent(specifier -> attribute("data-requires-python", specifier));
        switch (file.offeredMetadata()) {
            case CoreMetadata.Absent ignored -> {}
            case CoreMetadata.Present present -> {
                // the old name too: clients older than PEP 714 look for nothing else (PEP 714 allows both in HTML)
                metadata("data-dist-info-metadata", present.hashes().one());
                metadata("data-core-metadata", present.hashes().one());
            }
        }
        switch (file.yanked()) {
            case Yanked.No ignored -> {}
            case Yanked.Yes yes -> attribute("data-yanked", yes.reason().orElse(""));
        }
        provenance.ifPresent(at -> attribute("data-provenance", at));
        if (file.gpgSignature().isPresent() && !file.gpgSignature().get()) {
            attribute("data-gpg-sig", "false");
        }
        html.append('>');
        escape(file.filename());
        html.append("</a><br>\n");
        passFull();
    }

    void project(String name) throws IOException {
        html.append("<a href=\"").append(name).append("/\">").append(name).append("</a><br>\n");
        passFull();
    }

    void end() throws IOException {
        html.append("</body>\n</html>\n");
        pass();
        out.flush();
    }

    private void passFull() throws IOException {
        if (html.length() >= PIECE) {
            pass();
        }
    }

    /** By way of one array for all pieces: a page is as large again in strings. */
    private void pass() throws IOException {
        int length = html.length();
        if (piece.length < length) {
            piece = new char[2 * length];
        }
        html.getChars(0, length, piece, 0);
        out.write(piece, 0, length);
        html.setLength(0);
    }

    /** A link carries one digest: the one that PEP 503 recommends, or else any that there is. */
    private void fragment(Digests hashes) {
        Digests carried = hashes.one();
        if (!carried.isEmpty()) {
            html.append('#');
            digest(carried);
        }
    }

    private void metadata(String name, Digests carried) {
        html.append(' ').append(name).append("=\"");
        if (carried.isEmpty()) {
            html.append("true");
        } else {
            digest(carried);
        }
        html.append('"');
    }

    /** Has nothing to escape in it. */
    private void digest(Digests carried) {
        html.append(carried.algorithm(0)).append('=').append(carried.hex(0));
    }

    private void meta(String name, String content) {
        html.append("<meta name=\"").append(name).append("\" content=\"");
        escape(content);
        html.append("\">\n");
    }

    private void attribute(String name, String value) {
        html.append(' ').append(name).append("=\"");
        escape(value);
        html.append('"');
    }

    private void escape(String text) {
        if (isPlain(text)) {
            html.append(text);
            return;
        }
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '&' -> html.append("&amp;");
                case '<' -> html.append("&lt;");
                case '>' -> html.append("&gt;");
                case '"' -> html.append("&quot;");
                case '\'' -> html.append("&#39;");
                case '\t' -> html.append("&#9;");
                case '\n' -> html.append("&#10;");
                case '\r' -> html.append("&#13;");
                default -> html.append(c);
            }
        }
    }

    private static boolean isPlain(String text) {
        int special = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            special |= c < SPECIAL.length ? SPECIAL[c] : 0;
        }
        return special == 0;
    }
}
