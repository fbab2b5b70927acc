package dev.flotilla.agent.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import dev.flotilla.vocabulary.ByteSize;
import java.io.CharConversionException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Reads one JSON object of other people's as it comes: of a document of any size no more is in memory than what is asked for, one part at a time, each
 * of bounded size. As strict as {@link JsonReader}, but that what isn't asked for is passed over, and may have keys twice. Thread-safe.
 */
public final class JsonStream {
    private static final int DEEPEST = 32;
    private static final int LONGEST_NAME_CHARACTERS = 4096;

    private final ByteSize document;
    private final long part;
    private final JsonFactory factory;

    /**
     * Reads documents within bounds.
     *
     * @param document the most bytes of one
     * @param part the most characters of a member that is asked for, and of an element
     */
    public JsonStream(ByteSize document, ByteSize part) {
        this.document = document;
        this.part = part.bytes();
        this.factory = JsonFactory.builder()
                .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
                .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
                .streamReadConstraints(StreamReadConstraints.builder()
                        .maxNestingDepth(DEEPEST)
                        .maxStringLength((int) Math.min(part.bytes(), Integer.MAX_VALUE))
                        .maxNameLength(LONGEST_NAME_CHARACTERS)
                        .maxNumberLength(20)
                        .build())
                .build();
    }

    /**
     * The object's members that are asked for.
     *
     * @param wanted their names
     * @param streamed the name of a sequence whose elements are handed on one by one, before it is known that the document is sound as a whole; it is
     *     empty in what is returned
     * @throws MalformedJsonException says why it is none, or what is too large
     * @throws IOException where the document doesn't come
     */
    public JsonObject object(InputStream from, Set<String> wanted, String streamed, Consumer<Json> elements)
            throws IOException {
        var bounded = new Bounded(from, document);
        try (JsonParser parser =
                factory.createParser(new InputStreamReader(bounded, StandardCharsets.UTF_8.newDecoder()))) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw new MalformedJsonException("the document is no JSON object");
            }
            var members = new LinkedHashMap<String, Json>();
            while (parser.nextToken() != JsonToken.END_OBJECT) {
                String name = parser.currentName();
                JsonToken value = parser.nextToken();
                if (name.equals(streamed) && value == JsonToken.START_ARRAY) {
                    while (parser.nextToken() != JsonToken.END_ARRAY) {
                        elements.accept(JsonReader.value(parser, end(parser)));
                    }
                    put(members, name, new Json.Sequence(List.of()));
                } else if (wanted.contains(name) || name.equals(streamed)) {
                    put(members, name, JsonReader.value(parser, end(parser)));
                } else {
                    parser.skipChildren();
                }
            }
            if (parser.nextToken() != null) {
                throw new MalformedJsonException("something follows the document");
            }
            return new JsonObject(members);
        } catch (JsonProcessingException invalid) {
            throw new MalformedJsonException(JsonReader.described(invalid));
        } catch (CharacterCodingException | CharConversionException invalid) {
            throw new MalformedJsonException("the document is not UTF-8");
        }
    }

    private long end(JsonParser parser) {
        return parser.currentTokenLocation().getCharOffset() + part;
    }

    private static void put(Map<String, Json> members, String name, Json value) {
        if (members.put(name, value) != null) {
            throw new MalformedJsonException("it has '" + name + "' twice");
        }
    }

    /** Ends a document that is too large where it gets so. */
    private static final class Bounded extends InputStream {
        private final InputStream from;
        private final ByteSize most;
        private long left;

        Bounded(InputStream from, ByteSize most) {
            this.from = from;
            this.most = most;
            this.left = most.bytes();
        }

        @Override
        public int read() throws IOException {
            int one = from.read();
            count(one < 0 ? 0 : 1);
            return one;
        }

        @Override
        public int read(byte[] into, int at, int length) throws IOException {
            int count = from.read(into, at, length);
            count(Math.max(count, 0));
            return count;
        }

        private void count(int bytes) {
            left -= bytes;
            if (left < 0) {
                throw new MalformedJsonException("the document is larger than " + most);
            }
        }

        @Override
        public void close() throws IOException {
            from.close();
        }
    }
}
