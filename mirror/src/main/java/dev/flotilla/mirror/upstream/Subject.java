package dev.flotilla.mirror.upstream;

import dev.flotilla.mirror.simple.PageForm;
import dev.flotilla.mirror.simple.ProvenanceDocument;
import java.util.Locale;
import java.util.Optional;

/** What a request is about: how it is asked for, and how an answer that can be one is known. */
enum Subject {
    /** A page, or the list of all projects. */
    PAGE(PageForm.ACCEPT, "project page") {
        // Plain web servers say text/html or nothing; then the body has to look like HTML.
        @Override
        Optional<PageForm> form(String contentType, byte[] body) {
            boolean plain = contentType.isEmpty()
                    || contentType.toLowerCase(Locale.ROOT).startsWith("text/html");
            if (plain) {
                return looksLikeHtml(body) ? Optional.of(PageForm.HTML) : Optional.empty();
            }
            return PageForm.ofContentType(contentType);
        }
    },

    /** A provenance object. What it really is tells its content alone: plain web servers have no name for it. */
    PROVENANCE(ProvenanceDocument.ACCEPT, "provenance object") {
        @Override
        Optional<PageForm> form(String contentType, byte[] body) {
            return Optional.of(PageForm.JSON);
        }
    };

    private final String accept;
    private final String noun;

    Subject(String accept, String noun) {
        this.accept = accept;
        this.noun = noun;
    }

    /** The {@code Accept} field of a request for it. */
    String accept() {
        return accept;
    }

    /** What messages call it. */
    String noun() {
        return noun;
    }

    /** What the answer is written in; empty where it can't be one. */
    abstract Optional<PageForm> form(String contentType, byte[] body);

    /** Whether the first thing in it, after a byte order mark and white space, opens a tag. */
    private static boolean looksLikeHtml(byte[] body) {
        int at = body.length >= 3 && body[0] == (byte) 0xef && body[1] == (byte) 0xbb && body[2] == (byte) 0xbf ? 3 : 0;
        while (at < body.length && (body[at] == ' ' || (body[at] >= '\t' && body[at] <= '\r'))) {
            at++;
        }
        return at < body.length && body[at] == '<';
    }
}
