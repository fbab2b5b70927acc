package dev.flotilla.mirror.simple;

import java.io.IOException;
import java.io.Reader;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The start tags of an HTML document, one after another, as the tokenizer of the HTML standard finds them (section 13.2.5).
 * No tree is built: memory is that of the longest tag, whatever a document nests or leaves open, and time is linear. For
 * one thread.
 */
final class HtmlTags {
    /** Elements whose content is text and can't hold tags; up to their own end tag. */
    private static final Set<String> TEXT_ELEMENTS =
            Set.of("script", "style", "title", "textarea", "xmp", "iframe", "noembed", "noframes");

    private static final int MOST_ATTRIBUTES = 64;
    private static final int END = -1;

    private final Reader reader;
    private final int longestText;
    private final char[] buffer = new char[8192];
    private int position;
    private int filled;

    /** The character at which the tokenizer stands, or {@link #END}. */
    private int c;

    /** A start tag: its name and its attributes' names in lower case, values as they are written. */
    record Tag(String name, Map<String, String> attributes) {
        /** The attribute's value with its character references decoded, or null where there is none. */
        @Nullable
        String attribute(String attribute) {
            String written = attributes.get(attribute);
            return written == null ? null : CharacterReferences.decode(written);
        }
    }

    HtmlTags(Reader reader, int longestText) throws IOException {
        this.reader = reader;
        this.longestText = longestText;
        advance();
    }

    /** The next start tag; empty at the document's end. A tag that the end cuts off is none. */
    Optional<Tag> next() throws IOException, UnreadableException {
        while (c != END) {
            if (c != '<') {
                advance();
                continue;
            }
            advance();
            if (c == '!') {
                advance();
                skipDeclaration();
            } else if (c == '?') {
                skipThrough('>');
            } else if (c == '/') {
                advance();
                if (isLetter()) {
                    readTag();
                } else {
                    skipThrough('>');
                }
            } else if (isLetter()) {
                Tag tag = readTag();
                if (tag != null) {
                    if (TEXT_ELEMENTS.contains(tag.name())) {
                        skipText(tag.name());
                    }
                    return Optional.of(tag);
                }
            }
        }
        return Optional.empty();
    }

    private @Nullable Tag readTag() throws IOException, UnreadableException {
        var name = new StringBuilder();
        while (c != END && !isSpace() && c != '/' && c != '>') {
            append(name);
        }
        Map<String, String> attributes = new HashMap<>();
        while (true) {
            while (isSpace() || c == '/') {
                advance();
            }
            if (c == END) {
                return null;
            }
            if (c == '>') {
                advance();
                return new Tag(name.toString().toLowerCase(Locale.ROOT), attributes);
            }
            readAttribute(attributes);
        }
    }

    private void readAttribute(Map<String, String> attributes) throws IOException, UnreadableException {
        var name = new StringBuilder();
        do {
            append(name);
        } while (c != END && !isSpace() && c != '/' && c != '>' && c != '=');
        while (isSpace()) {
            advance();
        }
        var value = new StringBuilder();
        if (c == '=') {
            advance();
            while (isSpace()) {
                advance();
            }
            if (c == '"' || c == '\'') {
                int quote = c;
                advance();
                while (c != END && c != quote) {
                    append(value);
                }
                advance();
            } else {
                while (c != END && !isSpace() && c != '>') {
                    append(value);
                }
            }
        }
        if (attributes.size() < MOST_ATTRIBUTES) {
            attributes.putIfAbsent(name.toString().toLowerCase(Locale.ROOT), value.toString());
        }
    }

    /** Behind {@code <!}: a comment ends with {@code -->} or {@code --!>}, everything else with the next {@code >}. */
    private void skipDeclaration() throws IOException {
        if (c != '-') {
            skipThrough('>');
            return;
        }
        advance();
        if (c != '-') {
            skipThrough('>');
            return;
        }
        advance();
        int dashes = 2;
        boolean bang = false;
        while (c != END) {
            if (c == '>' && (dashes >= 2 || bang)) {
                advance();
                return;
            }
            bang = c == '!' && dashes >= 2;
            dashes = c == '-' ? dashes + 1 : 0;
            advance();
        }
    }

    private void skipText(String element) throws IOException, UnreadableException {
        while (c != END) {
            skipThrough('<');
            if (c != '/') {
                continue;
            }
            advance();
            int matched = 0;
            while (matched < element.length() && Character.toLowerCase(c) == element.charAt(matched)) {
                matched++;
                advance();
            }
            if (matched == element.length() && (isSpace() || c == '/' || c == '>')) {
                readTag();
                return;
            }
        }
    }

    private void skipThrough(char last) throws IOException {
        while (c != END && c != last) {
            advance();
        }
        advance();
    }

    private void append(StringBuilder text) throws IOException, UnreadableException {
        if (text.length() >= longestText) {
            throw new UnreadableException("a tag with text of more than " + longestText + " characters");
        }
        text.append((char) c);
        advance();
    }

    private void advance() throws IOException {
        if (position == filled) {
            filled = Math.max(0, reader.read(buffer));
            position = 0;
        }
        c = position < filled ? buffer[position++] : END;
    }

    private boolean isLetter() {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    }

    private boolean isSpace() {
        return c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\f';
    }
}
