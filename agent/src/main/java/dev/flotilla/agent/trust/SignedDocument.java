package dev.flotilla.agent.trust;

import dev.flotilla.agent.json.Json;
import dev.flotilla.agent.json.JsonObject;
import dev.flotilla.agent.json.JsonReader;
import dev.flotilla.agent.json.JsonWriter;
import dev.flotilla.agent.json.MalformedJsonException;
import dev.flotilla.vocabulary.ByteSize;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;

/**
 * The envelope of all metadata: {@code {"signatures": […], "signed": {…}}} (TUF 1.0, section 4.2). The signatures are
 * over the canonical form of {@code signed}, so white space and order don't matter. Immutable.
 */
public record SignedDocument(List<Entry> signatures, JsonObject signed) {
    /** More signatures than any role has keys are refused before the first is verified. */
    private static final int MOST_SIGNATURES = 64;

    private static final int LONGEST_SIGNATURE_CHARACTERS = 4096;

    /** One signature by the key of that id. */
    public record Entry(KeyId keyId, String signatureHex) {
        public Entry {
            if (signatureHex.length() > LONGEST_SIGNATURE_CHARACTERS) {
                throw new IllegalArgumentException("a signature is too long");
            }
        }

        byte[] signature() {
            try {
                return HexFormat.of().parseHex(signatureHex);
            } catch (IllegalArgumentException notHexadecimal) {
                return new byte[0];
            }
        }
    }

    public SignedDocument {
        signatures = List.copyOf(signatures);
        if (signatures.size() > MOST_SIGNATURES) {
            throw new MalformedJsonException("more than " + MOST_SIGNATURES + " signatures");
        }
        var seen = new HashSet<KeyId>();
        for (Entry entry : signatures) {
            if (!seen.add(entry.keyId())) {
                throw new MalformedJsonException("two signatures name the key " + entry.keyId());
            }
        }
    }

    /** Signs {@code signed} with every one of {@code keys}. */
    public static SignedDocument sign(JsonObject signed, Collection<SigningKey> keys) {
        byte[] message = CanonicalJson.bytes(signed);
        return new SignedDocument(
                keys.stream()
                        .map(key ->
                                new Entry(key.publicKey().id(), HexFormat.of().formatHex(key.sign(message))))
                        .toList(),
                signed);
    }

    /** Reads an envelope of at most {@code limit} bytes without trusting it; {@link MalformedJsonException} where it is none. */
    public static SignedDocument parse(byte[] document, ByteSize limit) {
        JsonObject envelope = new JsonReader(limit).object(document);
        List<Entry> entries = new ArrayList<>();
        for (Json element : envelope.sequence("signatures")) {
            if (!(element instanceof JsonObject entry)) {
                throw new MalformedJsonException("a signature is no object");
            }
            entries.add(new Entry(entry.parsed("keyid", KeyId::new), entry.text("sig")));
        }
        return new SignedDocument(entries, envelope.object("signed"));
    }

    /** The document as it lies in the bucket. */
    public byte[] toBytes() {
        List<Json> entries = new ArrayList<>();
        for (Entry entry : signatures) {
            entries.add(JsonObject.EMPTY.with("keyid", entry.keyId().value()).with("sig", entry.signatureHex()));
        }
        return JsonWriter.bytes(
                JsonObject.EMPTY.with("signatures", new Json.Sequence(entries)).with("signed", signed));
    }

    /** This document with the signatures of {@code keys}, too; one that a key has made before is made anew. */
    public SignedDocument signedAlsoBy(Collection<SigningKey> keys) {
        SignedDocument theirs = sign(signed, keys);
        List<Entry> all = new ArrayList<>(signatures);
        all.removeIf(entry ->
                theirs.signatures().stream().anyMatch(other -> other.keyId().equals(entry.keyId())));
        all.addAll(theirs.signatures());
        return new SignedDocument(all, signed);
    }

    /** How many different keys of {@code keys} have signed this content. */
    public int signers(KeyRing keys) {
        byte[] message = CanonicalJson.bytes(signed);
        Set<PublicKey> signers = new HashSet<>();
        for (Entry entry : signatures) {
            PublicKey key = keys.keys().get(entry.keyId());
            if (key != null && key.verifies(message, entry.signature())) {
                signers.add(key);
            }
        }
        return signers.size();
    }
}
