package dev.flotilla.mirror.simple;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamWriteFeature;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import java.io.IOException;
import java.io.OutputStream;
import java.io.Writer;

/** How this package reads and writes JSON: bounded and by streams. */
final class Json {
    /** The longest number that is kept; a size of a file has 19 digits at most. */
    static final int LONGEST_NUMBER = 100;

    private static final JsonFactory WRITING = JsonFactory.builder()
            // whoever passes a stream closes it
            .disable(StreamWriteFeature.AUTO_CLOSE_TARGET)
            .build();
    private static final JsonFactory WRITING_ASCII =
            JsonFactory.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();

    private Json() {}

    /** A factory of parsers that refuse what goes beyond {@code limits}. */
    static JsonFactory reading(Limits limits) {
        return JsonFactory.builder()
                // the JVM's own table of strings never shrinks and is not for strangers to fill
                .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
                .streamReadConstraints(StreamReadConstraints.builder()
                        .maxDocumentLength(limits.size().bytes())
                        .maxNestingDepth(limits.nestingDepth())
                        .maxStringLength(limits.stringLength())
                        .maxNameLength(limits.stringLength())
                        .maxNumberLength(LONGEST_NUMBER)
                        .build())
                .build();
    }

    static JsonParser parser(String text) throws IOException {
        return WRITING.createParser(text);
    }

    static JsonGenerator utf8(OutputStream out) throws IOException {
        return WRITING.createGenerator(out);
    }

    static JsonGenerator ascii(Writer out) throws IOException {
        return WRITING_ASCII.createGenerator(out);
    }

    /** The next token; the end of the document is an error here. */
    static JsonToken next(JsonParser parser) throws IOException {
        JsonToken token = parser.nextToken();
        if (token == null) {
            throw new JsonParseException(parser, "the document ends too early");
        }
        return token;
    }
}
