package dev.flotilla.mirror.simple;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import dev.flotilla.vocabulary.ByteSize;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Optional;

/**
 * Tells whether bytes are a provenance object (PEP 740): JSON of version 1 with bundles of attestations. What is in the
 * attestations is for those who verify them; the bytes are handed on as they are. Pure, in time and memory linear in the
 * bytes, whose number is bounded where they are fetched.
 */
public final class ProvenanceDocument {
    /** How the public index labels it, and what clients ask for. */
    public static final String MEDIA_TYPE = "application/vnd.pypi.integrity.v1+json";

    /** Its other name. */
    static final String PLAIN_MEDIA_TYPE = "application/json";

    /** What a mirror asks an upstream for. */
    public static final String ACCEPT = MEDIA_TYPE + ", " + PLAIN_MEDIA_TYPE + ";q=0.5";

    /** Twice as deep as attestations with their proofs of inclusion are. */
    private static final int NESTING_DEPTH = 32;

    private static final int ANY = Integer.MAX_VALUE;
    private static final JsonFactory JSON = Json.reading(new Limits(ByteSize.ofGiB(1), ANY, NESTING_DEPTH, ANY, 0));

    private ProvenanceDocument() {}

    /** Why it is none, in one line for people; empty where it is one. */
    public static Optional<String> problem(byte[] body) {
        try (JsonParser json = JSON.createParser(text(body))) {
            return problem(json);
        } catch (CharacterCodingException | JsonProcessingException malformed) {
            return Optional.of("it is no JSON in UTF-8 of " + NESTING_DEPTH + " levels at most");
        } catch (IOException impossible) {
            throw new UncheckedIOException("memory can be read", impossible);
        }
    }

    /** By bytes the parser would take UTF-16, too, which no client does. */
    private static Reader text(byte[] body) {
        return new InputStreamReader(new ByteArrayInputStream(body), StandardCharsets.UTF_8.newDecoder());
    }

    private static Optional<String> problem(JsonParser json) throws IOException {
        if (json.nextToken() != JsonToken.START_OBJECT) {
            return Optional.of("it is no JSON object");
        }
        var seen = new HashSet<String>();
        while (Json.next(json) == JsonToken.FIELD_NAME) {
            String key = json.currentName();
            if (!seen.add(key)) {
                return Optional.of("it has the key '" + Texts.shown(key) + "' twice");
            }
            JsonToken value = Json.next(json);
            switch (key) {
                case "version" -> {
                    if (value != JsonToken.VALUE_NUMBER_INT || !json.getText().equals("1")) {
                        return Optional.of("its version isn't 1");
                    }
                }
                case "attestation_bundles" -> {
                    if (value != JsonToken.START_ARRAY || !hasBundles(json)) {
                        return Optional.of("its attestation_bundles are no array of objects with attestations");
                    }
                }
                default -> json.skipChildren();
            }
        }
        if (json.nextToken() != null) {
            return Optional.of("something follows the JSON object");
        }
        return seen.contains("version") && seen.contains("attestation_bundles")
                ? Optional.empty()
                : Optional.of("it lacks version or attestation_bundles");
    }

    private static boolean hasBundles(JsonParser json) throws IOException {
        for (JsonToken token = Json.next(json); token != JsonToken.END_ARRAY; token = Json.next(json)) {
            if (token != JsonToken.START_OBJECT || !isBundle(json)) {
                return false;
            }
        }
        return true;
    }

    private static boolean isBundle(JsonParser json) throws IOException {
        boolean attestations = false;
        while (Json.next(json) == JsonToken.FIELD_NAME) {
            boolean here = json.currentName().equals("attestations");
            JsonToken value = Json.next(json);
            if (here && (attestations || value != JsonToken.START_ARRAY)) {
                return false;
            }
            attestations |= here;
            json.skipChildren();
        }
        return attestations;
    }
}
