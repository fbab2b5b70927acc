package dev.flotilla.agent.json;

import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.Function;

/**
 * A JSON object whose members keep their order. The accessors with a key are for readers that need a certain shape: they
 * throw {@link MalformedJsonException} naming the key where it is missing or of another kind. Immutable.
 */
public record JsonObject(SequencedMap<String, Json> members) implements Json {
    public static final JsonObject EMPTY = new JsonObject(new LinkedHashMap<>());

    public JsonObject {
        members.keySet().forEach(Json::requireUnicode);
        members = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(members));
    }

    /** This object with one member more, or with that member replaced. */
    public JsonObject with(String key, Json value) {
        var longer = new LinkedHashMap<>(members);
        longer.put(key, value);
        return new JsonObject(longer);
    }

    public JsonObject with(String key, String text) {
        return with(key, new Text(text));
    }

    public JsonObject with(String key, long number) {
        return with(key, new Whole(number));
    }

    public JsonObject with(String key, boolean truth) {
        return with(key, new Truth(truth));
    }

    public JsonObject with(String key, Instant instant) {
        return with(key, instant.toString());
    }

    /** With one member more where there is a value. */
    public <T> JsonObject with(String key, Optional<T> value, Function<T, Json> form) {
        return value.map(present -> with(key, form.apply(present))).orElse(this);
    }

    public Optional<Json> member(String key) {
        Json value = members.get(key);
        return value instanceof Nothing ? Optional.empty() : Optional.ofNullable(value);
    }

    public String text(String key) {
        return optionalText(key).orElseThrow(() -> missing(key));
    }

    public Optional<String> optionalText(String key) {
        return optional(key, Text.class, "a string").map(Text::value);
    }

    /** A text parsed by {@code parser}, whose {@link IllegalArgumentException} becomes the message. */
    public <T> T parsed(String key, Function<String, T> parser) {
        return optionalParsed(key, parser).orElseThrow(() -> missing(key));
    }

    public <T> Optional<T> optionalParsed(String key, Function<String, T> parser) {
        return optionalText(key).map(text -> {
            try {
                return parser.apply(text);
            } catch (IllegalArgumentException invalid) {
                throw new MalformedJsonException("'" + key + "': " + invalid.getMessage());
            }
        });
    }

    public Instant instant(String key) {
        return optionalInstant(key).orElseThrow(() -> missing(key));
    }

    public Optional<Instant> optionalInstant(String key) {
        return optionalText(key).map(text -> {
            try {
                return Instant.parse(text);
            } catch (DateTimeParseException invalid) {
                throw wrong(key, "a time in UTC such as 2026-12-21T00:00:00Z");
            }
        });
    }

    public long whole(String key) {
        return optionalWhole(key).orElseThrow(() -> missing(key));
    }

    public Optional<Long> optionalWhole(String key) {
        return optional(key, Whole.class, "a number").map(Whole::value);
    }

    public boolean truth(String key) {
        return optional(key, Truth.class, "true or false").map(Truth::value).orElseThrow(() -> missing(key));
    }

    public JsonObject object(String key) {
        return optionalObject(key).orElseThrow(() -> missing(key));
    }

    public Optional<JsonObject> optionalObject(String key) {
        return optional(key, JsonObject.class, "an object");
    }

    public List<Json> sequence(String key) {
        return optional(key, Sequence.class, "an array").map(Sequence::elements).orElseThrow(() -> missing(key));
    }

    /** Every member as an object, by its key. */
    public Map<String, JsonObject> objects() {
        var objects = new LinkedHashMap<String, JsonObject>();
        members.keySet().forEach(key -> objects.put(key, object(key)));
        return objects;
    }

    private <T extends Json> Optional<T> optional(String key, Class<T> kind, String expected) {
        Optional<Json> value = member(key);
        if (value.isPresent() && !kind.isInstance(value.get())) {
            throw wrong(key, expected);
        }
        return value.map(kind::cast);
    }

    private static MalformedJsonException missing(String key) {
        return new MalformedJsonException("'" + key + "' is missing");
    }

    private static MalformedJsonException wrong(String key, String expected) {
        return new MalformedJsonException("'" + key + "' has to be " + expected);
    }
}
