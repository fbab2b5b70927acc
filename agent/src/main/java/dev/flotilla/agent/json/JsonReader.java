package dev.flotilla.agent.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import dev.flotilla.vocabulary.ByteSize;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;

/**
 * Reads one JSON document strictly: valid UTF-8, no key twice, whole numbers of at most 53 bits only, nothing behind the
 * document, and no more bytes and no deeper nesting than the limits. Thread-safe.
 */
public final class JsonReader {
    /** Metadata nest some eight deep; the rest is room for custom values. */
    private static final int DEEPEST = 32;

    private static final int LONGEST_NAME_CHARACTERS = 4096;
    private static final long LARGEST_WHOLE = (1L << 53) - 1;

    private final ByteSize limit;
    private final JsonFactory factory;

    public JsonReader(ByteSize limit) {
        this.limit = limit;
        int longest = (int) Math.min(limit.bytes(), Integer.MAX_VALUE);
        this.factory = JsonFactory.builder()
                .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                .streamReadConstraints(StreamReadConstraints.builder()
                        .maxNestingDepth(DEEPEST)
                        .maxStringLength(longest)
                        .maxNameLength(LONGEST_NAME_CHARACTERS)
                        .maxNumberLength(20)
                        .build())
                .build();
    }

    /** The object that {@code document} is; {@link MalformedJsonException} says why it is none. */
    public JsonObject object(byte[] document) {
        if (document.length > limit.bytes()) {
            throw new MalformedJsonException("the document is larger than " + limit);
        }
        try (JsonParser parser = factory.createParser(decoded(document))) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw new MalformedJsonException("the document is no JSON object");
            }
            JsonObject object = object(parser, Long.MAX_VALUE);
            if (parser.nextToken() != null) {
                throw new MalformedJsonException("something follows the document");
            }
            return object;
        } catch (JsonProcessingException invalid) {
            throw new MalformedJsonException(described(invalid));
        } catch (CharacterCodingException invalid) {
            throw new MalformedJsonException("the document is not UTF-8");
        } catch (IOException impossible) {
            throw new IllegalStateException("reading from memory", impossible);
        }
    }

    /** What isn't UTF-8 is an error, and no replacement. */
    private static Reader decoded(byte[] document) {
        return new InputStreamReader(new ByteArrayInputStream(document), StandardCharsets.UTF_8.newDecoder());
    }

    static String described(JsonProcessingException invalid) {
        var where = invalid.getLocation();
        return "no JSON: " + invalid.getOriginalMessage()
                + (where == null ? "" : " (line " + where.getLineNr() + ", column " + where.getColumnNr() + ")");
    }

    private static JsonObject object(JsonParser parser, long end) throws IOException {
        var members = new LinkedHashMap<String, Json>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = parser.currentName();
            parser.nextToken();
            if (members.put(name, value(parser, end)) != null) {
                throw new MalformedJsonException("Duplicate field '" + name + "'");
            }
        }
        return new JsonObject(members);
    }

    /** @param end the character of the document behind which nothing of the value may begin */
    static Json value(JsonParser parser, long end) throws IOException {
        if (end < Long.MAX_VALUE && parser.currentTokenLocation().getCharOffset() > end) {
            throw new MalformedJsonException("a part of it is too large");
        }
        return switch (parser.currentToken()) {
            case START_OBJECT -> object(parser, end);
            case START_ARRAY -> sequence(parser, end);
            case VALUE_STRING -> new Json.Text(parser.getText());
            case VALUE_NUMBER_INT -> whole(parser);
            case VALUE_TRUE -> new Json.Truth(true);
            case VALUE_FALSE -> new Json.Truth(false);
            case VALUE_NULL -> new Json.Nothing();
            case VALUE_NUMBER_FLOAT ->
                throw new MalformedJsonException("the number " + parser.getText() + " is not whole");
            case NOT_AVAILABLE, END_OBJECT, END_ARRAY, FIELD_NAME, VALUE_EMBEDDED_OBJECT ->
                throw new MalformedJsonException("a value is missing");
        };
    }

    private static Json sequence(JsonParser parser, long end) throws IOException {
        List<Json> elements = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            elements.add(value(parser, end));
        }
        return new Json.Sequence(elements);
    }

    private static Json whole(JsonParser parser) throws IOException {
        String written = parser.getText();
        if (written.equals("-0")) {
            throw new MalformedJsonException("the number -0 has two forms");
        }
        long value =
                parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER ? Long.MIN_VALUE : parser.getLongValue();
        if (value < -LARGEST_WHOLE || value > LARGEST_WHOLE) {
            throw new MalformedJsonException("the number " + written + " is too large");
        }
        return new Json.Whole(value);
    }
}
