package dev.flotilla.controller.probe;

import dev.flotilla.controller.client.Fetch;
import dev.flotilla.vocabulary.Sha256;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Whether an answer is a file, a part of one, or its core metadata. Pure; {@link IOException} says why it isn't. */
final class FileCheck {
    private FileCheck() {}

    static String metadata(ProjectFile file, Fetch.Answer answer) throws IOException {
        // An error on what the page offers is fatal to pip and uv.
        expect(200, answer);
        if (file.metadata().isPresent()) {
            digest(file.metadata().get(), answer.body(), file.name() + ".metadata");
        }
        if (!new String(answer.body(), StandardCharsets.UTF_8).startsWith("Metadata-Version:")) {
            throw new IOException(file.name() + ".metadata is no core metadata");
        }
        return answer.body().length + " bytes of " + file.name() + ".metadata"
                + (file.metadata().isPresent() ? ", their digest is right" : ", offered without a digest");
    }

    static String whole(ProjectFile file, Fetch.Answer answer) throws IOException {
        expect(200, answer);
        if (answer.field("content-encoding").isPresent()) {
            throw new IOException(file.name() + " comes in a coding, "
                    + answer.field("content-encoding").get() + ": installers would save it as it is");
        }
        int length = answer.body().length;
        if (file.size().isPresent() && file.size().get() != length) {
            throw new IOException(file.name() + " has " + length + " bytes, and the page says "
                    + file.size().get());
        }
        digest(file.digest(), answer.body(), file.name());
        return length + " bytes of " + file.name() + ", their digest is right";
    }

    /** @param from where the part was to begin */
    static String rest(Fetch.Answer whole, int from, Fetch.Answer part) throws IOException {
        expect(206, part);
        byte[] body = whole.body();
        String wanted = "bytes " + from + "-" + (body.length - 1) + "/" + body.length;
        String said = part.field("content-range").orElse("nothing");
        if (!said.equals(wanted)) {
            throw new IOException("Content-Range says " + said + " and not " + wanted);
        }
        if (!Arrays.equals(body, from, body.length, part.body(), 0, part.body().length)) {
            throw new IOException("the part that was asked for has other bytes than the whole");
        }
        return "the last " + part.body().length + " bytes are those of the whole";
    }

    private static void digest(Sha256 wanted, byte[] body, String what) throws IOException {
        Sha256 found = Sha256.of(body);
        if (!found.equals(wanted)) {
            throw new IOException("the digest of " + what + " is " + found + ", and the page says " + wanted);
        }
    }

    private static void expect(int status, Fetch.Answer answer) throws IOException {
        if (answer.status() != status) {
            throw new IOException("answers " + answer.status() + " and not " + status);
        }
    }
}
