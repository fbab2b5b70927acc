package dev.flotilla.mirror.simple;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.StringWriter;
import java.util.Objects;

/**
 * One JSON value (RFC 8259) of a key that this project does not know, kept so that it can be handed on: compact, in ASCII,
 * numbers digit by digit as they were written. Immutable.
 */
public final class JsonText {
    private final String text;

    private JsonText(String text) {
        this.text = text;
    }

    /** The value at which {@code parser} stands, which is then at the value's end. */
    static JsonText copy(JsonParser parser) throws IOException {
        var writer = new StringWriter();
        try (JsonGenerator generator = Json.ascii(writer)) {
            int depth = 0;
            JsonToken token = Objects.requireNonNull(parser.currentToken());
            while (true) {
                switch (token) {
                    case START_OBJECT -> {
                        generator.writeStartObject();
                        depth++;
                    }
                    case START_ARRAY -> {
                        generator.writeStartArray();
                        depth++;
                    }
                    case END_OBJECT -> {
                        generator.writeEndObject();
                        depth--;
                    }
                    case END_ARRAY -> {
                        generator.writeEndArray();
                        depth--;
                    }
                    case FIELD_NAME -> generator.writeFieldName(parser.currentName());
                    case VALUE_STRING -> generator.writeString(parser.getText());
                    case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> generator.writeNumber(parser.getText());
                    case VALUE_TRUE -> generator.writeBoolean(true);
                    case VALUE_FALSE -> generator.writeBoolean(false);
                    case VALUE_NULL -> generator.writeNull();
                    case NOT_AVAILABLE, VALUE_EMBEDDED_OBJECT ->
                        throw new IllegalStateException("a blocking parser of text gives no " + token);
                }
                if (depth == 0) {
                    break;
                }
                token = Json.next(parser);
            }
        }
        return new JsonText(writer.toString());
    }

    /** Parses {@code json}, which must be one value; {@link IllegalArgumentException} where it isn't. */
    public static JsonText of(String json) {
        try (JsonParser parser = Json.parser(json)) {
            Json.next(parser);
            JsonText text = copy(parser);
            if (parser.nextToken() != null) {
                throw new IllegalArgumentException("more than one JSON value: " + Texts.shown(json));
            }
            return text;
        } catch (IOException notJson) {
            throw new IllegalArgumentException("not JSON: " + Texts.shown(json), notJson);
        }
    }

    /** The value as JSON text. */
    public String text() {
        return text;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof JsonText that && text.equals(that.text);
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }

    @Override
    public String toString() {
        return text;
    }
}
