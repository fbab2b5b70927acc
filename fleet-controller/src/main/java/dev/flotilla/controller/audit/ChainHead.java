package dev.flotilla.controller.audit;

import dev.flotilla.agent.json.JsonObject;
import dev.flotilla.agent.json.JsonReader;
import dev.flotilla.agent.json.JsonWriter;
import dev.flotilla.vocabulary.ByteSize;
import dev.flotilla.vocabulary.Sha256;

/**
 * The last record of the chain, kept beside it: without it, nobody would miss records that are removed from the end.
 *
 * @param number of that record, 1 and above
 * @param digest of that record
 */
record ChainHead(long number, Sha256 digest) {
    static final ByteSize LARGEST = ByteSize.ofKiB(4);

    ChainHead {
        if (number < 1) {
            throw new IllegalArgumentException("no record has the number " + number);
        }
    }

    static ChainHead parse(byte[] document) {
        JsonObject object = new JsonReader(LARGEST).object(document);
        return new ChainHead(object.whole("number"), object.parsed("digest", Sha256::new));
    }

    byte[] toBytes() {
        return JsonWriter.bytes(JsonObject.EMPTY.with("number", number).with("digest", digest.hex()));
    }
}
